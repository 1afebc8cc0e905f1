"""Borders redrawn on the lattice: one corner moved, exactly, in every cell that has it.

A corner is one lattice point that stands in the borders of several cells, of units
and of all cells above them. It moves in all of them or in none. The steps of the
borders that meet in it are counted with their direction: between two cells each
is walked there by one and back by the other, so around a corner with cells on all
sides they cancel, and what is moved cancels again. Then the ground of all changed
cells together is what it was, and as long as each of them stays a sound polygon
that is not turned over, they fill it without overlap.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Point

from gis.cells.coordinates import is_in_range
from gis.cells.lattice import UNITS, Shapes, doubled_area, to_units
from gis.cells.model import Draft
from gis.errors import InvalidGeometry, NotRedrawn
from gis.hierarchy import Code
from gis.messages import Message, say

Corner = tuple[int, int]
"""Longitude and latitude in lattice units."""

Window = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

REACH = 1.5
"""Lattice units: borders that should be one lie this near, once both are rounded."""
_BESIDE = 100.0  # lattice units from the corner, two steps that part are farther apart


def corner_of(lon: float, lat: float) -> Corner:
    """Return the lattice point that is nearest to a place in degrees.

    Raises
    ------
    InvalidGeometry
        If these are no longitude and latitude, or 0, 0, where no ground of ours lies.
    """
    if not is_in_range(lon, lat):  # nor is NaN
        raise InvalidGeometry(
            say("{lon}, {lat} are no degrees.", lon=lon, lat=lat),
            remedy=say("Longitude runs from -180 to 180, latitude from -90 to 90 (EPSG:4326)."),
        )
    corner = round(lon * UNITS), round(lat * UNITS)
    if corner == (0, 0):
        raise InvalidGeometry(say("The coordinate is 0, 0: it is missing."))
    return corner


def degrees_of(corner: Corner) -> tuple[float, float]:
    """Return longitude and latitude, to the last bit as cells have them."""
    return corner[0] / UNITS, corner[1] / UNITS


def steps(shape: MultiPolygon, at: Corner) -> dict[Corner, int]:
    """Return the other ends of the border's steps that meet in a corner.

    A border is walked with the cell on its left: 1 where the step leaves the
    corner, -1 where it arrives. Empty if the border has no such corner.
    """
    found: Counter[Corner] = Counter()
    for part in shape.geoms:
        for number, ring in enumerate((part.exterior, *part.interiors)):
            line = np.rint(shapely.get_coordinates(ring) * UNITS)[:-1]
            here = np.flatnonzero((line == at).all(axis=1))
            if not here.size:
                continue
            way = 1 if ring.is_ccw == (number == 0) else -1
            for i in here.tolist():
                (x, y), (u, v) = line[i - 1].tolist(), line[(i + 1) % len(line)].tolist()
                found[int(x), int(y)] -= way
                found[int(u), int(v)] += way
    return dict(found)


@dataclass(frozen=True)
class Star:
    """A corner, and the cells around it.

    Attributes
    ----------
    at
        The corner.
    near
        Cells of all levels that have it or hold it, by code; others do no harm.
    """

    at: Corner
    near: Mapping[Code, Draft]

    @cached_property
    def steps(self) -> Mapping[Code, Mapping[Corner, int]]:
        """See :func:`steps`; only of the cells that have the corner, by code."""
        found = {code: steps(cell.geom, self.at) for code, cell in sorted(self.near.items())}
        return {code: ends for code, ends in found.items() if ends}

    @property
    def owners(self) -> Sequence[Code]:
        """The cells that have the corner: what would change."""
        return tuple(self.steps)

    @cached_property
    def leaves(self) -> Sequence[Code]:
        """Those of the owners that nothing near is below."""
        parents = {cell.parent for cell in self.near.values()}
        return tuple(code for code in self.owners if code not in parents)

    def window(self, to: Corner) -> Window:
        """Return what surrounds all steps before and after the corner is moved."""
        ends = [self.at, to, *(end for ends in self.steps.values() for end in ends)]
        (west, east), (south, north) = (
            (min(a) / UNITS, max(a) / UNITS) for a in zip(*ends, strict=True)
        )
        return west, south, east, north

    def check(self, to: Corner) -> None:
        """Refuse what cells farther away have no say in; :func:`moved` looks at those.

        Raises
        ------
        NotRedrawn
            ``no_corner``, ``on_frame``, ``not_matched`` where cells should share the
            corner and do not, ``unmoved``, or ``too_far``.
        """
        if not self.owners:
            raise self._refusal("no_corner", say("No border has a corner there."))
        for end in _open(self.steps[code] for code in self.leaves):
            self._refuse_open(end)
        for code, cell in self.near.items():
            below = [c for c in self.owners if self.near[c].parent == code]
            if below and _open(
                [*(self.steps[c] for c in below), _turned(self.steps.get(code, {}))]
            ):
                raise self._not_matched(cell, self.near[below[0]])
        if to == self.at:
            raise _refused("unmoved", say("The corner is there already."), to)
        place = Point(degrees_of(to))
        if not any(self.near[code].geom.covers(place) for code in self.leaves):
            names = ", ".join(self.near[code].name for code in self.leaves)
            reason = say("It would leave the cells that meet there: {names}.", names=names)
            raise _refused("too_far", reason, to)

    def _refuse_open(self, end: Corner) -> None:
        """Refuse a step with a cell on one side only: the frame, or borders that do not match."""
        owner = next(self.near[code] for code in self.leaves if self.steps[code].get(end))
        along = np.array(end, dtype=float) - self.at
        length = float(np.hypot(*along))
        beside = Point(self.at + along * min(0.5, _BESIDE / length))
        parents = {cell.parent for cell in self.near.values()}
        for code, cell in self.near.items():
            if code in parents or code == owner.code:
                continue
            if to_units(cell.geom).distance(beside) <= REACH:
                raise self._not_matched(owner, cell)
        raise self._refusal(
            "on_frame",
            say("It lies on the township's outer border, which this operation does not move."),
        )

    def _not_matched(self, one: Draft, other: Draft) -> NotRedrawn:
        return self._refusal(
            "not_matched",
            say(
                "{one} and {other} do not share their corners there.",
                one=one.name,
                other=other.name,
            ),
            say("Import them again in one file, or with --repair."),
        )

    def _refusal(self, why: str, reason: Message, remedy: Message | None = None) -> NotRedrawn:
        remedy = remedy or say("Take another corner.")
        return NotRedrawn(why, reason, remedy=remedy, field="at", at=degrees_of(self.at))


def moved(star: Star, to: Corner) -> list[Draft]:
    """Return the cells that change when a corner is moved, by code.

    Parameters
    ----------
    star
        With every cell that meets ``star.window(to)``.

    Raises
    ------
    NotRedrawn
        As :meth:`Star.check` does; or ``taken``, or ``crosses`` where the borders
        would not be sound any more. Nothing is half-moved.
    """
    star.check(to)
    for cell in star.near.values():
        if steps(cell.geom, to):
            raise _refused("taken", say("{cell} has another corner there.", cell=cell.name), to)
    new = {
        code: replace(star.near[code], geom=_with(star.near[code].geom, star.at, to))
        for code in star.owners
    }
    for code, cell in new.items():
        _check_sound(star.near[code], cell, to)
    _check_sums(star, new, to)
    _check_tiling(star, new, to)
    return list(new.values())


def _with(shape: MultiPolygon, at: Corner, to: Corner) -> MultiPolygon:
    def put(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        here = (np.rint(degrees * UNITS) == at).all(axis=1)
        return np.where(here[:, None], degrees_of(to), degrees)

    return shapely.transform(shape, put)


def _check_sound(old: Draft, new: Draft, to: Corner) -> None:
    units = to_units(new.geom)
    if units.is_valid and new.geom.is_valid and _turns(new.geom) == _turns(old.geom):
        return
    _, _, numbers = shapely.is_valid_reason(new.geom).partition("[")
    at = tuple(float(number) for number in numbers.rstrip("]").split()[:2])
    lon, lat = at or degrees_of(to)
    reason = say("The border of {cell} would cross or touch itself.", cell=old.name)
    raise _refused("crosses", reason, to, place=(lon, lat))


def _turns(shape: MultiPolygon) -> list[bool]:
    return [
        ring.is_ccw for part in to_units(shape).geoms for ring in (part.exterior, *part.interiors)
    ]


def _check_sums(star: Star, new: Mapping[Code, Draft], to: Corner) -> None:
    """Make sure that no ground came or went: among the leaves, and below each parent."""
    gain = {
        code: doubled_area(cell.geom) - doubled_area(star.near[code].geom)
        for code, cell in new.items()
    }
    parents = {cell.parent for cell in star.near.values()}
    sums = [sum(gain[code] for code in star.leaves)]
    for parent in filter(None, parents):
        below = [gain[code] for code in new if new[code].parent == parent]
        sums += [sum(below) - gain.get(parent, 0)] if below else []
    if any(sums):
        raise _refused("crosses", say("The cells would not fill their ground any more."), to)


def _check_tiling(star: Star, new: Mapping[Code, Draft], to: Corner) -> None:
    """Refuse borders that do not match their neighbours' any more, at any level."""
    parents = {cell.parent for cell in star.near.values()}
    levels = {cell.level for cell in new.values()}
    groups = [[code for code in star.near if code not in parents]]
    groups += [
        [code for code, cell in star.near.items() if cell.level is level] for level in levels
    ]
    for group in groups:
        after = _unmatched([new.get(code, star.near[code]).geom for code in group])
        if not after:
            continue
        worse = after - _unmatched([star.near[code].geom for code in group])
        if worse:
            place = degrees_of(min(min(worse)))
            reason = say("It would touch or cross the border of another cell.")
            raise _refused("crosses", reason, to, place=place)


