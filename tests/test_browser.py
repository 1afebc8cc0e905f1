"""A chief at a desk and on a phone, in a real browser, on a real server and database."""

from datetime import datetime, timedelta

import pytest

from api import questions, view
from gis import db
from maps.page import standalone
from maps.view import Ask
from tests.visiting import BROWSER_FILES, DESK, PHONE, outside

pytestmark = pytest.mark.browser

ASKS = ["cells", "coverage", "gaps", "density", "issues"]


@pytest.mark.parametrize("language, viewport", [("zh-CN", DESK), ("en", DESK), ("zh-CN", PHONE)])
def test_the_chief_sees_every_question_on_a_map_and_in_a_table(visit, township, language, viewport):
    page, seen = visit(language=language, viewport=viewport)
    page.wait_for_selector(".leaflet-container path", state="attached")
    assert page.locator("html").get_attribute("lang").startswith(language[:2])
    answers = set()
    for ask in ASKS:  # the layer switch: without asking the server again
        page.click(f"[data-ask={ask}]")
        assert f"ask={ask}" in page.url
        assert page.locator("table:visible tbody tr").count() >= 16  # the villages
        assert page.locator(".legend:visible").count() == 1
        answers.add(page.locator("[data-panel]:visible h2").first.inner_text())
    assert len(answers) == len(ASKS)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen["faults"] == []
    assert outside(seen, township[0]) == []


def test_the_table_shows_the_figures_of_the_interface_for_programs(visit, township):
    page, _ = visit()
    page.goto(f"{township[0]}/map?ask=coverage")
    report = page.request.get(f"{township[0]}/api/reports/coverage?level=village").json()
    shares = {row["name"]: f"{row['covered_pct']:.1f}" for row in report["rows"]}
    rows = page.locator("table:visible tbody tr").all()
    assert len(rows) == len(shares) == 16
    for row in rows:
        name, *figures = (cell.strip() for cell in row.locator("th, td").all_inner_texts())
        assert shares[name] in figures


def test_the_documentation_of_the_api_asks_nobody_else(visit, township):
    page, seen = visit()
    page.goto(f"{township[0]}/api/docs")
    page.wait_for_selector(".opblock[id*=read_cells]")
    assert seen["faults"] == []
    assert outside(seen, township[0]) == []


def test_from_the_township_to_a_unit_and_back_by_links(visit, township):
    page, seen = visit()
    page.goto(f"{township[0]}/map?ask=coverage")
    page.locator("table:visible tbody tr a").first.click()
    page.wait_for_url("**cell=*")
    assert "ask=coverage" in page.url
    assert page.locator("table:visible tbody tr").count() >= 1
    assert seen["faults"] == []


def test_a_worker_sees_no_cell_but_the_own_one(visit, township):
    page, _ = visit("unit")
    page.goto(f"{township[0]}/map?ask=cells")
    assert len(page.request.get(f"{township[0]}/api/cells").json()["features"]) == 1
    assert page.request.get(f"{township[0]}/map?cell=340302200201").status == 404


def test_from_the_township_to_a_unit_and_back_by_keyboard(visit, township):
    page, seen = visit(language="en")
    page.goto(f"{township[0]}/map?ask=gaps&level=area")
    heads = []
    for _ in range(3):  # an area, a village of it, a unit of that
        page.wait_for_selector(".leaflet-container path", state="attached")
        heads.append(page.locator("table:visible thead th").first.inner_text())
        page.locator("table:visible tbody a").first.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert heads == ["Area", "Village", "Unit cell"]
    assert "ask=gaps" in page.url
    assert page.locator("tr.chosen[aria-current=true]:visible").count() == 1
    assert page.locator(".crumbs li").count() == 4
    for left in (3, 2, 1):
        page.locator(".crumbs a").last.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.locator(".crumbs li").count() == left
    assert seen["faults"] == []


def test_the_map_is_moved_by_the_keyboard(visit, township):
    page, _ = visit(language="en")
    page.goto(f"{township[0]}/map")
    page.wait_for_selector(".leaflet-container path", state="attached")
    assert "arrow keys" in page.get_attribute(".leaflet-container", "aria-label")
    centre = "[wangge.map.getCenter().lng, wangge.map.getZoom()]"
    page.evaluate("document.querySelector('.leaflet-container').focus()")
    lon, zoom = page.evaluate(centre)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("lon => wangge.map.getCenter().lng > lon", arg=lon)
    page.keyboard.press("+")
    page.wait_for_function("zoom => wangge.map.getZoom() > zoom", arg=zoom)


def test_a_cells_card_names_its_gaps_and_its_figures_lead_to_their_questions(visit, township):
    page, seen = visit(language="en")
    gaps = page.request.get(f"{township[0]}/api/reports/gaps?level=unit").json()["rows"]
    gap = next(row for row in gaps if row["kind"] == "no_holder")
    page.goto(f"{township[0]}/map?ask=cells&cell={gap['cell']}")
    page.wait_for_selector(".leaflet-container path", state="attached")
    assert "No holder" in page.inner_text(".card .lacks")
    assert "Nobody holds this cell." in page.inner_text(".card")
    seen["requests"].clear()
    page.click(".card a:has-text('Gaps')")
    assert page.locator("[data-panel=gaps] .answer").is_visible()
    assert "ask=gaps" in page.url
    page.click(".card dl a >> nth=0")
    assert page.locator("[data-panel=coverage] .answer").is_visible()
    assert [url for url in seen["requests"] if "/static/" not in url] == []  # it was all there


