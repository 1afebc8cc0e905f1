"""Borders that two cells share, made to share every vertex.

Where one neighbour has a vertex in the middle of the other's straight border
(a T), rounding that vertex to the lattice moves it off the line by up to half
a millimetre, and leaves a sliver. The vertex is put into the other's border
too, and the sliver is gone.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gis.cells.lattice import Shapes, is_tiling, snapped, to_degrees, to_units

REACH = 1.5
"""Lattice units: a vertex that lay on a border lies this near, once both are rounded."""
ROUNDS = 4
"""A border that gave way may come close to another vertex; it settles at once or never."""

Vertex = tuple[float, float]
Place = tuple[int, int, int]
"""A border's step: the index of the shape, of its ring, and of the step's first vertex."""


def matched(shapes: Sequence[MultiPolygon]) -> tuple[list[MultiPolygon], int]:
    """Return the shapes with shared vertices in both neighbours, and how many were added.

    Parameters
    ----------
    shapes
        Valid, on the lattice. A tiling comes back as it is.
    """
    given = np.asarray(shapes, dtype=object)
    total = 0
    for _ in range(ROUNDS):
        if is_tiling(given):
            break
        units = to_units(given)
        missing = _missing(units)
        if not missing:
            break
        changed, added = given.copy(), 0
        for index, steps in missing.items():
            denser = to_degrees(_with_vertices(units[index], steps))
            if denser.is_valid:
                changed[index] = snapped(denser)
                added += sum(map(len, steps.values()))
        given, total = changed, total + added
        if not added:
            break
    return list(given), total


def _missing(units: Shapes) -> Mapping[int, Mapping[tuple[int, int], list[Vertex]]]:
    """Return, by shape and step, the neighbours' vertices that lie on the step's border."""
    suspects = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(units)))
    ends, places = _steps(units, suspects)
    points = np.unique(shapely.get_coordinates(units[suspects]), axis=0)
    step, near = shapely.STRtree(shapely.points(points)).query(
        shapely.linestrings(ends), predicate="dwithin", distance=REACH
    )
    first, last, vertex = ends[step, 0], ends[step, 1], points[near]
    along = ((vertex - first) * (last - first)).sum(axis=1)
    inside = (along > 0) & (along < ((last - first) ** 2).sum(axis=1))
    found: dict[int, dict[tuple[int, int], list[Vertex]]] = defaultdict(dict)
    for which, (x, y) in zip(step[inside], vertex[inside].tolist(), strict=True):
        index, ring, number = places[which]
        found[index].setdefault((ring, number), []).append((x, y))
    return found


def _steps(units: Shapes, suspects: NDArray[np.int64]) -> tuple[NDArray[np.float64], list[Place]]:
    """Return both ends of every border step of the suspects, (n, 2, 2), and where it belongs."""
    ends, places = [], []
    for index in suspects.tolist():
        for ring, line in enumerate(_rings(units[index])):
            at = shapely.get_coordinates(line)
            ends.append(np.stack([at[:-1], at[1:]], axis=1))
            places += [(index, ring, step) for step in range(len(at) - 1)]
    return np.concatenate(ends), places


def _rings(shape: MultiPolygon) -> list[shapely.LinearRing]:
    return [ring for part in shape.geoms for ring in (part.exterior, *part.interiors)]


def _with_vertices(
    shape: MultiPolygon, steps: Mapping[tuple[int, int], list[Vertex]]
) -> MultiPolygon:
    """Return the shape with vertices put into its steps, in the order of the border."""
    rings = []
    for number, ring in enumerate(_rings(shape)):
        at = list(ring.coords)
        for step in range(len(at) - 2, -1, -1):
            at[step + 1 : step + 1] = _outwards(steps.get((number, step), []), at[step])
        rings.append(at)
    parts = []
    for part in shape.geoms:
        outer, *holes = (rings.pop(0) for _ in range(1 + len(part.interiors)))
        parts.append(Polygon(outer, holes))
    return MultiPolygon(parts)


def _outwards(new: Sequence[Vertex], start: Sequence[float]) -> list[Vertex]:
    return sorted(new, key=lambda vertex: math.dist(vertex, start))
