"""How long a cell may take: category x severity x level, with fallbacks.

A policy is never edited. A new version takes effect when it is recorded or
later, and a stage keeps the version in force when it began.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from gis.errors import InvalidPolicy
from gis.hierarchy import Level
from gis.issues.calendar import OFFICE, length
from gis.issues.lifecycle import Severity
from gis.messages import say

Key = tuple[str | None, Severity | None, Level | None]
"""Category, severity, level; None stands for any."""

PERCENT = range(1, 100)


@dataclass(frozen=True, slots=True)
class Terms:
    """The limits of one level, in working time unless ``round_the_clock``.

    Attributes
    ----------
    accept, resolve
        From arrival in the inbox to acceptance, from acceptance to resolution.
    yellow, red
        How far past a limit the cards fall, where nobody above can take over.
    warn_percent
        Share of a limit after which the holders are warned, 1 to 99.
    """

    accept: timedelta
    resolve: timedelta
    yellow: timedelta
    red: timedelta
    warn_percent: int = 80
    round_the_clock: bool = False

    def __post_init__(self) -> None:
        """Refuse limits out of order."""
        if self.warn_percent not in PERCENT:
            raise InvalidPolicy(say("The warning must come after 1 to 99 percent of the time."))
        if min(self.accept, self.resolve, self.yellow) <= timedelta():
            raise InvalidPolicy(say("A limit must be longer than nothing."))
        if self.red <= self.yellow:
            raise InvalidPolicy(say("The red card must come after the yellow one."))


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the table, in force from ``since``."""

    version: int
    since: datetime
    table: Mapping[Key, Terms]

    def __post_init__(self) -> None:
        """Refuse a table that some issue would fall through."""
        if (None, None, None) not in self.table:
            raise InvalidPolicy(say("The table of limits has no row for everything else."))

    def terms(self, category: str, *, severity: Severity, level: Level) -> Terms:
        """Return the most specific row.

        The category outweighs the severity, and that the level: of two rows
        that fit, the one that names the category wins.
        """
        keys = product((category, None), (severity, None), (level, None))
        return next(self.table[key] for key in keys if key in self.table)


def in_force(policies: Sequence[Policy], at: datetime) -> Policy:
    """Return the version in force at ``at``, or the first if none was yet.

    ``policies`` is not empty, and ascending by ``since``.
    """
    return next((policy for policy in reversed(policies) if policy.since <= at), policies[0])


HOUR = timedelta(hours=1)
DAY = length(OFFICE)
"""One working day."""


def _office(*, accept: timedelta, resolve: timedelta) -> Terms:
    return Terms(accept=accept, resolve=resolve, yellow=DAY, red=3 * DAY)


DEFAULTS: Mapping[Key, Terms] = {
    (None, None, None): _office(accept=4 * HOUR, resolve=3 * DAY),
    (None, None, Level.AREA): _office(accept=4 * HOUR, resolve=5 * DAY),
    (None, None, Level.TOWNSHIP): _office(accept=4 * HOUR, resolve=10 * DAY),
    (None, Severity.SERIOUS, None): _office(accept=2 * HOUR, resolve=3 * DAY / 2),
    (None, Severity.SERIOUS, Level.AREA): _office(accept=2 * HOUR, resolve=5 * DAY / 2),
    (None, Severity.SERIOUS, Level.TOWNSHIP): _office(accept=2 * HOUR, resolve=5 * DAY),
    (None, Severity.MAJOR, None): Terms(
        accept=2 * HOUR,
        resolve=24 * HOUR,
        yellow=24 * HOUR,
        red=72 * HOUR,
        round_the_clock=True,
    ),
}
"""The limits that a deployment starts with; the office edits a copy."""

DURATIONS = ("accept", "resolve", "yellow", "red")


def to_rows(table: Mapping[Key, Terms]) -> list[dict[str, Any]]:
    """Return the table as plain JSON, one object a row, durations in minutes."""
    return [
        {
            "category": category,
            "severity": severity,
            "level": None if level is None else level.word,
            "warn_percent": terms.warn_percent,
            "round_the_clock": terms.round_the_clock,
        }
        | {f"{name}_minutes": getattr(terms, name) / timedelta(minutes=1) for name in DURATIONS}
        for (category, severity, level), terms in table.items()
    ]


def from_rows(rows: Sequence[Mapping[str, Any]]) -> dict[Key, Terms]:
    """Return the table that :func:`to_rows` wrote."""
    return {
        (
            row["category"],
            None if row["severity"] is None else Severity(row["severity"]),
            None if row["level"] is None else Level.named(row["level"]),
        ): Terms(
            **{name: timedelta(minutes=row[f"{name}_minutes"]) for name in DURATIONS},
            warn_percent=row["warn_percent"],
            round_the_clock=row["round_the_clock"],
        )
        for row in rows
    }
