"""Datums of Chinese maps: WGS-84, CGCS2000, GCJ-02 (AMap, Tencent), BD-09 (Baidu).

GCJ-02 shifts coordinates inside China by 300 to 700 m, and metadata never says
so. The inverse here repeats the public formula until it meets the given point;
the common one-step inverse stays 1.7 to 2.8 m off.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

# Krasovsky 1940, as the public GCJ-02 formula has it.
_A = 6378245.0
_E2 = 0.00669342162296594323
_BAIDU = np.pi * 3000.0 / 180.0
_ROUNDS = 30
_CLOSE = 1e-12  # degrees: a ten-thousandth of a millimetre


class Datum(StrEnum):
    """What a file's coordinates refer to."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"  # differs from WGS-84 by centimetres: taken as the same
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(lonlat: Array, datum: Datum) -> Array:
    """Return coordinates in WGS-84.

    Parameters
    ----------
    lonlat
        Shape (n, 2): degrees of longitude and latitude in ``datum``. May be empty.

    Returns
    -------
    Shape (n, 2). Points outside China, where GCJ-02 equals WGS-84, are unchanged.
    The error is below 1e-6 m.
    """
    if datum is Datum.GCJ02:
        return _inverse(lonlat, to_gcj02)
    if datum is Datum.BD09:
        return _inverse(lonlat, to_bd09)
    return lonlat


def to_gcj02(lonlat: Array) -> Array:
    """Return WGS-84 coordinates, shape (n, 2), in GCJ-02 (the public formula)."""
    lon, lat = lonlat.T
    inside = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)  # noqa: PLR2004
    dx, dy = _shift_m(lon - 105.0, lat - 35.0)
    phi = np.radians(lat)
    m = 1 - _E2 * np.sin(phi) ** 2
    dlon = np.degrees(dx / (_A / np.sqrt(m) * np.cos(phi)))
    dlat = np.degrees(dy / (_A * (1 - _E2) / m**1.5))
    return np.column_stack([lon + np.where(inside, dlon, 0), lat + np.where(inside, dlat, 0)])


def to_bd09(lonlat: Array) -> Array:
    """Return WGS-84 coordinates, shape (n, 2), in BD-09 (GCJ-02, shifted by Baidu again)."""
    lon, lat = to_gcj02(lonlat).T
    reach = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU)
    return np.column_stack([reach * np.cos(angle) + 0.0065, reach * np.sin(angle) + 0.006])


def _inverse(target: Array, forward: Callable[[Array], Array]) -> Array:
    found = 2 * target - forward(target)
    for _ in range(_ROUNDS):
        miss = target - forward(found)
        found = found + miss
        if not np.any(np.abs(miss) > _CLOSE):
            break
    return found


def _shift_m(x: Array, y: Array) -> tuple[Array, Array]:
    """Return the shift of GCJ-02 in its own metres; x, y: degrees from 105 E, 35 N."""
    root = np.sqrt(np.abs(x))
    both = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    east = (
        (300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root)
        + both
        + (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
        + (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    )
    north = (
        (-100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root)
        + both
        + (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
        + (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    )
    return east, north
