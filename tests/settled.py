"""A small made-up township in the database: cells, people, who answers for what."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import shapely
from shapely import MultiPolygon, Polygon
from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.postgresql import Range

from gis import tables
from gis.cells.model import CellShape
from gis.hierarchy import Level
from gis.patrols import store
from gis.patrols.tracks import Fixes
from gis.people.roles import Role

ZONE = ZoneInfo("Asia/Shanghai")
START = date(2026, 9, 1)
MONDAY = date(2026, 9, 21)
"""The day on which walks begin: `walking.MIDNIGHT`."""


def settle(
    conn: Connection,
    units: Sequence[Polygon],
    *,
    villages: int = 2,
    valid: Range[date] | None = None,
) -> list[CellShape]:
    """Found township T, its area A, villages V1, V2, … and units U01, U02, …; in service on START.

    Units fall to the villages in turn. Every level is the union of the one below.
    """
    conn.execute(
        insert(tables.deployment).values(
            id=1, code="T", name="Test", timezone=ZONE.key, started_on=START
        )
    )
    codes = [f"U{n + 1:02}" for n in range(len(units))]
    parents = {code: f"V{n % villages + 1}" for n, code in enumerate(codes)}
    shapes = dict(zip(codes, units, strict=True))
    whole = shapely.coverage_union_all(units)
    add_cell(conn, "T", Level.TOWNSHIP, whole, valid=valid)
    add_cell(conn, "A", Level.AREA, whole, parent="T", valid=valid)
    for village in sorted(set(parents.values())):
        mine = [shapes[code] for code in codes if parents[code] == village]
        add_cell(conn, village, Level.VILLAGE, shapely.union_all(mine), parent="A", valid=valid)
    found = [
        add_cell(conn, code, Level.UNIT, shapes[code], parent=parents[code], valid=valid)
        for code in codes
    ]
    store.set_masks(conn, found)
    return found


def add_cell(
    conn: Connection,
    code: str,
    level: Level,
    shape: Polygon | MultiPolygon,
    *,
    parent: str | None = None,
    valid: Range[date] | None = None,
) -> CellShape:
    """Store one version of a cell, without its mask."""
    if conn.execute(select(tables.cell).where(tables.cell.c.code == code)).first() is None:
        conn.execute(insert(tables.cell).values(code=code, level=level))
    geom = shape if isinstance(shape, MultiPolygon) else MultiPolygon([shape])
    version = tables.cell_version
    row = conn.execute(
        insert(version)
        .values(code=code, name=f"Cell {code}", parent=parent, geom=geom, valid=valid or Range())
        .returning(version.c.id, version.c.area_m2)
    ).one()
    return CellShape(row.id, code, f"Cell {code}", level, parent, "", geom, row.area_m2)


def add_people(conn: Connection, names: Mapping[str, str]) -> None:
    """Store people by number and name."""
    conn.execute(
        insert(tables.person), [{"id": number, "name": name} for number, name in names.items()]
    )


def hold(
    conn: Connection,
    person: str,
    cell: str,
    *,
    role: Role = Role.UNIT_WORKER,
    since: date | None = START,
    until: date | None = None,
    deputy_for: str | None = None,
) -> None:
    """Let a person answer for a cell, until before ``until``."""
    conn.execute(
        insert(tables.holding).values(
            person=person, cell=cell, role=role, during=Range(since, until), deputy_for=deputy_for
        )
    )


def send(conn: Connection, person: str, fixes: Fixes, *, batch: int | None = None) -> store.Stored:
    """Upload fixes."""
    number = store.batch_of(fixes) if batch is None else UUID(int=batch)
    return store.import_fixes(conn, fixes, person=person, batch=number, source="test", zone=ZONE)
