"""What a page of the map is made of: the same figures as the reports, read once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from api import questions, view
from gis.hierarchy import Level
from gis.issues import store
from gis.issues.details import details_of
from gis.patrols.coverage import coverage_report, coverage_reports
from gis.people.roles import Role
from gis.reports import Question
from maps.view import Ask
from tests import reported, settled, walking
from tests.settled import MONDAY, hold, send

NOON = datetime(2026, 9, 21, 4, tzinfo=UTC)


@pytest.fixture
def walked(conn):
    """Four units in two villages; Ann walked in hers on Monday and, a week before, next door."""
    settled.add_people(conn, {"p1": "Ann", "p3": "Cy"})
    settled.settle(conn, walking.town(2, 2))
    hold(conn, "p1", "U01")
    hold(conn, "p3", "V1", role=Role.VILLAGE_LEADER)
    units = walking.town(2, 2)
    send(conn, "p1", walking.walk(units[0]))
    week = timedelta(days=7).total_seconds()
    send(conn, "p1", walking.walk(units[1], start=int(walking.MIDNIGHT - week + 8 * 3600)))


def asked(conn, **changed):
    wanted = {"cell": None, "level": None, "first": None, "last": None, "at": None} | changed
    return questions.asked(conn, **wanted)


def test_coverage_of_several_cells_and_levels_is_what_each_of_them_alone_has(conn, walked):
    window = {"first": MONDAY - timedelta(days=13), "last": MONDAY, "at": NOON}
    parts = [(None, Level.VILLAGE), (None, Level.UNIT), ("V1", None), ("U02", Level.UNIT)]
    together = coverage_reports(conn, parts, **window)
    alone = [coverage_report(conn, cell=cell, level=level, **window) for cell, level in parts]
    assert together == alone
    assert together[0].total["covered_m2"] > 0


@pytest.mark.parametrize("cell", [None, "A", "V1", "U01"])
def test_a_page_has_the_rows_of_the_reports(conn, walked, cell):
    question = asked(conn, cell=cell, at="2026-09-21T12:00")
    seen = view.gather(conn, Ask.CELLS, asked=question)
    place = seen.scope.place if cell else None
    for kind in (Question.COVERAGE, Question.DENSITY, Question.ISSUES):
        for found, where, level in (
            (seen.listed, place, seen.scope.rows.word),
            (seen.filled, None, seen.scope.drawn.word),
        ):
            one = asked(conn, cell=where, level=level, at="2026-09-21T12:00")
            assert found[kind] == questions.answer(conn, kind, asked=one)


def test_only_a_page_of_today_goes_on(conn, walked):
    def live(**changed):
        return view.gather(conn, Ask.CELLS, asked=asked(conn, **changed)).live

    assert live() is not None
    today = asked(conn).last
    assert live(first="2026-09-01", last=today.isoformat()) is not None
    assert live(last=(today - timedelta(days=1)).isoformat()) is None
    assert live(at="2026-09-21T12:00") is None


def test_an_issue_says_why_it_is_with_whom_it_is(conn):
    reported.found(conn)
    number = UUID(int=1)
    store.report_issue(conn, reported.report(1, at=NOON, reporter="u1"))
    found = details_of(conn, [number])[number]
    assert tuple(map(str, found.why)) == tuple(map(str, store.get_issue(conn, number).why))
    assert found.why
    assert found.photos == ()
    assert details_of(conn, []) == {}
