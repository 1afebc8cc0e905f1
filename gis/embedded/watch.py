"""Keep the embedded cluster running as long as somebody serves from it.

Whoever serves watches, and starts a cluster that is gone in the same way, and
under the same lock, as the launcher does. `./wangge stop` ends the server, and
with it the watch, before the cluster.
"""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gis.embedded import binaries, cluster
from gis.embedded.binaries import Binaries
from gis.embedded.errors import SetupError
from gis.embedded.home import Home, open_home
from gis.embedded.programs import silent

EVERY_S = 1.0
LATER_S = 15.0
"""After a start that failed: its reason will hardly be gone in a second."""

log = logging.getLogger("wangge.database")


def own_cluster(root: Path, url: str) -> tuple[Home, Binaries] | None:
    """Return the cluster of the home ``root`` and its programs, if ``url`` leads there.

    Nothing is made: a home whose database is elsewhere stays as it is.
    """
    if not (root / cluster.LOCK).exists():
        return None
    home = open_home(root)
    found = binaries.find(home.packages, major=cluster.major_of(home))
    return (home, found) if found and url == cluster.url(home) else None


@contextmanager
def running(home: Home, programs: Binaries, *, every: float = EVERY_S) -> Iterator[None]:
    """Look every so many seconds, in a thread of its own; a start under way is waited for."""
    over = threading.Event()

    def loop() -> None:
        pause = every
        while not over.wait(pause):
            pause = every if is_there(home) or restore(home, programs) else LATER_S

    thread = threading.Thread(target=loop, name="database", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def is_there(home: Home) -> bool:
    """Tell whether somebody listens at the cluster's socket.

    A busy server is there: only what certainly is not there is started.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(home.socket / cluster.SOCKET))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:  # all its places are taken, or it is slow
            return True
    return True


def restore(home: Home, programs: Binaries) -> bool:
    """Start the cluster again; return whether that went well."""
    log.warning("the database is gone; it is started again")
    try:
        cluster.start(home, programs, silent)
    except (SetupError, OSError) as error:
        log.error("the database could not be started: %s", error)
        return False
    log.warning("the database is back")
    return True
