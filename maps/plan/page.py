"""The planner's page: what its template and its script need of a view."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from markupsafe import Markup

from gis.cells.datum import Datum
from gis.hierarchy import Level
from gis.messages import Message, say
from gis.people.register import Held
from maps import page
from maps.assets import embedded
from maps.background import Background
from maps.base import Drawn, draw
from maps.cells import cells_picture
from maps.leader import Crumb
from maps.picture import Amount, Line, Picture, Value
from maps.plan import tables
from maps.plan.facts import Facts
from maps.plan.view import PlanView, Tool
from maps.reader import Reader
from maps.scene import HECTARE_M2, Scene
from maps.speech import Speaker
from maps.style import DEPUTY, LEVELS, NO_DATA, ROLES

PATH = "/plan"
STYLES = (*page.LEADER_STYLES, "plan", "redraw")
TOOLS: Mapping[Tool, tuple[str, Message]] = {
    Tool.CELLS: ("mark", say("Cells")),
    Tool.DEFECTS: ("flaw", say("Defects")),
    Tool.POSTS: ("person", say("Posts")),
    Tool.IMPORT: ("import", say("Import boundaries")),
    Tool.REDRAW: ("corner", say("Move a corner")),
}
"""Icon and name of each, in the order of their list."""

DATUMS: Mapping[Datum, Message] = {
    Datum.WGS84: say("WGS-84 (GPS)"),
    Datum.CGCS2000: say("CGCS2000 (national survey, Tianditu)"),
    Datum.GCJ02: say("GCJ-02 (AMap, Tencent)"),
    Datum.BD09: say("BD-09 (Baidu)"),
}
ENCODINGS = ("UTF-8", "GB18030")


@dataclass(frozen=True, slots=True)
class ToolLink:
    """An entry of the list at the left; ``short`` says how it stands."""

    tool: Tool
    icon: str
    name: Message
    short: Value
    href: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A level of the table, or an option of a form.

    Attributes
    ----------
    level
        Of the cells that an option is offered for; empty: for all.
    count
        Of the cells of a level of the table.
    """

    value: str
    name: Value
    level: str = ""
    chosen: bool = False
    href: str = ""
    count: int = 0