def _unmatched(shapes: Sequence[MultiPolygon] | Shapes) -> set[tuple[Corner, Corner]]:
    """Return the steps of the borders that are not the same for both neighbours."""
    given = to_units(np.asarray(shapes, dtype=object))
    if shapely.coverage_is_valid(given):
        return set()
    found = set()
    for line in shapely.get_parts(shapely.coverage_invalid_edges(given)):
        at = [(int(x), int(y)) for x, y in shapely.get_coordinates(line).tolist()]
        found |= {(min(a, b), max(a, b)) for a, b in pairwise(at)}
    return found


def _open(several: Iterable[Mapping[Corner, int]]) -> list[Corner]:
    """Return the ends of the steps that are not walked there and back."""
    total: Counter[Corner] = Counter()
    for ends in several:
        for end, way in ends.items():
            total[end] += way
    return [end for end, way in sorted(total.items()) if way]


def _turned(ends: Mapping[Corner, int]) -> dict[Corner, int]:
    return {end: -way for end, way in ends.items()}


def _refused(
    why: str, reason: Message, to: Corner, *, place: tuple[float, float] | None = None
) -> NotRedrawn:
    remedy = say("Move it less far, or another way.")
    return NotRedrawn(why, reason, remedy=remedy, field="to", at=place or degrees_of(to))
