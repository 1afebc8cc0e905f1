"""Read everything that one page of the map shows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from api import questions
from api.questions import Asked
from gis.cells import store as cells
from gis.cells.coordinates import Bounds, bounds_of
from gis.cells.model import CellShape
from gis.changes import changes
from gis.deployment import get_deployment
from gis.errors import NotFound
from gis.hierarchy import Cell, Code, Tree
from gis.issues.details import details_of
from gis.issues.report import issue_pins
from gis.layerfiles import Drawable
from gis.layers import layers_in, named_in
from gis.messages import NOTHING, say
from gis.patrols.coverage import coverage_reports, traces, tracks_in
from gis.people import store as people
from gis.placefiles import Place
from gis.places import places_in
from gis.reports import Question, Report
from maps.issues import pressing
from maps.scene import Scene
from maps.view import Ask, LeaderView, Scope, Track, scope_of

MOST_TRACKS = timedelta(days=7)
"""Tracks of a longer window would be a web nobody can read."""


def gather(
    conn: Connection,
    ask: Ask,
    *,
    asked: Asked,
    own: Code | None = None,
    tracks: bool = True,
    walker: str | None = None,
) -> LeaderView:
    """Return the page's content.

    Parameters
    ----------
    asked
        ``cell`` is the place looked at; None is everything in sight.
    own
        The cell that bounds what the reader may see; None is the whole deployment.
    tracks
        With the walked lines, which weigh more than everything else together.
    walker
        Whose lines the reader may see; None: everybody's.
    """
    tree = below(cells.tree_on(conn, asked.last), own)
    if asked.cell is not None and asked.cell not in tree:
        raise NotFound(
            say("There was no cell {code} on {day}.", code=asked.cell, day=asked.last),
            remedy=say("Choose another day, or look at the list of cells."),
            field="cell",
        )
    scope = scope_of(tree, cell=asked.cell or own, level=asked.level)
    # Before anything else: what comes in while the page is made is then new to it.
    live = changes(conn, cell=own, at=asked.at) if asked.live else None
    listed, filled = reports(conn, asked, tree=tree, scope=scope, own=own)
    shapes = cells.cells_on(conn, asked.last, within=own)
    deployment = get_deployment(conn)
    view = LeaderView(
        name=deployment.name,
        zone=asked.zone,
        ask=ask,
        scope=scope,
        at=asked.at,
        first=asked.first,
        last=asked.last,
        shapes=shapes,
        holders=people.holders_on(conn, asked.last),
        listed=listed,
        filled=filled,
        pins=issue_pins(conn, cell=own, at=asked.at),
        tracks=walked(conn, asked, own=own, person=walker) if tracks else (),
        ground=ground(conn, shapes),
        named=named(conn, shapes),
        live=live,
        note=say("Illustrative borders, not surveyed") if deployment.illustrative else NOTHING,
    )
    one_by_one = [pin.id for pin in pressing(Scene(view))]
    return replace(view, details=details_of(conn, one_by_one))


def ground(conn: Connection, shapes: Sequence[CellShape]) -> dict[str, list[BaseGeometry]]:
    """Return the own layers at the cells in sight, and as far around them as they are wide."""
    around = _around(shapes)
    return {} if around is None else layers_in(conn, bbox=around)


def named(conn: Connection, shapes: Sequence[CellShape]) -> list[Drawable | Place]:
    """Return what has a name on the same ground."""
    around = _around(shapes)
    return [] if around is None else [*named_in(conn, bbox=around), *places_in(conn, bbox=around)]


def _around(shapes: Sequence[CellShape]) -> Bounds | None:
    bounds = bounds_of(shapes)
    if bounds is None:
        return None
    west, south, east, north = bounds
    width, height = east - west, north - south
    return west - width, south - height, east + width, north + height


def walked(
    conn: Connection, asked: Asked, *, own: Code | None, person: str | None = None
) -> list[Track]:
    """Return the lines that were walked in the window, and those that nobody knows when."""
    since = max(asked.first, asked.last - MOST_TRACKS + timedelta(days=1))
    segments = tracks_in(conn, first=since, last=asked.last, cell=own, person=person)
    return [
        *(Track(segment.line) for segment in segments),
        *(Track(line, timed=False) for line in traces(conn, cell=own, person=person)),
    ]


def reports(
    conn: Connection, asked: Asked, *, tree: Tree, scope: Scope, own: Code | None
) -> tuple[dict[Question, Report], dict[Question, Report]]:
    """Return every question's report on the cells listed, and on those filled.

    Where both are of the same cells, one report serves both; ground passed is
    measured once for both. Gaps are sought once, at every level down to the filled
    cells: each is a gap of its own cell, so the page finds those of either kind
    among them.
    """
    place = scope.place if asked.cell or own else None  # the whole has what lies in no cell too
    parts = list(dict.fromkeys([(place, scope.rows), (own, scope.drawn)]))
    passed = coverage_reports(conn, parts, first=asked.first, last=asked.last, at=asked.at)
    found = {Question.COVERAGE: passed} | {
        question: [
            questions.answer(conn, question, asked=replace(asked, cell=cell, level=level))
            for cell, level in parts
        ]
        for question in (Question.DENSITY, Question.ISSUES)
    }
    lowest = max((cell.level for cell in tree.cells.values()), default=scope.drawn)
    every = None if scope.drawn == lowest else scope.drawn
    gaps = questions.answer(conn, Question.GAPS, asked=replace(asked, cell=own, level=every))
    listed, filled = (
        {question: of[which] for question, of in found.items()} | {Question.GAPS: gaps}
        for which in (0, -1)
    )
    return listed, filled


def below(tree: Tree, own: Code | None) -> Tree:
    """Return the part of the tree that a reader may see; what is above it is not there."""
    if own is None:
        return tree
    if own not in tree:
        return Tree.of(())
    return Tree.of(
        Cell(code, tree[code].level, None if code == own else tree[code].parent)
        for code in tree.within(own)
    )
