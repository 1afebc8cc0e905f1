"""The browser in which pages are tested, and a Chinese font for it."""

import os
import shlex
import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path

from gis.embedded import debian
from gis.embedded.binaries import library_path
from gis.embedded.errors import SetupError
from gis.embedded.home import locked
from gis.embedded.programs import Tell
from gis.messages import say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONT_PACKAGE = "fonts-noto-cjk"
FONTS = Path("/usr/share/fonts")
FONTS_CONF = """<?xml version="1.0"?>
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>/usr/share/fonts</dir>
  <dir>{tree}/usr/share/fonts</dir>
  <cachedir>{tree}/fonts-cache</cachedir>
</fontconfig>
"""
MEND = "WANGGE_CHROMIUM=PROGRAM ./wangge test"
OWN = "usr/lib/chromium/chromium"
"""Debian's browser itself; beside it is a script for desktops."""


def ensure(home: Path, tell: Tell) -> Path:
    """Return a Chromium that can show Chinese: found, installed by root, or unpacked without.

    Raises
    ------
    SetupError
        If there is none and none can be had.
    """
    if given := os.environ.get("WANGGE_CHROMIUM"):
        return Path(given)
    wrapper = home / "chromium" / "run"
    found = wrapper if wrapper.exists() else installed()
    lacking = [] if found else ["chromium"]
    if found != wrapper and not has_chinese_font():
        lacking.append(FONT_PACKAGE)
    if lacking and debian.has_apt():
        with locked(home / "setup.lock", tell):
            if not debian.is_root():
                fetch(wrapper.parent, home / "apt", lacking, tell)
                return wrapper
            debian.refresh((), tell)
            require_real(lacking, ())
            debian.install(lacking, tell)
            found = installed()
    if found is None:
        raise SetupError(say("There is no Chromium on this machine."), MEND)
    return found


def installed() -> Path | None:
    """Return the machine's own Chromium or Chrome, if it has one."""
    return next((Path(found) for name in NAMES if (found := shutil.which(name))), None)


def has_chinese_font() -> bool:
    """Tell whether a font with Chinese characters is installed."""
    return any(FONTS.rglob("*CJK*")) or any(FONTS.rglob("wqy*"))


def fetch(tree: Path, apt_folder: Path, packages: list[str], tell: Tell) -> None:
    """Unpack a browser, a font, or both, with a program `run` that starts them."""
    options = debian.private(apt_folder)
    debian.refresh(options, tell)
    require_real(packages, options)
    shutil.rmtree(tree, ignore_errors=True)
    debian.unpack(tree, packages, options, tell)
    fonts = tree / "fonts.conf"
    fonts.write_text(FONTS_CONF.format(tree=escape(str(tree))), "utf-8")
    program = installed() or tree / OWN
    libraries = "" if installed() else f"LD_LIBRARY_PATH={shlex.quote(library_path(tree))} "
    run = tree / "run.partial"
    run.write_text(
        f"#!/bin/sh\nFONTCONFIG_FILE={shlex.quote(str(fonts))} {libraries}"
        f'exec {shlex.quote(str(program))} "$@"\n',
        "utf-8",
    )
    run.chmod(0o755)
    run.rename(tree / "run")


def require_real(packages: Sequence[str], options: Sequence[str]) -> None:
    """Refuse Ubuntu's package of this name, which only points to a snap."""
    if "chromium" not in packages:
        return
    offered = debian.run(["apt-cache", *options, "show", "chromium"]).lines
    if any(line.startswith("Version:") and "snap" in line for line in offered):
        raise SetupError(say("This distribution has no package of Chromium."), MEND)
