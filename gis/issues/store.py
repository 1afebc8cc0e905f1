"""Issues in the database: take a report in, find one, list many, read a ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Connection, func, select, tuple_

from gis import operations, tables, times
from gis.cells import store as cells
from gis.deployment import get_deployment
from gis.errors import Conflict, NotFound
from gis.hierarchy import Code
from gis.issues import filing, media
from gis.issues.filing import Filed, Report
from gis.issues.lifecycle import Kind, Severity, Status
from gis.issues.routing import Because, Reason, why
from gis.issues.rules import load_rules
from gis.issues.sight import in_sight
from gis.issues.spots import spots
from gis.messages import Message, say
from gis.operations import Done, Proof
from gis.people import store as people
from gis.people.model import Holder

ISSUE = tables.issue.c
READ = (
    *("id", "version", "category", "severity", "text", "geom", "accuracy_m", "reported_at"),
    *("cell", "place", "owner", "status", "due", "notes", "reasons"),
)


@dataclass(frozen=True, slots=True)
class Receipt(Proof):
    """The proof that a report is stored, and where it went."""

    id: UUID
    cell: Code | None
    owner: Code | None
    owners: tuple[str, ...]
    due: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it stands; ``why`` says in words how it came to its owner.

    Attributes
    ----------
    cell_name, owner_name
        None where it lies in no cell, and where the centre has it.
    holders
        The names of who answers for the owner now; nobody where the centre has it.
    media
        Names of its photos, in order.
    """

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
    cell_name: str | None
    owner_name: str | None
    holders: tuple[str, ...]
    media: tuple[str, ...]


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
    skipped: tuple[Code, ...] = ()


def report_issue(conn: Connection, report: Report) -> Receipt:
    """Store a report with its owner and deadline; the same again gives the same receipt.

    Raises
    ------
    Conflict
        If its id, or the id of the act, stands for other content already.
    InvalidInput
        If one of its photos is not here.
    """
    digest = digest_of(report)
    taken = Conflict(
        say("This id stands for another report already."),
        remedy=say("Send the report under a new id."),
        field="id",
    )
    return _receipt(
        operations.once(
            conn, report.op_id, digest, lambda: _answer(_filed(conn, report)), taken=taken
        )
    )


def _filed(conn: Connection, report: Report) -> Filed:
    """Route a report and store it."""
    media.check_sent(conn, report.media)
    rules = load_rules(conn)
    accuracy = np.nan if report.accuracy is None else report.accuracy
    (spot,) = spots(rules.tree, cells.cells_on(conn), [report.geom], accuracy=[accuracy])
    filed = filing.file(rules, report, spot=spot)
    filing.write(conn, [filed])
    media.attach(conn, report.id, report.media, version=1)
    return filed


def digest_of(report: Report) -> bytes:
    """Return what tells this report's content from another's; when we got it is no part of it."""
    content: list[object] = [
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
        *report.media,  # at the end: what was sent before there were photos keeps its digest
    ]
    return operations.digest_of(content)


def get_issue(
    conn: Connection, issue: UUID, *, within: Code | None = None, person: str | None = None
) -> Issue:
    """Return one issue.

    Raises
    ------
    NotFound
        If there is none, or it lies outside ``within`` and ``person`` did not report it.
    """
    sight = in_sight(conn, within=within, person=person)
    found = _issues(conn, [ISSUE.id == issue, sight])
    if not found:
        raise NotFound(
            say("There is no issue {id}.", id=issue), remedy=say("Look at the list of issues.")
        )
    return found[0]


