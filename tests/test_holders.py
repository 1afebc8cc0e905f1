"""Who answers for a cell: holders, else deputies, else nobody."""

from datetime import UTC, date, datetime, timedelta

import pytest
import shapely

from gis.people import store
from gis.people.model import Holder
from gis.people.roles import Role
from tests import settled
from tests.settled import hold

PEOPLE = {"p1": "王示例", "p2": "李示例", "p3": "张示例"}
FIRST, LEAVE, BACK = date(2026, 9, 1), date(2026, 9, 10), date(2026, 9, 12)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def cells(conn):
    settled.settle(conn, [shapely.box(117, 32, 117.01, 32.01)], villages=1)
    settled.add_people(conn, PEOPLE)


def worker(person, *, deputy=False, cell="U01", role=Role.UNIT_WORKER):
    return Holder(cell, person, PEOPLE[person], role, "", deputy)


def test_joint_holders_stand_in_order_of_their_ids(conn):
    for person in ("p2", "p1"):
        hold(conn, person, "V1", role=Role.VILLAGE_LEADER)
    assert store.holders_on(conn, FIRST) == {
        "V1": tuple(worker(p, cell="V1", role=Role.VILLAGE_LEADER) for p in ("p1", "p2"))
    }


def test_a_post_counts_from_its_first_day_until_before_its_end(conn):
    hold(conn, "p1", "U01", since=FIRST, until=LEAVE)
    assert store.holders_on(conn, FIRST - DAY) == {}
    assert store.holders_on(conn, LEAVE - DAY) == {"U01": (worker("p1"),)}
    assert store.holders_on(conn, LEAVE) == {}


def test_a_deputy_answers_only_on_days_without_a_holder(conn):
    hold(conn, "p1", "U01", until=LEAVE)
    hold(conn, "p1", "U01", since=BACK)
    hold(conn, "p2", "U01", deputy_for="p1")
    answering = [store.holders_on(conn, day)["U01"] for day in (LEAVE - DAY, LEAVE, BACK)]
    assert answering == [(worker("p1"),), (worker("p2", deputy=True),), (worker("p1"),)]


def test_a_role_that_does_not_fit_the_cell_answers_for_nothing(conn):
    hold(conn, "p1", "T", role=Role.INSPECTOR)
    hold(conn, "p2", "T", role=Role.UNIT_WORKER)
    hold(conn, "p3", "T", role=Role.CHIEF)
    assert store.holders_on(conn, FIRST) == {"T": (worker("p3", cell="T", role=Role.CHIEF),)}


def test_one_may_ask_for_some_cells(conn):
    hold(conn, "p1", "U01")
    hold(conn, "p2", "V1", role=Role.VILLAGE_LEADER)
    assert store.holders_on(conn, FIRST, cells=["U01", "U99"]) == {"U01": (worker("p1"),)}
    assert store.holders_on(conn, FIRST, cells=[]) == {}


def test_posts_change_at_local_midnight(conn):
    hold(conn, "p1", "U01", until=LEAVE)
    hold(conn, "p2", "U01", deputy_for="p1")
    posts = store.load_posts(conn)
    midnight = datetime(2026, 9, 9, 16, tzinfo=UTC)  # of 10 September, in Shanghai
    before = posts.acting("U01", midnight - timedelta(seconds=1))
    assert (before.people, before.deputy) == ({"p1"}, False)
    after = posts.acting("U01", midnight)
    assert (after.people, after.deputy) == ({"p2"}, True)
    assert not posts.acting("V1", midnight)


def test_posts_and_holders_agree_at_noon_of_every_day(conn):
    hold(conn, "p1", "U01", until=LEAVE)
    hold(conn, "p1", "U01", since=BACK, until=BACK + DAY)
    hold(conn, "p2", "U01", since=FIRST + 3 * DAY, deputy_for="p1")
    hold(conn, "p3", "U01", since=None, until=FIRST + DAY)
    hold(conn, "p3", "U01", role=Role.CHIEF)
    posts = store.load_posts(conn)
    for n in range(-3, 15):
        day = FIRST + n * DAY
        acting = posts.acting(
            "U01", datetime(day.year, day.month, day.day, 12, tzinfo=settled.ZONE)
        )
        holders = store.holders_on(conn, day).get("U01", ())
        assert acting.people == {holder.person for holder in holders}
        assert acting.deputy == any(holder.deputy for holder in holders)
