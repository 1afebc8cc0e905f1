from datetime import date

import numpy as np
import pytest
import shapely
from shapely import box
from sqlalchemy import select, update

from gis import tables
from gis.cells import store
from gis.cells.datum import to_gcj02
from gis.cells.lattice import doubled_area, is_on_lattice, is_tiling, same, snapped, union
from gis.cells.problems import Fault
from gis.hierarchy import Level
from tests.boundaries import (
    BOTH,
    EAST,
    EASTERN,
    MIDDLE,
    NORTH,
    WEST,
    cells,
    importer,
    named,
    overlapping,
    stopped,
    versions,
)

CITY, DISTRICT, TOWNSHIP, AREA, VILLAGE, UNIT = Level


@pytest.fixture
def lilou(conn):
    return named(conn)


@pytest.fixture
def bring(lilou, tmp_path):
    return importer(lilou, tmp_path)


# Levels above


def test_importing_areas_makes_the_township_as_their_union(lilou, bring):
    report = bring(AREA, {"A": WEST, "B": MIDDLE})
    assert (report.read, report.written, report.skipped) == (2, 2, 0)
    assert report.notes == {"made": 1}
    assert report.problems == ()
    found = cells(lilou)
    assert found.keys() == {"340302200", "A", "B"}
    township = found["340302200"]
    assert (township.name, township.level, township.parent) == ("李楼乡", TOWNSHIP, None)
    assert found["A"].parent == found["B"].parent == "340302200"
    assert found["A"].name == "网格A"
    assert same(township.geom, union([found["A"].geom, found["B"].geom]))
    assert township.area_m2 == pytest.approx(0.02 * EAST * 0.01 * NORTH, rel=1e-4)


def test_importing_units_makes_a_village_an_area_and_the_township(lilou, bring):
    bring(UNIT, {"A": WEST, "far": box(117.6, 32.8, 117.61, 32.81)})
    found = cells(lilou)
    assert [(c.code, c.name, c.level, c.parent) for c in found.values()][:3] == [
        ("340302200", "李楼乡", TOWNSHIP, None),
        ("340302200-1", "李楼乡", AREA, "340302200"),
        ("340302200-1-1", "李楼乡", VILLAGE, "340302200-1"),
    ]
    assert found["far"].parent == "340302200-1-1"
    assert len(found["340302200"].geom.geoms) == 2


def test_a_made_parent_grows_when_more_children_arrive(lilou, bring):
    bring(AREA, {"A": WEST})
    bring(AREA, {"B": MIDDLE})
    assert same(cells(lilou)["340302200"].geom, snapped(union([snapped(WEST), snapped(MIDDLE)])))


def test_districts_and_cities_are_never_made_but_may_be_imported(lilou, bring):
    bring(AREA, {"A": BOTH})
    assert cells(lilou)["340302200"].parent is None
    whole = BOTH | EASTERN  # of which the other townships are not here
    bring(DISTRICT, {"340302": whole})
    bring(CITY, {"3403": whole})
    found = cells(lilou)
    assert found["340302200"].parent == "340302"
    assert found["340302"].parent == "3403"
    assert found["3403"].level is CITY
    assert found["340302"].geom.bounds[2] == 117.48


def test_a_township_made_later_comes_under_its_district(lilou, bring):
    bring(DISTRICT, {"340302": BOTH | EASTERN})
    bring(AREA, {"A": WEST})
    assert cells(lilou)["340302200"].parent == "340302"


def test_a_district_that_does_not_hold_its_township_is_refused(bring):
    bring(DISTRICT, {"340302": WEST})
    problems = stopped(bring, AREA, {"A": BOTH})
    assert {p.code for p in problems} == {Fault.OUTSIDE_PARENT, Fault.DIFFERENCE}


def test_every_coordinate_is_on_the_lattice_and_children_tile_their_parent(lilou, bring):
    rng = np.random.default_rng(3)
    at = rng.uniform([117.45, 32.89], [117.47, 32.90], (12, 2))
    pieces = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(at), extend_to=BOTH))
    bring(VILLAGE, {f"V{i}": piece & BOTH for i, piece in enumerate(pieces)})
    found = cells(lilou)
    villages = [c.geom for c in found.values() if c.level is VILLAGE]
    assert len(villages) == 12
    assert all(is_on_lattice(c.geom) for c in found.values())
    assert is_tiling(villages)
    assert doubled_area(found["340302200"].geom) == sum(map(doubled_area, villages))


# Parents


def test_the_parent_is_the_cell_that_holds_most_of_it(lilou, bring):
    bring(AREA, {"A": WEST, "B": MIDDLE})
    bring(VILLAGE, {"a": WEST, "b": MIDDLE})
    found = cells(lilou)
    assert (found["a"].parent, found["b"].parent) == ("A", "B")


