"""The ground that counts: where people live and pass, by the township's own layers."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, func, select

from gis.cells.metres import Plane
from gis.patrols import ground
from gis.patrols.ground import Bytes, Ints
from gis.patrols.masks import masks
from gis.tables import layer_feature

KINDS = ("road", "lane", "building", "hamlet")
"""The layers whose surroundings count; water, rail and woods do not."""
NEAR = 50.0
"""Metres from them within which ground counts."""


def due_bits(conn: Connection, tile: Ints) -> Bytes:
    """Return the ground of some tiles that counts: within 50 m of the layers of KINDS.

    Where the database has no such layer at all, all ground counts.

    Parameters
    ----------
    tile
        Numbers of zoom-16 tiles, shape (n,); in any order, may repeat.

    Returns
    -------
    Bytes
        Bitmaps, shape (n, 512).
    """
    counts = layer_feature.c.kind.in_(KINDS)
    if not tile.size or conn.execute(select(layer_feature.c.id).where(counts)).first() is None:
        return np.full((tile.size, ground.CELLS // 8), 0xFF, np.uint8)
    around = func.st_makeenvelope(*_around(tile).bounds, 4326)
    near = select(layer_feature.c.geom).where(counts, layer_feature.c.geom.op("&&")(around))
    return bits_near(conn.execute(near).scalars().all(), tile)


def bits_near(shapes: Sequence[BaseGeometry], tile: Ints) -> Bytes:
    """Return the ground of some tiles whose centres lie within 50 m of any shape.

    Parameters
    ----------
    shapes
        Lines and polygons, EPSG:4326, valid. May be empty: then there is no such ground.
    tile
        As for :func:`due_bits`, not empty.

    Returns
    -------
    Bytes
        Bitmaps, shape (n, 512).
    """
    frame = _around(tile)
    plane = Plane.around(frame)
    # What lies farther away cannot matter, and may reach out of the web map.
    parts = shapely.intersection(np.array(shapes, dtype=object), frame)
    near = shapely.union_all(shapely.buffer(plane.metres(parts), NEAR, quad_segs=8))
    found = masks([plane.degrees(near)], np.zeros(1, np.int64))
    each, back = np.unique(tile, return_inverse=True)
    bits = np.zeros((each.size, ground.CELLS // 8), np.uint8)
    _, ours, theirs = np.intersect1d(found.tile, each, assume_unique=True, return_indices=True)
    bits[theirs] = found.bits[ours]
    wanted: Bytes = bits[back]
    return wanted


def _around(tile: Ints) -> Polygon:
    """Return the rectangle of the tiles (EPSG:4326), widened by 50 m."""
    x, y = (at.astype(np.float64) * ground.SIDE for at in ground.tile_xy(tile))
    lon, lat = ground.to_lonlat(
        np.array([x.min(), x.max() + ground.SIDE]), np.array([y.max() + ground.SIDE, y.min()])
    )
    frame = shapely.box(lon[0], lat[0], lon[1], lat[1])
    plane = Plane.around(frame)
    wide: Polygon = plane.degrees(shapely.buffer(plane.metres(frame), NEAR, join_style="mitre"))
    return wide
