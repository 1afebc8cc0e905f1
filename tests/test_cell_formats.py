import json
import zipfile

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from gis.cells.archive import unpacked
from gis.cells.fields import cells_in
from gis.cells.problems import Fault
from gis.cells.reading import read
from tests.boundaries import SQUARE, collection, feature, refused, written


@pytest.fixture
def write(tmp_path):
    return lambda content, name="cells.geojson": written(content, tmp_path / name)


# Shapefile, GeoPackage, KML, GML

TABLE = gpd.GeoDataFrame(
    {"编码": [110101001000, 110108000000], "名称": ["东华门街道", "海淀区"]},
    geometry=[box(116, 39, 117, 40), box(117, 39, 118, 40)],
    crs=4326,
)


@pytest.fixture
def shapefile(tmp_path):
    """Write a zipped Shapefile; leave parts out, or put other parts in."""

    def written(*, encoding="GBK", without=(), cpg=None, crs="EPSG:4326"):
        folder = tmp_path / "shp"
        folder.mkdir(exist_ok=True)
        TABLE.to_crs(crs).to_file(folder / "街道.shp", engine="pyogrio", encoding=encoding)
        if cpg is not None:
            (folder / "街道.cpg").write_text(cpg)
        path = tmp_path / "streets.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for part in sorted(folder.iterdir()):
                if part.suffix not in without:
                    archive.write(part, f"data/{part.name}")
        return path

    return written


@pytest.mark.parametrize("cpg", ["GBK", "UTF-8", "ISO-8859-1", "nonsense", ""])
def test_a_chinese_shapefile_is_read_whatever_its_cpg_says(shapefile, cpg):
    layer = read(shapefile(cpg=cpg))
    found, problems = cells_in(layer)
    assert problems == []
    assert [(c.code, c.name) for c in found] == [
        ("110101001000", "东华门街道"),
        ("110108000000", "海淀区"),
    ]
    assert layer.notes == {"read_as_gb2312": 1}


def test_a_shapefile_without_a_cpg_may_be_utf_8(shapefile):
    layer = read(shapefile(encoding="UTF-8", without=(".cpg",)))
    assert cells_in(layer)[0][0].name == "东华门街道"
    assert layer.notes == {}


def test_latin_text_is_read_as_its_cpg_says(tmp_path):
    table = (
        TABLE.assign(name=["São João", "Århus"])
        .drop(columns="名称")
        .rename(columns={"编码": "code"})
    )
    table.to_file(tmp_path / "l.shp", engine="pyogrio", encoding="ISO-8859-1")
    found, _ = cells_in(read(tmp_path / "l.shp"))
    assert [c.name for c in found] == ["São João", "Århus"]


def test_an_encoding_that_does_not_fit_is_refused(shapefile):
    assert refused(shapefile(), encoding="ascii") == [Fault.UNKNOWN_ENCODING]
    assert refused(shapefile(), encoding="klingon") == [Fault.UNKNOWN_ENCODING]
    assert len(read(shapefile(), encoding="GB18030").features) == 2


def test_a_shapefile_without_a_projection_is_asked_about(shapefile):
    path = shapefile(without=(".prj",))
    assert refused(path) == [Fault.UNDECLARED_PROJECTION]
    assert len(read(path, crs="EPSG:4490").features) == 2


def test_a_projected_shapefile_comes_back_in_degrees(shapefile):
    [first, _] = read(shapefile(crs="EPSG:4549")).features
    assert np.round(first.shape.bounds, 8).tolist() == [116, 39, 117, 40]


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_that_lacks_a_part_is_refused(shapefile, part):
    assert refused(shapefile(without=(part,))) == [Fault.UNREADABLE]


@pytest.mark.parametrize(
    ("name", "driver"), [("a.gpkg", "GPKG"), ("a.kml", "LIBKML"), ("a.gml", "GML")]
)
def test_other_formats_give_the_same_cells(tmp_path, name, driver):
    path = tmp_path / name
    TABLE.to_file(path, driver=driver, engine="pyogrio")
    before = sorted(tmp_path.iterdir())
    found, problems = cells_in(read(path))
    assert problems == []
    assert [(c.code, c.name) for c in found] == [
        ("110101001000", "东华门街道"),
        ("110108000000", "海淀区"),
    ]
    assert found[0].geom.bounds == (116, 39, 117, 40)
    assert sorted(tmp_path.iterdir()) == before


