"""Metres on the ground, and the lattice that every border lies on.

The land is drawn in metres, x east and y north of ORIGIN. What becomes a cell lies on the
lattice: whole numbers of 1e-8 degree, counted from ORIGIN and held in float64, where they are
exact far beyond the sizes here.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[Any]

ORIGIN = (11_745_350_000, 3_289_200_000)
"""117.4535 E, 32.8920 N in lattice units."""

PER_DEGREE = 10**8

_LATITUDE = np.radians(ORIGIN[1] / PER_DEGREE)
_METRES_PER_DEGREE = np.array(
    [
        # Arc lengths of the WGS 84 ellipsoid at the origin's latitude: parallel, meridian.
        np.radians(1) * 6_378_137 * np.cos(_LATITUDE)
        / np.sqrt(1 - 0.006_694_38 * np.sin(_LATITUDE) ** 2),
        111_132.954 - 559.822 * np.cos(2 * _LATITUDE) + 1.175 * np.cos(4 * _LATITUDE),
    ]
)  # fmt: skip
METRES_PER_UNIT = _METRES_PER_DEGREE / PER_DEGREE


def to_lattice(drawn: Any) -> Any:
    """Return geometry in metres on the lattice, each coordinate rounded."""
    return shapely.transform(drawn, lambda xy: np.rint(xy / METRES_PER_UNIT))


def to_metres(lattice: Any) -> Any:
    """Return lattice geometry in metres."""
    return shapely.transform(lattice, lambda xy: xy * METRES_PER_UNIT)


def to_degrees(lattice: Any) -> Any:
    """Return lattice geometry in EPSG:4326.

    ``integer / 10**8`` is the double nearest to the decimal, so eight decimals lose nothing;
    ``integer * 1e-8`` is not.
    """
    return shapely.transform(lattice, lambda xy: (np.rint(xy) + ORIGIN) / PER_DEGREE)


def from_degrees(degrees: Any) -> Any:
    """Return EPSG:4326 geometry on the lattice; ValueError if a coordinate lies off it."""

    def units(xy: Floats) -> Floats:
        found = np.rint(xy * PER_DEGREE)
        if not np.array_equal(found / PER_DEGREE, xy):
            raise ValueError("a coordinate is not a multiple of 1e-8 degree")
        return found - ORIGIN

    return shapely.transform(degrees, units)


def lonlat(xy: Floats) -> Floats:
    """Return points (n, 2) in metres as longitude and latitude, rounded to 6 decimals."""
    return np.asarray(np.round(xy / _METRES_PER_DEGREE + np.array(ORIGIN) / PER_DEGREE, 6))


def metres(degrees: Floats) -> Floats:
    """Return longitude and latitude (n, 2) as points in metres."""
    return np.asarray((degrees - np.array(ORIGIN) / PER_DEGREE) * _METRES_PER_DEGREE)


def doubled_area(polygon: Polygon) -> int:
    """Return twice the area of a lattice polygon, exactly; holes are taken off."""

    def ring(line: Any) -> int:
        points = [(int(x), int(y)) for x, y in line.coords]
        return abs(sum(ax * by - ay * bx for (ax, ay), (bx, by) in pairwise(points)))

    return ring(polygon.exterior) - sum(ring(hole) for hole in polygon.interiors)
