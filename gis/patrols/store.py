"""Patrols in the database: take tracks in, and replace what follows from them.

Everything stored of a person-day is a function of that person's fixes of that day
and of the cells then in force. So an upload, late, repeated or corrected, replaces
that person-day's rows and touches nothing else, and so does a change of cells.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from itertools import groupby
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

import numpy as np
from psycopg.types.json import Jsonb
from shapely import MultiLineString, MultiPolygon
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from gis import tables
from gis.cells.model import CellShape
from gis.db import copy_rows, sql
from gis.errors import Conflict
from gis.messages import say
from gis.patrols import ground, rasterise, tracks
from gis.patrols.due import due_bits
from gis.patrols.ground import Bytes, Floats, Ints, Tiles
from gis.patrols.masks import Owners, inner_bits, masks
from gis.patrols.parts import by_patrol
from gis.patrols.rasterise import Effort, Pieces
from gis.patrols.tracks import EPOCH, RULE, Fixes, Track

FIX = np.dtype([("seq", "<i8"), ("t", "<i8"), ("lon", "<f8"), ("lat", "<f8"), ("acc", "<f8")])
"""One fix, as ``fix_batch.fixes`` keeps it."""
GROUND = np.dtype([("cell", "<u2"), ("passes", "<u2"), ("seconds", "<u4")])
"""One ground cell of ``effort_tile.cells``; ``cell`` is its bit in the bitmap."""
REPEATED = "repeated"
"""The reason of fixes that came in a batch known already."""

_MASKS, _PERSON_DAY = 0x6D61_736B, 0x7061_7472
"""Names of advisory locks."""
_MOST_PASSES = np.iinfo(np.uint16).max


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch.

    Attributes
    ----------
    days
        Local dates whose figures were made anew, in order.
    kept
        Fixes of the batch that count.
    rejected
        Fixes of the batch that do not, by reason: :class:`tracks.Reason`, or
        ``repeated`` for those of a batch that was here before.
    traces
        Points without a time, kept to be shown.
    """

    days: tuple[date, ...]
    kept: int
    rejected: dict[str, int]
    traces: int


def batch_of(fixes: Fixes, traces: Sequence[Floats] = ()) -> UUID:
    """Return the id of what a file holds of a person: the same content, the same id."""
    content = _packed(fixes) + b"".join(np.asarray(line, "<f8").tobytes() for line in traces)
    return uuid5(NAMESPACE_URL, content.hex())


def import_fixes(
    conn: Connection,
    fixes: Fixes,
    *,
    person: str,
    batch: UUID,
    source: str,
    zone: ZoneInfo,
    traces: Sequence[Floats] = (),
    patrol: UUID | None = None,
) -> Stored:
    """Take in a batch of one person's points.

    Call it in READ COMMITTED: two uploads of a person-day take turns, and the
    second must see the first one's batch.

    Parameters
    ----------
    fixes
        In any order, of any days; ``group`` is ignored. May be empty.
    batch
        Sent again after a lost answer, it counts once.
    zone
        The deployment's: it decides where a day ends.
    traces
        Lines of points without a time; EPSG:4326, each of shape (n, 2).
    patrol
        The declared patrol that the fixes are of. Their ``seq`` counts within it, and
        nothing is counted from one patrol to the next. None: a file's.

    Raises
    ------
    Conflict
        If the batch was here before with other fixes.
    """
    conn.execute(select(func.pg_advisory_xact_lock_shared(_MASKS)))
    on = tracks.local_day(fixes.t, zone)
    days: list[date] = []
    kept, rejected = 0, dict[str, int]()
    for number in np.unique(on).tolist():  # ascending, so two uploads cannot block each other
        day = EPOCH + timedelta(days=number)
        mine = fixes[on == number]
        reason = _take_day(
            conn, mine, person=person, day=day, batch=batch, source=source, patrol=patrol
        )
        if reason is None:
            rejected[REPEATED] = rejected.get(REPEATED, 0) + mine.t.size
            continue
        days.append(day)
        kept += int((reason == 0).sum())
        for why, n in tracks.rejected(reason).items():
            rejected[why] = rejected.get(why, 0) + n
    points = _store_trace(conn, traces, person=person, batch=batch, source=source)
    return Stored(tuple(days), kept, rejected, points)


