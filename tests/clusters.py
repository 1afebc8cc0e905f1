"""Private clusters for tests: made in folders of their own, and a real server process on one."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from api import environment
from gis.embedded import binaries, cluster
from gis.embedded.binaries import Binaries
from gis.embedded.home import Home, open_home, path_of_home
from tests.visiting import BROWSER_FILES

PATIENCE_S = 30
BECOME = """
import os, sys
from pathlib import Path
from api import running
port = int(sys.argv[2])
url = f"http://127.0.0.1:{port}/"
assert running.claim(Path(sys.argv[1]), url, ("127.0.0.1", port)) is None
os.execv(sys.argv[3], sys.argv[3:])
"""
"""What the launcher does at last: it takes the lock of a home, and becomes another program."""


def programs() -> Binaries:
    """Return the PostGIS of this machine, or of the installation that runs the tests."""
    found = binaries.find(path_of_home(environment.ROOT) / "debian")
    if found is None:
        pytest.skip("no PostgreSQL with PostGIS on this machine")
    return found


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that others can enter, which pytest's own, as root, is not."""
    made = Path(tempfile.mkdtemp(prefix="wangge-test-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made)


@contextmanager
def opened(root: Path) -> Iterator[Home]:
    """A home; its cluster is stopped and its folders are removed."""
    home = open_home(root)
    try:
        yield home
    finally:
        if root.exists():  # a test may have moved it
            cluster.stop(home, programs())
        for path in (home.database, home.socket, root):
            shutil.rmtree(path, ignore_errors=True)


def postmaster(home: Home) -> int:
    """Return the process of a cluster's server."""
    return int((home.data / "postmaster.pid").read_text().splitlines()[0])


def kill_9(home: Home) -> None:
    """Kill every process of a cluster, the postmaster first."""
    parent = postmaster(home)
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                children.append(int(stat.parent.name))
    for pid in (parent, *children):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def postmasters(data: Path) -> int:
    """Return how many servers work in a data folder; one that waits to be reaped does not."""
    parents = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == data:
                parents[process.name] = (process / "stat").read_text().rpartition(")")[2].split()[1]
    return sum(parent not in parents for parent in parents.values())


def environment_of(root: Path, **more: str) -> dict[str, str]:
    """Return the environment in which the launcher starts the application of a home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WANGGE_")}
    return {
        **kept,
        "PYTHONPATH": str(environment.ROOT),
        "WANGGE_HOME": str(root),
        "WANGGE_BROWSER_FILES": str(BROWSER_FILES.absolute()),
        "WANGGE_LANGUAGE": "en",
        **more,
    }


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def becoming(root: Path, port: int, *command: str) -> list[str]:
    """Return a command that claims a home and then becomes another."""
    return [sys.executable, "-c", BECOME, str(root), str(port), *command]


@contextmanager
def serving(home: Home, *options: str, **env: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A real server process on a cluster: what it says of its address, and the process."""
    own = {
        "WANGGE_DATABASE_URL": cluster.url(home),
        "WANGGE_ADMIN_DATABASE_URL": cluster.url(home, role=cluster.ADMIN),
    }
    with served(home.root, *options, **own, **env) as found:
        yield found


@contextmanager
def served(root: Path, *options: str, **env: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A real server process of a home, on the database that ``env`` names."""
    port = int(options[options.index("--port") + 1]) if "--port" in options else free_port()
    command = [sys.executable, "-P", "-m", "api.cli", "serve", "--json", "--port", str(port)]
    with subprocess.Popen(
        becoming(root, port, *command, *options),
        env=environment_of(root, **env),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd="/",
    ) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            wait_for(lambda: listens(port) or process.poll() is not None)
            yield said["url"], process
        finally:
            process.terminate()


def listens(port: int) -> bool:
    """Tell whether somebody listens at a port of this machine."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def wait_for(condition, *, seconds: float = PATIENCE_S) -> None:
    """Ask until ``condition()`` is true; give up after some time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
