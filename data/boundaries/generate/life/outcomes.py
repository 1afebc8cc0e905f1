"""When a report is due, and when it was settled, if it has been."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from data.boundaries.generate.life.calendar import DAY_HOURS, add_working
from data.boundaries.generate.life.reports import Report

LIMITS = {"一般": 4.0 + 3 * DAY_HOURS, "较大": 2.0 + 1.5 * DAY_HOURS}
"""Working hours to accept and to resolve, taken together."""
URGENT_HOURS = 26.0
"""The same for 重大, where every hour counts."""
USUAL, SPREAD = 0.5, 0.55
"""Median share of the limit that a matter takes, and its log-spread."""
LEFT_LYING = 0.08
"""Chance that a matter of the last days is left lying: it is late, or soon will be."""
FRESH = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Outcome:
    """``resolved`` is None while a matter is open."""

    due: datetime
    resolved: datetime | None


def outcome(report: Report, until: datetime, *, rng: np.random.Generator) -> Outcome:
    """Return how a report stands at ``until``."""
    due = _after(report, 1.0)
    if report.lying:
        return Outcome(due, None)
    if report.simple:
        settled = report.at + timedelta(minutes=int(rng.integers(5, 45)))
    else:
        settled = _after(report, float(rng.lognormal(np.log(USUAL), SPREAD)))
        if until - report.at < FRESH and rng.random() < LEFT_LYING:
            return Outcome(due, None)
    return Outcome(due, settled if settled <= until else None)


def _after(report: Report, share: float) -> datetime:
    """Return the moment a share of the limit after a report."""
    if report.severity == "重大":
        return report.at + timedelta(hours=share * URGENT_HOURS)
    return add_working(report.at, share * LIMITS[report.severity])
