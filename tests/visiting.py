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
