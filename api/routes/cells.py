"""Cells over HTTP: as GeoJSON, one alone, and which cells a point lies in."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from shapely import box

from api import schemas
from api.deps import Caller, Tx, own_cell, visible_cell
from gis import times
from gis.cells import location
from gis.cells import store as cells
from gis.deployment import get_deployment
from gis.errors import InvalidInput
from gis.hierarchy import Level
from gis.messages import say
from gis.people import store as people

router = APIRouter(prefix="/api", tags=["cells"])

LevelName = Annotated[str | None, Query(pattern="^(city|district|township|area|village|unit)$")]
BBOX_NUMBERS = 4


@router.get("/me")
def read_me(me: Caller) -> schemas.Me:
    """Tell who is asking and what that account may see."""
    return schemas.Me(account=me.name, role=me.role, cell=me.cell, person=me.person)


@router.get("/cells")
def read_cells(
    conn: Tx,
    me: Caller,
    *,
    level: LevelName = None,
    at: str | None = None,
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees")] = None,
    parent: str | None = None,
) -> dict[str, Any]:
    """Return the cells that the account may see, as a GeoJSON FeatureCollection.

    `parent` keeps its children only; `at` is a local date.
    """
    day = times.local_date(at, field="at") if at else None
    within = visible_cell(conn, me, cell=parent)
    shapes = cells.cells_on(conn, day, level=Level.named(level) if level else None, within=within)
    if parent:
        shapes = [shape for shape in shapes if shape.parent == parent]
    if bbox:
        window = box(*bounds(bbox))
        shapes = [shape for shape in shapes if shape.geom.intersects(window)]
    on = day or times.today(get_deployment(conn).zone)
    holders = people.holders_on(conn, on)
    return schemas.collection([schemas.cell(s, holders.get(s.code, ())) for s in shapes])


@router.get("/cells/{code}")
def read_cell(code: str, conn: Tx, me: Caller) -> dict[str, Any]:
    """Return one cell with who holds it, as a GeoJSON Feature."""
    visible_cell(conn, me, cell=code)
    shape = cells.cell_named(conn, code)
    holders = people.holders_on(conn, times.today(get_deployment(conn).zone))
    return schemas.cell(shape, holders.get(code, ()))


@router.get("/locate")
def locate(
    conn: Tx,
    me: Caller,
    *,
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    accuracy_m: Annotated[float | None, Query(ge=0, le=100_000, allow_inf_nan=False)] = None,
    at: str | None = None,
) -> schemas.LocatedOut:
    """Tell which cell of each level a point lies in, and who answers there."""
    zone = get_deployment(conn).zone
    day = times.local_date(at, field="at") if at else times.today(zone)
    found = location.locate(conn, lon, lat, accuracy_m=accuracy_m, day=day)
    codes = list(found.cells.values())
    own = own_cell(conn, me)
    if own is not None and own not in codes:
        return schemas.LocatedOut(cells={}, border_m=None, notes=["outside"], holders=[])
    holders = people.holders_on(conn, day)
    return schemas.LocatedOut(
        cells={level.word: code for level, code in found.cells.items()},
        border_m=found.border_m,
        notes=list(found.notes),
        holders=[schemas.holder(h) for code in codes for h in holders.get(code, ())],
    )


def bounds(text: str) -> tuple[float, float, float, float]:
    """Return west, south, east, north of ``bbox``; InvalidInput if it is none."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        fits = -180 <= west <= east <= 180 and -90 <= south <= north <= 90  # noqa: PLR2004
    except ValueError:
        fits = False
    if not fits:
        raise InvalidInput(
            say("“{text}” is not a bounding box.", text=text),
            remedy=say("Write west,south,east,north in degrees, as in 117.3,32.8,117.6,33.0."),
            field="bbox",
        )
    return west, south, east, north
