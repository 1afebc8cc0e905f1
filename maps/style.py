"""Classes, names and signs: what a figure looks like, the same wherever it is shown.

The breaks are fixed, so that two days and two villages compare.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from gis.hierarchy import Level
from gis.issues.lifecycle import Severity, Status
from gis.issues.pins import Pin
from gis.messages import Message, say
from gis.people.roles import Role
from maps.picture import Line
from maps.view import Ask

NO_DATA = "nodata"
"""Hatched. Zero is not “no data”: it is the lightest step of a ramp."""
LAND = "land"
DEPUTY = "deputy"


@dataclass(frozen=True, slots=True)
class Ramp:
    """A sequence of five steps.

    Attributes
    ----------
    name
        Of its colours in tokens.css.
    breaks
        Where a step begins; the first step begins below all of them.
    labels
        One a step.
    """

    name: str
    breaks: tuple[float, ...]
    labels: tuple[Message, ...]

    def fill(self, value: float | None) -> str:
        """Return the class of a value: ``coverage-3``; None is no data."""
        return NO_DATA if value is None else f"{self.name}-{bisect_right(self.breaks, value) + 1}"

    def legend(self, fills: Mapping[str, int], *, no_data: Message) -> tuple[Line, ...]:
        """Return a line a step with its count, and one for no data where there is some."""
        steps = [f"{self.name}-{i + 1}" for i in range(len(self.labels))]
        lines = [
            Line(step, label, fills.get(step, 0))
            for step, label in zip(steps, self.labels, strict=True)
        ]
        if fills.get(NO_DATA):
            lines.append(Line(NO_DATA, no_data, fills[NO_DATA]))
        return tuple(lines)


def _between(breaks: tuple[float, ...], unit: str) -> tuple[Message, ...]:
    middle = [
        say("{low}–{high}{unit}", low=low, high=high, unit=unit) for low, high in pairwise(breaks)
    ]
    first = say("<{high}{unit}", high=breaks[0], unit=unit)
    return (first, *middle, say("≥{low}{unit}", low=breaks[-1], unit=unit))


_PERCENT = (40, 60, 75, 90)
_MINUTES = (2, 4, 7, 11)

COVERAGE = Ramp("coverage", _PERCENT, _between(_PERCENT, "%"))
DENSITY = Ramp("density", _MINUTES, _between(_MINUTES, ""))
SINCE = Ramp(
    "since",
    (1, 2, 3, 7),
    (
        say("Same day"),
        say("1 day"),
        say("2 days"),
        say("3–6 days"),
        say("7 days or more"),
    ),
)
LONG_DAYS = 3
"""From so many days on, a cell counts as left alone."""

TITLES: Mapping[Ask, Message] = {
    Ask.CELLS: say("Who answers for it?"),
    Ask.SINCE: say("How long since a patrol?"),
    Ask.GAPS: say("Where are gaps, and why?"),
    Ask.COVERAGE: say("How much ground was passed?"),
    Ask.DENSITY: say("Where is the time spent?"),
    Ask.ISSUES: say("Where are the issues, with whom?"),
}
"""The questions, in the order of their list."""

ICONS: Mapping[Ask, str] = {
    Ask.CELLS: "person",
    Ask.SINCE: "walk",
    Ask.GAPS: "gap",
    Ask.COVERAGE: "cover",
    Ask.DENSITY: "density",
    Ask.ISSUES: "issue",
}

LEVELS: Mapping[Level, Message] = {
    Level.CITY: say("City"),
    Level.DISTRICT: say("District"),
    Level.TOWNSHIP: say("Township"),
    Level.AREA: say("Area"),
    Level.VILLAGE: say("Village"),
    Level.UNIT: say("Unit cell"),
}

ROLES: Mapping[Role, Message] = {
    Role.CHIEF: say("Chief"),
    Role.AREA_LEADER: say("Area leader"),
    Role.VILLAGE_LEADER: say("Village leader"),
    Role.UNIT_WORKER: say("Unit worker"),
    Role.CENTRE_STAFF: say("Grid centre"),
    Role.PLANNER: say("Planner"),
    Role.DEPARTMENT_STAFF: say("Department"),
    Role.INSPECTOR: say("Inspector"),
    Role.ADMINISTRATOR: say("Administrator"),
}

SEVERITIES: Mapping[Severity, Message] = {
    Severity.ORDINARY: say("Ordinary"),
    Severity.SERIOUS: say("Serious"),
    Severity.MAJOR: say("Major"),
}

OVERDUE = "overdue"
ESCALATED = "escalated"
STATES: Mapping[str, Message] = {
    OVERDUE: say("Overdue"),
    ESCALATED: say("Passed up"),
    Status.REPORTED: say("Reported"),
    Status.ACCEPTED: say("Accepted"),
    Status.SUSPENDED: say("Suspended"),
    Status.RESOLVED: say("Resolved"),
    Status.CLOSED: say("Closed"),
    Status.REJECTED: say("Rejected"),
}
"""The states that a shape stands for, the most pressing first."""


def state_of(pin: Pin) -> str:
    """Return what to show of an issue: being late first, then being passed up, then its status."""
    if pin.overdue:
        return OVERDUE
    return ESCALATED if pin.escalated else pin.status.value
