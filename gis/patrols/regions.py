"""Connected pieces of ground, out of bitmaps."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from gis.patrols import ground
from gis.patrols.ground import SIDE, WORLD, Floats, Ints, Tiles

_COLUMN = (1 << 23) - 1


@dataclass(frozen=True, slots=True)
class Region:
    """A connected piece of one group's ground.

    Attributes
    ----------
    polygon
        EPSG:4326, along the edges of ground cells.
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
    boxes = shapely.box(start[large], row[large], stop[large], row[large] + 1)
    cuts = np.flatnonzero(np.diff(part[large])) + 1
    found = []
    for members, shapes in zip(np.split(large, cuts), np.split(boxes, cuts), strict=True):
        if members.size:
            which, offset = ground.ranges(stop[members] - start[members])
            cells = ground.ground_cell(start[members][which] + offset, row[members][which])
            shape = shapely.transform(shapely.union_all(shapes), _degrees)
            first = members[0]
            found.append(Region(int(ids[group[first]]), float(total[part[first]]), shape, cells))
    return sorted(found, key=lambda region: -region.area_m2)


def _degrees(xy: Floats) -> Floats:
    return np.column_stack(ground.to_lonlat(xy[:, 0], xy[:, 1]))


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
