from datetime import UTC, date, datetime

import pytest

from gis.people.posts import Acting, Post, Posts, midnight
from tests.town import SHANGHAI, local, posts

NOON = local("2026-09-28 12:00")


def acting(*found, at=NOON):
    return Posts.of(found).acting("U1", at)


def test_joint_holders_share_the_cell():
    found = posts().acting("V1", NOON)
    assert found.people == {"v1", "v1-joint"}
    assert not found.deputy


def test_a_deputy_waits_while_a_holder_is_there():
    assert acting(Post("U1", "deputy", deputy=True), Post("U1", "holder")) == Acting(
        frozenset({"holder"})
    )


def test_a_deputy_answers_once_the_holder_is_gone():
    gone = Post("U1", "holder", until=local("2026-09-28 00:00"))
    found = acting(gone, Post("U1", "deputy", deputy=True))
    assert found == Acting(frozenset({"deputy"}), deputy=True)


def test_one_of_two_joint_holders_leaves_the_cell_to_the_other_not_to_the_deputy():
    left = Post("U1", "first", until=NOON)
    found = acting(left, Post("U1", "second"), Post("U1", "deputy", deputy=True))
    assert found.people == {"second"}


def test_a_deputy_whose_own_time_is_over_does_not_answer():
    assert not acting(Post("U1", "deputy", until=NOON, deputy=True))


def test_a_cell_that_nobody_holds_is_vacant():
    assert not Posts.of([]).acting("U1", NOON)
    assert not posts(vacant=["U1"]).acting("U1", NOON)


def test_the_people_of_another_cell_do_not_answer():
    assert not acting(Post("U2", "neighbour"))


@pytest.mark.parametrize(
    "since, until, there",
    [
        (None, None, True),
        (NOON, None, True),  # begins at this instant
        (None, NOON, False),  # ends at this instant
        (local("2026-09-28 12:01"), None, False),
        (None, local("2026-09-28 12:01"), True),
    ],
)
def test_a_post_is_held_from_its_first_instant_until_before_its_last(since, until, there):
    assert Post("U1", "holder", since, until).active(NOON) is there
    assert bool(acting(Post("U1", "holder", since, until))) is there


def test_a_post_begins_at_local_midnight_and_an_open_end_stays_open():
    assert midnight(date(2026, 9, 28), SHANGHAI) == datetime(2026, 9, 27, 16, tzinfo=UTC)
    assert midnight(None, SHANGHAI) is None