def test_the_parent_may_be_named_by_a_field_or_an_option(lilou, bring):
    bring(AREA, {"A": WEST, "B": MIDDLE})
    bring(VILLAGE, {"a": (WEST, "A"), "b": (MIDDLE, "B")}, parent_field="above")
    bring(UNIT, {"a1": WEST}, parent="a")
    found = cells(lilou)
    assert (found["a"].parent, found["b"].parent, found["a1"].parent) == ("A", "B", "a")


def test_the_kind_of_a_special_cell_is_read_from_a_field_and_kept_where_none_is_named(lilou, bring):
    bring(VILLAGE, {"a": (WEST, "school"), "b": (MIDDLE, None)}, kind_field="above")
    assert {code: cells(lilou)[code].kind for code in "ab"} == {"a": "school", "b": ""}
    bring(VILLAGE, {"a": (WEST, "market"), "b": (MIDDLE, "park")})
    assert {code: cells(lilou)[code].kind for code in "ab"} == {"a": "school", "b": ""}
    bring(VILLAGE, {"a": (WEST, None)}, kind_field="above")
    assert cells(lilou)["a"].kind == ""


def test_a_named_parent_of_a_level_without_cells_is_made(lilou, bring):
    bring(VILLAGE, {"a": (WEST, "A"), "b": (MIDDLE, "B")}, parent_field="above")
    found = cells(lilou)
    assert found["A"].level is AREA
    assert found["A"].parent == "340302200"
    assert same(found["B"].geom, found["b"].geom)


@pytest.mark.parametrize("parent", ["nowhere", "340302200"])
def test_a_parent_must_be_a_cell_exactly_one_level_up(bring, parent):
    bring(AREA, {"A": WEST})
    [problem] = stopped(bring, VILLAGE, {"a": WEST}, parent=parent)
    assert (problem.code, problem.feature) == (Fault.UNKNOWN_PARENT, 1)


def test_the_township_has_the_code_of_the_deployment(bring):
    [problem] = stopped(bring, AREA, {"A": WEST}, parent="elsewhere")
    assert problem.code == Fault.UNKNOWN_PARENT
    assert bring(AREA, {"A": WEST}, parent="340302200").written == 1


def test_a_cell_in_none_of_several_parents_is_a_problem(bring):
    bring(AREA, {"A": WEST, "B": MIDDLE})
    [problem] = stopped(bring, VILLAGE, {"far": box(117.6, 32.8, 117.61, 32.81)})
    assert problem.code == Fault.UNKNOWN_PARENT
    assert "--parent" in str(problem.remedy)


def test_the_code_of_the_township_cannot_be_that_of_an_area_too(bring):
    [problem] = stopped(bring, AREA, {"340302200": WEST})
    assert problem.code == Fault.DUPLICATE_CODE


# Parents and children from different files


def test_a_parent_that_differs_little_takes_its_childrens_shape_and_it_is_told(lilou, bring):
    bring(AREA, {"A": BOTH})
    narrower = box(117.45, 32.89, 117.47 - 1 / EAST, 32.90)  # 1 m of 1,870 m
    report = bring(VILLAGE, {"a": narrower})
    [problem] = report.problems
    assert problem.code == Fault.DIFFERENCE
    assert problem.size_m2 == pytest.approx(0.01 * NORTH, rel=1e-2)  # 1 m × 1,109 m
    assert problem.lon == pytest.approx(117.47, abs=1e-4)
    found = cells(lilou)
    assert same(found["A"].geom, found["a"].geom)
    assert same(found["340302200"].geom, found["a"].geom)


def test_a_parent_that_differs_much_stops_the_import_and_says_where(lilou, bring):
    bring(AREA, {"A": BOTH})
    before = versions(lilou)
    gap, difference = stopped(bring, VILLAGE, {"a": WEST})
    assert (gap.code, difference.code) == (Fault.GAP, Fault.DIFFERENCE)
    assert 117.46 < gap.lon < 117.47
    assert gap.size_m2 == pytest.approx(0.01 * EAST * 0.01 * NORTH, rel=1e-3)
    assert "50.00%" in str(difference.message)
    assert versions(lilou) == before


def test_children_outside_their_parent_stop_the_import(bring):
    bring(AREA, {"A": BOTH})
    tooth = box(117.47, 32.895, 117.47 + 25 / EAST, 32.8951)
    [problem] = stopped(bring, VILLAGE, {"a": BOTH | tooth})
    assert problem.code == Fault.OUTSIDE_PARENT
    assert problem.size_m2 == pytest.approx(25 * 0.0001 * NORTH, rel=1e-2)


def test_a_parent_that_comes_after_its_children_is_compared_with_them_too(bring):
    bring(VILLAGE, {"a": WEST, "b": MIDDLE})
    assert bring(TOWNSHIP, {"340302200": BOTH}).problems == ()
    problems = stopped(bring, TOWNSHIP, {"340302200": WEST})
    assert {p.code for p in problems} == {Fault.OUTSIDE_PARENT, Fault.DIFFERENCE}


