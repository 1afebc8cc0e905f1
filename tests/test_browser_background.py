"""The tiles under the map, in a real browser, with another server that gives them out."""

import math
from contextlib import contextmanager

import numpy as np
import pytest
from sqlalchemy import text

from gis.cells.datum import to_gcj02
from gis.settings import Settings
from tests.tiled import VECTOR, elsewhere, picture, pmtiles
from tests.visiting import BROWSER_FILES, DESK, outside, serving, sign_in, watched

pytestmark = pytest.mark.browser

PLACE = (117.4535, 32.8920)
SWITCH = "[data-overlay][value=background]"
SHOWN = ".with-background"
TILE = "img.leaflet-tile-loaded"
WHERE = """([lon, lat]) => {
  const map = globalThis.wangge.map;
  const frame = map.getContainer().getBoundingClientRect();
  const at = map.latLngToContainerPoint([lat, lon]);
  const tiles = [...document.querySelectorAll('img.leaflet-tile-loaded')].map((tile) => {
    const box = tile.getBoundingClientRect();
    return [tile.src, box.left, box.top, box.width, box.height];
  });
  return { at: [frame.left + at.x, frame.top + at.y], tiles };
}"""


def on_grid(lon, lat, zoom):
    """Return a place in tiles of a zoom: whole numbers are the tile, the rest is where in it."""
    side = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return (lon + 180) / 360 * side, y * side


@pytest.fixture
def open_map(example_database_url, township, browser):
    """Sign in at a server with some settings; return the page and what it asked for."""
    _, passwords = township
    contexts = []

    @contextmanager
    def open_map(**given):
        settings = Settings(database_url=example_database_url, browser_files=BROWSER_FILES, **given)
        with serving(settings) as address:
            context = browser.new_context(viewport=DESK, locale="en")
            contexts.append(context)
            page, seen = watched(context)
            sign_in(page, f"{address}/map?ask=cells", "chief", passwords["chief"])
            page.wait_for_selector(".leaflet-container path", state="attached")
            page.evaluate(
                "([lon, lat]) => wangge.map.setView([lat, lon], 15, {animate: false})", PLACE
            )
            yield page, seen, address
            context.close()

    return open_map


def misplaced_px(page, lonlat, shown, zoom):
    """Return how far the tile that has a place at ``shown`` lies from where it belongs."""
    found = page.evaluate(WHERE, lonlat)
    x, y = on_grid(*shown, zoom)
    name = f"/{zoom}/{int(x)}/{int(y)}.png"
    [(_, left, top, width, height)] = [tile for tile in found["tiles"] if name in tile[0]]
    at = (left + x % 1 * width, top + y % 1 * height)
    return math.dist(at, found["at"])


def test_the_shift_is_the_one_of_the_server(open_map):
    around = np.random.default_rng(1).uniform([72, 0.8], [138, 56], (200, 2)).round(6)
    places = np.concatenate([around, [PLACE, (0, 0), (-71, 42), (72.004, 30), (137.8347, 30)]])
    with open_map() as (page, _, _address):
        moved = page.evaluate(
            """async (places) => {
              const { toGcj } = await import('/static/js/gcj.js');
              return places.map(([lon, lat]) => toGcj(lon, lat));
            }""",
            places.tolist(),
        )
    assert np.abs(np.array(moved) - to_gcj02(places)).max() < 1e-9
    assert np.abs(np.array(moved)[200] - PLACE).max() > 0.001


@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_tiles_of_an_address_lie_where_the_map_has_the_place(open_map, datum):
    [shown] = to_gcj02(np.array([PLACE])) if datum == "gcj02" else [PLACE]
    with elsewhere(picture(250, 240, 230)) as other:
        template = f"{other.address}/a/{{z}}/{{x}}/{{y}}.png"
        given = {"tiles_datum": datum, "tiles_attribution": "© <b>Example</b>"}
        with open_map(tiles=template, **given) as (page, seen, address):
            assert other.asked == []  # off until somebody wants it
            page.check(SWITCH)
            page.wait_for_selector(SHOWN)
            page.wait_for_load_state("networkidle")
            x, y = on_grid(*shown, 15)
            assert f"/a/15/{int(x)}/{int(y)}.png" in other.asked
            assert misplaced_px(page, PLACE, shown, 15) < 2
            page.evaluate("wangge.map.panBy([700, 300], {animate: false})")
            page.wait_for_load_state("networkidle")
            centre = page.evaluate("[wangge.map.getCenter().lng, wangge.map.getCenter().lat]")
            [there] = to_gcj02(np.array([centre])) if datum == "gcj02" else [centre]
            page.wait_for_function(
                "(name) => [...document.images].some((i) => i.src.includes(name) && i.complete)",
                arg="/{}/{}/{}.png".format(15, *(int(n) for n in on_grid(*there, 15))),
            )
            assert misplaced_px(page, centre, there, 15) < 2
            assert page.inner_text(".background-corner") == "© <b>Example</b>"
            assert all(url.startswith(other.address) for url in outside(seen, address))
            assert other.referrers == {f"{address}/"}  # who asks, and not for what
            assert seen["faults"] == []
            page.reload()
            page.wait_for_selector(f"{SWITCH}:checked")  # the tab remembers
            page.wait_for_selector(SHOWN)
            page.uncheck(SWITCH)
            page.wait_for_selector(SHOWN, state="detached")
            assert page.locator("img.leaflet-tile").count() == 0
            assert page.locator(".background-corner p:visible").count() == 0


