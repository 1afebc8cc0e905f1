"""Gaps: what is missing, since when, why, and who answers; and when there is none yet."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyproj
import pytest
import shapely
from sqlalchemy import insert, update

from gis import tables
from gis.hierarchy import Level
from gis.messages import Message
from gis.patrols import coverage, ground, regions
from gis.patrols.gaps import GapRules, gaps_report
from gis.people.roles import Role
from tests import settled, walking
from tests.settled import MONDAY, START, hold, send

KEYS = ["kind", "area_m2", "since", "days", "person", "reason", "action", "geometry"]
DAY = timedelta(days=1)
EVENING = datetime(2026, 9, 21, 12, tzinfo=UTC)  # Monday, 20:00 in China
CLOSED = datetime(2026, 9, 21, 16, tzinfo=UTC)  # Monday is over


def report(conn, *, cell=None, level=None, last=MONDAY, at=CLOSED, **rules):
    extra = {"rules": GapRules(**rules)} if rules else {}
    return gaps_report(conn, cell=cell, level=level, at=at, first=last, last=last, **extra)


def gaps(conn, kind, **asked):
    return {row["cell"]: row for row in report(conn, **asked).rows if row["kind"] == kind}


def loop(day=MONDAY, *, at=(150, 150), seconds=120):
    start = walking.MIDNIGHT + (day - MONDAY).days * 86_400 + 9 * 3600
    return walking.line([at] * (seconds // 10 + 1), start=start)


@pytest.fixture
def squares(conn):
    """Two units of 300 m side by side in one village; Ann holds the west, Cy the village."""
    settled.add_people(conn, {"p1": "Ann", "p2": "Bo", "p3": "Cy"})
    units = [walking.square(0, 0, 300), walking.square(300, 0, 300)]
    found = settled.settle(conn, units, villages=1)
    hold(conn, "p1", "U01")
    hold(conn, "p3", "V1", role=Role.VILLAGE_LEADER)
    return found


def test_the_keys_are_the_contract_with_and_without_rows(conn, squares):
    found = report(conn)
    assert all(list(row) == ["cell", "name", "level", *KEYS] for row in found.rows)
    assert list(found.total) == KEYS
    assert found.total["days"] == max(row["days"] for row in found.rows)
    before = report(conn, last=START - DAY)
    assert (before.rows, before.total) == ([], dict.fromkeys(KEYS))


def test_a_vacant_cell_is_a_gap_of_its_own_and_the_next_above_answers(conn, squares):
    found = gaps(conn, "no_holder")
    assert set(found) == {"A", "T", "U02"}
    row = found["U02"]
    assert (row["person"], row["since"], row["days"]) == ("Cy", START, 21)
    assert row["area_m2"] == pytest.approx(90_000, rel=0.001)
    assert row["geometry"].equals(squares[1].geom)
    assert str(row["reason"]) == "Nobody was ever named for it."
    assert found["A"]["person"] == ""


def test_a_vacancy_counts_from_the_day_the_last_holder_left_and_a_deputy_ends_it(conn, squares):
    hold(conn, "p2", "U02", until=MONDAY - 2 * DAY)
    row = gaps(conn, "no_holder")["U02"]
    assert (row["since"], row["days"]) == (MONDAY - 2 * DAY, 3)
    assert str(row["reason"]) == "Nobody answers for it since 2026-09-19."
    hold(conn, "p1", "U02", since=MONDAY, deputy_for="p2")
    assert "U02" not in gaps(conn, "no_holder")


def test_a_unit_is_due_every_working_day_and_only_a_day_that_is_over_counts(conn, squares):
    friday = MONDAY - 3 * DAY
    send(conn, "p1", loop(friday))
    assert "U01" not in gaps(conn, "not_patrolled", at=EVENING)
    row = gaps(conn, "not_patrolled", at=CLOSED)["U01"]
    assert (row["person"], row["since"], row["days"]) == ("Ann", friday + DAY, 3)
    assert str(row["reason"]) == "Due every working day, last patrolled on 2026-09-18."
    send(conn, "p1", loop())
    assert "U01" not in gaps(conn, "not_patrolled", at=CLOSED)


def test_a_patrol_after_the_last_working_day_closes_the_gap(conn, squares):
    send(conn, "p1", loop(MONDAY))
    sunday = datetime(2026, 9, 20, 16, tzinfo=UTC)  # the week-end is over, Monday runs
    assert "U01" not in gaps(conn, "not_patrolled", at=sunday)


def test_the_calendar_tells_working_days(conn, squares):
    send(conn, "p1", loop(MONDAY - 3 * DAY))
    conn.execute(insert(tables.calendar_day).values(day=MONDAY, working=False, name="holiday"))
    assert "U01" not in gaps(conn, "not_patrolled")
    conn.execute(insert(tables.calendar_day).values(day=MONDAY - DAY, working=True))
    assert "U01" in gaps(conn, "not_patrolled")


def test_a_village_is_due_every_week_and_its_gap_begins_a_day_after_the_last_patrol(conn, squares):
    send(conn, "p2", loop(MONDAY - 7 * DAY))
    row = gaps(conn, "not_patrolled")["V1"]
    assert (row["person"], row["since"], row["days"]) == ("Cy", MONDAY - 6 * DAY, 7)
    send(conn, "p2", loop(MONDAY - 6 * DAY))
    assert "V1" not in gaps(conn, "not_patrolled")
    assert {"A", "T"}.isdisjoint(gaps(conn, "not_patrolled"))  # due monthly, in service 21 days
    october = date(2026, 10, 31)
    late = gaps(conn, "not_patrolled", last=october, at=datetime(2026, 11, 1, tzinfo=UTC))
    assert set(late) == {"A", "V1", "U01", "U02"}
    assert late["A"]["since"] == MONDAY - 5 * DAY


def test_a_gap_counts_from_the_holders_start(conn, squares):
    hold(conn, "p2", "U02", since=MONDAY)
    row = gaps(conn, "not_patrolled")["U02"]
    assert (row["person"], row["since"], row["days"]) == ("Bo", MONDAY, 1)
    assert str(row["reason"]) == "Due every working day, never patrolled."
    tuesday = gaps(conn, "not_patrolled", last=MONDAY, at=EVENING)
    assert "U02" not in tuesday
    assert set(gaps(conn, "not_passed")) == {"U01"}


def test_joint_holders_both_answer(conn, squares):
    hold(conn, "p2", "V1", role=Role.VILLAGE_LEADER, since=MONDAY)
    assert gaps(conn, "not_patrolled")["V1"]["person"] == "Bo, Cy"


def test_ground_that_nobody_passed_is_a_gap_with_its_own_shape(conn, squares):
    # A walk along the middle parts the west into two strips of 300 m × 125 m.
    send(conn, "p1", walking.line([(x, 150) for x in range(-30, 300, 10)]))
    found = [row for row in report(conn).rows if row["kind"] == "not_passed"]
    assert [row["cell"] for row in found] == ["U01", "U01", "U02"]
    assert found[0]["area_m2"] >= found[1]["area_m2"]
    for row in found[:2]:
        assert row["area_m2"] == pytest.approx(300 * 125, rel=0.06)
        assert (row["since"], row["days"], row["person"]) == (START, 21, "Ann")
        inside = shapely.intersection(row["geometry"], squares[0].geom)
        assert inside.area > 0.97 * row["geometry"].area  # along the edges of ground cells
    east = found[2]
    assert east["person"] == "Cy"
    assert east["area_m2"] < 300 * 300
    assert all(isinstance(row[key], Message) for row in found for key in ("reason", "action"))


def test_small_pieces_and_short_times_are_no_gaps(conn, squares):
    assert gaps(conn, "not_passed", not_passed_m2=100_000) == {}
    assert gaps(conn, "not_passed", not_passed_days=22) == {}
    assert set(gaps(conn, "not_passed", not_passed_days=21)) == {"U01", "U02"}


def test_ground_is_a_gap_since_the_day_after_somebody_last_passed_any_of_it(conn, squares):
    send(conn, "p1", loop(MONDAY - 20 * DAY))
    row = gaps(conn, "not_passed")["U01"]
    assert (row["since"], row["days"]) == (MONDAY - 19 * DAY, 20)
    assert gaps(conn, "not_passed", look_back=15)["U01"]["since"] == MONDAY - 14 * DAY
    assert row["area_m2"] == pytest.approx(squares[0].area_m2, rel=0.05)


def test_gaps_and_covered_ground_make_up_each_cell(conn):
    settled.add_people(conn, {"p1": "Ann"})
    cells = settled.settle(conn, walking.town(2, 2, side=500), villages=1)
    send(conn, "p1", walking.walk(cells[0].geom, fixes=400))
    left = report(conn, level=Level.UNIT, not_passed_m2=0.0, not_passed_days=1)
    covered = coverage.coverage_report(
        conn, cell=None, level=Level.UNIT, first=MONDAY, last=MONDAY, at=CLOSED
    )
    geod = pyproj.Geod(ellps="WGS84")
    for row in covered.rows:
        mine = [g for g in left.rows if (g["cell"], g["kind"]) == (row["cell"], "not_passed")]
        together = sum(g["area_m2"] for g in mine) + row["covered_m2"]
        assert together == pytest.approx(row["area_m2"], rel=0.01)
        for gap in mine:
            assert gap["geometry"].is_valid
            area, _ = geod.geometry_area_perimeter(shapely.orient_polygons(gap["geometry"]))
            assert area == pytest.approx(gap["area_m2"], rel=1e-3, abs=0.1)


def test_a_level_lifts_the_ground_of_leaves_to_its_cells(conn, squares):
    found = report(conn, level=Level.VILLAGE).rows
    assert {row["cell"] for row in found} == {"V1"}
    passed = [row for row in found if row["kind"] == "not_passed"]
    assert [row["person"] for row in passed] == ["Ann", "Cy"]
    assert not [row for row in found if row["kind"] == "no_holder"]


def test_a_question_about_one_cell_sees_that_cell_only(conn, squares):
    assert {row["cell"] for row in report(conn, cell="U01").rows} == {"U01"}
    assert {row["cell"] for row in report(conn, cell="V1").rows} == {"V1", "U01", "U02"}


def test_boundary_defects_are_gaps_at_every_level(conn, squares):
    hole, common = walking.square(280, 100, 5), walking.square(290, 0, 10)
    for kind, shape, area in (("gap", hole, 25.0), ("overlap", common, 100.0)):
        conn.execute(
            insert(tables.boundary_defect).values(
                kind=kind,
                parent="V1",
                cells=["U01", "U02"],
                area_m2=area,
                geom=shape,
                found_at=datetime(2026, 9, 20, 17, tzinfo=UTC),
            )
        )
    for asked in ({}, {"level": Level.AREA}, {"cell": "U02"}):
        rows = report(conn, **asked).rows
        (ground_in_two,) = [row for row in rows if row["kind"] == "overlap"]
        assert rows[-1]["kind"] == "unassigned_ground"
        assert (rows[-1]["cell"], rows[-1]["name"], rows[-1]["level"]) == ("", "", None)
        assert (rows[-1]["area_m2"], rows[-1]["since"], rows[-1]["days"]) == (25.0, MONDAY, 1)
        assert rows[-1]["person"] == ground_in_two["person"] == "Cy"
        assert "Cell U01, Cell U02" in str(ground_in_two["reason"])
        assert ground_in_two["geometry"].equals(common)
    assert {row["cell"] for row in report(conn, cell="U02").rows} == {"", "U02"}
    conn.execute(update(tables.boundary_defect).values(cells=["X1", "X2"]))
    kinds = {row["kind"] for row in report(conn).rows}
    assert kinds.isdisjoint({"overlap", "unassigned_ground"})


def test_ground_joined_by_a_corner_is_two_regions():
    u_shape = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0)]
    column, row = np.array([*u_shape, (3, 3)]).T + 1_690_000
    tiles = ground.pack(np.full(8, 900_000), ground.ground_cell(column, row))
    found = regions.connected(tiles, min_area=0)
    cell = float(ground.ground_cell_m2(np.array(1_690_000 // 64)))
    assert [r.area_m2 for r in found] == pytest.approx([7 * cell, cell])
    assert [r.cells.size for r in found] == [7, 1]
    assert {r.group for r in found} == {900_000}
    assert len(regions.connected(tiles, min_area=2 * cell)) == 1
    nothing = ground.pack(np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert regions.connected(nothing, min_area=0) == []
