"""Boundary files over HTTP: a report first, then the change."""

from typing import Annotated, Any

from fastapi import APIRouter, Form

from api import schemas_cells
from api.deps import Language, Planner, Tx, own_cell
from api.received import received
from gis.cells import uploading
from maps.words import translator

router = APIRouter(prefix="/api/boundaries", tags=["boundaries"])

Asked = Annotated[schemas_cells.BoundariesIn, Form(media_type="multipart/form-data")]


@router.post("")
def take_boundaries(asked: Asked, conn: Tx, me: Planner, language: Language) -> dict[str, Any]:
    """Tell what a file of boundaries would do; with `apply`, do it.

    A file that cannot be taken in is `accepted: false` in a report, with every
    reason; to apply it is refused. Applying needs an `op_id` of the sender's own, so
    that sending twice is once, and the `sha256` of the report.
    """
    with received(asked.file) as upload:
        done = uploading.receive(
            conn, upload, asked.wanted, act=asked.act, within=own_cell(conn, me)
        )
    return schemas_cells.uploaded(done, translator(language))
