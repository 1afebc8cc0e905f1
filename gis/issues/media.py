"""Photos in the database: taken in under the digest of what was sent, and shown to who may see.

They live beside the issues that they belong to, so one transaction keeps both
and one backup holds both.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, LargeBinary, Uuid, any_, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as insert_once

from gis import tables
from gis.errors import InvalidInput, NotFound
from gis.hierarchy import Code
from gis.issues.photos import check_size, made_anew
from gis.issues.sight import in_sight
from gis.messages import say

MEDIA, CARRIED, ISSUE = tables.media.c, tables.issue_media.c, tables.issue.c
MOST = 9
"""Photos of one act."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A photo that is stored.

    Attributes
    ----------
    sha256
        Of the bytes that were sent, in hexadecimal: the photo's name.
    width, height
        Of the photo as we keep it, in pixels.
    first
        Whether this request stored it; else it was here before.
    """

    sha256: str
    width: int
    height: int
    first: bool


def keep(conn: Connection, sha256: str, sent: bytes, *, account: str) -> Kept:
    """Store a photo under its digest; the same again changes nothing.

    Parameters
    ----------
    sha256
        In hexadecimal, as the sender has it: it proves that all of it arrived.
    account
        Who sends it.

    Raises
    ------
    InvalidInput
        If the digest is another, or it is no photo that we take.
    """
    check_size(sent)  # of what is too large, not all may have been read
    digest = hashlib.sha256(sent).digest()
    if digest.hex() != sha256:
        raise InvalidInput(
            say("What arrived is not what the address says: its SHA-256 is another."),
            remedy=say("Send the file once more, as it is."),
            field="sha256",
        )
    there = select(MEDIA.width, MEDIA.height).where(MEDIA.sha256 == digest)
    if row := conn.execute(there).one_or_none():
        return Kept(sha256, row.width, row.height, first=False)
    photo = made_anew(sent)
    stored = conn.execute(
        insert_once(tables.media)
        .values(
            sha256=digest,
            content=photo.content,
            thumbnail=photo.thumbnail,
            width=photo.width,
            height=photo.height,
            account=account,
        )
        .on_conflict_do_nothing()
        .returning(MEDIA.sha256)
    ).first()
    return Kept(sha256, photo.width, photo.height, first=stored is not None)


def photo(
    conn: Connection,
    sha256: str,
    *,
    account: str,
    person: str | None,
    within: Code | None,
    thumbnail: bool = False,
) -> bytes:
    """Return a photo as JPEG, or its small copy.

    Parameters
    ----------
    account, person, within
        Who asks: the account that sent it, or one that may see an issue with it.

    Raises
    ------
    NotFound
        If there is none, or it is none of the asker's business.
    """
    carried = (
        select(CARRIED.sha256)
        .join(tables.issue, ISSUE.id == CARRIED.issue)
        .where(in_sight(conn, within=within, person=person))
    )
    query = select(MEDIA.thumbnail if thumbnail else MEDIA.content).where(
        MEDIA.sha256 == bytes.fromhex(sha256),
        or_(MEDIA.account == account, MEDIA.sha256.in_(carried)),
    )
    found: bytes | None = conn.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound(
            say("There is no such photo."), remedy=say("Look at the issue that it belongs to.")
        )
    return bytes(found)


def check_sent(conn: Connection, media: Sequence[str]) -> None:
    """Refuse photos that are not here; InvalidInput names the first of them."""
    digests = [bytes.fromhex(name) for name in media]
    query = select(MEDIA.sha256).where(MEDIA.sha256 == any_(literal(digests, ARRAY(LargeBinary))))
    there = {bytes(digest) for digest in conn.execute(query).scalars()} if digests else set()
    missing = next((digest.hex() for digest in digests if digest not in there), None)
    if missing is not None:
        raise InvalidInput(
            say("The photo {sha256} has not arrived yet.", sha256=missing),
            remedy=say("Send the photos first, then the report."),
            field="media",
        )


def attach(conn: Connection, issue: UUID, media: Sequence[str], *, version: int) -> None:
    """Hang photos on a line of an issue's ledger, in their order."""
    if media:
        rows = [
            {
                "issue": issue,
                "version": version,
                "position": position,
                "sha256": bytes.fromhex(name),
            }
            for position, name in enumerate(media)
        ]
        conn.execute(insert(tables.issue_media), rows)


def photos_of(conn: Connection, issues: Sequence[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """Return the photos of some issues, in order; one without any is absent."""
    query = (
        select(CARRIED.issue, CARRIED.sha256)
        .where(CARRIED.issue == any_(literal(list(issues), ARRAY(Uuid))))
        .order_by(CARRIED.issue, CARRIED.version, CARRIED.position)
    )
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in conn.execute(query):
        found[row.issue].append(bytes(row.sha256).hex())
    return {issue: tuple(names) for issue, names in found.items()}
