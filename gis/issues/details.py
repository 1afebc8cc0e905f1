"""What there is to say of issues one by one: why each is with whom it is, and its photos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from gis import tables
from gis.cells import store as cells
from gis.issues.media import photos_of
from gis.issues.routing import Because, Reason, why
from gis.messages import Message

ISSUE = tables.issue.c


@dataclass(frozen=True, slots=True)
class Detail:
    """Of one issue: how it came to its owner, in words, and the names of its photos in order."""

    why: Sequence[Message] = ()
    photos: Sequence[str] = ()


def details_of(conn: Connection, issues: Sequence[UUID]) -> Mapping[UUID, Detail]:
    """Return the details of some issues; nothing is asked where there are none."""
    if not issues:
        return {}
    photos = photos_of(conn, issues)
    names = cells.names_on(conn)
    wanted = ISSUE.id == any_(literal(list(issues), ARRAY(Uuid)))
    return {
        row.id: Detail(
            why=tuple(
                why([Because(Reason(word), cell) for word, cell in row.reasons], names=names)
            ),
            photos=photos.get(row.id, ()),
        )
        for row in conn.execute(select(ISSUE.id, ISSUE.reasons).where(wanted))
    }
