"""Where cells, people or patrols are missing: each gap with its ground, reason and remedy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

import numpy as np
from shapely import Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, select

from gis import tables
from gis.cells.scope import OUTSIDE, Place, territory_on
from gis.db import sql
from gis.deployment import get_deployment
from gis.hierarchy import Code, Level
from gis.messages import Message, say
from gis.patrols import ground, regions
from gis.patrols.duty import last_present
from gis.patrols.ground import Tiles
from gis.patrols.rasterise import RADIUS
from gis.patrols.regions import Region
from gis.patrols.watch import ONE_DAY, Watch, watch_over
from gis.people.roles import HOLDS
from gis.reports import Question, Report

EVERY_WORKING_DAY = 0
"""As a cycle."""


class Kind(StrEnum):
    """What is missing; the words are a contract."""

    UNASSIGNED_GROUND = "unassigned_ground"
    OVERLAP = "overlap"
    NO_HOLDER = "no_holder"
    NOT_PATROLLED = "not_patrolled"
    NOT_PASSED = "not_passed"


NO_GROUND = Polygon()

_DEFECTS = {
    "gap": (Kind.UNASSIGNED_GROUND, say("This ground between {cells} is in no cell.")),
    "overlap": (Kind.OVERLAP, say("This ground is in two cells: {cells}.")),
}


@dataclass(frozen=True, slots=True)
class GapRules:
    """When something counts as missing.

    Attributes
    ----------
    cycles
        Days in which each level's cells are due for a patrol, or EVERY_WORKING_DAY. A
        level that is not named is never due.
    not_passed_days, not_passed_m2
        Ground that counts is a gap after so many days without anybody within 25 m,
        if that much of it hangs together.
    look_back
        Days before the last one in which the last pass is looked for; ground not
        passed for longer is a gap since that day.
    """

    cycles: Mapping[Level, int] = field(
        default_factory=lambda: {Level.UNIT: EVERY_WORKING_DAY, Level.VILLAGE: 7, Level.AREA: 30}
    )
    not_passed_days: int = 14
    not_passed_m2: float = 5_000.0
    look_back: int = 92


RULES = GapRules()


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing.

    Attributes
    ----------
    cell
        None for ground in no cell.
    since
        The first day on which it was missing.
    person
        Who answers for the ground, or who is next above; empty where nobody is.
    geometry
        EPSG:4326.
    """

    kind: Kind
    cell: Place | None
    area_m2: float
    since: date
    person: str
    reason: Message
    action: Message
    geometry: BaseGeometry

    def days(self, last: date) -> int:
        """Return how many days it lasts, ``last`` included."""
        return (last - self.since).days + 1

    def row(self, last: date) -> dict[str, object]:
        """Return it as a row of the report."""
        return {
            "cell": self.cell.code if self.cell else OUTSIDE,
            "name": self.cell.name if self.cell else "",
            "level": self.cell.level if self.cell else None,
            "kind": self.kind.value,
            "area_m2": round(self.area_m2, 1),
            "since": self.since,
            "days": self.days(last),
            "person": self.person,
            "reason": self.reason,
            "action": self.action,
            "geometry": self.geometry,
        }


def gaps_report(
    conn: Connection,
    *,
    cell: Code | None,
    level: Level | None,
    at: datetime,
    first: date,
    last: date,
    rules: GapRules = RULES,
) -> Report:
    """Return every gap within a cell, as of the end of a window.

    Rows are by the cell's code, then by kind, the largest first; ground in no cell
    comes last, under the empty code. Without ``level`` they are of every cell
    within ``cell``, each gap at the cell that it is a gap of; with it, of the cells
    of that level and the leaves above it. Boundary defects are always among them.

    Ground not passed is sought where it counts (:func:`gis.patrols.due.due_bits`);
    a vacant or unpatrolled cell is a gap with all its ground.

    Vacancies are judged on ``last``; cycles and ground on days that had ended at
    ``at``, though a patrol after them closes the gap. A gap counts from the later
    of the start of service and the start of who answers for the cell; before that
    there is no data yet, and no gap.
    """
    found = gaps_within(conn, cell=cell, level=level, at=at, last=last, rules=rules)
    total = dict.fromkeys(("kind", "area_m2", "since", "days", "person", "reason", "action"))
    total["since"] = min((gap.since for gap in found), default=None)
    total["days"] = max((gap.days(last) for gap in found), default=None)
    total["geometry"] = None
    return Report(Question.GAPS, at, first, last, [gap.row(last) for gap in found], total)


