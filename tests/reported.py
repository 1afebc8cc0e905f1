"""The township of `town` in the database, reports in it, and what became of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID, uuid5

import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from gis import deployment
from gis.issues import filing, rules, store
from gis.issues.filing import Report
from gis.issues.lifecycle import Severity
from gis.issues.routing import Spot
from gis.issues.store import Receipt
from gis.people.roles import Role
from tests import settled, town

WEST, SOUTH, SIDE = 117.40, 32.90, 0.01
MID = SOUTH + SIDE / 2
UNITS = [code for code in town.CELLS if code[0] == "U"]
ROLES = dict(zip("TAVU", Role, strict=False))
NAMES = UUID(int=0)


def found(conn: Connection, *, vacant: Sequence[str] = (), since: date = date(2026, 1, 1)) -> None:
    """Found the township, its six units side by side from U1 in the west, each a square.

    Everybody is at work from ``since``, but in ``vacant`` cells: the holder of U1 is u1.
    """
    zone = town.SHANGHAI.key
    deployment.found(conn, code="T", name="Town", timezone=zone, on=since)
    rules.seed(conn, zone_name=zone, at=town.DAWN)
    for code in town.CELLS:
        mine = [square(unit) for unit in UNITS if code in town.TREE.path(unit)]
        above = town.ABOVE.get(code)
        settled.add_cell(conn, code, town.LEVELS[code[0]], shapely.union_all(mine), parent=above)
    held = [code for code in town.CELLS if code not in vacant]
    settled.add_people(conn, {code.lower(): f"Holder of {code}" for code in held})
    for code in held:
        settled.hold(conn, code.lower(), code, role=ROLES[code[0]], since=since)


def square(unit: str) -> BaseGeometry:
    """Return the ground of a unit."""
    west, east = (round(WEST + (UNITS.index(unit) + n) * SIDE, 8) for n in (0, 1))
    return shapely.box(west, SOUTH, east, SOUTH + SIDE)


def inside(cell: str) -> Point:
    """Return the middle of a unit, or of a cell's first unit."""
    unit = next(unit for unit in UNITS if cell in town.TREE.path(unit))
    return Point(WEST + (UNITS.index(unit) + 0.5) * SIDE, MID)


def report(
    number: int,
    *,
    at: datetime,
    geom: BaseGeometry | None = None,
    accuracy: float | None = None,
    reporter: str | None = None,
    severity: Severity = Severity.ORDINARY,
    settled_: bool = False,
    text: str = "",
) -> Report:
    """Return a report of litter, in the middle of U1 if nothing else is said."""
    return Report(
        id=UUID(int=number),
        op_id=uuid5(NAMES, str(number)),
        source="resident" if reporter is None else "worker",
        category="litter",
        severity=severity,
        text=text,
        geom=geom or inside("U1"),
        accuracy=accuracy,
        reported=at,
        received=at,
        reporter=reporter,
        settled=settled_,
    )


def filed(conn: Connection, number: int, **values: object) -> Receipt:
    """Report litter, and return the receipt."""
    return store.report_issue(conn, report(number, **values))  # type: ignore[arg-type]


def imported(
    conn: Connection,
    number: int,
    *,
    cell: str | None = "U1",
    seen: datetime,
    due: datetime | None = None,
    closed: datetime | None = None,
) -> None:
    """Take in a report that a file brought, in a cell of ours; None: outside all of them."""
    geom, spot = (inside(cell), Spot((cell,), (cell,))) if cell else (Point(118, MID), Spot())
    brought = replace(
        report(number, at=seen, geom=geom), source=filing.IMPORT, file_due=due, closed=closed
    )
    filing.write(conn, [filing.file(rules.load_rules(conn), brought, spot=spot)])


def filed_at_once(conn: Connection, numbers: Iterable[int], *, at: datetime) -> None:
    """Report litter in the middle of U1 many times."""
    known, spot = rules.load_rules(conn), Spot(("U1",), ("U1",))
    filing.write(conn, [filing.file(known, report(n, at=at), spot=spot) for n in numbers])


def told(conn: Connection, number: int) -> list[tuple[str, str, str | None]]:
    """Return an issue's ledger: local time, kind, owner."""
    return [
        (town.shown(act.at), act.kind.value, act.owner)
        for act in store.acts_of(conn, UUID(int=number))
    ]
