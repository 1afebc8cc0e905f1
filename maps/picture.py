"""A question answered: the same figures for the map, the legend, the table and the sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from shapely.geometry.base import BaseGeometry

from gis.hierarchy import Code
from gis.messages import Message
from maps.view import Ask


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, to be written with so many decimals."""

    value: float
    digits: int = 0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """Local dates, both included."""

    first: date
    last: date


Part: TypeAlias = Amount | Period | Message | datetime | date | int | str
Value: TypeAlias = "Part | Sequence[Value] | None"
"""What a cell of a table may hold: None is “nothing to say” and several are a list."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the legend.

    Attributes
    ----------
    fill
        The class of its swatch, or the state whose shape stands there (``shape``).
    count
        How many cells, or issues, of the place are of it.
    """

    fill: str
    label: Value
    count: int
    shape: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table.

    Attributes
    ----------
    head, full
        The short head, with its unit, and what it means in full.
    order
        ``ascending`` or ``descending`` where the rows are in its order.
    words
        Holds words rather than numbers.
    """

    head: Message
    full: Message
    order: str = ""
    words: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table; an empty ``code`` is what lies in no cell."""

    code: Code
    name: Value
    fill: str
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of the place, in words: an issue, a gap.

    Attributes
    ----------
    code
        The cell that it is a gap of, or that has it; empty for none.
    at
        Where it is: longitude and latitude.
    key
        Tells an issue from another.
    photos
        Their names.
    """

    code: Code
    fill: str
    head: Value
    lines: Sequence[Value]
    shape: bool = False
    at: tuple[float, float] | None = None
    key: str = ""
    photos: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """Ground that is drawn by itself over the cells (EPSG:4326)."""

    fill: str
    geom: BaseGeometry


@dataclass(frozen=True, slots=True)
class Picture:
    """A question, answered for one place.

    Attributes
    ----------
    short, answer
        The answer in a few words, and as a sentence.
    rule
        How the figures are made.
    windowed
        The figures are of a window of dates, not of an instant.
    counted
        What the legend counts.
    fills
        The class of every cell drawn.
    said
        The figure of every cell drawn, for its label and tip.
    figures
        The figure of every cell listed, for the label on the map.
    columns, rows, total
        The table; rows in the order shown. ``total`` is computed from counts.
    items, of
        The first of what can be named one by one, worst first, and how many there are.
    patches
        Ground that is drawn by itself.
    none
        What to say where there is nothing to name one by one.
    empty
        What to say where the question has no answer yet, and the way on.
    """

    ask: Ask
    short: Message
    answer: Message
    rule: Message
    windowed: bool
    counted: Message
    legend: Sequence[Line]
    fills: Mapping[Code, str]
    said: Mapping[Code, Value]
    figures: Mapping[Code, Value]
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Sequence[Value]
    items: Sequence[Item] = ()
    of: int = 0
    patches: Sequence[Patch] = ()
    none: Message | None = None
    empty: Message | None = None


def in_order(
    rows: Sequence[Row], key: Callable[[Row], float | None], *, order: str
) -> tuple[Row, ...]:
    """Return rows by a figure, equal ones as they were; those without one come last."""
    known = [row for row in rows if row.code and key(row) is not None]
    rest = [row for row in rows if not (row.code and key(row) is not None)]
    down = order == "descending"
    ordered = sorted(known, key=lambda row: key(row) or 0.0, reverse=down)
    return (*ordered, *rest)
