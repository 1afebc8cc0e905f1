"""What decides about issues, as a new installation gets it and as it is loaded."""

from datetime import date

from sqlalchemy import select

from gis import deployment, tables
from gis.issues import rules
from gis.issues.calendar import OFF, OFFICE
from gis.issues.policy import DEFAULTS
from tests import reported, town
from tests.town import local


def everything(conn):
    kinds = (tables.limits, tables.calendar_day, tables.calendar_year)
    return [
        conn.execute(select(table).order_by(table.primary_key.columns[0])).all() for table in kinds
    ]


def test_a_new_installation_gets_the_default_limits_and_its_countrys_calendar(conn):
    reported.found(conn)
    loaded = rules.load_rules(conn)
    (policy,) = loaded.policies
    assert (policy.version, policy.since, policy.table) == (1, town.DAWN, DEFAULTS)
    assert loaded.calendar.zone == town.SHANGHAI
    assert loaded.calendar.confirmed == {2025, 2026}  # China has not announced 2027
    assert loaded.calendar.exceptions.items() >= town.AUTUMN.items()
    assert loaded.tree == town.TREE
    assert loaded.posts.acting("U1", local("2026-09-28 12:00")).people == {"u1"}


def test_a_second_seed_leaves_what_the_office_changed(conn):
    rules.seed(conn, zone_name="Asia/Shanghai", at=town.DAWN)
    day = tables.calendar_day
    conn.execute(day.delete().where(day.c.day == date(2026, 10, 1)))
    before = everything(conn)
    rules.seed(conn, zone_name="America/New_York", at=local("2027-01-01 00:00"))
    assert everything(conn) == before


def test_another_country_has_other_holidays_and_none_to_wait_for(conn):
    rules.seed(conn, zone_name="America/New_York", at=town.DAWN)
    calendar = rules.load_calendar(conn, deployment.zone_named("America/New_York"))
    assert calendar.hours(date(2026, 7, 3)) == OFF  # for the 4th, a Saturday
    assert calendar.hours(date(2026, 10, 1)) == OFFICE
    assert calendar.confirmed == {2025, 2026, 2027}


def test_a_zone_of_no_country_has_plain_weeks_that_nobody_confirmed(conn):
    rules.seed(conn, zone_name="UTC", at=town.DAWN)
    calendar = rules.load_calendar(conn, deployment.zone_named("UTC"))
    assert (calendar.exceptions, calendar.confirmed) == ({}, frozenset())


def test_of_several_versions_the_oldest_comes_first(conn):
    rules.seed(conn, zone_name="UTC", at=local("2026-05-01 00:00"))
    rows = conn.execute(select(tables.limits.c.rows)).scalar_one()
    conn.execute(
        tables.limits.insert().values(version=2, since=local("2026-04-01 00:00"), rows=rows)
    )
    assert [policy.version for policy in rules.load_policies(conn)] == [2, 1]
