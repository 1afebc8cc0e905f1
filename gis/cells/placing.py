"""Where new cells belong: their parents, and the levels above that are not there yet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import shapely
from shapely import MultiPolygon

from gis.cells.coordinates import Bounds, bounds_of, is_swapped
from gis.cells.fields import Found
from gis.cells.lattice import union
from gis.cells.model import MADE, Draft
from gis.cells.problems import Fault, Flaw, refusal
from gis.deployment import Deployment
from gis.errors import Problem
from gis.hierarchy import Code, Level
from gis.messages import say

_MOST = 0.5
"""A cell belongs to the parent that holds more than this share of it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """New cells under their parents.

    Attributes
    ----------
    cells
        Those of the file, by code.
    made
        Cells above them that were not there, as unions of those below; by code.
    adopted
        Cells below that had no parent and lie in one of the file's; by code.
    features
        Number in the file, by code.
    problems
        Of the features that are not among the cells.
    """

    cells: Mapping[Code, Draft]
    made: Mapping[Code, Draft]
    adopted: Mapping[Code, Draft]
    features: Mapping[Code, int]
    problems: Sequence[Problem]


def placed(
    found: Sequence[Found],
    now: Mapping[Code, Draft],
    *,
    level: Level,
    parent: Code | None,
    deployment: Deployment,
    source: str,
) -> Placed:
    """Put each cell of a file under its parent, one level up.

    The parent is the one that ``parent`` or the file names; else the one that the
    cell has already; else the one that holds most of it; else the only one. Where
    that level has no cell yet, one is made; districts and cities never are.

    Raises
    ------
    InvalidFile
        If what has to be made lies in none of several cells above it.
    """
    work = _Work(dict(now), deployment)
    territory = bounds_of(now.values())
    cells: dict[Code, Draft] = {}
    features: dict[Code, int] = {}
    problems: list[Problem] = []
    unplaced: list[Code] = []
    for each in found:
        try:
            _check(each, now, cells, level=level, territory=territory)
            above = work.parent_of(each, level, each.parent or parent)
        except Flaw as flaw:
            problems.append(flaw.of_feature(each.feature))
            continue
        kind = each.kind
        if kind is None:
            kind = now[each.code].kind if each.code in now else ""
        cells[each.code] = Draft(each.code, each.name, level, above, kind, each.geom, source)
        features[each.code] = each.feature
        if above is None and level - 1 in _MAKEABLE:
            unplaced.append(each.code)
    if unplaced:
        common = work.make(Level(level - 1), union([cells[code].geom for code in unplaced]))
        cells |= {code: replace(cells[code], parent=common) for code in unplaced}
    work.make_named(cells.values())
    _check_made(work.made, cells)
    return Placed(cells, work.made, _adopted(now, cells), features, problems)


_MAKEABLE = {Level.TOWNSHIP, Level.AREA, Level.VILLAGE}


