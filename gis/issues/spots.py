"""Where reports lie among the cells: which they touch, and which their accuracy touches."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import Point
from shapely.geometry.base import BaseGeometry

from gis.cells.metres import Plane
from gis.cells.model import CellShape
from gis.hierarchy import Code, Tree
from gis.issues.routing import Spot

INSIDE = "T********"
"""The insides share ground (DE-9IM); a common border is not enough."""


def spots(
    tree: Tree,
    shapes: Sequence[CellShape],
    geometries: Sequence[BaseGeometry],
    *,
    accuracy: ArrayLike,
) -> list[Spot]:
    """Return the spot of each geometry; one outside all cells has an empty one.

    A cell counts only where none below it does: what lies in a hole between
    villages lies in their area.

    Parameters
    ----------
    shapes
        The cells of ``tree``; may be empty.
    geometries
        Points, lines or areas in EPSG:4326, none empty.
    accuracy
        Metres, one a geometry; NaN: not known, and no disc.
    """
    places = np.array(geometries, dtype=object)
    ground = {shape.code: shape.geom for shape in shapes if shape.code in tree}
    codes, outlines = list(ground), np.array(list(ground.values()), dtype=object)
    # The cells ask, not the places: who asks is prepared, and the cells have the many corners.
    cell, place = shapely.STRtree(places).query(outlines, predicate="intersects")
    on = _by_place(place, cell, codes)
    reach = _by_place(*_within(outlines, places, np.asarray(accuracy, np.float64)), codes)
    found = []
    for i, geometry in enumerate(geometries):
        here = _lowest(tree, on[i])
        around = _lowest(tree, on[i] | reach[i])
        claimed = any(_shared(ground[a], ground[b], geometry) for a, b in combinations(here, 2))
        found.append(Spot(here, tuple(sorted({*here, *around})), claimed))
    return found


def _by_place(
    places: NDArray[np.int64], cells: NDArray[np.int64], codes: Sequence[Code]
) -> dict[int, set[Code]]:
    found: dict[int, set[Code]] = defaultdict(set)
    for place, cell in zip(places.tolist(), cells.tolist(), strict=True):
        found[place].add(codes[cell])
    return found


def _lowest(tree: Tree, codes: Iterable[Code]) -> tuple[Code, ...]:
    """Return those of the cells that are above none of the others, by code."""
    above = {cell for code in codes for cell in tree.path(code) if cell != code}
    return tuple(sorted(set(codes) - above))


def _shared(one: BaseGeometry, other: BaseGeometry, place: BaseGeometry) -> bool:
    """Whether two cells both claim some of the ground of ``place``."""
    if isinstance(place, Point):
        return bool(shapely.relate_pattern([one, other], place, INSIDE).all())
    return bool(
        one.relate_pattern(other, INSIDE) and one.intersection(other).relate_pattern(place, INSIDE)
    )


def _within(
    outlines: NDArray[np.object_], places: NDArray[np.object_], accuracy: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return places and cells, pair by pair, that are no farther apart than the accuracy."""
    rows = np.flatnonzero(accuracy > 0)
    if not len(outlines) or not len(rows):
        return rows[:0], rows[:0]
    plane = Plane.around(outlines)
    place, cell = shapely.STRtree(plane.metres(outlines)).query(
        plane.metres(places[rows]), predicate="dwithin", distance=accuracy[rows]
    )
    return rows[place], cell
