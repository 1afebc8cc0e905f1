"""Cells in the database: as they stand on a day, one of them, their tree, their defects."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, Range
from sqlalchemy.sql.functions import func

from gis import times
from gis.cells.defects import Defect
from gis.cells.metres import degree_m
from gis.cells.model import CellShape, Draft
from gis.deployment import get_deployment
from gis.errors import InvalidInput, NotFound
from gis.hierarchy import Cell, Code, Level, Tree
from gis.messages import say
from gis.tables import boundary_defect, cell, cell_version

V = cell_version.c


def cells_on(
    conn: Connection,
    day: date | None = None,
    *,
    level: Level | None = None,
    within: Code | None = None,
) -> list[CellShape]:
    """Return the cells in force on a day, by level and code.

    Parameters
    ----------
    day
        A local date; None: today in the deployment's zone.
    level
        Only the cells of this level.
    within
        Only this cell and those below it; none if there is no such cell.
    """
    on = day or _today(conn)
    query = _shapes(on).order_by(cell.c.level, V.code)
    if level is not None:
        query = query.where(cell.c.level == level)
    if within is not None:
        query = query.where(V.code.in_(_within(within, on)))
    return [_shape(row) for row in conn.execute(query)]


def cell_named(conn: Connection, code: Code, day: date | None = None) -> CellShape:
    """Return one cell as of a day (None: today); NotFound if there is none then."""
    row = conn.execute(_shapes(day or _today(conn)).where(V.code == code)).one_or_none()
    if row is None:
        raise NotFound(
            say("There is no cell {code}.", code=code),
            remedy=say("Look at the list of cells for those that there are."),
            field="cell",
        )
    return _shape(row)


def tree_on(conn: Connection, day: date | None = None) -> Tree:
    """Return the hierarchy in force on a day (None: today); it may be empty."""
    query = (
        select(V.code, cell.c.level, V.parent)
        .join(cell, cell.c.code == V.code)
        .where(in_force(day or _today(conn)))
    )
    return Tree.of(Cell(row.code, row.level, row.parent) for row in conn.execute(query))


def names_on(conn: Connection, day: date | None = None) -> dict[Code, str]:
    """Return the names of the cells in force on a day (None: today), by code."""
    query = select(V.code, V.name).where(in_force(day or _today(conn)))
    return {row.code: row.name for row in conn.execute(query)}


def codes_at(conn: Connection, lon: float, lat: float, *, day: date) -> list[Cell]:
    """Return the cells that hold a point on a day, borders included: lowest levels first."""
    query = (
        select(V.code, cell.c.level, V.parent)
        .join(cell, cell.c.code == V.code)
        .where(in_force(day), func.ST_Intersects(V.geom, _point(lon, lat)))
        .order_by(cell.c.level.desc(), V.code)
    )
    return [Cell(row.code, row.level, row.parent) for row in conn.execute(query)]


def cells_near(
    conn: Connection, lon: float, lat: float, *, level: Level, reach_m: float, day: date
) -> list[CellShape]:
    """Return the cells of a level within metres of a point; a few may lie a little farther."""
    degrees = reach_m / min(degree_m(lat)) * _GENEROUS
    near = func.ST_DWithin(V.geom, _point(lon, lat), degrees)
    query = _shapes(day).where(cell.c.level == level, near)
    return [_shape(row) for row in conn.execute(query)]


def nearest_cell(conn: Connection, lon: float, lat: float, *, level: Level, day: date) -> CellShape:
    """Return the cell of a level that is nearest to a point; there must be one."""
    nearest_first = V.geom.op("<->")(_point(lon, lat))
    query = _shapes(day).where(cell.c.level == level).order_by(nearest_first).limit(1)
    return _shape(conn.execute(query).one())


def lowest_level(conn: Connection, day: date) -> Level | None:
    """Return the lowest level that has a cell on a day; None without any."""
    query = (
        select(cell.c.level)
        .join(cell_version, V.code == cell.c.code)
        .where(in_force(day))
        .order_by(cell.c.level.desc())
        .limit(1)
    )
    found: Level | None = conn.execute(query).scalar()
    return found


def drafts_on(conn: Connection, day: date) -> dict[Code, Draft]:
    """Return the cells in force on a day, by code, with where their shapes came from."""
    query = (
        select(V.code, V.name, cell.c.level, V.parent, V.kind, V.geom, V.source)
        .join(cell, cell.c.code == V.code)
        .where(in_force(day))
    )
    return {row.code: Draft(*row) for row in conn.execute(query)}


def drafts_near(
    conn: Connection, window: tuple[float, float, float, float], *, day: date
) -> dict[Code, tuple[int, Draft]]:
    """Return the cells of a day that may meet a window, each with its version, by code.

    Parameters
    ----------
    window
        West, south, east, north in degrees. A cell whose surrounding box meets it counts.
    """
    query = (
        select(V.id, V.code, V.name, cell.c.level, V.parent, V.kind, V.geom, V.source)
        .join(cell, cell.c.code == V.code)
        .where(in_force(day), V.geom.op("&&")(func.ST_MakeEnvelope(*window, 4326)))
    )
    return {row.code: (row.id, Draft(*row[1:])) for row in conn.execute(query)}


def cells_named(conn: Connection, codes: Iterable[Code], day: date) -> list[CellShape]:
    """Return those of these cells that are in force on a day, by level and code."""
    query = _shapes(day).where(V.code.in_(list(codes))).order_by(cell.c.level, V.code)
    return [_shape(row) for row in conn.execute(query)]


def numbers_on(conn: Connection, day: date) -> dict[Code, int]:
    """Return the versions in force on a day, by code: any change of a cell shows in them."""
    return {row.code: row.id for row in conn.execute(select(V.code, V.id).where(in_force(day)))}


def defects(
    conn: Connection, *, within: Code | None = None, of: Iterable[Code] | None = None
) -> list[Defect]:
    """Return the boundary defects that are listed, the largest first.

    Parameters
    ----------
    within
        Only those that concern this cell or one below it.
    of
        Only those that concern one of these cells.
    """
    d = boundary_defect.c
    query = select(d.kind, d.cells, d.geom).order_by(d.area_m2.desc(), d.id)
    if within is not None:
        inside = func.array(_within(within, _today(conn)).scalar_subquery(), type_=ARRAY(TEXT))
        query = query.where(d.cells.overlap(inside))
    if of is not None:
        query = query.where(d.cells.overlap(list(of)))
    return [Defect(row.kind, tuple(row.cells), row.geom) for row in conn.execute(query)]


def lock(conn: Connection) -> None:
    """Keep others from changing cells until this transaction ends; they may read."""
    conn.execute(text("lock table cell_version in share row exclusive mode"))


def begin_versions(
    conn: Connection,
    drafts: Sequence[Draft],
    *,
    today: date,
    zone: ZoneInfo,
    keep_past: bool = False,
) -> None:
    """Let cells begin, or go on as the drafts say, as of today.

    A first version holds since ever. A version that began today gives way to one
    of the same dates; any other ends today, and a new one begins. Either way the
    shape has a number of its own, by which others see that the cell moved on.

    Parameters
    ----------
    keep_past
        Keep the days gone by as they were, also of a cell that was made only today.
        Without it such a cell changes since ever: its first shape was a mistake.

    Raises
    ------
    InvalidInput
        If a cell had a code of a draft once, at another level.
    """
    _make_codes(conn, {draft.code: draft.level for draft in drafts})
    rows = conn.execute(
        select(V.code, V.id, V.valid, cell.c.made_at)
        .join(cell, cell.c.code == V.code)
        .where(V.code.in_([draft.code for draft in drafts]))
    ).all()
    known = {row.code for row in rows}
    current = {row.code: row for row in rows if row.valid.contains(today)}
    giving_way, ending, beginning = [], [], []
    for draft in drafts:
        row = current.get(draft.code)
        values = {name: getattr(draft, name) for name in _WRITTEN}
        if row is None:
            since = today if draft.code in known else None
            beginning.append(values | {"valid": Range(since, None)})
        elif (row.valid.lower or _made(row.made_at, zone, keep_past=keep_past)) == today:
            giving_way.append(row.id)
            beginning.append(values | {"valid": row.valid})
        else:
            ending.append({"which": row.id, "valid": Range(row.valid.lower, today)})
            beginning.append(values | {"valid": Range(today, row.valid.upper)})
    conn.execute(delete(cell_version).where(V.id.in_(giving_way)))
    if ending:
        conn.execute(update(cell_version).where(V.id == bindparam("which")), ending)
    if beginning:
        conn.execute(insert(cell_version), beginning)


def replace_defects(
    conn: Connection,
    found: Sequence[tuple[Defect, Code | None]],
    *,
    lowest: Level,
) -> None:
    """List these defects in place of all that concern cells of ``lowest`` or a level above.

    Beside each stands the lowest cell that it lies under, if they share one. A
    defect that is listed already keeps the time when it was found.
    """
    d = boundary_defect.c
    above = select(cell.c.code).where(cell.c.level <= lowest)
    rows = conn.execute(select(d.id, d.kind, d.cells, d.geom).where(d.cells[1].in_(above))).all()
    listed = {(row.kind, tuple(row.cells), row.geom.wkb): row.id for row in rows}
    wanted = {(each.kind, each.cells, each.geom.wkb): (each, parent) for each, parent in found}
    gone = [listed[key] for key in listed.keys() - wanted.keys()]
    conn.execute(delete(boundary_defect).where(d.id.in_(gone)))
    new = [
        {
            "kind": defect.kind,
            "parent": parent,
            "cells": list(defect.cells),
            "area_m2": defect.area_m2,
            "geom": defect.geom,
        }
        for key, (defect, parent) in wanted.items()
        if key not in listed
    ]
    if new:
        conn.execute(insert(boundary_defect), new)


def in_force(day: date) -> ColumnElement[bool]:
    """Return the condition that a cell's version holds on a day."""
    return V.valid.contains(literal(day))


