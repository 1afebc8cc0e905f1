"""Which cell a point lies in, how far its border is, and what makes the answer doubtful."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from sqlalchemy import Connection

from gis import times
from gis.cells import store
from gis.cells.metres import E2, GEOD
from gis.cells.model import CellShape
from gis.deployment import get_deployment
from gis.hierarchy import Cell, Code, Level

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MEANT_M = 1.0
"""Taken for the accuracy of a point that has none."""
HIGHEST = 89.999999
"""Degrees of latitude: the poles themselves have no place in Mercator."""
SHARED_BY = 30
"""Rows at one identical coordinate from which on it looks like a placeholder."""

_LONG_DEGREES = 0.01  # a straight border in degrees is curved in Mercator: 1 cm in a kilometre
_STEPS = 8  # of a border in one piece of the index: measured to be fastest
_AT_BORDER_M = 0.01  # farther than this, no point is on a border


@dataclass(frozen=True, slots=True)
class Located:
    """Points among the cells of one level; one entry a point, in the order given.

    Attributes
    ----------
    code
        The cell; the lowest code of several, empty outside of all.
    border_m
        Metres to the nearest border of any cell of the level; NaN without cells.
    outside
        In no cell.
    overlap
        In two cells at once.
    on_border
        Exactly on a border.
    near_border
        The circle of its accuracy touches a cell other than ``code``.
    shared_coordinate
        At a coordinate that ``SHARED_BY`` rows or more share.
    """

    code: NDArray[np.str_]
    border_m: Floats
    outside: Bools
    overlap: Bools
    on_border: Bools
    near_border: Bools
    shared_coordinate: Bools

    def notes(self, row: int) -> tuple[str, ...]:
        """Return the remarks on one point, as contracts.md words them."""
        return tuple(name for name in _NOTES if getattr(self, name)[row])

    def columns(self) -> dict[str, list[str]]:
        """Return code and metres to the border as columns of a table."""
        metres = ["" if np.isnan(m) else f"{m:.1f}" for m in self.border_m.tolist()]
        return {"cell": self.code.tolist(), "border_m": metres}


_NOTES = ("outside", "overlap", "on_border", "near_border", "shared_coordinate")


@dataclass(frozen=True, slots=True)
class Here:
    """One point among the cells of every level.

    Attributes
    ----------
    cells
        The lowest cell that holds the point, and those above it; empty outside.
    border_m
        Metres to the nearest border of the lowest level, to 0.1 m; None without cells.
    notes
        Remarks, at the lowest level.
    """

    cells: Mapping[Level, Code]
    border_m: float | None
    notes: tuple[str, ...]


def locate_points(
    shapes: Sequence[CellShape],
    lon: ArrayLike,
    lat: ArrayLike,
    *,
    accuracy: ArrayLike | None = None,
) -> Located:
    """Find the cell of each point.

    Parameters
    ----------
    shapes
        The cells of one level; may be empty.
    lon, lat
        Finite degrees in EPSG:4326, shape (n,); n may be 0.
    accuracy
        Metres, shape (n,); NaN, or None for all: not known.
    """
    shapes = sorted(shapes, key=lambda shape: shape.code)
    ground = np.array([shape.geom for shape in shapes], dtype=object)
    north = np.clip(np.asarray(lat, np.float64), -HIGHEST, HIGHEST)
    at = np.column_stack([np.asarray(lon, np.float64), north])
    radius = np.full(len(at), np.nan) if accuracy is None else np.asarray(accuracy, np.float64)
    radius = np.where(np.isnan(radius), MEANT_M, radius)
    points = shapely.points(at)
    point, cell = shapely.STRtree(ground).query(points, predicate="intersects")
    hits = np.bincount(point, minlength=len(at))
    first = np.full(len(at), len(shapes))
    np.minimum.at(first, point, cell)
    border = _border_m(ground, at)
    close = border[point] <= _AT_BORDER_M
    touching = np.zeros(len(point), dtype=bool)
    touching[close] = shapely.touches(ground[cell[close]], points[point[close]])
    on_border = np.zeros(len(at), dtype=bool)
    on_border[point[touching]] = True
    codes = np.array([*(shape.code for shape in shapes), ""])
    return Located(
        code=codes[first],
        border_m=border,
        outside=hits == 0,
        overlap=np.bincount(point[~touching], minlength=len(at)) > 1,
        on_border=on_border,
        near_border=_near_other(ground, at, first, radius, (border <= radius) | (hits > 1)),
        shared_coordinate=_shared(at),
    )


def locate(
    conn: Connection,
    lon: float,
    lat: float,
    *,
    accuracy_m: float | None = None,
    day: date | None = None,
) -> Here:
    """Find the cells of one point at every level, in force on a day (None: today).

    Parameters
    ----------
    lon, lat
        Degrees in EPSG:4326.
    accuracy_m
        Of the point; None: not known.
    """
    on = day or times.today(get_deployment(conn).zone)
    holding = store.codes_at(conn, lon, lat, day=on)
    level = holding[0].level if holding else store.lowest_level(conn, on)
    if level is None:
        return Here({}, None, ("outside",))
    accuracy = None if accuracy_m is None else [accuracy_m]
    nearest = (
        store.cell_named(conn, holding[0].code, on)
        if holding
        else store.nearest_cell(conn, lon, lat, level=level, day=on)
    )
    found = locate_points([nearest], [lon], [lat], accuracy=accuracy)
    # Any border that is nearer yet belongs to a cell within this reach.
    reach = max(float(found.border_m[0]), MEANT_M if accuracy_m is None else accuracy_m)
    around = store.cells_near(conn, lon, lat, level=level, reach_m=reach, day=on)
    found = locate_points(around, [lon], [lat], accuracy=accuracy)
    return Here(
        {c.level: c.code for c in _upwards(str(found.code[0]), holding)},
        round(float(found.border_m[0]), 1),
        found.notes(0),
    )


def _upwards(code: Code, cells: Sequence[Cell]) -> Iterator[Cell]:
    """Yield a cell and those above it."""
    known = {cell.code: cell for cell in cells}
    step = known.get(code)
    while step is not None:
        yield step
        step = known.get(step.parent or "")


def _border_m(ground: NDArray[np.object_], at: Floats) -> Floats:
    """Return metres from each point to the nearest border; NaN where there is no cell."""
    if not len(ground) or not len(at):
        return np.full(len(at), np.nan)
    pieces = _pieces(shapely.segmentize(shapely.boundary(ground), _LONG_DEGREES))
    points = shapely.points(_mercator(at))
    _, nearest = shapely.STRtree(pieces).query_nearest(points, all_matches=False)
    ends = shapely.get_coordinates(shapely.shortest_line(points, pieces[nearest]))
    east, north = (ends[1::2] - ends[::2]).T
    half_way = at[:, 1] + np.degrees(north * _scale(at[:, 1]) / GEOD.a) / 2
    return np.asarray(np.hypot(east, north) * _scale(half_way))


def _pieces(borders: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the borders in Mercator, cut into lines of a few steps."""
    lines = []
    for ring in shapely.get_parts(borders):
        steps = _mercator(shapely.get_coordinates(ring))
        lines += [
            shapely.LineString(steps[i : i + _STEPS + 1]) for i in range(0, len(steps) - 1, _STEPS)
        ]
    return np.array(lines, dtype=object)


