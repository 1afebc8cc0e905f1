"""What issues there are, cell by cell and on the map: counted from the ledger alone."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from gis.cells import store as cells
from gis.cells.scope import OUTSIDE, scope_of
from gis.db import sql
from gis.deployment import get_deployment
from gis.hierarchy import Code, Level
from gis.issues.lifecycle import Severity, Status
from gis.issues.pins import Pin
from gis.people import store as people
from gis.reports import Question, Report

ONE_DAY = timedelta(days=1)
COUNTS = ("reported", "open", "overdue", "escalated", "closed")


def issues_report(
    conn: Connection,
    *,
    cell: Code | None,
    level: Level | None,
    first: date | None,
    last: date | None,
    at: datetime,
) -> Report:
    """Count issues as of an instant, one row a cell.

    Parameters
    ----------
    cell, level
        The children of ``cell``, or its cells of ``level``; None: the whole.
    first, last
        Reported, escalated and closed are counted in this window of local dates,
        both included, as far as it lies before ``at``; without ``first`` from the
        beginning. Open and overdue are as of ``at``.

    Returns
    -------
    Report
        An issue counts in the cell that its point lies in, and in those above.
        The row of empty code comes last: what lies in none of the others.
    """
    zone = get_deployment(conn).zone
    scope = scope_of(conn, cell=cell, level=level, on=at.astimezone(zone).date())
    rows: dict[Code, Counter[str]] = {row.code: Counter() for row in scope.rows}
    rows[OUTSIDE] = Counter()
    window = {
        "since": datetime.combine(first, time(), zone) if first else None,
        "until": datetime.combine(last + ONE_DAY, time(), zone) if last else None,
    }
    for found in conn.execute(sql("issues_counts"), {"at": at} | window):
        above = tuple(scope.tree.path(found.cell)) if found.cell in scope.tree else ()
        if cell is None or cell in above:
            where = next((code for code in above if code in rows), OUTSIDE)
            rows[where].update({name: getattr(found, name) for name in COUNTS})
    total = sum(rows.values(), Counter())
    named = {row.code: (row.name, row.level) for row in scope.rows}
    return Report(
        question=Question.ISSUES,
        at=at,
        first=first,
        last=last,
        rows=[
            {"cell": code, "name": name, "level": at_level}
            | {count: figures[count] for count in COUNTS}
            for code, figures in rows.items()
            for name, at_level in [named.get(code, ("", None))]
        ],
        total={count: total[count] for count in COUNTS},
    )


def issue_pins(
    conn: Connection, *, cell: Code | None = None, at: datetime, only_open: bool = True
) -> Sequence[Pin]:
    """Return issues as a map shows them, as of an instant, the latest report first.

    Parameters
    ----------
    cell
        Only those in this cell or below it.
    only_open
        Leave out those that are closed or rejected.
    """
    zone = get_deployment(conn).zone
    day = at.astimezone(zone).date()
    tree = cells.tree_on(conn, day)
    within = [] if cell is None else list(tree.within(cell))
    holders = people.holders_on(conn, day)
    names = cells.names_on(conn, day)
    asked = {"at": at, "within": within, "everywhere": cell is None, "only_open": only_open}
    return [
        Pin(
            id=row.id,
            lon=row.lon,
            lat=row.lat,
            status=Status(row.status),
            category=row.category,
            text=row.text,
            severity=Severity(row.severity),
            overdue=row.overdue,
            escalated=row.escalated,
            owner=row.owner,
            owner_name=names.get(row.owner, row.owner),
            holders=[holder.name for holder in holders.get(row.owner, ())],
            due=row.due,
            reported_at=row.reported_at,
        )
        for row in conn.execute(sql("issues_pins"), asked)
    ]
