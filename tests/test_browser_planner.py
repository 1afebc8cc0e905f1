"""A planner at a desk and on a phone: cells, defects, posts, redrawn borders; a real server."""

import re

import pytest
from shapely import box

from gis import db
from gis.hierarchy import Level
from gis.people import accounts
from gis.people.roles import Role
from gis.settings import Settings
from tests.accessible import findings
from tests.boundaries import EASTERN, WEST, importer, named
from tests.planning import cells, drag, owners, place_of, planning, rings
from tests.visiting import BROWSER_FILES, DESK, PHONE, outside, serving

pytestmark = pytest.mark.browser

TOOLS = ["cells", "defects", "posts", "import", "redraw"]
UNIT = "340302200201002"
"""A unit with corners of all kinds: within its village, on its border, on the township's."""
VILLAGE = "340302200201"
ON_MAP = """
(code) => {
    const { map } = globalThis.wangge;
    const { cells } = JSON.parse(document.getElementById('facts').textContent);
    const point = map.latLngToContainerPoint(cells.find((cell) => cell.code === code).at);
    const frame = map.getContainer().getBoundingClientRect();
    return [frame.x + point.x, frame.y + point.y];
}
"""
"""Where a cell's middle is on the screen."""


@pytest.fixture
def plan(township, browser):
    """Open the planner's page on the shared township."""
    address, passwords = township
    opened = []

    def visit(path="/plan", **options):
        opened.append(planning(browser, address, passwords["planner"], **options))
        page, seen = opened[-1].__enter__()
        page.goto(f"{address}{path}")
        page.wait_for_selector(".leaflet-container path", state="attached")
        return page, seen

    yield visit
    for each in opened:
        each.__exit__(None, None, None)


@pytest.fixture(scope="module")
def flawed(module_database_url, tmp_path_factory):
    """A township of three villages with a gap and an overlap, served: (address, password)."""
    engine = db.connect(module_database_url)
    notch = WEST.buffer(0)  # B lacks a piece of 2.8 m by 3.3 m at its border with A
    middle = box(117.46, 32.89, 117.47, 32.90) - box(117.46, 32.895, 117.46003, 32.89503)
    with engine.begin() as conn:
        bring = importer(named(conn), tmp_path_factory.mktemp("flawed"))
        eastern = EASTERN | box(117.4699, 32.89, 117.47, 32.90)
        bring(Level.VILLAGE, {"A": notch, "B": middle, "C": eastern})
        password = accounts.add_account(conn, "planner", role=Role.PLANNER)
    engine.dispose()
    settings = Settings(database_url=module_database_url, browser_files=BROWSER_FILES)
    with serving(settings) as address:
        yield address, password


@pytest.mark.parametrize("language, viewport", [("zh-CN", DESK), ("en", DESK), ("zh-CN", PHONE)])
def test_the_table_has_the_cells_of_the_interface_for_programs(plan, township, language, viewport):
    page, seen = plan(language=language, viewport=viewport)
    villages = cells(page, township[0], "?level=village")
    rows = page.locator("[data-panel=cells] tbody tr")
    assert {row.get_attribute("data-cell") for row in rows.all()} == set(villages) != set()
    for row in rows.all():
        code = row.get_attribute("data-cell")
        known = villages[code]["properties"]
        said = row.inner_text()
        assert known["name"] in said
        assert code in said
        assert f"{known['area_m2'] / 10_000:,.1f}" in said
        assert all(holder["name"] in said for holder in known["holders"])
    assert page.locator("html").get_attribute("lang").startswith(language[:2])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen["faults"] == []
    assert outside(seen, township[0]) == []


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_every_tool_is_one_press_away_and_no_one_is_shut_out(plan, township, viewport):
    page, seen = plan(viewport=viewport)
    for tool in TOOLS:
        page.click(f".asks [data-ask={tool}]")
        assert page.locator(f".figures [data-panel={tool}]").is_visible()
        assert page.locator(".figures [data-panel]:visible").count() == 1
        assert f"show={tool}" in page.url
        assert findings(page) == []
    page.reload()
    assert page.locator("[data-panel=redraw] h2").first.is_visible()
    assert seen["faults"] == []
    assert outside(seen, township[0]) == []