def gaps_within(
    conn: Connection,
    *,
    cell: Code | None,
    level: Level | None,
    at: datetime,
    last: date,
    rules: GapRules = RULES,
) -> list[Gap]:
    """Return the gaps of :func:`gaps_report`, in its order."""
    territory = territory_on(conn, last)
    scopes = {
        one: territory.scope(cell=cell, level=one) for one in (Level if level is None else (level,))
    }
    lowest = scopes[max(scopes)]
    watch = watch_over(conn, lowest, last=last, at=at)
    # Where every level is asked for, a leaf above a level is no row of that level.
    rows = [
        row
        for one, scope in scopes.items()
        for row in scope.rows
        if level is not None or row.level == one
    ]
    present = last_present(conn, *scopes.values(), last=last)
    missing = [
        *_vacancies(watch, rows, last=last),
        *_not_patrolled(watch, rows, present=present, rules=rules),
    ]
    found = [
        *_between_cells(conn, watch, cell=cell, last=last),
        *_with_ground(conn, missing),
        *_not_passed(conn, watch, last=last, rules=rules),
    ]
    kinds = list(Kind)
    return sorted(
        found,
        key=lambda gap: (
            gap.cell is None,
            gap.cell.code if gap.cell else OUTSIDE,
            kinds.index(gap.kind),
            -gap.area_m2,
        ),
    )


def _between_cells(
    conn: Connection, watch: Watch, *, cell: Code | None, last: date
) -> Iterator[Gap]:
    """Yield ground in two cells, or in none, where it concerns a cell in scope."""
    scope, zone = watch.scope, get_deployment(conn).zone
    inside = set(scope.tree.within(cell)) if cell is not None else set(scope.places)
    for defect in conn.execute(select(tables.boundary_defect)):
        mine = [code for code in defect.cells if code in inside]
        if not mine or defect.kind not in _DEFECTS:
            continue
        kind, reason = _DEFECTS[defect.kind]
        names = ", ".join(scope.places[c].name for c in defect.cells if c in scope.places)
        above = scope.tree.lowest_common_ancestor(c for c in defect.cells if c in scope.tree)
        yield Gap(
            kind=kind,
            cell=scope.places[mine[0]] if kind is Kind.OVERLAP else None,
            area_m2=defect.area_m2,
            since=min(defect.found_at.astimezone(zone).date(), last),
            person=watch.responsible(above),
            reason=Message(reason.template, {"cells": names}),
            action=say("Import the boundaries with --repair, or redraw them."),
            geometry=defect.geom,
        )


def _vacancies(watch: Watch, rows: Sequence[Place], *, last: date) -> Iterator[Gap]:
    """Yield the cells that nobody answers for on ``last``, not even a deputy; without ground."""
    for row in rows:
        if row.level not in HOLDS.values() or row.code in watch.acting or last < watch.started:
            continue
        left = watch.vacated.get(row.code)
        yield Gap(
            kind=Kind.NO_HOLDER,
            cell=row,
            area_m2=row.area_m2,
            since=max(left or watch.started, watch.started),
            person=watch.responsible(row.code),
            reason=say("Nobody answers for it since {day}.", day=left)
            if left
            else say("Nobody was ever named for it."),
            action=say("Name a holder, or a deputy until there is one."),
            geometry=NO_GROUND,
        )


