"""Ground as a screen needs it: few vertices, neighbours still fitting, each border once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gis.hierarchy import Code, Level
from maps.scene import Scene

GRID = 1_000_000
"""Shown coordinates are millionths of a degree, about 0.1 m."""
COARSE_GRID = 100_000
"""About 1 m: enough for what is drawn under and over the cells."""
FINE = 8_000
"""A whole map is this many of the smallest steps across; a screen shows an eighth of it."""
MOST_VERTICES = 12_000
DOUBLINGS = 8
OUTSIDE = -1
RING_POINTS = 4
"""The fewest points of a ring, the first of them twice."""

Ints: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Border:
    """A stretch of border.

    Attributes
    ----------
    level
        The highest level of cells that it divides.
    sides
        The cells left and right, by their place in the list; OUTSIDE is none.
    """

    level: Level
    sides: tuple[int, int]
    geom: BaseGeometry


def simplified(geoms: Sequence[BaseGeometry]) -> tuple[list[BaseGeometry], float]:
    """Return a coverage with fewer vertices, and the tolerance in degrees.

    Borders that cells share stay shared. The tolerance is a small part of the
    whole's extent, doubled until about MOST_VERTICES are left. An empty
    coverage stays empty.
    """
    if not geoms:
        return [], 0.0
    west, south, east, north = shapely.total_bounds(geoms)
    tolerance = max(east - west, north - south) / FINE
    for _ in range(DOUBLINGS):
        fewer = list(shapely.coverage_simplify(list(geoms), tolerance))
        if shapely.get_num_coordinates(fewer).sum() <= MOST_VERTICES:
            break
        tolerance *= 2
    return fewer, tolerance


def thinned(
    geoms: Sequence[BaseGeometry], tolerance: float, *, most: int = MOST_VERTICES
) -> BaseGeometry:
    """Return lines or polygons of one kind as one geometry, simplified to ``most`` vertices.

    Small things like houses cannot be made simpler: where they are more than
    that, those that are left are too many to be told apart, and none is drawn.
    """
    areas = bool(geoms[0].area)
    collect = shapely.multipolygons if areas else shapely.multilinestrings
    fewer = np.array(geoms)
    for _ in range(DOUBLINGS):
        fewer = shapely.simplify(fewer, tolerance, preserve_topology=areas)
        if shapely.get_num_coordinates(fewer).sum() <= most:
            return collect(fewer)
        tolerance *= 2
    return MultiPolygon() if areas else collect(fewer)


def rounded(geom: BaseGeometry, grid: int = GRID) -> dict[str, Any]:
    """Return a geometry as GeoJSON, its coordinates multiples of 1 / ``grid`` degree."""
    moved = shapely.transform(geom, lambda points: np.round(points * grid) / grid)
    return dict(mapping(moved))


def smoothed(geoms: Sequence[BaseGeometry], tolerance: float) -> MultiPolygon:
    """Return polygons along the edges of ground cells as one geometry, without the steps.

    It is for the eye: a ring may cut across itself, and what is smaller than the
    tolerance is gone.
    """
    rings, part = shapely.get_rings(geoms, return_index=True)
    fewer = shapely.simplify(rings, tolerance, preserve_topology=False)
    known = shapely.get_num_coordinates(fewer) > RING_POINTS - 1
    shells = np.flatnonzero(np.diff(part, prepend=-1))
    kept = known & np.isin(part, part[shells[known[shells]]])
    _, owner = np.unique(part[kept], return_inverse=True)
    return MultiPolygon(list(shapely.polygons(fewer[kept], indices=owner)))


def steps(geoms: Sequence[BaseGeometry], grid: int = GRID) -> list[list[Any]]:
    """Return each geometry, lines or polygons of rings, as whole steps of 1 / ``grid`` degree.

    Each line or ring is ``[east, north, east, north, …]``, every point from the one
    before it, the first of a geometry from (0, 0). Rings are not closed. Points that
    fall together are one.
    """
    found: list[list[Any]] = [[] for _ in geoms]
    parts, whose = shapely.get_parts(list(geoms), return_index=True)
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, of = shapely.get_rings(parts[areas], return_index=True)
    for part, ring in _by_line(rings, np.flatnonzero(areas)[of], whose, grid, closed=True):
        polygons = found[whose[part[0]]]
        if part[1]:
            polygons.append([])
        polygons[-1].append(ring)
    others = np.flatnonzero(~areas)
    for part, line in _by_line(parts[others], others, whose, grid, closed=False):
        found[whose[part[0]]].append(line)
    return found


def _by_line(
    lines: Sequence[BaseGeometry], part: Ints, whose: Ints, grid: int, *, closed: bool
) -> Iterator[tuple[tuple[int, bool], list[int]]]:
    """Yield each line's part, whether it is the part's first line, and its steps."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    if not line.size:
        return
    at = np.round(points * grid).astype(np.int64)
    inner = line[1:] == line[:-1]
    kept = np.append(True, ~inner | (at[1:] != at[:-1]).any(axis=1))
    if closed:
        kept &= np.append(inner, False)  # the last point is the first
    at, line = at[kept], line[kept]
    before = np.vstack([np.zeros((1, 2), np.int64), at[:-1]])
    before[np.diff(whose[part[line]], prepend=-1) != 0] = 0
    flat = (at - before).ravel().tolist()
    starts = np.flatnonzero(np.diff(line, prepend=-1))
    which = part[line[starts]]
    first = np.diff(which, prepend=-1) != 0
    ends = np.append(starts[1:], line.size)
    for begin, end, one, new in zip(
        (starts * 2).tolist(), (ends * 2).tolist(), which.tolist(), first.tolist(), strict=True
    ):
        yield (one, new), flat[begin:end]


