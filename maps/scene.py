"""One view, indexed: cells by code, the parts of each, and the row of each in every report."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property

import shapely

from gis.cells.model import CellShape
from gis.hierarchy import Code
from gis.issues.pins import Pin
from gis.messages import Message, say
from gis.people.model import Holder
from gis.reports import Question, Report
from maps.picture import Amount, Value
from maps.view import LeaderView

ReportRow = Mapping[str, object]
HECTARE_M2 = 10_000


class Scene:
    """A view as the questions read it.

    Attributes
    ----------
    listed
        The cells of the table, those that have a shape, by code.
    inside
        The filled cells within the place.
    beyond
        Filled cells elsewhere whose parts are too many to draw: no report has a row of them.
    """

    def __init__(self, view: LeaderView) -> None:
        self.view = view
        self.shapes: Mapping[Code, CellShape] = {shape.code: shape for shape in view.shapes}
        self.filled = tuple(code for code in view.scope.filled if code in self.shapes)
        self.listed = tuple(code for code in view.scope.listed if code in self.shapes)
        self.inside = tuple(code for code in self.filled if self.is_inside(code))
        parents = {shape.parent for shape in view.shapes}
        self.beyond = tuple(
            code
            for code in self.filled
            if self.shapes[code].level < view.scope.drawn and code in parents
        )

    def is_inside(self, code: Code) -> bool:
        """Whether a cell is the place or within it."""
        place = self.view.scope.place
        return place is None or place in self.path(code)

    def path(self, code: Code) -> Iterator[Code]:
        """Yield ``code`` and the cells above it that are in sight."""
        step: Code | None = code
        while step is not None and step in self.shapes:
            yield step
            step = self.shapes[step].parent

    @cached_property
    def parts(self) -> Mapping[Code, Sequence[Code]]:
        """The filled cells within each listed one."""
        found: dict[Code, list[Code]] = {code: [] for code in self.listed}
        for code in self.inside:
            for above in self.path(code):
                if above in found:
                    found[above].append(code)
        return found

    @property
    def single(self) -> bool:
        """Whether the rows are the very cells that are filled."""
        return set(self.listed) <= set(self.filled)

    @property
    def place(self) -> CellShape | None:
        """The cell whose parts are listed."""
        code = self.view.scope.place
        return self.shapes.get(code) if code is not None else None

    def area_m2(self, codes: Sequence[Code]) -> float:
        """Return the area of cells together."""
        return sum(self.shapes[code].area_m2 for code in codes)

    def holders(self, code: Code) -> Sequence[Holder]:
        """Return who answers for a cell; empty where nobody does."""
        return self.view.holders.get(code, ())

    def held_by(self, code: Code) -> Value:
        """Return who answers for a cell, in words."""
        holders = self.holders(code)
        if not holders:
            return say("Vacant")
        return tuple(
            say("{name} (deputy)", name=holder.name) if holder.deputy else holder.name
            for holder in holders
        )

    def name(self, code: Code) -> str:
        """Return a cell's name, short where its parent is the place looked at."""
        shape = self.shapes[code]
        return self.short_name(code) if shape.parent == self.view.scope.place else shape.name

    def short_name(self, code: Code) -> str:
        """Return a cell's name without its parent's at the beginning."""
        shape = self.shapes[code]
        above = self.shapes.get(shape.parent) if shape.parent else None
        return shape.name.removeprefix(above.name if above else "").strip() or shape.name

    def rows(self, question: Question) -> Mapping[Code, ReportRow]:
        """Return the report's row of each listed cell; of what is in no cell under ``""``."""
        return self._by_code(self.view.listed.get(question))

    def fills(self, question: Question) -> Mapping[Code, ReportRow]:
        """Return the report's row of each filled cell."""
        return self._by_code(self.view.filled.get(question))

    def total(self, question: Question) -> ReportRow:
        """Return the total of the listed cells; empty without a report."""
        report = self.view.listed.get(question)
        return report.total if report else {}

    def tally(self, fills: Mapping[Code, str]) -> Mapping[str, int]:
        """Return how many cells of the place are of each class."""
        return Counter(fills[code] for code in self.inside)

    def days_since(self, row: ReportRow) -> int | None:
        """Return the days from the last patrol to the end of the window; None: no record."""
        last = self.local(row.get("last_patrolled"))
        return (self.view.last - last).days if last else None

    def local(self, when: object) -> date | None:
        """Return the local date of a report's date or instant."""
        if isinstance(when, datetime):
            return when.astimezone(self.view.zone).date()
        return when if isinstance(when, date) else None

    @cached_property
    def pins(self) -> Sequence[Pin]:
        """The issues that lie in the place; all of them where the place is the whole."""
        place = self.place
        if place is None or place.parent not in self.shapes:
            return self.view.pins
        lons = [pin.lon for pin in self.view.pins]
        lats = [pin.lat for pin in self.view.pins]
        within = shapely.intersects_xy(place.geom, lons, lats)
        return [pin for pin, inside in zip(self.view.pins, within, strict=True) if inside]

    @staticmethod
    def _by_code(report: Report | None) -> Mapping[Code, ReportRow]:
        return {str(row["cell"]): row for row in report.rows} if report else {}


def number(row: ReportRow, key: str) -> float | None:
    """Return a figure of a report's row; None where it has none."""
    value = row.get(key)
    return float(value) if isinstance(value, int | float) else None


def amount(value: float | None, digits: int = 0, unit: str = "") -> Amount | None:
    """Return a figure to be written, or None where there is none."""
    return None if value is None else Amount(value, digits, unit)


def count(row: ReportRow, key: str) -> int:
    """Return a count of a report's row; nothing counted is zero."""
    return int(number(row, key) or 0)


IN_NO_CELL: Message = say("In no cell")
