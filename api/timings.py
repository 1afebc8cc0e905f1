"""How long each step of set-up took when it was made; `./wangge setup --timings` tells it again."""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

from gis.messages import Message, say
from maps.words import Translate

STEPS = (
    say("Python environment"),
    say("browser files"),
    say("PostGIS"),
    say("database"),
    say("example township"),
    say("first page"),
)
"""In their order. A mere start of what was made before is none of them."""
HANDED_OVER = "WANGGE_HANDED_OVER"
"""When the launcher became the command line, on the clock that all processes share."""


def kept(home: Path) -> dict[str, float]:
    """Return the seconds of each step when it was last made, in their order."""
    try:
        found: dict[str, float] = json.loads((home / "timings.json").read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    names = (step.template for step in STEPS)
    return {name: found[name] for name in names if name in found}


def keep(home: Path, took: Mapping[str, float]) -> None:
    """Write down how long steps took that had something to do."""
    names = {step.template for step in STEPS}
    if made := {name: seconds for name, seconds in took.items() if name in names}:
        (home / "timings.json").write_text(json.dumps(kept(home) | made), "utf-8")


def table(home: Path, words: Translate) -> str:
    """Return the steps and their seconds, one a line, with their sum."""
    took = kept(home)
    rows = [*((words(Message(name)), seconds) for name, seconds in took.items())]
    rows.append((words(say("all")), sum(took.values())))
    return "\n".join(f"{seconds:7.1f} s  {name}" for name, seconds in rows)


def hand_over() -> dict[str, str]:
    """Return what tells the next program in this process when it began."""
    return {HANDED_OVER: repr(time.monotonic())}


def since_handed_over() -> float | None:
    """Return the seconds since the launcher handed over; None if none did."""
    begun = os.environ.get(HANDED_OVER)
    return time.monotonic() - float(begun) if begun else None
