"""Who may see which issue, and whose names on it."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, or_, select, true

from gis import tables
from gis.cells import store as cells
from gis.hierarchy import Code

ISSUE = tables.issue.c
PERSON, HELD = tables.person.c, tables.holding.c


def in_sight(
    conn: Connection, *, within: Code | None, person: str | None = None
) -> ColumnElement[bool]:
    """Return the condition on an issue: it lies in the cell or below it, or the person reported it.

    Parameters
    ----------
    within
        None is the whole deployment, and what lies in no cell.
    """
    if within is None:
        return true()
    tree = cells.tree_on(conn)
    there = ISSUE.cell.in_(tree.within(within) if within in tree else ())
    return there if person is None else or_(there, ISSUE.reporter == person)


def names_in_sight(
    conn: Connection,
    people: Iterable[str | None],
    *,
    within: Code | None,
    person: str | None,
    ladder: Code | None,
) -> Mapping[str, str]:
    """Return the names of those of the people whom the reader may know, by id.

    That is the reader, and whoever answers or answered for a cell in sight or on
    the way up, from the reader's own cell or from where the issue lies.

    Parameters
    ----------
    within
        What bounds the reader; None knows everybody.
    ladder
        The lowest cell that the issue lies in.
    """
    asked = {one for one in people if one is not None}
    if not asked:
        return {}
    query = select(PERSON.id, PERSON.name).where(PERSON.id.in_(asked))
    if within is not None:
        officials = select(HELD.person).where(HELD.cell.in_(_around(conn, within, ladder)))
        query = query.where(or_(PERSON.id == person, PERSON.id.in_(officials)))
    return {row.id: row.name for row in conn.execute(query)}


def _around(conn: Connection, within: Code, ladder: Code | None) -> Collection[Code]:
    """Return the cells in sight, and those above the reader's cell and above the issue."""
    tree = cells.tree_on(conn)
    ways = [tree.path(code) for code in (within, ladder) if code is not None and code in tree]
    seen = tree.within(within) if within in tree else ()
    return {*seen, *(code for way in ways for code in way)}
