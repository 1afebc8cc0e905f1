"""Office hours, as the township keeps them; holidays are left out."""

from datetime import date, datetime, time, timedelta, timezone

ZONE = timezone(timedelta(hours=8))
"""Asia/Shanghai: no daylight saving since 1991."""
OFFICE_HOURS = ((8.5, 12.0), (14.5, 17.5))
DAY_HOURS = sum(closes - opens for opens, closes in OFFICE_HOURS)
SATURDAY = 5


def is_weekend(day: date) -> bool:
    """Say whether a day is a Saturday or a Sunday."""
    return day.weekday() >= SATURDAY


def add_working(start: datetime, hours: float) -> datetime:
    """Return the moment ``hours`` of working time after ``start``, to the second."""
    at, left = start, hours
    while True:
        midnight = datetime.combine(at.date(), time(), ZONE)
        if not is_weekend(at):
            for opens, closes in OFFICE_HOURS:
                begin = max(at, midnight + timedelta(hours=opens))
                free = (midnight + timedelta(hours=closes) - begin).total_seconds() / 3600
                if free >= left:
                    return (begin + timedelta(hours=left)).replace(microsecond=0)
                left -= max(free, 0.0)
        at = midnight + timedelta(days=1)