def _not_patrolled(
    watch: Watch,
    rows: Sequence[Place],
    *,
    present: Mapping[Code, date],
    rules: GapRules,
) -> Iterator[Gap]:
    """Yield the cells where nobody was in the last whole cycle or later; without their ground."""
    for row in rows:
        cycle = rules.cycles.get(row.level)
        if cycle is None:
            continue
        daily = cycle == EVERY_WORKING_DAY
        begin = watch.working if daily else watch.ended - timedelta(days=cycle - 1)
        start, seen = watch.start(row.code), present.get(row.code)
        if start > begin or (seen is not None and seen >= begin):
            continue
        due = say("every working day") if daily else say("every {n} days", n=cycle)
        yield Gap(
            kind=Kind.NOT_PATROLLED,
            cell=row,
            area_m2=row.area_m2,
            since=max(start, seen + ONE_DAY) if seen else start,
            person=watch.responsible(row.code),
            reason=say("Due {cycle}, last patrolled on {day}.", cycle=due, day=seen)
            if seen
            else say("Due {cycle}, never patrolled.", cycle=due),
            action=say("Patrol it, and note what was in the way."),
            geometry=NO_GROUND,
        )


def _not_passed(conn: Connection, watch: Watch, *, last: date, rules: GapRules) -> Iterator[Gap]:
    """Yield connected ground that counts and that nobody came near for some days."""
    scope = watch.scope
    begin = watch.ended - timedelta(days=rules.not_passed_days - 1)
    leaf_of = {
        scope.places[leaf].version: leaf
        for leaf, row in scope.leaves.items()
        if row != OUTSIDE and watch.start(leaf) <= begin
    }
    asked = {"cells": list(leaf_of), "first": begin, "last": last}
    rows = conn.execute(sql("patrol_neglected"), asked).all()
    found = regions.connected(Tiles.of_rows(rows), min_area=rules.not_passed_m2)
    first = watch.ended - timedelta(days=rules.look_back - 1)
    passed = _last_passed(conn, found, first=first, last=begin - ONE_DAY)
    for region, day in zip(found, passed, strict=True):
        leaf = leaf_of[region.group]
        since = max(watch.start(leaf), day + ONE_DAY if day else first)
        yield Gap(
            kind=Kind.NOT_PASSED,
            cell=scope.places[scope.leaves[leaf]],
            area_m2=region.area_m2,
            since=since,
            person=watch.responsible(leaf),
            reason=say(
                "Nobody on patrol came within {metres} m since {day}.",
                metres=int(RADIUS),
                day=since,
            ),
            action=say("Walk there on the next patrol."),
            geometry=region.polygon,
        )


def _last_passed(
    conn: Connection, found: Sequence[Region], *, first: date, last: date
) -> list[date | None]:
    """Return the last day in a window on which any ground of each region was covered."""
    if not found:
        return []
    region = np.repeat(np.arange(len(found)), [one.cells.size for one in found])
    left = ground.pack(region, np.concatenate([one.cells for one in found]))
    x, y = ground.tile_xy(left.tile)
    bounds = {"west": x.min(), "north": y.min(), "east": x.max(), "south": y.max()}
    asked = {"first": first, "last": last} | {side: int(at) for side, at in bounds.items()}
    rows = conn.execute(sql("patrol_seen_by_day"), asked)
    seen = Tiles.of_rows([(row.day.toordinal(), row.x, row.y, row.bits) for row in rows])
    latest = np.zeros(len(found), np.int64)
    for day in np.unique(seen.group)[::-1].tolist():  # the latest first, until all are found
        today = seen.at(np.flatnonzero(seen.group == day))
        today = today.at(np.argsort(today.tile))
        at = np.minimum(np.searchsorted(today.tile, left.tile), today.tile.size - 1)
        hit = (today.tile[at] == left.tile) & (today.bits[at] & left.bits).any(axis=1)
        latest[left.group[hit]] = day
        left = left.at(np.flatnonzero(latest[left.group] == 0))
    return [date.fromordinal(day) if day else None for day in latest.tolist()]


def _with_ground(conn: Connection, gaps: Sequence[Gap]) -> list[Gap]:
    """Return gaps of whole cells with their shapes."""
    version = tables.cell_version
    ids = {gap.cell.version for gap in gaps if gap.cell}
    query = select(version.c.id, version.c.geom).where(version.c.id.in_(ids))
    shapes = {row.id: row.geom for row in conn.execute(query)} if ids else {}
    return [replace(gap, geometry=shapes[gap.cell.version]) for gap in gaps if gap.cell]
