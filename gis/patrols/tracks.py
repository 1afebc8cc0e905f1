"""Cleaning of tracks: which fixes count, and where a track is cut.

Every rule looks at the *set* of a person's fixes of one day, never at the order
or the batches in which they came. So uploads may be repeated, split and shuffled,
and no figure changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np

from gis.patrols.ground import (
    MAX_LATITUDE,
    MAX_LONGITUDE,
    WORLD,
    Bools,
    Bytes,
    Floats,
    Ints,
    cell_size,
    to_grid,
)

EPOCH = date(1970, 1, 1)
QUARTER = 900
"""Seconds: the step in which the world's time zones change."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a good fix is. Its version is stored with every figure made by it."""

    version: int = 1
    max_accuracy: float = 50.0
    """Metres; a fix without a stated accuracy passes."""
    max_speed: float = 8.0
    """Metres per second; 8 on foot."""
    sampling: float = 10.0
    """Seconds between fixes, as the recorder is set."""
    heartbeat: float = 0.0
    """Seconds after which the recorder sends a fix even without a move."""

    @property
    def max_gap(self) -> float:
        """Seconds without a fix after which a track is cut."""
        return max(120.0, 5.0 * self.sampling, self.heartbeat)


RULE = Rule()
"""The rule in force: on foot."""


class Reason(IntEnum):
    """Why a fix does not count."""

    KEPT = 0
    INVALID = 1  # no place on the map, or (0, 0)
    ACCURACY = 2  # worse than the rule allows
    DUPLICATE = 3  # the same place and time once more
    SAME_TIME = 4  # another place at the same time; the more accurate one counts
    SPEED = 5  # too far from both its neighbours for the time between
    ALONE = 6  # no neighbour left that it could be joined to

    @property
    def word(self) -> str:
        """The name in figures and files."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Fixes:
    """Positions with a time, of any number of person-days; all shapes (n,)."""

    group: Ints
    """Person-day number, 0 ≤ group < 2**17."""
    seq: Ints
    """The recorder's running number; 0 if it has none (then time is the order)."""
    t: Ints
    """Epoch seconds, UTC."""
    lon: Floats
    lat: Floats
    accuracy: Floats
    """Metres; NaN where unknown."""

    def __getitem__(self, index: Ints | Bools | slice) -> "Fixes":
        """Return some of the fixes."""
        return Fixes(*(getattr(self, f.name)[index] for f in fields(self)))

    @classmethod
    def of(
        cls,
        t: Ints,
        lon: Floats,
        lat: Floats,
        *,
        accuracy: Floats | None = None,
        seq: Ints | None = None,
    ) -> Self:
        """Return the fixes of one person, group 0; accuracy and number may be unknown."""
        zero = np.zeros(t.size, np.int64)
        unknown = np.full(t.size, np.nan)
        return cls(
            zero,
            zero if seq is None else seq,
            t,
            lon,
            lat,
            unknown if accuracy is None else accuracy,
        )

    @classmethod
    def concatenate(cls, parts: Sequence["Fixes"]) -> Self:
        """Return the fixes of all parts, in that order."""
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))


@dataclass(frozen=True, slots=True)
class Track:
    """Kept fixes in order, cut into segments of two fixes or more; all shapes (n,)."""

    group: Ints
    segment: Ints
    """0, 0, 0, 1, 1, …: never decreasing, one number a segment."""
    t: Ints
    lon: Floats
    lat: Floats

    @property
    def steps(self) -> Ints:
        """Indices i such that fixes i and i + 1 belong to one segment."""
        return np.flatnonzero(self.segment[1:] == self.segment[:-1])


