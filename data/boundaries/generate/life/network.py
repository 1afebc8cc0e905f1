"""The roads, lanes and paths as a network: where one can walk, and the shortest way."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from data.boundaries.generate import geojson
from data.boundaries.generate.geojson import Feature
from data.boundaries.generate.lattice import Floats, Ints

REACH = 4000.0
"""Metres beyond which no way is looked for: a day's walk is shorter."""

Ways = list[list[tuple[int, float]]]
"""For each vertex its neighbours, and the metres to them."""


@dataclass(frozen=True, slots=True)
class Network:
    """Vertices ``xy`` (n, 2) in metres, their index, and the ways between them."""

    xy: Floats
    ways: Ways
    index: shapely.STRtree

    def nearest(self, xy: Floats) -> int:
        """Return the vertex nearest to a point."""
        return int(self.index.nearest(shapely.Point(xy)))

    def within(self, area: Polygon) -> Ints:
        """Return the vertices in an area, in order."""
        return np.sort(self.index.query(area, predicate="intersects"))

    def path(self, start: int, end: int) -> Floats:
        """Return the shortest way (k, 2), both ends included; straight where REACH has none."""
        return self.xy[_shortest(self.ways, start, end=end)]


def network(roads: Sequence[Feature]) -> Network:
    """Return the largest connected part of some ways.

    Where ways meet they share a vertex, which is how the layer was written.
    """
    lines = geojson.parts(roads)
    points, line = shapely.get_coordinates(lines, return_index=True)
    xy, vertex = np.unique(np.round(points, 3), axis=0, return_inverse=True)
    vertex = vertex.ravel()
    ways: Ways = [[] for _ in xy]
    same = line[1:] == line[:-1]
    for a, b in zip(vertex[:-1][same].tolist(), vertex[1:][same].tolist(), strict=True):
        length = float(np.hypot(*(xy[a] - xy[b])))
        ways[a].append((b, length))
        ways[b].append((a, length))
    keep = _largest_part(ways)
    number = {old: new for new, old in enumerate(keep)}
    ways = [[(number[b], length) for b, length in ways[a]] for a in keep]
    return Network(xy[keep], ways, shapely.STRtree(shapely.points(xy[keep])))


def _shortest(ways: Ways, start: int, *, end: int) -> list[int]:
    """Return the vertices of the shortest way (Dijkstra 1959), the two ends where there is none."""
    before: dict[int, int] = {}
    heap = [(0.0, start, start)]
    while heap and end not in before:
        gone, here, came = heapq.heappop(heap)
        if here in before:
            continue
        before[here] = came
        for there, length in ways[here]:
            if there not in before and gone + length < REACH:
                heapq.heappush(heap, (gone + length, there, here))
    steps = [end]
    while steps[-1] != start:
        steps.append(before.get(steps[-1], start))
    return steps[::-1]


def _largest_part(ways: Ways) -> list[int]:
    seen: set[int] = set()
    largest: set[int] = set()
    for start in range(len(ways)):
        if start in seen:
            continue
        part, stack = {start}, [start]
        while stack:
            for there, _ in ways[stack.pop()]:
                if there not in part:
                    part.add(there)
                    stack.append(there)
        seen |= part
        largest = max(largest, part, key=len)
    return sorted(largest)
