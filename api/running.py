"""Who serves an installation: one process at a time, known by a lock that it holds.

The launcher takes the lock and becomes the server, so the lock is held exactly
as long as somebody serves, kill -9 included. What stands in the file is for people.
"""

import errno
import fcntl
import json
import os
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gis.embedded.errors import SetupError
from gis.messages import say

STOP_PATIENCE_S = 15.0
PROBES = 5
LISTENING = "0A"
LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Server:
    """A server of an installation: where people find it, where this machine does, its process."""

    url: str
    pid: int
    near: tuple[str, int]

    def listens(self) -> bool:
        """Tell whether it has come so far that it takes connections."""
        with suppress(OSError), socket.create_connection(self.near, timeout=1):
            return True
        return False


def claim(root: Path, url: str, near: tuple[str, int]) -> Server | None:
    """Take the serving lock of a home for this process, and for what it turns into.

    Returns None if the lock is ours now, else the server that holds it.
    """
    file = os.open(root / "serving.json", os.O_RDWR | os.O_CREAT, 0o644)
    for _ in range(PROBES):  # somebody may only be looking whether it is held
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        time.sleep(0.02)
    else:
        os.close(file)
        return noted(root)
    text = json.dumps({"url": url, "pid": os.getpid(), "near": near}).encode()
    os.pwrite(file, text, 0)
    os.ftruncate(file, len(text))
    os.set_inheritable(file, True)
    return None


def found(root: Path) -> Server | None:
    """Return the server that holds the lock of a home, if there is one."""
    try:
        file = os.open(root / "serving.json", os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return noted(root)
    finally:
        os.close(file)
    return None


def noted(root: Path) -> Server:
    """Return what the holder of the lock wrote down; it may be about to do so."""
    for _ in range(20):
        with suppress(json.JSONDecodeError):
            facts = json.loads((root / "serving.json").read_text("utf-8"))
            url = urlsplit(facts["url"])  # where one of an earlier version is near, too
            host, port = facts.get("near") or (url.hostname, url.port)
            return Server(facts["url"], facts["pid"], (host, port))
        time.sleep(0.05)
    raise SetupError(say("Another ./wangge demo is starting."), "./wangge demo")


def stop(root: Path) -> Server | None:
    """End the server of a home and wait for its end; return it, or None if there was none."""
    server = found(root)
    if server is None:
        return None
    with suppress(ProcessLookupError):
        os.kill(server.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_PATIENCE_S
    while found(root) is not None:
        if time.monotonic() > deadline:
            raise SetupError(
                say("The server, process {pid}, does not end.", pid=server.pid),
                f"kill -9 {server.pid}",
            )
        time.sleep(0.05)
    return server


def require_free(host: str, port: int) -> None:
    """Refuse an address at which we cannot listen; say who does and what to type instead."""
    reason = obstacle(host, port)
    if reason is None:
        return
    if reason == errno.EADDRINUSE:
        taken_by = listener(port)
        raise SetupError(
            say("Port {port} is taken by {program}.", port=port, program=taken_by)
            if taken_by
            else say("Port {port} is taken by another program.", port=port),
            f"./wangge demo --port {free_port(host, port + 1)}",
        )
    raise SetupError(
        say("Nobody can listen on {host}, port {port}: {reason}.", host=host, port=port,
            reason=os.strerror(reason)),
        "./wangge demo --host 127.0.0.1 --port 8000",
    )  # fmt: skip


def obstacle(host: str, port: int) -> int | None:
    """Return the errno with which listening fails, or None."""
    if not 0 < port <= LAST_PORT:
        return errno.EINVAL
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        return errno.EADDRNOTAVAIL
    except OSError as error:
        return error.errno
    return None


def free_port(host: str, first: int) -> int:
    """Return the first free port from ``first`` on."""
    ports = range(first, min(first + 100, LAST_PORT + 1))
    return next((port for port in ports if obstacle(host, port) is None), first)


def listener(port: int) -> str:
    """Return the program that listens on a port, as far as this user may know; Linux only."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for row in Path(table).read_text("utf-8").splitlines()[1:]:
                _, local, _, state, *_, inode = row.split()[:10]
                if state == LISTENING and int(local.rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{inode}]")
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
                return f"{' '.join(words).strip()[:100]} ({process.name})"
    return ""