def clean(fixes: Fixes, rule: Rule = RULE) -> tuple[Track, Bytes]:
    """Return the track that counts, and the :class:`Reason` of every fix given.

    A fix is dropped for speed only if *both* its neighbours are too far for the
    time between. The track is cut, and nothing dropped, where

    - the day or the person changes (a new group),
    - more than ``rule.max_gap`` seconds passed,
    - the recorder's clock went back (only a recorder with ``seq`` can show it),
    - a step faster than ``rule.max_speed`` is left.

    Returns
    -------
    Track
        Empty when nothing counts.
    reason
        uint8, shape (n,), aligned with ``fixes``; 0 where the fix was kept.
    """
    reason = np.zeros(fixes.t.size, np.uint8)
    reason[~_on_the_map(fixes)] = Reason.INVALID
    # NaN compares false: an unknown accuracy passes.
    reason[(reason == 0) & (fixes.accuracy > rule.max_accuracy)] = Reason.ACCURACY

    index = _in_order(fixes, np.flatnonzero(reason == 0))
    f = fixes[index]
    again = (np.diff(f.t) == 0) & (np.diff(f.group) == 0)
    same_place = (np.diff(f.lon) == 0) & (np.diff(f.lat) == 0)
    reason[index[1:][again & same_place]] = Reason.DUPLICATE
    reason[index[1:][again & ~same_place]] = Reason.SAME_TIME

    index = index[reason[index] == 0]
    fast = _too_fast(fixes[index], rule)
    spike = np.zeros(index.size, bool)
    spike[1:-1] = fast[:-1] & fast[1:]
    reason[index[spike]] = Reason.SPEED

    index = index[~spike]
    f = fixes[index]
    dt = np.diff(f.t)
    cut = (np.diff(f.group) != 0) | (dt > rule.max_gap) | (dt <= 0) | _too_fast(f, rule)
    begins, ends = np.ones((2, index.size), bool)
    begins[1:] = ends[:-1] = cut
    alone = begins & ends
    reason[index[alone]] = Reason.ALONE

    segment = np.cumsum(begins & ~alone)[~alone] - 1
    f = f[~alone]
    return Track(f.group, segment, f.t, f.lon, f.lat), reason


def rejected(reason: Bytes) -> dict[str, int]:
    """Return how many fixes were dropped, by the :attr:`Reason.word` that occurred."""
    count = np.bincount(reason, minlength=len(Reason))
    return {r.word: int(count[r]) for r in Reason if r and count[r]}


def local_day(t: Ints, zone: ZoneInfo) -> Ints:
    """Return the local date of each instant, as days since 1970-01-01."""
    quarter, index = np.unique(t // QUARTER, return_inverse=True)
    offset = [
        datetime.fromtimestamp(int(q) * QUARTER, UTC).astimezone(zone).utcoffset() or timedelta()
        for q in quarter
    ]
    seconds = np.array([o.total_seconds() for o in offset], np.int64)
    return (t + seconds[index]) // 86400


def step_lengths(lon: Floats, lat: Floats) -> Floats:
    """Return metres between consecutive points; shape (n - 1,).

    Flat distance with the ellipsoid's scale half-way: within 1e-6 of the geodesic
    for steps under a kilometre outside the polar regions.
    """
    _, y = to_grid(lon, lat)
    width, height = cell_size((y[1:] + y[:-1]) / 2)
    dlon = (np.diff(lon) + 180.0) % 360.0 - 180.0
    return np.hypot(dlon / 360.0 * WORLD * width, np.diff(y) * height)


def _on_the_map(fixes: Fixes) -> Bools:
    """Tell which fixes lie on the map; (0, 0) is a receiver that found nothing."""
    inside = (np.abs(fixes.lon) <= MAX_LONGITUDE) & (np.abs(fixes.lat) < MAX_LATITUDE)
    found: Bools = inside & ((fixes.lon != 0.0) | (fixes.lat != 0.0))
    return found


def _in_order(fixes: Fixes, index: Ints) -> Ints:
    """Return ``index`` in the one order that does not depend on arrival."""
    f = fixes[index]
    later = np.diff(f.group) > 0
    later |= (np.diff(f.group) == 0) & (np.diff(f.seq) == 0) & (np.diff(f.t) > 0)
    if later.all():  # the usual case, and ten times cheaper than a sort
        return index
    return index[np.lexsort((f.lat, f.lon, f.accuracy, f.t, f.seq, f.group))]


def _too_fast(fixes: Fixes, rule: Rule) -> Bools:
    """Tell which steps within a group exceed the speed limit; shape (n - 1,)."""
    dt = np.diff(fixes.t)
    far = step_lengths(fixes.lon, fixes.lat) > rule.max_speed * dt
    fast: Bools = far & (dt > 0) & (np.diff(fixes.group) == 0)
    return fast
