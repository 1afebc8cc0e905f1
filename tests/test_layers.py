"""Own layers: what maps are drawn with, from a file to the page."""

import json
import shutil
import zipfile
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, Polygon, box
from shapely.geometry import mapping
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from api import arguments, example, questions, view
from api.cli.__main__ import main
from gis import deployment, layerfiles
from gis.cells.datum import to_gcj02
from gis.errors import InvalidFile, InvalidInput
from gis.hierarchy import Level
from gis.layers import import_layer, layers_in
from gis.tables import layer_feature
from maps.page import leader_page
from maps.reader import Reader
from maps.view import Ask
from tests.boundaries import WEST, importer, written

ROAD = LineString([(117.450, 32.895), (117.480, 32.895)])
LANE = LineString([(117.455, 32.891), (117.455, 32.899)])
LAKE = box(117.456, 32.896, 117.458, 32.898)
BOW_TIE = Polygon([(117.45, 32.89), (117.46, 32.90), (117.46, 32.89), (117.45, 32.90)])


@pytest.fixture
def bring(conn, tmp_path):
    """Import shapes, each alone or with its properties, from a file ``layer.geojson``."""

    def bring(kind, *given, name="layer", **options):
        pairs = [pair if isinstance(pair, tuple) else (pair, {}) for pair in given]
        features = [
            {"type": "Feature", "properties": more, "geometry": mapping(shape) if shape else None}
            for shape, more in pairs
        ]
        path = tmp_path / f"{name}.geojson"
        written({"type": "FeatureCollection", "features": features}, path)
        return import_layer(conn, path, kind=kind, **options)

    return bring


def stored(conn):
    L = layer_feature.c
    rows = conn.execute(select(L.kind, L.name, L.source).order_by(L.id))
    return [tuple(row) for row in rows]


def codes(call, *arguments, **options):
    with pytest.raises(InvalidFile) as error:
        call(*arguments, **options)
    return [(problem.feature, problem.code) for problem in error.value.problems]


# What comes in


def test_roads_are_stored_with_their_names_and_lanes_among_them_are_lanes(conn, bring):
    done = bring(
        "road",
        (ROAD, {"name": "东西大道", "kind": "street"}),
        (LANE, {"name": None, "kind": "lane"}),
        (ROAD, {"name": ["no text"], "kind": ["lane"]}),
        (MultiLineString([LANE]), {"名称": "小路", "kind": "path"}),
    )
    assert (done.read, done.written, done.skipped) == (4, 4, 0)
    assert (done.problems, done.notes) == ((), {})
    source = "layer.geojson"
    assert stored(conn) == [
        ("road", "东西大道", source),
        ("lane", "", source),
        ("road", "", source),
        ("lane", "小路", source),
    ]
    assert layers_in(conn) == {"road": [ROAD, ROAD], "lane": [LANE, MultiLineString([LANE])]}


def test_the_name_may_stand_in_any_field_that_the_file_has(conn, bring):
    bring("water", (LAKE, {"name": "A", "label": "七里湖"}), name_field="label")
    assert stored(conn) == [("water", "七里湖", "layer.geojson")]
    assert codes(bring, "water", LAKE, name_field="label") == [(None, "wrong_field")]


def test_the_same_file_again_changes_nothing_and_a_new_one_replaces_it(conn, bring):
    bring("road", ROAD, (LANE, {"kind": "lane"}))
    again = bring("road", ROAD, (LANE, {"kind": "lane"}))
    assert (again.read, again.written, again.notes) == (2, 0, {"unchanged": 2})
    newer = bring("road", (ROAD, {"name": "东西大道"}))
    assert (newer.written, newer.notes) == (1, {"replaced": 2})
    assert stored(conn) == [("road", "东西大道", "layer.geojson")]


def test_other_files_and_other_kinds_of_the_same_file_stay(conn, bring):
    bring("water", LAKE)
    bring("hamlet", LAKE)
    bring("water", LAKE, name="ponds")
    bring("water", box(117.45, 32.89, 117.451, 32.891))
    assert {kind: len(shapes) for kind, shapes in layers_in(conn).items()} == {
        "hamlet": 1,
        "water": 2,
    }


