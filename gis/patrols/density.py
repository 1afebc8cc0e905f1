"""How much time patrols spent where."""

from collections.abc import Mapping
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from gis.cells.scope import OUTSIDE, scope_of
from gis.db import sql
from gis.hierarchy import Code, Level
from gis.patrols import raster
from gis.patrols.ground import CELLS
from gis.patrols.raster import Bounds, Raster
from gis.patrols.store import GROUND
from gis.reports import Question, Report

NOBODY: Mapping[str, int | None] = {"person_seconds": None, "passes": None, "days": None}
"""Nobody was there: not zero."""


def density_report(
    conn: Connection,
    *,
    cell: Code | None,
    level: Level | None,
    first: date,
    last: date,
    at: datetime,
) -> Report:
    """Return the time, passes and distinct days of patrols in each cell in a window.

    Rows are those of :func:`scope_of` on ``last``, and one of empty code for ground
    in none of them, which a question about one cell has only where somebody walked
    on such ground. The seconds of all rows add up to those of the tracks. Coming
    back within 120 s is the same pass; a level above the leaves sums its leaves'
    passes. Where nobody was, all three are null.
    """
    scope = scope_of(conn, cell=cell, level=level, on=last)
    asked = {"cells": list(scope.versions), "places": list(scope.versions.values())}
    found = {
        row.code: {
            "person_seconds": int(row.person_seconds),
            "passes": int(row.passes),
            "days": row.days,
        }
        for row in conn.execute(sql("patrol_effort"), asked | {"first": first, "last": last})
        if row.days
    }
    rows: list[Mapping[str, object]] = [
        {
            "cell": row.code,
            "name": row.name,
            "level": row.level,
            **found.get(row.code, NOBODY),
        }
        for row in scope.rows
    ]
    if cell is None or OUTSIDE in found:
        outside = {"cell": OUTSIDE, "name": "", "level": None}
        rows.append({**outside, **found.get(OUTSIDE, NOBODY)})
    return Report(Question.DENSITY, at, first, last, rows, found.get(None, NOBODY))


def density_raster(
    conn: Connection, *, first: date, last: date, bounds: Bounds, cell: Code | None = None
) -> Raster | None:
    """Return person-minutes a hectare in a window, pixel by pixel.

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
    seconds = frame.blank()
    window = {"first": first, "last": last} | frame.window
    for row in conn.execute(sql("patrol_ground_effort"), window):
        packed = np.frombuffer(row.cells, GROUND)
        on = np.bincount(packed["cell"], packed["seconds"], minlength=CELLS)
        seconds[frame.part(row.x, row.y)] = frame.pooled(on.astype(np.int64))
    count = raster.inside(conn, frame, cells=cells)
    inside = count > 0
    seen = inside & (raster.last_seen(conn, frame, first=first, last=last) > 0)
    minutes = np.where(seen, seconds, 0) / 60
    value = np.divide(minutes, raster.hectares(frame, count), where=inside, out=minutes)
    return Raster(frame.bounds, inside, seen, value)
