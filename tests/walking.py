"""A made-up town, made-up walkers, and an oracle: exact geometry, slow and independent."""

from collections.abc import Sequence

import numpy as np
import pyproj
import shapely
from shapely import Polygon

from gis.patrols.tracks import Fixes, Track

LON, LAT = 117.45, 32.89
MIDNIGHT = 1_789_920_000  # 2026-09-21, a Monday, in China


def town(
    columns: int, rows: int, *, side: float = 300.0, lat: float = LAT, seed: int = 7
) -> list[Polygon]:
    """Return cells that share their corners: squares of ``side`` metres, bent."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0))
    corner = np.stack([x, y], axis=2) + rng.uniform(-0.3, 0.3, (rows + 1, columns + 1, 2))
    corner = np.round(corner * side * _degrees(lat) + [LON, lat], 8)
    return [
        Polygon([corner[r, c], corner[r, c + 1], corner[r + 1, c + 1], corner[r + 1, c]])
        for r in range(rows)
        for c in range(columns)
    ]


def walk(
    cell: Polygon,
    *,
    fixes: int = 300,
    every: int = 10,
    start: int = MIDNIGHT + 8 * 3600,
    seed: int = 1,
) -> Fixes:
    """Return a walk between places in and around a cell: stops, noise, some wild fixes."""
    rng = np.random.default_rng(seed)
    lat = cell.centroid.y
    west, south, east, north = cell.bounds
    stops = rng.uniform([west, south], [east, north], (fixes // 10 + 2, 2))
    legs = np.hypot(*(np.diff(stops, axis=0) / _degrees(lat)).T)
    arrive = np.concatenate([[0], np.cumsum(legs / 1.2)])
    wait = np.cumsum(rng.choice([0.0, 0.0, 240.0], stops.shape[0]))
    knots = np.column_stack([arrive + np.append(0, wait[:-1]), arrive + wait]).ravel()
    t = np.arange(fixes) * every
    lon, lat_ = (np.interp(t, knots, np.repeat(stops[:, k], 2)) for k in (0, 1))
    noise = rng.normal(0, 3, (fixes, 2)) * _degrees(lat)
    wild = rng.random(fixes) < 0.005
    noise[wild] *= 150
    accuracy = np.where(rng.random(fixes) < 0.01, 80.0, rng.uniform(3, 20, fixes))
    return Fixes.of(
        (start + t).astype(np.int64),
        np.round(lon + noise[:, 0], 8),
        np.round(lat_ + noise[:, 1], 8),
        accuracy=accuracy,
    )


def line(points: Sequence[tuple[float, float]], *, every: int = 10, start: int = 0) -> Fixes:
    """Return fixes at points given in metres east and north of (LON, LAT)."""
    at = np.array(points, float).reshape(-1, 2) * _degrees(LAT) + [LON, LAT]
    begin = start or MIDNIGHT + 8 * 3600
    return Fixes.of(begin + np.arange(len(points)) * every, at[:, 0], at[:, 1])


def square(west: float, south: float, side: float, height: float | None = None) -> Polygon:
    """Return a rectangle given in metres east and north of (LON, LAT)."""
    corners = np.array([[west, south], [west + side, south + (height or side)]])
    (w, s), (e, n) = np.round(corners * _degrees(LAT) + [LON, LAT], 8)
    return shapely.box(w, s, e, n)


def covered_share(
    track: Track, cells: Sequence[Polygon], *, radius: float = 25.0
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the share of each cell within ``radius`` metres of the track; (n,).

    Buffers and areas in a transverse Mercator around the first cell, whose scale is
    within 1e-6 of true over ten kilometres. A long track is buffered in parts.
    """
    middle = cells[0].centroid
    to_metres = pyproj.Transformer.from_crs(
        4326, f"+proj=tmerc +lat_0={middle.y} +lon_0={middle.x} +ellps=WGS84", always_xy=True
    ).transform
    xy = np.column_stack(to_metres(track.lon, track.lat))
    near = [
        shapely.buffer(shapely.linestrings(xy[i : i + 2]), radius, quad_segs=32)
        for i in track.steps.tolist()
    ]
    covered = shapely.union_all(near)
    flat = shapely.transform(
        np.asarray(cells, dtype=object), lambda a: np.column_stack(to_metres(*a.T))
    )
    return shapely.area(shapely.intersection(flat, covered)) / shapely.area(flat)


def _degrees(lat: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the degrees of a metre east and a metre north; the WGS-84 series."""
    phi = np.radians(lat)
    east = 111_412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi) + 0.118 * np.cos(5 * phi)
    north = 111_132.95 - 559.82 * np.cos(2 * phi) + 1.175 * np.cos(4 * phi)
    return np.array([1 / east, 1 / north])
