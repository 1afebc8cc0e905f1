"""What a reader may do to the process it runs in; run apart by tests, by name."""

import ctypes
import hashlib
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from threading import Thread

from gis.errors import Busy, Conflict, InvalidFile, InvalidGeometry, NotRedrawn, Problem
from gis.messages import say


def sleeps(marker):
    """Never return, nor does a child of its own, whose number stands in the marker."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    marker.write_text(str(child.pid))
    time.sleep(3600)


def spins():
    while True:
        pass


def spins_on_two_cores():
    """Use up a second of the processor in half a second of the clock."""
    busy = partial(hashlib.pbkdf2_hmac, "sha256", b"", b"", 2**31 - 1)  # lets others compute, too
    threads = [Thread(target=busy) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def crashes():
    ctypes.string_at(0)


def leaves():
    os._exit(0)


def fills_the_memory():
    held = []
    while True:
        held.append(bytearray(2**26))


def fills_the_disk():
    path = Path("much")
    with path.open("wb") as file:
        file.truncate(2**40)


def fails():
    raise RuntimeError("a fault of ours")


def prints():
    os.write(1, b"from a library in C")
    print("from Python", flush=True)
    return 42


def refuses(kind):
    problem = Problem(
        "overlap", say("{n} overlap.", n=2), say("Mend them."), feature=3, size_m2=1.5
    )
    raise {
        "file": InvalidFile([problem, problem]),
        "conflict": Conflict(say("Moved on."), remedy=say("Look again."), field="versions"),
        "geometry": InvalidGeometry(say("Bad.")),
        "redrawn": NotRedrawn("taken", say("Taken."), field="to", at=(117.0, 32.0)),
        "busy": Busy(say("Busy.")),
    }[kind]


def surroundings():
    return {"folder": str(Path.cwd()), "names": sorted(os.environ), "nice": os.nice(0)}


def returns(value):
    return value
