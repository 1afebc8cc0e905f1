"""Pages for people: the map and the API's documentation."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api import deps, questions, view
from api.deps import BackgroundOf, Caller, Language, Tx, own_cell, visible_cell
from api.routes.cells import LevelName
from maps import page
from maps.view import Ask

router = APIRouter(include_in_schema=False)


@router.get("/")
def first_page(me: Caller) -> RedirectResponse:
    """Lead to the page that the account's work begins with."""
    return RedirectResponse(f"/{deps.first_page(me)}", status_code=303)


@router.get("/map")
def map_page(
    request: Request,
    conn: Tx,
    me: Caller,
    *,
    language: Language,
    background: BackgroundOf,
    ask: Ask = Ask.CELLS,
    cell: str | None = None,
    level: LevelName = None,
    first: Annotated[str | None, Query(alias="from")] = None,
    last: Annotated[str | None, Query(alias="to")] = None,
    at: str | None = None,
    tracks: bool = False,
) -> HTMLResponse:
    """Return the map that answers a question, with its table."""
    asked = questions.asked(
        conn,
        cell=visible_cell(conn, me, cell=cell),
        level=level,
        first=first or None,
        last=last or None,
        at=at or None,
    )
    seen = view.gather(
        conn,
        ask,
        asked=asked,
        own=own_cell(conn, me),
        tracks=tracks,
        walker=deps.walker_in_sight(me),
    )
    body = page.leader_page(
        seen,
        language=language,
        nonce=request.state.nonce,
        reader=deps.reader(me),
        background=background,
    )
    return HTMLResponse(body)


@router.get("/api/docs")
def docs_page(request: Request, language: Language) -> HTMLResponse:
    """Return the API's documentation, from our own files."""
    return HTMLResponse(page.docs_page(language=language, nonce=request.state.nonce))
