"""The ground cut into parcels by everything that can be a border.

Blocks between roads and water are cut again and again across their longer side by a slightly
crooked lane, path or ditch, as farmland is. Cells of every level are unions of these parcels:
each border follows something on the ground, and neighbours share its vertices by construction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely import LineString, Polygon

from data.boundaries.generate.ground.landscape import CENTRE, Landscape, Line
from data.boundaries.generate.lattice import (
    METRES_PER_UNIT,
    Floats,
    Ints,
    Shapes,
    to_lattice,
    to_metres,
)

KINDS = ("river", "railway", "road", "shore", "brook", "street", "lane", "path", "ditch",
         "midlake", "edge")  # fmt: skip
"""What a border can lie on; where two coincide, the one named first."""

HECTARE = 10_000.0
TOWN, SUBURB = 850.0, 1500.0
"""Metres from the seat within which parcels are smallest, and small."""
COUNTRY = 350.0
"""Metres around the outline within which the ground is cut at all finely."""
LANE_BLOCK = 45 * HECTARE
"""Blocks larger than this are cut by lanes."""
STRICTNESS = (0.36, 0.34, 0.32, 0.3, 0.28, 0.26, 0.24)
"""Least roundness asked of both halves of a cut, try by try."""


@dataclass(frozen=True)
class Parcels:
    """A mosaic of ``n`` parcels and the ``m`` segments that bound them.

    ``shapes`` (n,) are lattice polygons. A segment joins two lattice points, ``ends`` (m, 4);
    ``sides`` (m, 2) are the parcels on both hands, -1 where there is none; ``line`` (m,) is the
    one of ``lines`` that it lies on.
    """

    shapes: Shapes
    ends: Ints
    sides: Ints
    line: Ints
    lines: list[Line]

    @cached_property
    def drawn(self) -> Shapes:
        """The parcels in metres."""
        return np.asarray(to_metres(self.shapes))

    @cached_property
    def area(self) -> Floats:
        """Square metres, shape (n,)."""
        return np.asarray(shapely.area(self.drawn))

    @cached_property
    def centre(self) -> Floats:
        """A point inside each, in metres, shape (n, 2)."""
        return np.asarray(shapely.get_coordinates(shapely.point_on_surface(self.drawn)))

    @cached_property
    def length(self) -> Floats:
        """Metres of each segment, shape (m,)."""
        return np.asarray(np.hypot(*((self.ends[:, :2] - self.ends[:, 2:]) * METRES_PER_UNIT).T))


def cut(land: Landscape, rng: np.random.Generator) -> Parcels:
    """Return the parcels of a landscape."""
    blocks = shapely.polygonize([shapely.union_all([line.shape for line in land.lines])]).geoms
    whole = _whole(land)
    lines = list(land.lines)
    for block in sorted(blocks, key=lambda block: block.bounds):
        if not land.lake.contains(block.representative_point()):
            lines += _cuts(block, whole, rng)
    return _assembled(sorted(lines, key=lambda line: KINDS.index(line.kind)))


def roundness(shape: Polygon) -> float:
    """Return the Polsby-Popper figure, 4πA/P²: 1 for a disc, 0.785 for a square."""
    return float(4 * np.pi * shape.area / shape.length**2)


def _whole(land: Landscape) -> Callable[[Polygon], float]:
    """Return a function: the size in m² below which a parcel is left whole."""
    near = land.outline.buffer(COUNTRY)
    hills = shapely.union_all(land.hills)

    def size(parcel: Polygon) -> float:
        point = parcel.representative_point()
        from_seat = np.hypot(point.x - CENTRE[0], point.y - CENTRE[1])
        if not near.intersects(parcel):
            return 90 * HECTARE
        if from_seat < TOWN:
            return 2.6 * HECTARE
        if from_seat < SUBURB:
            return 6 * HECTARE
        return (26 if hills.contains(point) else 9) * HECTARE

    return size


def _cuts(
    block: Polygon, whole: Callable[[Polygon], float], rng: np.random.Generator
) -> list[Line]:
    """Return the lanes, paths and ditches that cut one block into parcels."""
    made: list[Line] = []
    stack = [block]
    while stack:
        parcel = stack.pop()
        if parcel.area < whole(parcel) * rng.uniform(0.8, 1.5):
            continue
        for least in STRICTNESS:
            halves = _halves(parcel, _crosscut(parcel, rng))
            if halves and min(map(roundness, halves)) > least:
                made.append(Line(_kind_of_cut(parcel, rng), "", _shared(*halves)))
                stack += halves
                break
    return made


def _kind_of_cut(parcel: Polygon, rng: np.random.Generator) -> str:
    if parcel.area > LANE_BLOCK:
        return "lane"
    return str(rng.choice(["lane", "path", "ditch"], p=[0.22, 0.56, 0.22]))


def _crosscut(parcel: Polygon, rng: np.random.Generator) -> LineString:
    """Return a slightly crooked line across the longer side of a parcel."""
    a, b, c, d = shapely.get_coordinates(shapely.oriented_envelope(parcel))[:4]
    if np.hypot(*(b - a)) < np.hypot(*(c - b)):
        a, b, c = b, c, d
    along, across = b - a, c - b
    start = a + rng.uniform(0.36, 0.64) * along
    tilt = rng.normal(0, 0.09) * along
    first, last = start - 0.02 * across - tilt, start + 1.02 * across + tilt
    count = max(2, round(float(np.hypot(*across)) / 60))
    t = np.linspace(0, 1, count + 1)[:, None]
    return LineString(_crooked(first + t * (last - first), rng))


def _crooked(xy: Floats, rng: np.random.Generator) -> Floats:
    """Bend a straight line as a lane bends: a bow, and a few kinks."""
    reach = xy[-1] - xy[0]
    length = float(np.hypot(*reach))
    normal = np.array([-reach[1], reach[0]]) / length
    t = np.linspace(0, 1, len(xy))
    bow = rng.normal(0, 0.07) * length * np.sin(np.pi * t)
    kinks = np.cumsum(rng.normal(0, 7.0, len(xy)))
    kinks -= np.interp(t, [0, 1], [kinks[0], kinks[-1]])
    return xy + normal * (bow + kinks)[:, None]


def _halves(parcel: Polygon, line: LineString) -> list[Polygon]:
    """Return the two pieces that a line makes of a parcel, or nothing if they are not two."""
    noded = shapely.union_all([parcel.boundary, line])
    faces = [face for face in shapely.polygonize([noded]).geoms
             if parcel.contains(face.representative_point())]  # fmt: skip
    return faces if len(faces) == 2 else []  # noqa: PLR2004


def _shared(a: Polygon, b: Polygon) -> LineString:
    """Return the line between two neighbours."""
    lines = shapely.get_parts(shapely.line_merge(shapely.intersection(a.boundary, b.boundary)))
    return max((g for g in lines if g.geom_type == "LineString"), key=shapely.length)


def _assembled(lines: list[Line]) -> Parcels:
    """Node all lines on the lattice, and read off the faces and their segments.

    Snap rounding (``grid_size``) nodes a cut that ends on another line in both of them: that is
    what makes shared borders the same vertex by vertex.
    """
    drawn = [to_lattice(line.shape) for line in lines]
    noded = shapely.union_all(drawn, grid_size=1.0)
    shapes = np.array(shapely.polygonize([noded]).geoms, dtype=object)
    shapes = shapes[np.lexsort(shapely.bounds(shapes)[:, :2].T)]
    ends, sides = _segments(shapes)
    middle = shapely.points((ends[:, :2] + ends[:, 2:]) / 2)
    at, line = shapely.STRtree(drawn).query(middle, predicate="dwithin", distance=4.0)
    along = np.full(len(ends), len(lines))
    np.minimum.at(along, at, line)  # lines come in the order of KINDS
    return Parcels(shapes, ends, sides, along, lines)


def _segments(shapes: Shapes) -> tuple[Ints, Ints]:
    """Return the distinct segments (m, 4), and the parcels on both hands (m, 2)."""
    xy, owner = shapely.get_coordinates(shapely.get_exterior_ring(shapes), return_index=True)
    same = owner[1:] == owner[:-1]
    a, b = np.rint(xy[:-1][same]), np.rint(xy[1:][same])
    back = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    both = np.where(back[:, None], np.hstack([b, a]), np.hstack([a, b])).astype(np.int64)
    ends, segment = np.unique(both, axis=0, return_inverse=True)
    sides = np.full((len(ends), 2), -1)
    for number, parcel in zip(segment.ravel(), owner[:-1][same], strict=True):
        sides[number, int(sides[number, 0] >= 0)] = parcel
    return ends, sides
