"""Files of reports into the database: each finds its cell, its owner and its deadline."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import numpy as np
from shapely import Point
from sqlalchemy import Connection, Text, Uuid, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from gis import tables, times
from gis.cells import store as cells
from gis.cells.coordinates import bounds_of
from gis.cells.locating import at_level
from gis.cells.location import Located, locate_points
from gis.cells.model import CellShape
from gis.deployment import get_deployment
from gis.errors import InvalidFile, Problem
from gis.hierarchy import Level
from gis.imported import Imported
from gis.issues import filing, ledger, sweep
from gis.issues.escalation import Entry, Rules
from gis.issues.filing import IMPORT, Filed, Report
from gis.issues.ledger import Line
from gis.issues.lifecycle import STATUS_AFTER, Kind
from gis.issues.reading import Fields, ReportRow, read_reports, repeated
from gis.issues.rules import load_rules
from gis.issues.spots import spots
from gis.messages import say
from gis.people import store as people
from gis.textfiles import extended, read_csv

ISSUE = tables.issue.c
REPORTS = UUID("6f0f5c0a-9d2c-5b7e-8a55-4c9b1e7d2a10")
"""Namespace of the ids of imported issues."""
TURN = 7_340_303
"""Names the advisory lock of imports."""


@dataclass(frozen=True, slots=True)
class IssuesImported(Imported):
    """What became of a file of reports.

    Attributes
    ----------
    written
        Rows that made an issue or closed one that was open.
    notes
        How many rows bear each remark; ``unchanged`` were here before, and
        ``renamed_columns`` of the table have the name of one of the file's own.
    table
        The file's own columns, and what was found; the head first.
    """

    table: list[list[str]]


def import_issues(
    conn: Connection,
    path: Path,
    *,
    fields: Fields,
    timezone: ZoneInfo | None = None,
    level: Level | None = None,
    at: datetime,
    skip_bad_rows: bool = False,
) -> IssuesImported:
    """Take a table of reports in; the same file again changes nothing.

    Parameters
    ----------
    timezone
        Of times without an offset; None: the deployment's.
    level
        Of the column ``cell`` of the table; None: the lowest there is.
    at
        The instant of the column ``overdue``.

    Raises
    ------
    InvalidFile
        If the table cannot be read, or a row is bad and bad ones may not be left out.
    """
    deployment = get_deployment(conn)
    table = read_csv(path)
    shapes = cells.cells_on(conn)
    rows, bad = read_reports(
        table, fields, zone=timezone or deployment.zone, territory=bounds_of(shapes)
    )
    rows, strangers = _by_people_we_know(conn, rows)
    bad = sorted([*bad, *strangers], key=lambda problem: problem.row or 0)
    if bad and not skip_bad_rows:
        raise InvalidFile(bad)
    located = locate_points(
        at_level(shapes, level),
        [row.lon for row in rows],
        [row.lat for row in rows],
        accuracy=[row.accuracy for row in rows],
    )
    ids = _ids(rows)
    again = repeated(rows) | _known_otherwise(conn, rows, ids=ids)
    notes = [_notes(row, located.notes(i), again=row.row in again) for i, row in enumerate(rows)]
    new, closed = _write(conn, load_rules(conn), shapes, rows=rows, ids=ids, notes=notes)
    columns = _columns(rows, located, notes=notes, at=at)
    counts = Counter(note for remarks in notes for note in remarks)
    counts["unchanged"] = len(rows) - new - closed
    counts["renamed_columns"] = len(columns.keys() & set(table.fields))
    return IssuesImported(
        read=len(table.rows),
        written=new + closed,
        skipped=len(bad),
        problems=tuple(bad),
        notes=dict(+counts),
        table=extended(table, [row.row for row in rows], columns),
    )


def is_overdue(row: ReportRow, at: datetime) -> bool:
    """Tell whether a report was closed after its due time, or is open past it, as of ``at``."""
    if row.due is None:
        return False
    closed = row.resolved if row.resolved is not None and row.resolved <= at else None
    return row.due < (closed or at)


def _by_people_we_know(
    conn: Connection, rows: Sequence[ReportRow]
) -> tuple[list[ReportRow], list[Problem]]:
    """Return the rows whose reporter is known or nobody, and a problem for each of the others."""
    known = people.people_of(conn, {row.reporter for row in rows if row.reporter})
    good = [row for row in rows if not row.reporter or row.reporter in known]
    strangers = [
        Problem(
            "unknown_person",
            say("There is no person {person}.", person=row.reporter),
            say("Import the people first, or correct the number."),
            row=row.row,
            lon=row.lon,
            lat=row.lat,
        )
        for row in rows
        if row.reporter and row.reporter not in known
    ]
    return good, strangers


def _notes(row: ReportRow, found: Sequence[str], *, again: bool) -> tuple[str, ...]:
    backward = row.resolved is not None and row.resolved < row.reported
    own = (("resolved_before_reported", backward), ("duplicate_id", again))
    return (*found, *(name for name, is_so in own if is_so))


def _ids(rows: Sequence[ReportRow]) -> list[UUID]:
    """Return an id for each row: the same for the same row of a file sent again.

    Of several rows that are alike, the second is another report.
    """
    seen: Counter[str] = Counter()
    ids = []
    for row in rows:
        content = row.content
        ids.append(uuid5(REPORTS, f"{content} {seen[content]}"))
        seen[content] += 1
    return ids


def _known_otherwise(
    conn: Connection, rows: Sequence[ReportRow], *, ids: Sequence[UUID]
) -> set[int]:
    """Return the numbers of the rows whose id an earlier file gave to another report."""
    named, mine = list({row.id for row in rows if row.id}), set(ids)
    query = select(ISSUE.id, ISSUE.source_id).where(
        ISSUE.source == IMPORT, ISSUE.source_id == any_(literal(named, ARRAY(Text)))
    )
    others = {found.source_id for found in conn.execute(query) if found.id not in mine}
    return {row.row for row in rows if row.id in others}


def _write(
    conn: Connection,
    rules: Rules,
    shapes: Sequence[CellShape],
    *,
    rows: Sequence[ReportRow],
    ids: Sequence[UUID],
    notes: Sequence[tuple[str, ...]],
) -> tuple[int, int]:
    """Store the rows; return how many made an issue, and how many closed one."""
    # Two imports of one file would both find it new: they take turns.
    conn.execute(select(func.pg_advisory_xact_lock(TURN)))
    query = select(ISSUE.id, ISSUE.status).where(ISSUE.id == any_(literal(ids, ARRAY(Uuid))))
    there = {row.id: row.status for row in conn.execute(query.with_for_update())}
    new = [i for i, id_ in enumerate(ids) if id_ not in there]
    filing.write(conn, _filed(rules, shapes, rows=rows, ids=ids, notes=notes, which=new))
    closing = {
        id_: row.resolved
        for id_, row in zip(ids, rows, strict=True)
        if row.resolved is not None and id_ in there and there[id_].is_open
    }
    _close(conn, rules, closing)
    return len(new), len(closing)


def _filed(
    rules: Rules,
    shapes: Sequence[CellShape],
    *,
    rows: Sequence[ReportRow],
    ids: Sequence[UUID],
    notes: Sequence[tuple[str, ...]],
    which: Sequence[int],
) -> list[Filed]:
    """Return the rows ``which`` as issues, routed."""
    points = [Point(rows[i].lon, rows[i].lat) for i in which]
    found = spots(rules.tree, shapes, points, accuracy=[rows[i].accuracy for i in which])
    today = times.now()
    return [
        filing.file(rules, _report(rows[i], ids[i], point, notes[i]), spot=spot, today=today)
        for i, spot, point in zip(which, found, points, strict=True)
    ]


def _report(row: ReportRow, id_: UUID, point: Point, notes: tuple[str, ...]) -> Report:
    return Report(
        id=id_,
        op_id=id_,
        source=IMPORT,
        source_id=row.id,
        category=row.category,
        severity=row.severity,
        text=row.text,
        geom=point,
        accuracy=None if np.isnan(row.accuracy) else row.accuracy,
        reported=row.reported,
        received=row.reported,
        reporter=row.reporter or None,
        file_due=row.due,
        closed=row.resolved,
        notes=notes,
    )


def _close(conn: Connection, rules: Rules, closing: Mapping[UUID, datetime]) -> None:
    """Close issues that a newer file says are resolved, each at its time."""
    status = STATUS_AFTER[Kind.CLOSED]
    heads = [
        replace(head, version=head.version + 1, status=status, next_due=None)
        for head in sweep.settle(conn, rules, until=closing)
    ]
    ledger.write(
        conn,
        (
            Line(
                issue=head.issue,
                version=head.version,
                op_id=uuid5(head.issue, f"{Kind.CLOSED} {head.version}"),
                entry=Entry(Kind.CLOSED, closing[head.issue], head.owner),
                status=status,
                due=head.due,
            )
            for head in heads
        ),
    )
    ledger.point(conn, heads)


def _columns(
    rows: Sequence[ReportRow],
    located: Located,
    *,
    notes: Sequence[Sequence[str]],
    at: datetime,
) -> dict[str, list[str]]:
    """Return what was found, as columns behind the file's own."""
    return {
        **located.columns(),
        "note": [";".join(remarks) for remarks in notes],
        "overdue": ["yes" if is_overdue(row, at) else "no" for row in rows],
    }