def test_the_map_stays_as_it_is_when_no_tile_comes_and_says_so(open_map):
    with elsewhere(picture(250, 240, 230)) as other:
        other.works = False
        template = f"{other.address}/{{z}}/{{x}}/{{y}}.png"
        with open_map(tiles=template) as (page, _, _address):
            page.check(SWITCH)
            page.wait_for_selector("text=The background does not load")
            assert page.locator(SHOWN).count() == 0  # the fills stay opaque
            assert page.locator("path.cell").count() > 50
            other.works = True
            page.evaluate("wangge.map.panBy([900, 0], {animate: false})")
            page.wait_for_selector(SHOWN)
            page.wait_for_selector("text=The background does not load", state="hidden")


def test_another_server_than_the_configured_one_is_asked_for_nothing(open_map):
    with elsewhere(picture(0, 0, 0)) as other, open_map(tiles="/own/{z}/{x}/{y}.png") as opened:
        page, seen, address = opened
        page.evaluate(
            """(url) => new Promise((done) => {
              const image = new Image();
              image.onload = image.onerror = done;
              image.src = url;
            })""",
            f"{other.address}/x.png",
        )
        assert other.asked == []
        assert any("Content Security Policy" in fault for fault in seen["faults"])
        page.check(SWITCH)
        page.wait_for_selector("text=The background does not load")
        assert (
            outside({"requests": [u for u in seen["requests"] if "x.png" not in u]}, address) == []
        )


def around(zoom, reach=2):
    """Return the tiles of a zoom around the township."""
    x, y = (int(n) for n in on_grid(*PLACE, zoom))
    span = range(-reach, reach + 1)
    return [(zoom, x + i, y + j) for i in span for j in span]


def test_a_file_of_pictures_is_drawn_without_asking_anybody_else(open_map, tmp_path):
    tiles = dict.fromkeys(around(13), picture(20, 120, 220))
    path = pmtiles(tmp_path / "a.pmtiles", tiles, metadata={"attribution": "© Us"})
    with open_map(pmtiles=str(path)) as (page, seen, address):
        assert not any("background.pmtiles" in url for url in seen["requests"])
        page.check(SWITCH)
        page.wait_for_selector(SHOWN)
        page.wait_for_selector(TILE)
        sizes = page.evaluate(
            "[...document.querySelectorAll('img.leaflet-tile-loaded')].map((i) => i.naturalWidth)"
        )
        assert set(sizes) == {256}
        # Zoom 13 is the nearest there is: at zoom 15 each picture is four times as large.
        assert page.evaluate(
            "document.querySelector('img.leaflet-tile-loaded').getBoundingClientRect().width"
        ) == pytest.approx(1024, abs=1)
        assert page.inner_text(".background-corner") == "© Us"
        assert any("background.pmtiles" in url for url in seen["requests"])
        assert outside(seen, address) == []
        assert seen["faults"] == []


SHAPES = """
with frame as (select st_tileenvelope(:z, :x, :y) as box)
select
    (select st_asmvt(e, 'earth') from (
        select st_asmvtgeom(st_expand(box, 5000), box) as geom, 'earth' as kind from frame
    ) as e)
    || (select st_asmvt(r, 'roads') from (
        select st_asmvtgeom(st_makeline(
            st_makepoint(st_xmin(box), (st_ymin(box) + st_ymax(box)) / 2),
            st_makepoint(st_xmax(box), (st_ymin(box) + st_ymax(box)) / 2)
        ), box) as geom, 'highway' as kind, '大道' as name from frame
    ) as r)
"""


def test_a_file_of_shapes_is_drawn_in_a_style(open_map, conn, tmp_path):
    tiles = {
        (z, x, y): bytes(conn.execute(text(SHAPES), {"z": z, "x": x, "y": y}).scalar_one())
        for z, x, y in around(12)
    }
    layers = {"vector_layers": [{"id": "earth"}, {"id": "roads"}]}
    path = pmtiles(tmp_path / "a.pmtiles", tiles, kind=VECTOR, metadata=layers)
    with open_map(pmtiles=str(path)) as (page, seen, address):
        page.check(SWITCH)
        page.wait_for_selector(SHOWN)
        page.wait_for_selector("canvas.leaflet-tile-loaded", state="attached")
        colours = page.evaluate(
            """[...document.querySelectorAll('canvas.leaflet-tile-loaded')].flatMap((tile) => {
              const { data } = tile.getContext('2d').getImageData(8, 0, 1, tile.height);
              return Array.from({ length: tile.height },
                (_, i) => data.slice(i * 4, i * 4 + 3).join());
            })"""
        )
        assert len(set(colours)) > 1  # the ground, and the road across it
        assert outside(seen, address) == []
        assert seen["faults"] == []
