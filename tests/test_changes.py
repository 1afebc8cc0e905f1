"""What tells an open page that something new came in."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from api.app import create_app
from api.deps import transaction
from gis import tables, times
from gis.changes import changes
from gis.issues import store
from gis.people import accounts
from gis.people.accounts import Use
from gis.people.roles import Role
from gis.settings import Settings
from tests import reported, settled, walking
from tests.settled import send

NOW = datetime(2026, 9, 21, 4, tzinfo=UTC)  # Monday noon in China


@pytest.fixture
def squares(conn):
    """Two units of 300 m in two villages."""
    settled.add_people(conn, {"p1": "Ann"})
    return settled.settle(conn, [walking.square(0, 0, 300), walking.square(300, 0, 300)])


def loop(east):
    return walking.line([(east, 150)] * 13, start=walking.MIDNIGHT + 9 * 3600)


def written(conn, *, at):
    """Date what stands in the ledger, as if it had been written down then."""
    conn.execute(update(tables.ledger).values(recorded_at=at))


def test_a_report_is_a_change_for_those_who_may_see_it(conn):
    reported.found(conn)
    before = [changes(conn, cell=cell, at=NOW) for cell in (None, "U1", "U2")]
    store.report_issue(conn, reported.report(1, at=NOW))
    written(conn, at=NOW)
    after = [changes(conn, cell=cell, at=NOW) for cell in (None, "U1", "U2")]
    assert [new.seq != old.seq for old, new in zip(before, after, strict=True)] == [
        True,
        True,
        False,
    ]
    assert [new.reports - old.reports for old, new in zip(before, after, strict=True)] == [1, 1, 0]
    assert [new.walks for new in after] == [old.walks for old in before]


def test_an_act_that_is_committed_late_is_seen_although_a_later_one_was_seen_before(conn):
    reported.found(conn)
    store.report_issue(conn, reported.report(1, at=NOW))
    written(conn, at=NOW)
    seen = changes(conn, cell=None, at=NOW)
    store.report_issue(conn, reported.report(2, at=NOW))
    conn.execute(
        update(tables.ledger)
        .where(tables.ledger.c.recorded_at != NOW)
        .values(recorded_at=NOW - timedelta(minutes=5))
    )
    assert changes(conn, cell=None, at=NOW).seq != seen.seq


def test_only_today_is_counted_and_midnight_is_a_change(conn):
    reported.found(conn)
    store.report_issue(conn, reported.report(1, at=NOW))
    written(conn, at=NOW)
    tomorrow = changes(conn, cell=None, at=NOW + timedelta(days=1))
    assert tomorrow.reports == 0
    assert tomorrow.seq.split("-")[0] == "20260922"
    assert tomorrow.seq != changes(conn, cell=None, at=NOW).seq


def test_a_walk_is_a_change_of_its_own_where_somebody_walked(conn, squares):
    before = [changes(conn, cell=cell, at=NOW) for cell in (None, "U01", "U02")]
    send(conn, "p1", loop(150))
    after = [changes(conn, cell=cell, at=NOW) for cell in (None, "U01", "U02")]
    changed = [new.walks != old.walks for old, new in zip(before, after, strict=True)]
    assert changed == [True, True, False]
    assert [new.seq for new in after] == [old.seq for old in before]
    long_ago = changes(conn, cell=None, at=NOW + timedelta(days=30))
    assert long_ago.walks == before[0].walks


def test_it_is_asked_by_those_who_are_signed_in_about_what_they_may_see(conn, engine, tmp_path):
    reported.found(conn)
    settings = Settings(database_url="postgresql://unused", browser_files=tmp_path)
    app = create_app(settings, engine=engine, run_jobs=False)
    app.dependency_overrides[transaction] = lambda: conn
    bearers = {}
    for name, role, cell in (("chief", Role.CHIEF, "T"), ("u2", Role.UNIT_WORKER, "U2")):
        accounts.add_account(conn, name, role=role, cell=cell, person=None)
        secret = accounts.issue_secret(conn, name, use=Use.TOKEN, at=times.now())
        bearers[name] = {"authorization": f"Bearer {secret}"}
    with TestClient(app) as client:
        assert client.get("/api/changes").status_code == 401
        before = {who: client.get("/api/changes", headers=h).json() for who, h in bearers.items()}
        store.report_issue(conn, reported.report(1, at=times.now()))
        after = {who: client.get("/api/changes", headers=h).json() for who, h in bearers.items()}
    assert set(after["chief"]) == {"seq", "walks", "reports"}
    assert after["chief"]["reports"] == before["chief"]["reports"] + 1
    assert after["chief"]["seq"] != before["chief"]["seq"]
    assert after["u2"] == before["u2"]


def test_a_cell_that_is_no_more_has_no_changes(conn, squares):
    assert changes(conn, cell="U99", at=NOW).walks == "0-0"
