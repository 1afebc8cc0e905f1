"""What the script of the planner's page must know: cells, how each tool fills them, defects."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from shapely import get_num_coordinates

from gis.hierarchy import Code
from maps.base import Drawn, patches, tracks
from maps.drawing import label_points, rounded
from maps.ground import ground_names
from maps.leader import cell_facts
from maps.picture import Picture
from maps.plan import tables
from maps.plan.tables import DefectRow
from maps.plan.view import PlanView, Tool
from maps.scene import Scene
from maps.speech import Speaker
from maps.style import DEPUTY, LAND, LEVELS, NO_DATA

EXACT_GRID = 100_000_000
"""Defects are drawn as they are: some are narrower than a map's ordinary grid."""
MOST_OUTLINE = 2_000
"""Vertices of a defect; a larger one is shown by its mark alone."""


class Facts:
    """One view in one language; ``picture`` is who holds the cells."""

    def __init__(self, view: PlanView, speaker: Speaker, scene: Scene, picture: Picture) -> None:
        self.view = view
        self.speaker = speaker
        self.scene = scene
        self.picture = picture

    def found(
        self,
        drawn: Drawn,
        *,
        drilled: bool,
        defects: Sequence[DefectRow],
        background: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        """Return them as JSON has them; those of the map are the ones of the leader's map."""
        scope = self.view.seen.scope
        return {
            "ask": self.view.tool.value,
            "chosen": scope.selected or "",
            "place": scope.place or "",
            "drilled": drilled,
            "cells": self._cells(drawn),
            "rows": self._rows(drawn),
            "asks": {tool.value: self._answer(tool) for tool in Tool},
            "pins": [],
            "dots": {},
            "patches": patches((), self.picture, drawn.tolerance),
            "tracks": tracks(self.scene, drawn.tolerance),
            "live": None,
            "ground": ground_names(self.view.seen.named),
            "background": background,
            "defects": self._shapes(defects),
            "levels": {level.word: self.speaker.say(name) for level, name in LEVELS.items()},
        }

    def _cells(self, drawn: Drawn) -> list[dict[str, Any]]:
        cells = cell_facts(self.scene, self.speaker, drawn)
        return [cell | {"up": list(self.scene.path(cell["code"]))} for cell in cells]

    def _rows(self, drawn: Drawn) -> list[dict[str, Any]]:
        scene = self.scene
        at = dict(zip(scene.filled, drawn.at, strict=True))
        coarse = [code for code in scene.listed if code not in at]
        geoms = [scene.shapes[code].geom for code in coarse]
        at |= dict(zip(coarse, label_points(geoms, drawn.tolerance), strict=True))
        return [
            {"code": code, "name": scene.name(code), "at": [at[code][1], at[code][0]]}
            for code in scene.listed
        ]

    def _answer(self, tool: Tool) -> dict[str, Any]:
        """Return how the map looks for a tool: its fills, and what stands below the names."""
        who = tool is Tool.POSTS
        written = {
            code: self.scene.held_by(code) if who else self._tail(code)
            for code in {*self.scene.filled, *self.scene.listed}
        }
        plain = self.scene.single or not who  # a village's holders, where units are filled, mislead
        return {
            "fills": [self._fill(tool, code) for code in self.scene.filled],
            "said": [self.speaker.say(written[code]) for code in self.scene.filled],
            "figures": [self.speaker.say(written[c]) if plain else "" for c in self.scene.listed],
            "named": "",
            "pins": False,
        }

    def _fill(self, tool: Tool, code: Code) -> str:
        if tool is Tool.POSTS:
            return self.picture.fills[code]
        return self._tints.get(code, LAND) if tool is Tool.CELLS else LAND

    @cached_property
    def _tints(self) -> Mapping[Code, str]:
        """The tint of each cell's part of the place, whoever holds the cell."""
        known = {line.fill for line in self.picture.legend} - {DEPUTY, NO_DATA, "held"}
        parts = sorted(
            s.code for s in tables.within(self.scene) if s.parent == self.view.seen.scope.place
        )
        tints = {code: f"area-{i + 1}" for i, code in enumerate(parts)}
        found = {}
        for code in self.scene.filled:
            tint = next((tints[above] for above in self.scene.path(code) if above in tints), "")
            if tint in known:
                found[code] = tint
        return found

    def _tail(self, code: Code) -> str:
        """Return the end of a code, which tells it from its neighbours', and its kind."""
        above = list(self.scene.path(code))[1:]
        tail = next((code.removeprefix(up) for up in above if code.startswith(up)), code)
        kind = tables.kind_of(self.scene.shapes[code])
        return f"{tail.lstrip('-')} {self.speaker.say(kind) if kind else ''}".strip()

    def _shapes(self, defects: Sequence[DefectRow]) -> list[dict[str, Any]]:
        """Return the listed defects for the map, in the order of their table."""
        return [
            {
                "kind": row.fill,
                "cells": list(defect.cells),
                "at": [defect.place.y, defect.place.x],
                "shape": rounded(defect.geom, EXACT_GRID)
                if get_num_coordinates(defect.geom) <= MOST_OUTLINE
                else None,
            }
            for row, defect in zip(defects, self.view.defects, strict=False)
        ]
