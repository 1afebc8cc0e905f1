"""Ground as a screen needs it: few vertices, neighbours still fitting, each border once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
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


def borders(geoms: Sequence[BaseGeometry], paths: Sequence[Mapping[Level, Code]]) -> list[Border]:
    """Return the borders of a coverage, each stretch once.

    Parameters
    ----------
    geoms
        Polygons whose shared borders have the same vertices.
    paths
        For each polygon, its own and the higher cells' codes by level.
    """
    owners: dict[tuple[tuple[int, int], tuple[int, int]], list[int]] = defaultdict(list)
    for i, geom in enumerate(geoms):
        for segment in _segments(geom):
            owners[segment].append(i)
    stretches: dict[tuple[int, ...], list[tuple[tuple[int, int], ...]]] = defaultdict(list)
    for segment, sides in owners.items():
        stretches[tuple(sorted(set(sides)))].append(segment)
    return [
        Border(_level(paths, sides), (sides[0], sides[1] if len(sides) > 1 else OUTSIDE), line)
        for sides, segments in sorted(stretches.items())
        for line in shapely.get_parts(_merged(segments))
    ]


def _segments(geom: BaseGeometry) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    for polygon in shapely.get_parts(geom):
        for ring in shapely.get_rings(polygon):
            points = np.round(shapely.get_coordinates(ring) * GRID).astype(np.int64).tolist()
            for a, b in pairwise(points):
                if a != b:
                    low, high = sorted((tuple(a), tuple(b)))
                    yield low, high


def _merged(segments: Sequence[tuple[tuple[int, int], ...]]) -> BaseGeometry:
    lines = shapely.linestrings(np.array(segments, dtype=float) / GRID)
    return shapely.line_merge(shapely.multilinestrings(lines))


def _level(paths: Sequence[Mapping[Level, Code]], sides: Sequence[int]) -> Level:
    """Return the highest level at which the two sides belong to different cells."""
    first = paths[sides[0]]
    other: Mapping[Level, Code] = paths[sides[1]] if len(sides) > 1 else {}
    return min(level for level in first if first[level] != other.get(level))


def label_points(geoms: Sequence[BaseGeometry], tolerance: float) -> list[tuple[float, float]]:
    """Return the roomiest point of each polygon, as (lon, lat)."""
    lines = shapely.maximum_inscribed_circle(list(geoms), tolerance or 0)
    centres = shapely.get_coordinates(shapely.get_point(lines, 0))
    return [(round(float(x), 6), round(float(y), 6)) for x, y in centres]


def paths(scene: Scene) -> list[Mapping[Level, Code]]:
    """Return, for each filled cell, its own and the higher cells' codes by level."""
    return [
        {scene.shapes[above].level: above for above in scene.path(code)} for code in scene.filled
    ]
