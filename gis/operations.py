"""What was done once and answered: the same act sent again gets the same answer, and does nothing.

The answer is kept in the transaction of the effect.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
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
class Proof:
    """That an act has its effect: with it a sender may forget its own copy.

    Attributes
    ----------
    digest
        SHA-256 of what was asked, in hexadecimal.
    seq
        The server's running number.
    first
        Whether this request had the effect; else it repeats one that did.
    """

    op_id: UUID
    digest: str
    seq: int
    first: bool


@dataclass(frozen=True, slots=True)
class Done(Proof):
    """The same, with what was said to it, as JSON keeps it."""

    answer: Mapping[str, Any]

    @property
    def proof(self) -> dict[str, Any]:
        """The fields of the proof, for an answer that is one too."""
        return {field.name: getattr(self, field.name) for field in fields(Proof)}


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
    return Done(op_id, digest.hex(), row.seq, first=False, answer=row.answer)


def once(
    conn: Connection,
    op_id: UUID,
    digest: bytes,
    effect: Callable[[], Mapping[str, Any]],
    *,
    taken: Conflict | None = None,
) -> Done:
    """Have the effect of an act and keep its answer; repeated, only give the answer again.

    Of two that arrive at once the second waits, and repeats the first.

    Parameters
    ----------
    effect
        Writes, and returns what is to be said, as JSON can keep it. Whatever goes wrong
        in it is undone.
    taken
        The refusal where a name that it writes stands for something else already; None:
        only ``op_id`` can be taken.

    Raises
    ------
    Conflict
        If ``op_id`` stands for an act with other content, or something else is taken.
    """
    if done := known(conn, op_id, digest):
        return done
    try:
        with conn.begin_nested():
            return remember(conn, op_id, digest, effect())
    except (IntegrityError, UniqueViolation):
        if done := known(conn, op_id, digest):
            return done
        raise (taken or _taken()) from None


def remember(conn: Connection, op_id: UUID, digest: bytes, answer: Mapping[str, Any]) -> Done:
    """Keep an answer; of two that do so at once, the second fails (``IntegrityError``)."""
    new = insert(tables.operation).values(op_id=op_id, digest=digest, answer=answer)
    seq: int = conn.execute(new.returning(OPERATION.seq)).scalar_one()
    return Done(op_id, digest.hex(), seq, first=True, answer=answer)


def _taken() -> Conflict:
    return Conflict(
        say("This id stands for something else already."),
        remedy=say("Send it under a new id."),
        field="op_id",
    )
