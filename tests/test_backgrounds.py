"""The tiles under the map: settings, what pages may load, and the file that we give out."""

import json
import re
import struct
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.__main__ import main
from api.deps import transaction
from api.security import policy
from gis import times
from gis.cells.datum import Datum
from gis.errors import InvalidInput
from gis.hierarchy import Level
from gis.people import accounts
from gis.people.accounts import Use
from gis.people.roles import Role
from gis.settings import Settings
from maps.background import background_of
from maps.offline import File
from maps.pmtiles import NoTiles, read_header
from maps.vendor import read_lock
from tests.boundaries import WEST, importer, named
from tests.tiled import BROTLI, HEADER, JPEG, PLAIN, VECTOR, picture, pmtiles

TEMPLATE = "https://tiles.example/{z}/{x}/{y}.png"
SETTINGS_PAGE = (Path(__file__).parents[1] / "docs" / "settings.md").read_text("utf-8")


def asked(**given):
    return background_of(Settings(database_url="postgresql://unused", **given))


def refused(**given):
    with pytest.raises(InvalidInput) as error:
        asked(**given)
    assert error.value.remedy.template
    return error.value.field


def images(content_policy):
    return next(p for p in content_policy.split("; ") if p.startswith("img-src"))


# Settings


def test_without_settings_there_is_none():
    assert asked() is None


def test_tianditu_has_a_map_and_names_with_the_key_from_eight_servers():
    found = asked(tiles="tianditu", tianditu_key="0a1B")
    assert [re.search(r"/(\w+)/wmts", layer)[1] for layer in found.layers] == ["vec_w", "cva_w"]
    assert all(layer.endswith("&tk=0a1B") for layer in found.layers)
    assert all("&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}" in layer for layer in found.layers)
    assert found.hosts == [f"https://t{n}.tianditu.gov.cn" for n in range(8)]
    assert (found.datum, found.subdomains) == (Datum.WGS84, "01234567")
    assert "天地图" in found.attribution


def test_amap_is_shifted():
    found = asked(tiles="amap")
    assert found.datum is Datum.GCJ02
    assert found.hosts == [f"https://webrd0{n}.is.autonavi.com" for n in (1, 2, 3, 4)]
    assert "高德" in found.attribution


def test_an_address_is_taken_with_its_datum_and_attribution():
    found = asked(
        tiles=TEMPLATE, tiles_datum="gcj02", tiles_attribution="© Example", tiles_max_zoom=16
    )
    assert found.facts() == {
        "kind": "tiles",
        "layers": [TEMPLATE],
        "subdomains": "",
        "datum": "gcj02",
        "attribution": "© Example",
        "min_zoom": 0,
        "max_zoom": 16,
    }
    assert found.hosts == ["https://tiles.example"]
    assert found.scripts() == ()


@pytest.mark.parametrize(
    "template, hosts",
    [
        ("http://10.0.0.7:8080/{z}/{x}/{-y}{r}.jpg?k=1", ["http://10.0.0.7:8080"]),
        ("https://tiles-1.a.example/{z}/{x}/{y}", ["https://tiles-1.a.example"]),
        ("/tiles/{z}/{x}/{y}.png", []),
    ],
)
def test_only_the_server_of_the_address_is_allowed(template, hosts):
    assert asked(tiles=template).hosts == hosts


@pytest.mark.parametrize(
    "given, field",
    [
        ({"tiles": "osm"}, "tiles"),
        ({"tiles": "tianditu"}, "tianditu_key"),
        ({"tiles": "tianditu", "tianditu_key": "a&b"}, "tianditu_key"),
        ({"tiles": "ftp://tiles.example/{z}/{x}/{y}.png"}, "tiles"),
        ({"tiles": "//tiles.example/{z}/{x}/{y}.png"}, "tiles"),
        ({"tiles": "https://tiles.example/{z}/{x}.png"}, "tiles"),
        ({"tiles": "https://tiles.example/{z}/{x}/{y}.png?key={key}"}, "tiles"),
        ({"tiles": "https://{s}.tiles.example/{z}/{x}/{y}.png"}, "tiles"),
        ({"tiles": "https://me:secret@tiles.example/{z}/{x}/{y}.png"}, "tiles"),
        ({"tiles": "https://a.example;script-src */{z}/{x}/{y}.png"}, "tiles"),
        ({"tiles": "https://*.example/{z}/{x}/{y}.png"}, "tiles"),
        ({"tiles": "https://地图.example/{z}/{x}/{y}.png"}, "tiles"),
        ({"tiles": "https://[::1]/{z}/{x}/{y}.png"}, "tiles"),
        ({"tiles": "https://tiles.example"}, "tiles"),
        ({"tiles": TEMPLATE, "tiles_datum": "bd09"}, "tiles_datum"),
        ({"tiles": TEMPLATE, "tiles_max_zoom": 99}, "tiles_max_zoom"),
        ({"tiles": TEMPLATE, "pmtiles": "a.pmtiles"}, "pmtiles"),
        ({"pmtiles": "no/such.pmtiles"}, "pmtiles"),
    ],
)
def test_settings_that_cannot_be_followed_are_refused(given, field):
    assert refused(**given) == field