class PlanPage:
    """One view in one language, ready for the template."""

    def __init__(
        self, view: PlanView, speaker: Speaker, *, background: Background | None = None
    ) -> None:
        self.view = view
        self.background = background
        self.speaker = speaker
        self.scene = Scene(view.seen)
        self.picture: Picture = cells_picture(self.scene)
        self.drawn: Drawn = draw(self.scene, shown=self.picture)
        self.within = tables.within(self.scene)
        self.defects = tables.defect_rows(self.scene, view)
        self.posts = tables.post_rows(self.scene, view)
        self.tallies = tables.tallies(self.scene, view)
        self.cells = tables.cell_rows(
            self.scene, view, href=lambda code: self.href(cell=code, level="")
        )

    def href(self, **changed: str) -> str:
        """Return this view's address with something changed; an empty value leaves it out."""
        scope = self.view.seen.scope
        kept = {
            "show": self.view.tool.value,
            "cell": scope.selected or (scope.place if self.drilled else "") or "",
            "level": scope.asked.word if scope.asked else "",
        }
        query = {name: value for name, value in (kept | changed).items() if value}
        return f"{PATH}?{urlencode(query)}"

    @cached_property
    def drilled(self) -> bool:
        """Whether the place is a part of what is in sight."""
        place = self.scene.place
        return place is not None and place.parent in self.scene.shapes

    @property
    def name(self) -> str:
        """The place's."""
        return self.scene.place.name if self.scene.place else self.view.seen.name

    def crumbs(self) -> list[Crumb]:
        """Return the way to the place: the whole first, the place last."""
        scope = self.view.seen.scope
        code = scope.selected or scope.place
        path = list(self.scene.path(code))[::-1] if code else []
        if not path:
            return [Crumb(self.view.seen.name, self.href(cell="", level=""))]
        return [
            Crumb(self.scene.shapes[step].name, self.href(cell=step if i else "", level=""))
            for i, step in enumerate(path)
        ]

    def tools(self) -> list[ToolLink]:
        """Return what can be done here, each with a line on how it stands."""
        levels = len({shape.level for shape in self.within})
        total = self._total()
        shorts: Mapping[Tool, Value] = {
            Tool.CELLS: say("{n} cells on {levels} levels", n=len(self.within), levels=levels),
            Tool.DEFECTS: self._defects_together(say("{n}, {area}")) or say("No defects"),
            Tool.POSTS: say(
                "{vacant} vacant, {deputies} by deputy",
                vacant=total.vacant,
                deputies=total.deputies,
            ),
            Tool.IMPORT: say("A report first, then the change"),
            Tool.REDRAW: say("All cells that share it follow"),
        }
        return [
            ToolLink(tool, icon, name, shorts[tool], self.href(show=tool.value))
            for tool, (icon, name) in TOOLS.items()
        ]

    def levels(self) -> list[Choice]:
        """Return the levels that the table can list, the present one chosen."""
        scope = self.view.seen.scope
        counts = Counter(shape.level for shape in self.within if shape.code != scope.place)
        return [
            Choice(
                level.word,
                LEVELS[level],
                chosen=level == scope.rows,
                href=self.href(show=Tool.CELLS.value, level=level.word),
                count=count,
            )
            for level, count in sorted(counts.items())
        ]

    def row_head(self) -> Message:
        """Return what the rows are."""
        return LEVELS[self.view.seen.scope.rows]

    def area(self) -> Amount:
        """Return the area of the listed cells together, hectares."""
        return tables.hectares(self.scene.area_m2(self.scene.listed))

    def cells_answer(self) -> Message:
        """Return what is listed, in a sentence."""
        n = len(self.cells)
        return say("{place}: {n} cells, {area} ha.", place=self.name, n=n, area=self.area())

    def defects_answer(self) -> Message:
        """Return how many defects there are, or that the cells fill the place exactly."""
        if found := self._defects_together(say("{n} defects, {area} together.")):
            return found
        if self.view.filling.exact:
            return say("No defects: the cells fill {place} exactly.", place=self.name)
        return say("No overlaps and no gaps are listed.")

    def _defects_together(self, sentence: Message) -> Message | None:
        found = self.view.defects
        area = sum(defect.area_m2 for defect in found)
        values = {"n": len(found), "area": Amount(area, 0, "m²")}
        return Message(sentence.template, values) if found else None

    def posts_answer(self) -> Message:
        """Return how the posts stand, in a sentence."""
        total = self._total()
        return say(
            "Of {n} cells, {vacant} vacant and {deputies} with a deputy.",
            n=total.cells,
            vacant=total.vacant,
            deputies=total.deputies,
        )

    def _total(self) -> tables.Tally:
        each = [(row.cells, row.held, row.deputies, row.vacant) for row in self.tallies]
        return tables.Tally(say("Total"), *map(sum, zip(*each, strict=True) if each else [()] * 4))

    def role(self, held: Held) -> Message:
        """Return the name of a person's post."""
        return ROLES[held.role]

    def square(self, area_m2: float) -> Amount:
        """Return an area to the square metre, in hectares."""
        return Amount(area_m2 / HECTARE_M2, 4, "ha")

    def import_levels(self) -> list[Choice]:
        """Return the levels that a file may hold; the lowest that has a parent is chosen."""
        there = {shape.level for shape in self.view.seen.shapes}
        likely = Level.UNIT if Level.VILLAGE in there else Level.VILLAGE
        return [
            Choice(level.word, LEVELS[level], chosen=level is likely)
            for level in sorted(Level, reverse=True)
        ]

    def parents(self) -> list[Choice]:
        """Return the cells that those of a file may lie under, with the level of the file."""
        return [
            Choice(shape.code, shape.name, level=Level(shape.level + 1).word)
            for shape in self.view.seen.shapes
            if shape.level < Level.UNIT
        ]

    def legends(self) -> Mapping[Tool, Sequence[Line]]:
        """Return the lines of the legends, by tool."""
        kinds = Counter(row.fill for row in self.defects)
        states = {DEPUTY, NO_DATA}
        return {
            Tool.CELLS: [line for line in self.picture.legend if line.fill not in states],
            Tool.DEFECTS: [
                Line("unassigned", say("Ground in no cell"), kinds["unassigned"]),
                Line("overlap", say("Ground in two cells"), kinds["overlap"]),
            ],
            Tool.POSTS: self.picture.legend,
        }

    def facts(self) -> Markup:
        """Return what the page's script must know, as JSON that ends no element."""
        return embedded(
            Facts(self.view, self.speaker, self.scene, self.picture).found(
                self.drawn,
                drilled=self.drilled,
                defects=self.defects,
                background=self.background.facts() if self.background else None,
            )
        )


def plan_page(
    view: PlanView,
    *,
    language: str,
    nonce: str,
    reader: Reader,
    background: Background | None = None,
) -> str:
    """Return the page of a view; see :func:`maps.page.mapped`."""
    speaker = Speaker(language, view.seen.zone, view.today.year)
    plan = PlanPage(view, speaker, background=background)
    shown = page.mapped(
        plan.drawn.map, styles=STYLES, module="plan", nonce=nonce, background=background
    )
    return page.render(
        "plan.html",
        plan.speaker,
        assets=shown.assets,
        here=plan.href(),
        plan=plan,
        view=view,
        shown=view.tool,
        map=shown.html,
        facts=plan.facts(),
        datums=DATUMS,
        encodings=ENCODINGS,
        reader=reader,
    )
