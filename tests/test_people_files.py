"""People files of every kind, and everything that can be wrong with a row."""

from datetime import date
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from gis import tables
from gis.errors import InvalidFile
from gis.hierarchy import Level
from gis.people import store
from gis.people.model import Holding, Person, Term
from gis.people.reading import import_people
from gis.people.roles import Role
from gis.people.rows import date_of, role_of
from tests import settled
from tests.sheets import write_ods, write_xls, write_xlsx

ENGLISH = ["person_id", "name", "phone", "organisation", "role", "cell", "from", "to", "deputy_for"]
CHINESE = ["工号", "姓名", "电话", "单位", "岗位", "网格编码", "起", "止", "代理"]
MAY, JUNE = date(2026, 5, 18), date(2026, 6, 30)
WANG = ["W1", "王示例", "000", "村委会", "网格员", "U01", "2026-05-18", "", ""]


@pytest.fixture(autouse=True)
def cells(conn):
    """Two units of one village; U03 ended with the year 2025."""
    units = [shapely.box(west, 32, west + 0.01, 32.01) for west in (117, 117.01)]
    settled.settle(conn, units, villages=1)
    old = Range(None, date(2026, 1, 1))
    settled.add_cell(
        conn, "U03", Level.UNIT, shapely.box(117, 32, 117.02, 32.01), parent="V1", valid=old
    )


def csv_of(tmp_path, *rows, head=ENGLISH, encoding="utf-8"):
    path = tmp_path / "people.csv"
    path.write_bytes("\n".join(",".join(row) for row in (head, *rows)).encode(encoding))
    return path


def row(**changes):
    """Wang's row, with other values under the English heads."""
    values = dict(zip(ENGLISH, WANG, strict=True))
    return list((values | {name.rstrip("_"): text for name, text in changes.items()}).values())


def people(conn):
    return {r.id: Person(*r) for r in conn.execute(select(tables.person).order_by("id"))}


def holdings(conn):
    found = select(tables.holding.c.person).distinct()
    return set(store.holdings_of(conn, conn.execute(found).scalars().all()))


def held(person="W1", *, cell="U01", since=MAY, until=None, role=Role.UNIT_WORKER, deputy_for=None):
    return Holding(person, cell, role, Term(since, until), deputy_for)


