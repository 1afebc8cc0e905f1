"""From tracks to ground: what was covered, for how long, how often.

*Covered* is a disc of 25 m moved along the track; *effort* belongs to the ground
cells under the track itself. Both are exact for straight steps between fixes, up
to the size of a ground cell. One person-day at a time is fastest: the temporaries
of larger batches leave the processor's cache.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from shapely import MultiPolygon, Polygon

from gis.patrols import ground
from gis.patrols.ground import WORLD, Bools, Floats, Ints, Tiles
from gis.patrols.masks import crossings
from gis.patrols.tracks import Track, step_lengths

RADIUS = 25.0
"""Metres; baked into every stored bitmap, so a change means a rebuild."""
NEW_PASS = 120
"""Seconds away from a place after which coming back is another pass."""
LINES = 500
"""How many lines at least :func:`covered_share` lays through a shape."""

_Intervals: TypeAlias = Sequence[npt.NDArray[np.number]]
"""Lines, and the left and right of an interval on each; shapes (n,)."""

# Columns may leave the map at the antimeridian; this keeps them positive.
_MARGIN = WORLD // 2


@dataclass(frozen=True, slots=True)
class Steps:
    """Straight ways between two fixes, in grid coordinates; all shapes (n,)."""

    x: Floats
    y: Floats
    dx: Floats
    """The shorter way round the world."""
    dy: Floats

    @classmethod
    def of(cls, track: Track) -> "Steps":
        """Return every step of a track."""
        return cls.between(*ground.to_grid(track.lon, track.lat), track.steps)

    @classmethod
    def between(cls, x: Floats, y: Floats, i: Ints) -> "Steps":
        """Return the steps from point i to point i + 1."""
        dx = x[i + 1] - x[i]
        return cls(x[i], y[i], dx - np.round(dx / WORLD) * WORLD, y[i + 1] - y[i])

    def __getitem__(self, index: Bools) -> "Steps":
        """Return some of the steps."""
        return Steps(self.x[index], self.y[index], self.dx[index], self.dy[index])


@dataclass(frozen=True, slots=True)
class Pieces:
    """Parts of steps, each within one ground cell; all shapes (n,)."""

    group: Ints
    cell: Ints
    """:func:`ground.ground_cell`."""
    enter: Ints
    """Epoch seconds."""
    leave: Ints
    """Epoch seconds; the sum of ``leave - enter`` is the time of the track."""
    metres: Floats


@dataclass(frozen=True, slots=True)
class Effort:
    """Work of one group at one place (a ground cell or a grid cell); all shapes (n,)."""

    group: Ints
    place: Ints
    seconds: Ints
    inner_seconds: Ints
    """Of these, the seconds that count for anyone: see :func:`effort`."""
    metres: Floats
    passes: Ints
    first: Ints
    """Epoch seconds."""
    last: Ints


def cover(track: Track, *, radius: float = RADIUS) -> Tiles:
    """Return the ground cells whose centre lies within ``radius`` of the track.

    Each step covers a capsule; a capsule is convex, so it meets a row of centres
    in one interval. All steps' intervals are found at once, merged, and turned
    into bitmaps: no ground cell is tested one by one.

    Parameters
    ----------
    radius
        Metres on the ground.

    Returns
    -------
    Tiles
        One row a group and zoom-16 tile; empty for an empty track.
    """
    step, row, left, right = _strips(Steps.of(track), radius=radius)
    start, stop = np.ceil(left - 0.5), np.floor(right - 0.5) + 1
    hit = stop > start
    return ground.fill_spans(
        *_merge(
            track.group[track.steps][step][hit],
            row[hit],
            start[hit].astype(np.int64),
            stop[hit].astype(np.int64),
        )
    )


def covered_share(steps: Steps, shape: Polygon | MultiPolygon, *, radius: float = RADIUS) -> float:
    """Return the share of a small shape that lies within ``radius`` of the steps.

    Some 500 lines from west to east are laid through the shape; on each, what lies
    both in the shape and in any capsule is measured exactly. Only edges that run
    along the lines are rounded, to a thousandth of the shape's height.

    Parameters
    ----------
    shape
        EPSG:4326; the radius is right in a shape of some ten hectares.

    Returns
    -------
    float
        0 to 1; 0 for no steps.
    """
    _, y = ground.to_grid(*np.array(shape.bounds).reshape(2, 2).T)
    fine = int(LINES / max(y[0] - y[1], 1 / LINES)) + 1
    _, line, x = crossings([shape], fine=fine)
    left, right = x.reshape(-1, 2).T
    total = float((right - left).sum())
    if not total:
        return 0.0
    near = steps[_near(steps, line / fine, x, radius=radius)]
    lines = int(line[0]), int(line[-1])
    _, *covered = _strips(near, radius=radius, fine=fine, lines=lines)
    return _common_length((line[::2], left, right), covered) / total


def pieces(track: Track) -> Pieces:
    """Cut every step where it crosses ground cells' borders and share out its time.

    Times are rounded at the borders, and each border serves both its sides: the
    seconds of the pieces add up to those of the track, exactly. A step on the
    spot is one piece, so standing still counts.
    """
    i = track.steps
    steps = Steps.of(track)

    # Where along the step (0 … 1) it crosses columns and rows.
    sx, fx = _fractions(steps.x, steps.dx)
    sy, fy = _fractions(steps.y, steps.dy)
    step = np.concatenate([np.arange(i.size), sx, sy])
    begin = np.concatenate([np.zeros(i.size), fx, fy])
    order = np.lexsort((begin, step))
    step, begin = step[order], begin[order]
    end = np.ones(step.size)
    end[:-1] = np.where(step[1:] == step[:-1], begin[1:], 1.0)

    real = end > begin  # a crossing at a corner leaves an empty piece
    step, begin, end = step[real], begin[real], end[real]
    middle = (begin + end) / 2
    column = np.floor(steps.x[step] + middle * steps.dx[step]).astype(np.int64)
    row = np.floor(steps.y[step] + middle * steps.dy[step]).astype(np.int64)

    t = track.t[i]
    dt = (track.t[i + 1] - t)[step]
    length = step_lengths(track.lon, track.lat)[i]
    return Pieces(
        group=track.group[i][step],
        cell=ground.ground_cell(column, row),
        enter=t[step] + np.floor(begin * dt + 0.5).astype(np.int64),
        leave=t[step] + np.floor(end * dt + 0.5).astype(np.int64),
        metres=(end - begin) * length[step],
    )


def effort(pieces: Pieces, place: Ints, inner: Bools | None = None) -> Effort:
    """Sum the pieces of each group at each place.

    Parameters
    ----------
    place
        Where each piece counts: ``pieces.cell`` for ground cells, or the grid cell
        that owns the ground; shape (n,), not negative.
    inner
        Whether the piece counts for somebody who does not hold the place; shape
        (n,). None: every piece.

    Returns
    -------
    Effort
        Ordered by group and place. Coming back within 120 s is the same pass:
        otherwise a walker along a border would pass at every jitter.
    """
    order = np.lexsort((pieces.enter, place, pieces.group))
    group, place = pieces.group[order], place[order]
    enter, leave = pieces.enter[order], pieces.leave[order]
    seconds = leave - enter
    counts = seconds if inner is None else np.where(inner[order], seconds, 0)
    new = np.ones(order.size, bool)
    new[1:] = (group[1:] != group[:-1]) | (place[1:] != place[:-1])
    again = new.copy()
    again[1:] |= enter[1:] - leave[:-1] > NEW_PASS
    at = np.flatnonzero(new)
    if not at.size:
        none = np.zeros(0, np.int64)
        return Effort(none, none, none, none, np.zeros(0), none, none, none)
    return Effort(
        group=group[at],
        place=place[at],
        seconds=np.add.reduceat(seconds, at),
        inner_seconds=np.add.reduceat(counts, at),
        metres=np.add.reduceat(pieces.metres[order], at),
        passes=np.add.reduceat(again.astype(np.int64), at),
        first=enter[at],
        last=np.maximum.reduceat(leave, at),
    )


def _strips(
    steps: Steps, *, radius: float, fine: int = 1, lines: tuple[int, int] = (0, WORLD - 1)
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return step, line, left and right of each line's part inside a capsule.

    Lines run ``fine`` to a ground cell, through the middles of their rows; those
    from the first to the last of ``lines`` are looked at. Left and right are grid
    columns; a line that only just misses the capsule has NaN.
    """
    s = steps
    rx, ry = ground.radius_in_cells(s.y + s.dy / 2, radius)
    top = np.ceil((np.minimum(s.y, s.y + s.dy) - ry) * fine - 0.5).astype(np.int64)
    bottom = np.floor((np.maximum(s.y, s.y + s.dy) + ry) * fine - 0.5).astype(np.int64)
    top, bottom = np.maximum(top, lines[0]), np.minimum(bottom, lines[1])
    step, k = ground.ranges(np.maximum(bottom - top + 1, 0))
    line = top[step] + k
    # Distances in radii from here on, along the line relative to the step's start.
    left, right = _capsule_on_line(
        ((line + 0.5) / fine - s.y[step]) / ry[step], (s.dx / rx)[step], (s.dy / ry)[step]
    )
    return step, line, s.x[step] + left * rx[step], s.x[step] + right * rx[step]


