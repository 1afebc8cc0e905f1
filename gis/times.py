"""Instants and local dates, as people and files write them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from gis.errors import InvalidInput
from gis.messages import say

YEARS = range(1900, 3000)
"""What anybody can mean here; farther away, a day more or a zone's offset leaves the calendar."""


def now() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def today(zone: ZoneInfo) -> date:
    """Return the local date."""
    return datetime.now(zone).date()


def instant(text: str, zone: ZoneInfo, *, field: str) -> datetime:
    """Return the instant that an ISO 8601 text names, in UTC.

    Parameters
    ----------
    text
        Without an offset it is local to ``zone``; a date alone is its midnight.
    field
        What to name in the error.

    Raises
    ------
    InvalidInput
        If it is no such text, or lies outside :data:`YEARS`.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        aware = found if found.tzinfo else found.replace(tzinfo=zone)
        if found.year in YEARS:
            return aware.astimezone(UTC)
        raise ValueError(text)
    except ValueError:
        raise InvalidInput(
            say("“{text}” is not a time.", text=text),
            remedy=say("Write it as 2026-05-18T14:30 or 2026-05-18T14:30+08:00."),
            field=field,
        ) from None


def local_date(text: str, *, field: str) -> date:
    """Return the date that ``2026-05-18`` names; InvalidInput otherwise."""
    try:
        found = date.fromisoformat(text.strip())
        if found.year in YEARS:
            return found
        raise ValueError(text)
    except ValueError:
        raise InvalidInput(
            say("“{text}” is not a date.", text=text),
            remedy=say("Write it as 2026-05-18."),
            field=field,
        ) from None
