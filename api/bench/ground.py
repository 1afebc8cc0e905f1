"""Made-up ground for benchmarks: cells with wavy borders, who answers for them, and their walks."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, insert
from sqlalchemy.dialects.postgresql import Range

from gis import deployment, tables
from gis.cells import store
from gis.cells.metres import degree_m
from gis.cells.model import CellShape, Draft
from gis.hierarchy import Code, Level
from gis.issues import rules
from gis.patrols.tracks import Fixes
from gis.people.roles import HOLDS

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 3, 2)
MORNING = datetime(2026, 3, 2, 8, 30, tzinfo=ZONE)
WEST, SOUTH = 117.0, 32.8
SIDE_M = 516.0  # 150 such cells are 40 km²
STEPS = 25
"""Points on each of the four borders of a cell."""
VILLAGE = 15
"""Cells of a village."""
EVERY_S = 10
PACE_M_S = 1.2
NOISE_M = 3.0


def cells(columns: int, rows: int) -> list[Polygon]:
    """Return cells row by row (EPSG:4326, on the lattice); neighbours share their wavy borders."""
    along, up = (np.arange(n * STEPS + 1) / STEPS for n in (columns, rows))
    east, north = np.meshgrid(along, up)
    bent = np.stack(
        [east + 0.06 * np.sin(14.5 * north), north + 0.06 * np.sin(10.7 * east)], axis=2
    )
    at = np.round(bent * SIDE_M / degree_m(SOUTH) + (WEST, SOUTH), 8)
    return [
        Polygon(_ring(at[r : r + STEPS + 1, c : c + STEPS + 1]))
        for r in range(0, rows * STEPS, STEPS)
        for c in range(0, columns * STEPS, STEPS)
    ]


def settle(conn: Connection, units: Sequence[Polygon], *, people: int = 1) -> list[CellShape]:
    """Found a township of these unit cells; return them by code.

    Fifteen cells are a village. ``people`` take turns in answering for the cells
    of every level.
    """
    deployment.found(conn, code="T", name="T", timezone=ZONE.key, on=MONDAY)
    rules.seed(conn, zone_name=ZONE.key, at=MORNING)
    drafts = _drafts(units)
    store.begin_versions(conn, drafts, today=MONDAY, zone=ZONE)
    conn.execute(
        insert(tables.person), [{"id": person(n), "name": person(n)} for n in range(people)]
    )
    role = {level: role for role, level in HOLDS.items()}
    posts = [
        {
            "person": person(n % people),
            "cell": draft.code,
            "role": role[draft.level],
            "during": Range(MONDAY, None),
        }
        for level in HOLDS.values()
        for n, draft in enumerate(draft for draft in drafts if draft.level is level)
    ]
    conn.execute(insert(tables.holding), posts)
    return store.cells_on(conn, MONDAY, level=Level.UNIT)


def person(number: int) -> str:
    """Return a person's id."""
    return f"P{number:04}"


def points_in(shape: BaseGeometry, n: int, *, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return random points of the box around a shape, and a little beyond; (n, 2)."""
    west, south, east, north = shape.bounds
    margin = (east - west) / 50
    low, high = (west - margin, south - margin), (east + margin, north + margin)
    return rng.uniform(low, high, (n, 2))


def walk(shape: BaseGeometry, *, day: int, fixes: int, rng: np.random.Generator) -> Fixes:
    """Return the fixes of somebody who goes to and fro in a cell, ``day`` days after MONDAY."""
    metres = degree_m(SOUTH)
    begin = int((MORNING + timedelta(days=day)).timestamp())
    after = np.arange(fixes) * EVERY_S
    stops = points_in(shape, fixes // 10 + 2, rng=rng)
    legs = np.hypot(*(np.diff(stops, axis=0) * metres).T)
    way = np.append(0.0, np.cumsum(legs)) / PACE_M_S
    lon, lat = (np.interp(after, way, stops[:, axis]) for axis in (0, 1))
    noise = rng.normal(0, NOISE_M, (fixes, 2)) / metres
    accuracy = rng.uniform(3, 20, fixes)
    return Fixes.of(begin + after, lon + noise[:, 0], lat + noise[:, 1], accuracy=accuracy)


def _ring(at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the border of a block of points (rows, columns, 2), anticlockwise."""
    return np.concatenate([at[0, :-1], at[:-1, -1], at[-1, :0:-1], at[:0:-1, 0]])


def _drafts(units: Sequence[Polygon]) -> list[Draft]:
    """Return units, villages, an area and the township, each level the union of the one below."""
    villages = [units[i : i + VILLAGE] for i in range(0, len(units), VILLAGE)]
    whole = shapely.coverage_union_all(units)
    return [
        _draft("T", Level.TOWNSHIP, None, whole),
        _draft("A", Level.AREA, "T", whole),
        *(
            _draft(f"V{n:05}", Level.VILLAGE, "A", shapely.coverage_union_all(mine))
            for n, mine in enumerate(villages)
        ),
        *(
            _draft(f"U{n:05}", Level.UNIT, f"V{n // VILLAGE:05}", unit)
            for n, unit in enumerate(units)
        ),
    ]


def _draft(code: Code, level: Level, parent: Code | None, shape: BaseGeometry) -> Draft:
    parts = shapely.get_parts(shape)
    return Draft(code, code, level, parent, "", MultiPolygon(list(parts)), "")
