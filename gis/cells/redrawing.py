"""Redraws in the database: the operation that was asked for, as of today, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from gis import operations, times
from gis.cells import store
from gis.cells.fitting import metres
from gis.cells.lattice import UNITS
from gis.cells.model import CellShape, Draft
from gis.cells.redraw import REACH, Corner, Star, corner_of, degrees_of, moved
from gis.deployment import Deployment, get_deployment
from gis.errors import Conflict, NotAllowed, NotRedrawn
from gis.hierarchy import Code, Level
from gis.messages import say
from gis.operations import Done, Proof
from gis.patrols.store import set_masks

Place = tuple[float, float]
"""Longitude and latitude (EPSG:4326)."""


@dataclass(frozen=True, slots=True)
class Redrawn(Proof):
    """A corner that was moved.

    Attributes
    ----------
    at, to
        Where the corner was, and where it is: on the lattice.
    changed
        The cells that have the corner, in the version that this act gave them.
    """

    at: Place
    to: Place
    changed: tuple[CellShape, ...]


def move_corner(
    conn: Connection,
    *,
    op_id: UUID,
    at: Place,
    to: Place,
    versions: Mapping[Code, int],
    within: Code | None = None,
) -> Redrawn:
    """Move a corner in every cell that has it, as of today.

    Two planners take turns: whoever comes second meets the cells as the first left
    them. Reports that are open keep the cell they were filed under.

    Parameters
    ----------
    at, to
        Rounded to the lattice; at ``at`` there must be a corner.
    versions
        What the planner saw, by code: ``CellShape.id`` of every cell that has the
        corner. Others do no harm.
    within
        Only this cell and those below it may change; None: all.

    Raises
    ------
    Conflict
        If a cell moved on since the planner saw it, or ``op_id`` stands for
        something else. Nothing is changed.
    NotRedrawn
        If the corner cannot be moved there, or a cell has a listed defect.
    NotAllowed
        If a cell outside ``within`` would change.
    """
    here, there = corner_of(*at), corner_of(*to)
    digest = operations.digest_of(["move corner", here, there, sorted(versions.items())])
    store.lock(conn)

    def moved_now() -> dict[str, Any]:
        return _answer(here, there, _moved(conn, here, there, versions=versions, within=within))

    return _redrawn(operations.once(conn, op_id, digest, moved_now))


def _moved(
    conn: Connection,
    here: Corner,
    there: Corner,
    *,
    versions: Mapping[Code, int],
    within: Code | None,
) -> list[CellShape]:
    """Move the corner and return the cells that changed."""
    deployment = get_deployment(conn)
    today = times.today(deployment.zone)
    reach = REACH / UNITS
    lon, lat = degrees_of(here)
    near = store.drafts_near(conn, (lon - reach, lat - reach, lon + reach, lat + reach), day=today)
    star = _star(here, near)
    _check_seen(conn, star, {code: number for code, (number, _) in near.items()}, versions)
    _check_allowed(conn, star, within)
    _check_defects(conn, star)
    star.check(there)
    near |= store.drafts_near(conn, star.window(there), day=today)
    drafts = moved(_star(here, near), there)
    _begin(conn, drafts, deployment, there)
    changed = store.cells_named(conn, [draft.code for draft in drafts], today)
    set_masks(conn, [cell for cell in changed if cell.code in star.leaves])
    return changed


def _begin(conn: Connection, drafts: Sequence[Draft], deployment: Deployment, to: Corner) -> None:
    today = times.today(deployment.zone)
    try:
        store.begin_versions(conn, drafts, today=today, zone=deployment.zone, keep_past=True)
    except IntegrityError:  # its geometry library finds a shape invalid that ours does not
        raise NotRedrawn(
            "crosses",
            say("The database does not take the new shapes."),
            remedy=say("Move it a little farther, or less far."),
            field="to",
            at=degrees_of(to),
        ) from None


def _star(at: Corner, near: Mapping[Code, tuple[int, Draft]]) -> Star:
    return Star(at, {code: draft for code, (_, draft) in near.items()})


def _check_seen(
    conn: Connection, star: Star, current: Mapping[Code, int], seen: Mapping[Code, int]
) -> None:
    """Compare the versions of what would change with what the planner saw.

    Where the corner is gone, whatever else moved on is the reason.
    """
    names = {code: star.near[code].name for code in star.owners}
    if not names:
        today = times.today(get_deployment(conn).zone)
        there = {cell.code: cell for cell in store.cells_named(conn, seen, today)}
        names = {code: there[code].name if code in there else code for code in seen}
        current = {code: cell.id for code, cell in there.items()}
    stale = [name for code, name in names.items() if current.get(code) != seen.get(code)]
    if stale:
        raise Conflict(
            say("Somebody changed these cells meanwhile: {cells}.", cells=", ".join(stale)),
            remedy=say("Look at them as they are now, and move the corner again."),
            field="versions",
        )


def _check_allowed(conn: Connection, star: Star, within: Code | None) -> None:
    if within is None:
        return
    tree = store.tree_on(conn)
    outside = [star.near[c].name for c in star.owners if within not in tree.path(c)]
    if outside:
        raise NotAllowed(
            say("It would change cells that are not yours: {cells}.", cells=", ".join(outside)),
            remedy=say("Ask the grid centre."),
            field="at",
        )


def _check_defects(conn: Connection, star: Star) -> None:
    for defect in store.defects(conn, of=star.owners):
        names = ", ".join(star.near[c].name if c in star.near else c for c in defect.cells)
        size = metres(defect.area_m2)
        reason = (
            say("{cells} overlap by {size} m².", cells=names, size=size)
            if defect.kind == "overlap"
            else say("{size} m² between {cells} lie in no cell.", cells=names, size=size)
        )
        raise NotRedrawn(
            "defect",
            reason,
            remedy=say("Repair these borders first: import them again with --repair."),
            field="at",
            at=(defect.place.x, defect.place.y),
        )


def _answer(at: Corner, to: Corner, changed: Sequence[CellShape]) -> dict[str, Any]:
    names = ("id", "code", "name", "level", "parent", "kind", "area_m2")
    cells = [
        {name: getattr(cell, name) for name in names}
        | {"geom": shapely.to_wkb(cell.geom, hex=True)}
        for cell in changed
    ]
    return {"at": degrees_of(at), "to": degrees_of(to), "cells": cells}


def _redrawn(done: Done) -> Redrawn:
    cells = [
        CellShape(**{**cell, "level": Level(cell["level"]), "geom": shapely.from_wkb(cell["geom"])})
        for cell in done.answer["cells"]
    ]
    (west, south), (east, north) = done.answer["at"], done.answer["to"]
    return Redrawn(**done.proof, at=(west, south), to=(east, north), changed=tuple(cells))
