"""Files of reports that say who reported: known or refused, and heeded when it is routed."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from gis import tables
from gis.errors import InvalidFile
from gis.issues import store
from gis.issues.history import history_of
from gis.issues.importing import import_issues
from gis.issues.reading import Fields
from tests import reported
from tests.reported import MID, SIDE, WEST
from tests.town import local

FIELDS = Fields(lon="lon", lat="lat", reported="seen", id="nr", resolved="done", reporter="who")
HEAD = ("nr", "lon", "lat", "seen", "done", "who")
UNNAMED = replace(FIELDS, reporter=None)
AT = local("2026-10-20 12:00")
U1 = f"{WEST + SIDE / 2:.4f}"


@pytest.fixture(autouse=True)
def township(conn):
    reported.found(conn)


@pytest.fixture
def bring(conn, tmp_path):
    """Import rows, each given by what differs from an ordinary one."""

    def run(*rows, fields=FIELDS, **options):
        plain = {"nr": "1", "lon": U1, "lat": str(MID), "seen": "2026-09-28 08:30"}
        lines = [",".join((plain | row).get(name, "") for name in HEAD) for row in rows]
        path = tmp_path / "reports.csv"
        path.write_text("\n".join([",".join(HEAD), *lines]), "utf-8")
        return import_issues(conn, path, fields=fields, at=AT, **options)

    return run


def issues(conn):
    return conn.execute(select(tables.issue).order_by(tables.issue.c.source_id)).all()


def test_a_report_is_its_reporters_and_does_not_come_back_to_them(conn, bring):
    done = bring({"who": "u1", "nr": "1"}, {"who": "", "nr": "2"})
    assert (done.written, done.notes) == (2, {})
    assert [(row.source, row.reporter, row.owner) for row in issues(conn)] == [
        ("import", "u1", "V1"),
        ("import", None, "U1"),
    ]
    mine = store.list_issues(conn, reporter="u1")
    assert [issue.why[1].template for issue in mine] == [
        "The reporter answers for {cell}: the level above takes it."
    ]


def test_a_reporter_whom_nobody_knows_is_a_problem_of_the_row(conn, bring):
    rows = ({"who": "u1", "nr": "1"}, {"who": "x9", "nr": "2"}, {"lon": "x", "nr": "3"})
    with pytest.raises(InvalidFile) as refused:
        bring(*rows)
    problems = refused.value.problems
    assert [(p.code, p.row) for p in problems] == [("unknown_person", 2), ("not_a_number", 3)]
    assert str(problems[0].message) == "There is no person x9."
    assert issues(conn) == []
    done = bring(*rows, skip_bad_rows=True)
    assert (done.written, done.skipped) == (1, 2)


def test_without_the_option_the_reporter_stays_unread(conn, bring):
    bring({"who": "x9"}, fields=UNNAMED)
    assert [row.reporter for row in issues(conn)] == [None]


def test_a_report_is_the_same_whether_or_not_its_reporter_is_named(conn, bring):
    bring({"who": "u1"}, fields=UNNAMED)
    assert bring({"who": "u1"}).notes == {"unchanged": 1}


def test_what_a_file_closes_is_not_said_to_be_the_reporters_doing(conn, bring):
    bring({"who": "u1", "done": "2026-09-28 08:50"})
    (row,) = issues(conn)
    acts = store.acts_of(conn, row.id)
    assert [(act.kind, act.person) for act in acts] == [("reported", "u1"), ("closed", None)]
    said = history_of(conn, store.get_issue(conn, row.id), within=None, person=None)
    assert [str(line.said) for line in said] == ["Reported by Holder of U1.", "Closed."]
