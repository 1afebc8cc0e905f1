"""What was done once and answered: the same act sent again gets the same answer, and does nothing.

Whoever writes under a client's ``op_id`` looks here first, and remembers the
answer in the transaction of the effect.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from gis import tables
from gis.errors import Conflict
from gis.messages import say

OPERATION = tables.operation.c


@dataclass(frozen=True, slots=True)
class Done:
    """An act that has its effect.

    Attributes
    ----------
    digest
        SHA-256 of what was asked, in hexadecimal.
    seq
        The server's running number.
    answer
        What was said to it.
    first
        Whether this request had the effect; else it repeats one that did.
    """

    op_id: UUID
    digest: str
    seq: int
    answer: Mapping[str, Any]
    first: bool


def digest_of(content: object) -> bytes:
    """Return what tells this content, made of what JSON can hold, from any other."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).digest()


def known(conn: Connection, op_id: UUID, digest: bytes) -> Done | None:
    """Return what was answered to this act; None if it is new.

    Raises
    ------
    Conflict
        If the id stands for an act with other content.
    """
    query = select(OPERATION.digest, OPERATION.seq, OPERATION.answer)
    row = conn.execute(query.where(OPERATION.op_id == op_id)).one_or_none()
    if row is None:
        return None
    if row.digest != digest:
        raise _taken()
    return Done(op_id, digest.hex(), row.seq, row.answer, first=False)


def remember(conn: Connection, op_id: UUID, digest: bytes, answer: Mapping[str, Any]) -> Done:
    """Keep an answer, to be given again when the act is repeated.

    Of two that do the same at once, the second fails here (``IntegrityError``): undo
    to a savepoint, and ask :func:`known` again.
    """
    new = insert(tables.operation).values(op_id=op_id, digest=digest, answer=answer)
    seq: int = conn.execute(new.returning(OPERATION.seq)).scalar_one()
    return Done(op_id, digest.hex(), seq, answer, first=True)


def remember_alone(conn: Connection, op_id: UUID, digest: bytes, answer: Mapping[str, Any]) -> Done:
    """Keep an answer where a lock keeps others from doing the same at once.

    Raises
    ------
    Conflict
        If an act of another kind took the id meanwhile.
    """
    try:
        with conn.begin_nested():
            return remember(conn, op_id, digest, answer)
    except (IntegrityError, UniqueViolation):
        raise _taken() from None


def _taken() -> Conflict:
    return Conflict(
        say("This id stands for something else already."),
        remedy=say("Send it under a new id."),
        field="op_id",
    )
