"""How much of the ground that counts somebody passed, and when somebody was last there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import shapely
from shapely import LineString
from sqlalchemy import Connection, func, literal, select

from gis import tables
from gis.cells.scope import Place, Scope, scope_of, territory_on
from gis.db import sql
from gis.hierarchy import Code, Level
from gis.patrols import raster
from gis.patrols.duty import Duty, as_columns, duties, last_present
from gis.patrols.ground import to_grid
from gis.patrols.raster import Bounds, Raster
from gis.patrols.rasterise import Steps, covered_share
from gis.reports import Question, Report

SMALL_M2 = 100_000
"""Below this, a cell that counts whole is measured on the tracks, not by ground cells."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Ground of one leaf cell or of several, in m².

    Attributes
    ----------
    due
        The ground that counts.
    covered
        What anybody passed of it.
    own
        What was passed of it by those who answered for the leaf on the day of the
        walk; None if nobody did in the window.
    """

    due: float
    covered: float
    own: float | None

    @classmethod
    def sum(cls, parts: Iterable["Ground"]) -> "Ground":
        """Add up; leaves that nobody answered for add nothing to ``own``."""
        due = covered = 0.0
        own: float | None = None
        for part in parts:
            due, covered = due + part.due, covered + part.covered
            own = part.own if own is None else own + (part.own or 0.0)
        return cls(due, covered, own)

    @property
    def figures(self) -> dict[str, float | None]:
        """The report's keys; shares are null where no ground is due."""
        return {
            "due_m2": round(self.due, 1),
            "covered_m2": round(self.covered, 1),
            "covered_pct": self._share(self.covered),
            "covered_by_holder_pct": self._share(self.own),
        }

    def _share(self, part: float | None) -> float | None:
        return None if part is None or not self.due else round(100 * part / self.due, 2)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a patrol that counts (EPSG:4326)."""

    person: str
    day: date
    line: LineString


def coverage_report(
    conn: Connection,
    *,
    cell: Code | None,
    level: Level | None,
    first: date,
    last: date,
    at: datetime,
) -> Report:
    """Return how much of the ground that counts was passed within 25 m in a window.

    Ground counts (``due_m2``) as :func:`gis.patrols.due.due_bits` says; the whole
    area stands beside it.

    Rows are those of :func:`scope_of` on ``last``. There is none for ground in no
    cell: it is nobody's due. A level above the leaves sums its leaves. Whoever
    answered for a leaf on the day of the walk covers it as a holder; deputies do
    while they act.

    ``last_patrolled`` is the last day of presence up to ``last``, also before
    ``first``; null where nobody ever was.
    """
    asked = [(cell, level)]
    return coverage_reports(conn, asked, first=first, last=last, at=at)[0]


def coverage_reports(
    conn: Connection,
    asked: Sequence[tuple[Code | None, Level | None]],
    *,
    first: date,
    last: date,
    at: datetime,
) -> list[Report]:
    """Return :func:`coverage_report` of several cells and levels, the ground measured once."""
    territory = territory_on(conn, last)
    scopes = [territory.scope(cell=cell, level=level) for cell, level in asked]
    all_leaves = sorted({leaf for scope in scopes for leaf in scope.leaves})
    leaves = ground_covered(conn, territory.places, all_leaves, first=first, last=last)
    present = last_present(conn, *scopes, last=last)
    return [
        Report(Question.COVERAGE, at, first, last, *_figures(scope, leaves, present))
        for scope in scopes
    ]


def _figures(
    scope: Scope, leaves: Mapping[Code, Ground], present: Mapping[Code, date]
) -> tuple[list[dict[str, object]], dict[str, object]]:
    """Return a report's rows and its total."""
    rows: list[dict[str, object]] = [
        {
            "cell": row.code,
            "name": row.name,
            "level": row.level,
            "area_m2": round(row.area_m2, 1),
            **Ground.sum(leaves[leaf] for leaf in scope.in_row(row.code)).figures,
            "last_patrolled": present.get(row.code),
        }
        for row in scope.rows
    ]
    days = (present[row.code] for row in scope.rows if row.code in present)
    return rows, {
        "area_m2": round(sum(row.area_m2 for row in scope.rows), 1),
        **Ground.sum(leaves[leaf] for leaf in scope.leaves).figures,
        "last_patrolled": max(days, default=None),
    }


def ground_covered(
    conn: Connection,
    places: Mapping[Code, Place],
    leaves: Sequence[Code],
    *,
    first: date,
    last: date,
) -> dict[Code, Ground]:
    """Return the ground of some leaf cells, by code.

    Ground cells give shares, the cell's true area makes them square metres. A leaf
    under ten hectares is measured on the tracks if all its ground counts, else by
    ground cells too.
    A leaf too small for a ground cell counts whole.
    """
    known = duties(conn, leaves)
    versions = [places[leaf].version for leaf in leaves]
    asked = {"cells": versions, "first": first, "last": last} | as_columns(known)
    drawn = {row.cell: row for row in conn.execute(sql("patrol_coverage"), asked) if row.ground_m2}
    found, small = {}, []
    for leaf in leaves:
        place = places[leaf]
        row = drawn.get(place.version)
        if row is None or (place.area_m2 < SMALL_M2 and row.due_m2 == row.ground_m2):
            small.append(leaf)
        else:
            scale = place.area_m2 / row.ground_m2
            own = None if row.own_m2 is None else row.own_m2 * scale
            found[leaf] = Ground(row.due_m2 * scale, row.covered_m2 * scale, own)
    return found | _exact(conn, places, small, known=known, first=first, last=last)