def test_links_lead_from_the_township_to_a_unit_and_keep_the_tool(plan, township):
    page, _ = plan("/plan?show=posts")
    page.click(".asks [data-ask=cells]")
    page.click(f"[data-panel=cells] tr[data-cell='{VILLAGE}'] a")
    page.wait_for_url(f"**cell={VILLAGE}*")
    units = {code for code in cells(page, township[0], "?level=unit") if code.startswith(VILLAGE)}
    rows = page.locator("[data-panel=cells] tbody tr")
    assert {row.get_attribute("data-cell") for row in rows.all()} == units != set()
    page.click(".asks [data-ask=posts]")
    page.locator(".crumbs a").first.click()
    page.wait_for_url("**show=posts*")
    assert page.locator("[data-panel=posts] .table.posts").is_visible()


def test_a_row_shows_its_place_and_a_place_its_row(plan):
    page, _ = plan(f"/plan?cell={VILLAGE}")
    still = page.locator(".chosen-line").count()
    page.hover(f"[data-panel=cells] tr[data-cell='{UNIT}']")
    page.wait_for_function("n => document.querySelectorAll('.chosen-line').length !== n", arg=still)
    x, y = page.evaluate(ON_MAP, UNIT)
    page.mouse.move(x, y)
    lit = page.locator("[data-panel=cells] tr.lit")
    assert [row.get_attribute("data-cell") for row in lit.all()] == [UNIT]
    page.mouse.move(5, 5)
    assert lit.count() == 0


def test_vacant_posts_come_first_and_are_those_without_a_holder(plan, township):
    page, _ = plan("/plan?show=posts")
    found = cells(page, township[0])
    vacant = {code for code, each in found.items() if not each["properties"]["holders"]}
    deputies = {
        code
        for code, each in found.items()
        if each["properties"]["holders"] and all(h["deputy"] for h in each["properties"]["holders"])
    }
    rows = page.locator(".table.posts tbody tr:has(th)").all()
    states = [(row.get_attribute("data-cell"), row.get_attribute("data-state")) for row in rows]
    first = states[: len(vacant)]
    assert {code for code, _ in first} == vacant != set()
    assert {code for code, state in states if state == "deputy"} == deputies != set()
    assert {code for code, _ in states} == set(found)
    assert all(re.search(r"\d", row.inner_text()) for row in rows[: len(vacant)])  # since when
    joint = next(c for c, each in found.items() if len(each["properties"]["holders"]) > 1)
    names = page.locator(f".table.posts tr[data-cell='{joint}']").all_inner_texts()
    for holder in found[joint]["properties"]["holders"]:
        assert any(holder["name"] in text for text in names)


def test_a_township_without_defects_says_that_its_cells_fill_it_exactly(plan):
    page, _ = plan("/plan?show=defects")
    assert "exactly" in page.locator("[data-panel=defects] h2").first.inner_text()
    sums = page.locator("[data-panel=defects] .sums dd").all_inner_texts()
    assert sums[1] == sums[2]
    assert page.locator("[data-defect]").count() == 0


def test_a_defect_of_nine_square_metres_is_seen_and_gone_to(flawed, browser):
    address, password = flawed
    with planning(browser, address, password) as (page, seen):
        page.goto(f"{address}/plan?show=defects")
        rows = page.locator("[data-defect]")
        assert rows.count() == 2
        overlap, gap = (row.inner_text() for row in rows.all())
        assert "Ground in two cells" in overlap
        assert "网格B" in overlap
        assert "网格C" in overlap
        assert "Ground in no cell" in gap
        assert "网格A" in gap
        assert re.search(r"\b9\.\d\b", gap)  # 2.8 m by 3.3 m
        marks = page.locator(".mark-no")
        assert [mark.inner_text() for mark in marks.all()] == ["1", "2"]
        assert page.locator("path.flaw").count() == 2
        before = page.locator("path.flaw.unassigned").bounding_box()
        assert before["width"] < 4  # a dot nobody would find without its mark
        rows.nth(1).locator("button").click()
        page.wait_for_function(
            "document.querySelector('path.flaw.unassigned').getBoundingClientRect().width > 10"
        )
        assert "chosen" in rows.nth(1).get_attribute("class")
        marks.nth(1).click()
        assert findings(page) == []
        assert seen["faults"] == []


