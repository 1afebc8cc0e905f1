from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidCalendar
from gis.issues.calendar import (
    ALWAYS,
    FIVE_DAYS,
    NOTHING,
    OFF,
    OFFICE,
    ROUND_THE_CLOCK,
    Calendar,
    length,
    span,
)
from gis.issues.holidays import announced, country_of, exceptional_days
from tests.town import AUTUMN, CALENDAR, SHANGHAI, hours, local, shown

MINUTE = timedelta(minutes=1)


def test_a_working_day_has_six_and_a_half_hours():
    assert length(OFFICE) == hours(6.5)


@pytest.mark.parametrize(
    "work, due",
    [
        (0, "2026-09-30 16:30"),
        (1, "2026-09-30 17:30"),  # at closing time, not when the office opens again
        (4, "2026-10-08 11:30"),  # Thursday: three hours after half past eight
        (7.5, "2026-10-08 17:30"),
        (19.5, "2026-10-10 16:30"),  # Saturday, worked for the 7th
        (26, "2026-10-12 16:30"),  # four working days on: 8, 9, 10 and 12 October
    ],
)
def test_working_hours_jump_the_national_day_of_2026(work, due):
    start = local("2026-09-30 16:30")  # a Wednesday
    assert shown(CALENDAR.add_working(start, hours(work))) == due
    assert CALENDAR.working_between(start, local(due)) == hours(work)


def test_a_swapped_sunday_is_worked_and_a_plain_one_is_not():
    assert CALENDAR.hours(date(2026, 9, 20)) == OFFICE
    assert CALENDAR.hours(date(2026, 9, 27)) == OFF


def test_the_midday_break_is_not_working_time():
    start = local("2026-09-28 11:00")
    assert shown(CALENDAR.add_working(start, hours(2))) == "2026-09-28 15:30"
    noon, half_past_two = local("2026-09-28 12:00"), local("2026-09-28 14:30")
    assert CALENDAR.working_between(noon, half_past_two) == NOTHING


def test_working_time_backwards_is_negative():
    monday, tuesday = local("2026-09-28 08:30"), local("2026-09-29 08:30")
    assert CALENDAR.working_between(tuesday, monday) == -hours(6.5)


def test_emergencies_count_every_hour_through_the_holiday():
    start = local("2026-09-30 16:30")
    assert shown(ALWAYS.add_working(start, hours(24))) == "2026-10-01 16:30"
    assert ALWAYS.unconfirmed(start, local("2030-01-01 00:00")) == ()


def test_office_hours_keep_to_the_wall_clock_when_summer_time_ends():
    berlin = Calendar(ZoneInfo("Europe/Berlin"))
    friday = datetime(2026, 10, 23, 17, 0, tzinfo=berlin.zone)  # the clocks go back on Sunday
    due = berlin.add_working(friday, hours(1))
    assert due == datetime(2026, 10, 26, 9, 0, tzinfo=berlin.zone)
    assert berlin.working_between(friday, due) == hours(1)


def test_a_deadline_ten_years_away_is_counted_in_whole_weeks():
    start = local("2027-01-04 08:30")  # a Monday
    due = CALENDAR.add_working(start, 522 * 5 * hours(6.5))
    assert due == local("2037-01-02 17:30")  # a Friday, 521 weeks and four days later


def test_a_deadline_says_which_years_nobody_confirmed():
    start = local("2026-12-31 16:30")
    due = CALENDAR.add_working(start, hours(4))
    assert CALENDAR.unconfirmed(start, start) == ()
    assert CALENDAR.unconfirmed(start, due) == (2027,)


def test_a_year_begins_at_local_midnight():
    eve = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    assert CALENDAR.unconfirmed(eve, eve) == ()
    assert CALENDAR.unconfirmed(eve, eve + MINUTE) == (2027,)


def test_negative_work_is_refused():
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_working(local("2026-09-30 16:30"), hours(-1))


MORNING, NOON = span("08:00", "12:00"), span("11:00", "13:00")


@pytest.mark.parametrize(
    "week",
    [
        FIVE_DAYS[:6],
        (OFF,) * 7,
        ((MORNING, NOON), *FIVE_DAYS[1:]),  # overlapping
        ((NOON, MORNING), *FIVE_DAYS[1:]),  # out of order
        ((span("12:00", "08:00"),), *FIVE_DAYS[1:]),  # backwards
        ((span("08:00", "08:00"),), *FIVE_DAYS[1:]),  # empty
        ((span("20:00", "25:00"),), *FIVE_DAYS[1:]),  # past midnight
    ],
)
def test_hours_that_cannot_be_kept_are_refused(week):
    with pytest.raises(InvalidCalendar):
        Calendar(SHANGHAI, week=week)


