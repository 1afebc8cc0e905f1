"""The planner's page."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api import deps, plan_view, questions
from api.deps import BackgroundOf, Language, Planner, Tx, own_cell, visible_cell
from api.routes.cells import LevelName
from maps.plan.page import plan_page as written
from maps.plan.view import Tool

router = APIRouter(include_in_schema=False)


@router.get("/plan")
def plan_page(
    request: Request,
    conn: Tx,
    me: Planner,
    *,
    language: Language,
    background: BackgroundOf,
    show: Tool = Tool.CELLS,
    cell: str | None = None,
    level: LevelName = None,
) -> HTMLResponse:
    """Return cells, defects and posts with their map, and the forms that change borders."""
    asked = questions.asked(
        conn,
        cell=visible_cell(conn, me, cell=cell),
        level=level,
        first=None,
        last=None,
        at=None,
    )
    seen = plan_view.gather(conn, show, asked=asked, own=own_cell(conn, me))
    body = written(
        seen,
        language=language,
        nonce=request.state.nonce,
        reader=deps.reader(me),
        background=background,
    )
    return HTMLResponse(body)