def test_a_corner_moved_by_mouse_moves_in_every_cell_and_back_to_the_last_bit(plan, township):
    page, seen = plan(f"/plan?show=redraw&cell={UNIT}")
    page.wait_for_selector(".vx.free")
    before = cells(page, township[0])
    handle = page.locator(".vx.free").nth(5)
    start = place_of(handle)
    sharing = owners(before, start)
    assert len(sharing) > 1
    drag(page, handle, 6, 5)
    page.wait_for_selector("#undo:not([disabled])")
    after = cells(page, township[0])
    assert not owners(after, start)
    changed = {code for code in before if rings(before[code]) != rings(after[code])}
    assert changed == sharing
    (end,) = {
        place
        for code in sharing
        for ring in rings(after[code])
        for place in ring
        if not owners(before, place)
    }
    assert owners(after, end) == sharing
    said = page.locator("#moves").inner_text()
    assert "Saved on the server" in said
    assert said.count("m²") == len(sharing)
    page.click("#undo")
    page.wait_for_selector("#redo:not([disabled])")
    restored = cells(page, township[0])
    assert {code: rings(each) for code, each in restored.items()} == {
        code: rings(each) for code, each in before.items()
    }
    assert findings(page) == []
    assert seen["faults"] == []
    assert outside(seen, township[0]) == []


def test_a_corner_on_a_village_border_moved_by_keys_changes_both_villages(plan, township):
    page, seen = plan(f"/plan?show=redraw&cell={VILLAGE}")
    page.wait_for_selector(".vx.joint")
    before = cells(page, township[0])
    handle = page.locator(".vx.joint").nth(3)
    start = place_of(handle)
    sharing = owners(before, start)
    villages = {c for c in sharing if before[c]["properties"]["level"] == "village"}
    assert len(villages) == 2
    handle.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowUp")
    assert "Not saved yet" in page.locator("#moves").inner_text()
    assert {c: rings(each) for c, each in cells(page, township[0]).items()} == {
        c: rings(each) for c, each in before.items()
    }
    page.keyboard.press("Escape")
    assert page.locator("#moves").is_hidden()
    assert place_of(handle) == start
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_selector("#undo:not([disabled])")
    after = cells(page, township[0])
    assert {c for c in before if rings(before[c]) != rings(after[c])} == sharing
    focused = page.evaluate("document.activeElement.dataset.at").split(",")
    end = (float(focused[0]), float(focused[1]))
    assert owners(after, end) == sharing
    east_m = (end[0] - start[0]) * 93_540  # metres in a degree at 32.89 N
    north_m = (end[1] - start[1]) * 110_904
    assert east_m == pytest.approx(10, abs=0.1)
    assert north_m == pytest.approx(1, abs=0.01)
    page.keyboard.press("Control+z")
    page.wait_for_selector("#redo:not([disabled])")
    restored = cells(page, township[0])
    assert owners(restored, start) == sharing
    assert seen["faults"] == []


def test_a_press_on_the_map_chooses_the_village_and_a_second_one_the_unit(plan):
    page, seen = plan("/plan?show=redraw")
    assert page.locator(".vx").count() == 0
    page.mouse.click(*page.evaluate(ON_MAP, UNIT))
    page.wait_for_selector(".vx.joint")
    assert f"cell={VILLAGE}" in page.url
    page.mouse.click(*page.evaluate(ON_MAP, UNIT))
    page.wait_for_selector(".vx.free")
    assert f"cell={UNIT}" in page.url
    page.reload()
    page.wait_for_selector(".vx.free")
    assert UNIT in page.locator("#picked").inner_text()
    assert seen["faults"] == []


def test_corners_of_the_outer_border_do_not_move(plan, township):
    page, _ = plan(f"/plan?show=redraw&cell={UNIT}")
    page.wait_for_selector(".dot-at.fixed")
    outline = cells(page, township[0], "?level=township")
    assert all(owners(outline, place_of(dot)) for dot in page.locator(".dot-at.fixed").all())
    for handle in page.locator(".vx, .dot-at:not(.fixed)").all():
        assert not owners(outline, place_of(handle))


def test_every_corner_has_a_handle_once_there_is_room(plan, township):
    page, _ = plan(f"/plan?show=redraw&cell={UNIT}")
    page.wait_for_selector(".vx.free")
    assert "zoom in" in page.locator("#picked").inner_text()
    dot = page.locator(".dot-at.free").first
    place = dot.get_attribute("data-at")
    lon, lat = place_of(dot)
    page.evaluate("(at) => globalThis.wangge.map.setView(at, 20, { animate: false })", [lat, lon])
    page.wait_for_selector(f".vx.free[data-at='{place}']")
    boxes = [handle.bounding_box() for handle in page.locator(".vx").all()]
    assert all(box["width"] >= 24 and box["height"] >= 24 for box in boxes)


