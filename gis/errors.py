"""Everything the domain refuses to do. ``code`` is public and never changes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from gis.messages import NOTHING, Message

if TYPE_CHECKING:  # the launcher reads this, and has nothing but the standard library
    from shapely.geometry.base import BaseGeometry


class GridError(Exception):
    """A refusal: what is wrong, how to mend it, and the field it is about."""

    code: ClassVar[str] = "grid_error"

    def __init__(self, reason: Message, *, remedy: Message = NOTHING, field: str = "") -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.remedy = remedy
        self.field = field


class NotFound(GridError):
    """No such record, or the caller may not know that it exists."""

    code = "not_found"


class NotAllowed(GridError):
    """The person may not do this here."""

    code = "not_allowed"


class NotSignedIn(GridError):
    """Nobody is signed in, or the password, session or token is wrong."""

    code = "not_signed_in"


class TooManyAttempts(GridError):
    """Too many failed sign-ins in a short time; ``wait`` is how long until the next may be."""

    code = "too_many_attempts"

    def __init__(self, reason: Message, *, remedy: Message, wait: timedelta) -> None:
        super().__init__(reason, remedy=remedy)
        self.wait = wait


class Busy(GridError):
    """Too much of this is going on at the moment; later it may be done."""

    code = "busy"


class Conflict(GridError):
    """The record moved on since the caller read it, or exists with other content."""

    code = "conflict"


class InvalidInput(GridError):
    """A value that cannot be right: a time, a number, a name of nothing."""

    code = "invalid_input"


class InvalidGeometry(InvalidInput):
    """Coordinates or a shape that cannot lie on the ground."""

    code = "invalid_geometry"


class NotRedrawn(InvalidGeometry):
    """A border cannot be redrawn that way: ``why`` is a word that programs know, ``at`` the place.

    ``at`` is longitude and latitude (EPSG:4326).
    """

    code = "not_redrawn"

    def __init__(
        self,
        why: str,
        reason: Message,
        *,
        remedy: Message = NOTHING,
        field: str = "",
        at: tuple[float, float],
    ) -> None:
        super().__init__(reason, remedy=remedy, field=field)
        self.why = why
        self.at = at


class InvalidTree(InvalidInput):
    """The cells do not form one hierarchy."""

    code = "invalid_tree"


class InvalidCalendar(InvalidInput):
    """The working hours overlap, run backwards, or hold no working time."""

    code = "invalid_calendar"


class InvalidPolicy(InvalidInput):
    """A policy that some issue would fall through, or a limit out of range."""

    code = "invalid_policy"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a row or feature of a file, and its remedy.

    Attributes
    ----------
    row, feature
        Counted from 1 as a person counts: the first line under a table's head
        is row 1, the first feature of a file feature 1. None: the whole file.
    lon, lat
        Where it is (EPSG:4326), if it is somewhere.
    size_m2
        How large it is, in square metres, if it has a size.
    shape
        The ground that it is about (EPSG:4326), if it is about some.
    """

    code: str
    message: Message
    remedy: Message = NOTHING
    row: int | None = None
    feature: int | None = None
    lon: float | None = None
    lat: float | None = None
    size_m2: float | None = None
    shape: "BaseGeometry | None" = field(default=None, compare=False, repr=False)


class InvalidFile(InvalidInput):
    """A file that cannot be taken in; ``problems`` names every reason."""

    code = "invalid_file"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message, remedy=problems[0].remedy)
        self.problems = tuple(problems)
