"""The planner's tables: cells, defects and posts, what wants attention first."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gis.cells.model import MADE, CellShape
from gis.cells.overview import Origin
from gis.hierarchy import Code, Level
from gis.messages import Message, say
from gis.people.register import JOINT, Held, short_of
from maps.picture import Amount, Value
from maps.plan.view import PlanView
from maps.scene import HECTARE_M2, Scene
from maps.style import DEPUTY, LEVELS, NO_DATA

MOST_POSTS = 600
"""Above this many cells only those are listed of which there is something to say."""
MOST_DEFECTS = 500
"""The largest are listed and drawn; more could not be told apart."""
VACANT, DEPUTIES, LACKING, COMPLETE = range(4)
"""How urgent a post is."""
HELD = "held"

KINDS: Mapping[str, Message] = {
    "school": say("School"),
    "market": say("Market"),
    "park": say("Park"),
    "enterprise": say("Enterprise"),
    "hospital": say("Hospital"),
}
"""Special cells (专属网格); a kind that is not here is shown as it is."""

_DEFECTS: Mapping[str, tuple[Message, str, Message]] = {
    "overlap": (
        say("Ground in two cells"),
        "overlap",
        say("Move the corners of their border, or import both again with repair."),
    ),
    "gap": (
        say("Ground in no cell"),
        "unassigned",
        say("Give it to a neighbour: import the cells around it again with repair."),
    ),
}


@dataclass(frozen=True, slots=True)
class CellRow:
    """A row of the table of cells; ``parts`` are the cells right below it."""

    code: Code
    name: str
    href: str
    level: Message
    kind: Value
    hectares: Amount
    parts: int
    holders: Value
    vacant: bool
    since: Value
    source: Value


@dataclass(frozen=True, slots=True)
class DefectRow:
    """A row of the table of defects.

    Attributes
    ----------
    number
        On its mark on the map too.
    fill
        The class of its swatch.
    area
        m²; ``width`` is that of the largest circle in it, m.
    """

    number: int
    kind: Message
    fill: str
    cells: Sequence[str]
    area: Amount
    width: Amount
    remedy: Message


@dataclass(frozen=True, slots=True)
class PostRow:
    """A row of the table of posts.

    Attributes
    ----------
    state
        The class of its swatch: held, vacant (hatched), with a deputy (dotted).
    since
        When the post became vacant.
    remark
        Who is lacking, where the post is held; that nobody ever held it.
    """

    code: Code
    name: str
    level: Message
    urgency: int
    state: str
    held: Sequence[Held] = ()
    since: date | None = None
    remark: Message | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How the posts of a level stand."""

    level: Message
    cells: int
    held: int
    deputies: int
    vacant: int


def cell_rows(scene: Scene, view: PlanView, *, href: Callable[[Code], str]) -> list[CellRow]:
    """Return the listed cells, by code."""
    parts = Counter(shape.parent for shape in view.seen.shapes if shape.parent)
    return [
        _cell_row(scene, scene.shapes[code], view.origins.get(code), parts[code], href(code))
        for code in scene.listed
    ]


def _cell_row(
    scene: Scene, shape: CellShape, origin: Origin | None, parts: int, href: str
) -> CellRow:
    source = origin.source if origin else ""
    return CellRow(
        code=shape.code,
        name=scene.name(shape.code),
        href=href,
        level=LEVELS[shape.level],
        kind=kind_of(shape),
        hectares=hectares(shape.area_m2),
        parts=parts,
        holders=scene.held_by(shape.code),
        vacant=not scene.holders(shape.code),
        since=(origin.since if origin else None) or say("since ever"),
        source=say("made from its parts") if source == MADE else source,
    )


def kind_of(shape: CellShape) -> Message | str | None:
    """Return what kind of special cell it is; None is an ordinary one."""
    return KINDS.get(shape.kind, shape.kind or None)


def hectares(area_m2: float) -> Amount:
    """Return an area as people write it."""
    return Amount(area_m2 / HECTARE_M2, 1)


def defect_rows(scene: Scene, view: PlanView) -> list[DefectRow]:
    """Return the largest defects, the largest first."""
    rows = []
    for i, defect in enumerate(view.defects[:MOST_DEFECTS]):
        kind, fill, remedy = _DEFECTS[defect.kind]
        names = [scene.shapes[c].name if c in scene.shapes else c for c in defect.cells]
        area, width = (Amount(x, 0 if x >= 10 else 1) for x in (defect.area_m2, defect.width_m))  # noqa: PLR2004
        rows.append(DefectRow(i + 1, kind, fill, names, area, width, remedy))
    return rows


def post_rows(scene: Scene, view: PlanView) -> list[PostRow]:
    """Return the cells of the place: vacant first, by deputy, lacking somebody, complete."""
    rows = [_post_row(scene, view, shape) for shape in within(scene)]
    if len(rows) > MOST_POSTS:
        listed = set(scene.listed)
        rows = [row for row in rows if row.urgency < COMPLETE or row.code in listed]
    return sorted(
        rows,
        key=lambda row: (
            row.urgency,
            row.since or view.today,  # the longest vacant first
            scene.shapes[row.code].level,
            row.code,
        ),
    )


def _post_row(scene: Scene, view: PlanView, shape: CellShape) -> PostRow:
    held = tuple(view.posts.get(shape.code, ()))
    here = (shape.code, scene.name(shape.code), LEVELS[shape.level])
    if not held:
        since = view.vacated.get(shape.code)
        never = None if since else say("nobody yet since service began")
        return PostRow(*here, VACANT, NO_DATA, since=since or view.started, remark=never)
    lacks = short_of(shape.level, held)
    expected = JOINT.get(shape.level, 1)
    if lacks == expected:
        return PostRow(*here, DEPUTIES, DEPUTY, held)
    if lacks:
        remark = say("{n} of {expected} joint holders", n=expected - lacks, expected=expected)
        return PostRow(*here, LACKING, HELD, held, remark=remark)
    return PostRow(*here, COMPLETE, HELD, held)


def tallies(scene: Scene, view: PlanView) -> list[Tally]:
    """Return how the posts of each level of the place stand, highest first."""
    found = []
    levels: dict[Level, Counter[str]] = {}
    for shape in within(scene):
        state = state_of(view.posts.get(shape.code, ()))
        levels.setdefault(shape.level, Counter())[state] += 1
    for level, count in sorted(levels.items()):
        row = Tally(LEVELS[level], count.total(), count[HELD], count[DEPUTY], count[NO_DATA])
        found.append(row)
    return found


def state_of(held: Sequence[Held]) -> str:
    """Return the class of a post: held, only by a deputy, vacant."""
    if not held:
        return NO_DATA
    return DEPUTY if all(one.deputy_for for one in held) else HELD


def within(scene: Scene) -> list[CellShape]:
    """Return the cells of all levels that the place is made of, itself included."""
    return [shape for shape in scene.shapes.values() if scene.is_inside(shape.code)]
