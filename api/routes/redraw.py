"""Boundaries changed over HTTP: exactly, all owners together."""

from typing import Any

from fastapi import APIRouter

from api import schemas_cells
from api.deps import Planner, Tx, own_cell
from gis import times
from gis.cells import redrawing
from gis.deployment import get_deployment
from gis.people import store as people

router = APIRouter(prefix="/api/redraw", tags=["redraw"])


@router.post("/vertex")
def move_vertex(asked: schemas_cells.MoveIn, conn: Tx, me: Planner) -> dict[str, Any]:
    """Move a corner of the borders, in every cell that has it.

    `versions` holds the `version` of each of these cells as the planner saw it.
    The answer has the cells as they are now, and what to send to take the move back.
    """
    done = redrawing.move_corner(
        conn,
        op_id=asked.op_id,
        at=asked.at,
        to=asked.to,
        versions=asked.versions,
        within=own_cell(conn, me),
    )
    holders = people.holders_on(conn, times.today(get_deployment(conn).zone))
    return schemas_cells.redrawn(done, holders)
