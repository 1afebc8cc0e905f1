"""The leader's page: what its template needs of a view."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from gis.hierarchy import Code, Level
from gis.issues.pins import Pin
from gis.messages import Message, say
from maps.assets import embedded
from maps.background import Background
from maps.base import Drawn, draw, patches, tracks
from maps.drawing import label_points
from maps.ground import ground_names
from maps.issues import pin_head, pin_lines, urgency
from maps.picture import Period, Picture, Value
from maps.questions import pictures
from maps.scene import Scene
from maps.speech import Speaker
from maps.style import LEVELS, TITLES, state_of
from maps.view import Ask, LeaderView

PATH = "/map"
PRESETS_D = (1, 7, 30)
MANY = 2
MOST_SHAPES = 400
MOST_DOTS = 5_000
"""Issues drawn with their shape, the ones that press most; the next so many are dots."""
UNNAMED = {Ask.CELLS}
"""Questions whose figure is the holder, whom a tip names anyway."""


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way from the whole down to the place."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """Something that a box shows or hides."""

    name: str
    label: Message
    on: bool


class LeaderPage:
    """One view in one language, ready for the template.

    ``standalone``: without links, for there is no server to follow them to.
    """

    def __init__(
        self,
        view: LeaderView,
        speaker: Speaker,
        *,
        standalone: bool = False,
        background: Background | None = None,
    ) -> None:
        self.view = view
        self.speaker = speaker
        self.standalone = standalone
        self.background = background
        self.scene = Scene(view)
        self.pins = sorted(view.pins, key=urgency)
        self.pictures = pictures(view)
        self.shown = self.pictures.get(view.ask) or self.pictures[Ask.CELLS]
        self.drawn: Drawn = draw(self.scene, shown=self.shown)

    def href(self, **changed: str) -> str:
        """Return this view's address with something changed; an empty value leaves it out."""
        scope = self.view.scope
        kept = {
            "ask": self.view.ask.value,
            "cell": scope.selected or self._drilled() or "",
            "level": scope.asked.word if scope.asked else "",
            "from": self.view.first.isoformat(),
            "to": self.view.last.isoformat(),
            "tracks": "1" if self.view.tracks else "",
        }
        query = {name: value for name, value in (kept | changed).items() if value}
        return f"{PATH}?{urlencode(query)}"

    def _drilled(self) -> Code | None:
        """Return the place, unless it is the whole."""
        place = self.scene.place
        return place.code if place and place.parent in self.scene.shapes else None

    def crumbs(self) -> list[Crumb]:
        """Return the way to the place: the whole first, the place last."""
        scope = self.view.scope
        code = scope.selected or scope.place
        path = list(self.scene.path(code))[::-1] if code else []
        if not path:
            return [Crumb(self.view.name, self.href(cell="", level=""))]
        return [
            Crumb(self.scene.shapes[step].name, self.href(cell=step if i else "", level=""))
            for i, step in enumerate(path)
        ]

    def links(self) -> Mapping[Code, str]:
        """Return where each row leads: down to that cell."""
        if self.standalone:
            return {}
        return {code: self.href(cell=code, level="") for code in self.scene.listed}

    def asks(self) -> Mapping[Ask, str]:
        """Return the address of each question."""
        return {ask: "#" if self.standalone else self.href(ask=ask.value) for ask in self.pictures}

    def presets(self) -> list[tuple[int, str, bool]]:
        """Return the windows that end on the last day, and which of them is shown."""
        first, last = self.view.first, self.view.last
        begins = [(days, last - timedelta(days=days - 1)) for days in PRESETS_D]
        return [
            (days, self.href(**{"from": begin.isoformat()}), begin == first)
            for days, begin in begins
        ]

    def levels(self) -> list[tuple[Level, str, bool]]:
        """Return the levels whose cells the rows may be, and which of them they are.

        None where there is nothing to choose.
        """
        scope = self.view.scope
        counts = Counter(
            shape.level
            for shape in self.view.shapes
            if shape.code != scope.place and self.scene.is_inside(shape.code)
        )
        many = [level for level in sorted(counts) if counts[level] > 1 or level == scope.rows]
        if len(many) < MANY or scope.selected or self.standalone:
            return []
        return [(level, self.href(level=level.word), level == scope.rows) for level in many]

    def today(self) -> str:
        """Return where the same view of today is; empty where this is it."""
        return "" if self.view.live else self.href(**{"from": "", "to": ""})

    def fixed(self) -> list[tuple[str, str]]:
        """Return what the period's form carries along."""
        scope = self.view.scope
        kept = {
            "ask": self.view.ask.value,
            "cell": scope.selected or self._drilled(),
            "level": scope.asked.word if scope.asked else None,
            "tracks": "1" if self.view.tracks else None,
        }
        return [(name, value) for name, value in kept.items() if value]

    def overlays(self) -> list[Overlay]:
        """Return what may be shown or hidden."""
        found = [
            Overlay("issues", say("Open issues"), self.view.ask == Ask.ISSUES),
            Overlay("names", say("Names and figures"), True),
        ]
        if self.view.scope.drawn == Level.UNIT:
            found.append(Overlay("units", say("Borders of unit cells"), True))
        if self.view.tracks:
            found.append(Overlay("tracks", say("Tracks of the period"), not self.standalone))
        if self.background:
            found.append(Overlay("background", say("Background map"), False))
        return found

    def when(self, picture: Picture, *, long: bool = False) -> str:
        """Return the window or the instant that a picture's figures are of."""
        speaker, view = self.speaker, self.view
        if picture.windowed:
            return speaker.period(Period(view.first, view.last), full=long)
        if not long:
            return speaker.day(view.last)
        return speaker.say(say("As of {date}", date=speaker.moment(view.at, full=True)))

    def parts(self, picture: Picture) -> list[tuple[str, Value, Value]]:
        """Return name, holders and figure of every filled cell of the place.

        For a file, where nobody can go down to them; none where the rows are they.
        """
        scene = self.scene
        if not self.standalone or scene.single:
            return []
        return [
            (scene.shapes[code].name, scene.held_by(code), picture.said.get(code))
            for code in scene.inside
        ]

    def row_head(self) -> Message:
        """Return what the rows are."""
        return LEVELS[self.view.scope.rows]

    def facts(self) -> Markup:
        """Return what the page's script must know, as JSON that ends no element."""
        facts = {
            "ask": self.shown.ask.value,
            "chosen": self.view.scope.selected or "",
            "drilled": self._drilled() is not None,
            "cells": cell_facts(self.scene, self.speaker, self.drawn),
            "rows": self._rows(),
            "asks": {ask.value: self._answer(picture) for ask, picture in self.pictures.items()},
            "pins": self._pins(),
            "dots": self._dots(),
            "patches": patches(self.pictures.values(), self.shown, self.drawn.tolerance),
            "tracks": tracks(self.scene, self.drawn.tolerance),
            "live": self.live(),
            "ground": ground_names(self.view.named),
            "background": self.background.facts() if self.background else None,
        }
        return embedded(facts)

    def live(self) -> dict[str, Any] | None:
        """Return what the page goes on from; nothing for a file, or a page of the past."""
        live = self.view.live
        if live is None or self.standalone:
            return None
        clock = self.view.at.astimezone(self.view.zone)
        return {**asdict(live), "clock": f"{clock:%H:%M}", "zone": self.view.zone.key}

    def _rows(self) -> list[dict[str, Any]]:
        scene = self.scene
        filled = dict(zip(scene.filled, self.drawn.at, strict=True))
        coarse = [code for code in scene.listed if code not in filled]
        points = label_points([scene.shapes[code].geom for code in coarse], self.drawn.tolerance)
        at = filled | dict(zip(coarse, points, strict=True))
        return [
            {
                "code": code,
                "name": self._label(code),
                "at": [at[code][1], at[code][0]],
            }
            for code in scene.listed
        ]

    def _label(self, code: Code) -> str:
        """Return a name for the map: units without their village's, which stands beside them."""
        return self.scene.short_name(code) if self.scene.single else self.scene.shapes[code].name

    def _answer(self, picture: Picture) -> dict[str, Any]:
        say_it = self.speaker.say
        named = "" if picture.ask in UNNAMED else say_it(TITLES[picture.ask])
        return {
            "fills": [picture.fills[code] for code in self.scene.filled],
            "said": [say_it(picture.said.get(code)) for code in self.scene.filled],
            "figures": [
                "" if (figure := picture.figures.get(code)) is None else say_it(figure)
                for code in self.scene.listed
            ],
            "named": named,
        }

    def _pins(self) -> list[dict[str, Any]]:
        return [
            {
                "id": str(pin.id),
                "at": at(pin),
                "state": state_of(pin),
                "lines": [
                    self.speaker.say(line) for line in (pin_head(pin), *pin_lines(pin)) if line
                ],
            }
            for pin in self.pins[:MOST_SHAPES]
        ]

    def _dots(self) -> Mapping[str, list[list[float]]]:
        """Return the places of the issues after those with a shape, by state."""
        found: dict[str, list[list[float]]] = {}
        for pin in self.pins[MOST_SHAPES : MOST_SHAPES + MOST_DOTS]:
            found.setdefault(state_of(pin), []).append(at(pin))
        return found

    def heap(self) -> Message | None:
        """Return what the map leaves to dots, or leaves out, where there are too many issues."""
        if len(self.pins) <= MOST_SHAPES:
            return None
        counts = {"shapes": MOST_SHAPES, "dots": MOST_DOTS, "n": len(self.pins)}
        if len(self.pins) <= MOST_SHAPES + MOST_DOTS:
            return say("Shapes: the {shapes} that press most; the others are dots.", **counts)
        return say("Of {n}, {shapes} with their shape and {dots} as dots.", **counts)


def at(pin: Pin) -> list[float]:
    """Return where an issue is, as Leaflet has it: latitude first."""
    return [round(pin.lat, 6), round(pin.lon, 6)]


def cell_facts(scene: Scene, speaker: Speaker, drawn: Drawn) -> list[dict[str, Any]]:
    """Return what a page's script must know of each filled cell, in the scene's order."""
    row_of = {part: row for row, parts in scene.parts.items() for part in parts}
    inside = set(scene.inside)
    return [
        {
            "code": code,
            "name": scene.shapes[code].name,
            "label": scene.short_name(code),
            "holder": speaker.say(scene.held_by(code)),
            "row": row_of.get(code, ""),
            "at": [lat, lon],
            "inside": code in inside,
        }
        for code, (lon, lat) in zip(scene.filled, drawn.at, strict=True)
    ]