def refused(conn, path):
    """Row, code and sentence of every problem; nothing was written."""
    with pytest.raises(InvalidFile) as refusal:
        import_people(conn, path)
    assert not people(conn)
    assert all(str(problem.remedy) for problem in refusal.value.problems)
    return [(p.row, p.code, str(p.message)) for p in refusal.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("head", [ENGLISH, CHINESE, [f" {name.upper()} " for name in ENGLISH]])
def test_a_csv_file_is_read_in_either_language_and_encoding(conn, tmp_path, head, encoding):
    done = import_people(conn, csv_of(tmp_path, row(to="2026-06-29"), head=head, encoding=encoding))
    assert (done.read, done.written, done.skipped, done.problems, done.notes) == (1, 1, 0, (), {})
    assert people(conn) == {"W1": Person("W1", "王示例", "000", "村委会")}
    assert holdings(conn) == {held(until=JUNE)}, "the last day is included"


def test_columns_may_stand_in_any_order_and_four_may_be_missing(conn, tmp_path):
    head = ["起", "岗位", "备注", "姓名", "网格编码", "工号"]
    done = import_people(
        conn,
        csv_of(tmp_path, ["2026年5月18日", "单元网格员", "新", "王示例", "U01", "W1"], head=head),
    )
    assert holdings(conn) == {held()}
    assert done.notes == {"other_columns": 1}


SHEET = [
    ["姓名", "工号", "岗位", "网格编码", "起", "止", "代理", "电话"],
    ["王示例", 1.0, "村级网格长", "V1", MAY, None, None, 13],
    [None, None, None, None, None, None, None, None],
    ["李示例", "2", "village leader", "V1", "2026/5/18", date(2026, 6, 29), 1, "0553-1"],
]


@pytest.mark.parametrize("write", [write_xlsx, write_ods, write_xls])
def test_a_workbook_is_read_with_its_numbers_dates_and_texts(conn, tmp_path, write):
    done = import_people(conn, write(tmp_path / "名册", SHEET))
    assert (done.read, done.written, done.notes) == (2, 2, {})
    assert people(conn) == {"1": Person("1", "王示例", "13"), "2": Person("2", "李示例", "0553-1")}
    leader = {"cell": "V1", "role": Role.VILLAGE_LEADER}
    assert holdings(conn) == {
        held("1", **leader),
        held("2", until=JUNE, deputy_for="1", **leader),
    }


def test_a_title_above_the_head_and_other_sheets_do_not_disturb(conn, tmp_path):
    titled = [["李楼乡网格员名册"], *SHEET]
    path = write_xlsx(tmp_path / "名册.xlsx", [["选项"]], titled, [["说明"]], hidden=[0])
    assert import_people(conn, path).notes == {"other_sheets": 1}
    assert len(holdings(conn)) == 2


@pytest.mark.parametrize(
    "text, day",
    [
        ("2026-05-18", MAY),
        ("2026/5/18", MAY),
        ("2026.5.18", MAY),
        ("2026年5月18日", MAY),
        ("20260518", MAY),
        ("2026/5/18 0:00", MAY),
        ("2026-05-18 00:00:00", MAY),
        ("2026-02-30", None),
        ("18/05/2026", None),
        ("46160", None),
        ("", None),
    ],
)
def test_dates_begin_with_the_year(text, day):
    assert date_of(text) == day


@pytest.mark.parametrize(
    "text, role",
    [
        ("总网格长", Role.CHIEF),
        ("片区网格长", Role.AREA_LEADER),
        ("村级网格长", Role.VILLAGE_LEADER),
        ("单元网格员", Role.UNIT_WORKER),
        ("网格员", Role.UNIT_WORKER),
        ("网格化管理中心", Role.CENTRE_STAFF),
        ("规划员", Role.PLANNER),
        ("部门", Role.DEPARTMENT_STAFF),
        ("督查小组", Role.INSPECTOR),
        ("管理员", Role.ADMINISTRATOR),
        ("Unit Worker", Role.UNIT_WORKER),
        ("网 格 员", Role.UNIT_WORKER),
        ("网格长", None),
        ("", None),
    ],
)
def test_roles_are_known_by_both_names(text, role):
    assert role_of(text) == role


@pytest.mark.parametrize("role", Role)
def test_every_word_of_the_contract_is_a_role(role):
    assert role_of(role.value) is role


@pytest.mark.parametrize(
    "changes, code, names",
    [
        ({"person_id": ""}, "no_person", ""),
        ({"name": " "}, "no_name", ""),
        ({"cell": ""}, "no_cell", ""),
        ({"cell": "U99"}, "unknown_cell", "U99"),
        ({"cell": "U03"}, "unknown_cell", "U03"),
        ({"role": "站长"}, "unknown_role", "站长"),
        ({"role": "村级网格长"}, "other_level", "村级网格长"),
        ({"from_": "May"}, "not_a_date", "May"),
        ({"from_": ""}, "not_a_date", ""),
        ({"to": "2026-6-31"}, "not_a_date", "2026-6-31"),
        ({"to": "2026-05-17"}, "backwards", "2026-05-17"),
        ({"deputy_for": "W9"}, "unknown_person", "W9"),
        ({"deputy_for": "W1"}, "own_deputy", "W1"),
    ],
)
def test_a_bad_row_is_named_with_its_reason_and_may_be_left_out(
    conn, tmp_path, changes, code, names
):
    path = csv_of(tmp_path, row(person_id="W2", name="李示例"), row(**changes))
    ((number, found, sentence),) = refused(conn, path)
    assert (number, found) == (2, code)
    assert names in sentence
    done = import_people(conn, path, skip_bad_rows=True)
    assert (done.read, done.written, done.skipped, len(done.problems)) == (2, 1, 1, 1)
    assert holdings(conn) == {held("W2")}


def test_all_that_is_wrong_with_a_row_is_told_and_it_counts_once(conn, tmp_path):
    path = csv_of(tmp_path, row(name="", role="x", from_="y"))
    assert [code for _, code, _ in refused(conn, path)] == [
        "no_name",
        "unknown_role",
        "not_a_date",
    ]
    assert import_people(conn, path, skip_bad_rows=True).skipped == 1


def test_a_cell_that_has_ended_may_be_named_for_the_days_it_stood(conn, tmp_path):
    import_people(conn, csv_of(tmp_path, row(cell="U03", from_="2025-01-01", to="2025-12-31")))
    assert holdings(conn) == {held(cell="U03", since=date(2025, 1, 1), until=date(2026, 1, 1))}


def test_one_number_with_two_names_is_refused_at_the_second(conn, tmp_path):
    path = csv_of(tmp_path, row(), row(name="李示例", cell="U02"))
    ((number, code, sentence),) = refused(conn, path)
    assert (number, code) == (2, "two_names")
    assert "王示例" in sentence and "李示例" in sentence


def test_a_person_may_hold_several_cells_and_the_same_one_again_later(conn, tmp_path):
    rows = row(to="2026-06-29"), row(cell="U02"), row(from_="2026-06-30", phone="111")
    assert import_people(conn, csv_of(tmp_path, *rows)).written == 3
    assert holdings(conn) == {held(until=JUNE), held(cell="U02"), held(since=JUNE)}
    assert people(conn)["W1"].phone == "111", "the last one stated"


def test_the_same_post_twice_on_a_day_is_refused_within_the_file(conn, tmp_path):
    path = csv_of(tmp_path, row(to="2026-06-30"), row(from_="2026-06-30"))
    ((number, code, sentence),) = refused(conn, path)
    assert (number, code) == (2, "overlap")
    assert "Row 1" in sentence
    assert refused(conn, csv_of(tmp_path, row(), row()))[0][:2] == (2, "overlap")


def test_the_same_post_twice_on_a_day_is_refused_beside_what_is_stored(conn, tmp_path):
    import_people(conn, csv_of(tmp_path, row(to="2026-06-30")))
    later = csv_of(tmp_path, row(from_="2026-06-30"))
    with pytest.raises(InvalidFile) as refusal:
        import_people(conn, later)
    (problem,) = refusal.value.problems
    assert (problem.row, problem.code) == (1, "overlap")
    assert "from 2026-05-18 to 2026-06-30" in str(problem.message)
    assert import_people(conn, later, skip_bad_rows=True).written == 0


def test_the_same_file_again_changes_nothing(conn, tmp_path):
    path = csv_of(tmp_path, row(), row(person_id="W2", name="李示例", deputy_for="W1"))
    assert import_people(conn, path).written == 2
    before = people(conn), holdings(conn)
    again = import_people(conn, path)
    assert (again.written, again.notes) == (0, {"unchanged": 2})
    assert (people(conn), holdings(conn)) == before


def test_a_later_file_moves_the_end_and_makes_room_for_the_next(conn, tmp_path):
    import_people(conn, csv_of(tmp_path, row()))
    done = import_people(conn, csv_of(tmp_path, row(from_="2026-06-30"), row(to="2026-06-29")))
    assert (done.written, done.notes) == (2, {"updated": 1})
    assert holdings(conn) == {held(until=JUNE), held(since=JUNE)}


def test_a_later_file_corrects_the_person_and_an_empty_text_leaves_what_is_known(conn, tmp_path):
    import_people(conn, csv_of(tmp_path, row()))
    done = import_people(conn, csv_of(tmp_path, row(name="王示例甲", phone="", organisation="")))
    assert (done.written, done.notes) == (1, {"updated": 1})
    assert people(conn) == {"W1": Person("W1", "王示例甲", "000", "村委会")}


def test_a_deputy_may_stand_in_for_somebody_further_down_or_stored(conn, tmp_path):
    deputy = row(person_id="W2", name="李示例", deputy_for="W1")
    import_people(conn, csv_of(tmp_path, deputy, row()))
    import_people(conn, csv_of(tmp_path, row(person_id="W3", name="张示例", deputy_for="W1")))
    assert holdings(conn) == {
        held(),
        held("W2", deputy_for="W1"),
        held("W3", deputy_for="W1"),
    }


def test_who_stands_in_for_somebody_left_out_is_left_out_too(conn, tmp_path):
    path = csv_of(
        tmp_path,
        row(person_id="W3", name="张示例", deputy_for="W2"),
        row(person_id="W2", name="李示例", deputy_for="W1"),
        row(cell="U99"),
        row(person_id="W4", name="陈示例"),
    )
    done = import_people(conn, path, skip_bad_rows=True)
    assert [(p.row, p.code) for p in done.problems] == [
        (1, "unknown_person"),
        (2, "unknown_person"),
        (3, "unknown_cell"),
    ]
    assert holdings(conn) == {held("W4")}


def test_missing_columns_are_named_with_those_that_there_are(conn, tmp_path):
    path = csv_of(tmp_path, ["1", "2"], head=["工号", "姓 名"])
    with pytest.raises(InvalidFile) as refusal:
        import_people(conn, path)
    assert [str(p.message).split("column ")[1] for p in refusal.value.problems] == [
        "“role” (岗位).",
        "“cell” (网格编码).",
        "“from” (起).",
    ]
    assert all("工号, 姓 名" in str(p.remedy) for p in refusal.value.problems)


@pytest.mark.parametrize(
    "head, rows, code",
    [(ENGLISH, [], "empty"), ([*ENGLISH[:-1], "姓名"], [WANG], "duplicate_field")],
)
def test_a_file_that_says_nothing_or_something_twice_is_refused(conn, tmp_path, head, rows, code):
    assert [found for _, found, _ in refused(conn, csv_of(tmp_path, *rows, head=head))] == [code]


def test_what_is_no_workbook_is_refused(conn, tmp_path):
    path = tmp_path / "people.xlsx"
    with ZipFile(path, "w") as file:
        file.writestr("a.txt", "x")
    assert refused(conn, path)[0][1] == "unreadable"
    path.write_bytes(b"PK\x03\x04 broken")
    assert refused(conn, path)[0][1] == "unreadable"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    assert refused(conn, path)[0][1] == "unreadable"
    path.write_bytes(write_xls(path, SHEET).read_bytes()[:1100])
    assert refused(conn, path)[0][1] == "unreadable"
    assert refused(conn, write_xlsx(path, []))[0][1] == "no_head"


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(conn, tmp_path):
    path = tmp_path / "people.xlsx"
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        for n in range(3):
            file.writestr(f"{n}.xml", bytes(70 * 2**20))
    assert refused(conn, path)[0][1] == "too_large"


DAYS = st.integers(1, 12).map(lambda n: date(2026, 5, n))
TERMS = st.lists(st.tuples(DAYS, st.none() | DAYS), min_size=1, max_size=5)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=TERMS, second=TERMS)
def test_whatever_is_left_out_the_rest_is_written_and_again_changes_nothing(
    conn, tmp_path, first, second
):
    trial = conn.begin_nested()
    for terms in (first, second):
        rows = [row(from_=str(since), to=str(last or "")) for since, last in terms]
        path = csv_of(tmp_path, *rows)
        done = import_people(conn, path, skip_bad_rows=True)
        unchanged = done.notes.get("unchanged", 0)
        assert done.read == len(rows) == done.written + done.skipped + unchanged
        after = holdings(conn)
        again = import_people(conn, path, skip_bad_rows=True)
        assert (again.written, again.skipped, holdings(conn)) == (0, done.skipped, after)
    trial.rollback()
