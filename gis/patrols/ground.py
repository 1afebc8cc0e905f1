"""Ground cells: the web-map tiles of zoom 22, kept 64 × 64 to a bitmap.

A ground cell is 9.55 m wide on the equator, 8.0 m at 33° and 3.3 m at 70° north.
There is no projection to choose, no boundary edit makes a bitmap stale, and a
bitmap can be drawn on a web map as it is. A zoom-16 tile holds 64 × 64 ground
cells and is the unit of storage.

Grid coordinates are floats counted in ground cells: ``x`` east from 180° W, ``y``
south from 85.05° N. Ground cell (column, row) covers [column, column + 1) ×
[row, row + 1). Bit ``row % 64 * 64 + column % 64`` of a bitmap is its cell, most
significant bit of the first byte first: PostgreSQL's order for ``bit(4096)``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import pack as packed
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Bytes: TypeAlias = npt.NDArray[np.uint8]
Bools: TypeAlias = npt.NDArray[np.bool_]

ZOOM = 22
TILE_ZOOM = 16
WORLD = 1 << ZOOM
SIDE = 1 << (ZOOM - TILE_ZOOM)
CELLS = SIDE * SIDE
MAX_LATITUDE = 85.0511287798066
MAX_LONGITUDE = 180.0

# WGS 84 (EPSG:7030). The web map is spherical, the ground is not: with the sphere's
# radius a ground cell on the equator would come out 0.7 % too tall.
_SEMI_MAJOR = 6378137.0
_ECCENTRICITY2 = 0.0066943799901413165
_RADIANS = 2 * np.pi / WORLD


def to_grid(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return grid coordinates of points in EPSG:4326 (EPSG:3857, in ground cells).

    Latitudes beyond ±85.05° have no ground cell; the caller refuses them first.
    """
    x = (lon + 180.0) / 360.0 * WORLD
    y = WORLD / 2 - np.arcsinh(np.tan(np.radians(lat))) / _RADIANS
    return x, y


def to_lonlat(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return longitude and latitude in degrees: the inverse of :func:`to_grid`."""
    lon = x / WORLD * 360.0 - 180.0
    lat = np.degrees(np.arctan(np.sinh((WORLD / 2 - y) * _RADIANS)))
    return lon, lat


def cell_size(y: Floats) -> tuple[Floats, Floats]:
    """Return width and height in metres of a ground cell at grid row ``y``.

    A grid unit is a fixed angle times the cosine of the latitude; the ellipsoid's
    radii of curvature (across and along the meridian) turn it into metres.
    """
    lat = np.arctan(np.sinh((WORLD / 2 - y) * _RADIANS))
    w = 1.0 - _ECCENTRICITY2 * np.sin(lat) ** 2
    across = _SEMI_MAJOR / np.sqrt(w)
    along = across * (1.0 - _ECCENTRICITY2) / w
    unit = np.cos(lat) * _RADIANS
    return across * unit, along * unit


def ground_cell_m2(tile_y: Ints) -> Floats:
    """Return the area in m² of one ground cell in rows of zoom-16 tiles.

    One figure serves a whole tile: between its first and last row the area
    changes by 0.01 % at 33° and 0.03 % at 70°.
    """
    width, height = cell_size((np.asarray(tile_y, np.float64) + 0.5) * SIDE)
    return width * height


def radius_in_cells(y: Floats, metres: float) -> tuple[Floats, Floats]:
    """Return the half-axes, in ground cells, of a circle on the ground at row ``y``."""
    width, height = cell_size(y)
    return metres / width, metres / height


def ground_cell(column: Ints, row: Ints) -> Ints:
    """Return one number for each ground cell: tile row, tile column, bit (44 bits).

    Sorted numbers keep a tile's cells together; ``>> 12`` is the tile, ``& 4095``
    the bit. Columns beyond the antimeridian come round again.
    """
    column = column & (WORLD - 1)
    tile = (row // SIDE) << TILE_ZOOM | column // SIDE
    return tile << 12 | row % SIDE * SIDE | column % SIDE


def tile_xy(tile: Ints) -> tuple[Ints, Ints]:
    """Return column and row (zoom 16) of tile numbers ``ground_cell >> 12``."""
    return tile & 0xFFFF, tile >> TILE_ZOOM


@dataclass(frozen=True, slots=True)
class Tiles:
    """Bitmaps of ground cells, one a row of the arrays."""

    group: Ints
    """Whose bitmap it is (a person-day, a grid cell); shape (n,)."""
    tile: Ints
    """Tile number; shape (n,)."""
    bits: Bytes
    """Shape (n, 512)."""

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[object]]) -> "Tiles":
        """Return database rows (group, x, y, ``bit_send(bits)``) as bitmaps."""
        keys = np.array([row[:3] for row in rows], np.int64).reshape(-1, 3)
        sent = np.frombuffer(b"".join(row[3] for row in rows), np.uint8)  # type: ignore[misc]
        # bit_send puts four bytes of length before the 512 of the bitmap.
        return cls(keys[:, 0], keys[:, 2] << TILE_ZOOM | keys[:, 1], sent.reshape(-1, 516)[:, 4:])

    def at(self, rows: Ints) -> "Tiles":
        """Return some of the rows."""
        return Tiles(self.group[rows], self.tile[rows], self.bits[rows])

    @property
    def count(self) -> Ints:
        """Ground cells set in each bitmap; shape (n,)."""
        count: Ints = np.bitwise_count(self.bits).sum(axis=1, dtype=np.int64)
        return count

    def cells(self) -> tuple[Ints, Ints]:
        """Return the row in ``self`` and the ground cell of every bit set."""
        row, bit = np.nonzero(unpack(self.bits))
        return row, self.tile[row] << 12 | bit


def unpack(bits: Bytes) -> Bytes:
    """Return 0 and 1, shape (n, 4096), from bitmaps of shape (n, 512)."""
    return np.unpackbits(bits, axis=1)


def ones(sent: bytes) -> Bools:
    """Return which of the 4096 ground cells are set in ``bit_send(bits)``."""
    found: Bools = unpack(Tiles.of_rows([(0, 0, 0, sent)]).bits)[0].view(bool)
    return found


def pack(group: Ints, cell: Ints) -> Tiles:
    """Return the bitmaps of ground cells, in any order, duplicates allowed.

    Ordered by group and tile; none of them is empty.
    """
    key, index = np.unique(group << 32 | cell >> 12, return_inverse=True)
    ones = np.zeros((key.size, CELLS), bool)
    ones[index, cell & (CELLS - 1)] = True
    return Tiles(key >> 32, key & 0xFFFFFFFF, np.packbits(ones, axis=1))


def fill_spans(group: Ints, row: Ints, start: Ints, stop: Ints) -> Tiles:
    """Return the bitmaps of runs of ground cells ``[start, stop)`` on ``row``."""
    which, offset = ranges(stop - start)
    return pack(group[which], ground_cell(start[which] + offset, row[which]))


def ranges(count: Ints) -> tuple[Ints, Ints]:
    """Return 0, 0, 0, 1, 1, … and 0, 1, 2, 0, 1, … for counts 3, 2, …."""
    which = np.repeat(np.arange(count.size), count)
    return which, np.arange(which.size) - np.repeat(np.cumsum(count) - count, count)


def as_bit_values(bits: Bytes) -> Iterator[bytes]:
    """Yield each bitmap as PostgreSQL's binary form of ``bit(4096)``."""
    head = packed("!i", CELLS)
    return (head + row.tobytes() for row in bits)
