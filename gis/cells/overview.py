"""What a planner asks of cells: since when and from where, and whether the parts fill the whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from sqlalchemy import Connection, select

from gis.cells.lattice import is_tiling, to_units, union
from gis.cells.model import CellShape
from gis.cells.store import V, in_force
from gis.hierarchy import Code, Tree


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a cell's present version comes from.

    Attributes
    ----------
    since
        The local date on which it began; None: it holds since ever.
    source
        A file's name and datum, or :data:`gis.cells.model.MADE`.
    """

    since: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Filling:
    """How the lowest cells fill the ones above them.

    Attributes
    ----------
    parts
        How many lowest cells there are.
    parts_m2, whole_m2
        Areas on the ellipsoid: of all parts together, and of what they shall fill.
    exact
        Whether the parts share their borders to the last digit, overlap nowhere,
        and are together the very ground of the whole.
    """

    parts: int
    parts_m2: float
    whole_m2: float
    exact: bool


def origins_on(conn: Connection, day: date) -> dict[Code, Origin]:
    """Return where each cell in force on a day comes from, by code."""
    query = select(V.code, V.valid, V.source).where(in_force(day))
    return {row.code: Origin(row.valid.lower, row.source) for row in conn.execute(query)}


def filling(whole: Sequence[CellShape], parts: Sequence[CellShape]) -> Filling:
    """Compare parts with what they shall fill; both may be empty, and are then equal.

    Their ground is compared on the lattice, in integers: nothing is lost in rounding.
    """
    inner, outer = (
        np.array([shape.geom for shape in shapes], dtype=object) for shapes in (parts, whole)
    )
    ground = [to_units(union(shapes)) if len(shapes) else None for shapes in (inner, outer)]
    exact = is_tiling(inner) and (ground == [None, None] or bool(shapely.equals(*ground)))
    return Filling(
        len(parts),
        sum(shape.area_m2 for shape in parts),
        sum(shape.area_m2 for shape in whole),
        exact,
    )


def lowest(tree: Tree, within: Iterable[Code]) -> list[Code]:
    """Return those of some cells that nothing is below, by code."""
    return sorted(code for code in within if not tree.children(code))
