"""A worker's own walk: batches from the phone while it lasts, and what has counted of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import numpy as np
from shapely import LineString
from sqlalchemy import Connection, func, select

from gis import operations, tables
from gis.cells.datum import Datum, to_wgs84
from gis.errors import Conflict, InvalidInput
from gis.messages import say
from gis.operations import Done, Proof
from gis.patrols import tracks
from gis.patrols.ground import Floats
from gis.patrols.store import import_fixes
from gis.patrols.tracks import Fixes

MOST_FIXES = 20_000
MOST_DAYS = 31
"""Days that a batch may hold, and that one may ask for at once."""
AHEAD = timedelta(days=1)
"""A phone's clock may be wrong by minutes, and by an hour where zones are mistaken."""
FUTURE = "future"
"""The reason of fixes later than that."""
PHONE = "phone"
BATCHES = UUID("0d1f0a52-7f0c-5c57-9a6e-2c1b7f5d8e33")
"""Namespace under which the id of a batch is remembered, beside that of the act."""

Fix = tuple[int, float, float, float, float | None]
"""Number, epoch seconds, longitude and latitude in degrees, accuracy in metres if known."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Part of a declared patrol, as a phone sends it.

    Attributes
    ----------
    op_id
        Of the act of sending.
    patrol
        Made by the phone when the patrol began; fixes are numbered within it.
    datum
        Of the coordinates.
    """

    id: UUID
    op_id: UUID
    person: str
    patrol: UUID
    datum: Datum
    fixes: Sequence[Fix]


@dataclass(frozen=True, slots=True)
class TrackReceipt(Proof):
    """The proof that a batch is stored, and what counted of it when it came.

    Attributes
    ----------
    rejected
        Fixes that do not count, by reason.
    days
        Local dates on which it has fixes.
    """

    id: UUID
    kept: int
    rejected: dict[str, int]
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Walked:
    """A stretch that counts (EPSG:4326), between two instants."""

    day: date
    started: datetime
    ended: datetime
    metres: float
    line: LineString

    @property
    def seconds(self) -> int:
        """How long it took."""
        return round((self.ended - self.started).total_seconds())


def take_batch(conn: Connection, batch: Batch, *, zone: ZoneInfo, at: datetime) -> TrackReceipt:
    """Store a batch; the same again gives the same receipt, and counts once.

    Parameters
    ----------
    zone
        The deployment's: it decides where a day ends.
    at
        When it came: fixes more than a day later are rejected.

    Raises
    ------
    Conflict
        If its id, or the id of the act, stands for other content already.
    InvalidInput
        If it spans more than MOST_DAYS days.
    """
    digest = operations.digest_of(_content(batch))

    def stored() -> dict[str, object]:
        # The id first, and before the days: of two that send it at once, one waits here.
        operations.remember(conn, uuid5(BATCHES, str(batch.id)), digest, {})
        return _store(conn, batch, zone=zone, at=at)

    taken = Conflict(
        say("This id stands for another part of a patrol already."),
        remedy=say("Send it under a new id."),
        field="id",
    )
    return _receipt(operations.once(conn, batch.op_id, digest, stored, taken=taken))


def own_tracks(conn: Connection, person: str, *, first: date, last: date) -> list[Walked]:
    """Return what one person walked on some local days, both included: what counts, in order.

    Raises
    ------
    InvalidInput
        If the first day is after the last, or there are more than MOST_DAYS.
    """
    if first > last:
        raise InvalidInput(
            say("The window ends ({last}) before it begins ({first}).", first=first, last=last),
            remedy=say("Exchange the two dates."),
            field="from",
        )
    if (last - first).days >= MOST_DAYS:
        raise _too_many_days("from")
    table = tables.patrol_segment.c
    query = (
        select(table.day, func.st_asbinary(table.geom))
        .where(table.person == person, table.day.between(first, last))
        .order_by(table.day, table.id)
    )
    return [_walked(day, bytes(wkb)) for day, wkb in conn.execute(query)]


def _walked(day: date, wkb: bytes) -> Walked:
    # WKB: byte order, type and count before the ordinates
    lon, lat, t = np.frombuffer(wkb, "<f8", offset=9).reshape(-1, 3).T
    return Walked(
        day=day,
        started=datetime.fromtimestamp(t[0], UTC),
        ended=datetime.fromtimestamp(t[-1], UTC),
        metres=float(tracks.step_lengths(lon, lat).sum()),
        line=LineString(np.column_stack([lon, lat])),
    )


def _store(conn: Connection, batch: Batch, *, zone: ZoneInfo, at: datetime) -> dict[str, object]:
    """Store what can have happened, and return what is said to it, as JSON can keep it."""
    table = np.array(batch.fixes, np.float64).reshape(-1, 5)  # an unknown accuracy becomes NaN
    lonlat: Floats = to_wgs84(table[:, 2:4], batch.datum)
    fixes = Fixes.of(
        np.floor(table[:, 1]).astype(np.int64),
        lonlat[:, 0],
        lonlat[:, 1],
        accuracy=table[:, 4],
        seq=table[:, 0].astype(np.int64),
    )
    ahead = fixes.t > (at + AHEAD).timestamp()
    fixes = fixes[~ahead]
    if np.unique(tracks.local_day(fixes.t, zone)).size > MOST_DAYS:
        raise _too_many_days("fixes")
    stored = import_fixes(
        conn,
        fixes,
        person=batch.person,
        batch=batch.id,
        source=PHONE,
        zone=zone,
        patrol=batch.patrol,
    )
    future = {FUTURE: int(ahead.sum())} if ahead.any() else {}
    return {
        "id": str(batch.id),
        "kept": stored.kept,
        "rejected": stored.rejected | future,
        "days": [day.isoformat() for day in stored.days],
    }


def _content(batch: Batch) -> object:
    """Return what tells this batch from another."""
    return [
        str(batch.id),
        batch.person,
        str(batch.patrol),
        batch.datum.value,
        [list(fix) for fix in batch.fixes],
    ]


def _receipt(done: Done) -> TrackReceipt:
    answer = done.answer
    return TrackReceipt(
        **done.proof,
        id=UUID(answer["id"]),
        kept=answer["kept"],
        rejected=dict(answer["rejected"]),
        days=tuple(date.fromisoformat(day) for day in answer["days"]),
    )


def _too_many_days(field: str) -> InvalidInput:
    return InvalidInput(
        say("These are more than {n} days.", n=MOST_DAYS),
        remedy=say("Part them."),
        field=field,
    )
