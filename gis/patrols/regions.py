"""Connected pieces of ground, out of bitmaps."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from gis.patrols import ground
from gis.patrols.ground import SIDE, WORLD, Ints, Tiles

_COLUMN = (1 << 23) - 1


@dataclass(frozen=True, slots=True)
class Region:
    """A connected piece of one group's ground.

    Attributes
    ----------
    polygon
        EPSG:4326, along the edges of ground cells, without corners on its straight sides.
    cells
        Its ground cells; shape (n,).
    """

    group: int
    area_m2: float
    polygon: Polygon
    cells: Ints


def connected(tiles: Tiles, *, min_area: float) -> list[Region]:
    """Return the connected pieces of each group's ground, the largest first.

    Pieces that touch at a corner only are two. Those under ``min_area`` m² are
    left out.
    """
    ids, dense = np.unique(tiles.group, return_inverse=True)
    group, row, start, stop = _runs(Tiles(dense, tiles.tile, tiles.bits))
    part = _components(group, row, start, stop)
    area = (stop - start) * ground.ground_cell_m2(row // SIDE)
    total = np.bincount(part, area, minlength=part.size)
    large = np.flatnonzero(total[part] >= min_area)
    large = large[np.argsort(part[large], kind="stable")]
    if not large.size:
        return []
    heads, part = np.unique(part[large], return_inverse=True)
    row, start, stop = row[large], start[large], stop[large]
    shapes = outlines(part, row, start, stop)
    which, offset = ground.ranges(stop - start)
    cells = ground.ground_cell(start[which] + offset, row[which])
    cuts = np.flatnonzero(np.diff(part[which])) + 1
    found = [
        Region(int(ids[group[head]]), float(total[head]), shape, own)
        for head, shape, own in zip(heads.tolist(), shapes, np.split(cells, cuts), strict=True)
    ]
    return sorted(found, key=lambda region: -region.area_m2)


def outlines(part: Ints, row: Ints, start: Ints, stop: Ints) -> list[Polygon]:
    """Return a valid polygon (EPSG:4326) for each part, along its ground cells' edges.

    A part's ground hangs together by edges; where it meets itself at a corner, two
    rings touch there, a shell and a hole or two holes, and none touches itself.

    Parameters
    ----------
    part
        0, 1, 2, …, ascending.
    row, start, stop
        The runs of ground cells ``[start, stop)`` of each part, none next to another.
    """
    part, y, x, other = _corners(part, row, start, stop)
    across = (np.arange(part.size) ^ 1).tolist()  # along a row, corners make pairs
    down = other.tolist()
    order: list[int] = []
    lengths: list[int] = []
    seen = bytearray(part.size)
    for corner in range(part.size):
        if seen[corner]:
            continue
        begun, at = len(order), corner
        while not seen[at]:
            end = across[at]
            seen[at] = seen[end] = 1
            order += (at, end)
            at = down[end]
        lengths.append(len(order) - begun)
    ring = np.repeat(np.arange(len(lengths)), lengths)
    places = np.column_stack(ground.to_lonlat(x[order].astype(float), y[order].astype(float)))
    rings = shapely.linearrings(places, indices=ring)
    # A part's first corner is its northernmost: the ring from there is its shell.
    first = np.cumsum([0, *lengths[:-1]])
    owner = part[np.asarray(order)[first]]
    return list(shapely.polygons(rings, indices=owner))


def _corners(part: Ints, row: Ints, start: Ints, stop: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return part, row, column of every corner, in this order, and the other end of its side.

    A side runs down the west (0) or east (1) of ground cells. Two corners at one
    point are of two cells that meet there; the western side's comes first, so that
    neighbours along the row bound the ground between the cells, not the cells.
    """
    side = np.repeat([0, 1], row.size)
    part, row, x = np.tile(part, 2), np.tile(row, 2), np.concatenate([start, stop])
    by_side = np.argsort(part << 24 | x << 1 | side, kind="stable")  # of each, rows ascend already
    part, row, x, side = part[by_side], row[by_side], x[by_side], side[by_side]
    same = (np.diff(part) == 0) & (np.diff(x) == 0) & (np.diff(side) == 0) & (np.diff(row) == 1)
    top = np.flatnonzero(np.append(True, ~same))
    bottom = np.append(top[1:], row.size) - 1
    part, x, side = np.tile(part[top], 2), np.tile(x[top], 2), np.tile(side[top], 2)
    y = np.concatenate([row[top], row[bottom] + 1])
    order = np.lexsort((x << 1 | side, part << 23 | y))
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    other = place[(order + top.size) % order.size]
    return part[order], y[order], x[order], other


def _runs(tiles: Tiles) -> tuple[Ints, Ints, Ints, Ints]:
    """Return group, row, start, stop of every unbroken run of ground cells in a row.

    Groups are below 2**18: they share a number with row and column.
    """
    index, cell = tiles.cells()
    bit = cell & (ground.CELLS - 1)
    x, y = ground.tile_xy(cell >> 12)
    key = np.sort(tiles.group[index] << 45 | (y * SIDE + bit // SIDE) << 23 | x * SIDE + bit % SIDE)
    first = np.flatnonzero(np.diff(key, prepend=-2) != 1)
    last = np.append(first[1:], key.size) - 1 if key.size else first
    return (
        key[first] >> 45,
        key[first] >> 23 & (WORLD - 1),
        key[first] & _COLUMN,
        (key[last] & _COLUMN) + 1,
    )


def _components(group: Ints, row: Ints, start: Ints, stop: Ints) -> Ints:
    """Give runs that touch one common name: the lowest number among them.

    Each round every run takes the lowest name among its neighbours and then the
    name's own name, which halves the way to the root: a dozen rounds do.
    """
    below = group << 45 | (row + 1) << 23
    line = group << 45 | row << 23
    low = np.searchsorted(line | stop, below | start, side="right")
    high = np.searchsorted(line | start, below | stop, side="left")
    a, k = ground.ranges(np.maximum(high - low, 0))
    b = low[a] + k
    name = np.arange(row.size)
    while True:
        lower = name.copy()
        np.minimum.at(lower, name[a], name[b])
        np.minimum.at(lower, name[b], name[a])
        lower = lower[lower]
        if (lower == name).all():
            return name
        name = lower