def set_masks(conn: Connection, shapes: Sequence[CellShape]) -> None:
    """Draw leaf cells that are new or changed onto the ground cells.

    Effort that lay in them before, or in cells that are leaves no more, is shared
    out anew from the stored segments, each day among the cells in force on it.
    Call it in the transaction that changes the cells.

    Parameters
    ----------
    shapes
        Cells with no cell below them; may be empty.
    """
    conn.execute(select(func.pg_advisory_xact_lock(_MASKS)))
    ids = [shape.id for shape in shapes]
    old = tables.cell_tile
    conn.execute(delete(old).where(old.c.cell.in_(ids)))
    if shapes:
        _store_masks(conn, [shape.geom for shape in shapes], np.array(ids, np.int64))
    affected = conn.execute(sql("patrol_affected"), {"cells": ids}).all()
    for day, group in groupby(affected, key=lambda row: row.day):
        people = [row.person for row in group]
        pieces = rasterise.pieces(_stored_track(conn, day, people))
        effort = tables.effort_cell_day
        conn.execute(delete(effort).where(effort.c.day == day, effort.c.person.in_(people)))
        _store_cells(conn, day, people, pieces)


def refresh_due(conn: Connection) -> None:
    """Mark anew which ground of all cells counts.

    Call it in the transaction that changes the layers. Layers have no history: the
    figures of days gone by follow them too.
    """
    conn.execute(select(func.pg_advisory_xact_lock(_MASKS)))
    places = conn.execute(select(tables.cell_tile.c.x, tables.cell_tile.c.y).distinct()).all()
    x, y = np.array([tuple(place) for place in places], np.int64).reshape(-1, 2).T
    bits = due_bits(conn, y << ground.TILE_ZOOM | x)
    hexadecimal = [f"x{row.tobytes().hex()}" for row in bits]
    conn.execute(sql("patrol_due"), {"xs": x.tolist(), "ys": y.tolist(), "bits": hexadecimal})


def _take_day(
    conn: Connection,
    mine: Fixes,
    *,
    person: str,
    day: date,
    batch: UUID,
    source: str,
    patrol: UUID | None,
) -> Bytes | None:
    """Store a day's part of a batch and make its figures; None if it was here before.

    Returns the reason of each fix; a fix that another batch brought is a duplicate.
    """
    lock = func.pg_advisory_xact_lock(_PERSON_DAY, func.hashtext(f"{person} {day}"))
    conn.execute(select(lock))
    table = tables.fix_batch
    packed = _packed(mine)
    row = {"person": person, "day": day, "id": batch, "fixes": packed, "source": source}
    of_day = (table.c.person == person, table.c.day == day)
    others = select(table.c.fixes, table.c.patrol).where(*of_day)
    known = conn.execute(others.where(table.c.id == batch)).one_or_none()
    if known is not None:
        if (known.fixes, known.patrol) != (packed, patrol):
            raise Conflict(
                say("The batch {batch} was here before with other fixes.", batch=batch),
                remedy=say("Give each upload an id of its own."),
                field="batch",
            )
        return None
    before = conn.execute(others.order_by(table.c.id)).all()
    conn.execute(insert(table).values(row | {"patrol": patrol}))
    parts = [(_unpacked(part.fixes), part.patrol) for part in before]
    reason = _replace_day(conn, by_patrol([*parts, (mine, patrol)]), person=person, day=day)
    return reason[reason.size - mine.t.size :]


