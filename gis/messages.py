"""Sentences for people, kept apart from their translation.

The domain says *what* it has to say; the edges (HTTP, command line) say it in
the reader's language. The English template is the key in the catalogues, so
the extractor looks for calls of :func:`say`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence: its English template, and the values for its ``{names}``."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.template.format(**self.values)


def say(template: str, /, **values: object) -> Message:
    """Return a sentence; ``template`` must be a literal, so that it can be found."""
    return Message(template, values)


NOTHING = Message("")
"""No sentence."""
