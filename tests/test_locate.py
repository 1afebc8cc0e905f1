import json
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point, box
from shapely.geometry import mapping

from gis import deployment
from gis.cells.importing import import_cells
from gis.cells.lattice import snapped
from gis.cells.location import SHARED_BY, Here, locate, locate_points
from gis.cells.metres import degree_m
from gis.cells.model import CellShape
from gis.hierarchy import Level

EAST, NORTH = degree_m(32.895)


def cell(code, shape):
    return CellShape(0, code, code, Level.UNIT, None, "", snapped(shape), 0.0)


A = cell("A", box(117.45, 32.89, 117.46, 32.90))
B = cell("B", box(117.46, 32.89, 117.47, 32.90))


def one(shapes, lon, lat, accuracy=None):
    found = locate_points(shapes, [lon], [lat], accuracy=None if accuracy is None else [accuracy])
    return str(found.code[0]), float(found.border_m[0]), found.notes(0)


def test_a_point_in_the_middle_of_a_cell_is_in_it_and_nothing_is_doubtful():
    code, border, notes = one([A, B], 117.455, 32.895)
    assert (code, notes) == ("A", ())
    assert border == pytest.approx(0.005 * EAST, abs=0.1)  # 467.6 m; the next is 554.5 m


def test_points_come_back_in_the_order_given_whatever_the_order_of_cells():
    found = locate_points([B, A], [117.465, 117.455, 117.48], [32.895] * 3)
    assert found.code.tolist() == ["B", "A", ""]
    assert found.outside.tolist() == [False, False, True]


def test_a_point_exactly_on_a_border_is_in_the_lowest_code_and_flagged():
    code, border, notes = one([B, A], 117.46, 32.895)
    assert (code, border) == ("A", 0)
    assert notes == ("on_border", "near_border")


def test_a_point_on_the_outer_border_is_in_the_cell_and_near_no_other():
    assert one([A, B], 117.45, 32.895) == ("A", 0, ("on_border",))


def test_ground_in_two_cells_is_the_lowest_codes_and_flagged():
    wide = cell("B", box(117.459, 32.89, 117.47, 32.90))
    code, _, notes = one([A, wide], 117.4595, 32.895)
    assert code == "A"
    assert "overlap" in notes


def test_a_point_outside_is_measured_to_the_nearest_border():
    code, border, notes = one([A, B], 117.48, 32.895)
    assert (code, notes) == ("", ("outside",))
    assert border == pytest.approx(0.01 * EAST, abs=0.1)


@pytest.mark.parametrize(("off_m", "near"), [(0.9, True), (1.1, False)])
def test_without_an_accuracy_a_metre_decides_who_is_near(off_m, near):
    _, border, notes = one([A, B], 117.46 - off_m / EAST, 32.895)
    assert border == pytest.approx(off_m, abs=0.01)
    assert ("near_border" in notes) is near


@pytest.mark.parametrize(("accuracy", "near"), [(49, False), (51, True)])
def test_an_accuracy_that_touches_another_cell_is_flagged(accuracy, near):
    _, _, notes = one([A, B], 117.46 - 50 / EAST, 32.895, accuracy)
    assert ("near_border" in notes) is near


def test_a_border_with_nobody_behind_it_is_not_near_another_cell():
    assert one([A, B], 117.45 + 0.5 / EAST, 32.895)[2] == ()


def test_thirty_rows_at_one_coordinate_are_flagged_and_twenty_nine_are_not():
    lon = [117.455] * SHARED_BY + [117.456] * (SHARED_BY - 1)
    found = locate_points([A], lon, [32.895] * len(lon))
    assert found.shared_coordinate.tolist() == [True] * 30 + [False] * 29


def test_no_points_and_no_cells_are_no_trouble():
    assert len(locate_points([A], [], []).code) == 0
    found = locate_points([], [117.455], [32.895])
    assert found.code.tolist() == [""]
    assert np.isnan(found.border_m[0])
    assert found.notes(0) == ("outside",)


def test_a_long_border_is_straight_in_degrees():
    wide = cell("W", box(110, 40, 120, 41))  # 850 km: 200 m north of it lies in no cell
    [border] = locate_points([wide], [115], [40 - 200 / degree_m(40)[1]]).border_m
    assert border == pytest.approx(200, abs=0.1)


