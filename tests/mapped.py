"""A township of two villages of two square units each, as a page of the map sees it."""

from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from shapely import LineString, MultiPolygon, box

from gis.cells.model import CellShape
from gis.hierarchy import Cell, Level, Tree
from gis.issues.lifecycle import Severity, Status
from gis.issues.pins import Pin
from gis.messages import say
from gis.people.model import Holder
from gis.people.roles import Role
from gis.reports import Question, Report
from maps.view import Ask, LeaderView, Track, scope_of

FIRST, LAST = date(2026, 5, 12), date(2026, 5, 18)
AT = datetime(2026, 5, 18, 8, 30, tzinfo=UTC)
SIDE = 0.01

# East and west village; their units side by side, each of 100 ha.
SQUARES = {"w1": (0, 0, 1, 1), "w2": (1, 0, 2, 1), "e1": (2, 0, 3, 1), "e2": (3, 0, 4, 1)}
PARENTS = {"t": None, "a": "t", "w": "a", "e": "a", "w1": "w", "w2": "w", "e1": "e", "e2": "e"}
NAMES = {"t": "T", "a": "A", "w": "West", "e": "East"} | {
    "w1": "West 1",
    "w2": "West 2",
    "e1": "East 1",
    "e2": "East 2",
}
LEVELS = {"t": Level.TOWNSHIP, "a": Level.AREA, "w": Level.VILLAGE, "e": Level.VILLAGE}
OUTLINES = {"t": (0, 0, 4, 1), "a": (0, 0, 4, 1), "w": (0, 0, 2, 1), "e": (2, 0, 4, 1)} | SQUARES


def shape(code, name=None):
    corners = [side * SIDE for side in OUTLINES[code]]
    return CellShape(
        id=list(OUTLINES).index(code),
        code=code,
        name=name or NAMES[code],
        level=LEVELS.get(code, Level.UNIT),
        parent=PARENTS[code],
        kind="",
        geom=MultiPolygon([box(*corners)]),
        area_m2=1_000_000.0 * (OUTLINES[code][2] - OUTLINES[code][0]),
    )


TREE = Tree.of(Cell(code, LEVELS.get(code, Level.UNIT), parent) for code, parent in PARENTS.items())


def holder(cell, name, *, deputy=False):
    return Holder(cell, f"p-{name}", name, Role.UNIT_WORKER, "", deputy)


# w1 and w2 are held, e1 has a deputy only, e2 nobody.
HOLDERS = {
    "w1": [holder("w1", "Ann")],
    "w2": [holder("w2", "Bo"), holder("w2", "Cai")],
    "e1": [holder("e1", "Di", deputy=True)],
    "w": [holder("w", "Wu")],
}

# Ground passed: 95 % and 50 % in the west, 10 % in the east; e2 has no ground due.
PASSED = {"w1": (100, 95, 90, 18), "w2": (100, 50, 50, 16), "e1": (100, 10, 0, 8), "e2": None}
SECONDS = {"w1": 72_000, "w2": 6_000, "e1": 0, "e2": None}
OPEN = {"w1": (2, 1, 0), "w2": (0, 0, 0), "e1": (1, 0, 1), "e2": (0, 0, 0), "": (1, 0, 0)}


def units(code):
    return [one for one in TREE.within(code) if one in SQUARES]


def coverage(code):
    known = [PASSED[one] for one in units(code) if PASSED[one]]
    due = sum(row[0] for row in known) * 10_000.0
    covered = sum(row[1] for row in known) * 10_000.0
    own = sum(row[2] for row in known) * 10_000.0
    days = [date(2026, 5, row[3]) for row in known]
    return {
        "area_m2": 1_000_000.0 * len(units(code)),
        "due_m2": due,
        "covered_m2": covered,
        "covered_pct": 100 * covered / due if due else None,
        "covered_by_holder_pct": 100 * own / due if due else None,
        "last_patrolled": max(days, default=None),
    }


def density(code):
    known = [SECONDS[one] for one in units(code) if SECONDS[one] is not None]
    nothing = {"person_seconds": None, "passes": None, "days": None}
    return {"person_seconds": sum(known), "passes": 3, "days": 2} if known else nothing


def issues(code):
    counts = [OPEN[one] for one in (units(code) if code else [""])]
    opened, overdue, escalated = (sum(column) for column in zip(*counts, strict=True))
    return {
        "reported": opened + 1,
        "open": opened,
        "overdue": overdue,
        "escalated": escalated,
        "closed": 1,
    }


FIGURES = {Question.COVERAGE: coverage, Question.DENSITY: density, Question.ISSUES: issues}


def gap(code, kind, area_m2, geometry):
    return {
        "cell": code,
        "name": NAMES.get(code, ""),
        "level": None,
        "kind": kind,
        "area_m2": area_m2,
        "since": date(2026, 5, 14),
        "days": 5,
        "person": "Wu",
        "reason": say("Nobody was ever named for it."),
        "action": say("Walk there on the next patrol."),
        "geometry": geometry,
    }


GAPS = [
    gap("e1", "not_patrolled", 1_000_000.0, shape("e1").geom),
    gap("e1", "not_passed", 900_000.0, box(0.021, 0, 0.03, 0.01)),
    gap("e2", "no_holder", 1_000_000.0, shape("e2").geom),
    gap("w2", "not_passed", 30_000.0, box(0.011, 0.001, 0.012, 0.002)),
    gap("", "unassigned_ground", 500.0, box(0.04, 0, 0.0401, 0.01)),
]


def report(question, codes, *, place):
    if question is Question.GAPS:
        rows = [one for one in GAPS if one["cell"] in codes or not one["cell"]]
        return Report(question, AT, FIRST, LAST, rows, {})
    figures = FIGURES[question]
    rows = [
        {"cell": code, "name": NAMES[code], "level": shape(code).level, **figures(code)}
        for code in codes
    ]
    total = figures(place)
    if question is Question.ISSUES:
        outside = issues("")
        rows.append({"cell": "", "name": "", "level": None, **outside})
        total = {key: total[key] + outside[key] for key in total}
    return Report(question, AT, FIRST, LAST, rows, total)


def pin(number, lon, *, overdue=False, escalated=False, text="", status=Status.REPORTED):
    return Pin(
        id=UUID(int=number),
        lon=lon,
        lat=0.005,
        status=status,
        category="Waste",
        text=text,
        severity=Severity.ORDINARY,
        overdue=overdue,
        escalated=escalated,
        owner="w",
        owner_name="West",
        holders=("Wu",),
        due=AT,
        reported_at=AT,
    )


PINS = [
    pin(1, 0.003),
    pin(2, 0.005, overdue=True),
    pin(3, 0.025, escalated=True),
    pin(4, 0.2),  # in no cell
]


def view(ask=Ask.CELLS, *, cell=None, level=None, shapes=None, pins=PINS, tracks=()):
    scope = scope_of(TREE, cell=cell, level=level)
    return LeaderView(
        name="T",
        zone=ZoneInfo("Asia/Shanghai"),
        ask=ask,
        scope=scope,
        at=AT,
        first=FIRST,
        last=LAST,
        shapes=shapes or [shape(code) for code in OUTLINES],
        holders=HOLDERS,
        listed={q: report(q, scope.listed, place=scope.place) for q in Question},
        filled={q: report(q, scope.filled, place="t") for q in Question},
        pins=pins,
        tracks=tracks,
    )


def walk(*, timed=True):
    return Track(LineString([(0.001, 0.001), (0.009, 0.009)]), timed)
