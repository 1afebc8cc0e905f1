"""Who answers for it: held, with a deputy, vacant."""

from collections.abc import Mapping, Sequence
from itertools import chain

from gis.hierarchy import Code
from gis.messages import say
from maps.picture import Amount, Column, Line, Picture, Row, Value, in_order
from maps.scene import Scene
from maps.style import DEPUTY, LAND, NO_DATA
from maps.view import Ask

TINTS = 4
"""So many quiet colours there are; with more parts than that they would mean nothing."""


def cells_picture(scene: Scene) -> Picture:
    """Return who holds each cell: vacant ones hatched, deputies dotted."""
    groups = _groups(scene)
    fills = {code: _fill(scene, code, groups) for code in scene.filled}
    held = scene.tally({code: _state(scene, code) for code in scene.filled})
    vacant, deputies, n = held.get(NO_DATA, 0), held.get(DEPUTY, 0), len(scene.inside)
    counts = {"n": n, "vacant": vacant, "deputies": deputies}
    rows = tuple(_row(scene, code, fills) for code in scene.listed)
    return Picture(
        ask=Ask.CELLS,
        short=say("{n} cells, {vacant} vacant, {deputies} by deputy", **counts),
        answer=say("Of {n} cells, {vacant} vacant and {deputies} with a deputy.", **counts),
        rule=say("From the posts that are held on that day"),
        windowed=False,
        counted=say("Cells"),
        legend=(*_tint_lines(scene, fills, groups), *_state_lines(deputies, vacant)),
        fills=fills,
        said={code: scene.held_by(code) for code in scene.filled},
        figures={code: scene.held_by(code) if scene.single else None for code in scene.listed},
        columns=_columns(scene),
        rows=rows if scene.single else in_order(rows, _vacancies, order="descending"),
        total=("",) if scene.single else (Amount(n), Amount(vacant), Amount(deputies)),
    )


def _state(scene: Scene, code: Code) -> str:
    holders = scene.holders(code)
    if not holders:
        return NO_DATA
    return DEPUTY if all(holder.deputy for holder in holders) else LAND


def _fill(scene: Scene, code: Code, groups: Sequence[Code]) -> str:
    state = _state(scene, code)
    if state != LAND:
        return state
    group = next((above for above in scene.path(code) if above in groups), None)
    return f"area-{groups.index(group) + 1}" if group else "held"


def _groups(scene: Scene) -> Sequence[Code]:
    """Return the parts of the place, where they are few enough to tell apart."""
    place = scene.view.scope.place
    above = set(chain.from_iterable(list(scene.path(code))[1:] for code in scene.inside))
    parts = sorted(code for code in above if scene.shapes[code].parent == place)
    return parts if 1 < len(parts) <= TINTS else ()


def _tint_lines(scene: Scene, fills: Mapping[Code, str], groups: Sequence[Code]) -> list[Line]:
    tally = scene.tally(fills)
    if not groups:
        return [Line("held", say("Held"), tally.get("held", 0))]
    return [
        Line(f"area-{i + 1}", _led(scene, code), tally.get(f"area-{i + 1}", 0))
        for i, code in enumerate(groups)
    ]


def _led(scene: Scene, code: Code) -> Value:
    holders = scene.holders(code)
    name = scene.shapes[code].name
    return say("{cell} · {people}", cell=name, people=scene.held_by(code)) if holders else name


def _state_lines(deputies: int, vacant: int) -> list[Line]:
    lines = [Line(DEPUTY, say("With a deputy"), deputies)] if deputies else []
    return [*lines, Line(NO_DATA, say("Vacant"), vacant)]


def _columns(scene: Scene) -> tuple[Column, ...]:
    if scene.single:
        return (Column(say("Holder"), say("Who answers for the cell"), words=True),)
    return (
        Column(say("Cells"), say("Number of cells")),
        Column(say("Vacant"), say("Cells that nobody holds"), order="descending"),
        Column(say("Deputy"), say("Cells that only a deputy holds")),
    )


def _row(scene: Scene, code: Code, fills: Mapping[Code, str]) -> Row:
    if scene.single:
        return Row(code, scene.name(code), fills[code], (scene.held_by(code),))
    states = [_state(scene, part) for part in scene.parts[code]]
    values = (len(states), states.count(NO_DATA), states.count(DEPUTY))
    return Row(code, scene.name(code), "", tuple(Amount(value) for value in values))


def _vacancies(row: Row) -> float:
    value = row.values[1]
    return value.value if isinstance(value, Amount) else 0.0
