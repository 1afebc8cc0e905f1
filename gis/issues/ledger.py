"""The ledger in the database: lines written once, read in order, never changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from gis import tables
from gis.db import copy_rows, sql
from gis.hierarchy import Code
from gis.issues.escalation import Basis, Clock, Entry, Rules, deadline, next_step
from gis.issues.lifecycle import Status

COLUMNS = (
    "ledger (issue, version, op_id, kind, at, owner, status, due, extra, skipped, provisional,"
    " person, text)"
)
TYPES = "uuid int4 uuid text timestamptz text text timestamptz interval text[] bool text text"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is written: the entry, and how the issue stands after it.

    Attributes
    ----------
    person
        Who acted; None: the clock, or an import.
    """

    issue: UUID
    version: int
    op_id: UUID
    entry: Entry
    status: Status
    due: datetime | None
    person: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What an issue's own row says of its ledger's end."""

    issue: UUID
    version: int
    owner: Code | None
    status: Status
    due: datetime | None
    next_due: datetime | None


def due_after(rules: Rules, basis: Basis, clock: Clock) -> datetime | None:
    """Return what an issue's ``due`` says: the file's time for good, else the running limit's."""
    return basis.file_due or deadline(rules, clock)


def head_after(rules: Rules, basis: Basis, *, issue: UUID, version: int, clock: Clock) -> Head:
    """Return the head of an issue whose last line left it with ``clock``."""
    following = next_step(rules, basis, clock=clock)
    return Head(
        issue,
        version,
        owner=clock.owner,
        status=clock.status,
        due=due_after(rules, basis, clock),
        next_due=following.at if following else None,
    )


def write(conn: Connection, lines: Iterable[Line]) -> None:
    """Append lines; one whose id or place is taken fails as a whole."""
    copy_rows(
        conn,
        COLUMNS,
        TYPES,
        (
            (
                line.issue,
                line.version,
                line.op_id,
                line.entry.kind.value,
                line.entry.at,
                line.entry.owner,
                line.status.value,
                line.due,
                line.entry.extra,
                list(line.entry.skipped),
                line.entry.provisional,
                line.person,
                line.text,
            )
            for line in lines
        ),
    )


def point(conn: Connection, heads: Sequence[Head]) -> None:
    """Bring the issues' own rows up to the ends of their ledgers, in one statement."""
    if heads:
        names = [field.name for field in fields(Head)]
        columns = {name: [getattr(head, name) for head in heads] for name in names}
        conn.execute(sql("issues_point"), columns)


def read(conn: Connection, issues: Sequence[UUID]) -> Mapping[UUID, list[Entry]]:
    """Return the entries of some issues, each the oldest first."""
    c = tables.ledger.c
    query = (
        select(c.issue, c.kind, c.at, c.owner, c.extra, c.skipped, c.provisional)
        .where(c.issue == any_(literal(list(issues), ARRAY(Uuid))))
        .order_by(c.issue, c.version)
    )
    found: dict[UUID, list[Entry]] = defaultdict(list)
    for row in conn.execute(query):
        found[row.issue].append(
            Entry(row.kind, row.at, row.owner, row.extra, tuple(row.skipped), row.provisional)
        )
    return found
