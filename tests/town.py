"""A made-up township: two areas, three villages, six units, and somebody at every post."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gis.hierarchy import Cell, Level, Tree
from gis.issues.calendar import OFF, OFFICE, Calendar
from gis.issues.escalation import Rules
from gis.issues.policy import DEFAULTS, Policy
from gis.people.posts import Post, Posts

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAWN = datetime(2026, 1, 1, tzinfo=UTC)

LEVELS = {"T": Level.TOWNSHIP, "A": Level.AREA, "V": Level.VILLAGE, "U": Level.UNIT}
ABOVE = {"A1": "T", "A2": "T", "V1": "A1", "V2": "A1", "V3": "A2"}
ABOVE |= {"U1": "V1", "U2": "V1", "U3": "V2", "U4": "V2", "U5": "V3", "U6": "V3"}
CELLS = ("T", *ABOVE)
TREE = Tree.of(Cell(code, LEVELS[code[0]], ABOVE.get(code)) for code in CELLS)

AUTUMN = {date(2026, 9, 20): OFFICE, date(2026, 9, 25): OFF, date(2026, 10, 10): OFFICE}
AUTUMN |= {date(2026, 10, day): OFF for day in (1, 2, 3, 5, 6, 7)}
"""Mid-Autumn and National Day 2026: a Sunday and a Saturday are worked for two days off."""
CALENDAR = Calendar(SHANGHAI, exceptions=AUTUMN, confirmed=frozenset({2026}))
POLICY = Policy(1, DAWN, DEFAULTS)


def posts(*, vacant: Iterable[str] = (), deputies: Iterable[str] = ()) -> Posts:
    """Return everybody at work but in ``vacant`` cells; each of ``deputies`` has a deputy.

    The holder of U1 is u1, its deputy is u1-deputy; V1 is held by v1 and v1-joint.
    """
    held = [code for code in CELLS if code not in vacant]
    found = [Post(code, code.lower(), DAWN) for code in held]
    found += [Post(code, f"{code.lower()}-joint", DAWN) for code in held if code[0] == "V"]
    found += [Post(code, f"{code.lower()}-deputy", DAWN, deputy=True) for code in deputies]
    return Posts.of(found)


RULES = Rules(TREE, posts(), [POLICY], CALENDAR)


def local(text: str) -> datetime:
    """Return a local time such as ``2026-09-30 16:30`` as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def shown(instant: datetime) -> str:
    """Return an instant as local time, to the minute."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def hours(number: float) -> timedelta:
    """Return that many hours."""
    return timedelta(hours=number)
