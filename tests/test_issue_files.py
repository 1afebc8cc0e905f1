"""Files of reports: each row kept with its cell, its owner and its remarks, or refused with why."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from gis import db, tables
from gis.errors import InvalidFile, InvalidInput
from gis.hierarchy import Level
from gis.issues import store, sweep
from gis.issues.importing import import_issues
from gis.issues.lifecycle import Severity, Status
from gis.issues.reading import Fields
from tests import reported
from tests.reported import MID, SIDE, WEST
from tests.town import local, shown

FIELDS = Fields(
    lon="lon",
    lat="lat",
    reported="seen",
    id="nr",
    category="kind",
    severity="grave",
    text="words",
    accuracy="m",
    due="due",
    resolved="done",
)
HEAD = ("nr", "kind", "lon", "lat", "seen", "due", "done", "grave", "words", "m")
AT = local("2026-10-20 12:00")
U1, U2, U3 = (f"{WEST + (n + 0.5) * SIDE:.4f}" for n in range(3))
"""The longitudes of the middles of three units."""


@pytest.fixture(autouse=True)
def township(conn):
    reported.found(conn)


@pytest.fixture
def bring(conn, tmp_path):
    """Import rows, each given by what differs from an ordinary one."""

    def run(*rows, fields=FIELDS, at=AT, **options):
        path = tmp_path / "reports.csv"
        lines = [",".join(HEAD), *(",".join(row_of(**row).values()) for row in rows)]
        path.write_text("\n".join(lines), "utf-8")
        return import_issues(conn, path, fields=fields, at=at, **options)

    return run


def row_of(**changes):
    plain = dict.fromkeys(HEAD, "")
    plain |= {"nr": "1", "kind": "litter", "lon": U1, "lat": str(MID), "seen": "2026-09-28 08:30"}
    return plain | changes


def column(done, name):
    head, *rows = done.table
    return [row[head.index(name)] for row in rows]


def issues(conn):
    c = tables.issue.c
    return conn.execute(select(tables.issue).order_by(c.source_id, c.id)).all()


def ledger(conn, issue):
    return [
        (shown(act.at), act.kind.value, act.owner, act.due and shown(act.due))
        for act in store.acts_of(conn, issue.id)
    ]


def test_a_row_becomes_an_issue_with_an_owner_and_the_reason_in_words(conn, bring):
    done = bring({"grave": "较大", "words": "一堆垃圾", "m": "5"})
    assert (done.read, done.written, done.skipped, done.problems, done.notes) == (1, 1, 0, (), {})
    (row,) = issues(conn)
    found = store.get_issue(conn, row.id)
    assert (row.source, row.source_id, found.accuracy_m) == ("import", "1", 5.0)
    assert (found.category, found.severity, found.text) == ("litter", Severity.SERIOUS, "一堆垃圾")
    assert (found.cell, found.place, found.owner) == ("U1", "U1", "U1")
    assert [str(message) for message in found.why] == ["It lies in Cell U1."]
    assert (shown(found.reported_at), found.status) == ("2026-09-28 08:30", Status.REPORTED)


def test_the_table_keeps_the_rows_and_adds_what_was_found(bring):
    done = bring({"nr": "b", "lon": U2}, {"nr": "a", "lon": "118"})
    head, *rows = done.table
    assert head == [*HEAD, "cell", "border_m", "note", "overdue"]
    assert [row[0] for row in rows] == ["b", "a"]
    assert column(done, "cell") == ["U2", ""]
    # Half a unit is 0.005 degrees: 467.8 m of longitude there, 554.6 m of latitude.
    assert column(done, "border_m")[0] == "467.8"
    assert column(done, "note") == ["", "outside"]


def test_the_column_cell_is_of_the_level_asked_for(bring):
    assert column(bring({"lon": U3}, level=Level.VILLAGE), "cell") == ["V2"]
    with pytest.raises(InvalidInput, match="no cells of the level city"):
        bring({}, level=Level.CITY)


def test_a_column_called_as_one_of_ours_stays_and_ours_gets_a_stroke(conn, tmp_path):
    path = tmp_path / "reports.csv"
    path.write_text(f"note,lon,lat,seen\nour own,{U1},{MID},2026-09-28\n", "utf-8")
    done = import_issues(conn, path, fields=Fields("lon", "lat", "seen"), at=AT)
    assert done.table[0] == ["note", "lon", "lat", "seen", "cell", "border_m", "note_", "overdue"]
    assert (column(done, "note"), done.notes) == (["our own"], {"renamed_columns": 1})


# Time.


@pytest.mark.parametrize(
    "due, resolved, overdue",
    [
        ("", "", "no"),
        ("", "2026-10-01 09:00", "no"),
        ("2026-10-01 09:00", "", "yes"),
        ("2026-10-20 12:00", "", "no"),  # due at the very instant
        ("2026-10-20 11:59", "", "yes"),
        ("2026-10-01 09:00", "2026-10-01 09:00", "no"),  # closed at the very instant
        ("2026-10-01 09:00", "2026-10-01 09:01", "yes"),
        ("2026-10-01 09:00", "2026-09-01 09:00", "no"),
        ("2026-10-21 09:00", "2026-10-22 09:00", "no"),  # both lie ahead
        ("2026-10-01 09:00", "2026-10-22 09:00", "yes"),  # open until then
    ],
)
def test_overdue_is_closed_after_its_due_time_or_open_past_it(bring, due, resolved, overdue):
    assert column(bring({"due": due, "done": resolved}), "overdue") == [overdue]


def test_times_without_an_offset_are_of_the_zone_that_is_named(conn, bring):
    bring({"seen": "2026-09-28T08:30"}, timezone=ZoneInfo("America/New_York"))
    bring({"seen": "2026-09-28T08:30-04:00"})
    assert [shown(issue.reported_at) for issue in issues(conn)] == ["2026-09-28 20:30"]


def test_a_report_keeps_the_files_due_time_and_goes_up_at_that_very_time(conn, bring):
    bring({"due": "2026-10-03 10:00"})  # a Saturday in the holiday: the promise counts every hour
    (issue,) = issues(conn)
    assert (issue.file_due, shown(issue.due)) == (True, "2026-10-03 10:00")
    (move,) = sweep.escalate(conn, at=local("2026-10-03 10:01")).moves
    assert str(move.reason) == "It was not settled by the time that was promised."
    sweep.escalate(conn, at=local("2026-10-08 12:31"))
    assert ledger(conn, issue) == [
        ("2026-09-28 08:30", "reported", "U1", "2026-10-03 10:00"),
        ("2026-10-02 09:42", "warned", "U1", "2026-10-03 10:00"),  # 80 % of 121 h 30
        ("2026-10-03 10:00", "escalated", "V1", "2026-10-03 10:00"),
        ("2026-10-08 11:42", "warned", "V1", "2026-10-03 10:00"),  # a fresh limit of four hours
    ]
    sweep.escalate(conn, at=AT)
    (issue,) = issues(conn)
    assert (issue.owner, shown(issue.due)) == ("T", "2026-10-03 10:00")


def test_without_a_due_time_no_clock_runs(conn, bring):
    bring({})
    (issue,) = issues(conn)
    assert (issue.due, issue.next_due, issue.file_due) == (None, None, False)
    assert sweep.escalate(conn, at=AT + timedelta(days=1000)).moves == ()


def test_what_is_resolved_is_imported_as_closed_at_that_time(conn, bring):
    done = bring({"due": "2026-10-01 09:00", "done": "2026-10-02 09:00"})
    (issue,) = issues(conn)
    assert (done.notes, issue.status, issue.next_due) == ({}, Status.CLOSED, None)
    assert ledger(conn, issue) == [
        ("2026-09-28 08:30", "reported", "U1", "2026-10-01 09:00"),
        ("2026-10-02 09:00", "closed", "U1", "2026-10-01 09:00"),
    ]


# Remarks: the row is kept.


def test_remarks_are_noted_counted_and_kept_with_the_issue(conn, bring):
    border = f"{WEST + SIDE:.4f}"
    done = bring(
        {"nr": "1", "lon": "118"},
        {"nr": "2", "lon": border},
        {"nr": "3", "lon": f"{WEST + SIDE - 0.00009:.5f}", "m": "9"},  # 8.4 m from U2
        {"nr": "4", "done": "2026-09-01"},
        {"nr": "4", "lon": U2},
    )
    assert column(done, "note") == [
        "outside",
        "on_border;near_border",
        "near_border",
        "resolved_before_reported",
        "duplicate_id",
    ]
    assert [issue.notes for issue in issues(conn)[:3]] == [
        ["outside"],
        ["on_border", "near_border"],
        ["near_border"],
    ]
    assert (done.read, done.written) == (5, 5)
    assert done.notes == {
        "outside": 1,
        "on_border": 1,
        "near_border": 2,
        "resolved_before_reported": 1,
        "duplicate_id": 1,
    }


def test_where_it_lies_decides_who_gets_it(conn, bring):
    border = f"{WEST + SIDE:.4f}"
    near = f"{WEST + SIDE - 0.00009:.5f}"
    bring(
        {"nr": "1", "lon": "118"},  # outside: the centre
        {"nr": "2", "lon": border},  # on the border of U1 and U2: their village
        {"nr": "3", "lon": near, "m": "9"},  # its disc reaches U2
        {"nr": "4", "lon": near, "m": "8"},  # and this one does not
        {"nr": "5", "lon": f"{WEST + 2 * SIDE:.4f}"},  # V1 and V2: the area
        {"nr": "6", "lon": f"{WEST + 4 * SIDE:.4f}"},  # A1 and A2: the township
    )
    assert [(issue.cell, issue.owner) for issue in issues(conn)] == [
        (None, None),
        ("U1", "V1"),
        ("U1", "V1"),
        ("U1", "U1"),
        ("U2", "A1"),
        ("U4", "T"),
    ]


def test_thirty_rows_at_one_point_look_like_a_placeholder(bring):
    done = bring(*({"nr": str(n)} for n in range(30)), {"nr": "30", "lon": U2})
    assert done.notes == {"shared_coordinate": 30}
    assert column(done, "note")[-1] == ""


# The same file again, and a newer one.


def test_the_same_file_again_changes_nothing(conn, bring):
    rows = {"nr": "1"}, {"nr": ""}, {"nr": ""}, {"nr": "2", "lon": U2}, {"nr": "2"}
    first = bring(*rows)
    before = issues(conn)
    again = bring(*rows)
    assert (first.written, again.written) == (5, 0)
    assert again.notes == {"duplicate_id": 1, "unchanged": 5}
    assert issues(conn) == before


def test_rows_in_another_order_are_the_same_rows(conn, bring):
    bring({"nr": "1"}, {"nr": "2"})
    assert bring({"nr": "2"}, {"nr": "1"}).written == 0


def test_a_known_id_with_other_content_is_another_report_and_noted(conn, bring):
    bring({"nr": "1"})
    done = bring({"nr": "1", "lon": U2})
    assert (done.written, done.notes) == (1, {"duplicate_id": 1})
    assert [issue.cell for issue in issues(conn)] in (["U1", "U2"], ["U2", "U1"])


@pytest.mark.parametrize("swept", ["", "2026-10-02 10:00", "2026-10-20 12:00"])
def test_a_newer_file_closes_what_it_says_is_resolved_whether_or_not_a_sweep_came_by(
    conn, bring, swept
):
    bring({"due": "2026-10-01 10:00"})
    if swept:
        sweep.escalate(conn, at=local(swept))
    done = bring({"due": "2026-10-01 10:00", "done": "2026-10-02 10:00"})
    assert (done.written, done.notes) == (1, {})
    (issue,) = issues(conn)
    assert (issue.status, issue.next_due) == (Status.CLOSED, None)
    lines = ledger(conn, issue)
    assert ("2026-10-01 10:00", "escalated", "V1", "2026-10-01 10:00") in lines
    assert lines[-1][:2] == ("2026-10-02 10:00", "closed")
    assert sweep.escalate(conn, at=AT).moves == ()
    assert bring({"due": "2026-10-01 10:00", "done": "2026-10-02 10:00"}).written == 0


# Who answered then, and who does now.


def test_a_report_older_than_the_register_goes_to_who_holds_the_post_today(conn, bring):
    bring({"seen": "2025-03-01"})
    (issue,) = issues(conn)
    assert issue.owner == "U1"
    assert [str(message) for message in store.get_issue(conn, issue.id).why] == [
        "It lies in Cell U1.",
        "Nobody held a post here then: whoever does today takes it.",
    ]


def test_a_report_of_last_year_goes_to_who_held_the_post_then(conn, bring):
    old = func.daterange(date(2025, 1, 1), date(2026, 1, 1))
    holding = tables.holding
    conn.execute(holding.update().where(holding.c.cell == "V1").values(during=old))
    bring({"seen": "2025-03-01"})
    (issue,) = issues(conn)
    assert issue.owner == "V1"  # U1's holder came in 2026


# What is wrong with a row.


@pytest.mark.parametrize(
    "changes, code, words",
    [
        ({"lon": ""}, "not_a_number", "A coordinate is missing"),
        ({"lon": "east"}, "not_a_number", "“east” is not a number"),
        ({"lon": "nan"}, "not_a_number", "“nan” is not a number"),
        ({"lon": "0", "lat": "0"}, "null_island", "0, 0"),
        ({"lon": "217.4"}, "out_of_range", "no degrees"),
        ({"lon": str(MID), "lat": U1}, "swapped", "are swapped"),
        ({"seen": ""}, "bad_reported", "“” is not a time"),
        ({"seen": "yesterday"}, "bad_reported", "“yesterday” is not a time"),
        ({"due": "2026-13-01"}, "bad_due", "“2026-13-01” is not a time"),
        ({"done": "soon"}, "bad_resolved", "“soon” is not a time"),
        ({"grave": "awful"}, "bad_severity", "no severity “awful”"),
        ({"m": "-1"}, "bad_accuracy", "“-1” is no accuracy"),
        ({"m": "inf"}, "bad_accuracy", "“inf” is no accuracy"),
        ({"m": "far"}, "bad_accuracy", "“far” is no accuracy"),
        ({"words": "x" * 10_001}, "bad_text", "10001 characters"),
    ],
)
def test_a_bad_row_stops_the_import_and_is_named(conn, bring, changes, code, words):
    with pytest.raises(InvalidFile) as caught:
        bring({}, changes | {"nr": "2"})
    (problem,) = caught.value.problems
    assert (problem.row, problem.code) == (2, code)
    assert words in str(problem.message)
    assert str(problem.remedy)
    assert issues(conn) == []


def test_bad_rows_can_be_left_out_and_the_others_are_kept(conn, bring):
    done = bring({"nr": "1"}, {"nr": "2", "lon": "east"}, {"nr": "3"}, skip_bad_rows=True)
    assert (done.read, done.written, done.skipped) == (3, 2, 1)
    assert [problem.row for problem in done.problems] == [2]
    assert column(done, "nr") == ["1", "3"]
    assert [issue.source_id for issue in issues(conn)] == ["1", "3"]


def test_a_wrong_field_name_is_named_with_those_that_there_are(bring):
    with pytest.raises(InvalidFile) as caught:
        bring({}, fields=Fields("x", "lat", "when"))
    assert [str(problem.message).partition(":")[0] for problem in caught.value.problems] == [
        "--lon-field",
        "--reported-field",
    ]
    assert "nr, kind, lon" in str(caught.value.problems[0].remedy)


def test_a_file_without_rows_or_cells_is_no_trouble(conn, bring):
    assert bring().read == 0
    conn.execute(tables.holding.delete())
    conn.execute(tables.cell_version.delete())
    done = bring({})
    assert (done.written, column(done, "cell"), done.notes) == (1, [""], {"outside": 1})


def test_chinese_files_of_old_office_programs_are_read(conn, tmp_path):
    path = tmp_path / "上报.csv"
    path.write_bytes(
        f"经度,纬度,时间,类别\n{U1},{MID},2026-09-28 08:30,环境卫生\n".encode("gb18030")
    )
    fields = Fields(lon="经度", lat="纬度", reported="时间", category="类别")
    import_issues(conn, path, fields=fields, at=AT)
    assert [issue.category for issue in issues(conn)] == ["环境卫生"]


def test_a_report_without_a_category_is_filed_under_other(conn, bring):
    bring({"kind": ""})
    assert [issue.category for issue in issues(conn)] == ["其他"]


def test_the_lines_of_an_issue_are_numbered_and_never_share_an_id(conn, bring):
    bring(*({"nr": str(n), "done": "2026-10-02"} for n in range(20)))
    c = tables.ledger.c
    rows = conn.execute(select(c.issue, c.version, c.op_id).order_by(c.issue, c.version)).all()
    assert len({row.op_id for row in rows}) == len(rows) == 40
    assert all(b.version == a.version + 1 for a, b in pairwise(rows) if a.issue == b.issue)


def test_the_same_file_brought_twice_at_once_is_stored_once(own_database_url, tmp_path):
    db.migrate(own_database_url)
    engine = db.connect(own_database_url)
    path = tmp_path / "reports.csv"
    path.write_text(
        "\n".join(["nr,lon,lat,seen", *(f"{n},{U1},{MID},2026-09-28" for n in range(9))])
    )
    with engine.begin() as own:
        reported.found(own)

    def bring_it(_turn):
        with engine.begin() as own:
            return import_issues(
                own, path, fields=Fields("lon", "lat", "seen", "nr"), at=AT
            ).written

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(bring_it, range(4))) == [0, 0, 0, 9]
    engine.dispose()
