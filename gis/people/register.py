"""The register of posts on a day: who is in each, since when, until when, and for whom."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, literal, select, tuple_

from gis import tables
from gis.hierarchy import Code, Level
from gis.people.model import Term
from gis.people.roles import HOLDS, Role

P, H, C = tables.person.c, tables.holding.c, tables.cell.c

JOINT: dict[Level, int] = {Level.VILLAGE: 2}
"""How many people hold a cell of a level together; one where nothing is said."""


@dataclass(frozen=True, slots=True)
class Held:
    """A person in a cell's post.

    Attributes
    ----------
    deputy_for
        The name of whom the person stands in for; empty: holds the post itself.
    """

    person: str
    name: str
    phone: str
    role: Role
    term: Term
    deputy_for: str = ""


def posts_on(conn: Connection, day: date) -> dict[Code, tuple[Held, ...]]:
    """Return who is in the post of each cell's level on a local date.

    Deputies are here even while the holder is: on such days they do not act. A
    cell with nobody is absent.

    Returns
    -------
    dict
        By cell code; holders before deputies, each in order of the person's id.
    """
    absent = tables.person.alias("absent")
    query = (
        select(H.cell, H.person, P.name, P.phone, H.role, H.during, absent.c.name.label("deputy"))
        .select_from(tables.holding)
        .join(tables.cell, C.code == H.cell)
        .join(tables.person, P.id == H.person)
        .outerjoin(absent, absent.c.id == H.deputy_for)
        .where(
            H.during.contains(literal(day)),
            tuple_(H.role, C.level).in_(list(HOLDS.items())),
        )
        .order_by(H.cell, H.deputy_for.is_not(None), H.person)
    )
    found: dict[Code, list[Held]] = defaultdict(list)
    for row in conn.execute(query):
        term = Term(row.during.lower, row.during.upper)
        held = Held(row.person, row.name, row.phone, row.role, term, row.deputy or "")
        found[row.cell].append(held)
    return {code: tuple(held) for code, held in found.items()}


def short_of(level: Level, held: Sequence[Held]) -> int:
    """Return how many holders a cell of a level lacks; deputies hold nothing."""
    return max(JOINT.get(level, 1) - sum(not one.deputy_for for one in held), 0)