def _replace_day(conn: Connection, fixes: Fixes, *, person: str, day: date) -> Bytes:
    """Replace all that is stored of a person-day; return the reason of each fix.

    The groups of ``fixes`` are its patrols.
    """
    track, reason = tracks.clean(fixes)
    track = replace(track, group=np.zeros_like(track.group))  # whatever the patrol: one person
    for table in (
        tables.patrol_day,
        tables.patrol_segment,
        tables.cover_tile,
        tables.effort_tile,
        tables.effort_cell_day,
    ):
        conn.execute(delete(table).where(table.c.person == person, table.c.day == day))
    copy_rows(
        conn,
        "patrol_day (day, person, rule, kept, rejected)",
        "date text int2 int4 jsonb",
        [(day, person, RULE.version, track.t.size, Jsonb(tracks.rejected(reason)))],
    )
    copy_rows(
        conn, "patrol_segment (day, person, geom)", "date text bytea", _segments(track, day, person)
    )
    cover = rasterise.cover(track)
    copy_rows(
        conn,
        "cover_tile (day, person, x, y, bits)",
        "date text int4 int4 bytea",
        (
            (day, person, x, y, bits)
            for (x, y), bits in zip(
                _places(cover.tile), ground.as_bit_values(cover.bits), strict=True
            )
        ),
    )
    pieces = rasterise.pieces(track)
    copy_rows(
        conn,
        "effort_tile (day, person, x, y, cells)",
        "date text int4 int4 bytea",
        ((day, person, x, y, cells) for x, y, cells in _ground_effort(pieces)),
    )
    _store_cells(conn, day, [person], pieces)
    return reason


def _segments(track: Track, day: date, person: str) -> Iterator[tuple[date, str, bytes]]:
    """Yield each segment as EWKB: LINESTRING M (epoch seconds), EPSG:4326."""
    xym = np.column_stack([track.lon, track.lat, track.t.astype(np.float64)])
    for part in np.split(xym, np.flatnonzero(np.diff(track.segment)) + 1):
        if len(part):
            # 2 line string, 0x40000000 has M, 0x20000000 has an SRID
            head = struct.pack("<BIII", 1, 0x60000002, 4326, len(part))
            yield day, person, head + part.astype("<f8").tobytes()


def _ground_effort(pieces: Pieces) -> Iterator[tuple[int, int, bytes]]:
    """Yield the tiles of one person-day, the effort on each one's ground cells packed."""
    found = rasterise.effort(pieces, pieces.cell)
    passes = np.minimum(found.passes, _MOST_PASSES)
    cells = np.rec.fromarrays(
        [found.place & (ground.CELLS - 1), passes, found.seconds], dtype=GROUND
    )
    tile = found.place >> 12
    start = np.flatnonzero(np.diff(tile, prepend=-1))
    parts = np.split(cells, start[1:])
    for (x, y), part in zip(_places(tile[start]), parts, strict=False):
        yield x, y, part.tobytes()


def _store_cells(conn: Connection, day: date, people: Sequence[str], pieces: Pieces) -> None:
    """Store the effort of one day by grid cell; ``pieces.group`` counts ``people``."""
    owner, inner = _owners(conn, day, np.unique(pieces.cell >> 12)).of(pieces.cell)
    copy_rows(
        conn,
        "effort_cell_day (day, person, cell, seconds, inner_seconds, metres, passes,"
        " first_at, last_at)",
        "date text int4 int4 int4 float8 int4 timestamptz timestamptz",
        _cell_rows(day, people, rasterise.effort(pieces, owner, inner)),
    )


def _cell_rows(day: date, people: Sequence[str], effort: Effort) -> Iterator[tuple[object, ...]]:
    columns = (effort.place, effort.seconds, effort.inner_seconds, effort.metres, effort.passes)
    values = zip(*(column.tolist() for column in columns), strict=True)
    first, last = (at.astype("datetime64[s]").tolist() for at in (effort.first, effort.last))
    for group, row, begin, end in zip(effort.group.tolist(), values, first, last, strict=True):
        yield day, people[group], *row, begin.replace(tzinfo=UTC), end.replace(tzinfo=UTC)


