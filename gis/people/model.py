"""What the rest of the service knows of people and of what they answer for."""

from dataclasses import dataclass
from datetime import date, timedelta

from gis.hierarchy import Code
from gis.people.roles import Role

Post = tuple[str, Code, Role]
"""A person, a cell and a role: what nobody has twice on a day."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who answers for a cell on some day.

    ``deputy`` tells that the person stands in: no holder of the post is there.
    """

    cell: Code
    person: str
    name: str
    role: Role
    phone: str
    deputy: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in the grid; ``id`` is the 工号, and a text left out is empty."""

    id: str
    name: str
    phone: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """Local dates from ``since`` until before ``until``; None is an open end."""

    since: date | None = None
    until: date | None = None

    @property
    def last(self) -> date | None:
        """The last day included; None where the end is open."""
        return None if self.until is None else self.until - timedelta(days=1)

    def overlaps(self, other: "Term") -> bool:
        """Whether the two share a day."""
        return self._begins_before(other.until) and other._begins_before(self.until)

    def _begins_before(self, day: date | None) -> bool:
        return self.since is None or day is None or self.since < day


@dataclass(frozen=True, slots=True)
class Holding:
    """A person in a role at a cell; ``deputy_for`` None holds the post itself."""

    person: str
    cell: Code
    role: Role
    term: Term
    deputy_for: str | None = None

    @property
    def post(self) -> Post:
        """The person, the cell and the role."""
        return self.person, self.cell, self.role
