"""A planner's boundary file in the browser: a report first, then the change."""

import copy
import json

import pytest
from shapely import Polygon

from data.boundaries.generate.files import CELLS, FOLDER
from gis import db
from gis.cells.importing import import_cells
from gis.hierarchy import Level
from gis.people import accounts
from gis.people.roles import Role
from gis.settings import Settings
from tests.accessible import findings
from tests.boundaries import named
from tests.planning import cells, planning, rings
from tests.visiting import BROWSER_FILES, outside, serving

pytestmark = pytest.mark.browser

VILLAGE = "340302200201"
RENAMED = "340302200201001"


@pytest.fixture(scope="module")
def borders(module_database_url):
    """The example township's borders alone, served: (address, password)."""
    engine = db.connect(module_database_url)
    with engine.begin() as conn:
        named(conn)
        for level in (Level.AREA, Level.VILLAGE, Level.UNIT):
            import_cells(conn, FOLDER / CELLS[level.word], level=level, parent_field="parent")
        password = accounts.add_account(conn, "planner", role=Role.PLANNER)
    engine.dispose()
    settings = Settings(database_url=module_database_url, browser_files=BROWSER_FILES)
    with serving(settings) as address:
        yield address, password


@pytest.fixture
def page(borders, browser):
    address, password = borders
    with planning(browser, address, password) as (page, seen):
        page.goto(f"{address}/plan?show=import")
        page.wait_for_selector(".leaflet-container path", state="attached")
        yield page
        assert outside(seen, address) == []
        assert [fault for fault in seen["faults"] if "ERR_FAILED" not in fault] == []


def units_of(village):
    """Return the units of a village, as their file has them."""
    found = json.loads((FOLDER / CELLS["unit"]).read_text("utf-8"))
    found["features"] = [f for f in found["features"] if f["properties"]["parent"] == village]
    return found


@pytest.fixture
def units():
    return units_of(VILLAGE)


def checked(page, content, *, encoding="utf-8"):
    """Choose a file, have it checked, and return the text of the report."""
    text = json.dumps(content, ensure_ascii=False).encode(encoding)
    page.set_input_files(
        "#file", {"name": "units.geojson", "mimeType": "application/geo+json", "buffer": text}
    )
    page.click("#check")
    page.wait_for_selector("#report:not([hidden]), #import-wrong:not([hidden])")
    return page.locator("#report").inner_text()


def as_it_is(page, address):
    return {
        code: (each["properties"]["name"], rings(each))
        for code, each in cells(page, address).items()
    }


def test_a_file_is_reported_on_and_changes_nothing_until_it_is_applied(page, borders, units):
    address, _ = borders
    before = as_it_is(page, address)
    units["features"][0]["properties"]["name"] = "黄巷村新桥网格"
    assert units["features"][0]["properties"]["code"] == RENAMED
    said = checked(page, units)
    assert "0 new, 1 changed, 5 unchanged" in said
    assert "黄巷村新桥网格" in said
    assert page.locator("[data-incoming]").count() == 1
    assert page.locator("path.incoming:not(.under)").count() == 1
    assert page.locator("#report .sideways tbody tr").count() == 5
    assert findings(page) == []
    assert as_it_is(page, address) == before
    page.click("#apply")
    assert page.locator(".dialog h2").inner_text() == "Change the cells for everybody"
    assert findings(page) == []
    page.keyboard.press("Escape")
    assert page.locator(".dialog").count() == 0
    assert page.evaluate("document.activeElement.id") == "apply"
    assert as_it_is(page, address) == before
    page.click("#apply")
    page.click(".dialog .btn.main")
    page.wait_for_selector(".done")
    after = as_it_is(page, address)
    assert after[RENAMED][0] == "黄巷村新桥网格"
    assert {code for code in before if before[code] != after[code]} == {RENAMED}
    page.click(".done a")
    page.wait_for_url("**show=cells*")
    assert (
        "黄巷村新桥网格" in page.locator(f"[data-panel=cells] [data-cell='{RENAMED}']").inner_text()
    )


