"""Real boundaries and real points, as they came from those who made them."""

import csv
from datetime import date

import numpy as np
import pytest

from gis import deployment
from gis.cells import store
from gis.cells.importing import import_cells
from gis.cells.lattice import doubled_area, is_on_lattice, is_tiling, same, union
from gis.cells.location import locate_points
from gis.cells.problems import Fault
from gis.hierarchy import Level

pytestmark = pytest.mark.real

PLACEHOLDER = (-71.0587, 42.3594)


def found(conn, code, timezone):
    deployment.found(conn, code=code, name=code, timezone=timezone, on=date(2015, 1, 1))


def sizes(problems, code):
    return [problem.size_m2 for problem in problems if problem.code == code]


@pytest.fixture
def boston(conn, real_data):
    found(conn, "boston", "America/New_York")
    return import_cells(
        conn,
        real_data / "boston311" / "boston_police_districts.geojson",
        level=Level.AREA,
        code_field="DISTRICT",
    )


def test_boston_has_twelve_districts_under_a_township_and_no_defects(conn, boston):
    assert (boston.read, boston.written, boston.skipped) == (12, 12, 0)
    assert boston.problems == ()
    cells = {cell.code: cell for cell in store.cells_on(conn)}
    districts = [cell.geom for cell in cells.values() if cell.level is Level.AREA]
    assert len(cells) == 13
    assert is_tiling(districts)
    assert same(cells["boston"].geom, union(districts))
    assert all(is_on_lattice(cell.geom) for cell in cells.values())


def test_bostons_reports_lie_in_the_districts_that_the_city_published(conn, boston, real_data):
    with (real_data / "boston311" / "assign_police.csv").open() as file:
        rows = list(csv.DictReader(file))
    lon = np.array([float(row["lon"]) for row in rows])
    lat = np.array([float(row["lat"]) for row in rows])
    districts = store.cells_on(conn, level=Level.AREA)
    located = locate_points(districts, lon, lat)
    assert located.code.tolist() == [row["geometric"] for row in rows]
    assert located.outside.sum() == 9
    assert located.overlap.sum() == 0
    placeholder = (lon == PLACEHOLDER[0]) & (lat == PLACEHOLDER[1])
    assert placeholder.sum() == 608
    assert located.shared_coordinate[placeholder].all()
    published = np.array([row["published"] for row in rows])
    clear = (located.border_m > 15) & ~placeholder & (published != "missing")
    assert clear.sum() == 13_762
    assert (published != located.code)[clear].sum() == 3
    to_border = np.array([float(row["m_to_border"] or "nan") for row in rows])
    assert np.nanmax(np.abs(located.border_m - to_border)) < 0.15  # cut off at 0.1 m there


def test_dongcheng_takes_the_shape_of_its_seventeen_subdistricts(conn, real_data):
    found(conn, "beijing", "Asia/Shanghai")
    folder = real_data / "beijing"
    import_cells(conn, folder / "district_dongcheng.geojson", level=Level.AREA)
    report = import_cells(
        conn,
        folder / "subdistrict_dongcheng.geojson",
        level=Level.VILLAGE,
        parent_field="parentCode",
    )
    assert (report.read, report.written) == (17, 17)
    [problem] = report.problems
    assert problem.code == Fault.DIFFERENCE
    assert problem.size_m2 == pytest.approx(12.3, abs=0.05)
    cells = {cell.code: cell for cell in store.cells_on(conn)}
    assert cells["110101000000"].name == "东城区"
    assert cells["110101001000"].name == "东华门街道"
    villages = [cell.geom for cell in cells.values() if cell.level is Level.VILLAGE]
    assert same(cells["110101000000"].geom, union(villages))
    assert same(cells["beijing"].geom, union(villages))
    assert doubled_area(cells["beijing"].geom) == sum(map(doubled_area, villages))


def test_haidians_overlaps_and_holes_are_told_with_place_and_size_and_repaired(conn, real_data):
    found(conn, "beijing", "Asia/Shanghai")
    folder = real_data / "beijing"
    import_cells(conn, folder / "district_haidian.geojson", level=Level.AREA)
    subdistricts = folder / "subdistrict_haidian.geojson"
    report = import_cells(conn, subdistricts, level=Level.VILLAGE, parent_field="parentCode")
    assert report.written == 29
    overlaps, gaps = sizes(report.problems, Fault.OVERLAP), sizes(report.problems, Fault.GAP)
    assert (len(overlaps), len(gaps)) == (3, 4)
    assert sum(overlaps) == pytest.approx(470, abs=1)
    assert sum(gaps) == pytest.approx(1321, rel=2e-3)
    assert all(116 < problem.lon < 117 and 39 < problem.lat < 41 for problem in report.problems)
    assert len(store.defects(conn, within="110108000000")) == 7
    report = import_cells(conn, subdistricts, level=Level.VILLAGE, repair=True)
    assert is_tiling([cell.geom for cell in store.cells_on(conn, level=Level.VILLAGE)])
    assert sum(sizes(report.problems, Fault.REPAIRED)) == pytest.approx(470 + 1321, rel=5e-3)
    assert store.defects(conn) == []


def test_providences_precincts_have_the_defects_that_are_known(conn, real_data):
    found(conn, "providence", "America/New_York")
    precincts = real_data / "providence" / "precincts.zip"
    report = import_cells(conn, precincts, level=Level.VILLAGE, code_field="NAME")
    assert report.written == 59
    assert sum(sizes(report.problems, Fault.OVERLAP)) == pytest.approx(3.95, abs=0.02)
    gaps = sizes(report.problems, Fault.GAP)
    assert len(gaps) == 3
    assert min(gaps) == pytest.approx(47, abs=1)
    import_cells(conn, precincts, level=Level.VILLAGE, code_field="NAME", repair=True)
    assert is_tiling([cell.geom for cell in store.cells_on(conn, level=Level.VILLAGE)])
    assert [defect.kind for defect in store.defects(conn)] == ["gap", "gap"]  # wider than 20 m


def test_four_squares_along_a_track_are_units_of_a_village_made_for_them(conn, real_data):
    found(conn, "korita", "Europe/Ljubljana")
    report = import_cells(conn, real_data / "tracks" / "korita-cells.geojson", level=Level.UNIT)
    assert report.problems == ()
    units = store.cells_on(conn, level=Level.UNIT)
    assert [unit.code for unit in units] == ["K1", "K2", "K3", "K4"]
    assert all(unit.area_m2 == pytest.approx(1e6, rel=1e-3) for unit in units)
    assert len(store.cell_named(conn, units[0].parent).geom.geoms) == 4
