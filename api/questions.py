"""What is asked, from words to dates, and the report that answers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gis import times
from gis.deployment import get_deployment
from gis.errors import InvalidInput
from gis.hierarchy import Code, Level
from gis.issues.report import issues_report
from gis.messages import say
from gis.patrols.coverage import coverage_report
from gis.patrols.density import density_report
from gis.patrols.gaps import gaps_report
from gis.reports import Question, Report

WINDOW = timedelta(days=7)
"""The window of coverage and density where none is asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A place, a window of local dates (both included), and an instant.

    ``whole`` tells that no beginning was asked for, ``live`` that the instant is now
    and the window's end today: a page of it goes on.
    """

    cell: Code | None
    level: Level | None
    first: date
    last: date
    at: datetime
    zone: ZoneInfo
    whole: bool
    live: bool = False


def asked(
    conn: Connection,
    *,
    cell: Code | None,
    level: str | None,
    first: str | None,
    last: str | None,
    at: str | None,
) -> Asked:
    """Return the question in the deployment's own dates.

    Without ``at``: the end of the last day, or now if that is earlier. Without
    ``last``: the local date of ``at``. Without ``first``: seven days.

    Raises
    ------
    InvalidInput
        If a date or time is none, or the window ends before it begins.
    """
    zone = get_deployment(conn).zone
    end = times.local_date(last, field="to") if last else None
    if at:
        moment = times.instant(at, zone, field="at")
    elif end:
        midnight = datetime.combine(end + timedelta(days=1), time(), zone)
        moment = min(midnight, times.now())
    else:
        moment = times.now()
    end = end or moment.astimezone(zone).date()
    begin = times.local_date(first, field="from") if first else end - WINDOW + timedelta(days=1)
    if begin > end:
        raise InvalidInput(
            say("The window ends ({last}) before it begins ({first}).", first=begin, last=end),
            remedy=say("Exchange the two dates."),
            field="from",
        )
    return Asked(
        cell=cell,
        level=Level.named(level) if level else None,
        first=begin,
        last=end,
        at=moment,
        zone=zone,
        whole=not first,
        live=not at and end == times.today(zone),
    )


def answer(conn: Connection, question: Question, *, asked: Asked) -> Report:
    """Return the report that answers the question."""
    since_ever = question is Question.ISSUES and asked.whole
    return REPORTS[question](
        conn,
        cell=asked.cell,
        level=asked.level,
        first=None if since_ever else asked.first,
        last=asked.last,
        at=asked.at,
    )


REPORTS: Mapping[Question, Callable[..., Report]] = {
    Question.ISSUES: issues_report,
    Question.COVERAGE: coverage_report,
    Question.GAPS: gaps_report,
    Question.DENSITY: density_report,
}
"""Each takes ``cell level first last at``."""
