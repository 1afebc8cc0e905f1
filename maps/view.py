"""What one page of the map is made of: the place looked at, and everything read about it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from shapely import LineString
from shapely.geometry.base import BaseGeometry

from gis.cells.model import CellShape
from gis.changes import Changes
from gis.hierarchy import Code, Level, Tree
from gis.issues.details import Detail
from gis.issues.pins import Pin
from gis.layerfiles import Drawable
from gis.messages import NOTHING, Message
from gis.people.model import Holder
from gis.placefiles import Place
from gis.reports import Question, Report

MOST_DRAWN = 600
"""Above this many cells a browser pans slowly; a higher level is drawn instead."""


class Ask(StrEnum):
    """The questions a map answers; the words of ``/map?ask=``."""

    CELLS = "cells"
    SINCE = "since"
    COVERAGE = "coverage"
    GAPS = "gaps"
    DENSITY = "density"
    ISSUES = "issues"


@dataclass(frozen=True, slots=True)
class Track:
    """A walked line (EPSG:4326); not ``timed``: a trace, shown dashed and counted nowhere."""

    line: LineString
    timed: bool = True


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cells a page lists and draws.

    Attributes
    ----------
    place
        The cell whose parts are listed; None where several cells have nothing above.
    selected
        The cell asked for, where nothing is below it: it is shown among its siblings.
    rows, drawn
        The levels of the table's rows, and of the map's fills within the place.
    listed, filled
        The cells of those levels, and the ones above them that nothing is below,
        by code. ``filled`` holds the cells around the place too, of a higher level
        where they would be too many.
    asked
        The level of the rows, where somebody asked for it.
    """

    place: Code | None
    selected: Code | None
    rows: Level
    drawn: Level
    listed: Sequence[Code]
    filled: Sequence[Code]
    asked: Level | None = None


@dataclass(frozen=True, slots=True)
class LeaderView:
    """Everything a page of the map shows.

    Attributes
    ----------
    name
        Of the whole: the township, district or city that is served.
    at
        The instant of states (aware); ``first`` and ``last`` bound the window of
        local dates, both included.
    shapes
        Every cell in sight, of all levels, at ``last``.
    holders
        Who answers at ``last``, by cell.
    listed
        Reports whose rows are ``scope.listed``, within ``scope.place``.
    filled
        Reports whose rows are ``scope.filled``.
    pins
        The open issues in sight.
    details
        What else there is to say of the issues that are listed one by one.
    live
        What to tell by whether anything new came in; None where the page is of the past.
    ground
        Own layers by kind: ``water wood road lane rail building hamlet contour``.
    named
        What has a name on this ground, places included.
    note
        A remark on the map itself, as that its borders are illustrative.
    """

    name: str
    zone: ZoneInfo
    ask: Ask
    scope: Scope
    at: datetime
    first: date
    last: date
    shapes: Sequence[CellShape]
    holders: Mapping[Code, Sequence[Holder]]
    listed: Mapping[Question, Report]
    filled: Mapping[Question, Report]
    pins: Sequence[Pin] = ()
    details: Mapping[UUID, Detail] = field(default_factory=dict)
    live: Changes | None = None
    tracks: Sequence[Track] = ()
    ground: Mapping[str, Sequence[BaseGeometry]] = field(default_factory=dict)
    named: Sequence[Drawable | Place] = ()
    note: Message = NOTHING


def scope_of(tree: Tree, *, cell: Code | None = None, level: Level | None = None) -> Scope:
    """Return what to list and draw for ``cell`` (None: the whole).

    Without ``level`` the rows are villages below a township, else the next level
    down that has more than one cell. A cell that nothing is below is shown among
    its siblings. An empty tree gives an empty scope.
    """
    place = cell if cell is not None else _only(tree.roots)
    selected = None
    if place is not None and not tree.children(place):
        selected = place if cell is not None else None
        place = tree[place].parent or place
    seen = list(tree.within(place)) if place is not None else list(tree.cells)
    below = sorted({tree[code].level for code in seen if code != place}) or [
        tree[code].level for code in seen
    ]
    asked = level if level in below else None
    rows = asked if asked is not None else _rows(tree, seen, below=below, place=place)
    drawn = max(rows, _drawn(tree, seen))
    around = set(tree.cells) - set(seen) - set(tree.path(place) if place is not None else ())
    outer = min(drawn, _drawn(tree, tree.cells))
    return Scope(
        place=place,
        selected=selected,
        rows=rows,
        drawn=drawn,
        listed=_cut(tree, seen, level=rows),
        filled=tuple(sorted((*_cut(tree, seen, level=drawn), *_cut(tree, around, level=outer)))),
        asked=asked,
    )


def _only(codes: Sequence[Code]) -> Code | None:
    return codes[0] if len(codes) == 1 else None


def _rows(tree: Tree, seen: Sequence[Code], *, below: Sequence[Level], place: Code | None) -> Level:
    """Return the level to list: several cells, and no areas between township and village."""
    levels = list(below)
    if place is not None and tree[place].level == Level.TOWNSHIP and Level.VILLAGE in levels:
        levels = levels[levels.index(Level.VILLAGE) :]
    many = (level for level in levels if len(_cut(tree, seen, level=level)) > 1)
    return next(many, levels[-1] if levels else Level.TOWNSHIP)


def _drawn(tree: Tree, codes: Collection[Code]) -> Level:
    """Return the lowest level of some cells that has few enough of them to draw."""
    levels = sorted({tree[code].level for code in codes})
    few = [level for level in levels if len(_cut(tree, codes, level=level)) <= MOST_DRAWN]
    return few[-1] if few else (levels[0] if levels else Level.TOWNSHIP)


def _cut(tree: Tree, codes: Iterable[Code], *, level: Level) -> tuple[Code, ...]:
    """Return the cells of a level, and those above it that nothing is below, by code."""
    return tuple(
        sorted(
            code
            for code in codes
            if tree[code].level == level or (tree[code].level < level and not tree.children(code))
        )
    )
