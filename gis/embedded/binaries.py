"""Find a PostgreSQL, 14 or newer, whose own tree holds PostGIS, 3.2 or newer."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OLDEST_POSTGRESQL = 14
OLDEST_POSTGIS = (3, 2)
PLACES = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # PostgreSQL's own packages for Red Hat
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "usr/bin",  # Fedora, Arch
)
PROGRAMS = ("postgres", "initdb", "pg_ctl", "pg_isready", "psql", "pg_config")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one PostgreSQL; ``packages`` is set if we unpacked them ourselves."""

    folder: Path
    major: int
    packages: Path | None = None

    def environment(self) -> dict[str, str]:
        """Return its programs' environment, free of the caller's PG* and PROJ*."""
        return environment(self.folder, self.packages)

    def program(self, name: str) -> str:
        """Return the path of one of its programs."""
        return str(self.folder / name)


def find(packages: Path, *, major: int | None = None) -> Binaries | None:
    """Return the newest usable PostgreSQL, or the newest of version ``major``.

    ``$PG_BIN``, if set, is the only place to look at; else it is this machine,
    then ``packages``, where Debian's packages may have been unpacked.
    """
    if chosen := os.environ.get("PG_BIN"):
        places: Iterator[tuple[Path, Path | None]] = iter([(Path(chosen), None)])
    else:
        places = candidates(packages)
    usable = (found for place in places if (found := examine(*place)))
    return next((found for found in usable if major in (None, found.major)), None)


def candidates(packages: Path) -> Iterator[tuple[Path, Path | None]]:
    """Yield the folders to look at, and the tree that each was unpacked in, if any."""
    for pattern in PLACES:
        for folder in newest_first(Path("/"), pattern):
            yield folder, None
    for folder in newest_first(packages, PLACES[0]):
        yield folder, packages


def newest_first(root: Path, pattern: str) -> list[Path]:
    """Return the folders that match, the highest version number first."""

    def version(folder: Path) -> int:
        numbers = re.findall(r"\d+", folder.parent.name)
        return int(numbers[-1]) if numbers else 0

    return sorted(root.glob(pattern), key=version, reverse=True)


def examine(folder: Path, packages: Path | None) -> Binaries | None:
    """Return the programs in ``folder`` if they run here, are new enough and have PostGIS."""
    if not all((folder / name).exists() for name in PROGRAMS):
        return None
    env = environment(folder, packages)
    try:
        major = re.search(r"\d+", answer(folder / "postgres", "--version", env))
        share = answer(folder / "pg_config", "--sharedir", env)
        control = Path(share, "extension", "postgis.control").read_text("utf-8")
    except (OSError, subprocess.CalledProcessError):
        return None
    postgis = re.search(r"default_version = '(\d+)\.(\d+)", control)
    if not major or int(major[0]) < OLDEST_POSTGRESQL:
        return None
    if not postgis or (int(postgis[1]), int(postgis[2])) < OLDEST_POSTGIS:
        return None
    return Binaries(folder, int(major[0]), packages)


def environment(folder: Path, packages: Path | None) -> dict[str, str]:
    """Return the environment of the programs in ``folder``."""
    env = {"PATH": f"{folder}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    if packages:
        env["LD_LIBRARY_PATH"] = library_path(packages)
        # Its name before PROJ 9.1 was PROJ_LIB.
        env["PROJ_DATA"] = env["PROJ_LIB"] = str(packages / "usr/share/proj")
    return env


@cache
def library_path(packages: Path) -> str:
    """Return every folder of an unpacked tree that holds libraries.

    Debian keeps some (BLAS, LAPACK) in folders of their own, which only
    ldconfig, run by an installation, would know.
    """
    found = (file for top in ("usr/lib", "lib") for file in packages.glob(f"{top}/**/lib*.so*"))
    return ":".join(sorted({str(file.parent) for file in found}))


def answer(program: Path, option: str, env: dict[str, str]) -> str:
    """Return what a program prints. PostgreSQL's find their tree from their own path."""
    done = subprocess.run(
        [program, option], env=env, capture_output=True, text=True, check=True, cwd="/"
    )
    return done.stdout.strip()
