"""Parents and children that cover the same ground, at every level."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import MultiPolygon

from gis.cells.datum import Datum, to_wgs84
from gis.cells.defects import (
    TOLERATED_M,
    TOLERATED_SHARE,
    Defect,
    Difference,
    difference,
    gaps,
    overlaps,
    unlisted,
)
from gis.cells.lattice import is_tiling, same, union
from gis.cells.metres import area_m2
from gis.cells.model import MADE, Draft
from gis.cells.problems import Fault
from gis.errors import Problem
from gis.hierarchy import Code, Level
from gis.messages import NOTHING, Message, say

_REPAIR = say("Import the file again with --repair, or mend it in a GIS program.")
_MEND = say("Mend the borders in a GIS program, and import parent and children again.")

_SMALL = 0.1
_MUCH_BETTER = 0.2  # of the difference is left once the children are in the right datum


@dataclass(frozen=True, slots=True)
class Fitted:
    """Cells after their parents were fitted to them.

    Attributes
    ----------
    cells
        All of them, by code.
    changed
        Codes of those that are not as they were.
    remarks
        Parents that took their children's shape, and by how much they differed.
    problems
        Parents that differ too much: the import stops.
    """

    cells: Mapping[Code, Draft]
    changed: frozenset[Code]
    remarks: Sequence[Problem]
    problems: Sequence[Problem]


def fitted(now: Mapping[Code, Draft], new: Mapping[Code, Draft]) -> Fitted:
    """Return all cells with ``new`` among them, each parent the union of its children.

    A made parent takes any shape; one that a file gave only a shape that differs
    by less than 0.1 % of its area, and nowhere by more than 20 m. A district or
    city keeps its own where not all of its townships are here.
    """
    cells = {**now, **new}
    children: dict[Code | None, list[Code]] = defaultdict(list)
    for cell in cells.values():
        children[cell.parent].append(cell.code)
    touched = {code for code, cell in new.items() if not _equal(now.get(code), cell)}
    remarks: list[Problem] = []
    problems: list[Problem] = []
    for level in sorted(Level, reverse=True):
        above = {cells[code].parent for code in touched if cells[code].level == level + 1}
        above |= {now[code].parent for code in touched if code in now}
        above |= touched
        for code in sorted(c for c in above if c in cells and cells[c].level is level):
            cell = cells[code]
            if not children[code]:
                continue
            ground = union([cells[child].geom for child in children[code]])
            if same(ground, cell.geom):
                continue
            if cell.source != MADE:
                found = difference(cell.geom, ground)
                if level <= Level.DISTRICT and found.is_only_uncovered:
                    continue
                if not found.is_tolerable:
                    problems += _stops(cell, ground, found)
                    continue
                remarks += _remark(cell, found)
            cells[code] = replace(cell, geom=ground)
            touched.add(code)
    changed = frozenset(code for code in touched if not _equal(now.get(code), cells[code]))
    return Fitted(cells, changed, remarks, problems)


def untiled(cells: Mapping[Code, Draft], features: Mapping[Code, int]) -> list[Problem]:
    """Return where units do not tile their village: overlaps, and gaps between them.

    Parameters
    ----------
    cells
        All of them.
    features
        Numbers of the new units in the file, by code; the other units of their
        villages are looked at with them.
    """
    villages = {cells[code].parent for code in features}
    among = {
        c.code: c.geom for c in cells.values() if c.level is Level.UNIT and c.parent in villages
    }
    found = overlaps(among)
    if not found and not is_tiling(list(among.values())):
        return [_untouching(list(among.values()))]
    for village in (cells[code] for code in sorted(v for v in villages if v is not None)):
        if village.source != MADE:
            inside = {code: g for code, g in among.items() if cells[code].parent == village.code}
            found += [gap for gap in gaps(inside) if village.geom.contains(gap.place)]
    return [problem_of(defect, features) for defect in found]


def defects_above(
    cells: Mapping[Code, Draft], lowest: Level, known: Sequence[Defect]
) -> list[Defect]:
    """Return the overlaps and gaps of ``lowest`` and the levels above, each once.

    Parameters
    ----------
    known
        Those of the levels below, which parents only repeat.
    """
    found: list[Defect] = []
    for level in sorted((each for each in Level if each <= lowest), reverse=True):
        shapes = {cell.code: cell.geom for cell in cells.values() if cell.level is level}
        found += unlisted(overlaps(shapes) + gaps(shapes), [*known, *found])
    return found


def problem_of(defect: Defect, features: Mapping[Code, int]) -> Problem:
    """Return what there is to say of a defect; ``features``: numbers in the file, by code."""
    figures = {"size": metres(defect.area_m2), "width": metres(defect.width_m)}
    if defect.kind == "overlap":
        one, other = defect.cells
        message = say(
            "{one} and {other} overlap by {size} m², up to {width} m wide.",
            one=one,
            other=other,
            **figures,
        )
    else:
        message = say(
            "{size} m² between {cells} lie in no cell, up to {width} m wide.",
            cells=", ".join(defect.cells),
            **figures,
        )
    feature = next((features[code] for code in defect.cells if code in features), None)
    return _at(Fault(defect.kind), message, _REPAIR, defect.geom, feature=feature)


def metres(value: float) -> str:
    """Return a figure in m or m² as people read it, with one decimal."""
    return f"{value:,.1f}" if value >= _SMALL or value == 0 else f"<{_SMALL}"


def _stops(cell: Draft, children: MultiPolygon, found: Difference) -> list[Problem]:
    remedy = _datum_remedy(cell.geom, children) or _MEND
    problems = [
        _stop(cell, piece, remedy, inside=piece in found.uncovered) for piece in found.beyond
    ]
    if found.share >= TOLERATED_SHARE:
        message = say(
            "{parent} and its cells differ by {size} m², {share} of its area.",
            parent=cell.code,
            size=metres(found.area_m2),
            share=f"{found.share:.2%}",
        )
        problems.append(_of(Fault.DIFFERENCE, message, remedy, found))
    return problems


def _stop(cell: Draft, piece: shapely.Polygon, remedy: Message, *, inside: bool) -> Problem:
    figures = {"size": metres(area_m2(piece)), "limit": f"{TOLERATED_M:g}"}
    if inside:
        message = say(
            "{size} m² of {parent} lie in none of its cells, more than {limit} m from them.",
            parent=cell.code,
            **figures,
        )
        return _at(Fault.GAP, message, remedy, piece)
    message = say(
        "{size} m² of its cells lie outside {parent}, more than {limit} m from it.",
        parent=cell.code,
        **figures,
    )
    return _at(Fault.OUTSIDE_PARENT, message, remedy, piece)


def _remark(cell: Draft, found: Difference) -> list[Problem]:
    if not found.pieces:  # thinner than the lattice
        return []
    message = say(
        "{parent} and its cells differ by {size} m²; it takes their shape.",
        parent=cell.code,
        size=metres(found.area_m2),
    )
    return [_of(Fault.DIFFERENCE, message, NOTHING, found)]


def _of(code: Fault, message: Message, remedy: Message, found: Difference) -> Problem:
    """Return a problem at the largest piece, of the size of all pieces."""
    largest = found.pieces[0]
    place, size = largest.point_on_surface(), round(found.area_m2, 2)
    return Problem(code, message, remedy, lon=place.x, lat=place.y, size_m2=size, shape=largest)


def _at(
    code: Fault,
    message: Message,
    remedy: Message,
    shape: shapely.Polygon,
    *,
    feature: int | None = None,
) -> Problem:
    place, size = shape.point_on_surface(), round(area_m2(shape), 2)
    at = {"lon": place.x, "lat": place.y}
    return Problem(code, message, remedy, feature=feature, **at, size_m2=size, shape=shape)


def _untouching(shapes: Sequence[MultiPolygon]) -> Problem:
    """Return the problem of borders that miss each other by less than can be measured."""
    edges = shapely.coverage_invalid_edges(np.asarray(shapes, dtype=object))
    at = shapely.get_coordinates(edges)[0]
    message = say("Two units do not share their border's corners.")
    return Problem(Fault.NOT_TILED, message, _REPAIR, lon=float(at[0]), lat=float(at[1]))


def _datum_remedy(parent: MultiPolygon, children: MultiPolygon) -> Message | None:
    """Return the advice to name a datum, if children of that datum would fit the parent."""
    before = shapely.symmetric_difference(parent, children).area
    for datum in (Datum.GCJ02, Datum.BD09):
        moved = shapely.transform(children, lambda at, d=datum: to_wgs84(at, d))
        if not moved.is_valid:
            continue
        if shapely.symmetric_difference(parent, moved).area < _MUCH_BETTER * before:
            return say("They would fit in datum {datum}: try --datum {datum}.", datum=datum.value)
    return None


def _equal(one: Draft | None, other: Draft) -> bool:
    return (
        one is not None
        and (one.name, one.level, one.parent, one.kind)
        == (other.name, other.level, other.parent, other.kind)
        and same(one.geom, other.geom)
    )
