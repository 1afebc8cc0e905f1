"""The shape of every report: one row a cell, and a total computed from counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Question(StrEnum):
    """What a report answers."""

    ISSUES = "issues"
    COVERAGE = "coverage"
    GAPS = "gaps"
    DENSITY = "density"


@dataclass(frozen=True, slots=True)
class Report:
    """Rows and their total; keys are CSV columns and GeoJSON properties alike.

    Attributes
    ----------
    at
        The instant that the figures are of (aware).
    first, last
        The window's local dates, both included; None where it has no beginning.
    rows
        Each with ``cell``, ``name``, ``level`` and the question's own keys, in
        that order; by cell code, the row of empty code (in no cell) last.
        Gaps carry a shapely ``geometry`` (EPSG:4326), several a cell.
    total
        The question's own keys; shares computed from sums, never averaged.
    """

    question: Question
    at: datetime
    first: date | None
    last: date | None
    rows: Sequence[Mapping[str, object]]
    total: Mapping[str, object]
