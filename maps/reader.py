"""Who reads a page: what stands in its top bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gis.messages import Message, say


class Page(StrEnum):
    """The pages that people go between; the words are their paths."""

    MAP = "map"
    WORK = "work"
    PLAN = "plan"


PAGES: dict[Page, Message] = {
    Page.MAP: say("Map"),
    Page.WORK: say("My cell"),
    Page.PLAN: say("Boundaries"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is signed in.

    Attributes
    ----------
    pages
        Those that the account may open.
    one_time
        The account still has the password that somebody else chose.
    """

    account: str
    pages: Sequence[Page] = (Page.MAP,)
    one_time: bool = False
