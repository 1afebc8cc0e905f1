"""Progress on standard error: one live line a step on a terminal, plain lines otherwise."""

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from gis.embedded.programs import Tell
from gis.messages import Message
from maps.words import Translate

TICK_S = 0.2
PLAIN_EVERY_S = 5.0
"""Plain lines are for logs: not one for every package."""


class Progress:
    """Names each step that has something to do, and keeps its seconds in ``timings``.

    A step that tells nothing was done already, and is not mentioned.
    """

    def __init__(self, words: Translate) -> None:
        self.words = words
        self.timings: dict[str, float] = {}

    @contextmanager
    def step(self, name: Message) -> Iterator[Tell]:
        """Time a step; the yielded function takes what it is doing right now."""
        line = Line(self.words(name), live=sys.stderr.isatty())
        done = False
        try:
            yield lambda doing: line.show(self.words(doing))
            done = True
        finally:
            if line.shown:
                self.timings[name.template] = line.end("✓" if done else "✗")


class Line:
    """The line of one step."""

    def __init__(self, name: str, *, live: bool) -> None:
        self.name = name
        self.live = live
        self.shown = False
        self.begun = time.monotonic()
        self.said_at = -PLAIN_EVERY_S
        self.doing = ""
        self.ended = threading.Event()
        self.painter = threading.Thread(target=self.paint, daemon=True)

    def show(self, doing: str) -> None:
        """Show what the step is doing."""
        self.doing = doing
        if self.live and not self.shown:
            self.painter.start()
        self.shown = True
        if not self.live and time.monotonic() - self.said_at >= PLAIN_EVERY_S:
            self.said_at = time.monotonic()
            print(f"… {self.name}: {doing}", file=sys.stderr, flush=True)

    def paint(self) -> None:
        """Redraw the line until the step ends, so that its seconds run."""
        while not self.ended.wait(TICK_S):
            text = f"… {self.name}  {time.monotonic() - self.begun:.0f} s  {self.doing}"
            width = shutil.get_terminal_size().columns
            sys.stderr.write("\r\x1b[K" + cut(text, width - 1))
            sys.stderr.flush()

    def end(self, mark: str) -> float:
        """End the line with a mark, and return the step's seconds."""
        self.ended.set()
        if self.live:
            self.painter.join()
            sys.stderr.write("\r\x1b[K")
        seconds = time.monotonic() - self.begun
        print(f"{mark} {self.name}  {seconds:.1f} s", file=sys.stderr, flush=True)
        return seconds


def cut(text: str, columns: int) -> str:
    """Return as much of ``text`` as fits into ``columns``; a Chinese character takes two."""
    width = 0
    for at, character in enumerate(text):
        width += 2 if character > "\u2e7f" else 1
        if width > columns:
            return text[:at]
    return text
