"""Where are gaps, and why: the first reason of each cell, and the ground itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import cast

from shapely.geometry.base import BaseGeometry

from gis.hierarchy import Code
from gis.messages import Message, say
from gis.reports import Question
from maps.coverage import HOLDER
from maps.picture import Amount, Column, Item, Line, Patch, Picture, Row, Value, in_order
from maps.scene import HECTARE_M2, IN_NO_CELL, ReportRow, Scene, amount, number
from maps.style import LAND, NO_DATA
from maps.view import Ask

REASONS: Mapping[str, tuple[Message, str]] = {
    "no_holder": (say("No holder"), NO_DATA),
    "not_patrolled": (say("Not patrolled in its cycle"), "since-4"),
    "not_passed": (say("Ground that nobody passed"), "since-2"),
    "not_visited": (say("Places not visited"), "density-2"),
}
"""The reasons within a cell, the first that holds first, with their classes."""

BORDERS: Mapping[str, tuple[Message, str]] = {
    "unassigned_ground": (say("Ground in no cell"), "unassigned"),
    "overlap": (say("Ground in two cells"), "overlap"),
}
"""What is wrong between cells."""

KINDS = {**REASONS, **BORDERS}
IN_PATCHES = ("not_passed", *BORDERS)
"""Kinds that are a part of a cell's ground, or none of it: drawn by themselves."""
MOST_LISTED = 50


def gaps_picture(scene: Scene) -> Picture:
    """Return the cells with a gap, each once by its first reason, and all gaps by name."""
    gaps = _inside(scene)
    first = _first_reasons(gaps)
    fills = {code: _fill(first.get(code)) for code in scene.filled}
    tally = Counter(first[code] for code in scene.inside if code in first)
    areas = _areas(gaps, first)
    whole = sum(areas.get(code, 0.0) for code in scene.inside)
    counts = {"n": len(scene.inside), "gaps": tally.total(), "vacant": tally["no_holder"]}
    named = sorted([*gaps, *_above(scene)], key=_gravity)
    return Picture(
        ask=Ask.GAPS,
        short=say("{gaps} cells, {area}", gaps=counts["gaps"], area=_hectares(whole)),
        answer=say(
            "Of {n} cells, {gaps} with a gap, {area} in all; {vacant} for want of a holder.",
            **counts,
            area=_hectares(whole),
        ),
        rule=say("A cell counts once: first a holder, then a patrol, then the ground"),
        windowed=False,
        counted=say("Cells"),
        legend=_legend(scene, gaps, tally),
        fills=fills,
        said={
            code: REASONS[first[code]][0] if code in first else say("no gap")
            for code in scene.filled
        },
        figures={
            code: _hectares(area) if (area := _area(scene, code, areas)) else None
            for code in scene.listed
        },
        columns=_columns(scene),
        rows=in_order(
            [_row(scene, code, first, areas, gaps) for code in scene.listed],
            lambda row: _area(scene, row.code, areas),
            order="descending",
        ),
        total=("", "", "", Amount(whole / HECTARE_M2))
        if scene.single
        else (*_by_kind(scene, scene.inside, first), Amount(whole / HECTARE_M2)),
        items=tuple(_item(scene, gap) for gap in named[:MOST_LISTED]),
        of=len(named),
        none=say("Nothing is missing here."),
        patches=_patches(gaps, first),
    )


def _inside(scene: Scene) -> list[ReportRow]:
    """Return the gaps of the filled cells of the place, and those between cells."""
    report = scene.view.filled.get(Question.GAPS)
    inside = set(scene.inside)
    return [
        gap
        for gap in (report.rows if report else ())
        if gap["cell"] in inside
        or (gap["kind"] in BORDERS and (not gap["cell"] or scene.is_inside(str(gap["cell"]))))
    ]


def _above(scene: Scene) -> list[ReportRow]:
    """Return the gaps of listed cells that are not filled themselves, as a vacant village post.

    Their ground is that of the filled cells, so what nobody passed is there already.
    """
    report = scene.view.listed.get(Question.GAPS)
    own = set(scene.listed) - set(scene.filled)
    return [
        gap
        for gap in (report.rows if report else ())
        if gap["cell"] in own and gap["kind"] not in IN_PATCHES
    ]


def _gravity(gap: ReportRow) -> tuple[int, float]:
    return list(KINDS).index(str(gap["kind"])), -(number(gap, "area_m2") or 0)


def _first_reasons(gaps: Sequence[ReportRow]) -> Mapping[Code, str]:
    found: dict[Code, str] = {}
    for gap in sorted((g for g in gaps if g["kind"] in REASONS), key=_gravity):
        found.setdefault(str(gap["cell"]), str(gap["kind"]))
    return found


def _areas(gaps: Sequence[ReportRow], first: Mapping[Code, str]) -> Mapping[Code, float]:
    """Return the ground of each cell's first reason, m²; other reasons may be the same ground."""
    areas: Counter[Code] = Counter()
    for gap in gaps:
        code = str(gap["cell"])
        if first.get(code) == gap["kind"]:
            areas[code] += number(gap, "area_m2") or 0  # type: ignore[assignment]
    return areas


def _area(scene: Scene, code: Code, areas: Mapping[Code, float]) -> float:
    return sum(areas.get(part, 0.0) for part in scene.parts[code])