def _owners(conn: Connection, day: date, tile: Ints) -> Owners:
    """Return who owns the ground of some tiles on a day."""
    x, y = ground.tile_xy(tile)
    asked = {"day": day, "xs": x.tolist(), "ys": y.tolist()}
    rows = conn.execute(sql("patrol_owners"), asked).all()
    whole = Tiles.of_rows([row[:4] for row in rows])
    inner = Tiles.of_rows([(*row[:3], row.inner_mask) for row in rows])
    return Owners.of_masks(whole, inner.bits)


def _store_masks(conn: Connection, shapes: Sequence[MultiPolygon], ids: Ints) -> None:
    whole = masks(shapes, ids)
    due = whole.bits & due_bits(conn, whole.tile)
    _, y = ground.tile_xy(whole.tile)
    copy_rows(
        conn,
        "cell_tile (cell, x, y, mask, inner_mask, due_mask, ground_cell_m2)",
        "int4 int4 int4 bytea bytea bytea float8",
        (
            (cell, *place, mask, inner, counting, m2)
            for cell, place, mask, inner, counting, m2 in zip(
                whole.group.tolist(),
                _places(whole.tile),
                ground.as_bit_values(whole.bits),
                ground.as_bit_values(inner_bits(shapes, ids, whole=whole)),
                ground.as_bit_values(due),
                ground.ground_cell_m2(y).tolist(),
                strict=True,
            )
        ),
    )


def _store_trace(
    conn: Connection, traces: Sequence[Floats], *, person: str, batch: UUID, source: str
) -> int:
    """Keep points without a time, once; return how many."""
    points = sum(len(line) for line in traces)
    if points:
        # A lone point is a line that ends where it begins.
        lines = [line if len(line) > 1 else np.repeat(line, 2, axis=0) for line in traces]
        row = {"id": batch, "person": person, "points": points, "source": source}
        conn.execute(
            insert(tables.trace)
            .values(row | {"geom": MultiLineString(lines)})
            .on_conflict_do_nothing()
        )
    return points


def _stored_track(conn: Connection, day: date, people: Sequence[str]) -> Track:
    """Return the kept track of some person-days; ``group`` counts ``people``."""
    table = tables.patrol_segment
    rows = conn.execute(
        select(table.c.person, func.st_asbinary(table.c.geom))
        .where(table.c.day == day, table.c.person.in_(people))
        .order_by(table.c.person, table.c.id)
    ).all()
    # WKB: byte order, type and count before the ordinates
    parts = [np.frombuffer(wkb, "<f8", offset=9).reshape(-1, 3) for _, wkb in rows]
    length = np.array([len(part) for part in parts], np.int64)
    lon, lat, t = np.concatenate([*parts, np.zeros((0, 3))]).T
    number = {person: group for group, person in enumerate(people)}
    group = np.array([number[person] for person, _ in rows], np.int64)
    segment = np.arange(length.size)
    return Track(np.repeat(group, length), np.repeat(segment, length), t.astype(np.int64), lon, lat)


def _places(tile: Ints) -> Iterator[tuple[int, int]]:
    """Yield column and row of tiles."""
    x, y = ground.tile_xy(tile)
    return zip(x.tolist(), y.tolist(), strict=True)


def _packed(fixes: Fixes) -> bytes:
    columns = [fixes.seq, fixes.t, fixes.lon, fixes.lat, fixes.accuracy]
    return bytes(np.rec.fromarrays(columns, dtype=FIX).tobytes())


def _unpacked(packed: bytes) -> Fixes:
    a = np.frombuffer(packed, FIX)
    return Fixes.of(a["t"], a["lon"], a["lat"], accuracy=a["acc"], seq=a["seq"])