@dataclass
class _Work:
    """Cells that are there, and those made on the way."""

    now: dict[Code, Draft]
    deployment: Deployment
    made: dict[Code, Draft] = field(default_factory=dict)
    _rows: dict[Level, tuple[list[Draft], shapely.STRtree]] = field(default_factory=dict)

    def parent_of(self, cell: Found, level: Level, named: Code | None) -> Code | None:
        """Return the parent; None where it is to be made, or there is no level above."""
        if level is Level.CITY:
            return None
        above = Level(level - 1)
        if named:
            self._check_named(named, above)
            return named
        current = self.now.get(cell.code)
        if current is not None and current.parent is not None:
            return current.parent
        return self._holder(cell.geom, above)

    def make(self, level: Level, ground: MultiPolygon, code: Code | None = None) -> Code:
        """Make a cell of this ground, and what is missing above it; return its code."""
        above = Level(level - 1)
        try:
            parent = self._holder(ground, above)
        except Flaw as flaw:
            raise refusal(flaw.code, flaw.message, flaw.remedy) from None
        if parent is None and above in _MAKEABLE:
            parent = self.make(above, ground)
        name = code or self.deployment.name
        code = code or self._new_code(level, parent)
        self.made[code] = self.now[code] = Draft(code, name, level, parent, "", ground, MADE)
        self._rows.clear()
        return code

    def make_named(self, cells: Iterable[Draft]) -> None:
        """Make the parents that are named and not there."""
        below: dict[Code, list[Draft]] = {}
        for cell in cells:
            if cell.parent is not None and cell.parent not in self.now:
                below.setdefault(cell.parent, []).append(cell)
        for code, children in sorted(below.items()):
            ground = union([child.geom for child in children])
            level = Level(children[0].level - 1)
            self.make(level, ground, None if level is Level.TOWNSHIP else code)

    def _check_named(self, code: Code, level: Level) -> None:
        there = self.now.get(code)
        if there is not None and there.level is level:
            return
        is_first = there is None and level in _MAKEABLE and not self._at(level)[0]
        if is_first and (level is not Level.TOWNSHIP or code == self.deployment.code):
            return
        raise Flaw(
            Fault.UNKNOWN_PARENT,
            say("There is no {level} {code}.", level=level.word, code=code),
            say("Import that level first, or name a cell that is there."),
        )

    def _holder(self, ground: MultiPolygon, level: Level) -> Code | None:
        """Return the cell of a level that holds most of the ground; the only one in any case."""
        there, tree = self._at(level)
        if len(there) <= 1:
            return there[0].code if there else None
        near = [there[int(i)] for i in tree.query(ground, predicate="intersects")]
        for cell in near:
            if _holds(cell, ground):
                return cell.code
        raise Flaw(
            Fault.UNKNOWN_PARENT,
            say("It lies in no {level}.", level=level.word),
            say("Name its parent with --parent or --parent-field."),
        )

    def _at(self, level: Level) -> tuple[list[Draft], shapely.STRtree]:
        if level not in self._rows:
            there = [cell for cell in self.now.values() if cell.level is level]
            self._rows[level] = there, shapely.STRtree([cell.geom for cell in there])
        return self._rows[level]

    def _new_code(self, level: Level, parent: Code | None) -> Code:
        if level is Level.TOWNSHIP:
            return self.deployment.code
        return next(c for n in count(1) if (c := f"{parent}-{n}") not in self.now)


def _check(
    each: Found,
    now: Mapping[Code, Draft],
    before: Mapping[Code, Draft],
    *,
    level: Level,
    territory: Bounds | None,
) -> None:
    if each.code in before:
        raise Flaw(
            Fault.DUPLICATE_CODE,
            say("The code {code} occurs twice.", code=each.code),
            say("Give each cell its own code."),
        )
    if each.code in now and now[each.code].level is not level:
        raise Flaw(
            Fault.OTHER_LEVEL,
            say(
                "{code} is a cell of level {level}.",
                code=each.code,
                level=now[each.code].level.word,
            ),
            say("Give it another code, or import it with that --level."),
        )
    middle = each.geom.centroid
    if is_swapped(middle.x, middle.y, territory):
        raise Flaw(
            Fault.SWAPPED,
            say("Longitude and latitude are swapped."),
            say("Export it with the longitude first."),
        )


def _check_made(made: Mapping[Code, Draft], cells: Mapping[Code, Draft]) -> None:
    for code in made.keys() & cells.keys():
        raise refusal(
            Fault.DUPLICATE_CODE,
            say(
                "{code} is the code of the whole {level} as well.",
                code=code,
                level=made[code].level.word,
            ),
            say("Give the cell another code."),
        )


def _adopted(now: Mapping[Code, Draft], cells: Mapping[Code, Draft]) -> dict[Code, Draft]:
    """Return the townships (or districts) without a parent under the cells that hold them."""
    return {
        orphan.code: replace(orphan, parent=cell.code)
        for orphan in now.values()
        if orphan.parent is None
        for cell in cells.values()
        if orphan.level == cell.level + 1 and _holds(cell, orphan.geom)
    }


def _holds(cell: Draft, ground: MultiPolygon) -> bool:
    return bool(cell.geom.intersection(ground).area > _MOST * ground.area)
