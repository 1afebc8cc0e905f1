"""Work on a stranger's file in a process of its own, which may hang or die and harm nobody.

Readers of geographic files are large programs in C. A file that makes one of them
crash, loop or fill the memory ends a child here: the server loses nothing but the
time that was allowed. The child knows neither the database nor its password.
"""

import logging
import os
import pickle
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import Any, ParamSpec, TypeVar

from gis.cells.problems import Fault, refusal
from gis.errors import Busy, GridError, InvalidFile
from gis.messages import Message, say

SECONDS = 60
MEMORY = 2 * 2**30
DISK = 2**30
AT_ONCE = 2
"""Children at a time: each may take a core and its memory."""
PATIENCE_S = 5.0
"""How long the next one waits for its turn."""

_CHILD = "from gis.cells.apart import child; child()"
_HIDDEN = ("WANGGE_", "PG")  # what leads to the database
_ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PROJ_NETWORK": "OFF"}
_UNUSED = ("geopandas", "pandas", "pyarrow")
"""Libraries that pyogrio loads if it can; our readers need none, and loading takes a second."""
_NICE = 5
_GRACE_S = 5

_turns = BoundedSemaphore(AT_ONCE)
log = logging.getLogger(__name__)

P = ParamSpec("P")
Result = TypeVar("Result")


def apart(
    work: Callable[P, Result],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Result:
    """Return what ``work`` returns, having run it in a child; see :func:`run`."""
    return run(work, args, kwargs)


def run(
    work: Callable[..., Result],
    args: tuple[object, ...] = (),
    kwargs: Mapping[str, object] | None = None,
    *,
    seconds: int = SECONDS,
    memory: int = MEMORY,
) -> Result:
    """Run a function in a child process and return what it returns.

    Parameters
    ----------
    work
        A function of a module; it, its arguments and its result are pickled.
    seconds
        Of time, and of work of the processor.
    memory
        Bytes of address space, libraries included.

    Raises
    ------
    GridError
        Whatever ``work`` refuses, as it was raised.
    InvalidFile
        If the child was too slow, took too much memory, or died.
    Busy
        If others are at it, and still after a few seconds.
    """
    task = pickle.dumps((work, args, dict(kwargs or {})))
    with _turn(), TemporaryDirectory(prefix="wangge-") as folder:
        status, answer = _spoken(task, seconds, memory, folder)
    if status is None:
        raise _failed(
            say("The file could not be read in {n} s.", n=seconds), say("Import it in parts.")
        )
    kind: str
    found: Any
    kind, found = (
        pickle.loads(answer)  # noqa: S301  (our own child's; see decision 0015)
        if status == 0 and answer
        else ("died", status)
    )
    match kind:
        case "done":
            result: Result = found
            return result
        case "refused":
            raise _again(*found)
        case "memory":
            n = memory // 2**20
            raise _failed(
                say("Reading the file takes more than {n} MB of memory.", n=n),
                say("Import it in parts."),
            )
    log.error("%s, run apart, failed: %s", getattr(work, "__qualname__", work), found)
    raise _failed(
        say("The file is broken in a way that stops the program that reads it."),
        say("Export it anew from the GIS program."),
    )


def child() -> None:
    """Do what stands on standard input, and pickle what came of it to standard output."""
    seconds, memory = map(int, sys.argv[1:])
    _limit(seconds, memory)
    for name in _UNUSED:
        sys.modules[name] = None  # type: ignore[assignment]  # so that importing it fails
    with os.fdopen(os.dup(1), "wb") as answer:
        os.dup2(2, 1)  # libraries print where they like
        pickle.dump(_outcome(sys.stdin.buffer.read()), answer)


def _outcome(task: bytes) -> tuple[str, object]:
    try:
        work, args, kwargs = pickle.loads(task)  # noqa: S301  (our own parent's)
        return "done", work(*args, **kwargs)
    except GridError as error:
        return "refused", (type(error), error.args, vars(error))
    except MemoryError:
        return "memory", None
    except Exception:  # the parent logs it; here nobody would see it
        return "failed", traceback.format_exc()


def _limit(seconds: int, memory: int) -> None:
    os.nice(_NICE)
    signal.alarm(seconds + _GRACE_S)  # should the parent be gone by then
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, DISK),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # Below the hard limit the kernel says why it ends the child (SIGXCPU); at it, it only kills.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def _spoken(task: bytes, seconds: int, memory: int, folder: str) -> tuple[int | None, bytes]:
    """Return the child's exit status and answer; None if it had to be ended."""
    child = subprocess.Popen(
        [sys.executable, "-P", "-c", _CHILD, str(seconds), str(memory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(folder),
        cwd=folder,
        start_new_session=True,
    )
    try:
        answer, _ = child.communicate(task, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None, b""
    finally:
        _end(child)
    if child.returncode == -signal.SIGXCPU:
        return None, b""
    return child.returncode, answer


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End a child, and whatever it started, if it has not ended by itself."""
    if child.poll() is None:  # so its number is still its own
        os.killpg(child.pid, signal.SIGKILL)
    for pipe in (child.stdin, child.stdout):
        if pipe:
            pipe.close()
    child.wait()


def _environment(folder: str) -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    kept = {key: v for key, v in os.environ.items() if not key.startswith(_HIDDEN)}
    path = os.pathsep.join(filter(None, (root, kept.get("PYTHONPATH"))))
    return {**kept, **_ALONE, "PYTHONPATH": path, "TMPDIR": folder}


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE_S):
        raise Busy(
            say("Other files are being read just now."), remedy=say("Try again in a minute.")
        )
    try:
        yield
    finally:
        _turns.release()


def _again(kind: type[GridError], args: tuple[Any, ...], state: Mapping[str, Any]) -> GridError:
    error = kind.__new__(kind, *args)
    vars(error).update(state)
    return error


def _failed(reason: Message, remedy: Message) -> InvalidFile:
    return refusal(Fault.UNREADABLE, reason, remedy)
