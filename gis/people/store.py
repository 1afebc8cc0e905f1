"""People in the database: who answers for which cell, and since when."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, literal, select, tuple_
from sqlalchemy.dialects.postgresql import Range, insert

from gis import tables
from gis.deployment import get_deployment
from gis.hierarchy import Code, Level
from gis.people.model import Holder, Holding, Person, Term
from gis.people.posts import Post, Posts, midnight
from gis.people.roles import HOLDS

P, H = tables.person.c, tables.holding.c
C, V = tables.cell.c, tables.cell_version.c


def holders_on(
    conn: Connection, day: date, *, cells: Collection[Code] | None = None
) -> dict[Code, tuple[Holder, ...]]:
    """Return who answers for each cell on a local date.

    That is whoever holds the post of the cell's level; on a day without any, the
    deputies.

    Parameters
    ----------
    cells
        Only these; None: all.

    Returns
    -------
    dict
        By cell code, in order of the person's id. A cell with nobody is absent.
    """
    query = (
        _answering(H.cell, H.person, P.name, H.role, P.phone, H.deputy_for.is_not(None))
        .join(tables.person, P.id == H.person)
        .where(H.during.contains(literal(day)))
        .order_by(H.cell, H.person)
    )
    if cells is not None:
        query = query.where(H.cell.in_(cells))
    active: dict[Code, list[Holder]] = defaultdict(list)
    for row in conn.execute(query):
        active[row.cell].append(Holder(*row))
    return {code: _acting(found) for code, found in active.items()}


def load_posts(conn: Connection) -> Posts:
    """Return every post there ever was or will be, as instants in the deployment's zone.

    Raises
    ------
    NotFound
        If the deployment has not been named yet.
    """
    zone = get_deployment(conn).zone
    query = _answering(H.cell, H.person, H.during, H.deputy_for).order_by(H.cell, H.person, H.id)
    return Posts.of(
        Post(
            row.cell,
            row.person,
            midnight(row.during.lower, zone),
            midnight(row.during.upper, zone),
            deputy=row.deputy_for is not None,
        )
        for row in conn.execute(query)
    )


def people_of(conn: Connection, ids: Collection[str]) -> dict[str, Person]:
    """Return those of the people who are known, by id."""
    rows = conn.execute(select(P.id, P.name, P.phone, P.organisation).where(P.id.in_(ids)))
    return {row.id: Person(*row) for row in rows}


def holdings_of(conn: Connection, people: Collection[str]) -> dict[Holding, int]:
    """Return what the people hold, held or will hold, each with its number; earliest first."""
    query = (
        select(H.id, H.person, H.cell, H.role, H.during, H.deputy_for)
        .where(H.person.in_(people))
        .order_by(H.during, H.id)
    )
    return {
        Holding(
            row.person, row.cell, row.role, Term(row.during.lower, row.during.upper), row.deputy_for
        ): row.id
        for row in conn.execute(query)
    }


def terms_of(
    conn: Connection, codes: Collection[Code]
) -> dict[Code, tuple[Level, tuple[Term, ...]]]:
    """Return, for those of the cells that there ever were, the level and when they stand."""
    levels: dict[Code, Level] = {}
    terms: dict[Code, list[Term]] = defaultdict(list)
    query = select(C.code, C.level, V.valid).where(C.code == V.code, C.code.in_(codes))
    for row in conn.execute(query):
        levels[row.code] = row.level
        terms[row.code].append(Term(row.valid.lower, row.valid.upper))
    return {code: (level, tuple(terms[code])) for code, level in levels.items()}


def put_people(conn: Connection, people: Sequence[Person]) -> None:
    """Store people; those of a known id are replaced."""
    if not people:
        return
    new = insert(tables.person)
    changed = {name: new.excluded[name] for name in ("name", "phone", "organisation")}
    conn.execute(
        new.on_conflict_do_update(index_elements=[P.id], set_=changed),
        [asdict(person) for person in people],
    )


def put_holdings(conn: Connection, holdings: Sequence[tuple[Holding, int | None]]) -> None:
    """Store holdings: in place of the one of a number, or, without a number, as new ones.

    Ends move before anything begins: a post that is shortened makes room for the next.
    """
    for holding, number in holdings:
        if number is not None:
            conn.execute(tables.holding.update().where(H.id == number).values(_values(holding)))
    new = [_values(holding) for holding, number in holdings if number is None]
    if new:
        conn.execute(insert(tables.holding), new)


def _answering(*columns: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Return a query of the holdings whose role is the one of the cell's level."""
    return (
        select(*columns)
        .select_from(tables.holding)
        .join(tables.cell, C.code == H.cell)
        .where(tuple_(H.role, C.level).in_(list(HOLDS.items())))
    )


def _acting(active: Sequence[Holder]) -> tuple[Holder, ...]:
    holders = tuple(holder for holder in active if not holder.deputy)
    return holders or tuple(active)


def _values(holding: Holding) -> dict[str, object]:
    return {
        "person": holding.person,
        "cell": holding.cell,
        "role": holding.role,
        "during": Range(holding.term.since, holding.term.until),
        "deputy_for": holding.deputy_for,
    }
