"""A walk as a phone records it: sampled, adrift, now and then silent or far off."""

from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np

from data.boundaries.generate.lattice import Flags, Floats, Ints, lonlat
from data.boundaries.generate.life.calendar import ZONE

STEPS = (10, 15, 15, 15, 20, 30)
"""Seconds from fix to fix; a phone keeps to one of them."""
ERROR, MEMORY = 4.0, 60.0
"""Standard deviation of a position in metres, and the seconds its error lasts."""
CYCLISTS = 0.18
JUMPS, LOST = 0.003, 0.01
"""Shares of fixes that are far off, and that never arrive."""
MORNINGS = 0.68
SILENT = 1 / 6
"""Share of patrols with a gap in the recording, which lasts SILENCE seconds."""
SILENCE = (200.0, 1200.0)
LONG_ENOUGH = 1500.0


@dataclass(frozen=True, slots=True)
class Track:
    """One patrol: ``time`` (n,) epoch seconds, ``lonlat`` (n, 2), ``accuracy`` (n,) metres."""

    person: str
    day: date
    time: Ints
    lonlat: Floats
    accuracy: Floats


def record(
    person: str, day: date, *, way: Floats, wait: Floats, rng: np.random.Generator,
    owner: np.random.Generator,
) -> Track:  # fmt: skip
    """Return what the phone of ``person`` records.

    Parameters
    ----------
    way, wait
        Points in metres (k, 2), and the seconds of standing still at each (k,).
    rng, owner
        Chance of the day, and of the person: their pace and their phone are the same each day.
    """
    pace = 3.4 if owner.random() < CYCLISTS else owner.uniform(1.05, 1.4)
    step = int(owner.choice(STEPS))
    walking = np.hypot(*np.diff(way, axis=0).T) / pace
    arrive = np.concatenate([[0.0], np.cumsum(walking + wait[:-1])])
    moments = np.column_stack([arrive, arrive + wait]).ravel()
    clock = np.arange(0, moments[-1] + 1, step)
    xy = np.column_stack([np.interp(clock, moments, np.repeat(way[:, k], 2)) for k in (0, 1)])
    xy += _drift(len(clock), step, rng=rng)
    accuracy = np.clip(rng.lognormal(1.8, 0.45, len(clock)), 3, 45)
    jump = rng.random(len(clock)) < JUMPS
    xy[jump] += rng.normal(0, 250, (int(jump.sum()), 2))
    accuracy[jump] = rng.uniform(40, 120, int(jump.sum()))
    hour = rng.normal(8.7, 0.4) if rng.random() < MORNINGS else rng.normal(15.3, 0.5)
    begin = datetime.combine(day, time(), ZONE).timestamp() + hour * 3600
    heard = _heard(clock, rng)
    return Track(
        person, day, int(begin) + clock[heard].astype(np.int64), lonlat(xy[heard]), accuracy[heard]
    )


def _drift(count: int, step: int, *, rng: np.random.Generator) -> Floats:
    """Return errors (n, 2) in metres, each like the one before it."""
    keep = float(np.exp(-step / MEMORY))
    shock = rng.normal(0, ERROR * np.sqrt(1 - keep**2), (count, 2))
    memory = keep ** np.arange(int(6 * MEMORY / step))
    return np.column_stack([np.convolve(shock[:, k], memory)[:count] for k in (0, 1)])


def _heard(clock: Floats, rng: np.random.Generator) -> Flags:
    """Return which fixes arrive."""
    heard = rng.random(len(clock)) > LOST
    if rng.random() < SILENT and clock[-1] > LONG_ENOUGH:
        start = rng.uniform(300, clock[-1] - 600)
        heard &= (clock < start) | (clock > start + rng.uniform(*SILENCE))
    return heard
