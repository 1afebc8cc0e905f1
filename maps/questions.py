"""Every question of a view, answered; and one cell's card."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gis.cells.model import CellShape
from gis.messages import Message, say
from gis.reports import Question
from maps.cells import cells_picture
from maps.coverage import coverage_picture, percent, since_picture
from maps.density import HOUR_S, density_picture
from maps.gaps import cells_with_a_gap, gaps_of, gaps_picture
from maps.issues import issues_picture
from maps.picture import Picture, Value
from maps.scene import HECTARE_M2, Scene, amount, count, number
from maps.style import LAND, ROLES, TITLES
from maps.view import Ask, LeaderView

_ANSWERS: Mapping[Ask, tuple[Question | None, Callable[[Scene], Picture]]] = {
    Ask.CELLS: (None, cells_picture),
    Ask.SINCE: (Question.COVERAGE, since_picture),
    Ask.GAPS: (Question.GAPS, gaps_picture),
    Ask.COVERAGE: (Question.COVERAGE, coverage_picture),
    Ask.DENSITY: (Question.DENSITY, density_picture),
    Ask.ISSUES: (Question.ISSUES, issues_picture),
}


@dataclass(frozen=True, slots=True)
class Card:
    """What there is to say of one cell.

    Attributes
    ----------
    facts
        Each with the question that lists it one by one, where one does.
    gaps
        What the cell itself lacks, and since when.
    parts
        How many cells below it have a gap, and how many there are; None where it has none below.
    """

    shape: CellShape
    holders: Sequence[tuple[str, Message]]
    facts: Sequence[tuple[Message, Value, Ask | None]]
    gaps: Sequence[tuple[Message, Value]]
    parts: tuple[int, int] | None = None


def pictures(view: LeaderView) -> Mapping[Ask, Picture]:
    """Return an answer to each question that the view has a report for, in their order."""
    scene = Scene(view)
    plain = dict.fromkeys(scene.beyond, LAND)
    answers = {
        ask: _ANSWERS[ask][1](scene)
        for ask in TITLES
        if (question := _ANSWERS[ask][0]) is None
        or (question in view.listed and question in view.filled)
    }
    return {ask: replace(p, fills={**p.fills, **plain}) for ask, p in answers.items()}


def card(view: LeaderView) -> Card | None:
    """Return the card of the cell asked for, or of the reader's own; None for the whole."""
    scene = Scene(view)
    code = view.scope.selected or view.scope.place
    shape = scene.shapes.get(code) if code is not None else None
    if shape is None or (not view.scope.selected and shape.parent is None):
        return None
    holders = [
        (holder.name, say("deputy") if holder.deputy else ROLES[holder.role])
        for holder in scene.holders(shape.code)
    ]
    parts = None if scene.view.scope.selected else cells_with_a_gap(scene)
    return Card(shape, holders, _facts(scene, shape), gaps_of(scene, shape.code), parts)


def _facts(scene: Scene, shape: CellShape) -> list[tuple[Message, Value, Ask | None]]:
    """Return the figures of one cell: a row where it is listed, the total where it is the place."""
    rows = {
        question: scene.rows(question).get(shape.code, {})
        if scene.view.scope.selected
        else scene.total(question)
        for question in (Question.COVERAGE, Question.DENSITY, Question.ISSUES)
    }
    coverage, density, issues = rows.values()
    seconds = number(density, "person_seconds")
    hours = amount(None if seconds is None else seconds / HOUR_S, 1)
    return [
        (say("Area, ha"), amount(shape.area_m2 / HECTARE_M2), None),
        (say("Ground passed"), percent(coverage, "covered_pct"), Ask.COVERAGE),
        (say("Last patrol"), scene.local(coverage.get("last_patrolled")), Ask.SINCE),
        (say("Person-hours of patrol"), hours, Ask.DENSITY),
        (say("Open issues"), amount(count(issues, "open")) if issues else None, Ask.ISSUES),
        (say("of them overdue"), amount(count(issues, "overdue")) if issues else None, Ask.ISSUES),
    ]
