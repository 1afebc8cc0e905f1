"""Figures of ground cells as a picture: aligned to the web map, pixel by pixel.

A picture of a township has a pixel for every ground cell. That of a larger place
pools 2 × 2, 4 × 4, … of them, so that it stays small enough for a browser.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
from sqlalchemy import Connection, func, select

from gis import tables
from gis.db import sql
from gis.patrols import ground
from gis.patrols.ground import SIDE, Bools, Floats, Ints

MOST_PIXELS = 4_000_000

Bounds: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north: degrees."""


@dataclass(frozen=True, slots=True)
class Raster:
    """A figure for every pixel; all arrays of shape (rows, columns), the north first.

    Attributes
    ----------
    bounds
        Outer edges. Rows are equally high in Web Mercator, as an image overlay on a
        web map draws them, not in degrees.
    inside
        Ground of the cells asked for. Elsewhere the others say nothing.
    seen
        Somebody came within 25 m in the window.
    value
        0 where not ``seen``. Zero where ``seen`` is another thing: somebody passed
        near and did not set foot there.
    """

    bounds: Bounds
    inside: Bools
    seen: Bools
    value: Floats


@dataclass(frozen=True, slots=True)
class Frame:
    """Zoom-16 tiles from ``west``, ``north`` to ``east``, ``south``, inclusive.

    ``pixels`` is how many stand for the 64 ground cells across a tile.
    """

    west: int
    north: int
    east: int
    south: int
    pixels: int

    @property
    def window(self) -> dict[str, int]:
        """The tiles, as the statements' bound values."""
        return {"west": self.west, "north": self.north, "east": self.east, "south": self.south}

    @property
    def bounds(self) -> Bounds:
        """Outer edges in degrees."""
        corners = np.array([[self.west, self.north], [self.east + 1, self.south + 1]]) * SIDE
        (west, east), (north, south) = ground.to_lonlat(*corners.T.astype(np.float64))
        return float(west), float(south), float(east), float(north)

    def blank(self) -> Ints:
        """Return zeros for the whole frame."""
        down, across = self.south - self.north + 1, self.east - self.west + 1
        return np.zeros((down * self.pixels, across * self.pixels), np.int64)

    def part(self, x: int, y: int) -> tuple[slice, slice]:
        """Return where a tile lies in such an array."""
        top, left = (y - self.north) * self.pixels, (x - self.west) * self.pixels
        return slice(top, top + self.pixels), slice(left, left + self.pixels)

    def pooled(self, cells: Ints | Bools) -> Ints:
        """Return the sums over each pixel of a tile's 4096 ground cells."""
        size = SIDE // self.pixels
        sums: Ints = cells.reshape(self.pixels, size, self.pixels, size).sum(axis=(1, 3))
        return sums


def frame_of(conn: Connection, cells: Sequence[int], *, bounds: Bounds) -> Frame | None:
    """Return the tiles on which some cells (versions) have ground within bounds.

    None where they have none. Pixels are pooled until there are at most MOST_PIXELS.
    """
    west, south, east, north = bounds
    x, y = ground.to_grid(
        np.array([west, east]),
        np.clip([north, south], -ground.MAX_LATITUDE, ground.MAX_LATITUDE),
    )
    tile_x, tile_y = (np.floor(v / SIDE).astype(int).tolist() for v in (x, y))
    tile = tables.cell_tile.c
    least = conn.execute(
        select(func.min(tile.x), func.min(tile.y), func.max(tile.x), func.max(tile.y)).where(
            tile.cell.in_(cells), tile.x.between(*tile_x), tile.y.between(*tile_y)
        )
    ).one()
    if least[0] is None:
        return None
    left, top, right, bottom = least
    tiles = (right - left + 1) * (bottom - top + 1)
    pixels = SIDE
    while pixels > 1 and tiles * pixels * pixels > MOST_PIXELS:
        pixels //= 2
    return Frame(left, top, right, bottom, pixels)


def inside(conn: Connection, frame: Frame, *, cells: Sequence[int]) -> Ints:
    """Return how many ground cells of each pixel belong to some cells (versions)."""
    count = frame.blank()
    for row in conn.execute(sql("patrol_inside"), {"cells": list(cells)} | frame.window):
        count[frame.part(row.x, row.y)] = frame.pooled(ground.ones(row.bits))
    return count


def last_seen(conn: Connection, frame: Frame, *, first: date, last: date) -> Ints:
    """Return the ordinal of the last day in a window on which each pixel was covered; 0: none."""
    found = frame.blank()
    for row in conn.execute(
        sql("patrol_seen_by_day"), {"first": first, "last": last} | frame.window
    ):
        part = frame.part(row.x, row.y)
        found[part] = np.where(
            frame.pooled(ground.ones(row.bits)), row.day.toordinal(), found[part]
        )
    return found


def hectares(frame: Frame, count: Ints) -> Floats:
    """Return the ground, in hectares, of so many ground cells in each pixel."""
    rows = np.arange(frame.north, frame.south + 1)
    area = np.repeat(ground.ground_cell_m2(rows), frame.pixels)
    found: Floats = count * area[:, None] / 10_000
    return found