def test_an_exception_must_be_possible_too():
    with pytest.raises(InvalidCalendar):
        Calendar(SHANGHAI, exceptions={date(2026, 10, 10): (MORNING, NOON)})


# Any working week, any exceptions.

EDGES = st.sets(st.integers(0, 24 * 60), max_size=6).map(sorted)
DAYS = EDGES.map(
    lambda edges: tuple(
        (a * MINUTE, b * MINUTE) for a, b in zip(edges[::2], edges[1::2], strict=False)
    )
)
CALENDARS = st.builds(
    Calendar,
    st.sampled_from([SHANGHAI, ZoneInfo("UTC"), ZoneInfo("Asia/Kathmandu")]),
    week=st.tuples(*[st.sampled_from([OFF, OFFICE, ROUND_THE_CLOCK]) | DAYS] * 7).filter(any),
    exceptions=st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 3, 31)), DAYS, max_size=20),
)
INSTANTS = st.timedeltas(NOTHING, timedelta(days=120)).map(
    lambda since: datetime(2025, 12, 15, tzinfo=UTC) + since
)
WORK = st.timedeltas(NOTHING, timedelta(days=20))


@given(CALENDARS, INSTANTS, WORK)
def test_adding_and_counting_are_exact_inverses(calendar, start, work):
    due = calendar.add_working(start, work)
    assert due >= start
    assert calendar.working_between(start, due) == work


@given(CALENDARS, INSTANTS, INSTANTS)
def test_counting_and_adding_come_back_to_the_first_such_instant(calendar, one, two):
    start, end = sorted([one, two])
    due = calendar.add_working(start, calendar.working_between(start, end))
    assert start <= due <= end
    assert calendar.working_between(due, end) == NOTHING
    if due > start:
        just_before = max(start, due - timedelta(microseconds=1))
        assert calendar.working_between(just_before, due) > NOTHING


@given(CALENDARS, INSTANTS, WORK, WORK)
def test_work_may_be_added_in_parts(calendar, start, one, two):
    halfway = calendar.add_working(start, one)
    assert calendar.add_working(halfway, two) == calendar.add_working(start, one + two)


def counted_by_the_minute(calendar, start, end):
    """The obvious way, and the slow one."""
    worked = 0
    for passed in range((end - start) // MINUTE):
        here = (start + passed * MINUTE).astimezone(calendar.zone)
        clock = timedelta(hours=here.hour, minutes=here.minute)
        worked += any(a <= clock < b for a, b in calendar.hours(here.date()))
    return worked * MINUTE


@given(CALENDARS, INSTANTS.map(lambda t: t.replace(second=0, microsecond=0)), st.integers(0, 4000))
def test_it_agrees_with_counting_every_minute(calendar, start, minutes):
    end = start + minutes * MINUTE
    assert calendar.working_between(start, end) == counted_by_the_minute(calendar, start, end)


# The first list of a year's exceptional days.


def test_the_seed_of_autumn_2026_is_the_governments_list():
    days = exceptional_days("CN", [2026])
    autumn = {e.day: OFFICE if e.working else OFF for e in days if e.day > date(2026, 9, 1)}
    assert autumn == AUTUMN


def test_the_seed_takes_only_the_years_asked_in_order():
    days = [exceptional.day for exceptional in exceptional_days("CN", [2025, 2026])]
    assert {day.year for day in days} == {2025, 2026}
    assert days == sorted(set(days))


def test_the_seed_knows_which_years_are_announced():
    assert announced("CN", [2025, 2026, 2040]) == {2025, 2026}
    assert announced("DE", [2040]) == {2040}  # nobody swaps days there: nothing to wait for


@pytest.mark.parametrize("country", [None, "XX"])
def test_an_unknown_country_has_plain_weeks_and_nothing_announced(country):
    assert exceptional_days(country, [2026]) == []
    assert announced(country, [2026]) == frozenset()


@pytest.mark.parametrize(
    "zone, country",
    [
        ("Asia/Shanghai", "CN"),
        ("PRC", "CN"),
        ("Europe/Berlin", "DE"),
        ("UTC", None),
        ("Etc/GMT-8", None),
    ],
)
def test_the_country_is_that_of_the_time_zone(zone, country):
    assert country_of(zone) == country