def test_an_issue_in_the_list_opens_at_its_place_and_the_address_leads_back_to_it(visit, township):
    page, seen = visit(language="en")
    page.goto(f"{township[0]}/map?ask=issues")
    page.wait_for_selector(".pin", state="attached")
    link = page.locator(".items:visible a.head").nth(1)
    lat, lon = (float(part) for part in link.get_attribute("data-spot").split(","))
    why = page.locator(".items:visible li").nth(1).locator("p").last.inner_text()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f".pin-card:has-text('{why}')")
    near = page.evaluate("[wangge.map.getCenter().lat, wangge.map.getCenter().lng]")
    assert near == pytest.approx([lat, lon], abs=0.01)
    assert "#issue-" in page.url
    page.keyboard.press("Escape")
    page.wait_for_selector(".pin-card", state="detached")
    assert link.evaluate("link => link === document.activeElement")
    other, _ = visit(language="en")
    other.goto(page.url)
    other.wait_for_selector(f".pin-card:has-text('{why}')")
    assert seen["faults"] == []


def test_the_issues_are_seen_where_they_are_asked_for_and_elsewhere_on_request(visit, township):
    page, _ = visit(language="en")
    page.goto(f"{township[0]}/map?ask=cells")
    page.wait_for_selector(".pin", state="attached")
    assert page.locator(".pin:visible").count() == 0
    page.click("[data-ask=issues]")
    assert page.locator(".pin:visible").count() > 0
    page.click("[data-ask=gaps]")
    assert page.locator(".pin:visible").count() == 0
    page.check("[data-overlay][value=issues]")
    assert page.locator(".pin:visible").count() > 0


def test_a_period_that_cannot_be_says_why_and_asks_nobody(visit, township):
    page, seen = visit(language="en")
    page.goto(f"{township[0]}/map?ask=coverage")
    page.wait_for_selector(".leaflet-container path", state="attached")
    seen["requests"].clear()
    today = page.input_value("[name=to]")
    later = (datetime.fromisoformat(today) + timedelta(days=1)).date().isoformat()
    for first, last, why in (
        (today, "2020-01-01", "ends before it begins"),
        ("", today, "whole date"),
        (today, later, "in the future"),
    ):
        page.fill("[name=from]", first)
        page.fill("[name=to]", last)
        page.press("[name=to]", "Enter")
        page.wait_for_selector(f".period .wrong:has-text('{why}')")
        assert page.locator(".period [aria-invalid=true]").count() == 1
    assert seen["requests"] == []
    page.fill("[name=to]", today)
    assert page.locator(".period .wrong").is_hidden()
    with page.expect_navigation():
        page.press("[name=to]", "Enter")
    assert f"from={today}" in page.url
    assert "ask=coverage" in page.url
    assert page.locator(".period a[aria-current]").inner_text() == "1 d"


def test_a_page_that_takes_its_time_says_that_it_is_under_way(visit, township):
    page, _ = visit(language="en")
    page.goto(f"{township[0]}/map?ask=coverage")
    page.wait_for_selector(".leaflet-container path", state="attached")
    held, told = [], []
    page.route("**/map?*", lambda route: held.append(route))  # noqa: PLW0108 — it is inspected

    def tell(*words):
        told.extend(words)
        held[0].continue_()

    page.expose_function("tell", tell)
    page.evaluate("""() => {
        const note = document.querySelector('.busy');
        new MutationObserver(() => {
            if (!note.hidden) tell(note.textContent, document.querySelector('main').ariaBusy);
        }).observe(note, { attributes: true, attributeFilter: ['hidden'] });
    }""")
    page.click("text=30 d", no_wait_after=True)
    page.wait_for_url("**from=*")
    assert told == ["Loading …", "true"]
    page.wait_for_selector(".busy", state="hidden")


@pytest.mark.parametrize("account", ["area", "village", "unit"])
def test_the_page_keeps_within_what_an_account_may_see(visit, township, account):
    page, seen = visit(account, language="en", viewport=PHONE)
    page.goto(f"{township[0]}/map?ask=issues")
    page.wait_for_selector(".leaflet-container path", state="attached")
    cells = page.evaluate("JSON.parse(document.querySelector('#facts').textContent).cells.length")
    whole = page.request.get(f"{township[0]}/api/cells?level=unit").json()["features"]
    assert 0 < cells == len(whole) < 100
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for ask in ASKS:
        page.click(f"[data-ask={ask}]")
        assert page.locator(".figures [data-panel]:visible").count() == 1
    assert seen["faults"] == []


@pytest.mark.parametrize("ask", ["cells", "gaps"])
def test_a_map_file_opens_from_disk_without_any_request(
    example_database_url, township, browser, tmp_path, ask
):
    out = tmp_path / "map.html"
    engine = db.connect(example_database_url)
    with engine.connect() as conn:
        asked = questions.asked(conn, cell=None, level=None, first=None, last=None, at=None)
        seen = view.gather(conn, Ask(ask), asked=asked)
        out.write_text(standalone(seen, language="zh", browser_files=BROWSER_FILES), "utf-8")
    engine.dispose()
    page = browser.new_page(viewport=DESK)
    asked_for, faults = [], []
    page.on("request", lambda request: asked_for.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(out.as_uri())
    page.wait_for_selector(".leaflet-container path, .leaflet-container canvas", state="attached")
    assert [url for url in asked_for if not url.startswith(("file:", "data:", "blob:"))] == []
    assert len([url for url in asked_for if url.startswith("file:")]) == 1
    assert faults == []
    page.close()
