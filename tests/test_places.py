"""Places: points that people know the ground by, from a file to the ground that counts."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPoint, Point
from shapely.geometry import mapping
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from api.cli.__main__ import main
from gis import db, times
from gis.cells.datum import to_bd09, to_gcj02
from gis.errors import InvalidFile, InvalidInput
from gis.hierarchy import Level
from gis.layers import import_layer
from gis.patrols import store
from gis.patrols.coverage import coverage_report
from gis.placefiles import Columns
from gis.places import import_places, places_in
from gis.tables import place
from tests import settled, walking
from tests.boundaries import EAST, NORTH, WEST, importer, named, written

AT = (117.4535, 32.892)
SCHOOL = {"name": "大塘小学", "kind": "school"}
KIND = Columns(kind="kind")
TABLE = Columns(kind="kind", lon="lon", lat="lat")


@pytest.fixture
def ours(conn):
    """A township without cells."""
    return named(conn)


@pytest.fixture
def bring(ours, tmp_path):
    """Import shapes with their properties from a file ``places.geojson``."""

    def bring(*given, name="places", columns=KIND, **options):
        features = [
            {"type": "Feature", "properties": more, "geometry": mapping(shape) if shape else None}
            for shape, more in given
        ]
        path = tmp_path / f"{name}.geojson"
        written({"type": "FeatureCollection", "features": features}, path)
        return import_places(ours, path, columns, **options)

    return bring


@pytest.fixture
def table(ours, tmp_path):
    """Import the text of a file ``places.csv``."""

    def table(text, *, columns=TABLE, encoded="utf-8", **options):
        path = tmp_path / "places.csv"
        path.write_bytes(text.encode(encoded))
        return import_places(ours, path, columns, **options)

    return table


def stored(conn):
    P = place.c
    rows = conn.execute(select(P.kind, P.name, P.source).order_by(P.id))
    return [tuple(row) for row in rows]


def codes(call, *arguments, **options):
    with pytest.raises(InvalidFile) as error:
        call(*arguments, **options)
    return [(p.feature or p.row, p.code) for p in error.value.problems]


# What comes in


def test_places_are_stored_with_their_kinds_as_the_file_calls_them(ours, bring):
    done = bring(
        (Point(AT), SCHOOL),
        (Point(117.46, 32.89, 21.5), {"名称": " 老街\n百货店 ", "kind": "商店"}),
        (MultiPoint([AT]), {"name": 7, "kind": 12}),
    )
    assert (done.read, done.written, done.skipped, done.problems) == (3, 3, 0, ())
    assert done.notes == {"dropped_height": 1}
    source = "places.geojson"
    assert stored(ours) == [
        ("school", "大塘小学", source),
        ("商店", "老街 百货店", source),
        ("12", "7", source),
    ]
    assert [each.geom for each in places_in(ours)] == [Point(AT), Point(117.46, 32.89), Point(AT)]


def test_the_fields_may_have_any_name(ours, bring):
    bring((Point(AT), {"类别": "school", "标签": "大塘小学"}), columns=Columns("类别", "标签"))
    assert stored(ours) == [("school", "大塘小学", "places.geojson")]


def test_the_same_file_again_changes_nothing_and_a_new_one_replaces_it(ours, bring):
    bring((Point(AT), SCHOOL), (Point(AT), {**SCHOOL, "name": "老街饭店"}))
    bring((Point(AT), {**SCHOOL, "name": "东街药店"}), name="others")
    again = bring((Point(AT), SCHOOL), (Point(AT), {**SCHOOL, "name": "老街饭店"}))
    assert (again.read, again.written, again.notes) == (2, 0, {"unchanged": 2})
    newer = bring((Point(117.46, 32.89), SCHOOL))
    assert (newer.written, newer.notes) == (1, {"replaced": 2})
    assert [name for _, name, _ in stored(ours)] == ["东街药店", "大塘小学"]


def test_degrees_of_another_datum_and_metres_are_turned_into_wgs84(ours, bring, table, tmp_path):
    true = np.array([AT])
    [(lon, lat)] = to_gcj02(true)
    bring((Point(lon, lat), SCHOOL), datum="gcj02", name="shifted")
    [(lon, lat)] = to_bd09(true)
    table(f"lon,lat,name,kind\n{lon},{lat},大塘小学,school\n", datum="bd09")
    path = tmp_path / "metres.gpkg"
    frame = gpd.GeoDataFrame({"name": ["甲"], "kind": ["x"]}, geometry=[Point(AT)], crs=4326)
    frame.to_crs(4549).to_file(path)
    import_places(ours, path, KIND)
    points = shapely.get_coordinates([each.geom for each in places_in(ours)])
    np.testing.assert_allclose(points, np.repeat(true, 3, axis=0), rtol=0, atol=1e-8)


def test_a_zipped_shapefile_in_gb18030_and_a_kml_are_read(ours, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    frame = gpd.GeoDataFrame({"名称": ["山前店"], "kind": ["商店"]}, geometry=[Point(AT)], crs=4326)
    frame.to_file(folder / "shops.shp", encoding="GB18030")
    (folder / "shops.cpg").unlink(missing_ok=True)
    archive = Path(shutil.make_archive(str(tmp_path / "shops"), "zip", folder))
    assert import_places(ours, archive, KIND).written == 1
    kml = (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>泵站</name>'
        "<description>pump</description><Point><coordinates>117.45,32.89,3</coordinates></Point>"
        "</Placemark></kml>"
    )
    path = written(kml, tmp_path / "pumps.kml")
    assert import_places(ours, path, Columns(kind="description")).written == 1
    assert stored(ours) == [("商店", "山前店", "shops.zip"), ("pump", "泵站", "pumps.kml")]


@pytest.mark.parametrize("encoded", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_in_any_encoding_and_order_of_columns(ours, table, encoded):
    text = "名称;kind;lat;lon\n大塘小学;school;32.892;117.4535\n\n老街店;商店;32.89;117.46\n"
    assert table(text, encoded=encoded).written == 2
    assert stored(ours) == [
        ("school", "大塘小学", "places.csv"),
        ("商店", "老街店", "places.csv"),
    ]
    assert places_in(ours)[0].geom == Point(AT)


def test_a_table_may_name_its_encoding(ours, table):
    text = "name,kind,lat,lon\n臺北小學,school,32.892,117.4535\n"
    assert codes(table, text, encoded="big5", encoding="utf-8") == [(None, "unknown_encoding")]
    assert table(text, encoded="big5", encoding="big5").written == 1
    assert stored(ours)[0][1] == "臺北小學"


def test_only_what_lies_in_the_box_is_returned(ours, bring):
    bring((Point(AT), SCHOOL), (Point(117.6, 32.9), {**SCHOOL, "name": "远处小学"}))
    assert [each.name for each in places_in(ours, bbox=(117.4, 32.8, 117.5, 32.9))] == ["大塘小学"]
    assert places_in(ours, bbox=(0, 0, 1, 1)) == []


# What does not


@pytest.mark.parametrize(
    "shape, properties, code",
    [
        (None, SCHOOL, "wrong_shape"),
        (WEST, SCHOOL, "wrong_shape"),
        (LineString([AT, (117.46, 32.89)]), SCHOOL, "wrong_shape"),
        (MultiPoint([AT, (117.46, 32.89)]), SCHOOL, "wrong_shape"),
        (Point(), SCHOOL, "wrong_shape"),
        (Point(AT), {"kind": "school"}, "no_name"),
        (Point(AT), {"name": " ", "kind": "school"}, "no_name"),
        (Point(AT), {"name": "大塘小学", "kind": None}, "no_kind"),
        (Point(0, 0), SCHOOL, "null_island"),
        (Point(AT[::-1]), SCHOOL, "swapped"),
        (Point(39_500_000, 3_640_000), SCHOOL, "out_of_range"),
    ],
)
def test_a_feature_that_is_no_place_is_refused_or_left_out_on_request(
    ours, bring, shape, properties, code
):
    good, bad = (Point(117.46, 32.89), {"name": "老街店", "kind": "商店"}), (shape, properties)
    assert codes(bring, good, bad) == [(2, code)]
    assert stored(ours) == []
    with pytest.raises(InvalidFile):
        bring(bad, skip_bad_rows=True)  # nothing would be left
    done = bring(good, bad, skip_bad_rows=True)
    assert (done.read, done.written, done.skipped) == (2, 1, 1)
    assert stored(ours) == [("商店", "老街店", "places.geojson")]


@pytest.mark.parametrize(
    "row, code",
    [
        ("117.4535,,甲,school", "not_a_number"),
        ("117.4535,north,甲,school", "not_a_number"),
        ("0,0,甲,school", "null_island"),
        ("32.892,117.4535,甲,school", "swapped"),
        ("500000,3640000,甲,school", "out_of_range"),
        ("117.4535,32.892,,school", "no_name"),
        ("117.4535,32.892,甲,", "no_kind"),
    ],
)
def test_a_row_that_is_no_place_is_refused_or_left_out_on_request(ours, table, row, code):
    text = f"lon,lat,name,kind\n117.46,32.89,老街店,商店\n{row}\n"
    assert codes(table, text) == [(2, code)]
    done = table(text, skip_bad_rows=True)
    assert (done.read, done.written, done.skipped) == (2, 1, 1)


def test_where_both_ways_round_are_degrees_the_territory_tells(ours, tmp_path, bring, table):
    boston = shapely.box(-71.07, 42.35, -71.06, 42.36)
    importer(ours, tmp_path)(Level.UNIT, {"U1": boston})
    assert codes(bring, (Point(42.355, -71.065), SCHOOL)) == [(1, "swapped")]
    assert codes(table, "lon,lat,name,kind\n42.355,-71.065,甲,x\n") == [(1, "swapped")]
    assert bring((Point(-71.065, 42.355), SCHOOL)).written == 1


def test_files_are_refused_as_files_of_layers_are(ours, bring, table, tmp_path):
    assert codes(import_places, ours, tmp_path / "no.geojson", KIND) == [(None, "missing_file")]
    assert codes(bring) == [(None, "empty")]
    assert codes(bring, (Point(AT), SCHOOL), columns=Columns("art")) == [(None, "wrong_field")]
    assert codes(bring, (Point(AT), {"kind": "x"}), (Point(AT), {"kind": "y"})) == [
        (None, "wrong_field")
    ]
    assert codes(table, "lon,lat,name,kind\n") == [(None, "empty")]
    assert codes(table, "x,y,name,kind\n1,2,a,b\n") == [(None, "wrong_field")] * 2
    assert codes(table, "lon,lat,kind\n117.45,32.89,x\n") == [(None, "wrong_field")]
    path = written("no table", tmp_path / "places.txt")
    assert codes(import_places, ours, path, KIND) == [(None, "unreadable")]


def test_what_is_for_tables_only_is_refused_elsewhere_and_the_other_way_round(bring, table):
    with pytest.raises(InvalidInput, match="CSV") as error:
        bring((Point(AT), SCHOOL), columns=TABLE)
    assert error.value.field == "lon_field"
    with pytest.raises(InvalidInput, match="--lat-field") as error:
        table("lon,lat,name,kind\n", columns=Columns("kind", lon="lon"))
    assert error.value.field == "lat_field"
    with pytest.raises(InvalidInput, match="degrees") as error:
        table("lon,lat,name,kind\n", crs="EPSG:4549")
    assert error.value.field == "crs"
    with pytest.raises(InvalidInput, match="no projection"):
        bring((Point(AT), SCHOOL), crs="EPSG:0")


@pytest.mark.parametrize(
    "values", [{"name": ""}, {"geom": Point(190, 0)}, {"geom": Point()}, {"geom": WEST}]
)
def test_the_database_takes_nothing_that_is_no_place(conn, values):
    row = {"kind": "x", "name": "甲", "geom": Point(AT), "source": "x"} | values
    with pytest.raises(Exception) as error:  # a line is no point: another error than a check's
        conn.execute(insert(place).values(**row))
    assert isinstance(error.value, IntegrityError) or "Geometry type" in str(error.value)


# What follows


def test_the_ground_around_a_place_counts_where_there_are_roads_or_houses(conn, tmp_path):
    """50 m around a point are 7,854 m²; 25 m around a road of 400 m, in a cell as wide, 20,000."""
    settled.settle(conn, [walking.square(0, 0, 400, 600)], villages=1)

    def due():
        store.refresh_due(conn)
        report = coverage_report(
            conn, cell="U01", level=None, first=settled.MONDAY, last=settled.MONDAY, at=times.now()
        )
        return report.total["due_m2"], report.total["area_m2"]

    def at(x, y):
        return walking.LON + x / EAST, walking.LAT + y / NORTH

    path = tmp_path / "places.geojson"
    feature = {"type": "Feature", "properties": SCHOOL, "geometry": mapping(Point(at(200, 400)))}
    import_places(conn, written(feature, path), KIND)
    assert due()[0] == due()[1]  # a place alone does not say that the rest is nobody's
    road = LineString([at(0, 100), at(400, 100)])
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(road)}
    import_layer(conn, written(feature, tmp_path / "road.geojson"), kind="road")
    assert due()[0] == pytest.approx(20_000 + 7_854, rel=0.06)  # ground cells of 8 m


def test_the_command_imports_and_tells_the_same_when_it_only_tries(
    own_database_url, monkeypatch, tmp_path, capsys
):
    for name in ("WANGGE_DATABASE_URL", "WANGGE_ADMIN_DATABASE_URL"):
        monkeypatch.setenv(name, own_database_url)
    engine = db.connect(own_database_url)
    with engine.begin() as conn:
        settled.settle(conn, [walking.square(0, 0, 400, 600)], villages=1)
    text = "x,y,label,what\n117.452,32.891,大塘小学,school\n0,0,老街店,商店\n"
    path = written(text, tmp_path / "places.csv")
    fields = (
        "--kind-field",
        "what",
        "--name-field",
        "label",
        "--lon-field",
        "x",
        "--lat-field",
        "y",
    )

    def told(*more):
        status = main(["import", "places", str(path), *fields, "--json", *more])
        return status, json.loads(capsys.readouterr().out)

    status, answer = told()
    assert (status, answer["written"]) == (2, 0)
    assert [(p["row"], p["code"]) for p in answer["problems"]] == [(2, "null_island")]
    for more in (["--dry-run"], []):
        status, answer = told("--skip-bad-rows", *more)
        assert (status, answer["read"], answer["written"], answer["skipped"]) == (1, 2, 1, 1)
    status, answer = told("--skip-bad-rows")
    assert (answer["written"], answer["notes"]) == (0, {"unchanged": 1})
    with engine.connect() as conn:
        assert stored(conn) == [("school", "大塘小学", "places.csv")]
    engine.dispose()
