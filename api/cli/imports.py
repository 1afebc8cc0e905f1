"""Commands that take files in, and the one that locates the rows of a file."""

import argparse

from sqlalchemy import Connection

from api.cli.output import Output
from gis import times
from gis.cells.importing import import_cells
from gis.cells.locating import locate_table
from gis.deployment import get_deployment, zone_named
from gis.hierarchy import Level
from gis.imported import Imported
from gis.issues.importing import import_issues
from gis.issues.reading import Fields
from gis.layers import import_layer
from gis.patrols import store as patrols
from gis.patrols.importing import import_tracks
from gis.people.reading import import_people
from gis.placefiles import Columns
from gis.places import import_places
from gis.textfiles import write_csv

LEFT_OUT = 1


def cells(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Take boundaries in."""
    done = import_cells(
        conn,
        args.file,
        level=Level.named(args.level),
        parent=args.parent,
        parent_field=args.parent_field,
        code_field=args.code_field,
        name_field=args.name_field,
        kind_field=args.kind_field,
        crs=args.crs,
        datum=args.datum,
        encoding=args.encoding,
        repair=args.repair,
        skip_bad_rows=args.skip_bad_rows,
    )
    patrols.set_masks(conn, done.changed_leaves)
    return told(done, output)


def layer(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Take in what maps are drawn with."""
    done = import_layer(
        conn,
        args.file,
        kind=args.kind,
        name_field=args.name_field,
        crs=args.crs,
        datum=args.datum,
        encoding=args.encoding,
        skip_bad_rows=args.skip_bad_rows,
    )
    patrols.refresh_due(conn)
    return told(done, output)


def places(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Take in what people know the ground by."""
    done = import_places(
        conn,
        args.file,
        Columns(kind=args.kind_field, name=args.name_field, lon=args.lon_field, lat=args.lat_field),
        crs=args.crs,
        datum=args.datum,
        encoding=args.encoding,
        skip_bad_rows=args.skip_bad_rows,
    )
    patrols.refresh_due(conn)
    return told(done, output)


def people(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Take people and their posts in."""
    done = import_people(conn, args.file, skip_bad_rows=args.skip_bad_rows)
    return told(done, output)


def issues(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Take reports in: each finds its cell and its owner."""
    zone = zone_named(args.timezone) if args.timezone else get_deployment(conn).zone
    done = import_issues(
        conn,
        args.file,
        fields=Fields(**{name: vars(args)[f"{name}_field"] for name in Fields.__slots__}),
        timezone=zone,
        level=Level.named(args.level) if args.level else None,
        at=times.instant(args.at, zone, field="at") if args.at else times.now(),
        skip_bad_rows=args.skip_bad_rows,
    )
    if args.out and not args.dry_run:
        write_csv(args.out, done.table, like=args.file)
    return told(done, output)


def tracks(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Take walked tracks in."""
    done = import_tracks(
        conn,
        args.files,
        person=args.person,
        person_field=args.person_field,
        time_field=args.time_field,
        lon_field=args.lon_field,
        lat_field=args.lat_field,
        zone=get_deployment(conn).zone,
        skip_bad_rows=args.skip_bad_rows,
    )
    return told(done, output)


def locate(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Find the cell of every row of a CSV."""
    done = locate_table(
        conn,
        args.file,
        lon_field=args.lon_field,
        lat_field=args.lat_field,
        level=Level.named(args.level) if args.level else None,
        skip_bad_rows=args.skip_bad_rows,
    )
    write_csv(args.out, done.table, like=args.file)
    return told(done, output)


def told(done: Imported, output: Output) -> int:
    """Say what became of a file; return 1 where rows were left out, as was asked."""
    output.imported(
        read=done.read,
        written=done.written,
        skipped=done.skipped,
        problems=done.problems,
        notes=done.notes,
    )
    return LEFT_OUT if done.skipped else 0