@pytest.mark.parametrize("command", [["serve"], ["demo"]])
def test_wrong_settings_end_the_command_before_it_does_anything(
    own_database_url, monkeypatch, capsys, command
):
    for name in ("WANGGE_DATABASE_URL", "WANGGE_ADMIN_DATABASE_URL"):
        monkeypatch.setenv(name, own_database_url)
    monkeypatch.setenv("WANGGE_TILES", "https://tiles.example/tile.png")
    monkeypatch.setenv("WANGGE_LANGUAGE", "en")
    assert main([*command, "--port", "1"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("WANGGE_TILES: “https://tiles.example/tile.png” is no template")
    assert len(said) == 2


def test_a_wrong_background_keeps_no_other_command_from_its_work(
    own_database_url, monkeypatch, capsys
):
    for name in ("WANGGE_DATABASE_URL", "WANGGE_ADMIN_DATABASE_URL"):
        monkeypatch.setenv(name, own_database_url)
    monkeypatch.setenv("WANGGE_TILES", "osm")
    assert main(["init", "--code", "T", "--name", "Test"]) == 0


def test_every_setting_is_documented():
    rows = dict(re.findall(r"^\| `WANGGE_(\w+)` \| .* \|(.*)\|$", SETTINGS_PAGE, re.MULTILINE))
    assert {name.lower() for name in rows} == set(Settings.model_fields)
    for name in ("SESSION_HOURS", "TILES_MAX_ZOOM", "TILES_DATUM", "LANGUAGE", "BROWSER_FILES"):
        assert rows[name].strip() == f"`{Settings.model_fields[name.lower()].default}`"


# Files of tiles


def test_a_file_of_pictures_tells_its_zooms_and_whose_it_is(tmp_path):
    metadata = {"attribution": '<a href="https://a.example">© A &amp; B</a>', "vector_layers": 3}
    path = pmtiles(tmp_path / "a.pmtiles", {(3, 6, 3): picture(1, 2, 3)}, metadata=metadata)
    found = asked(pmtiles=str(path))
    assert (found.kind, found.layers, found.hosts) == ("raster", ["/background.pmtiles"], ())
    assert (found.min_zoom, found.max_zoom) == (3, 3)
    assert found.attribution == "© A & B"
    assert asked(pmtiles=str(path), tiles_attribution="© C").attribution == "© C"
    assert asked(pmtiles=str(path), tiles_datum="gcj02").datum is Datum.GCJ02


@pytest.mark.parametrize("packed", [PLAIN, BROTLI])
def test_a_file_may_be_packed_otherwise(tmp_path, packed):
    path = pmtiles(tmp_path / "a", {(0, 0, 0): b"x"}, kind=JPEG, packed=packed, metadata={"a": 1})
    assert read_header(path).kind == "raster"


def test_a_file_of_shapes_must_have_layers_that_are_known(tmp_path):
    path = tmp_path / "a.pmtiles"
    pmtiles(path, {(0, 0, 0): b""}, kind=VECTOR, metadata={"vector_layers": [{"id": "roads"}, 1]})
    assert asked(pmtiles=str(path)).kind == "vector"
    pmtiles(path, {(0, 0, 0): b""}, kind=VECTOR, metadata={"vector_layers": [{"id": "transport"}]})
    assert refused(pmtiles=str(path)) == "pmtiles"


def test_what_is_no_file_of_tiles_is_refused(tmp_path):
    path = tmp_path / "a.pmtiles"
    whole = pmtiles(path, {(0, 0, 0): picture(0, 0, 0)}).read_bytes()
    fields = list(HEADER.unpack(whole[: HEADER.size]))
    broken = whole[: fields[4]] + b"\x1f\x8b\0\0" + whole[fields[4] + 4 :]
    other_kind = whole[:99] + b"\0" + whole[100:]
    huge = whole[:32] + struct.pack("<Q", 1 << 40) + whole[40:]
    for content in (b"", whole[:80], b"PMTiles\2" + whole[8:], broken, other_kind, huge):
        path.write_bytes(content)
        with pytest.raises(NoTiles):
            read_header(path)
        assert refused(pmtiles=str(path)) == "pmtiles"
    assert refused(pmtiles=str(tmp_path)) == "pmtiles"


def test_what_draws_a_background_is_pinned():
    pins = read_lock()
    for file in (
        File("pmtiles", "dist/pmtiles.js"),
        File("protomaps-leaflet", "dist/protomaps-leaflet.js"),
    ):
        assert file.path in pins[file.package]["files"]


# What pages may load


def test_pages_may_load_pictures_from_the_servers_that_are_named_and_nothing_more():
    without, with_tiles = policy("n"), policy("n", ["https://a.example", "https://b.example"])
    assert images(without) == "img-src 'self' data: blob:"
    assert images(with_tiles) == f"{images(without)} https://a.example https://b.example"
    assert with_tiles.replace(images(with_tiles), images(without)) == without


@pytest.fixture
def opened(engine, conn, tmp_path):
    """Return a client of a server with some settings, signed in or not."""
    importer(named(conn), tmp_path)(Level.UNIT, {"U1": WEST})
    accounts.add_account(conn, "chief", role=Role.CHIEF, cell=None, person=None)
    token = accounts.issue_secret(conn, "chief", use=Use.TOKEN, at=times.now())

    def opened(*, signed_in=True, **given):
        chosen = Settings(database_url="postgresql://unused", browser_files=tmp_path, **given)
        app = create_app(chosen, engine=engine, run_jobs=False)
        app.dependency_overrides[transaction] = lambda: conn
        headers = {"Authorization": f"Bearer {token}"} if signed_in else {}
        return TestClient(app, base_url="http://grid.example", headers=headers)

    return opened


def test_every_answer_admits_the_configured_servers_only(opened):
    assert images(opened().get("/healthz").headers["content-security-policy"]) == (
        "img-src 'self' data: blob:"
    )
    answer = opened(tiles=TEMPLATE).get("/map")
    assert images(answer.headers["content-security-policy"]).endswith(" https://tiles.example")
    facts = json.loads(re.search(r'id="facts">(.*?)</script>', answer.text, re.DOTALL)[1])
    assert facts["background"]["layers"] == [TEMPLATE]
    assert 'value="background"' in answer.text


def test_a_page_without_a_background_has_no_switch_and_no_script_for_it(opened, tmp_path):
    text = opened().get("/map").text
    assert 'value="background"' not in text
    assert "pmtiles" not in text.replace("background.pmtiles", "")
    path = pmtiles(tmp_path / "a.pmtiles", {(0, 0, 0): picture(0, 0, 0)})
    text = opened(pmtiles=str(path)).get("/map").text
    assert "/dist/pmtiles.js" in text
    assert "protomaps" not in text


def test_ranges_of_the_file_are_given_to_whoever_is_signed_in(opened, tmp_path):
    path = pmtiles(tmp_path / "a.pmtiles", {(0, 0, 0): picture(9, 9, 9)})
    whole = path.read_bytes()
    client = opened(pmtiles=str(path))
    ranged = {"Range": "bytes=0-126", "Accept-Encoding": "gzip"}
    answer = client.get("/background.pmtiles", headers=ranged)
    assert (answer.status_code, answer.content) == (206, whole[:127])
    assert answer.headers["content-range"] == f"bytes 0-126/{len(whole)}"
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert answer.headers["etag"]
    past = {"Range": f"bytes={len(whole)}-"}
    assert client.get("/background.pmtiles", headers=past).status_code == 416
    assert client.get("/background.pmtiles").content == whole
    assert client.head("/background.pmtiles").headers["accept-ranges"] == "bytes"
    anybody = opened(signed_in=False, pmtiles=str(path))
    assert anybody.get("/background.pmtiles", headers=ranged).status_code == 401
    assert opened().get("/background.pmtiles").status_code == 404
