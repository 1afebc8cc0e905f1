"""What gaps are judged by: who answers on a day, since when, and which days are over."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from gis import tables
from gis.cells.scope import Scope
from gis.deployment import get_deployment
from gis.hierarchy import Code
from gis.issues.calendar import Calendar
from gis.issues.rules import load_calendar
from gis.patrols.duty import Duty, duties

ONE_DAY = timedelta(days=1)
LONGEST_HOLIDAY = 31
"""Days without a working day after which every day counts as one."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who answers for the cells on a day.

    Attributes
    ----------
    started
        First day of service.
    ended
        The last day, up to the one judged, that is over.
    working
        The last working day that is over.
    acting
        Duties of the day judged, by cell.
    vacated
        The day from which each cell was last without anybody, where somebody was.
    names
        Of persons, by number.
    """

    scope: Scope
    started: date
    ended: date
    working: date
    acting: Mapping[Code, Sequence[Duty]]
    vacated: Mapping[Code, date]
    names: Mapping[str, str]

    def start(self, cell: Code) -> date:
        """Return the day from which gaps in a cell count."""
        begun = min((duty.since for duty in self.acting.get(cell, ())), default=self.started)
        return max(begun, self.started)

    def responsible(self, cell: Code | None) -> str:
        """Return the names of who answers for a cell, or of who is next above.

        Empty where nobody is, and for no cell.
        """
        if cell is None:
            return ""
        path = self.scope.tree.path(cell)
        duty = next((self.acting[code] for code in path if code in self.acting), ())
        return ", ".join(sorted(self.names[one.person] for one in duty))


def watch_over(conn: Connection, scope: Scope, *, last: date, at: datetime) -> Watch:
    """Return who answers on ``last`` for the cells then in force, as known at ``at``."""
    service = get_deployment(conn)
    ended = min(last, at.astimezone(service.zone).date() - ONE_DAY)
    acting: dict[Code, list[Duty]] = defaultdict(list)
    vacated: dict[Code, date] = {}
    for duty in duties(conn, scope.places):
        if duty.since <= last < duty.until:
            acting[duty.cell].append(duty)
        elif duty.until <= last:
            vacated[duty.cell] = max(duty.until, vacated.get(duty.cell, duty.until))
    people = {duty.person for held in acting.values() for duty in held}
    person = tables.person
    rows = conn.execute(select(person.c.id, person.c.name).where(person.c.id.in_(people)))
    return Watch(
        scope=scope,
        started=service.started_on,
        ended=ended,
        working=_working_day(load_calendar(conn, service.zone), ended),
        acting=dict(acting),
        vacated=vacated,
        names={row.id: row.name for row in rows},
    )


def _working_day(calendar: Calendar, last: date) -> date:
    """Return the last working day up to ``last``."""
    days = (last - timedelta(days=n) for n in range(LONGEST_HOLIDAY))
    return next((day for day in days if calendar.hours(day)), last)
