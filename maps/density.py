"""Where the time is spent."""

from collections.abc import Sequence

from gis.hierarchy import Code
from gis.messages import say
from gis.reports import Question
from maps.coverage import HOLDER, NOBODY_WALKED, NONE
from maps.picture import Column, Period, Picture, Row, Value, in_order
from maps.scene import HECTARE_M2, IN_NO_CELL, ReportRow, Scene, amount, number
from maps.style import DENSITY, NO_DATA
from maps.view import Ask

HOUR_S = 3600
MINUTE_S = 60


def density_picture(scene: Scene) -> Picture:
    """Return person-minutes a hectare in the window; never patrolled differs from zero."""
    rows, listed = scene.fills(Question.DENSITY), scene.rows(Question.DENSITY)
    minutes = {code: _minutes(scene, [code], rows.get(code, NONE)) for code in scene.filled}
    fills = {code: DENSITY.fill(value) for code, value in minutes.items()}
    total = scene.total(Question.DENSITY)
    table = [_row(scene, code, listed.get(code, NONE), fills) for code in scene.listed]
    if number(outside := listed.get("", NONE), "person_seconds"):
        table.append(Row("", IN_NO_CELL, "", _values(scene, [], outside, holder="")))
    hours = amount((number(total, "person_seconds") or 0) / HOUR_S)
    idle = sum(1 for code in scene.inside if not minutes[code])
    period = Period(scene.view.first, scene.view.last)
    return Picture(
        ask=Ask.DENSITY,
        short=say("{hours} person-hours ({period})", hours=hours, period=period),
        answer=say(
            "{hours} person-hours of patrol ({period}); {idle} of {n} cells had none.",
            hours=hours,
            period=period,
            idle=idle,
            n=len(scene.inside),
        ),
        rule=say("Person-minutes a hectare; standing still counts, a doubled upload does not"),
        windowed=True,
        counted=say("Cells by person-minutes a hectare"),
        legend=DENSITY.legend(scene.tally(fills), no_data=say("Nobody was there")),
        fills=fills,
        said={code: amount(value, 1) for code, value in minutes.items()},
        figures={
            code: amount(_minutes(scene, [code], listed.get(code, NONE)), 1)
            for code in scene.listed
        },
        columns=_columns(scene),
        rows=in_order(
            table,
            lambda row: _minutes(scene, [row.code], listed.get(row.code, NONE)),
            order="ascending",
        ),
        total=_values(scene, scene.listed, total, holder=""),
        empty=NOBODY_WALKED if number(total, "person_seconds") is None else None,
    )


def _minutes(scene: Scene, codes: Sequence[Code], row: ReportRow) -> float | None:
    seconds, area = number(row, "person_seconds"), scene.area_m2(codes)
    return None if seconds is None or not area else seconds / MINUTE_S / (area / HECTARE_M2)


def _columns(scene: Scene) -> tuple[Column, ...]:
    first = (HOLDER,) if scene.single else ()
    return (
        *first,
        Column(say("Person-h"), say("Person-hours of patrol")),
        Column(say("Min/ha"), say("Person-minutes a hectare"), order="ascending"),
        Column(say("Passes"), say("How often somebody came through on patrol")),
        Column(say("Days"), say("Days with a patrol")),
    )


def _values(
    scene: Scene, codes: Sequence[Code], row: ReportRow, *, holder: Value
) -> tuple[Value, ...]:
    seconds = number(row, "person_seconds")
    first = (holder,) if scene.single else ()
    return (
        *first,
        amount(None if seconds is None else seconds / HOUR_S, 1),
        amount(_minutes(scene, codes, row), 1),
        amount(number(row, "passes")),
        amount(number(row, "days")),
    )


def _row(scene: Scene, code: Code, row: ReportRow, fills: dict[Code, str]) -> Row:
    fill = fills.get(code, NO_DATA) if scene.single else ""
    values = _values(scene, [code], row, holder=scene.held_by(code))
    return Row(code, scene.name(code), fill, values)
