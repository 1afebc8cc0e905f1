"""Working time, from data: a weekly pattern, and the days that differ from it.

Everything rests on one monotone function, W(t): the working time between a
fixed origin and t. What has elapsed is a difference of two of its values and a
deadline is its inverse, so the two agree to the microsecond. Whole weeks are
multiplied and exceptional days are prefix sums: a deadline ten years away
costs what one tomorrow costs.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from gis.errors import InvalidCalendar
from gis.messages import say

NOTHING = timedelta()
ONE_DAY = timedelta(days=1)

Span = tuple[timedelta, timedelta]
"""From and to, counted from local midnight; at most 24 h."""
Day = tuple[Span, ...]
"""One day's working hours, in order; empty for a day off."""


def span(start: str, end: str) -> Span:
    """Return the span between two ``HH:MM``; ``24:00`` ends a day."""
    return _clock(start), _clock(end)


def _clock(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def length(day: Day) -> timedelta:
    """Return how much working time a day holds."""
    return sum((end - start for start, end in day), NOTHING)


OFF: Day = ()
OFFICE: Day = (span("08:30", "12:00"), span("14:30", "17:30"))
"""Office hours: six and a half hours a day."""
ROUND_THE_CLOCK: Day = (span("00:00", "24:00"),)
FIVE_DAYS: tuple[Day, ...] = (OFFICE,) * 5 + (OFF,) * 2
"""Monday first."""


@dataclass(frozen=True)
class Calendar:
    """A deployment's working time.

    Attributes
    ----------
    zone
        Where the clock on the wall is.
    week
        Seven days, Monday first.
    exceptions
        Days that differ, each with all its working hours: :data:`OFF` on a
        holiday, a weekday's hours on a swapped working day (调休).
    confirmed
        Years whose list of exceptions is final. A deadline that rests on any
        other year is provisional, see :meth:`unconfirmed`.

    Notes
    -----
    Spans are wall-clock time. A span that is open while the clocks change for
    summer time would count what the wall shows; office hours never are.
    """

    zone: ZoneInfo
    week: tuple[Day, ...] = FIVE_DAYS
    exceptions: Mapping[date, Day] = field(default_factory=dict)
    confirmed: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Refuse hours that overlap or run backwards, and an empty week."""
        if len(self.week) != len(FIVE_DAYS):
            raise InvalidCalendar(say("A week has seven days."))
        if not any(self.week):
            raise InvalidCalendar(say("A week without working time has no deadlines."))
        for day in (*self.week, *self.exceptions.values()):
            if not _in_order(day):
                raise InvalidCalendar(
                    say("The working hours of a day must follow each other within 24 hours.")
                )

    def hours(self, day: date) -> Day:
        """Return the working hours of one local date."""
        return self.exceptions.get(day, self.week[day.weekday()])

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from ``start`` to ``end``, both aware.

        Zero where none lies between; negative where ``end`` comes first.
        """
        return self._worked(end) - self._worked(start)

    def add_working(self, start: datetime, work: timedelta) -> datetime:
        """Return the first instant, in UTC, with ``work`` done since ``start``.

        ``working_between(start, add_working(start, work)) == work``. What is
        due at closing time is due then, not when the office opens again.

        Raises
        ------
        ValueError
            If ``work`` is negative.
        """
        if work < NOTHING:
            raise ValueError("work must not be negative")
        if work == NOTHING:
            return start.astimezone(UTC)
        target = self._worked(start) + work
        today = start.astimezone(self.zone).toordinal()
        evenings = range(today + 1, date.max.toordinal())
        due = today + bisect_left(evenings, target, key=self._before)
        day = date.fromordinal(due)
        clock = _when(self.hours(day), target - self._before(due))
        return (datetime.combine(day, time(), self.zone) + clock).astimezone(UTC)

    def unconfirmed(self, start: datetime, end: datetime) -> tuple[int, ...]:
        """Return the years that the time between rests on and nobody confirmed."""
        first, last = (instant.astimezone(self.zone).year for instant in (start, end))
        return tuple(year for year in range(first, last + 1) if year not in self.confirmed)

    def _worked(self, instant: datetime) -> timedelta:
        """Return W(instant)."""
        local = instant.astimezone(self.zone)
        clock = local.replace(tzinfo=None) - datetime.combine(local.date(), time())
        return self._before(local.toordinal()) + _done(self.hours(local.date()), clock)

    def _before(self, ordinal: int) -> timedelta:
        """Return the working time on all days before ``date.fromordinal(ordinal)``."""
        weeks, weekday = divmod(ordinal - 1, 7)  # 0001-01-01 was a Monday
        days, excess = self._excess
        return (
            weeks * self._week_sums[-1]
            + self._week_sums[weekday]
            + excess[bisect_left(days, ordinal)]
        )

    @cached_property
    def _week_sums(self) -> list[timedelta]:
        """The working time of the first 0, 1, … 7 days of a week."""
        return list(accumulate(map(length, self.week), initial=NOTHING))

    @cached_property
    def _excess(self) -> tuple[list[int], list[timedelta]]:
        """Ordinals of the exceptions, and what the first 0, 1, … of them add."""
        days = sorted(self.exceptions)
        more = (length(self.exceptions[day]) - length(self.week[day.weekday()]) for day in days)
        return [day.toordinal() for day in days], list(accumulate(more, initial=NOTHING))


def _in_order(day: Day) -> bool:
    edges = [NOTHING, *(edge for pair in day for edge in pair)]
    rising = all(start < end for start, end in day)
    return rising and all(a <= b for a, b in pairwise(edges)) and edges[-1] <= ONE_DAY


def _done(day: Day, clock: timedelta) -> timedelta:
    """Return the day's working time before ``clock``."""
    return sum((min(max(clock, start), end) - start for start, end in day), NOTHING)


def _when(day: Day, work: timedelta) -> timedelta:
    """Return the first clock with ``work`` done; 0 < work <= length(day)."""
    spans = iter(day)
    start, end = next(spans)
    while work > end - start:
        work -= end - start
        start, end = next(spans)
    return start + work


class _Always(Calendar):
    """Every hour counts, so no list of holidays has to be confirmed."""

    def unconfirmed(self, start: datetime, end: datetime) -> tuple[int, ...]:
        return ()


ALWAYS: Calendar = _Always(ZoneInfo("UTC"), week=(ROUND_THE_CLOCK,) * 7)
"""The calendar of emergencies. In UTC every day has 24 hours."""
