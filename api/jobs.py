"""What the server does of itself: the sweep that moves what is past its time."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from gis import times
from gis.issues.sweep import escalate

log = logging.getLogger("wangge.jobs")


@contextmanager
def running(engine: Engine, *, every: float | None) -> Iterator[None]:
    """Sweep every so many seconds in a thread of its own; None sweeps never.

    Any number of processes may do so: a sweep takes only what no other holds,
    and twice is once. A database that is away is asked again next time.
    """
    if every is None:
        yield
        return
    stop = threading.Event()

    def loop() -> None:
        while not stop.wait(every):
            try:
                with engine.begin() as conn:
                    escalate(conn, at=times.now())
            except OperationalError as error:
                reason = str(error.orig).partition("\n")[0]
                log.warning("no sweep, the database is away: %s", reason)
            except Exception:  # a fault in one sweep must not be the end of all
                log.exception("the sweep failed; it is tried again in %s s", every)

    thread = threading.Thread(target=loop, name="sweep", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)