def days_since_raster(
    conn: Connection, *, first: date, last: date, bounds: Bounds, cell: Code | None = None
) -> Raster | None:
    """Return the days from the last cover in a window to its end, pixel by pixel.

    Parameters
    ----------
    bounds
        Of the picture, in degrees; only tiles with ground of the cells are drawn.
    cell
        Draw only its ground, as of ``last``.

    Returns
    -------
    Raster or None
        None where the cells have no ground within the bounds.
    """
    cells = scope_of(conn, cell=cell, level=None, on=last).leaf_versions
    frame = raster.frame_of(conn, cells, bounds=bounds)
    if frame is None:
        return None
    day = raster.last_seen(conn, frame, first=first, last=last)
    inside = raster.inside(conn, frame, cells=cells) > 0
    seen = inside & (day > 0)
    return Raster(
        frame.bounds, inside, seen, np.where(seen, last.toordinal() - day, 0).astype(float)
    )


def tracks_in(
    conn: Connection,
    *,
    first: date,
    last: date,
    cell: Code | None = None,
    person: str | None = None,
) -> list[Segment]:
    """Return the patrols of a window that count, by day and person.

    With ``cell``, only their parts within the ground that is its own on ``last``;
    with ``person``, only that person's.
    """
    table = tables.patrol_segment
    line = func.st_force2d(table.c.geom)
    query = (
        select(table.c.person, table.c.day, func.st_asbinary(line))
        .where(table.c.day.between(first, last))
        .order_by(table.c.day, table.c.person, table.c.id)
    )
    if cell is not None:
        version = tables.cell_version
        within = func.st_intersection(line, version.c.geom)
        query = (
            query.with_only_columns(table.c.person, table.c.day, func.st_asbinary(within))
            .join(version, func.st_intersects(version.c.geom, table.c.geom))
            .where(version.c.code == cell, version.c.valid.contains(literal(last)))
        )
    if person is not None:
        query = query.where(table.c.person == person)
    return [
        Segment(walker, day, part)
        for walker, day, wkb in conn.execute(query)
        for part in lines_in(wkb)
    ]


def traces(
    conn: Connection, *, cell: Code | None = None, person: str | None = None
) -> list[LineString]:
    """Return the lines of points without a time (EPSG:4326): shown, not counted.

    With ``cell``, only their parts within the ground that ever was its own; with
    ``person``, only that person's.
    """
    table, version = tables.trace, tables.cell_version
    query = select(func.st_asbinary(table.c.geom)).order_by(table.c.id)
    if cell is not None:
        ground = select(func.st_union(version.c.geom)).where(version.c.code == cell)
        within = func.st_intersection(table.c.geom, ground.scalar_subquery())
        query = query.with_only_columns(func.st_asbinary(within))
    if person is not None:
        query = query.where(table.c.person == person)
    return [line for wkb in conn.execute(query).scalars() for line in lines_in(wkb)]


def lines_in(wkb: bytes | None) -> list[LineString]:
    """Return the lines in a geometry; none where it has only points or nothing."""
    if wkb is None:
        return []
    parts = shapely.get_parts(shapely.from_wkb(bytes(wkb)))
    return [part for part in parts if isinstance(part, LineString) and not part.is_empty]


def _exact(
    conn: Connection,
    places: Mapping[Code, Place],
    leaves: Sequence[Code],
    *,
    known: Sequence[Duty],
    first: date,
    last: date,
) -> dict[Code, Ground]:
    """Measure some small leaves on the tracks themselves; all their ground is due."""
    if not leaves:
        return {}
    code_of = {places[leaf].version: leaf for leaf in leaves}
    asked = {"cells": list(code_of), "first": first, "last": last}
    near: dict[Code, list[tuple[str, date, bytes]]] = defaultdict(list)
    for row in conn.execute(sql("patrol_near"), asked):
        near[code_of[row.cell]].append((row.person, row.day, row.geom))
    version = tables.cell_version
    shapes = conn.execute(
        select(version.c.code, version.c.geom).where(version.c.id.in_(list(code_of)))
    )
    found = {}
    for leaf, shape in shapes:
        area = places[leaf].area_m2
        mine = [duty for duty in known if duty.cell == leaf]
        held = any(duty.since <= last and duty.until > first for duty in mine)
        own = [
            wkb
            for person, day, wkb in near[leaf]
            if any(d.person == person and d.since <= day < d.until for d in mine)
        ]
        covered = covered_share(_steps(wkb for *_, wkb in near[leaf]), shape)
        alone = len(own) == len(near[leaf])
        by_own = covered if alone else covered_share(_steps(own), shape)
        found[leaf] = Ground(area, area * covered, area * by_own if held else None)
    return found


def _steps(lines: Iterable[bytes]) -> Steps:
    """Return the steps of lines given as WKB."""
    parsed = shapely.from_wkb([bytes(wkb) for wkb in lines])
    points, line = shapely.get_coordinates(parsed, return_index=True)
    return Steps.between(*to_grid(points[:, 0], points[:, 1]), np.flatnonzero(np.diff(line) == 0))