@given(st.floats(-70, 70), st.floats(0, 360), st.floats(1, 3000))
@settings(max_examples=40, deadline=None)
def test_distances_are_right_to_a_decimetre_at_every_latitude(lat, bearing, metres):
    geod = Geod(ellps="WGS84")
    lon, lat_there, _ = geod.fwd(30, lat, bearing, metres)
    square = cell("A", box(30, lat, 30.05, lat + 0.05))
    steps = shapely.get_coordinates(shapely.segmentize(square.geom.boundary, 3e-6))  # 0.3 m
    n = len(steps)
    _, _, distances = geod.inv([lon] * n, [lat_there] * n, *steps.T)
    assume(min(distances) > 1)  # nearer, the steps are too coarse
    [found] = locate_points([square], [lon], [lat_there]).border_m
    assert found == pytest.approx(min(distances), abs=0.1)


@given(st.lists(st.tuples(st.floats(117.44, 117.48), st.floats(32.88, 32.91)), max_size=30))
@settings(deadline=None)
def test_any_point_of_a_tiling_lies_in_exactly_one_cell_or_on_a_border(points):
    lon, lat = zip(*points, strict=True) if points else ((), ())
    found = locate_points([A, B], lon, lat)
    for i, (x, y) in enumerate(points):
        inside = [c.code for c in (A, B) if c.geom.covers(Point(x, y))]
        assert found.code[i] == (min(inside) if inside else "")
        assert found.outside[i] == (not inside)
        assert found.on_border[i] == any(c.geom.boundary.covers(Point(x, y)) for c in (A, B))
        assert not found.overlap[i]


# One point at every level


@pytest.fixture
def lilou(conn, tmp_path):
    deployment.found(conn, code="T", name="李楼乡", timezone="Asia/Shanghai", on=date(2026, 5, 1))

    def bring(level, **shapes):
        features = [
            {"type": "Feature", "properties": {"code": code}, "geometry": mapping(shape)}
            for code, shape in shapes.items()
        ]
        path = tmp_path / "cells.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        import_cells(conn, path, level=level)

    west, east = A.geom, B.geom
    bring(Level.AREA, A1=west, A2=east)
    bring(Level.VILLAGE, V1=west, V2=east)
    bring(Level.UNIT, U1=box(117.45, 32.89, 117.455, 32.90), U2=box(117.455, 32.89, 117.46, 32.90))
    return conn


def test_a_point_is_found_at_every_level(lilou):
    found = locate(lilou, 117.4525, 32.895)
    assert found.cells == {
        Level.UNIT: "U1",
        Level.VILLAGE: "V1",
        Level.AREA: "A1",
        Level.TOWNSHIP: "T",
    }
    assert found.border_m == pytest.approx(0.0025 * EAST, abs=0.1)
    assert found.notes == ()


def test_where_a_village_has_no_units_the_village_is_the_lowest(lilou):
    found = locate(lilou, 117.465, 32.895)
    assert found.cells == {Level.VILLAGE: "V2", Level.AREA: "A2", Level.TOWNSHIP: "T"}
    assert found.border_m == pytest.approx(0.005 * EAST, abs=0.1)


def test_a_point_on_a_border_follows_the_lowest_code_all_the_way_up(lilou):
    found = locate(lilou, 117.455, 32.895)
    assert found.cells[Level.UNIT] == "U1"
    assert found.border_m == 0
    assert found.notes == ("on_border", "near_border")


def test_an_accuracy_that_touches_the_next_unit_is_flagged(lilou):
    assert locate(lilou, 117.4548, 32.895, accuracy_m=15).notes == ()
    assert locate(lilou, 117.4548, 32.895, accuracy_m=25).notes == ("near_border",)


def test_a_point_outside_is_measured_to_the_nearest_unit(lilou):
    found = locate(lilou, 117.44, 32.895)
    assert found.cells == {}
    assert found.notes == ("outside",)
    assert found.border_m == pytest.approx(0.01 * EAST, abs=0.1)


def test_before_there_are_cells_every_point_is_outside(conn):
    found = locate(conn, 117.44, 32.895, day=date(2026, 5, 1))
    assert found == Here({}, None, ("outside",))
