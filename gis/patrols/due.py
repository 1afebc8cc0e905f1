"""The ground that counts: where people live and pass, by the township's own layers."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, func, select

from gis.cells.metres import Plane
from gis.patrols import ground
from gis.patrols.ground import Bytes, Ints
from gis.patrols.masks import masks
from gis.tables import layer_feature, place

NEAR: Mapping[str, float] = {"road": 25.0, "lane": 25.0, "building": 50.0, "hamlet": 50.0}
"""The layers whose surroundings count, and how many metres around them; water, rail, woods do not.

Whoever walks along a way passes the ground within 25 m of it: so much of it can be asked for.
"""
PLACE = 50.0
"""Metres around a place (a school, a shop) that count too."""
FARTHEST = max(PLACE, *NEAR.values())


def due_bits(conn: Connection, tile: Ints) -> Bytes:
    """Return the ground of some tiles that counts: near the layers of ``NEAR``, or a place.

    Where the database has no such layer at all, all ground counts: places alone, a
    few points on the map, do not tell where people live and pass.

    Parameters
    ----------
    tile
        Numbers of zoom-16 tiles, shape (n,); in any order, may repeat.

    Returns
    -------
    Bytes
        Bitmaps, shape (n, 512).
    """
    counts = layer_feature.c.kind.in_(NEAR)
    if not tile.size or conn.execute(select(layer_feature.c.id).where(counts)).first() is None:
        return np.full((tile.size, ground.CELLS // 8), 0xFF, np.uint8)
    around = func.st_makeenvelope(*_around(tile).bounds, 4326)
    near = select(layer_feature.c.kind, layer_feature.c.geom).where(
        counts, layer_feature.c.geom.op("&&")(around)
    )
    found = [(row.geom, NEAR[row.kind]) for row in conn.execute(near)]
    places = conn.execute(select(place.c.geom).where(place.c.geom.op("&&")(around)))
    found += [(geom, PLACE) for geom in places.scalars()]
    return bits_near([geom for geom, _ in found], tile, metres=[metres for _, metres in found])


def bits_near(shapes: Sequence[BaseGeometry], tile: Ints, *, metres: Sequence[float]) -> Bytes:
    """Return the ground of some tiles whose centres lie near any shape.

    Parameters
    ----------
    shapes
        Points, lines and polygons, EPSG:4326, valid. May be empty: then there is no such ground.
    metres
        How near, for each shape; at most ``FARTHEST``.
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
    near = shapely.union_all(shapely.buffer(plane.metres(parts), list(metres), quad_segs=8))
    found = masks([plane.degrees(near)], np.zeros(1, np.int64))
    each, back = np.unique(tile, return_inverse=True)
    bits = np.zeros((each.size, ground.CELLS // 8), np.uint8)
    _, ours, theirs = np.intersect1d(found.tile, each, assume_unique=True, return_indices=True)
    bits[theirs] = found.bits[ours]
    wanted: Bytes = bits[back]
    return wanted


def _around(tile: Ints) -> Polygon:
    """Return the rectangle of the tiles (EPSG:4326), widened by ``FARTHEST``."""
    x, y = (at.astype(np.float64) * ground.SIDE for at in ground.tile_xy(tile))
    lon, lat = ground.to_lonlat(
        np.array([x.min(), x.max() + ground.SIDE]), np.array([y.max() + ground.SIDE, y.min()])
    )
    frame = shapely.box(lon[0], lat[0], lon[1], lat[1])
    plane = Plane.around(frame)
    wide: Polygon = plane.degrees(shapely.buffer(plane.metres(frame), FARTHEST, join_style="mitre"))
    return wide