def _capsule_on_line(v: Floats, du: Floats, dv: Floats) -> tuple[Floats, Floats]:
    """Return the ends of a line's interval inside a capsule of radius 1.

    The capsule's axis runs from (0, 0) to (du, dv), the line lies at height v.
    The disc that reaches farthest left is the one whose tangent there runs along
    the axis, or the nearest disc that meets the line at all. NaN: a miss.
    """
    dv = np.where(dv == 0.0, 1e-9, dv)  # 25 nm; spares every division by zero
    up = np.sign(dv)
    slope = du / np.hypot(du, dv)
    low = np.maximum((v - up) / dv, 0.0)
    high = np.minimum((v + up) / dv, 1.0)

    def reach(offset: Floats, side: float) -> Floats:
        s = np.minimum(np.maximum((v - offset) / dv, low), high)
        chord = np.sqrt(np.maximum(1.0 - (v - s * dv) ** 2, 0.0))
        return np.where(low <= high, s * du + side * chord, np.nan)

    return reach(up * slope, -1.0), reach(-up * slope, 1.0)


def _merge(group: Ints, row: Ints, start: Ints, stop: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the union of spans as disjoint spans, ordered.

    Starts and stops become one sorted list of integers: group, row, column and in
    the last bit the kind. Counting through it, a span of the union opens at depth
    1 and closes at depth 0.
    """
    base = group << 46 | row << 24
    event = np.sort(
        np.concatenate([base | (start + _MARGIN) << 1, base | (stop + _MARGIN) << 1 | 1])
    )
    closes = event & 1
    depth = np.cumsum(1 - 2 * closes)
    opened = event[(closes == 0) & (depth == 1)]
    closed = event[(closes == 1) & (depth == 0)]
    column = (1 << 23) - 1
    return (
        opened >> 46,
        opened >> 24 & (WORLD - 1),
        (opened >> 1 & column) - _MARGIN,
        (closed >> 1 & column) - _MARGIN,
    )


def _near(steps: Steps, y: Floats, x: Floats, *, radius: float) -> Bools:
    """Tell which steps may come within ``radius`` of the box around some points."""
    rx, ry = ground.radius_in_cells(steps.y, 2 * radius)
    near: Bools = (
        (np.maximum(steps.x, steps.x + steps.dx) + rx >= x.min())
        & (np.minimum(steps.x, steps.x + steps.dx) - rx <= x.max())
        & (np.maximum(steps.y, steps.y + steps.dy) + ry >= y.min())
        & (np.minimum(steps.y, steps.y + steps.dy) - ry <= y.max())
    )
    return near


def _common_length(inside: _Intervals, covered: _Intervals) -> float:
    """Return how much of the intervals ``inside`` is also ``covered`` by any other.

    Both are lines with a left and a right each. Counting from left to right along
    each line, a stretch is common where both have more opened than closed.
    """
    line, left, right = (np.concatenate(both) for both in zip(inside, covered, strict=True))
    ours = np.arange(line.size) < inside[0].size
    hit = right > left  # false for NaN
    line, ours, turn = np.tile(line[hit], 2), np.tile(ours[hit], 2), np.repeat([1, -1], hit.sum())
    x = np.concatenate([left[hit], right[hit]])
    order = np.lexsort((x, line))
    turn, ours = turn[order], ours[order]
    common = (np.cumsum(turn * ours) > 0) & (np.cumsum(turn * ~ours) > 0)
    return float(np.diff(x[order])[common[:-1]].sum())


def _fractions(origin: Floats, delta: Floats) -> tuple[Ints, Floats]:
    """Return step number and fraction (0 … 1) at each whole number crossed."""
    first, last = np.floor(origin), np.floor(origin + delta)
    step, k = ground.ranges(np.abs(last - first).astype(np.int64))
    line = np.where(delta[step] > 0, first[step] + 1 + k, first[step] - k)
    fraction = (line - origin[step]) / delta[step]
    return step, np.clip(fraction, 0.0, 1.0)
