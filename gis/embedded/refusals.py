"""Why fetching or unpacking failed, out of what others' programs said, and what mends it."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from shutil import disk_usage

from gis.embedded.errors import SetupError
from gis.messages import say

FULL = re.compile("No space left on device|ENOSPC")
DATED = re.compile(
    "(?:certificate|release file).*(?:not yet valid|not valid yet|expired)"
    "|cert_not_yet_valid|cert_has_expired",
    re.IGNORECASE,
)
BROKEN = re.compile(r"connection broken by|ReadTimeoutError|Max retries exceeded")
REASONS = (
    re.compile(r"\[Errno -?\d+\] ([^'\")\]]+)"),
    re.compile(r"certificate verify failed: ([^'\"(]+)"),
    re.compile(r"(Read timed out)"),
    re.compile(r"'([^'(]+)'"),
)


def understood(lines: Sequence[str], *, folder: Path) -> SetupError | None:
    """Return the refusal for what went wrong around a program, not in it; None if nothing did.

    A disk that is full, a clock that is wrong, and a network that is away each
    make a dozen different last lines.
    """
    if any(FULL.search(line) for line in lines):
        return full(folder)
    if any(DATED.search(line) for line in lines):
        return SetupError(
            say("A server's certificate or list is not valid at the time that this computer's "
                "clock shows: {now}.", now=f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"),
            "sudo date -s 'YYYY-MM-DD HH:MM' && ./wangge setup",
        )  # fmt: skip
    broken = [line for line in lines if BROKEN.search(line)]
    if not broken:
        return None
    found = (pattern.search(broken[-1]) for pattern in REASONS)
    reason = next((match[1].strip() for match in found if match), broken[-1].strip())
    return SetupError(
        say("The package index cannot be reached: {reason}.", reason=reason),
        "PIP_INDEX_URL=ADDRESS ./wangge setup",
    )


def full(folder: Path) -> SetupError:
    """Return the refusal for a full disk."""
    return SetupError(say("The disk of {path} is full.", path=folder), f"df -h '{folder}'")


def require_space(folder: Path, megabytes: int) -> None:
    """Refuse to begin what would fill the disk of ``folder``, which need not be there yet."""
    there = next(part for part in (folder, *folder.parents) if part.exists())
    free = disk_usage(there).free // 1_000_000
    if free < megabytes:
        raise SetupError(
            say("{path} has {free} MB free, and {needed} MB are needed.",
                path=there, free=free, needed=megabytes),
            f"df -h '{there}'",
        )  # fmt: skip