def borders(geoms: Sequence[BaseGeometry], paths: Sequence[Mapping[Level, Code]]) -> list[Border]:
    """Return the borders of a coverage, each stretch once.

    Parameters
    ----------
    geoms
        Polygons whose shared borders have the same vertices.
    paths
        For each polygon, its own and the higher cells' codes by level.
    """
    ends, owner = _segments(geoms)
    if not owner.size:
        return []
    begins = np.append(True, (ends[1:] != ends[:-1]).any(axis=1))
    start = np.flatnonzero(begins)
    shared = ~np.append(begins[1:], True)[start]
    other = np.where(shared, owner[np.minimum(start + 1, owner.size - 1)], OUTSIDE)
    sides, which = np.unique(np.column_stack([owner[start], other]), axis=0, return_inverse=True)
    order = np.argsort(which, kind="stable")
    lines = shapely.linestrings(ends[start][order].reshape(-1, 2, 2) / GRID)
    merged = shapely.line_merge(shapely.multilinestrings(lines, indices=which[order]))
    parts, of = shapely.get_parts(merged, return_index=True)
    known = [(int(a), int(b)) for a, b in sides]
    levels = [_level(paths, pair) for pair in known]
    return [Border(levels[i], known[i], line) for i, line in zip(of.tolist(), parts, strict=True)]


def _segments(geoms: Sequence[BaseGeometry]) -> tuple[Ints, Ints]:
    """Return the ends of every border segment, x y x y in steps of 1 / GRID, and the owner.

    In order of both: a segment that two polygons share comes twice, one after the other.
    """
    parts, whose = shapely.get_parts(list(geoms), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    at = np.round(points * GRID).astype(np.int64)
    a, b, owner = at[:-1], at[1:], whose[part[ring[:-1]]] if ring.size else whose
    real = (ring[1:] == ring[:-1]) & (a != b).any(axis=1)
    a, b, owner = a[real], b[real], owner[real]
    turned = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    ends = np.where(turned[:, None], np.hstack([b, a]), np.hstack([a, b]))
    order = np.lexsort((owner, *ends.T[::-1]))
    ends, owner = ends[order], owner[order]
    new = np.append(True, (ends[1:] != ends[:-1]).any(axis=1) | (owner[1:] != owner[:-1]))
    return ends[new[: owner.size]], owner[new[: owner.size]]


def _level(paths: Sequence[Mapping[Level, Code]], sides: tuple[int, int]) -> Level:
    """Return the highest level at which the two sides belong to different cells."""
    first = paths[sides[0]]
    other: Mapping[Level, Code] = paths[sides[1]] if sides[1] != OUTSIDE else {}
    return min(level for level in first if first[level] != other.get(level))


def label_points(geoms: Sequence[BaseGeometry], tolerance: float) -> list[tuple[float, float]]:
    """Return about the roomiest point of each polygon, as (lon, lat): a name needs no better."""
    lines = shapely.maximum_inscribed_circle(list(geoms), tolerance * 10)
    centres = shapely.get_coordinates(shapely.get_point(lines, 0))
    return [(round(float(x), 6), round(float(y), 6)) for x, y in centres]


def paths(scene: Scene) -> list[Mapping[Level, Code]]:
    """Return, for each filled cell, its own and the higher cells' codes by level."""
    return [
        {scene.shapes[above].level: above for above in scene.path(code)} for code in scene.filled
    ]
