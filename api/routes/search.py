"""What has a name: cells, places, roads and water."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import Caller, Language, Tx, own_cell
from gis import search
from maps import found
from maps.words import translator

router = APIRouter(prefix="/api/search", tags=["search"])


@router.get("")
def read_named(
    conn: Tx,
    me: Caller,
    *,
    language: Language,
    q: str = "",
    limit: Annotated[int, Query(ge=1, le=search.MOST)] = 10,
) -> dict[str, Any]:
    """Return what has a name that holds `q`, the best match first; only what the account may see.

    People are not found. `bbox` is west, south, east, north.
    """
    words = translator(language)
    items = search.find(conn, q, own=own_cell(conn, me), most=limit)
    return {
        "items": [
            {
                "kind": item.kind,
                "name": item.name,
                "detail": found.detail(item, words),
                "code": item.code,
                "lon": item.lon,
                "lat": item.lat,
                "bbox": item.bbox,
            }
            for item in items
        ]
    }
