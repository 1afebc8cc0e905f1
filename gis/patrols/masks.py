"""Which ground cells belong to which grid cell.

A ground cell belongs to the polygon that contains its centre. Each border edge is
crossed with a row of centres by the same arithmetic for both its owners, and rows
are half-open, so polygons that share their vertices share out the ground without
gap or overlap: parts sum to the whole, and a redraw needs only the polygons that
changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gis.cells.metres import Plane
from gis.patrols import ground
from gis.patrols.ground import Bools, Bytes, Floats, Ints, Tiles

BORDER = 15.0
"""Metres from the border within which only the holder's time counts: lanes are borders."""
NARROW = 60.0
"""A grid cell nowhere wider than this many metres counts whole."""

Shapes = Sequence[Polygon | MultiPolygon]


def masks(shapes: Shapes, ids: Ints) -> Tiles:
    """Return the ground cells of each shape as bitmaps.

    Parameters
    ----------
    shapes
        EPSG:4326, valid; holes and several parts are fine.
    ids
        ``group`` of the result, one a shape, not negative, below 2**31.

    Returns
    -------
    Tiles
        One row a shape and zoom-16 tile. A shape too small to contain the centre
        of a ground cell has none.
    """
    which, row, x = crossings(shapes)
    column = np.ceil(x - 0.5).astype(np.int64).reshape(-1, 2)
    found = ground.fill_spans(which[::2], row[::2], column[:, 0], column[:, 1])
    return Tiles(np.asarray(ids)[found.group], found.tile, found.bits)


def inner_bits(shapes: Shapes, ids: Ints, *, whole: Tiles) -> Bytes:
    """Return which ground of ``whole`` lies farther than 15 m from its shape's border.

    A shape nowhere wider than 60 m keeps all its ground.

    Parameters
    ----------
    whole
        ``masks(shapes, ids)``.

    Returns
    -------
    Bytes
        Shape (n, 512), aligned with ``whole``.
    """
    found = masks([inner(shape) for shape in shapes], ids)
    bits = np.zeros_like(whole.bits)
    _, ours, theirs = np.intersect1d(
        found.group << 32 | found.tile,
        whole.group << 32 | whole.tile,
        assume_unique=True,
        return_indices=True,
    )
    bits[theirs] = found.bits[ours] & whole.bits[theirs]
    return bits


def inner(shape: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    """Return what is left of a shape (EPSG:4326) without 15 m along its border."""
    plane = Plane.around(shape)
    flat = plane.metres(shape)
    if shapely.buffer(flat, -NARROW / 2, quad_segs=2).is_empty:
        return shape
    kept: Polygon | MultiPolygon = plane.degrees(shapely.buffer(flat, -BORDER, quad_segs=4))
    return kept


def crossings(shapes: Shapes, *, fine: int = 1) -> tuple[Ints, Ints, Floats]:
    """Return where borders cross the lines through the middles of rows.

    Parameters
    ----------
    fine
        Lines to a ground cell.

    Returns
    -------
    which, line, x
        Index into ``shapes``, number of the line (``fine`` to a grid row), grid
        column; ordered by all three. A closed ring crosses a half-open line an
        even number of times, so entries alternate: in, out, in, out, ….
    """
    rings, polygon = shapely.get_rings(_parts(shapes), return_index=True)
    owner = np.repeat(np.arange(len(shapes)), shapely.get_num_geometries(np.asarray(shapes)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    x, y = ground.to_grid(points[:, 0], points[:, 1])
    i = np.flatnonzero(ring[1:] == ring[:-1])
    which = owner[polygon[ring[i]]]

    # Both owners see an edge from its northern end.
    down = y[i] < y[i + 1]
    a, b = np.where(down, i, i + 1), np.where(down, i + 1, i)
    top = np.ceil(y[a] * fine - 0.5).astype(np.int64)
    count = np.ceil(y[b] * fine - 0.5).astype(np.int64) - top
    edge, k = ground.ranges(count)
    line = top[edge] + k
    a, b = a[edge], b[edge]
    x = x[a] + ((line + 0.5) / fine - y[a]) * (x[b] - x[a]) / (y[b] - y[a])
    order = np.lexsort((x, line, which[edge]))
    return which[edge][order], line[order], x[order]


@dataclass(frozen=True, slots=True)
class Owners:
    """The grid cell of every ground cell, for look-ups by the million."""

    tile: Ints
    """Tile numbers, ascending; shape (n,)."""
    owner: Ints
    """Numbers of grid cells, 0 outside all; shape (n, 4096)."""
    inner: Bools
    """Farther than 15 m from the owner's border; shape (n, 4096)."""

    @classmethod
    def of_masks(cls, whole: Tiles, inner: Bytes) -> "Owners":
        """Lay the masks of all leaf cells over each other.

        Parameters
        ----------
        whole
            ``group`` is the grid cell's number, positive. Where two grid cells
            overlap, the lower number owns the ground: time is counted once.
        inner
            Aligned with ``whole``.
        """
        tile, index = np.unique(whole.tile, return_inverse=True)
        owner = np.zeros((tile.size, ground.CELLS), np.int64)
        deep = np.zeros((tile.size, ground.CELLS), bool)
        last_first = np.argsort(-whole.group, kind="stable")
        for row in last_first.tolist():
            mine = ground.unpack(whole.bits[row : row + 1])[0].view(bool)
            owner[index[row], mine] = whole.group[row]
            deep[index[row], mine] = ground.unpack(inner[row : row + 1])[0].view(bool)[mine]
        return cls(tile, owner, deep)

    def of(self, cell: Ints) -> tuple[Ints, Bools]:
        """Return the owner of ground cells, 0 for none, and whether each lies inner.

        Ground in no grid cell has no border near it: it is inner.
        """
        owner = np.zeros(cell.shape, np.int64)
        deep = np.ones(cell.shape, bool)
        if self.tile.size:
            at = np.minimum(np.searchsorted(self.tile, cell >> 12), self.tile.size - 1)
            known = self.tile[at] == cell >> 12
            bit = cell & (ground.CELLS - 1)
            owner[known] = self.owner[at, bit][known]
            deep[known] = self.inner[at, bit][known]
        return owner, deep | (owner == 0)


def _parts(shapes: Shapes) -> Sequence[Polygon]:
    parts: Sequence[Polygon] = shapely.get_parts(np.asarray(shapes, dtype=object))
    return parts
