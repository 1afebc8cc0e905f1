"""Photos over HTTP: sent under their digest, and shown to who may see them."""

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Annotated

from anyio import Semaphore
from anyio.lowlevel import RunVar
from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.requests import ClientDisconnect

from api import schemas
from api.deps import Caller, Tx, own_cell
from api.security import MAX_BODY_BYTES
from gis.issues import media
from gis.issues.photos import LARGEST, damaged

router = APIRouter(prefix="/api/media", tags=["media"])

Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
FOR_EVER = "private, max-age=31536000, immutable"
JPEG = "image/jpeg"
AT_ONCE = 4
"""Photos that are taken in at the same time: each holds a connection while it is made anew."""
_turns: RunVar[Semaphore] = RunVar("photos")
TAKEN = {"requestBody": {"content": {"image/*": {"schema": {"format": "binary"}}}}}


class Size(StrEnum):
    """Which copy of a photo."""

    FULL = "full"
    THUMBNAIL = "thumbnail"


async def sent(request: Request) -> AsyncIterator[bytes]:
    """Yield the body when it is its turn.

    Of one that is too large only as much as shows that it is; it is read to its end
    all the same, for a sender that is cut off does not see the answer.
    """
    body = bytearray()
    arrived = 0
    try:
        async for part in request.stream():
            arrived += len(part)
            body += part[: LARGEST + 1 - len(body)]
            if arrived > MAX_BODY_BYTES:
                break
    except ClientDisconnect:
        raise damaged() from None  # nobody hears it, but it is no fault of ours
    async with turns():
        yield bytes(body)


def turns() -> Semaphore:
    """Return what lets AT_ONCE photos pass in this event loop."""
    try:
        return _turns.get()
    except LookupError:
        made = Semaphore(AT_ONCE)
        _turns.set(made)
        return made


# Before the transaction: neither a slow sender nor one that waits holds a connection.
Sent = Annotated[bytes, Depends(sent, scope="function")]


@router.put("/{sha256}", status_code=201, openapi_extra=TAKEN)
def send_photo(
    sha256: Sha256, body: Sent, conn: Tx, me: Caller, *, response: Response
) -> schemas.PhotoOut:
    """Keep a photo (JPEG, PNG, WebP; 20 MB, 50 megapixels); repeated, it answers 200.

    `sha256` is that of the bytes sent. What we keep is made anew, without position, time or names.
    """
    kept = media.keep(conn, sha256, body, account=me.name)
    response.status_code = 201 if kept.first else 200
    return schemas.PhotoOut(sha256=kept.sha256, width=kept.width, height=kept.height)


@router.get("/{sha256}", response_class=Response, responses={200: {"content": {JPEG: {}}}})
def read_photo(sha256: Sha256, conn: Tx, me: Caller, *, size: Size = Size.FULL) -> Response:
    """Return a photo, or its thumbnail (320 pixels), to its sender and who may see its issue."""
    found = media.photo(
        conn,
        sha256,
        account=me.name,
        person=me.person,
        within=own_cell(conn, me),
        thumbnail=size is Size.THUMBNAIL,
    )
    headers = {"Cache-Control": FOR_EVER, "Content-Disposition": "inline"}
    return Response(found, media_type=JPEG, headers=headers)
