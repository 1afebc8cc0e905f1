"""PostGIS's programs, wherever they can be had."""

import os
import shutil
import sys

from gis.embedded import binaries, cluster, debian
from gis.embedded.binaries import Binaries
from gis.embedded.errors import SetupError
from gis.embedded.home import Home, locked
from gis.embedded.programs import Tell
from gis.messages import say


def provide(home: Home, tell: Tell) -> Binaries:
    """Return PostGIS's programs: found, else installed by root, else unpacked without root.

    Where there are data already, only the version that made them will do.
    """
    major = cluster.major_of(home)
    if found := binaries.find(home.packages, major=major):
        return found
    with locked(home.root / "setup.lock", tell):
        if not binaries.find(home.packages):
            fetch(home, tell)
    if found := binaries.find(home.packages, major=major):
        return found
    raise SetupError(
        say("The data are of PostgreSQL {major}, which is not on this machine.", major=major),
        f"sudo apt-get install postgresql-{major}-postgis-3",
    )


def fetch(home: Home, tell: Tell) -> None:
    """Install or unpack PostGIS; SetupError where this machine has no way to get it."""
    if debian.has_apt() and not os.environ.get("PG_BIN"):
        if debian.is_root():
            debian.install_postgis(tell)
        else:
            shutil.rmtree(home.packages, ignore_errors=True)  # one that does not work
            debian.unpack_postgis(home.packages, home.root / "apt", tell)
    if not binaries.find(home.packages):
        raise SetupError(
            say("There is no PostgreSQL 14 or newer with PostGIS 3.2 or newer on this machine."),
            "brew install postgis"
            if sys.platform == "darwin"
            else "WANGGE_DATABASE_URL=postgresql://USER@HOST/NAME ./wangge demo",
        )
