"""Whom to call: who answers for a cell, and for each cell above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, literal, select

from gis import tables
from gis.cells import store as cells
from gis.hierarchy import Code, Level
from gis.people import store as people
from gis.people.model import Holder
from gis.people.roles import Role

P, H = tables.person.c, tables.holding.c


@dataclass(frozen=True, slots=True)
class Rung:
    """A cell on the way up and who answers for it; ``holders`` is empty where nobody does."""

    code: Code
    name: str
    level: Level
    holders: Sequence[Holder]


def ladder(conn: Connection, cell: Code, *, day: date) -> list[Rung]:
    """Return the cell and those above it, the lowest first; empty if there is none on that day."""
    tree = cells.tree_on(conn, day)
    path = list(tree.path(cell)) if cell in tree else []
    names = cells.names_on(conn, day)
    held = people.holders_on(conn, day, cells=path)
    return [Rung(code, names[code], tree[code].level, held.get(code, ())) for code in path]


def centre_staff(conn: Connection, *, day: date) -> list[Holder]:
    """Return who works at the grid centre on a local date, by the person's id."""
    query = (
        select(H.cell, H.person, P.name, H.role, P.phone, H.deputy_for.is_not(None))
        .join(tables.person, P.id == H.person)
        .where(H.role == Role.CENTRE_STAFF, H.during.contains(literal(day)))
        .order_by(H.person)
    )
    return [Holder(*row) for row in conn.execute(query)]