def list_issues(
    conn: Connection,
    *,
    within: Code | None = None,
    reporter: str | None = None,
    status: Status | None = None,
    overdue_at: datetime | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    reported: tuple[datetime | None, datetime | None] = (None, None),
    after: UUID | None = None,
    limit: int = 100,
) -> list[Issue]:
    """Return issues, by id; those of a reporter, the newest first.

    Parameters
    ----------
    within
        Only those that lie in this cell or below it.
    reporter
        Only those that this person reported.
    overdue_at
        Only those open and due before this instant.
    bbox
        Only those that touch it: west, south, east, north in EPSG:4326.
    reported
        Only those reported from the first instant to before the second.
    after
        Go on behind this one.
    """
    conditions = [in_sight(conn, within=within)]
    if status is not None:
        conditions.append(ISSUE.status == status)
    if overdue_at is not None:
        ended = [s for s in Status if not s.is_open]
        conditions += [ISSUE.due < overdue_at, ISSUE.status.not_in(ended)]
    if bbox is not None:
        conditions.append(func.ST_Intersects(ISSUE.geom, func.ST_MakeEnvelope(*bbox, 4326)))
    begin, end = reported
    if begin is not None:
        conditions.append(ISSUE.reported_at >= begin)
    if end is not None:
        conditions.append(ISSUE.reported_at < end)
    order: list[ColumnElement[Any]] = [ISSUE.id]
    if reporter is not None:
        conditions.append(ISSUE.reporter == reporter)
        order = [ISSUE.reported_at.desc(), ISSUE.id.desc()]
    if after is not None:
        conditions.append(_behind(after, reporter=reporter))
    return _issues(conn, conditions, order=order, limit=limit)


def acts_of(conn: Connection, issue: UUID) -> list[Act]:
    """Return the ledger of an issue, the first line first."""
    c = tables.ledger.c
    query = (
        select(c.version, c.kind, c.at, c.owner, c.status, c.due, c.person, c.text, c.skipped)
        .where(c.issue == issue)
        .order_by(c.version)
    )
    return [Act(*row[:-1], skipped=tuple(row.skipped)) for row in conn.execute(query)]


def oldest_due(conn: Connection) -> datetime | None:
    """Return the earliest instant at which a step is due; None where none ever will be."""
    found: datetime | None = conn.execute(select(func.min(ISSUE.next_due))).scalar_one()
    return found


def _behind(issue: UUID, *, reporter: str | None) -> ColumnElement[bool]:
    """Return the condition to come behind an issue in the list, which is one's own or by id."""
    if reporter is None:
        return ISSUE.id > issue
    of = tables.issue.alias().c
    there = select(of.reported_at, of.id).where(of.id == issue, of.reporter == reporter)
    return tuple_(ISSUE.reported_at, ISSUE.id) < there.scalar_subquery()


def _issues(
    conn: Connection,
    conditions: Sequence[ColumnElement[bool]],
    *,
    order: Sequence[ColumnElement[Any]] = (),
    limit: int | None = None,
) -> list[Issue]:
    """Return the issues that meet all conditions."""
    columns = (ISSUE[name] for name in READ)
    rows = conn.execute(select(*columns).where(*conditions).order_by(*order).limit(limit)).all()
    if not rows:
        return []
    names = cells.names_on(conn)
    today = times.today(get_deployment(conn).zone)
    owners = {row.owner for row in rows if row.owner is not None}
    holders = people.holders_on(conn, today, cells=owners)
    photos = media.photos_of(conn, [row.id for row in rows])
    return [_issue(row, names, holders, photos) for row in rows]


def _issue(
    row: Any,
    names: Mapping[Code, str],
    holders: Mapping[Code, Sequence[Holder]],
    photos: Mapping[UUID, tuple[str, ...]],
) -> Issue:
    values = row._asdict()
    because = [Because(Reason(reason), cell) for reason, cell in values.pop("reasons")]
    return Issue(
        **values,
        why=tuple(why(because, names=names)),
        cell_name=names.get(row.cell, row.cell),  # a cell that is no more has its code alone
        owner_name=names.get(row.owner, row.owner),
        holders=tuple(holder.name for holder in holders.get(row.owner, ())),
        media=photos.get(row.id, ()),
    )


def _answer(filed: Filed) -> Mapping[str, Any]:
    """Return what is said to a report, as JSON can keep it."""
    return {
        "id": str(filed.report.id),
        "cell": filed.spot.cell,
        "owner": filed.head.owner,
        "owners": sorted(filed.route.people),
        "due": filed.head.due.isoformat() if filed.head.due else None,
        "version": filed.head.version,
    }


def _receipt(done: Done) -> Receipt:
    answer = done.answer
    return Receipt(
        **done.proof,
        id=UUID(answer["id"]),
        cell=answer["cell"],
        owner=answer["owner"],
        owners=tuple(answer["owners"]),
        due=datetime.fromisoformat(answer["due"]) if answer["due"] else None,
        version=answer["version"],
    )