def _fill(kind: str | None) -> str:
    return LAND if kind is None or kind in IN_PATCHES else REASONS[kind][1]


def cells_with_a_gap(scene: Scene) -> tuple[int, int]:
    """Return how many of the filled cells of the place have a gap, and how many there are."""
    first = _first_reasons(_inside(scene))
    return sum(code in first for code in scene.inside), len(scene.inside)


def gaps_of(scene: Scene, code: Code) -> list[tuple[Message, Value]]:
    """Return what is missing in one cell: each of its own reasons, and since when.

    Those of a cell with others below it are its post and its own patrol; what its
    parts lack is in the list of the question.
    """
    report = scene.view.filled.get(Question.GAPS)
    mine = [gap for gap in (report.rows if report else ()) if gap["cell"] == code]
    found: list[tuple[Message, Value]] = []
    for kind, (label, _) in KINDS.items():
        of_kind = [gap for gap in mine if gap["kind"] == kind]
        if of_kind:
            begun = (when for gap in of_kind if (when := scene.local(gap.get("since"))))
            since = min(begun, default=None)
            area = sum(number(gap, "area_m2") or 0.0 for gap in of_kind)
            size = (_hectares(area),) if kind in IN_PATCHES else ()
            found.append((label, (*size, say("since {day}", day=since))))
    return found


def _hectares(area_m2: float) -> Amount:
    return Amount(area_m2 / HECTARE_M2, 0, "ha")


def _by_kind(scene: Scene, codes: Sequence[Code], first: Mapping[Code, str]) -> tuple[Value, ...]:
    counts = Counter(first[code] for code in codes if code in first)
    others = counts.total() - counts["no_holder"] - counts["not_patrolled"]
    return (Amount(counts["no_holder"]), Amount(counts["not_patrolled"]), Amount(others))


def _legend(scene: Scene, gaps: Sequence[ReportRow], tally: Counter[str]) -> tuple[Line, ...]:
    between = Counter(str(gap["kind"]) for gap in gaps)
    reasons = [
        Line(fill, label, tally[kind])
        for kind, (label, fill) in REASONS.items()
        if tally[kind] or kind in ("no_holder", "not_patrolled")
    ]
    borders = [
        Line(fill, label, between[kind]) for kind, (label, fill) in BORDERS.items() if between[kind]
    ]
    return (*reasons, Line(LAND, say("No gap"), len(scene.inside) - tally.total()), *borders)


def _columns(scene: Scene) -> tuple[Column, ...]:
    area = Column(say("ha"), say("Ground of the gaps, hectares"), order="descending")
    if scene.single:
        return (
            HOLDER,
            Column(say("Gap"), say("The first reason that holds"), words=True),
            Column(say("Since"), say("Since when the gap is there")),
            area,
        )
    return (
        Column(say("Vacant"), say("Cells that nobody holds")),
        Column(say("Unpatrolled"), say("Cells not patrolled in their cycle")),
        Column(say("Ground"), say("Cells with ground that nobody passed, or places not visited")),
        area,
    )


def _row(
    scene: Scene,
    code: Code,
    first: Mapping[Code, str],
    areas: Mapping[Code, float],
    gaps: Sequence[ReportRow],
) -> Row:
    area = amount(_area(scene, code, areas) / HECTARE_M2)
    if not scene.single:
        counts = _by_kind(scene, scene.parts[code], first)
        return Row(code, scene.name(code), "", (*counts, area))
    kind = first.get(code)
    reason = REASONS[kind][0] if kind else None
    begun = [
        since
        for gap in gaps
        if gap["cell"] == code and gap["kind"] == kind and (since := scene.local(gap.get("since")))
    ]
    values = (scene.held_by(code), reason, min(begun, default=None), area)
    return Row(code, scene.name(code), REASONS[kind][1] if kind else LAND, values)


def _item(scene: Scene, gap: ReportRow) -> Item:
    label, fill = KINDS[str(gap["kind"])]
    code = str(gap["cell"])
    name: Value = str(gap.get("name") or "") or IN_NO_CELL
    area, days = number(gap, "area_m2"), number(gap, "days")
    since = gap.get("since")
    size: Value = _hectares(area) if area else None
    age: Value = None
    if isinstance(since, datetime | date) and days is not None:
        age = say("since {since}, {days} d", since=scene.local(since), days=int(days))
    ground = cast("BaseGeometry", gap["geometry"])
    middle = ground.representative_point()
    return Item(
        code=code,
        fill=fill,
        head=(name, label),
        lines=(
            tuple(part for part in (size, age) if part is not None),
            cast("Value", gap.get("reason") or None),
            say("Responsible: {person}", person=gap["person"]) if gap.get("person") else None,
            cast("Value", gap.get("action") or None),
        ),
        at=(middle.x, middle.y),
    )


def _patches(gaps: Sequence[ReportRow], first: Mapping[Code, str]) -> tuple[Patch, ...]:
    """Return the ground to draw by itself; where another reason comes first, the cell shows it."""
    return tuple(
        Patch(KINDS[str(gap["kind"])][1], cast("BaseGeometry", gap["geometry"]))
        for gap in gaps
        if gap["kind"] in IN_PATCHES
        and gap.get("geometry") is not None
        and (gap["kind"] in BORDERS or first[str(gap["cell"])] == gap["kind"])
    )
