"""Polygons on the lattice: every coordinate is an integer number of 1e-8 degree (about 1 mm).

A lattice value is an integer; what is stored is ``integer / 1e8``, never
``integer * 1e-8``, which misses one double in six. So equality of shared
vertices is exact, GeoJSON with 8 decimals loses nothing, and areas are sums
of integers.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidGeometry
from gis.messages import say

UNITS = 1e8
"""Lattice units in a degree."""

Shapes = NDArray[np.object_]
"""An array of shapely polygons or multipolygons."""


def to_units(shapes: Any) -> Any:
    """Return geometry in lattice units: integers, held exactly as doubles."""
    return shapely.transform(shapes, lambda degrees: np.rint(degrees * UNITS))


def to_degrees(shapes: Any) -> Any:
    """Return geometry in degrees from lattice units."""
    return shapely.transform(shapes, lambda units: units / UNITS)


def snapped(shape: Polygon | MultiPolygon) -> MultiPolygon:
    """Return the shape on the lattice: two-dimensional, valid, outer rings anticlockwise.

    Parameters
    ----------
    shape
        A valid polygon or multipolygon in degrees.

    Raises
    ------
    InvalidGeometry
        If nothing is left of it, or it cannot be made valid on the lattice.
    """
    units = to_units(shapely.force_2d(shape))
    if not _is_sound(units):
        # Rounding made borders touch: let GEOS choose lattice points that do not.
        units = shapely.set_precision(units, 1)
    if not _is_sound(units):
        raise InvalidGeometry(say("The polygon collapses when it is rounded to 1e-8 degree."))
    return whole(to_degrees(shapely.remove_repeated_points(units)))


def whole(shape: BaseGeometry) -> MultiPolygon:
    """Return a shape's polygons as one MultiPolygon, outer rings anticlockwise."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return shapely.orient_polygons(MultiPolygon(parts))


def is_on_lattice(shape: BaseGeometry) -> bool:
    """Tell whether every coordinate is a multiple of 1e-8 degree, to the last bit."""
    degrees = shapely.get_coordinates(shape)
    return bool(np.array_equal(degrees, np.rint(degrees * UNITS) / UNITS))


def doubled_area(shape: BaseGeometry) -> int:
    """Return twice the area in square lattice units, exactly (the shoelace sum in integers)."""
    return sum(
        abs(_ring_sum(part.exterior)) - sum(abs(_ring_sum(hole)) for hole in part.interiors)
        for part in shapely.get_parts(shape)
    )


def is_tiling(shapes: Sequence[MultiPolygon] | Shapes) -> bool:
    """Tell whether shapes on the lattice share their borders exactly and nowhere overlap.

    Gaps are not seen here: compare :func:`doubled_area` with that of the ground
    to be filled. No shapes, or one, are a tiling.
    """
    return bool(shapely.coverage_is_valid(np.asarray(shapes, dtype=object)))


def union(shapes: Sequence[MultiPolygon] | Shapes) -> MultiPolygon:
    """Return the union of shapes on the lattice, on the lattice.

    Of a tiling it is exact: no vertex is added or moved. Where shapes overlap,
    crossings are rounded to the lattice.
    """
    given = np.asarray(shapes, dtype=object)
    if is_tiling(given):
        merged = shapely.coverage_union_all(given)
        if shapely.is_valid(merged):
            return whole(merged)
    return whole(to_degrees(shapely.union_all(to_units(given), grid_size=1)))


def same(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Tell whether two shapes have the same vertices, wherever their rings begin."""
    return bool(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), 0))


def _is_sound(units: BaseGeometry) -> bool:
    """Tell whether a shape in lattice units is valid and not empty, in degrees as well."""
    return bool(
        isinstance(units, Polygon | MultiPolygon)
        and not units.is_empty
        and units.is_valid
        and to_degrees(units).is_valid
    )


def _ring_sum(ring: BaseGeometry) -> int:
    at = np.rint(shapely.get_coordinates(ring) * UNITS).astype(np.int64)
    x, y = (at - at[0]).astype(object).T  # Python integers: nothing overflows
    return int(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))
