"""The phone page of those who work on the ground, and what keeps it on the phone."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

import maps
from api import deps, work
from api.deps import BackgroundOf, Language, Tx, Worker
from maps.work import manifest, work_page

router = APIRouter(include_in_schema=False)

SERVICE_WORKER = Path(maps.__file__).parent / "static" / "js" / "service-worker.js"
MANIFEST = "application/manifest+json"


@router.get("/work")
def my_cell(
    request: Request, conn: Tx, me: Worker, *, language: Language, background: BackgroundOf
) -> HTMLResponse:
    """Return the page of the account's own cell."""
    body = work_page(
        work.gather(conn, me),
        language=language,
        nonce=request.state.nonce,
        reader=deps.reader(me),
        background=background,
    )
    return HTMLResponse(body)


@router.get("/work.webmanifest")
def web_manifest(language: Language) -> JSONResponse:
    """Return by what a phone puts the page on its home screen; it tells nothing of anybody."""
    return JSONResponse(manifest(language), media_type=MANIFEST)


@router.get("/service-worker.js")
def service_worker() -> FileResponse:
    """Return the script that opens the page without a network; from the root, it sees sign-outs."""
    headers = {"Cache-Control": "no-cache"}
    return FileResponse(SERVICE_WORKER, media_type="text/javascript", headers=headers)
