"""Issues in the database: take a report in, find one, list many, read a ledger."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from psycopg.errors import UniqueViolation
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Select, func, insert, select
from sqlalchemy.exc import IntegrityError

from gis import tables
from gis.cells import store as cells
from gis.errors import Conflict, NotFound
from gis.hierarchy import Code
from gis.issues import filing
from gis.issues.filing import Filed, Report
from gis.issues.lifecycle import Kind, Severity, Status
from gis.issues.routing import Because, Reason, why
from gis.issues.rules import load_rules
from gis.issues.spots import spots
from gis.messages import Message, say

ISSUE = tables.issue.c
READ = (
    *("id", "version", "category", "severity", "text", "geom", "accuracy_m", "reported_at"),
    *("cell", "place", "owner", "status", "due", "notes", "reasons"),
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof that a report is stored: only with it may the sender forget its own copy.

    Attributes
    ----------
    digest
        SHA-256 of the request, in hexadecimal.
    seq
        The server's running number.
    first
        Whether this request stored it; else it repeats one that did.
    """

    id: UUID
    op_id: UUID
    digest: str
    seq: int
    cell: Code | None
    owner: Code | None
    owners: tuple[str, ...]
    due: datetime | None
    version: int
    first: bool


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it stands; ``why`` says in words how it came to its owner."""

    id: UUID
    version: int
    category: str
    severity: Severity
    text: str
    geom: BaseGeometry
    accuracy_m: float | None
    reported_at: datetime
    cell: Code | None
    place: Code | None
    owner: Code | None
    status: Status
    due: datetime | None
    notes: list[str]
    why: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the ledger, as it is read."""

    version: int
    kind: Kind
    at: datetime
    owner: Code | None
    status: Status
    due: datetime | None
    person: str | None
    text: str


def report_issue(conn: Connection, report: Report) -> Receipt:
    """Store a report with its owner and deadline; the same again gives the same receipt.

    Raises
    ------
    Conflict
        If its id, or the id of the act, stands for other content already.
    """
    digest = digest_of(report)
    if known := _receipt(conn, report.op_id, digest):
        return known
    rules = load_rules(conn)
    accuracy = np.nan if report.accuracy is None else report.accuracy
    (spot,) = spots(rules.tree, cells.cells_on(conn), [report.geom], accuracy=[accuracy])
    filed = filing.file(rules, report, spot=spot)
    try:
        with conn.begin_nested():
            filing.write(conn, [filed])
            return _remember(conn, filed, digest)
    except (IntegrityError, UniqueViolation):  # the act arrived twice at once, or the id is taken
        if known := _receipt(conn, report.op_id, digest):
            return known
        raise _taken() from None


def digest_of(report: Report) -> bytes:
    """Return what tells this report's content from another's; when we got it is no part of it."""
    content = [
        str(report.id),
        report.source,
        report.category,
        report.severity.value,
        report.text,
        report.geom.wkb_hex,
        report.accuracy,
        report.reported.isoformat(),
        report.reporter,
        report.settled,
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).digest()


def get_issue(conn: Connection, issue: UUID, *, within: Code | None = None) -> Issue:
    """Return one issue; NotFound if there is none, or it lies outside ``within``."""
    row = conn.execute(_visible(conn, within).where(ISSUE.id == issue)).one_or_none()
    if row is None:
        raise NotFound(
            say("There is no issue {id}.", id=issue), remedy=say("Look at the list of issues.")
        )
    return _issue(row, cells.names_on(conn))


