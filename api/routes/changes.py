"""Whether anything new came in, for pages that stay open."""

from fastapi import APIRouter

from api import schemas
from api.deps import Caller, Tx, own_cell
from gis import times
from gis.changes import changes

router = APIRouter(prefix="/api/changes", tags=["reports"])


@router.get("")
def read_changes(conn: Tx, me: Caller) -> schemas.ChangesOut:
    """Return two words: one is another as soon as acts on issues came in, one with each walk."""
    found = changes(conn, cell=own_cell(conn, me), at=times.now())
    return schemas.ChangesOut(seq=found.seq, walks=found.walks, reports=found.reports)
