"""Where the issues are, and with whom."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from gis.hierarchy import Code
from gis.issues.details import Detail
from gis.issues.lifecycle import Status
from gis.issues.pins import Pin
from gis.messages import say
from gis.reports import Question
from maps.coverage import HOLDER, NONE
from maps.picture import Amount, Column, Item, Line, Picture, Row, Value, in_order
from maps.scene import IN_NO_CELL, ReportRow, Scene, count
from maps.style import LAND, OVERDUE, SEVERITIES, STATES, state_of
from maps.view import Ask

KEYS = ("open", "overdue", "escalated", "closed")
MOST_LISTED = 50
FAR = datetime.max.replace(tzinfo=UTC)


def issues_picture(scene: Scene) -> Picture:
    """Return the open issues: how many in each cell, and each with who has it."""
    listed, total = scene.rows(Question.ISSUES), scene.total(Question.ISSUES)
    rows = [_row(scene, code, listed.get(code, NONE)) for code in scene.listed]
    if (outside := listed.get("")) and any(count(outside, key) for key in KEYS):
        rows.append(_row(scene, "", outside))
    numbers = {key: count(total, key) for key in KEYS}
    order = "overdue" if numbers["overdue"] else "open"
    pins = sorted(scene.pins, key=urgency)
    details = scene.view.details
    return Picture(
        ask=Ask.ISSUES,
        short=say("{open} open, {overdue} overdue", **numbers),
        answer=say("{open} open, {overdue} of them overdue, {escalated} passed up.", **numbers),
        rule=say("Open: not yet closed; overdue: past its due time; passed up: with a level above"),
        windowed=False,
        counted=say("Issues"),
        legend=_legend(pins),
        fills=dict.fromkeys(scene.filled, LAND),
        said={code: _said(row) for code, row in scene.fills(Question.ISSUES).items()},
        figures={code: Amount(count(listed.get(code, NONE), "open")) for code in scene.listed},
        columns=_columns(scene, order),
        rows=in_order(
            rows, lambda row: count(listed.get(row.code, NONE), order), order="descending"
        ),
        total=_values(scene, total, holder=""),
        items=tuple(_item(pin, details.get(pin.id, Detail())) for pin in pressing(scene)),
        of=len(pins),
        none=say("No issue is open here."),
    )


def pressing(scene: Scene) -> Sequence[Pin]:
    """Return the issues of the place that are listed one by one: those that press most."""
    return sorted(scene.pins, key=urgency)[:MOST_LISTED]


def urgency(pin: Pin) -> tuple[bool, datetime, datetime]:
    """Sort issues by how much they press: late ones, then those due first."""
    return (not pin.overdue, pin.due or FAR, pin.reported_at)


def _legend(pins: list[Pin]) -> tuple[Line, ...]:
    counts = Counter(state_of(pin) for pin in pins)
    shown = [state for state in STATES if counts[state] or state in (OVERDUE, Status.REPORTED)]
    return tuple(Line(state, STATES[state], counts[state], shape=True) for state in shown)


def _said(row: ReportRow) -> Value:
    return say(
        "{open} open, {overdue} overdue", open=count(row, "open"), overdue=count(row, "overdue")
    )


def _columns(scene: Scene, order: str) -> tuple[Column, ...]:
    first = (HOLDER,) if scene.single else ()
    heads = {
        "open": (say("Still open"), say("Issues that are not closed")),
        "overdue": (say("Overdue"), say("Open issues past their due time")),
        "escalated": (say("Passed up"), say("Open issues in the hands of a level above")),
        "closed": (say("Closed"), say("Issues closed by then")),
    }
    return (
        *first,
        *(
            Column(head, full, order="descending" if key == order else "")
            for key, (head, full) in heads.items()
        ),
    )


def _values(scene: Scene, row: ReportRow, *, holder: Value) -> tuple[Value, ...]:
    first = (holder,) if scene.single else ()
    return (*first, *(Amount(count(row, key)) for key in KEYS))


def _row(scene: Scene, code: Code, row: ReportRow) -> Row:
    if not code:
        return Row("", IN_NO_CELL, "", _values(scene, row, holder=""))
    return Row(code, scene.name(code), "", _values(scene, row, holder=scene.held_by(code)))


def _item(pin: Pin, detail: Detail) -> Item:
    return Item(
        code=pin.owner,
        fill=state_of(pin),
        head=pin_head(pin),
        lines=(*pin_lines(pin), *detail.why),
        shape=True,
        at=(pin.lon, pin.lat),
        key=str(pin.id),
        photos=detail.photos,
    )


def pin_head(pin: Pin) -> Value:
    """Return what an issue is."""
    return (pin.category or say("Issue"), SEVERITIES[pin.severity])


def pin_lines(pin: Pin) -> tuple[Value, ...]:
    """Return its text, who has it, and what happens when."""
    state, where = STATES[state_of(pin)], pin.owner_name or say("The grid centre")
    who: Value = tuple(pin.holders) or say("nobody")
    return (
        pin.text or None,
        say("{state}; with {who}, {where}", state=state, who=who, where=where),
        say("Due {due}", due=pin.due) if pin.due else say("Without a deadline"),
    )
