"""What a command says: sentences on standard error, one JSON object on standard output."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api import schemas
from gis.errors import GridError, Problem
from gis.messages import Message, say
from maps.words import Translate, language_of_environment, translator

SHOWN = 20
"""Problems written out in words; all of them are in the JSON."""


@dataclass(frozen=True)
class Output:
    """The two streams, in the language of the environment."""

    json: bool
    language: str
    words: Translate = field(repr=False)

    @classmethod
    def of(cls, args: argparse.Namespace) -> "Output":
        """Return the output that the arguments ask for."""
        language = language_of_environment()
        return cls(bool(vars(args).get("json")), language, translator(language))

    def tell(self, message: Message) -> None:
        """Say a sentence to the person."""
        print(self.words(message), file=sys.stderr, flush=True)

    def give(self, answer: Mapping[str, Any]) -> None:
        """Print the JSON object, if it was asked for."""
        if self.json:
            print(json.dumps(answer, ensure_ascii=False, default=self._plain), flush=True)

    def refused(self, error: GridError) -> None:
        """Say what is wrong, in which field, and how to mend it."""
        self.tell(error.reason)
        if error.remedy.template:
            self.tell(error.remedy)
        self.give({"code": error.code, "field": error.field, "message": self.words(error.reason)})

    def imported(
        self,
        *,
        read: int = 0,
        written: int = 0,
        skipped: int = 0,
        problems: Sequence[Problem] = (),
        notes: Mapping[str, int] | None = None,
    ) -> None:
        """Say what became of a file, problem by problem, and count its rows."""
        for problem in problems[:SHOWN]:
            self.tell(self._sentence(problem))
        if len(problems) > SHOWN:
            self.tell(say("… and {n} more; --json lists them all.", n=len(problems) - SHOWN))
        for code, n in sorted((notes or {}).items()):
            self.tell(say("{code}: {n}", code=code, n=n))
        self.tell(
            say(
                "{read} read, {written} written, {skipped} left out.",
                read=read,
                written=written,
                skipped=skipped,
            )
        )
        self.give(
            {
                "read": read,
                "written": written,
                "skipped": skipped,
                "problems": [schemas.problem(problem, self.words) for problem in problems],
                "notes": dict(notes or {}),
            }
        )

    def progress(self, what: Message) -> Callable[[int, int], None]:
        """Return a function that shows how far a long command has come, on a terminal."""

        def show(done: int, total: int) -> None:
            if sys.stderr.isatty():
                end = "\n" if done >= total else ""
                print(f"\r\x1b[K{self.words(what)} {done}/{total}", end=end, file=sys.stderr)

        return show

    def _sentence(self, problem: Problem) -> Message:
        if problem.row is not None:
            return say(
                "Row {n}: {message} {remedy}",
                n=problem.row,
                message=problem.message,
                remedy=problem.remedy,
            )
        if problem.feature is not None:
            return say(
                "Feature {n}: {message} {remedy}",
                n=problem.feature,
                message=problem.message,
                remedy=problem.remedy,
            )
        return say("{message} {remedy}", message=problem.message, remedy=problem.remedy)

    def _plain(self, value: object) -> Any:
        return schemas.plain(value, self.words)