def test_children_in_another_datum_are_suspected_of_it(bring):
    bring(AREA, {"A": BOTH})
    shifted = shapely.transform(BOTH, to_gcj02)
    problems = stopped(bring, VILLAGE, {"a": shifted})
    assert all("--datum gcj02" in str(problem.remedy) for problem in problems)
    assert bring(VILLAGE, {"a": shifted}, datum="gcj02").written == 1


# Units tile their village


def test_units_that_overlap_stop_the_import(lilou, bring):
    bring(VILLAGE, {"V": BOTH})
    wide = box(117.4599, 32.89, 117.47, 32.90)
    [problem] = stopped(bring, UNIT, {"u1": WEST, "u2": wide})
    assert problem.code == Fault.OVERLAP
    assert problem.size_m2 == pytest.approx(0.0001 * EAST * 0.01 * NORTH, rel=1e-3)
    assert "--repair" in str(problem.remedy)


def test_a_gap_between_units_stops_the_import_unless_it_is_repaired(lilou, bring):
    bring(VILLAGE, {"V": BOTH})
    hole = box(117.458, 32.895, 117.458 + 5 / EAST, 32.895 + 5 / NORTH)
    units = {"u1": WEST - hole, "u2": MIDDLE}
    [problem] = stopped(bring, UNIT, units)
    assert problem.code == Fault.GAP
    assert problem.size_m2 == pytest.approx(25, rel=1e-2)
    report = bring(UNIT, units, repair=True)
    [moved] = report.problems
    assert (moved.code, moved.feature) == (Fault.REPAIRED, 1)
    assert moved.size_m2 == pytest.approx(25, rel=1e-2)
    units = [c.geom for c in cells(lilou).values() if c.level is UNIT]
    assert doubled_area(cells(lilou)["V"].geom) == sum(map(doubled_area, units))


def test_a_lake_of_the_village_is_no_gap_between_its_units(bring):
    lake = box(117.455, 32.893, 117.457, 32.895)
    bring(VILLAGE, {"V": BOTH - lake})
    assert bring(UNIT, {"u1": WEST - lake, "u2": MIDDLE}).written == 2


def test_a_village_made_of_units_may_have_a_hole_and_it_is_listed(lilou, bring):
    lake = box(117.455, 32.893, 117.457, 32.895)
    report = bring(UNIT, {"u1": WEST - lake, "u2": MIDDLE})
    [problem] = report.problems
    assert problem.code == Fault.GAP
    assert [d.cells for d in store.defects(lilou)] == [("u1",)]


# Defects are listed


def test_villages_that_overlap_are_imported_and_the_defect_is_listed(lilou, bring):
    report = bring(VILLAGE, overlapping())
    assert report.written == 2
    [problem] = report.problems
    assert (problem.code, problem.feature) == (Fault.OVERLAP, 1)
    [defect] = store.defects(lilou)
    assert (defect.kind, defect.cells) == ("overlap", ("A", "B"))
    row = lilou.execute(select(tables.boundary_defect)).one()
    assert row.parent == "340302200-1"
    assert row.area_m2 == pytest.approx(problem.size_m2, abs=0.01)
    assert store.defects(lilou, within="340302200-1") == [defect]
    assert store.defects(lilou, within="A") == [defect]
    assert store.defects(lilou, within="nowhere") == []


def test_a_repaired_import_clears_the_list(lilou, bring):
    bring(VILLAGE, overlapping())
    report = bring(VILLAGE, overlapping(), repair=True)
    assert {problem.code for problem in report.problems} == {Fault.REPAIRED}
    assert store.defects(lilou) == []


def test_a_defect_below_stays_listed_when_a_level_above_is_imported(lilou, bring):
    bring(VILLAGE, overlapping())
    bring(AREA, {"340302200-1": BOTH})
    assert [d.cells for d in store.defects(lilou)] == [("A", "B")]


def test_a_defect_that_is_still_there_keeps_the_time_when_it_was_found(lilou, bring):
    bring(VILLAGE, overlapping())
    lilou.execute(update(tables.boundary_defect).values(found_at=date(2026, 5, 1)))
    third = box(117.4699, 32.89, 117.48, 32.90)
    bring(VILLAGE, {**overlapping(), "C": third})
    d = tables.boundary_defect.c
    rows = lilou.execute(select(d.cells, d.found_at).order_by(d.id)).all()
    assert [row.cells for row in rows] == [["A", "B"], ["B", "C"]]
    assert rows[0].found_at.date() == date(2026, 5, 1)
    assert rows[1].found_at > rows[0].found_at


def test_a_gap_is_listed_once_though_every_level_above_has_it(lilou, bring):
    ring = BOTH - box(117.455, 32.893, 117.465, 32.897)
    bring(VILLAGE, {"A": ring & WEST, "B": ring & MIDDLE})
    assert [(d.kind, d.cells) for d in store.defects(lilou)] == [("gap", ("A", "B"))]
