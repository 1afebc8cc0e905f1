import numpy as np
import pytest
import shapely
from pyproj import Transformer

from gis.cells.datum import Datum, to_gcj02
from gis.cells.fields import cells_in, code_of
from gis.cells.problems import Fault, Flaw
from gis.cells.reading import read
from gis.errors import InvalidFile, InvalidInput
from tests.boundaries import SQUARE, collection, feature, refused, written


@pytest.fixture
def write(tmp_path):
    return lambda content, name="cells.geojson": written(content, tmp_path / name)


def only_flaw(path, **options):
    """The one problem of the one feature of a file."""
    layer = read(path, **options)
    assert layer.features == []
    [problem] = layer.problems
    assert problem.feature == 1
    return problem


# Files


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InvalidFile, match=r"no file .*nowhere\.geojson"):
        read(tmp_path / "nowhere.geojson")
    assert refused(tmp_path / "nowhere.geojson") == [Fault.MISSING_FILE]


def test_an_unknown_format_is_refused_with_those_that_can_be_imported(write):
    with pytest.raises(InvalidFile) as error:
        read(write("x", "cells.docx"))
    assert "GeoPackage" in str(error.value.remedy)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"type": "FeatureCollection", "features": []} trailing',
        '{"type": "FeatureCollection", "features": 3}',
        '{"type": "Polygon", "coordinates": []}',
        "[" * 20_000 + "]" * 20_000,
        '{"type": "FeatureCollection", "features": [' + "[" * 20_000 + "]" * 20_000 + "]}",
        '{"type": "Feature\0Collection", "features": []}',
        '{"type": "FeatureCollection", "features": [' + "9" * 5000 + "]}",
        "[]",
    ],
)
def test_what_is_not_geojson_is_refused_as_a_whole(write, text):
    assert refused(write(text)) == [Fault.UNREADABLE]


@pytest.mark.parametrize(
    ("coordinates", "code"),
    [
        ([SQUARE[:-1]], Fault.BROKEN_POLYGON),  # not closed
        ([SQUARE[:2] + SQUARE[:1]], Fault.BROKEN_POLYGON),  # three positions
        ([[[1, 1], [2, 2], [3, 3], [1, 1]]], Fault.BROKEN_POLYGON),  # no area
        (
            [[SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]],
            Fault.BROKEN_POLYGON,
        ),  # bow-tie
        ([[*SQUARE[:3], [117.46, 32.95], SQUARE[2], *SQUARE[3:]]], Fault.BROKEN_POLYGON),  # spike
        ([SQUARE, [[1, 1], [1, 2], [2, 2], [1, 1]]], Fault.BROKEN_POLYGON),  # hole outside
        ([[["117.45", "32.89"], *SQUARE[1:]]], Fault.NOT_A_NUMBER),
        ([[[None, 32.89], *SQUARE[1:]]], Fault.NOT_A_NUMBER),
        ([[[True, 32.89], *SQUARE[1:]]], Fault.NOT_A_NUMBER),
        ([[[117.45], *SQUARE[1:]]], Fault.NOT_A_NUMBER),
        ([[117.45, 32.89]], Fault.NOT_A_NUMBER),
        ([[[[117.45, 32.89]]]], Fault.NOT_A_NUMBER),
        ([[[float("nan"), 32.89], *SQUARE[1:-1], [float("nan"), 32.89]]], Fault.NOT_A_NUMBER),
        ([[[float("inf"), 32.89], *SQUARE[1:-1], [float("inf"), 32.89]]], Fault.NOT_A_NUMBER),
        ([[[10**400, 32.89], *SQUARE[1:-1], [10**400, 32.89]]], Fault.NOT_A_NUMBER),
        ([], Fault.NO_POLYGON),
        ([[]], Fault.NO_POLYGON),
        (None, Fault.NO_POLYGON),
        ({"x": 1}, Fault.NO_POLYGON),
        ([[[y, x] for x, y in SQUARE]], Fault.SWAPPED),
        ([[[x * 1000, y * 1000] for x, y in SQUARE]], Fault.OUT_OF_RANGE),
        ([[[0, 0], *SQUARE[1:-1], [0, 0]]], Fault.NULL_ISLAND),
    ],
)
def test_a_bad_polygon_is_a_problem_of_its_feature(write, coordinates, code):
    assert only_flaw(write(collection(feature(coordinates)))).code == code


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        "Polygon",
        {"type": "Point", "coordinates": [117, 32]},
        {"type": "LineString", "coordinates": SQUARE},
        {
            "type": "GeometryCollection",
            "geometries": [{"type": "Polygon", "coordinates": [SQUARE]}],
        },
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [SQUARE]}},
        {"type": "CurvePolygon", "coordinates": [SQUARE]},
    ],
)
def test_what_is_no_polygon_is_a_problem_of_its_feature(write, geometry):
    one = {"type": "Feature", "properties": {"code": "A"}, "geometry": geometry}
    assert only_flaw(write(collection(one))).code == Fault.NO_POLYGON


