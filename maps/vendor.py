"""Fetch the browser's files from npm at exact pins: checked, unpacked by us, nothing executed.

``browser.lock.json`` has two groups: what we serve, and what only the checks
need. A package is one entry: its version, the sha512 that npm publishes, and
its files; ``*`` in a file's name stands for any text. No address of a registry
is kept: npm knows its own.
"""

import base64
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypedDict

from gis.embedded.errors import SetupError
from gis.embedded.programs import Tell, follow
from gis.embedded.refusals import understood
from gis.messages import say

LOCK = Path(__file__).parents[1] / "browser.lock.json"
SERVED, CHECKS = "served", "checks"
IMPATIENT = ("--fetch-retries", "2", "--fetch-retry-mintimeout", "1000")  # by default: 73 s


class Pin(TypedDict):
    """One package of the lock file."""

    version: str
    integrity: str
    files: list[str]


def read_lock(group: str = SERVED) -> dict[str, Pin]:
    """Return the pins of a group by the package's name."""
    pins: dict[str, Pin] = json.loads(LOCK.read_text("utf-8"))[group]
    return pins


def folder_name(package: str, pin: Pin) -> str:
    """Return the folder of a package; the version in it lets its files be kept for ever."""
    return f"{package.replace('/', '-').lstrip('@')}-{pin['version']}"


def missing(pins: Mapping[str, Pin], target: Path) -> dict[str, Pin]:
    """Return the pins of which a file is not in ``target``."""

    def is_there(package: str, pin: Pin) -> bool:
        folder = target / folder_name(package, pin)
        return all(any(folder.glob(pattern)) for pattern in pin["files"])

    return {package: pin for package, pin in pins.items() if not is_there(package, pin)}


def fetch(pins: Mapping[str, Pin], target: Path, npm: Sequence[str], tell: Tell) -> None:
    """Fetch ``pins`` into ``target`` with the command ``npm``; a package appears as a whole.

    `npm pack` downloads an archive and runs no script of it.
    """
    partial = target / ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for package, pin in pins.items():
        tell(say("downloading {package}", package=f"{package} {pin['version']}"))
        archive = pack(package, pin, partial, npm)
        check(archive, package, pin)
        staged = partial / "files"
        extract(archive, package, pin["files"], staged)
        archive.unlink()
        final = target / folder_name(package, pin)
        shutil.rmtree(final, ignore_errors=True)
        staged.rename(final)
    shutil.rmtree(partial)


def pack(package: str, pin: Pin, folder: Path, npm: Sequence[str]) -> Path:
    """Download one archive with npm and return its path."""
    name = f"{package}@{pin['version']}"
    options = ("--ignore-scripts", "--pack-destination", str(folder), "--loglevel", "error")
    done = follow(
        [*npm, "pack", name, *options, *IMPATIENT],
        cwd=folder,
        env={**os.environ, "npm_config_cache": str(folder / "cache")},
    )
    archives = list(folder.glob("*.tgz"))
    if done.status or len(archives) != 1:
        errors = [line.removeprefix("npm error ") for line in done.lines if line.startswith("npm")]
        reason = ", ".join(errors[:2]) or done.last()
        raise understood(done.lines, folder=folder) or SetupError(
            say("npm could not fetch {package}: {reason}.", package=name, reason=reason),
            f"npm view {name} && ./wangge setup",
        )
    return archives[0]


def check(archive: Path, package: str, pin: Pin) -> None:
    """Refuse an archive that is not, bit by bit, the one that was locked."""
    found = integrity(archive)
    if found != pin["integrity"]:
        raise SetupError(
            say(
                "{package} is not the archive that browser.lock.json names; it has {integrity}.",
                package=f"{package}@{pin['version']}",
                integrity=found,
            ),
            "git checkout browser.lock.json && ./wangge setup",
        )


def integrity(archive: Path) -> str:
    """Return the sha512 of a file in the form that npm and browsers use."""
    digest = hashlib.sha512(archive.read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode()}"


def extract(archive: Path, package: str, files: Sequence[str], target: Path) -> None:
    """Write the named files of an archive to ``target``.

    Every name in an archive begins with one folder, as a rule ``package/``. Only
    regular files are read, and none whose name would lead out of ``target``.
    """
    wanted = dict.fromkeys(files, False)
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            name = member.name.partition("/")[2]
            patterns = [pattern for pattern in files if fnmatchcase(name, pattern)]
            harmless = member.isreg() and ".." not in Path(name).parts
            source = tar.extractfile(member) if patterns and harmless else None
            if source is None:
                continue
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(source.read())
            wanted |= dict.fromkeys(patterns, True)
    if lacking := [pattern for pattern, found in wanted.items() if not found]:
        raise SetupError(
            say("{package} has no file {file}.", package=package, file=lacking[0]),
            "git checkout browser.lock.json && ./wangge setup",
        )
