"""A page as a browser gets it: from the press on its link to the painted map, nothing kept before.

The server stands on the benchmark's own transaction, so what is visited vanishes with it.
"""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import uvicorn
from sqlalchemy import Connection, Engine

from api.app import create_app
from api.chromium import installed
from gis.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROGRAM = "WANGGE_CHROMIUM"
PAINTED = """
(() => {
  const shown = (element) => element && element.getClientRects().length > 0;
  const look = () => {
    const cell = document.querySelector('.leaflet-fills-pane path.cell[d]');
    const filled = cell && getComputedStyle(cell).fill !== 'none';
    if (filled && shown(document.querySelector('.figures tbody tr'))) {
      requestAnimationFrame(() => {
        document.documentElement.dataset.painted = performance.now();
      });
    } else {
      requestAnimationFrame(look);
    }
  };
  requestAnimationFrame(look);
})();
"""
"""Notes when the first cell has its colour and the table a row, in the frame after that."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit without anything in the browser's memory.

    Attributes
    ----------
    seconds
        From the beginning of the navigation, connection and all, to the painted map.
    size
        Bytes that came over the line, heads included, as the browser counted them.
    """

    seconds: float
    size: int


def program() -> str:
    """Return the Chromium to visit with; empty where there is none, or nothing to steer it by."""
    found = os.environ.get(PROGRAM) or str(installed() or "")
    try:
        import playwright  # noqa: F401, PLC0415 — the tests' own; a served installation has none
    except ImportError:
        return ""
    return found if found and Path(found).exists() else ""


def visits(
    conn: Connection, path: str, *, password: str, browser_files: Path, times: int = 5
) -> list[Visit]:
    """Visit a page as the chief, again and again, each time as if for the first time."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 — as above

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with serving(conn, browser_files) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=quiet)
        try:
            form = {"account": "chief", "password": password}
            for _ in range(2):  # the first finds the server cold
                visit(browser, address, path, form=form)
            return [visit(browser, address, path, form=form) for _ in range(times)]
        finally:
            browser.close()


def visit(browser: "Browser", address: str, path: str, *, form: Mapping[str, str]) -> Visit:
    """Sign in, without the browser seeing a page, and open one."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    try:
        headers = {"origin": address}
        context.request.post(f"{address}/login", form=dict(form), headers=headers)
        page = context.new_page()
        page.add_init_script(PAINTED)
        sizes: list[float] = []
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(f"{address}{path}", wait_until="networkidle")
        painted = page.wait_for_selector("html[data-painted]", state="attached")
        at = painted.get_attribute("data-painted") if painted else None
        return Visit(float(at or "nan") / 1000, int(sum(sizes)))
    finally:
        context.close()


@contextmanager
def serving(conn: Connection, browser_files: Path) -> Iterator[str]:
    """Serve what a transaction holds, and yield the address."""
    settings = Settings(database_url="postgresql://", browser_files=browser_files)
    app = create_app(settings, engine=cast("Engine", _Held(conn)), run_jobs=False)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


class _Held:
    """As much of an engine as a request needs, on one transaction: requests take turns."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.turn = threading.Lock()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Yield the connection, in a savepoint of its own."""
        with self.turn, self.conn.begin_nested():
            yield self.conn
