"""Issues counted cell by cell from the ledger, as of any instant, and shown as pins."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from gis import tables
from gis.errors import NotFound
from gis.hierarchy import Level
from gis.issues import sweep
from gis.issues.lifecycle import Severity, Status
from gis.issues.report import issue_pins, issues_report
from tests import reported
from tests.reported import MID, WEST, filed, imported, inside
from tests.town import hours, local

SEEN = local("2026-09-28 08:30")
AT = local("2026-10-20 12:00")
KEYS = ["cell", "name", "level", "reported", "open", "overdue", "escalated", "closed"]


@pytest.fixture(autouse=True)
def township(conn):
    reported.found(conn)


def bring(conn, cell, *, seen="2026-09-28 08:30", due=None, closed=None):
    number = len(conn.execute(tables.issue.select()).all()) + 100
    times = {"seen": seen, "due": due, "closed": closed}
    imported(conn, number, cell=cell, **{name: at and local(at) for name, at in times.items()})


def report(conn, at=AT, *, cell=None, level=None, first=None, last=None):
    return issues_report(conn, cell=cell, level=level, first=first, last=last, at=at)


def figures(found):
    return {row["cell"]: tuple(row[key] for key in KEYS[3:]) for row in found.rows}


def test_rows_are_the_children_and_what_is_in_no_cell_comes_last(conn):
    for unit in ("U1", "U3", "U5", None):
        bring(conn, unit)
    found = report(conn)
    assert [list(row) for row in found.rows] == [KEYS] * 3
    assert [(row["cell"], row["name"], row["level"]) for row in found.rows] == [
        ("A1", "Cell A1", Level.AREA),
        ("A2", "Cell A2", Level.AREA),
        ("", "", None),
    ]
    assert figures(found) == {"A1": (2, 2, 0, 0, 0), "A2": (1, 1, 0, 0, 0), "": (1, 1, 0, 0, 0)}
    assert list(found.total.values()) == [4, 4, 0, 0, 0]


def test_a_cell_a_level_and_a_cell_without_children_can_be_asked_for(conn):
    for unit in ("U1", "U3", "U5", None):
        bring(conn, unit)
    counts = {
        code: [row["open"] for row in report(conn, cell=code).rows] for code in ("A1", "V1", "U1")
    }
    assert counts == {"A1": [1, 1, 0], "V1": [1, 0, 0], "U1": [1, 0]}
    assert figures(report(conn, level=Level.VILLAGE, cell="A2")) == {
        "V3": (1, 1, 0, 0, 0),
        "": (0, 0, 0, 0, 0),
    }
    with pytest.raises(NotFound):
        report(conn, cell="X")


def test_what_lies_in_a_hole_between_its_villages_is_in_no_row_but_in_the_total(conn):
    bring(conn, "A1")
    assert figures(report(conn, cell="A1"))[""] == (1, 1, 0, 0, 0)
    assert figures(report(conn))["A1"] == (1, 1, 0, 0, 0)


def test_without_cells_all_is_in_no_cell(conn):
    bring(conn, None)
    conn.execute(tables.holding.delete())
    conn.execute(tables.cell_version.delete())
    assert figures(report(conn)) == {"": (1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    "at, counted",
    [
        ("2026-09-28 08:29", (0, 0, 0, 0, 0)),
        ("2026-09-28 08:30", (1, 1, 0, 0, 0)),
        ("2026-10-01 09:00", (1, 1, 0, 0, 0)),  # due at the very instant
        ("2026-10-01 09:01", (1, 1, 1, 0, 0)),
        ("2026-10-02 08:59", (1, 1, 1, 0, 0)),
        ("2026-10-02 09:00", (1, 0, 0, 0, 1)),
    ],
)
def test_figures_are_as_of_the_instant(conn, at, counted):
    bring(conn, "U1", due="2026-10-01 09:00", closed="2026-10-02 09:00")
    assert figures(report(conn, local(at)))["A1"] == counted


def test_what_went_up_counts_from_its_deadline_on_whenever_the_sweep_came_by(conn):
    bring(conn, "U1", due="2026-10-01 09:00")
    sweep.escalate(conn, at=AT)
    went_up = {
        at: report(conn, local(at)).total["escalated"]
        for at in ("2026-10-01 08:59", "2026-10-01 09:00")
    }
    assert went_up == {"2026-10-01 08:59": 0, "2026-10-01 09:00": 1}
    assert report(conn).total["escalated"] == 1  # one issue, though it went up three times


def test_what_a_file_says_was_closed_before_it_was_reported_is_never_open(conn):
    bring(conn, "U1", seen="2026-09-28 08:30", closed="2026-09-20 08:30")
    assert figures(report(conn, local("2026-09-25 12:00")))["A1"] == (0, 0, 0, 0, 0)
    assert figures(report(conn))["A1"] == (1, 0, 0, 0, 1)


def test_a_window_counts_what_happened_in_it_and_open_as_of_the_instant(conn):
    bring(conn, "U1", seen="2026-09-27 23:59")
    bring(conn, "U1", seen="2026-09-28 00:00", closed="2026-09-29 23:59")
    bring(conn, "U1", seen="2026-09-29 23:59", closed="2026-09-30 00:00")
    bring(conn, "U1", seen="2026-09-30 00:00")
    first, last = date(2026, 9, 28), date(2026, 9, 29)
    found = report(conn, first=first, last=last)
    assert figures(found)["A1"] == (2, 2, 0, 0, 1)
    assert (found.first, found.last) == (first, last)
    assert figures(report(conn, first=first))["A1"] == (3, 2, 0, 0, 2)
    assert figures(report(conn, last=last))["A1"] == (3, 2, 0, 0, 1)
    assert figures(report(conn, local("2026-09-29 12:00"), first=first, last=last))["A1"] == (
        (1, 2, 0, 0, 0)
    )


def test_the_sweep_does_not_change_what_is_overdue_by_the_files_time(conn):
    bring(conn, "U1", due="2026-10-01 09:00")
    bring(conn, "U5", due="2026-10-25 09:00")
    before = figures(report(conn))
    sweep.escalate(conn, at=AT)
    after = figures(report(conn))
    assert before == {"A1": (1, 1, 1, 0, 0), "A2": (1, 1, 0, 0, 0), "": (0,) * 5}
    assert after == {"A1": (1, 1, 1, 1, 0), "A2": (1, 1, 0, 0, 0), "": (0,) * 5}


def test_a_report_of_our_own_is_overdue_where_nobody_above_can_take_over(conn):
    filed(conn, 1, at=SEEN)
    sweep.escalate(conn, at=AT)
    assert figures(report(conn, SEEN + hours(7)))["A1"] == (1, 1, 0, 1, 0)  # with the village
    assert figures(report(conn))["A1"] == (1, 1, 1, 1, 0)


HOURS = st.integers(0, 200).map(hours)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from(["U1", "U4", None]), HOURS, st.none() | HOURS, st.none() | HOURS),
        max_size=6,
    ),
    HOURS,
    st.booleans(),
)
def test_the_counts_are_those_of_the_definition(conn, rows, later, swept):
    """Open: reported and not closed by then; overdue: open and due before then."""
    at = SEEN + later
    with conn.begin_nested() as savepoint:
        for number, (cell, *times) in enumerate(rows):
            seen, due, closed = (None if time is None else SEEN + time for time in times)
            imported(conn, number, cell=cell, seen=seen, due=due, closed=closed)
        if swept:
            sweep.escalate(conn, at=SEEN + hours(1000))
        total = report(conn, at).total
        savepoint.rollback()
    by_then = [row for row in rows if row[1] <= later]
    still = [row for row in by_then if row[3] is None or row[3] > later]
    late = [row for row in still if row[2] is not None and row[2] < later]
    counted = {"reported": len(by_then), "open": len(still), "overdue": len(late)}
    assert {key: total[key] for key in counted} == counted
    assert total["closed"] == len(by_then) - len(still)


# Pins.


def test_a_pin_tells_where_what_and_whose_turn_it_is(conn):
    filed(conn, 1, at=SEEN, text="一堆垃圾")
    (pin,) = issue_pins(conn, at=SEEN)
    assert (round(pin.lon, 4), round(pin.lat, 4)) == (117.405, 32.905)
    assert (pin.status, pin.category, pin.text) == (Status.REPORTED, "litter", "一堆垃圾")
    assert (pin.severity, pin.overdue, pin.escalated) == (Severity.ORDINARY, False, False)
    assert (pin.owner, pin.owner_name, list(pin.holders)) == ("U1", "Cell U1", ["Holder of U1"])
    assert (pin.due, pin.reported_at) == (local("2026-09-28 15:00"), SEEN)


def test_pins_are_as_of_the_instant(conn):
    filed(conn, 1, at=SEEN)
    bring(conn, "U2", closed="2026-09-29 09:00")
    sweep.escalate(conn, at=AT)
    shown = {
        when: [(pin.owner, pin.overdue, pin.escalated) for pin in issue_pins(conn, at=local(when))]
        for when in ("2026-09-28 08:29", "2026-09-28 14:59", "2026-09-28 15:00", "2026-10-20 12:00")
    }
    assert shown == {
        "2026-09-28 08:29": [],
        "2026-09-28 14:59": [("U1", False, False), ("U2", False, False)],
        "2026-09-28 15:00": [("V1", False, True), ("U2", False, False)],
        "2026-10-20 12:00": [("T", True, True)],
    }


def test_closed_issues_can_be_asked_for_too(conn):
    bring(conn, "U1", closed="2026-09-29 09:00")
    assert list(issue_pins(conn, at=AT)) == []
    (pin,) = issue_pins(conn, at=AT, only_open=False)
    assert pin.status is Status.CLOSED


def test_pins_of_a_cell_are_those_that_lie_in_it(conn):
    filed(conn, 1, at=SEEN)
    filed(conn, 2, at=SEEN + hours(1), geom=inside("U3"))
    filed(conn, 3, at=SEEN + hours(2), geom=Point(118, MID))

    def numbers(cell):
        return [pin.id.int for pin in issue_pins(conn, cell=cell, at=AT)]

    assert {cell: numbers(cell) for cell in (None, "T", "V1", "U4")} == {
        None: [3, 2, 1],
        "T": [2, 1],
        "V1": [1],
        "U4": [],
    }


def test_the_centres_queue_has_no_name_of_its_own(conn):
    filed(conn, 1, at=SEEN, geom=Point(118, MID))
    (pin,) = issue_pins(conn, at=SEEN)
    assert (pin.owner, pin.owner_name, list(pin.holders)) == ("", "", [])


def test_a_line_is_pinned_on_itself(conn):
    filed(conn, 1, at=SEEN, geom=LineString([(WEST, MID), (WEST + 0.004, MID)]))
    (pin,) = issue_pins(conn, at=SEEN)
    assert LineString([(WEST, MID), (WEST + 0.004, MID)]).distance(Point(pin.lon, pin.lat)) < 1e-9