_WRITTEN = ("code", "name", "parent", "kind", "geom", "source")


def _made(at: datetime, zone: ZoneInfo, *, keep_past: bool) -> date | None:
    return None if keep_past else at.astimezone(zone).date()


def _make_codes(conn: Connection, wanted: Mapping[Code, Level]) -> None:
    query = select(cell.c.code, cell.c.level).where(cell.c.code.in_(wanted))
    there = {row.code: row.level for row in conn.execute(query)}
    for code, level in there.items():
        if level is not wanted[code]:
            raise InvalidInput(
                say("{code} was a cell of level {level} once.", code=code, level=level.word),
                remedy=say("Give the cell another code."),
                field="code",
            )
    new = sorted(wanted.keys() - there.keys())
    if new:
        conn.execute(insert(cell), [{"code": code, "level": wanted[code]} for code in new])


def _point(lon: float, lat: float) -> ColumnElement[object]:
    return func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326)


_GENEROUS = 1.01  # a degree's length changes on the way


def _shapes(day: date) -> Select[tuple[object, ...]]:
    return (
        select(V.id, V.code, V.name, cell.c.level, V.parent, V.kind, V.geom, V.area_m2)
        .join(cell, cell.c.code == V.code)
        .where(in_force(day))
    )


def _within(code: Code, day: date) -> Select[tuple[Code]]:
    """Return a query of the codes of a cell and of all below it."""
    below = select(V.code).where(V.code == code, in_force(day)).cte("below", recursive=True)
    below = below.union_all(
        select(V.code).join(below, V.parent == below.c.code).where(in_force(day))
    )
    return select(below.c.code)


def _shape(row: Row[tuple[object, ...]]) -> CellShape:
    return CellShape(**row._mapping)


def _today(conn: Connection) -> date:
    return times.today(get_deployment(conn).zone)