def test_a_split_unit_comes_in_as_a_new_cell_beside_what_is_left_of_the_old_one(page, borders):
    address, _ = borders
    before = as_it_is(page, address)
    village = "340302200202"
    units = units_of(village)
    old = units["features"][1]
    code = old["properties"]["code"]
    new = copy.deepcopy(old)
    new["properties"] |= {"code": f"{village}090", "name": "山王村第90网格"}
    ring = old["geometry"]["coordinates"][0]
    cut = next(i for i in range(3, len(ring) - 4) if all(map(_is_ring, _halves(ring, i))))
    halves = _halves(ring, cut)
    for feature, half in zip((old, new), halves, strict=True):
        feature["geometry"]["coordinates"] = [half]
    units["features"].append(new)
    assert "1 new, 1 changed, 4 unchanged" in checked(page, units)
    assert as_it_is(page, address) == before
    page.click("#apply")
    page.click(".dialog .btn.main")
    page.wait_for_selector(".done")
    after = cells(page, address)
    assert after[f"{village}090"]["properties"]["parent"] == village
    assert rings(after[code]) != before[code][1]
    assert set(after) - set(before) == {f"{village}090"}
    units_m2 = [
        each["properties"]["area_m2"]
        for each in after.values()
        if each["properties"]["parent"] == village
    ]
    assert sum(units_m2) == pytest.approx(after[village]["properties"]["area_m2"], abs=1)


def _halves(ring, cut):
    """Return a ring cut by a straight line from its first corner to another."""
    return [*ring[: cut + 1], ring[0]], [ring[0], *ring[cut:]]


def _is_ring(ring):
    polygon = Polygon(ring)
    return polygon.is_valid and polygon.area > 1e-6


def test_what_is_wrong_with_a_file_is_told_by_feature_and_place(page, borders, units):
    address, _ = borders
    before = as_it_is(page, address)
    crossing = units["features"][2]["geometry"]["coordinates"][0]
    crossing[3][0] += 0.0015
    crossing[4][1] += 0.001
    units["features"][4]["properties"]["code"] = ""
    said = checked(page, units)
    assert "cannot be taken in. Problems: 2." in said
    rows = page.locator("[data-problem]")
    crosses, uncoded = (row.locator("th, td").all_inner_texts() for row in rows.all())
    assert crosses[1] == "3"
    assert "crosses" in crosses[2]
    assert uncoded[1] == "5"
    assert "no code" in uncoded[2]
    marks = page.locator(".mark-no")
    assert [mark.inner_text() for mark in marks.all()] == ["1"]  # a missing code lies nowhere
    marks.first.click()
    assert "chosen" in rows.first.get_attribute("class")
    zoom = page.evaluate("globalThis.wangge.map.getZoom()")
    rows.first.locator("button").click()
    page.wait_for_function("before => globalThis.wangge.map.getZoom() > before", arg=zoom)
    assert page.locator("#apply").count() == 0
    assert findings(page) == []
    assert as_it_is(page, address) == before


def test_bad_features_can_be_left_out_and_the_choice_is_where_the_fault_is(page, units):
    units["features"][1]["properties"]["code"] = ""
    assert "cannot be taken in" in checked(page, units)
    page.click("#import summary")
    page.check("[name=skip_bad_rows]")
    assert page.locator("#report").is_hidden()  # it was of other options
    page.click("#check")
    page.wait_for_selector("#report:not([hidden])")
    assert "can be taken in" in page.locator("#report h2").inner_text()
    figures = page.locator("#report .sums > div").all_inner_texts()
    assert [figure.split() for figure in figures][-1] == ["Left", "out", "1"]


def test_names_in_a_wrong_encoding_are_seen_before_they_come_in(page, units):
    preview = "#report .sideways tbody tr:first-child"
    checked(page, units, encoding="gb18030")
    assert "黄巷村第1网格" in page.locator(preview).inner_text()
    page.click("#import summary")
    page.select_option("#encoding", "UTF-8")
    page.click("#check")
    page.wait_for_selector("#report [data-problem]")
    assert page.locator("#apply").count() == 0


def test_a_form_without_a_file_says_so_at_the_field(page):
    page.click("#check")
    assert "Choose a file first" in page.locator("#import-wrong").inner_text()
    assert page.evaluate("document.activeElement.id") == "file"


def test_parents_are_offered_for_the_level_of_the_file(page):
    page.select_option("#level", "village")
    offered = page.locator("#parent option:not([disabled])").evaluate_all(
        "all => all.map((one) => one.value)"
    )
    assert sorted(offered) == ["", *(f"340302200-{n}" for n in range(1, 5))]


def test_a_server_that_is_not_there_is_told_and_the_file_stays_chosen(page, units):
    page.route("**/api/boundaries", lambda route: route.abort())
    checked(page, units)
    assert "does not answer" in page.locator("#import-wrong").inner_text()
    assert page.locator("#file").evaluate("input => input.files.length") == 1
    page.unroute("**/api/boundaries")
    page.click("#check")
    page.wait_for_selector("#report:not([hidden])")
