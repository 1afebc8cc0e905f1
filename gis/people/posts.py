"""Who answers for a cell at an instant: its holders, else their deputies."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Self
from zoneinfo import ZoneInfo

from gis.hierarchy import Code


@dataclass(frozen=True, slots=True)
class Post:
    """A person answers for a cell from ``since`` until before ``until``.

    None is an open end. A change takes effect when it is recorded or later:
    what was true at a past instant stays true, and so does a late sweep.
    """

    cell: Code
    person: str
    since: datetime | None = None
    until: datetime | None = None
    deputy: bool = False

    def active(self, at: datetime) -> bool:
        """Whether the person answers at ``at``."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Acting:
    """The people who share a cell's inbox; nobody when the post is vacant."""

    people: frozenset[str] = frozenset()
    deputy: bool = False

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self.people)


@dataclass(frozen=True, slots=True)
class Posts:
    """Every post of a deployment, by cell."""

    by_cell: Mapping[Code, tuple[Post, ...]]

    @classmethod
    def of(cls, posts: Iterable[Post]) -> Self:
        """Return ``posts``, in any order, by cell."""
        by_cell: dict[Code, list[Post]] = defaultdict(list)
        for post in posts:
            by_cell[post.cell].append(post)
        return cls({cell: tuple(found) for cell, found in by_cell.items()})

    def acting(self, cell: Code, at: datetime) -> Acting:
        """Return the holders of ``cell`` at ``at``, or its deputies, or nobody."""
        active = [post for post in self.by_cell.get(cell, ()) if post.active(at)]
        holders = frozenset(post.person for post in active if not post.deputy)
        deputies = frozenset(post.person for post in active if post.deputy)
        return Acting(holders) if holders else Acting(deputies, bool(deputies))


def midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    """Return the instant at which a local date begins; None stays open."""
    return None if day is None else datetime.combine(day, time(), zone)
