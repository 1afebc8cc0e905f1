"""Whether anything new came in: one word that differs when it did, cheap enough to ask often."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection, func, literal, select

from gis import tables
from gis.cells import store as cells
from gis.deployment import get_deployment
from gis.hierarchy import Code
from gis.issues.lifecycle import Kind

BEFORE_MIDNIGHT = timedelta(hours=1)
"""What was written before midnight may be committed after it."""
PATROL_DAYS = 7
"""A walk that arrives later than that is seen when the page is opened again."""

LEDGER, ISSUE = tables.ledger.c, tables.issue.c
WALKED, EFFORT, VERSION = tables.patrol_day.c, tables.effort_cell_day.c, tables.cell_version.c


@dataclass(frozen=True, slots=True)
class Changes:
    """What a page asks for again and again.

    Attributes
    ----------
    seq
        Another word means that acts on issues have come in. It also changes at midnight.
    walks
        Another word means that walks have come in.
    reports
        Reports written down today.
    """

    seq: str
    walks: str
    reports: int


def changes(conn: Connection, *, cell: Code | None, at: datetime) -> Changes:
    """Return what tells this moment from another, of what lies in a cell.

    Rows are counted, not dated: of two acts at once the later one may be committed
    first, and whoever looked for a later date would never see the other.

    Parameters
    ----------
    cell
        None: the whole deployment, and what lies in no cell.
    """
    zone = get_deployment(conn).zone
    today = at.astimezone(zone).date()
    midnight = datetime.combine(today, time(), zone)
    lines = select(func.count(), func.count().filter(LEDGER.kind == Kind.REPORTED)).where(
        LEDGER.recorded_at >= midnight - BEFORE_MIDNIGHT
    )
    since = today - timedelta(days=PATROL_DAYS - 1)
    if cell is None:
        walks = select(func.count(), func.coalesce(func.sum(WALKED.kept), 0)).where(
            WALKED.day.between(since, today)
        )
    else:
        tree = cells.tree_on(conn, today)
        within = list(tree.within(cell)) if cell in tree else []
        lines = lines.join(tables.issue, ISSUE.id == LEDGER.issue).where(ISSUE.cell.in_(within))
        walks = (
            select(func.count(), func.coalesce(func.sum(EFFORT.seconds), 0))
            .join(tables.cell_version, VERSION.id == EFFORT.cell)
            .where(
                EFFORT.day.between(since, today),
                VERSION.code.in_(within),
                VERSION.valid.contains(literal(today)),
            )
        )
    acts, reports = conn.execute(lines).one()
    days, walked = conn.execute(walks).one()
    return Changes(f"{today:%Y%m%d}-{acts}", f"{days}-{walked}", reports)
