"""A real server, and where a browser goes on it; the fixtures are in conftest."""

import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from api.app import create_app

BROWSER_FILES = Path(os.environ.get("WANGGE_HOME", ".wangge")) / "browser"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


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


def outside(seen, address):
    return [
        url for url in seen["requests"] if not url.startswith((f"{address}/", "data:", "blob:"))
    ]


def watched(context):
    """Open a page, and note what it asks for and complains of."""
    page = context.new_page()
    seen = {"requests": [], "faults": []}
    page.on("request", lambda request: seen["requests"].append(request.url))
    page.on("pageerror", lambda error: seen["faults"].append(str(error)))
    page.on(
        "console",
        lambda message: seen["faults"].append(message.text) if message.type == "error" else None,
    )
    return page, seen


def sign_in(page, url, account, password):
    """Open a page that wants somebody signed in, and sign in."""
    page.goto(url)
    page.fill("[name=account]", account)
    page.fill("[name=password]", password)
    page.click("main form button")
    page.wait_for_url(lambda url: "/login" not in url)