def test_a_refused_move_springs_back_with_the_server_s_sentence(plan, township):
    page, _ = plan(f"/plan?show=redraw&cell={UNIT}")
    page.wait_for_selector(".vx.free")
    before = cells(page, township[0])
    handle = page.locator(".vx.free").nth(5)
    start, box = place_of(handle), handle.bounding_box()
    with page.expect_response("**/api/redraw/vertex") as refused:
        drag(page, handle, 0, 400)
    problem = refused.value.json()
    assert refused.value.status == 422
    page.wait_for_selector("#refused .notice")
    assert problem["title"] in page.locator("#refused").inner_text()
    assert problem["title"] in page.locator(".leaflet-tooltip.refusal").inner_text()
    assert place_of(handle) == start
    assert handle.bounding_box() == box
    assert page.locator("#undo").is_disabled()
    after = cells(page, township[0])
    assert {c: rings(each) for c, each in after.items()} == {
        c: rings(each) for c, each in before.items()
    }


def test_whoever_comes_second_is_told_and_sees_the_borders_as_they_are(plan, township):
    first, _ = plan(f"/plan?show=redraw&cell={UNIT}")
    second, _ = plan(f"/plan?show=redraw&cell={UNIT}")
    for page in (first, second):
        page.wait_for_selector(".vx.free")
    one, other = first.locator(".vx.free").nth(5), second.locator(".vx.free").nth(7)
    start = place_of(one)
    drag(first, one, 5, 5)
    first.wait_for_selector("#undo:not([disabled])")
    with second.expect_response("**/api/redraw/vertex") as late:
        drag(second, other, 5, 5)
    assert late.value.status == 409
    second.wait_for_selector("#refused .notice")
    assert late.value.json()["title"] in second.locator("#refused").inner_text()
    shown = second.locator(".vx").evaluate_all("all => all.map((one) => one.dataset.at)")
    assert ",".join(map(repr, start)) not in shown  # it moved meanwhile
    drag(second, second.locator(".vx.free").nth(7), 4, 4)
    second.wait_for_selector("#undo:not([disabled])")
    second.click("#undo")
    second.wait_for_selector("#redo:not([disabled])")
    first.click("#undo")  # the cells moved on since: what one sees is stale
    first.wait_for_selector("#refused .notice")
    moved_back = first.locator(".vx.free").nth(5)
    assert first.locator("#undo").is_disabled()
    versions = {
        code: each["properties"]["version"] for code, each in cells(first, township[0]).items()
    }
    answer = first.request.post(  # leave the township as it was found
        f"{township[0]}/api/redraw/vertex",
        data={
            "op_id": "01900000-0000-7000-8000-000000000d01",
            "at": place_of(moved_back),
            "to": start,
            "versions": versions,
        },
    )
    assert answer.status == 200


def test_an_answer_that_is_lost_is_asked_for_again_and_done_once(plan, township):
    page, _ = plan(f"/plan?show=redraw&cell={UNIT}")
    page.wait_for_selector(".vx.free")
    sent = []

    def lose(route):
        sent.append(route.request.post_data_json)
        if len(sent) > 1:
            route.continue_()
            return
        route.fetch()  # the server has done it, and nobody hears
        route.abort()

    page.route("**/api/redraw/vertex", lose)
    handle = page.locator(".vx.free").nth(5)
    start = place_of(handle)
    drag(page, handle, 6, 5)
    page.wait_for_selector("#refused .notice")
    assert "not known" in page.locator("#refused").inner_text()
    assert page.locator("#undo").is_disabled()
    assert page.locator("#moves").is_hidden()
    page.click("#refused button >> nth=0")
    page.wait_for_selector("#undo:not([disabled])")
    assert sent[0] == sent[1]
    page.click("#undo")
    page.wait_for_selector("#redo:not([disabled])")
    assert owners(cells(page, township[0]), start)


def test_only_planners_come_in(township, browser):
    address, passwords = township
    for account in ("chief", "unit"):
        options = {"account": account, "language": "en"}
        with planning(browser, address, passwords[account], **options) as (page, _):
            answer = page.goto(f"{address}/plan")
            assert answer.status == 403
            assert "Only planners and the grid centre" in page.locator("main").inner_text()
            assert page.locator(".pages a[href='/plan']").count() == 0
    with planning(browser, address, passwords["centre"], account="centre") as (page, _):
        assert page.goto(f"{address}/plan").status == 200
