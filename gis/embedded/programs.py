"""Run the programs of others (apt, pip, npm), and hear what they say while they work."""

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gis.messages import Message

Tell = Callable[[Message], None]
"""Takes what a step is doing right now."""


def silent(_doing: Message) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and all that it said, errors included."""

    status: int
    lines: tuple[str, ...]

    def last(self, pattern: str = r"\S") -> str:
        """Return the last line that holds ``pattern``, else the last line, without full stop."""
        spoken = [line for line in self.lines if line.strip()] or ["no message"]
        found = [line for line in spoken if re.search(pattern, line)]
        return (found or spoken)[-1].strip().rstrip(".")


def follow(
    command: Sequence[str],
    *,
    hear: Callable[[str], None] = lambda _line: None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Ended:
    """Run a program to its end; each line is handed to ``hear`` as soon as it is said.

    If we are interrupted, so is the program, and its end is awaited: an apt
    that is left alone would go on installing.
    """
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                hear(lines[-1])
        except BaseException:
            process.terminate()
            process.wait()
            raise
    return Ended(process.returncode, tuple(lines))