def _near_other(
    ground: NDArray[np.object_],
    at: Floats,
    own: NDArray[np.int64],
    radius: Floats,
    may: Bools,
) -> Bools:
    """Tell whose circle touches a cell that is not ``own``; only where it ``may``."""
    near = np.zeros(len(at), dtype=bool)
    rows = np.flatnonzero(may)
    if len(rows):
        tree = shapely.STRtree(shapely.transform(ground, _mercator))
        units = radius[rows] / _scale(at[rows, 1])
        points = shapely.points(_mercator(at[rows]))
        which, cell = tree.query(points, predicate="dwithin", distance=units)
        near[rows[which[cell != own[rows[which]]]]] = True
    return near


def _shared(at: Floats) -> Bools:
    if not len(at):
        return np.zeros(0, dtype=bool)
    _, which, count = np.unique(at[:, 0] + 1j * at[:, 1], return_inverse=True, return_counts=True)
    return np.asarray(count[which] >= SHARED_BY)


def _mercator(degrees: Floats) -> Floats:
    """Return degrees (n, 2) on the ellipsoid's Mercator plane: angles stay, so nearest stays."""
    lon, lat = degrees.T
    sine, e = np.sin(np.radians(lat)), np.sqrt(E2)
    north = np.arctanh(sine) - e * np.arctanh(e * sine)
    return GEOD.a * np.column_stack([np.radians(lon), north])


def _scale(lat: Floats) -> Floats:
    """Return the metres in a unit of the Mercator plane at a latitude."""
    sine = np.sin(np.radians(lat))
    return np.asarray(np.sqrt((1 - sine**2) / (1 - E2 * sine**2)))
