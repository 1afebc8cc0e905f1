"""Metres on the WGS-84 ellipsoid: areas, and a plane for distances in a small territory."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

GEOD = Geod(ellps="WGS84")
E2 = GEOD.es


def area_m2(shape: BaseGeometry) -> float:
    """Return the area on the ellipsoid of a polygon or multipolygon in degrees."""
    return abs(float(GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0]))


def degree_m(lat: float) -> tuple[float, float]:
    """Return the metres in a degree of longitude and of latitude, at a latitude."""
    phi = np.radians(lat)
    m = 1 - E2 * np.sin(phi) ** 2
    east = GEOD.a / np.sqrt(m) * np.cos(phi)
    north = GEOD.a * (1 - E2) / m**1.5
    return float(np.radians(east)), float(np.radians(north))


@dataclass(frozen=True, slots=True)
class Plane:
    """Metres east and north of a point: a mere stretching of degrees.

    Straight lines stay straight, and a round trip gives the same multiple of
    1e-8 degree. Distances are right to one in a thousand within 10 km.
    """

    lon: float
    lat: float

    @classmethod
    def around(cls, shapes: ArrayLike) -> "Plane":
        """Return the plane about the middle of one shape or several, none of them empty."""
        west, south, east, north = shapely.total_bounds(shapes)
        return cls(float(west + east) / 2, float(south + north) / 2)

    def metres(self, shapes: Any) -> Any:
        """Return geometry in metres from geometry in degrees."""
        return shapely.transform(shapes, lambda at: (at - (self.lon, self.lat)) * self._scale)

    def degrees(self, shapes: Any) -> Any:
        """Return geometry in degrees from geometry in metres."""
        return shapely.transform(shapes, lambda at: at / self._scale + (self.lon, self.lat))

    @property
    def _scale(self) -> tuple[float, float]:
        return degree_m(self.lat)
