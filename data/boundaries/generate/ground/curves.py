"""Lines that look as if nobody had drawn them with a ruler."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import LineString

from data.boundaries.generate.lattice import Floats

Points = Sequence[tuple[float, float]]

WAVES = ((900.0, 0.8), (380.0, 0.55), (150.0, 0.3))
"""Wavelengths of the wiggle in metres, and their weights."""
CALM = 150.0
"""Metres over which the wiggle dies down towards the two ends."""
LOOSE = 90.0
"""Metres within which a loose end is led onto another line."""
OVERSHOOT = 2.0
"""Metres that such an end goes too far: one that only touches may miss by a rounding error."""


def line(points: Points, step: float, *, amplitude: float, rng: np.random.Generator) -> LineString:
    """Return a wiggled curve through ``points``, with a vertex about every ``step`` metres."""
    return LineString(wiggle(curve(np.asarray(points, float), step), amplitude, rng=rng))


def loop(points: Points, step: float, *, amplitude: float, rng: np.random.Generator) -> LineString:
    """Return the same as a closed ring."""
    ring = curve(np.asarray(points, float), step, closed=True)
    return LineString(wiggle(ring, amplitude, rng=rng))


def curve(points: Floats, step: float, *, closed: bool = False) -> Floats:
    """Return a Catmull-Rom curve through ``points`` (n, 2), its points about ``step`` apart.

    A closed curve returns to its first point.
    """
    if closed:
        padded = np.vstack([points[-1:], points, points[:2]])
    else:
        before, after = 2 * points[0] - points[1], 2 * points[-1] - points[-2]
        padded = np.vstack([before, points, after])
    t = np.linspace(0, 1, 24, endpoint=False)[:, None]
    spans = [
        b
        + 0.5 * t * (c - a)
        + t**2 * (a - 2.5 * b + 2 * c - 0.5 * d)
        + t**3 * (1.5 * (b - c) + 0.5 * (d - a))
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    dense = LineString(np.vstack([*spans, padded[-2:-1]]))
    count = max(2, round(dense.length / step))
    along = np.linspace(0, dense.length, count + 1)
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(dense, along)))


def wiggle(xy: Floats, amplitude: float, *, rng: np.random.Generator) -> Floats:
    """Move the points of a line sideways by smooth noise; the two ends stay put.

    ``amplitude`` is about the standard deviation, in metres.
    """
    if amplitude == 0:
        return xy
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    noise = np.zeros(len(xy))
    for wavelength, weight in WAVES:
        first, second = rng.uniform(0, 2 * np.pi, 2)
        noise += weight * np.sin(2 * np.pi * along / wavelength + first)
        noise += 0.4 * weight * np.sin(3.7 * np.pi * along / wavelength + second)
    noise *= np.minimum(1.0, np.minimum(along, along[-1] - along) / CALM)
    tangent = np.gradient(xy, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.hypot(*tangent.T)[:, None]
    return np.asarray(xy + amplitude * noise[:, None] * normal)


def joined(lines: Sequence[LineString]) -> list[LineString]:
    """Return the lines with each loose end led onto the nearest of the others.

    Wiggle moves junctions some metres apart.
    """
    found = []
    for number, one in enumerate(lines):
        others = shapely.union_all([*lines[:number], *lines[number + 1 :]])
        xy = shapely.get_coordinates(one)
        for _ in range(2):  # the one end, then the other
            xy = xy[::-1]
            shortest = shapely.shortest_line(shapely.Point(xy[-1]), others)
            there = shapely.get_coordinates(shortest)[1]
            gap = float(np.hypot(*(there - xy[-1])))
            if 0 < gap < LOOSE:
                xy = np.vstack([xy, there + OVERSHOOT * (there - xy[-1]) / gap])
        found.append(LineString(xy))
    return found
