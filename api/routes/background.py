"""The file of tiles under the map, if this installation has one."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from api.deps import Caller, SettingsOf
from gis.errors import NotFound
from gis.messages import say
from maps.background import ADDRESS

router = APIRouter(include_in_schema=False)


@router.api_route(ADDRESS, methods=["GET", "HEAD"])
def read_tiles(_me: Caller, settings: SettingsOf) -> FileResponse:
    """Return the file, or the ranges of it that a browser asks for."""
    if not settings.pmtiles:
        raise NotFound(say("There is no file of tiles here."))
    return FileResponse(
        settings.pmtiles,
        media_type="application/vnd.pmtiles",
        headers={"Cache-Control": "private, max-age=3600"},
    )