def list_issues(
    conn: Connection,
    *,
    within: Code | None = None,
    status: Status | None = None,
    overdue_at: datetime | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    reported: tuple[datetime | None, datetime | None] = (None, None),
    after: UUID | None = None,
    limit: int = 100,
) -> list[Issue]:
    """Return issues, by id.

    Parameters
    ----------
    within
        Only those that lie in this cell or below it.
    overdue_at
        Only those open and due before this instant.
    bbox
        Only those that touch it: west, south, east, north in EPSG:4326.
    reported
        Only those reported from the first instant to before the second.
    after
        Go on behind this one.
    """
    query = _visible(conn, within).order_by(ISSUE.id).limit(limit)
    if status is not None:
        query = query.where(ISSUE.status == status)
    if overdue_at is not None:
        ended = [s for s in Status if not s.is_open]
        query = query.where(ISSUE.due < overdue_at, ISSUE.status.not_in(ended))
    if bbox is not None:
        query = query.where(func.ST_Intersects(ISSUE.geom, func.ST_MakeEnvelope(*bbox, 4326)))
    begin, end = reported
    if begin is not None:
        query = query.where(ISSUE.reported_at >= begin)
    if end is not None:
        query = query.where(ISSUE.reported_at < end)
    if after is not None:
        query = query.where(ISSUE.id > after)
    names = cells.names_on(conn)
    return [_issue(row, names) for row in conn.execute(query)]


def acts_of(conn: Connection, issue: UUID) -> list[Act]:
    """Return the ledger of an issue, the first line first."""
    c = tables.ledger.c
    query = (
        select(c.version, c.kind, c.at, c.owner, c.status, c.due, c.person, c.text)
        .where(c.issue == issue)
        .order_by(c.version)
    )
    return [Act(*row) for row in conn.execute(query)]


def oldest_due(conn: Connection) -> datetime | None:
    """Return the earliest instant at which a step is due; None where none ever will be."""
    found: datetime | None = conn.execute(select(func.min(ISSUE.next_due))).scalar_one()
    return found


def _visible(conn: Connection, within: Code | None) -> Select[Any]:
    query = select(*(ISSUE[name] for name in READ))
    if within is None:
        return query
    tree = cells.tree_on(conn)
    return query.where(ISSUE.cell.in_(tree.within(within) if within in tree else ()))


def _issue(row: Any, names: Mapping[Code, str]) -> Issue:
    values = row._asdict()
    because = [Because(Reason(reason), cell) for reason, cell in values.pop("reasons")]
    return Issue(**values, why=tuple(why(because, names=names)))


def _remember(conn: Connection, filed: Filed, digest: bytes) -> Receipt:
    """Keep the receipt, to be given again when the act is repeated."""
    answer = {
        "id": str(filed.report.id),
        "cell": filed.spot.cell,
        "owner": filed.head.owner,
        "owners": sorted(filed.route.people),
        "due": filed.head.due.isoformat() if filed.head.due else None,
        "version": filed.head.version,
    }
    operation, op_id = tables.operation, filed.report.op_id
    new = insert(operation).values(op_id=op_id, digest=digest, answer=answer)
    seq: int = conn.execute(new.returning(operation.c.seq)).scalar_one()
    return _from_answer(answer, op_id=op_id, digest=digest, seq=seq, first=True)


def _receipt(conn: Connection, op_id: UUID, digest: bytes) -> Receipt | None:
    """Return the receipt that was given for this act; Conflict if it was for another."""
    c = tables.operation.c
    known = conn.execute(select(c.digest, c.seq, c.answer).where(c.op_id == op_id)).one_or_none()
    if known is None:
        return None
    if known.digest != digest:
        raise _taken()
    return _from_answer(known.answer, op_id=op_id, digest=digest, seq=known.seq, first=False)


def _from_answer(
    answer: Mapping[str, Any], *, op_id: UUID, digest: bytes, seq: int, first: bool
) -> Receipt:
    return Receipt(
        id=UUID(answer["id"]),
        op_id=op_id,
        digest=digest.hex(),
        seq=seq,
        cell=answer["cell"],
        owner=answer["owner"],
        owners=tuple(answer["owners"]),
        due=datetime.fromisoformat(answer["due"]) if answer["due"] else None,
        version=answer["version"],
        first=first,
    )


def _taken() -> Conflict:
    return Conflict(
        say("This id stands for another report already."),
        remedy=say("Send the report under a new id."),
        field="id",
    )
