"""Coverage and density: by anyone and by holders, of every level; figures redone by hand."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import update

from gis import tables
from gis.errors import NotFound
from gis.hierarchy import Level
from gis.patrols import coverage, density, ground, store, tracks
from gis.patrols.coverage import coverage_report, tracks_in
from gis.patrols.density import density_report
from gis.people.roles import Role
from tests import settled, walking
from tests.settled import MONDAY, hold, send

AT = datetime(2026, 9, 30, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
COVERAGE = [
    "cell",
    "name",
    "level",
    "area_m2",
    "due_m2",
    "covered_m2",
    "covered_pct",
    "covered_by_holder_pct",
    "last_patrolled",
]
DENSITY = ["cell", "name", "level", "person_seconds", "passes", "days"]


def report(conn, kind=coverage_report, *, cell=None, level=Level.UNIT, first=MONDAY, last=MONDAY):
    return kind(conn, cell=cell, level=level, first=first, last=last, at=AT)


def column(found, key):
    return {row["cell"]: row[key] for row in found.rows}


def east(y, *, start=0, stop=591, day=MONDAY, hour=8):
    """Return a walk to the east at 1 m/s."""
    begin = walking.MIDNIGHT + (day - MONDAY).days * 86_400 + hour * 3600
    return walking.line([(x, y) for x in range(start, stop, 10)], start=begin)


@pytest.fixture
def squares(conn):
    """Two units of 300 m side by side, each in its village; Ann holds the west, nobody the east."""
    settled.add_people(conn, {"p1": "Ann", "p2": "Bo"})
    found = settled.settle(conn, [walking.square(0, 0, 300), walking.square(300, 0, 300)])
    hold(conn, "p1", "U01")
    return found


def test_the_keys_of_both_reports_are_the_contract(conn, squares):
    assert [list(row) for row in report(conn).rows] == [COVERAGE] * 2
    assert [list(row) for row in report(conn, density_report).rows] == [DENSITY] * 3
    assert list(report(conn).total) == COVERAGE[3:]
    assert list(report(conn, density_report).total) == DENSITY[3:]


def test_a_straight_walk_covers_25_m_on_both_sides(conn, squares):
    send(conn, "p2", east(150, start=-60, stop=661))
    found = report(conn)
    assert column(found, "covered_pct") == pytest.approx({"U01": 50 / 3, "U02": 50 / 3}, abs=0.1)
    assert column(found, "due_m2") == column(found, "area_m2")
    row = found.rows[0]
    assert row["covered_m2"] / row["due_m2"] * 100 == pytest.approx(row["covered_pct"], abs=0.01)
    assert found.total["covered_m2"] == pytest.approx(2 * 300 * 50, rel=0.01)
    assert found.total["covered_pct"] == pytest.approx(50 / 3, abs=0.1)


def test_large_cells_are_measured_by_ground_cells_and_agree_with_exact_geometry(conn):
    settled.add_people(conn, {"p1": "Ann"})
    cells = walking.town(2, 2, side=500)
    settled.settle(conn, cells)
    fixes = walking.walk(cells[0], fixes=400)
    send(conn, "p1", fixes)
    want = walking.covered_share(tracks.clean(fixes)[0], cells) * 100
    got = column(report(conn), "covered_pct")
    assert list(got.values()) == pytest.approx(want.tolist(), abs=1)
    areas = column(report(conn), "area_m2")
    assert min(areas.values()) > coverage.SMALL_M2
    assert areas == column(report(conn), "due_m2")


def test_a_holder_covers_and_nobodys_cell_has_no_share_of_its_holder(conn, squares):
    send(conn, "p1", east(100))
    send(conn, "p2", east(200))
    found = report(conn)
    both, own = column(found, "covered_pct"), column(found, "covered_by_holder_pct")
    assert both == pytest.approx({"U01": 100 / 3, "U02": 100 / 3}, abs=0.6)
    assert own["U01"] == pytest.approx(50 / 3, abs=0.3)
    assert own["U02"] is None
    # Of the ground of both together, Ann covered half of what she holds.
    assert found.total["covered_by_holder_pct"] == pytest.approx(own["U01"] / 2, abs=0.01)


@pytest.mark.parametrize("side", [300, 500])
def test_only_who_answered_on_the_day_of_the_walk_counts_as_holder(conn, side):
    settled.add_people(conn, {"p1": "Ann", "p2": "Bo", "p3": "Cy"})
    settled.settle(conn, [walking.square(0, 0, side)], villages=1)
    hold(conn, "p1", "U01", until=TUESDAY)
    hold(conn, "p2", "U01", deputy_for="p1")
    hold(conn, "p3", "V1", role=Role.VILLAGE_LEADER)
    hold(conn, "p3", "U01", role=Role.INSPECTOR)
    for person in ("p2", "p3"):
        send(conn, person, east(100, stop=side))
    assert column(report(conn), "covered_by_holder_pct") == {"U01": 0}
    # On Tuesday the post is vacant and its deputy acts.
    send(conn, "p2", east(100, stop=side, day=TUESDAY))
    later = column(report(conn, first=TUESDAY, last=TUESDAY), "covered_by_holder_pct")
    assert later["U01"] > 9
    both = report(conn, first=MONDAY, last=TUESDAY)
    assert column(both, "covered_by_holder_pct") == later


def test_levels_above_the_leaves_sum_their_leaves(conn):
    settled.add_people(conn, {"p1": "Ann"})
    settled.settle(conn, walking.town(3, 2))
    send(conn, "p1", east(150))
    units = report(conn)
    villages = report(conn, level=None, cell="A")
    assert [row["cell"] for row in villages.rows] == ["V1", "V2"]
    for village, numbers in (("V1", (0, 2, 4)), ("V2", (1, 3, 5))):
        parts = sum(units.rows[n]["covered_m2"] for n in numbers)
        assert column(villages, "covered_m2")[village] == pytest.approx(parts, abs=0.2)
    whole = report(conn, level=Level.TOWNSHIP)
    assert [row["cell"] for row in whole.rows] == ["T"]
    assert whole.total["covered_m2"] == units.total["covered_m2"]


def test_rows_are_the_children_of_the_cell_asked_for(conn, squares):
    def codes(**asked):
        return [row["cell"] for row in report(conn, **asked).rows]

    assert codes(level=None) == ["A"]
    assert codes(level=None, cell="V2") == codes(level=None, cell="U02") == ["U02"]
    assert codes(level=Level.UNIT, cell="V1") == ["U01"]
    assert codes(level=Level.DISTRICT) == []
    with pytest.raises(NotFound, match="no cell X"):
        report(conn, cell="X")


def test_a_leaf_above_the_level_asked_for_keeps_its_row(conn, squares):
    village = settled.add_cell(
        conn, "V3", Level.VILLAGE, walking.square(0, 300, 600, 300), parent="A"
    )
    store.set_masks(conn, [village])
    send(conn, "p2", east(450))
    found = report(conn)
    assert list(column(found, "covered_pct")) == ["U01", "U02", "V3"]
    assert column(found, "covered_pct")["V3"] == pytest.approx(50 / 3, abs=1)


def test_without_cells_there_are_no_rows(conn):
    settled.add_people(conn, {"p1": "Ann"})
    send(conn, "p1", east(100))
    found = report(conn, level=None)
    assert (found.rows, found.total["covered_pct"]) == ([], None)
    (row,) = report(conn, density_report, level=None).rows
    assert (row["cell"], row["person_seconds"]) == ("", 590)


def test_last_patrolled_is_the_last_day_of_presence_even_before_the_window(conn, squares):
    send(conn, "p2", east(150))
    friday = MONDAY + timedelta(days=4)
    later = report(conn, first=friday, last=friday)
    assert column(later, "last_patrolled") == {"U01": MONDAY, "U02": MONDAY}
    assert column(later, "covered_m2") == {"U01": 0, "U02": 0}
    before = report(conn, last=MONDAY - timedelta(days=1))
    assert column(before, "last_patrolled") == {"U01": None, "U02": None}


def test_a_minute_inside_is_presence_and_a_walk_along_the_border_only_for_the_holder(conn, squares):
    send(conn, "p2", walking.line([(150, 150)] * 6))  # 50 s
    assert column(report(conn), "last_patrolled")["U01"] is None
    along = [(300 - 5, y) for y in range(20, 280, 10)]
    start = walking.MIDNIGHT + 33 * 3600
    send(conn, "p2", walking.line(along, start=start))  # 250 s, 5 m from the border
    assert column(report(conn, last=TUESDAY), "last_patrolled")["U01"] is None
    send(conn, "p1", walking.line(along, start=start))
    assert column(report(conn, last=TUESDAY), "last_patrolled") == {"U01": TUESDAY, "U02": None}
    villages = report(conn, level=Level.VILLAGE, last=TUESDAY)
    assert column(villages, "last_patrolled") == {"V1": TUESDAY, "V2": None}


def test_who_answers_for_the_village_is_present_in_it_up_to_its_units_borders(conn, squares):
    hold(conn, "p2", "V1", role=Role.VILLAGE_LEADER)
    send(conn, "p2", walking.line([(295, y) for y in range(20, 280, 10)]))
    assert column(report(conn), "last_patrolled")["U01"] is None
    assert column(report(conn, level=Level.VILLAGE), "last_patrolled")["V1"] == MONDAY


def test_density_adds_up_to_the_tracks_and_never_is_not_zero(conn, squares):
    send(conn, "p1", east(150, start=10, stop=291))  # 280 s in the west
    send(conn, "p1", east(150, start=10, stop=291, day=TUESDAY))
    send(conn, "p2", walking.line([(-100, 150)] * 7))  # 60 s in no cell
    found = report(conn, density_report, last=TUESDAY)
    assert column(found, "person_seconds") == {"U01": 560, "U02": None, "": 60}
    assert column(found, "days") == {"U01": 2, "U02": None, "": 1}
    assert column(found, "passes") == {"U01": 2, "U02": None, "": 1}
    assert found.total == {"person_seconds": 620, "passes": 3, "days": 2}
    nothing = report(conn, density_report, first=TUESDAY + timedelta(days=1), last=AT.date())
    assert set(column(nothing, "days").values()) == {None}
    assert nothing.total == {"person_seconds": None, "passes": None, "days": None}


def test_a_question_about_one_cell_leaves_out_what_is_outside_it(conn, squares):
    send(conn, "p1", east(150, start=-100, stop=591))
    found = report(conn, density_report, cell="V2", level=None)
    assert list(column(found, "days")) == ["U02"]
    assert found.total["person_seconds"] < 300


def test_a_village_s_effort_is_its_units_and_days_are_counted_once(conn, squares):
    send(conn, "p1", east(150, start=10, stop=591))
    area = report(conn, density_report, level=Level.AREA)
    assert area.rows[0]["person_seconds"] == 580
    assert area.rows[0]["days"] == 1


def test_an_ended_cell_s_effort_stays_with_its_parent(conn, squares):
    send(conn, "p1", east(150, start=10, stop=291))
    version = tables.cell_version
    ended = settled.Range(None, TUESDAY)
    conn.execute(update(version).where(version.c.code == "U01").values(valid=ended))
    later = settled.add_cell(
        conn, "U09", Level.UNIT, squares[0].geom, parent="V1", valid=settled.Range(TUESDAY, None)
    )
    store.set_masks(conn, [later])
    villages = report(conn, density_report, level=Level.VILLAGE, last=TUESDAY)
    assert column(villages, "person_seconds")["V1"] == 280
    units = report(conn, density_report, last=TUESDAY)
    assert column(units, "person_seconds") == {"U02": None, "U09": None, "": 280}


def test_tracks_can_be_cut_to_the_ground_of_a_cell(conn, squares):
    send(conn, "p1", east(150, start=-100, stop=701))
    (whole,) = tracks_in(conn, first=MONDAY, last=MONDAY)
    assert (whole.person, whole.day, len(whole.line.coords)) == ("p1", MONDAY, 81)
    (part,) = tracks_in(conn, first=MONDAY, last=MONDAY, cell="U02")
    assert part.line.bounds == pytest.approx(
        (
            squares[1].geom.bounds[0],
            part.line.bounds[1],
            squares[1].geom.bounds[2],
            part.line.bounds[3],
        )
    )
    assert tracks_in(conn, first=TUESDAY, last=TUESDAY) == []


def test_traces_are_shown_within_a_cell_or_everywhere(conn, squares):
    lines = [np.array(squares[0].geom.geoms[0].exterior.coords) + 1e-4, np.array([[100.0, 30.0]])]
    store.import_fixes(
        conn,
        walking.line([]),
        person="p1",
        batch=store.batch_of(walking.line([]), lines),
        source="",
        zone=settled.ZONE,
        traces=lines,
    )
    assert len(coverage.traces(conn)) == 2
    inside = coverage.traces(conn, cell="U01")
    assert inside
    assert all(squares[0].geom.buffer(1e-9).covers(line) for line in inside)
    assert coverage.traces(conn, cell="nowhere") == []


BOUNDS = (117.4, 32.85, 117.5, 32.95)


def test_the_rasters_hold_the_seconds_and_the_days(conn, squares):
    send(conn, "p1", walking.line([(150, 150)] * 61))  # 600 s on one spot
    send(conn, "p2", walking.line([(450, 150)] * 2, start=walking.MIDNIGHT + 33 * 3600))
    window = {"first": MONDAY, "last": TUESDAY, "bounds": BOUNDS}
    found = density.density_raster(conn, **window)
    assert found is not None
    assert found.inside.shape == found.seen.shape == found.value.shape
    west, south, east_, north = found.bounds
    assert west < squares[0].geom.bounds[0] < east_
    assert south < squares[0].geom.bounds[1] < north
    area = found.inside.sum() * 64.6  # ground cells of 8.04 m
    assert area == pytest.approx(180_000, rel=0.04)
    hectare = float(
        ground.ground_cell_m2(ground.to_grid(*np.array([[117.45], [32.89]]))[1] / 64)[0]
    )
    assert found.value.sum() * hectare / 10_000 == pytest.approx((600 + 10) / 60, rel=0.001)
    assert (found.seen & (found.value == 0)).any()  # near the spot, not on it
    assert not (found.value[~found.seen]).any()

    since = coverage.days_since_raster(conn, **window)
    assert since is not None
    assert np.array_equal(since.seen, found.seen)
    assert set(np.unique(since.value[since.seen])) == {0.0, 1.0}
    one = density.density_raster(conn, **window, cell="U02")
    assert one is not None
    assert one.inside.sum() < found.inside.sum()


def test_a_raster_of_nothing_is_none(conn, squares):
    nowhere = {"first": MONDAY, "last": MONDAY, "bounds": (0.0, 0.0, 1.0, 1.0)}
    assert density.density_raster(conn, **nowhere) is None
    assert coverage.days_since_raster(conn, **nowhere) is None


def test_a_large_raster_is_pooled_and_keeps_the_seconds(conn, squares, monkeypatch):
    send(conn, "p1", walking.line([(150, 150)] * 61))
    window = {"first": MONDAY, "last": MONDAY, "bounds": BOUNDS}
    fine = density.density_raster(conn, **window)
    monkeypatch.setattr(density.raster, "MOST_PIXELS", 100)
    coarse = density.density_raster(conn, **window)
    assert fine is not None
    assert coarse is not None
    assert coarse.value.size <= 100
    assert coarse.bounds == fine.bounds
    assert coarse.seen.sum() < fine.seen.sum()
    assert 0 < coarse.value.max() < fine.value.max()