def test_a_bow_tie_is_shown_where_it_crosses(write):
    bow_tie = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]
    problem = only_flaw(write(collection(feature([bow_tie]))))
    assert (problem.lon, problem.lat) == (pytest.approx(117.455), pytest.approx(32.895))


def test_heights_and_wrong_winding_are_put_right_with_a_word(write):
    solid = [[[*position, 20.5, 7] for position in SQUARE]]
    layer = read(write(collection(feature(solid), feature([SQUARE[::-1]]))))
    assert layer.notes == {"dropped_height": 1, "wrong_winding": 1}
    assert not any(f.shape.has_z for f in layer.features)


def test_good_features_are_read_beside_bad_ones(write):
    layer = read(write(collection(feature([SQUARE]), feature([]), feature([SQUARE]))))
    assert layer.read == 3
    assert [f.number for f in layer.features] == [1, 3]
    assert [p.feature for p in layer.problems] == [2]


# Projections and datums


def test_an_older_crs_member_is_honoured(write):
    there = Transformer.from_crs(4326, 4549, always_xy=True)
    ring = [list(there.transform(*position)) for position in SQUARE]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    [found] = read(write(collection(feature([ring]), crs=crs))).features
    assert shapely.hausdorff_distance(found.shape, shapely.Polygon(SQUARE)) < 1e-9


def test_a_crs_member_that_says_nothing_is_asked_about(write):
    path = write(collection(feature([SQUARE]), crs=None))
    assert refused(path) == [Fault.UNDECLARED_PROJECTION]
    assert len(read(path, crs="EPSG:4326").features) == 1


def test_a_wrong_declaration_is_overruled_by_the_option(write):
    there = Transformer.from_crs(4326, 4549, always_xy=True)
    path = write(collection(feature([[list(there.transform(*p)) for p in SQUARE]])))
    problem = only_flaw(path)
    assert problem.code == Fault.OUT_OF_RANGE
    assert "--crs" in str(problem.remedy)
    assert len(read(path, crs="EPSG:4549").features) == 1


def test_an_unknown_projection_is_an_error_of_the_command_line(write):
    with pytest.raises(InvalidInput, match="no projection") as error:
        read(write(collection(feature([SQUARE]))), crs="EPSG:0")
    assert error.value.field == "crs"


def test_a_file_in_gcj02_is_read_in_wgs84(write):
    moved = to_gcj02(np.array(SQUARE)).tolist()
    [found] = read(write(collection(feature([moved]))), datum=Datum.GCJ02).features
    assert shapely.get_coordinates(found.shape) == pytest.approx(np.array(SQUARE), abs=1e-11)


# Fields and codes


def test_fields_are_found_in_any_case_of_letters(write):
    one = {"CODE": 110101000000, "Name": " 东城\n区 ", "labelPoint": [39.9, 116.4]}
    geometry = {"type": "Polygon", "coordinates": [SQUARE]}
    path = write(collection({"type": "Feature", "properties": one, "geometry": geometry}))
    [found], _ = cells_in(read(path))
    assert (found.code, found.name, found.parent) == ("110101000000", "东城 区", "")


def test_a_field_that_is_not_there_is_refused_with_those_that_are(write):
    layer = read(write(collection(feature([SQUARE]))))
    for option in ("code_field", "name_field", "parent_field"):
        with pytest.raises(InvalidFile, match="“Code”; its fields are: code") as error:
            cells_in(layer, **{option: "Code"})
        assert error.value.problems[0].code == Fault.WRONG_FIELD


def test_a_file_without_a_field_of_codes_is_refused(write):
    one = {"type": "Feature", "properties": None,
           "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}  # fmt: skip
    with pytest.raises(InvalidFile, match="no field of codes"):
        cells_in(read(write(collection(one))))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (110101000000, "110101000000"),
        (1.10101e11, "110101000000"),
        ("110101000000.0", "110101000000"),
        (" 340302200-1 ", "340302200-1"),
        ("007", "007"),
        ("李楼 1", "李楼 1"),
    ],
)
def test_a_code_becomes_plain_digits(value, code):
    assert code_of(value) == code


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (None, Fault.NO_CODE),
        ("  ", Fault.NO_CODE),
        (True, Fault.NO_CODE),
        ([1], Fault.NO_CODE),
        ("1.10101E+11", Fault.BAD_CODE),
        ("a/b", Fault.BAD_CODE),
        ("a\0b", Fault.BAD_CODE),
        ("x" * 41, Fault.BAD_CODE),
    ],
)
def test_what_cannot_be_a_code_is_refused(value, fault):
    with pytest.raises(Flaw) as flaw:
        code_of(value)
    assert flaw.value.code == fault
