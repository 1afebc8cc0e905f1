"""What is wrong between cells: ground in two of them, ground in none, parents that differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gis.cells.lattice import UNITS, is_tiling, to_degrees, to_units, union
from gis.cells.metres import Plane, area_m2
from gis.hierarchy import Code

TOLERATED_SHARE = 0.001
"""Of a parent's area: how much its children may differ from it, taken together."""
TOLERATED_M = 20.0
"""How far their borders may lie from each other, anywhere."""

_TOUCH = 2.0  # lattice units: the union's rounding moves a border by less


@dataclass(frozen=True)
class Defect:
    """Ground that lies in two cells of a level, or in none.

    Attributes
    ----------
    kind
        ``overlap`` or ``gap``.
    cells
        The two that overlap, or those around the gap; by code.
    geom
        EPSG:4326.
    """

    kind: str
    cells: tuple[Code, ...]
    geom: Polygon

    @cached_property
    def area_m2(self) -> float:
        """On the ellipsoid."""
        return area_m2(self.geom)

    @cached_property
    def width_m(self) -> float:
        """Of the largest circle in it."""
        return width_m(self.geom)

    @property
    def place(self) -> Point:
        """A point in it."""
        return self.geom.point_on_surface()


@dataclass(frozen=True)
class Difference:
    """Where children and parent do not cover the same ground.

    Attributes
    ----------
    parent_m2
        The parent's area.
    uncovered
        Ground of the parent in no child, piece by piece (EPSG:4326).
    outside
        Ground of the children outside the parent.
    beyond
        Those pieces that reach more than ``TOLERATED_M`` from the other's ground.
    """

    parent_m2: float
    uncovered: tuple[Polygon, ...]
    outside: tuple[Polygon, ...]
    beyond: tuple[Polygon, ...]

    @property
    def pieces(self) -> tuple[Polygon, ...]:
        """All of them, the largest first."""
        return tuple(sorted(self.uncovered + self.outside, key=lambda p: -p.area))

    @cached_property
    def area_m2(self) -> float:
        """All pieces together."""
        return sum(map(area_m2, self.pieces))

    @property
    def share(self) -> float:
        """Of all pieces in the parent's area."""
        return self.area_m2 / self.parent_m2

    @property
    def is_tolerable(self) -> bool:
        """Whether the parent may take its children's shape."""
        return self.share < TOLERATED_SHARE and not self.beyond

    @property
    def is_only_uncovered(self) -> bool:
        """Whether the children lie in the parent, however little of it they fill."""
        stray = sum(map(area_m2, self.outside)) / self.parent_m2
        return stray < TOLERATED_SHARE and all(piece in self.uncovered for piece in self.beyond)


def overlaps(shapes: Mapping[Code, MultiPolygon]) -> list[Defect]:
    """Return the ground that two cells share, piece by piece, the largest first.

    Parameters
    ----------
    shapes
        The cells of one level, on the lattice; may be empty. What is thinner
        than a step of the lattice is no overlap.
    """
    codes = sorted(shapes)
    given = np.array([shapes[code] for code in codes], dtype=object)
    if is_tiling(given):
        return []
    units = to_units(given)
    one, other = shapely.STRtree(units).query(units, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    found = []
    common = shapely.intersection(units[one], units[other], grid_size=1)
    for i, j, ground in zip(one, other, common, strict=True):
        found += [Defect("overlap", (codes[i], codes[j]), part) for part in _ground(ground)]
    return sorted(found, key=lambda defect: -defect.geom.area)


def gaps(shapes: Mapping[Code, MultiPolygon]) -> list[Defect]:
    """Return the holes in the ground of the cells of one level, the largest first.

    A gap that is open to the outside cannot be told from the outside.
    """
    if not shapes:
        return []
    codes = sorted(shapes)
    given = np.array([shapes[code] for code in codes], dtype=object)
    ground = union(given)
    holes = [shapely.normalize(Polygon(ring)) for part in ground.geoms for ring in part.interiors]
    tree = shapely.STRtree(to_units(given))
    found = []
    for hole in holes:
        around = tree.query(to_units(hole), predicate="dwithin", distance=_TOUCH)
        found.append(Defect("gap", tuple(codes[i] for i in sorted(around)), hole))
    return sorted(found, key=lambda defect: -defect.geom.area)


def difference(parent: MultiPolygon, children: MultiPolygon) -> Difference:
    """Compare a parent's ground with the union of its children's; both on the lattice."""
    uncovered, outside = pieces(parent, children), pieces(children, parent)
    plane = Plane.around(parent)
    beyond = _beyond(uncovered, children, plane) + _beyond(outside, parent, plane)
    return Difference(area_m2(parent), tuple(uncovered), tuple(outside), tuple(beyond))


def pieces(one: MultiPolygon, other: MultiPolygon) -> list[Polygon]:
    """Return the ground of ``one`` that is not in ``other``; both on the lattice."""
    return _ground(shapely.difference(to_units(one), to_units(other), grid_size=1))


def width_m(shape: BaseGeometry) -> float:
    """Return the diameter in metres of the largest circle in a polygon in degrees."""
    metres = Plane.around(shape).metres(shape)
    radius = shapely.maximum_inscribed_circle(metres, tolerance=0.01)
    return 2 * float(shapely.length(radius))


def _ground(units: BaseGeometry) -> list[Polygon]:
    """Return the polygons, in degrees, that are wider than a step of the lattice."""
    return [
        shapely.normalize(to_degrees(part))
        for part in shapely.get_parts(units)
        if isinstance(part, Polygon) and 2 * part.area > part.length
    ]


def _beyond(parts: Sequence[Polygon], ground: MultiPolygon, plane: Plane) -> list[Polygon]:
    """Return the pieces that reach farther than is tolerated from the ground."""
    if not parts:
        return []
    reached = plane.metres(ground).buffer(TOLERATED_M)
    shapely.prepare(reached)
    return [piece for piece in parts if not reached.covers(plane.metres(piece))]


def unlisted(found: Sequence[Defect], listed: Sequence[Defect]) -> list[Defect]:
    """Return those of ``found`` whose ground is not in a defect that is listed already.

    Parents are unions of their children, so they repeat their children's gaps
    and overlaps; each is listed once, at the lowest level where it shows.
    """
    if not listed:
        return list(found)
    known = shapely.union_all([defect.geom.buffer(_TOUCH / UNITS) for defect in listed])
    return [defect for defect in found if not known.covers(defect.geom)]
