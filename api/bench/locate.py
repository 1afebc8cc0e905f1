"""Which cell: many points against geopandas, one point against a bare statement."""

from collections.abc import Iterator, Sequence

import geopandas
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from sqlalchemy import Connection

from api.bench import ground
from api.bench.measured import (
    Line,
    analyse,
    clocked,
    emptied,
    repeated,
    require_agreement,
)
from gis.cells.location import Here, Located, locate, locate_points
from gis.cells.model import CellShape
from gis.db import driver_of
from gis.hierarchy import Level
from gis.messages import say

METRES = "EPSG:32650"
HOLDS_POINT = """
    select code from cell_version
    where valid @> %s and st_intersects(geom, st_setsrid(st_makepoint(%s, %s), 4326))
"""

Points = NDArray[np.float64]


def measure(
    conn: Connection,
    *,
    points: int = 1_000_000,
    lookups: int = 300,
    columns: int = 100,
    rows: int = 50,
) -> Iterator[Line]:
    """Yield what it costs to find the cells of points among ``columns`` x ``rows`` cells."""
    rng = np.random.default_rng(1)
    with emptied(conn):
        few = ground.settle(conn, ground.cells(columns, rows // 10))
        analyse(conn)
        at = _random(few, max(points // 10, lookups), rng)
        _, among_few = clocked(lambda: _located(few, at[: points // 10]))
        _, one_of_few = _looked_up(conn, at[:lookups])
    with emptied(conn):
        shapes = ground.settle(conn, ground.cells(columns, rows))
        analyse(conn)
        at = _random(shapes, points, rng)
        yield from _many(shapes, at, among_few=among_few, cells_of_few=len(few))
        found, one = _looked_up(conn, at[:lookups])
        codes, bare = repeated(lambda: _bare(conn, at[:lookups]), times=3)
        require_agreement([here.cells.get(Level.UNIT) for here in found] == codes)
    yield Line(
        say("one point in the database, {cells} cells", cells=len(shapes)),
        one / lookups,
        say("the bare statement"),
        bare / lookups,
    )
    yield Line(
        say("the same: ×10 the cells"),
        one / lookups,
        say("{cells} cells", cells=len(few)),
        one_of_few / lookups,
    )


def _many(
    shapes: Sequence[CellShape], at: Points, *, among_few: float, cells_of_few: int
) -> Iterator[Line]:
    tenth = at[: len(at) // 10]
    found, all_of_them = clocked(lambda: _located(shapes, at))
    joined, peer = clocked(lambda: _joined(shapes, at))
    require_agreement(found.code.tolist() == joined)
    part, fewer = clocked(lambda: _located(shapes, tenth))
    metres, nearest = clocked(lambda: _metres(shapes, tenth))
    _, join_of_part = clocked(lambda: _joined(shapes, tenth))
    # The projection's own scale is up to 4 in 10,000 off.
    require_agreement(np.allclose(part.border_m, metres, rtol=1e-3, atol=0.1))
    yield Line(
        say(
            "{n} points in {cells} cells: cell, metres to the border, remarks",
            n=len(at),
            cells=len(shapes),
        ),
        all_of_them,
        say("geopandas.sjoin: cell alone"),
        peer,
    )
    yield Line(
        say("{n} points: the same", n=len(tenth)),
        fewer,
        say("geopandas.sjoin and sjoin_nearest: cell and metres"),
        join_of_part + nearest,
    )
    yield Line(say("×10 the points"), all_of_them, say("{n} points", n=len(tenth)), fewer)
    yield Line(say("×10 the cells"), fewer, say("{cells} cells", cells=cells_of_few), among_few)


def _random(shapes: Sequence[CellShape], n: int, rng: np.random.Generator) -> Points:
    bounds = shapely.box(*shapely.total_bounds([shape.geom for shape in shapes]))
    return ground.points_in(bounds, n, rng=rng)


def _located(shapes: Sequence[CellShape], at: Points) -> Located:
    return locate_points(shapes, at[:, 0], at[:, 1])


def _joined(shapes: Sequence[CellShape], at: Points) -> list[str]:
    """Return the lowest code of the cells of each point, as geopandas finds them."""
    cells = GeoDataFrame(
        {"code": [shape.code for shape in shapes]},
        geometry=[shape.geom for shape in shapes],
        crs=4326,
    )
    points = GeoDataFrame(geometry=geopandas.points_from_xy(*at.T, crs=4326))
    joined = geopandas.sjoin(points, cells, how="left", predicate="intersects")["code"].fillna("")
    if not joined.index.is_unique:
        joined = joined.groupby(level=0).min()
    codes: list[str] = joined.tolist()
    return codes


def _metres(shapes: Sequence[CellShape], at: Points) -> Points:
    """Return metres to the nearest border, as geopandas finds them."""
    borders = GeoDataFrame(geometry=[shape.geom.boundary for shape in shapes], crs=4326).to_crs(
        METRES
    )
    points = GeoDataFrame(geometry=geopandas.points_from_xy(*at.T, crs=4326)).to_crs(METRES)
    joined = geopandas.sjoin_nearest(points, borders, distance_col="metres")["metres"]
    return np.asarray(joined.groupby(level=0).min())


def _looked_up(conn: Connection, at: Points) -> tuple[list[Here], float]:
    return repeated(
        lambda: [locate(conn, lon, lat, day=ground.MONDAY) for lon, lat in at.tolist()], times=3
    )


def _bare(conn: Connection, at: Points) -> list[str | None]:
    """Return the lowest code of the unit cells of each point, each by one statement."""
    found = []
    with driver_of(conn).cursor() as cursor:
        for lon, lat in at.tolist():
            rows = cursor.execute(HOLDS_POINT, (ground.MONDAY, lon, lat)).fetchall()
            found.append(min((str(code) for (code,) in rows if str(code)[0] == "U"), default=None))
    return found
