"""From a report to an issue: routed, with its first lines in the ledger and its next deadline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

import shapely
from psycopg.types.json import Jsonb
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from gis.db import copy_rows
from gis.issues import ledger
from gis.issues.escalation import Basis, Entry, Rules, clock_of
from gis.issues.ledger import Head, Line
from gis.issues.lifecycle import STATUS_AFTER, Kind, Severity
from gis.issues.routing import Because, Reason, Route, Spot, route

IMPORT = "import"
"""The source of issues that a file brought: the file's due time is their limit."""
COLUMNS = (
    "issue (id, version, source, source_id, category, severity, text, geom, accuracy_m, reporter,"
    " reported_at, cell, place, owner, reasons, notes, status, file_due, due, next_due)"
)
TYPES = (
    "uuid int4 text text text text text bytea float8 text timestamptz text text text jsonb text[]"
    " text bool timestamptz timestamptz"
)


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reports.

    Attributes
    ----------
    op_id
        Of the act of reporting, made by the client.
    geom
        EPSG:4326.
    accuracy
        Metres; None: not known.
    reported
        When it was seen; ``received``, when it came to us: the clock begins then.
    reporter
        A person; None for anybody who holds no post.
    settled
        Whether the reporter dealt with it on the spot.
    file_due, closed
        Of imported reports: the time promised, and when it was resolved.
    media
        Names of the photos with it, in order.
    """

    id: UUID
    op_id: UUID
    source: str
    category: str
    severity: Severity
    text: str
    geom: BaseGeometry
    accuracy: float | None
    reported: datetime
    received: datetime
    source_id: str = ""
    reporter: str | None = None
    settled: bool = False
    file_due: datetime | None = None
    closed: datetime | None = None
    notes: tuple[str, ...] = ()
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filed:
    """An issue as it is stored: the report, where it went, its lines and how it stands."""

    report: Report
    spot: Spot
    route: Route
    lines: tuple[Line, ...]
    head: Head


def file(rules: Rules, report: Report, *, spot: Spot, today: datetime | None = None) -> Filed:
    """Route a report and work out its first deadline; nothing is stored.

    Parameters
    ----------
    today
        A report may be older than the register of people: where nobody held a
        post then, whoever holds it at this instant takes it. None: nobody does.
    """
    way = _way(rules, report, spot=spot, at=report.received)
    if way.owner is None and way.place is not None and today is not None:
        later = _way(rules, report, spot=spot, at=today)
        if later.owner is not None:
            way = replace(later, reasons=(*later.reasons, Because(Reason.TODAY)))
    basis = Basis(
        category=report.category,
        severity=report.severity,
        cell=spot.cell,
        from_file=report.source == IMPORT,
        file_due=report.file_due,
    )
    lines = _first_lines(rules, basis, report=report, way=way)
    clock = clock_of(rules, basis, ledger=[line.entry for line in lines])
    head = ledger.head_after(rules, basis, issue=report.id, version=len(lines), clock=clock)
    return Filed(report, spot, way, lines, head)


def _way(rules: Rules, report: Report, *, spot: Spot, at: datetime) -> Route:
    return route(
        rules.tree,
        rules.posts,
        spot=spot,
        at=at,
        severity=report.severity,
        reporter=report.reporter,
        settled=report.settled,
    )


def _first_lines(rules: Rules, basis: Basis, *, report: Report, way: Route) -> tuple[Line, ...]:
    """Return the line of the report, and that of its end where it comes with one."""
    settled = any(because.reason is Reason.SETTLED for because in way.reasons)
    ended = report.received if settled else report.closed
    entries = [Entry(Kind.REPORTED, report.received, way.owner)]
    if ended is not None:
        entries.append(Entry(Kind.CLOSED, ended, way.owner))
    return tuple(
        Line(
            issue=report.id,
            version=version,
            op_id=report.op_id if version == 1 else uuid5(report.op_id, entry.kind),
            entry=entry,
            status=STATUS_AFTER[entry.kind],
            due=ledger.due_after(rules, basis, clock_of(rules, basis, ledger=entries[:version])),
            person=report.reporter if version == 1 or settled else None,  # else a file closed it
        )
        for version, entry in enumerate(entries, start=1)
    )


def write(conn: Connection, filed: Sequence[Filed]) -> None:
    """Store issues that are not there yet, each with its lines."""
    geoms = shapely.set_srid([issue.report.geom for issue in filed], 4326)
    shapes = shapely.to_wkb(geoms, include_srid=True)
    copy_rows(
        conn,
        COLUMNS,
        TYPES,
        (_row(issue, shape) for issue, shape in zip(filed, shapes, strict=True)),
    )
    ledger.write(conn, (line for issue in filed for line in issue.lines))


def _row(issue: Filed, shape: bytes) -> tuple[object, ...]:
    report, head = issue.report, issue.head
    return (
        report.id,
        head.version,
        report.source,
        report.source_id,
        report.category,
        report.severity.value,
        report.text,
        shape,
        report.accuracy,
        report.reporter,
        min(report.reported, report.received),  # a sender's clock may be ahead
        issue.spot.cell,
        issue.route.place,
        issue.route.owner,
        Jsonb([[because.reason.value, because.cell] for because in issue.route.reasons]),
        list(report.notes),
        head.status.value,
        report.source == IMPORT and report.file_due is not None,
        head.due,
        head.next_due,
    )
