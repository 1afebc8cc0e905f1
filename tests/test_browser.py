"""A chief at a desk and on a phone, in a real browser, on a real server and database."""

import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import sync_playwright

from api import example, questions, view
from api.app import create_app
from gis import db
from gis.settings import Settings
from maps.page import standalone
from maps.view import Ask

pytestmark = pytest.mark.browser

BROWSER_FILES = Path(os.environ.get("WANGGE_HOME", ".wangge")) / "browser"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ASKS = ["cells", "coverage", "gaps", "density", "issues"]


@contextmanager
def serving(settings):
    app = create_app(settings, run_jobs=False)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=15)


@pytest.fixture(scope="module")
def township(module_database_url):
    """The example township, served, and its accounts."""
    engine = db.connect(module_database_url, timeout_ms=0)
    with engine.begin() as conn:
        made = example.load(conn, lambda _message: None)
    engine.dispose()
    settings = Settings(database_url=module_database_url, browser_files=BROWSER_FILES)
    with serving(settings) as address:
        yield address, {account["account"]: account["password"] for account in made}


@pytest.fixture(scope="module")
def browser():
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options = {"executable_path": os.environ["WANGGE_CHROMIUM"], "args": quiet}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()


@pytest.fixture
def visit(township, browser):
    """Sign in and return the page, and what it asked for and complained of."""
    address, passwords = township
    contexts = []

    def signed_in(account="chief", *, language="zh-CN", viewport=DESK):
        context = browser.new_context(viewport=viewport, locale=language)
        contexts.append(context)
        page = context.new_page()
        seen = {"requests": [], "faults": []}
        page.on("request", lambda request: seen["requests"].append(request.url))
        page.on("pageerror", lambda error: seen["faults"].append(str(error)))
        page.on(
            "console",
            lambda message: (
                seen["faults"].append(message.text) if message.type == "error" else None
            ),
        )
        page.goto(f"{address}/")
        page.fill("[name=account]", account)
        page.fill("[name=password]", passwords[account])
        page.click("main form button")
        page.wait_for_url(f"{address}/map*")
        return page, seen

    yield signed_in
    for context in contexts:
        context.close()


def outside(seen, address):
    return [
        url for url in seen["requests"] if not url.startswith((f"{address}/", "data:", "blob:"))
    ]


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


@pytest.mark.parametrize("ask", ["cells", "gaps"])
def test_a_map_file_opens_from_disk_without_any_request(
    module_database_url, township, browser, tmp_path, ask
):
    out = tmp_path / "map.html"
    engine = db.connect(module_database_url)
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
