"""Which cells a report speaks of, and which ground, of which day, belongs to each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, literal, select

from gis import tables
from gis.errors import NotFound
from gis.hierarchy import Cell, Code, Level, Tree
from gis.messages import say

OUTSIDE: Code = ""
"""The code of the row for what is in no cell."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cell in force, without its shape. ``version`` is ``cell_version.id``."""

    code: Code
    name: str
    level: Level
    version: int
    area_m2: float


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows of a report and what lies in each.

    Attributes
    ----------
    rows
        By code.
    places
        Every cell in force, by code, those outside the asked cell too.
    tree
        Of the same.
    leaves
        The cells in scope that nothing is below: their codes, each with the code
        of its row.
    versions
        Every version ever in scope, with the code of its row; OUTSIDE where it has
        none. A version whose code is in force no more lies where its parent does.
        With the whole deployment in scope, version 0, the ground in no cell, is here.
    """

    rows: tuple[Place, ...]
    places: Mapping[Code, Place]
    tree: Tree
    leaves: Mapping[Code, Code]
    versions: Mapping[int, Code]

    @property
    def leaf_versions(self) -> list[int]:
        """The versions of the leaves."""
        return [self.places[code].version for code in self.leaves]

    def in_row(self, code: Code) -> list[Code]:
        """Return the leaves of a row."""
        return [leaf for leaf, row in self.leaves.items() if row == code]


@dataclass(frozen=True, slots=True)
class Territory:
    """The cells in force on a day, and every version there ever was.

    Attributes
    ----------
    places
        Every cell in force, by code.
    tree
        Of the same.
    versions
        Each version's number, code and parent, in force or not.
    """

    places: Mapping[Code, Place]
    tree: Tree
    versions: Sequence[tuple[int, Code, Code | None]]

    def scope(self, *, cell: Code | None, level: Level | None) -> Scope:
        """Return the rows of a report: see :func:`scope_of`."""
        tree = self.tree
        if cell is not None and cell not in tree:
            raise NotFound(say("There is no cell {code}.", code=cell), field="cell")
        inside = set(tree.within(cell)) if cell is not None else set(tree.cells)
        rows = set(_rows(tree, inside, cell=cell, level=level))
        row_of = {
            code: next((above for above in tree.path(code) if above in rows), OUTSIDE)
            for code in inside
        }
        versions = {} if cell is not None else {0: OUTSIDE}
        for number, code, parent in self.versions:
            there = code if code in tree else parent
            if there in row_of:
                versions[number] = row_of[there]
            elif cell is None:
                versions[number] = OUTSIDE
        return Scope(
            rows=tuple(self.places[code] for code in sorted(rows)),
            places=self.places,
            tree=tree,
            leaves={code: row_of[code] for code in tree.leaves() if code in inside},
            versions=versions,
        )


def territory_on(conn: Connection, on: date) -> Territory:
    """Return the cells in force on a day; there may be none."""
    version = tables.cell_version
    columns = (version.c.id, version.c.code, version.c.name, version.c.parent, version.c.area_m2)
    in_force = version.c.valid.contains(literal(on)).label("in_force")
    found = conn.execute(
        select(*columns, tables.cell.c.level, in_force).join(
            tables.cell, tables.cell.c.code == version.c.code
        )
    ).all()
    now = [v for v in found if v.in_force]
    return Territory(
        places={v.code: Place(v.code, v.name, v.level, v.id, v.area_m2) for v in now},
        tree=Tree.of(Cell(v.code, v.level, v.parent) for v in now),
        versions=[(v.id, v.code, v.parent) for v in found],
    )


def scope_of(conn: Connection, *, cell: Code | None, level: Level | None, on: date) -> Scope:
    """Return the rows of a report on the cells in force on a day.

    Parameters
    ----------
    cell
        The cell asked for; None is the whole deployment.
    level
        Rows are the cells of this level within ``cell``, and those above it that
        nothing is below, so that all ground is in some row. None: the children of
        ``cell``, or ``cell`` itself where it has none.

    Raises
    ------
    NotFound
        If there is no such cell on that day.
    """
    return territory_on(conn, on).scope(cell=cell, level=level)


def _rows(
    tree: Tree, inside: Iterable[Code], *, cell: Code | None, level: Level | None
) -> Sequence[Code]:
    if level is not None:
        return [
            code
            for code in inside
            if tree[code].level == level or (tree[code].level < level and not tree.children(code))
        ]
    if cell is None and len(tree.roots) != 1:
        return tree.roots
    top = cell if cell is not None else tree.roots[0]
    return tree.children(top) or [top]
