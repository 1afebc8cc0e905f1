"""Fetch Debian packages: installed by root, else unpacked into a folder without root.

The second way keeps apt's lists and cache in the home: a fresh machine has empty
lists, and an ordinary user may not refresh the system's.
"""

import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from gis.embedded.errors import SetupError
from gis.embedded.programs import Ended, Tell, follow
from gis.embedded.refusals import require_space, understood
from gis.messages import say

POSTGIS = re.compile(r"postgresql-(\d+)-postgis-3")
JIT_ONLY = re.compile(r"lib(llvm|z3)")
"""A quarter of what PostGIS needs, for a compiler that our clusters never use."""
POSTGIS_MB = 700
"""Lists, archives and what is unpacked from them, all at once."""
DOWNLOADS = re.compile(r"Get:\d+ \S+ \S+ \S+ (\S+)")
INSTALLS = re.compile(r"(?:Unpacking|Setting up) (\S+)")
PATIENCE = (
    *("-o", "DPkg::Lock::Timeout=300"),  # for another apt
    *("-o", "Acquire::Retries=1"),
    *("-o", "Acquire::http::Timeout=20"),
    *("-o", "Acquire::https::Timeout=20"),
)


def has_apt() -> bool:
    """Tell whether this is a Debian or a descendant of it."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg"))


def is_root() -> bool:
    """Tell whether packages can be installed."""
    return os.geteuid() == 0


def run(
    command: Sequence[str], *, hear: Callable[[str], None] = lambda _line: None, cwd: Path = Path()
) -> Ended:
    """Run apt or dpkg; SetupError with its last error if it fails."""
    path = f"{os.environ.get('PATH', '/usr/bin:/bin')}:/usr/sbin:/sbin"  # dpkg wants ldconfig
    env = {**os.environ, "PATH": path, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = follow(command, hear=hear, cwd=cwd, env=env)
    if done.status:
        raise understood(done.lines, folder=cwd.absolute()) or failure(
            command[0], done.last("^E: |rror")
        )
    return done


def failure(program: str, reason: str) -> SetupError:
    """Return what to raise when a program of Debian's failed."""
    return SetupError(
        say("{program} failed: {reason}.", program=program, reason=re.sub("^[EW]: ", "", reason)),
        "sudo apt-get update && ./wangge setup",
    )


def apt(
    options: Sequence[str], *command: str, tell: Tell | None = None, cwd: Path = Path()
) -> Ended:
    """Run apt-get and tell which package it is at."""

    def hear(line: str) -> None:
        if tell and (found := DOWNLOADS.match(line)):
            tell(say("downloading {package}", package=found[1]))
        elif tell and (found := INSTALLS.match(line)):
            tell(say("installing {package}", package=found[1]))

    return run(["apt-get", "-q", *PATIENCE, *options, *command], hear=hear, cwd=cwd)


def private(folder: Path) -> list[str]:
    """Return the options with which apt-get keeps lists and cache under ``folder``."""
    for place in ("lists/partial", "cache/archives/partial"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    return [
        *("-o", f"Dir::State::Lists={folder / 'lists'}"),
        *("-o", f"Dir::Cache={folder / 'cache'}"),
        *("-o", "APT::Sandbox::User="),  # else root's apt would want to be _apt in there
    ]


def newest_postgis(options: Sequence[str] = ()) -> tuple[str, int]:
    """Return the distribution's package of PostGIS and its PostgreSQL's version."""
    names = run(["apt-cache", *options, "pkgnames", "postgresql-"]).lines
    found = [(name, int(match[1])) for name in names if (match := POSTGIS.fullmatch(name))]
    if not found:
        raise SetupError(
            say("This distribution has no package of PostGIS."),
            "WANGGE_DATABASE_URL=postgresql://… ./wangge demo",
        )
    return max(found, key=lambda one: one[1])


def install(packages: Sequence[str], tell: Tell) -> None:
    """Install packages as root; apt's lists must be fresh."""
    tell(say("apt-get install {packages}", packages=" ".join(packages)))
    apt((), "install", "-y", "--no-install-recommends", *packages, tell=tell)


def install_postgis(tell: Tell) -> None:
    """Install PostGIS as root, without the cluster that Debian would make and start.

    The switch for that is a file which must be there before the package is.
    """
    switch = Path("/etc/postgresql-common/createcluster.conf")
    if not switch.exists():
        switch.parent.mkdir(exist_ok=True)
        switch.write_text("create_main_cluster = false\n", "utf-8")
        switch.parent.chmod(0o755)  # whatever root's umask is
        switch.chmod(0o644)
    refresh((), tell)
    install([newest_postgis()[0]], tell)


def refresh(options: Sequence[str], tell: Tell) -> None:
    """Fetch apt's lists of packages; one source of several may fail, as apt itself holds."""
    tell(say("fetching the lists of packages"))
    done = apt(options, "update")
    if not any(line.startswith(("Get:", "Hit:")) for line in done.lines):
        raise understood(done.lines, folder=Path.cwd()) or failure(
            "apt-get", done.last("Failed to fetch")
        )


def unpack_postgis(tree: Path, apt_folder: Path, tell: Tell) -> None:
    """Unpack PostGIS and what it needs under ``tree``, which appears whole or not at all."""
    require_space(tree, POSTGIS_MB)
    options = private(apt_folder)
    refresh(options, tell)
    postgis, major = newest_postgis(options)
    own = {f"{postgis}-scripts", f"postgresql-{major}", f"postgresql-client-{major}"}
    unpack(tree, [postgis, *own], options, tell, finish=adopt_postgis)


def unpack(
    tree: Path,
    packages: Sequence[str],
    options: Sequence[str],
    tell: Tell,
    *,
    finish: Callable[[Path], None] = lambda _tree: None,
) -> None:
    """Download ``packages`` and what they need, and unpack all under ``tree``, without root.

    Of what they need only those are taken that the machine lacks, so that its C
    library is never mixed with another. apt checks every signed digest.
    """
    plan = apt(options, "install", "-s", "--no-install-recommends", *packages)
    lacking = [found[1] for line in plan.lines if (found := re.match(r"Inst (\S+)", line))]
    names = sorted(name for name in {*packages, *lacking} if not JIT_ONLY.match(name))
    partial = tree.with_name(tree.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    archives = partial / "archives"
    archives.mkdir(parents=True)
    tell(say("downloading {n} packages", n=len(names)))
    apt(options, "download", *names, tell=tell, cwd=archives)
    for file in sorted(archives.glob("*.deb")):
        tell(say("unpacking {package}", package=file.name.split("_")[0]))
        run(["dpkg", "-x", str(file), str(partial)])
    shutil.rmtree(archives)
    finish(partial)
    partial.rename(tree)


def adopt_postgis(tree: Path) -> None:
    """Make ``postgis.control``, an alternative that an installation would have chosen."""
    for control in tree.glob("usr/share/postgresql/*/extension/postgis*-3.control"):
        target = control.with_name(control.name.replace("-3.control", ".control"))
        if not target.exists():
            shutil.copyfile(control, target)


def pip_wheel(tree: Path, apt_folder: Path, tell: Tell) -> Path:
    """Return pip's wheel, out of a package unpacked under ``tree``."""
    if not tree.exists():
        options = private(apt_folder)
        refresh(options, tell)
        unpack(tree, ["python3-pip-whl"], options, tell)
    return next(tree.glob("usr/share/python-wheels/pip-*.whl"))