def test_degrees_of_another_datum_and_metres_are_turned_into_wgs84(conn, bring, tmp_path):
    bring("rail", shapely.transform(ROAD, to_gcj02), datum="gcj02", name="shifted")
    path = tmp_path / "metres.gpkg"
    gpd.GeoDataFrame(geometry=[ROAD], crs="EPSG:4326").to_crs("EPSG:4549").to_file(path)
    import_layer(conn, path, kind="rail")
    for found in layers_in(conn)["rail"]:
        np.testing.assert_allclose(
            shapely.get_coordinates(found), shapely.get_coordinates(ROAD), rtol=0, atol=1e-8
        )


def test_a_zipped_shapefile_in_gb18030_is_read_and_its_heights_are_dropped(conn, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    frame = gpd.GeoDataFrame({"名称": ["山前路"]}, geometry=[ROAD], crs="EPSG:4326")
    frame.geometry = shapely.force_3d(frame.geometry, 17.0)
    frame.to_file(folder / "roads.shp", encoding="GB18030")
    (folder / "roads.cpg").unlink(missing_ok=True)
    archive = Path(shutil.make_archive(str(tmp_path / "roads"), "zip", folder))
    done = import_layer(conn, archive, kind="road")
    assert done.written == done.notes["dropped_height"] == 1
    assert stored(conn) == [("road", "山前路", "roads.zip")]


def test_only_what_meets_the_box_is_returned(conn, bring):
    bring("water", LAKE, box(117.50, 32.90, 117.51, 32.91))
    assert layers_in(conn, bbox=(117.45, 32.89, 117.457, 32.897)) == {"water": [LAKE]}
    assert layers_in(conn, bbox=(0, 0, 1, 1)) == {}


# What does not


@pytest.mark.parametrize(
    "kind, shape, code",
    [
        ("road", LAKE, "wrong_shape"),
        ("building", ROAD, "wrong_shape"),
        ("hamlet", Point(117.45, 32.89), "wrong_shape"),
        ("road", None, "wrong_shape"),
        ("road", LineString([(117.45, 32.89), (117.45, 32.89)]), "wrong_shape"),
        ("water", BOW_TIE, "broken_polygon"),
        ("rail", LineString([(32.89, 117.45), (32.90, 117.46)]), "swapped"),
        ("rail", LineString([(39500000, 3640000), (39500100, 3640000)]), "out_of_range"),
        ("rail", LineString([(0, 0), (117.45, 32.89)]), "null_island"),
    ],
)
def test_a_feature_that_cannot_be_drawn_is_refused_or_left_out_on_request(
    conn, bring, kind, shape, code
):
    good = ROAD if kind in layerfiles.LINES else LAKE
    assert codes(bring, kind, good, shape) == [(2, code)]
    assert stored(conn) == []
    assert codes(bring, kind, shape, skip_bad_rows=True) == [(1, code)]  # nothing would be left
    done = bring(kind, good, shape, skip_bad_rows=True)
    assert (done.read, done.written, done.skipped) == (2, 1, 1)
    assert layers_in(conn) == {kind: [good]}


@pytest.mark.parametrize(
    "coordinates", [[["117.4", 32.9], [117.5, 32.9]], [[117.4, 32.9]], [[10**400, 1], [1, 1]], 5]
)
def test_coordinates_that_are_no_line_are_refused(conn, tmp_path, coordinates):
    geometry = {"type": "LineString", "coordinates": coordinates}
    path = written({"type": "Feature", "geometry": geometry}, tmp_path / "road.geojson")
    assert codes(import_layer, conn, path, kind="road") == [(1, "wrong_shape")]


def test_files_are_refused_as_files_of_boundaries_are(conn, tmp_path):
    def refused(name, content, **options):
        path = written(content, tmp_path / name)
        [(_, code)] = codes(import_layer, conn, path, kind="road", **options)
        return code

    assert codes(import_layer, conn, tmp_path / "no.geojson", kind="road") == [
        (None, "missing_file")
    ]
    empty = {"type": "FeatureCollection", "features": []}
    line = {"type": "Feature", "properties": {"name": "大道"}, "geometry": mapping(ROAD)}
    assert refused("empty.geojson", empty) == "empty"
    assert refused("a.csv", "lon,lat\n") == "unreadable"
    assert refused("a.geojson", "{") == "unreadable"
    assert refused("a.gpkg", "no database") == "unreadable"
    assert refused("a.geojson", line | {"crs": None}) == "undeclared_projection"
    text = json.dumps(line, ensure_ascii=False).encode("gb18030")
    assert refused("a.geojson", text, encoding="utf-8") == "unknown_encoding"
    kml = '<!DOCTYPE kml [<!ENTITY a "a">]><kml xmlns="http://www.opengis.net/kml/2.2"/>'
    assert refused("a.kml", kml) == "unreadable"
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../a.geojson", json.dumps(line))
    assert codes(import_layer, conn, tmp_path / "a.zip", kind="road") == [(None, "unreadable")]
    with pytest.raises(InvalidInput, match="no projection"):
        import_layer(conn, written(line, tmp_path / "a.geojson"), kind="road", crs="EPSG:0")


@pytest.mark.parametrize(
    "kind, shape",
    [
        ("canal", ROAD),
        ("road", LAKE),
        ("hamlet", ROAD),
        ("water", BOW_TIE),
        ("water", Point(117, 32)),
        ("rail", LineString([(190, 0), (191, 0)])),
        ("rail", LineString()),
    ],
)
def test_the_database_takes_nothing_that_cannot_be_drawn(conn, kind, shape):
    with pytest.raises(IntegrityError):
        conn.execute(insert(layer_feature).values(kind=kind, geom=shape, source="x"))


def test_the_command_line_knows_the_kinds():
    assert set(arguments.LAYERS) == layerfiles.LINES | layerfiles.AREAS
    assert set(example.LAYERS.values()) | {"lane"} == set(arguments.LAYERS)


def test_the_command_imports_and_tells_the_same_when_it_only_tries(
    own_database_url, monkeypatch, tmp_path, capsys
):
    for name in ("WANGGE_DATABASE_URL", "WANGGE_ADMIN_DATABASE_URL"):
        monkeypatch.setenv(name, own_database_url)
    lines = [{"type": "Feature", "geometry": mapping(shape)} for shape in (ROAD, LAKE)]
    path = written({"type": "FeatureCollection", "features": lines}, tmp_path / "rail.geojson")

    def told(*more):
        status = main(["import", "layer", str(path), "--kind", "rail", "--json", *more])
        return status, json.loads(capsys.readouterr().out)

    status, answer = told()
    assert (status, answer["written"], answer["problems"][0]["feature"]) == (2, 0, 2)
    for more in (["--dry-run"], []):
        status, answer = told("--skip-bad-rows", *more)
        assert (status, answer["read"], answer["written"], answer["skipped"]) == (1, 2, 1, 1)
    status, answer = told("--skip-bad-rows")
    assert (answer["written"], answer["notes"]) == (0, {"unchanged": 1})


# On the map


@pytest.fixture
def seen(conn, tmp_path, bring):
    """Return what the chief of a township of one cell sees once some layers are there."""
    deployment.found(
        conn, code="340302200", name="李楼乡", timezone="Asia/Shanghai", on=date(2026, 5, 1)
    )
    importer(conn, tmp_path)(Level.UNIT, {"U1": WEST})
    bring("road", ROAD, (LANE, {"kind": "lane"}), name="roads")
    bring("water", LAKE, name="water")
    bring("water", box(118, 33, 118.1, 33.1), name="far")

    def seen(ask):
        asked = questions.asked(conn, cell=None, level=None, first=None, last=None, at=None)
        return view.gather(conn, ask, asked=asked)

    return seen


def test_a_map_gets_the_layers_around_its_cells(seen):
    assert seen(Ask.CELLS).ground == {"road": [ROAD], "lane": [LANE], "water": [LAKE]}


def test_lanes_lie_under_water_and_water_under_roads(seen):
    page = leader_page(seen(Ask.CELLS), language="zh", nonce="n", reader=Reader("chief"))
    classes = [
        page.find(f"ground {kind}") for kind in ("lane line", "water area", "road casing line")
    ]
    assert -1 not in classes
    assert classes == sorted(classes)