def test_every_folder_of_a_kml_is_read(write):
    ring = " ".join(f"{x},{y},0" for x, y in SQUARE)
    mark = (
        "<Placemark><name>村</name><ExtendedData><Data name='code'><value>{}</value></Data>"
        f"</ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}"
        "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )
    folders = "".join(f"<Folder><name>{n}</name>{mark.format(n)}</Folder>" for n in (1, 2))
    text = f"<kml xmlns='http://www.opengis.net/kml/2.2'><Document>{folders}</Document></kml>"
    found, _ = cells_in(read(write(text, "a.kml")))
    assert [(c.code, c.name, c.feature) for c in found] == [("1", "村", 1), ("2", "村", 2)]


def test_a_geopackage_with_several_layers_is_asked_about(tmp_path):
    for layer in ("a", "b"):
        TABLE.to_file(tmp_path / "a.gpkg", layer=layer, engine="pyogrio")
    assert refused(tmp_path / "a.gpkg") == [Fault.SEVERAL_LAYERS]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<!DOCTYPE kml [<!ENTITY a 'b'>]><kml/>", "a.kml"),
        ("<kml>", "a.kml"),
        ("<OGRVRTDataSource/>", "a.kml"),
        ("<OGRVRTDataSource/>", "a.gml"),
        ("<kml/>", "a.gml"),
        ("SQLite format 4", "a.gpkg"),
        ("", "a.gpkg"),
        ("not a shapefile", "a.shp"),
    ],
)
def test_what_is_not_what_its_name_says_never_reaches_gdal(write, text, name):
    assert refused(write(text, name)) == [Fault.UNREADABLE]


def test_a_broken_geopackage_is_refused(write):
    assert refused(write(b"SQLite format 3\0" + b"x" * 5000, "a.gpkg")) == [Fault.UNREADABLE]


# Archives


@pytest.fixture
def zipped(tmp_path):
    """Write a zip with these members."""

    def written(**members):
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return path

    return written


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"../a.geojson": "{}"}, Fault.UNREADABLE),
        ({"/etc/a.geojson": "{}"}, Fault.UNREADABLE),
        ({"a\\..\\b.geojson": "{}"}, Fault.UNREADABLE),
        ({"C:a.geojson": "{}"}, Fault.UNREADABLE),
        ({"a.zip": "", "a.geojson": "{}"}, Fault.UNREADABLE),
        ({"readme.txt": ""}, Fault.UNREADABLE),
        ({}, Fault.UNREADABLE),
        ({"a.geojson": "{}", "b.gpkg": ""}, Fault.SEVERAL_LAYERS),
        ({f"{n}.txt": "" for n in range(201)}, Fault.TOO_LARGE),
    ],
)
def test_a_dangerous_archive_is_refused(zipped, members, code):
    assert refused(zipped(**members)) == [code]


def test_an_archive_that_grows_without_end_is_refused(zipped, monkeypatch):
    monkeypatch.setattr("gis.cells.archive.EXPANDED_BYTES", 1000)
    assert refused(zipped(**{"a.geojson": "0" * 1001})) == [Fault.TOO_LARGE]


def test_a_link_in_an_archive_is_refused(tmp_path):
    link = zipfile.ZipInfo("a.geojson")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert refused(tmp_path / "a.zip") == [Fault.UNREADABLE]


def test_what_is_no_archive_is_refused(write):
    assert refused(write("no zip", "a.zip")) == [Fault.UNREADABLE]


def test_a_geojson_in_an_archive_is_read(zipped):
    path = zipped(**{"deep/a.geojson": json.dumps(collection(feature([SQUARE])))})
    assert len(read(path).features) == 1


def test_only_the_layer_is_unpacked(zipped, tmp_path):
    into = tmp_path / "into"
    into.mkdir()
    unpacked(zipped(**{"a.shp": "1", "a.SHX": "2", "a.dbf": "3", "b.dbf": "4", "a.exe": "5"}), into)
    assert sorted(p.name for p in into.iterdir()) == ["layer.dbf", "layer.shp", "layer.shx"]


def test_a_large_file_is_refused_before_it_is_read(write, monkeypatch):
    monkeypatch.setattr("gis.cells.reading.BYTES", 10)
    assert refused(write(collection())) == [Fault.TOO_LARGE]
