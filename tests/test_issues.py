"""Reports taken in, told twice, found, listed; each with an owner and the reason in words."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid5

import pytest
from shapely import LineString, Point
from sqlalchemy import func, select

from gis import db, tables
from gis.errors import Conflict, NotFound
from gis.issues import store, sweep
from gis.issues.lifecycle import Severity, Status
from tests import reported
from tests.reported import MID, SIDE, WEST, filed, inside, report
from tests.town import hours, local, shown

SEEN = local("2026-09-28 08:30")
BORDER = 117.41


@pytest.fixture
def township(conn):
    reported.found(conn)


def why(conn, number):
    return [str(message) for message in store.get_issue(conn, UUID(int=number)).why]


pytestmark = pytest.mark.usefixtures("township")


def test_the_receipt_tells_who_has_it_and_until_when(conn):
    receipt = filed(conn, 1, at=SEEN)
    assert (receipt.id, receipt.first, receipt.version) == (UUID(int=1), True, 1)
    assert (receipt.cell, receipt.owner, receipt.owners) == ("U1", "U1", ("u1",))
    assert shown(receipt.due) == "2026-09-28 15:00"
    assert receipt.digest == store.digest_of(report(1, at=SEEN)).hex()


@pytest.mark.parametrize(
    "values, owner, reasons",
    [
        ({}, "U1", ["It lies in Cell U1."]),
        (
            {"reporter": "u1"},
            "V1",
            ["It lies in Cell U1.", "The reporter answers for Cell U1: the level above takes it."],
        ),
        (
            {"geom": Point(BORDER, MID)},
            "V1",
            ["It touches several cells; Cell V1 is the lowest that holds them all."],
        ),
        (
            {"geom": Point(BORDER - 0.0009, MID), "accuracy": 100.0},  # 84 m from the border
            "V1",
            ["It touches several cells; Cell V1 is the lowest that holds them all."],
        ),
        (
            {"geom": LineString([inside("U2"), inside("U3")])},
            "A1",
            ["It touches several cells; Cell A1 is the lowest that holds them all."],
        ),
        (
            {"geom": LineString([inside("U1"), inside("U6")]), "reporter": "t"},
            None,
            [
                "It touches several cells; Cell T is the lowest that holds them all.",
                "The reporter answers for Cell T: the level above takes it.",
                "No level above can take it: it waits with the centre.",
            ],
        ),
        (
            {"severity": Severity.MAJOR},
            "T",
            ["It lies in Cell U1.", "Being so grave, it starts with Cell T."],
        ),
        (
            {"geom": Point(118, MID)},
            None,
            ["It lies in no cell: the centre decides who deals with it."],
        ),
    ],
)
def test_every_report_has_an_owner_and_the_reason_in_words(conn, values, owner, reasons):
    assert filed(conn, 1, at=SEEN, **values).owner == owner
    assert why(conn, 1) == reasons


def test_a_vacant_unit_leaves_its_reports_to_the_village(conn):
    conn.execute(tables.holding.delete().where(tables.holding.c.cell == "U1"))
    assert filed(conn, 1, at=SEEN).owner == "V1"
    assert why(conn, 1)[1] == "Nobody holds Cell U1: the level above takes it."


def test_what_the_holder_settles_on_the_spot_is_closed_at_once(conn):
    receipt = filed(conn, 1, at=SEEN, reporter="u1", settled_=True)
    assert (receipt.owner, receipt.due, receipt.version) == ("U1", None, 2)
    assert store.get_issue(conn, receipt.id).status is Status.CLOSED
    acts = store.acts_of(conn, receipt.id)
    assert [(act.version, act.kind, act.at, act.person) for act in acts] == [
        (1, "reported", SEEN, "u1"),
        (2, "closed", SEEN, "u1"),
    ]


def test_the_clock_begins_when_the_report_comes_in_and_not_when_it_was_seen(conn):
    late = replace(report(1, at=SEEN), reported=SEEN - hours(48))
    receipt = store.report_issue(conn, late)
    assert shown(receipt.due) == "2026-09-28 15:00"
    assert store.get_issue(conn, late.id).reported_at == SEEN - hours(48)


# Told twice.


def test_the_same_report_again_gives_the_same_receipt_whatever_happened_since(conn):
    first = filed(conn, 1, at=SEEN)
    sweep.escalate(conn, at=SEEN + hours(100))
    again = store.report_issue(conn, replace(report(1, at=SEEN), received=SEEN + hours(200)))
    assert again == replace(first, first=False)
    assert len(store.list_issues(conn)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"text": "more"},
        {"category": "noise"},
        {"geom": inside("U2")},
        {"accuracy": 7.0},
        {"severity": Severity.MAJOR},
        {"reported": SEEN - hours(1)},
        {"settled": True},
        {"id": UUID(int=2)},
    ],
)
def test_the_same_act_with_other_content_is_a_conflict(conn, change):
    filed(conn, 1, at=SEEN)
    with pytest.raises(Conflict):
        store.report_issue(conn, replace(report(1, at=SEEN), **change))
    assert len(store.list_issues(conn)) == 1


def test_the_same_id_in_another_act_is_a_conflict(conn):
    filed(conn, 1, at=SEEN)
    with pytest.raises(Conflict):
        store.report_issue(conn, replace(report(1, at=SEEN), op_id=UUID(int=9)))
    assert len(store.list_issues(conn)) == 1


def test_a_sender_whose_clock_is_ahead_may_repeat_itself(conn):
    ahead = replace(report(1, at=SEEN), reported=SEEN + hours(1))
    first = store.report_issue(conn, ahead)
    again = store.report_issue(conn, replace(ahead, received=SEEN + hours(2)))
    assert again.digest == first.digest
    assert store.get_issue(conn, ahead.id).reported_at == SEEN


# Found and listed.


def test_an_issue_outside_what_one_may_see_is_not_found(conn):
    filed(conn, 1, at=SEEN)
    for within in (None, "U1", "V1", "T"):
        assert store.get_issue(conn, UUID(int=1), within=within).cell == "U1"
    for within in ("U2", "A2", "X"):
        with pytest.raises(NotFound):
            store.get_issue(conn, UUID(int=1), within=within)
    with pytest.raises(NotFound):
        store.get_issue(conn, UUID(int=2))


@pytest.fixture
def several(conn, township):
    """1 and 2 in U1, settled and open; 3 in U3 an hour later; 4 outside all cells."""
    filed(conn, 1, at=SEEN, reporter="u1", settled_=True)
    filed(conn, 2, at=SEEN)
    filed(conn, 3, at=SEEN + hours(1), geom=inside("U3"))
    filed(conn, 4, at=SEEN, geom=Point(118, MID))


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize(
    "asked, found",
    [
        ({}, [1, 2, 3, 4]),
        ({"within": "V1"}, [1, 2]),
        ({"within": "T"}, [1, 2, 3]),
        ({"within": "U6"}, []),
        ({"status": Status.CLOSED}, [1]),
        ({"overdue_at": local("2026-09-28 15:00")}, []),
        ({"overdue_at": local("2026-09-28 15:01")}, [2, 4]),
        ({"bbox": (WEST, 32.0, WEST + SIDE, 33.0)}, [1, 2]),
        ({"reported": (SEEN + hours(1), None)}, [3]),
        ({"reported": (None, SEEN + hours(1))}, [1, 2, 4]),
        ({"limit": 2}, [1, 2]),
        ({"limit": 2, "after": UUID(int=2)}, [3, 4]),
    ],
)
def test_issues_are_listed_by_id_and_what_is_asked(conn, asked, found):
    assert [issue.id.int for issue in store.list_issues(conn, **asked)] == found


# At once.


def test_the_same_report_many_times_at_once_is_stored_once(own_database_url):
    db.migrate(own_database_url)
    engine = db.connect(own_database_url)
    with engine.begin() as conn:
        reported.found(conn)

    def send(_turn):
        with engine.begin() as conn:
            return filed(conn, 1, at=SEEN)

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(send, range(24)))
    assert len({replace(receipt, first=False) for receipt in receipts}) == 1
    assert sum(receipt.first for receipt in receipts) == 1
    with engine.begin() as conn:
        assert conn.execute(select(func.count()).select_from(tables.ledger)).scalar() == 1
    engine.dispose()


def test_ids_of_the_acts_of_one_report_differ(conn):
    filed(conn, 1, at=SEEN, reporter="u1", settled_=True)
    acts = conn.execute(select(tables.ledger.c.op_id).order_by(tables.ledger.c.version)).scalars()
    op_id = report(1, at=SEEN).op_id
    assert list(acts) == [op_id, uuid5(op_id, "closed")]
