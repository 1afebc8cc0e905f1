"""How much ground was passed, and how long ago the last patrol was."""

from gis.hierarchy import Code
from gis.messages import Message, say
from gis.reports import Question
from maps.picture import Amount, Column, Period, Picture, Row, Value, in_order
from maps.scene import HECTARE_M2, ReportRow, Scene, amount, number
from maps.style import COVERAGE, LONG_DAYS, NO_DATA, SINCE
from maps.view import Ask

NONE: ReportRow = {}
NOBODY_WALKED = say("No patrol is known of these days. Choose others, or import the walks.")
HOLDER = Column(say("Holder"), say("Who answers for the cell"), words=True)


def coverage_picture(scene: Scene) -> Picture:
    """Return the share of the ground that counts which somebody passed in the window."""
    rows = scene.fills(Question.COVERAGE)
    shares = {code: number(rows.get(code, NONE), "covered_pct") for code in scene.filled}
    fills = {code: COVERAGE.fill(share) for code, share in shares.items()}
    listed = scene.rows(Question.COVERAGE)
    total = scene.total(Question.COVERAGE)
    share, own = (percent(total, key) for key in ("covered_pct", "covered_by_holder_pct"))
    period = Period(scene.view.first, scene.view.last)
    return Picture(
        ask=Ask.COVERAGE,
        short=say("{share} ({period})", share=share or say("no data"), period=period),
        answer=say(
            "{share} of the ground was passed ({period}), {own} by those who answer for it.",
            share=share or "—",
            own=own or "—",
            period=period,
        )
        if share
        else say("No ground was due ({period}), so there is no share.", period=period),
        rule=say("Passed within 25 m; share of the ground that is due for patrol"),
        windowed=True,
        counted=say("Cells"),
        legend=COVERAGE.legend(scene.tally(fills), no_data=say("No data")),
        fills=fills,
        said={code: amount(share, 1, "%") for code, share in shares.items()},
        figures={code: percent(listed.get(code, NONE), "covered_pct") for code in scene.listed},
        columns=_columns(scene),
        rows=in_order(
            [_row(scene, code, listed.get(code, NONE), fills) for code in scene.listed],
            lambda row: number(listed.get(row.code, NONE), "covered_pct"),
            order="ascending",
        ),
        total=_values(scene, None, total),
        empty=NOBODY_WALKED if number(total, "covered_m2") == 0 else None,
    )


def percent(row: ReportRow, key: str) -> Amount | None:
    """Return a share of a report's row."""
    return amount(number(row, key), 1, "%")


def _columns(scene: Scene) -> tuple[Column, ...]:
    first = HOLDER if scene.single else Column(say("Due, ha"), say("Ground due, hectares"))
    return (
        first,
        Column(say("Passed, %"), say("Ground passed by anyone, percent"), order="ascending"),
        Column(say("Own, %"), say("Ground passed by those who answer for it, percent")),
        Column(say("Last patrol"), say("Day of the last patrol")),
    )


def _values(scene: Scene, code: Code | None, row: ReportRow) -> tuple[Value, ...]:
    due = number(row, "due_m2")
    area = amount(None if due is None else due / HECTARE_M2)
    holder: Value = scene.held_by(code) if code else ""
    return (
        holder if scene.single else area,
        amount(number(row, "covered_pct"), 1),
        amount(number(row, "covered_by_holder_pct"), 1),
        scene.local(row.get("last_patrolled")),
    )


def _row(scene: Scene, code: Code, row: ReportRow, fills: dict[Code, str]) -> Row:
    fill = fills[code] if scene.single else ""
    return Row(code, scene.name(code), fill, _values(scene, code, row))


def since_picture(scene: Scene) -> Picture:
    """Return the days since the last patrol of each cell, to the end of the window."""
    rows = scene.fills(Question.COVERAGE)
    days = {code: scene.days_since(rows.get(code, NONE)) for code in scene.filled}
    fills = {code: SINCE.fill(value) for code, value in days.items()}
    inside = [days[code] for code in scene.inside]
    longs, none = _long(inside), inside.count(None)
    counts = {"long": longs, "none": none, "n": len(inside), "days": LONG_DAYS}
    return Picture(
        ask=Ask.SINCE,
        short=_short(counts),
        answer=say(
            "Of {n} cells, {long} not patrolled for {days} days or more, {none} without a record.",
            **counts,
        ),
        rule=say("A cell is patrolled on a day when somebody on patrol spent 60 s in it"),
        windowed=False,
        counted=say("Cells"),
        legend=SINCE.legend(scene.tally(fills), no_data=say("No record")),
        fills=fills,
        said={code: _said(value) for code, value in days.items()},
        figures={
            code: _said(days[code]) if scene.single else _said(_worst(scene, code, days))
            for code in scene.listed
        },
        columns=_since_columns(scene),
        rows=_since_rows(scene, days, fills),
        total=("", "", _longest(inside))
        if scene.single
        else (Amount(len(inside)), Amount(longs), Amount(none), _longest(inside)),
    )


def _short(counts: dict[str, int]) -> Message:
    return say("{long} of {n} cells left alone for {days} days", **counts)


def _long(days: list[int | None]) -> int:
    return sum(1 for value in days if value is not None and value >= LONG_DAYS)


def _longest(days: list[int | None]) -> Amount | None:
    return amount(max((value for value in days if value is not None), default=None))


def _worst(scene: Scene, code: Code, days: dict[Code, int | None]) -> int | None:
    """Return the longest time without a patrol within a cell; never is no time."""
    return max((d for part in scene.parts[code] if (d := days[part]) is not None), default=None)


def _said(days: int | None) -> Value:
    if days is None:
        return say("no record")
    return say("same day") if days == 0 else say("{days} d", days=days)


def _of(scene: Scene, code: Code, days: dict[Code, int | None]) -> tuple[Value, ...]:
    parts = [days[part] for part in scene.parts[code]]
    counts = (len(parts), _long(parts), parts.count(None))
    return (*(Amount(value) for value in counts), _longest(parts))


def _since_columns(scene: Scene) -> tuple[Column, ...]:
    if scene.single:
        return (
            HOLDER,
            Column(say("Last patrol"), say("Day of the last patrol")),
            Column(say("Days"), say("Days since the last patrol"), order="descending"),
        )
    return (
        Column(say("Cells"), say("Number of cells")),
        Column(
            say("≥{days} days", days=LONG_DAYS),
            say("Cells not patrolled for {days} days or more", days=LONG_DAYS),
            order="descending",
        ),
        Column(say("No record"), say("Cells that were never patrolled")),
        Column(say("Longest, d"), say("Longest time without a patrol, days")),
    )


def _since_rows(
    scene: Scene, days: dict[Code, int | None], fills: dict[Code, str]
) -> tuple[Row, ...]:
    if not scene.single:
        rows = [Row(c, scene.name(c), "", _of(scene, c, days)) for c in scene.listed]
        worst = {c: _long([days[part] for part in scene.parts[c]]) for c in scene.listed}
        return in_order(rows, lambda row: worst[row.code], order="descending")
    listed = scene.rows(Question.COVERAGE)
    rows = [
        Row(
            code,
            scene.name(code),
            fills[code],
            (
                scene.held_by(code),
                scene.local(listed.get(code, NONE).get("last_patrolled")),
                amount(days[code]),
            ),
        )
        for code in scene.listed
    ]
    # Those without a record stand first: nobody is known to have been there at all.
    never = [row for row in rows if fills[row.code] == NO_DATA]
    known = [row for row in rows if fills[row.code] != NO_DATA]
    return (*never, *in_order(known, lambda row: days[row.code], order="descending"))
