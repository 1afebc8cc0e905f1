"""Walked tracks over HTTP: batches from a phone, and one's own."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api import schemas
from api.deps import Tx, Worker
from gis import times
from gis.deployment import get_deployment
from gis.patrols import own
from gis.patrols.own import Batch

router = APIRouter(prefix="/api/tracks", tags=["tracks"])


@router.put("/{batch_id}", status_code=201)
def send_track(
    batch_id: UUID, body: schemas.TrackIn, conn: Tx, me: Worker, *, response: Response
) -> schemas.TrackReceiptOut:
    """Take a part of a declared patrol in; repeated, it answers 200 with the same receipt.

    Parts may come in any order, overlap and repeat: it makes no difference to the figures.
    """
    receipt = own.take_batch(
        conn,
        Batch(
            id=batch_id,
            op_id=body.op_id,
            person=me.person or "",
            patrol=body.patrol,
            datum=body.datum,
            fixes=body.fixes,
        ),
        zone=get_deployment(conn).zone,
        at=times.now(),
    )
    response.status_code = 201 if receipt.first else 200
    return schemas.track_receipt(receipt)


@router.get("")
def read_own_tracks(
    conn: Tx,
    me: Worker,
    *,
    first: Annotated[str | None, Query(alias="from")] = None,
    last: Annotated[str | None, Query(alias="to")] = None,
) -> dict[str, Any]:
    """Return what the caller walked and what counts of it, as GeoJSON; without days, today's.

    Nobody's but the caller's own.
    """
    until = times.local_date(last, field="to") if last else times.today(get_deployment(conn).zone)
    since = times.local_date(first, field="from") if first else until
    return schemas.walked(own.own_tracks(conn, me.person or "", first=since, last=until))
