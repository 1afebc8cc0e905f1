"""Ninety days of reports: who saw what, when, where, and how exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np
import shapely

from data.boundaries.generate.chance import stream
from data.boundaries.generate.lattice import Floats
from data.boundaries.generate.life.calendar import ZONE, is_weekend
from data.boundaries.generate.life.people import Holding, active
from data.boundaries.generate.life.situations import FLOOD, SITUATIONS, Situation, samplers
from data.boundaries.generate.life.township import Township

COUNT, DAYS = 600, 90
SOURCES = {"worker": 0.66, "resident": 0.19, "hotline": 0.09, "inspection": 0.04,
           "department": 0.02}  # fmt: skip
ACCURACY = {"worker": (8, 0.5), "resident": (18, 0.7), "hotline": (70, 0.5),
            "inspection": (7, 0.4), "department": (25, 0.5)}  # fmt: skip
"""Median in metres, and log-spread, of the accuracy that comes with a position."""
MARKET_DAYS = (2, 5, 8)
"""逢集: dates that end in one of these."""
SHOWN = (
    ("路灯", 1, 19.2, False, False),
    ("垃圾清运", 2, 8.7, True, False),
    ("道路", 9, 10.1, False, True),
    ("沟渠涵闸", 23, 9.4, False, False),
    ("邻里", 44, 17.8, True, False),
    ("用电", 71, 10.6, False, False),
)
"""What the worker of the first unit reports, whose phone is shown: the kind, days ago and the hour,
whether it is settled on the spot, and whether it is left lying."""
AGAIN, OUTSIDE, WET = 0.04, 6, 9
"""Share of reports told twice, reports from across the border, reports of the one flood."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report as it came in.

    ``xy`` in metres is off the true place by about ``accuracy`` metres; ``reporter`` is the id
    of a worker, else empty; ``simple`` ones are settled on the spot, ``lying`` ones never.
    """

    situation: Situation
    at: datetime
    severity: str
    text: str
    xy: Floats
    accuracy: float
    source: str
    reporter: str
    simple: bool
    lying: bool = False


class Reporting:
    """Draws the reports of a township up to and including its last day."""

    def __init__(
        self, town: Township, holdings: Sequence[Holding], *, last: date, seed: int
    ) -> None:
        self.town, self.holdings, self.last = town, holdings, last
        self.rng = stream(seed, "reports")
        self.draw = samplers(town, self.rng)

    def all(self, count: int = COUNT) -> list[Report]:
        """Return about ``count`` reports in order of time."""
        rng = self.rng
        shares = np.array([situation.share for situation in SITUATIONS], float)
        made = []
        for n in rng.choice(len(SITUATIONS), round(count * 0.94), p=shares / shares.sum()):
            situation = SITUATIONS[int(n)]
            made.append(self.report(situation, self.draw[situation.where](rng)))
        made += [*self._flood(), *self._from_outside()]
        made += self._told_again(made, round(count * AGAIN))
        made += self._shown()
        return sorted(made, key=lambda report: report.at)

    def report(
        self, situation: Situation, place: Floats, *, at: datetime | None = None, source: str = ""
    ) -> Report:
        """Return a report of something at a place, by somebody, at some time."""
        rng = self.rng
        at = at or self._moment(situation)
        source = source or str(rng.choice(list(SOURCES), p=list(SOURCES.values())))
        median, spread = ACCURACY[source]
        accuracy = round(float(np.clip(rng.lognormal(np.log(median), spread), 3, 400)), 1)
        xy = place + rng.normal(0, accuracy / 2, 2)
        reporter = self._worker_at(xy, at.date()) if source == "worker" else ""
        if source == "worker" and not reporter:
            source = "resident"
        larger, grave = situation.grave
        chance = rng.random()
        severity = "重大" if chance < grave else "较大" if chance < grave + larger else "一般"
        simple = bool(reporter) and severity == "一般" and rng.random() < situation.simple
        text = str(rng.choice(situation.texts))
        return Report(situation, at, severity, text, xy, accuracy, source, reporter, simple)

    def _worker_at(self, xy: Floats, day: date) -> str:
        """Return who works where a point lies; empty if nobody does."""
        unit = self.town.unit_at(xy)
        held = active(self.holdings, unit.code, day=day) if unit else []
        return held[int(self.rng.integers(len(held)))].person.id if held else ""

    def _moment(self, situation: Situation) -> datetime:
        """Return a moment of the ninety days: fewer on weekends, more on market days."""
        while True:
            day = self.last - timedelta(days=int(self.rng.integers(DAYS)))
            chance = 0.35 if is_weekend(day) else 0.8
            if situation.where == "market":
                chance = 1.0 if day.day % 10 in MARKET_DAYS else 0.35
            if self.rng.random() < chance:
                break
        hour = float(np.clip(self.rng.normal(*situation.hour), 5.5, 23.4))
        return datetime.combine(day, time(), ZONE) + timedelta(seconds=int(hour * 3600))

    def _flood(self) -> list[Report]:
        """Return the reports of one wet evening along the river."""
        heart = self.draw["river"](self.rng)
        start = datetime.combine(self.last - timedelta(days=11), time(18, 40), ZONE)
        return [
            self.report(
                FLOOD,
                heart + self.rng.normal(0, 230, 2),
                at=start + timedelta(minutes=int(self.rng.integers(150))),
                source=("worker", "resident", "hotline")[int(self.rng.integers(3))],
            )
            for _ in range(WET)
        ]

    def _from_outside(self) -> list[Report]:
        """Return reports from just across the township's border."""
        ring = self.town.outline.exterior
        kept_off = self.town.outline.buffer(60)
        found: list[Report] = []
        while len(found) < OUTSIDE:
            at = ring.interpolate(float(self.rng.uniform(0, ring.length)))
            place = shapely.get_coordinates(at)[0] + self.rng.normal(0, 160, 2)
            if not kept_off.contains(shapely.Point(place)):
                situation = next(s for s in SITUATIONS if s.where == "road")
                found.append(self.report(situation, place, source="inspection"))
        return found

    def _shown(self) -> list[Report]:
        """Return the reports of the worker of the first unit, along its ways."""
        unit = min(self.town.units, key=lambda unit: unit.code)
        heart = unit.shape.buffer(-45)  # well inside, however wrong the position
        ways = shapely.union_all([shape for _, shape in self.town.roads]).intersection(heart)
        kinds = {situation.kind: situation for situation in SITUATIONS}
        found = []
        for kind, days, hour, simple, lying in SHOWN:
            at = datetime.combine(self.last - timedelta(days=days), time(), ZONE)
            way = ways.interpolate(float(self.rng.random()), normalized=True)
            report = self.report(
                kinds[kind],
                shapely.get_coordinates(way)[0],
                at=at + timedelta(hours=hour),
                source="worker",
            )
            found.append(replace(report, severity="一般", simple=simple, lying=lying))
        return found

    def _told_again(self, made: Sequence[Report], count: int) -> list[Report]:
        """Return second reports of the same matter: hours later, metres away."""
        close = datetime.combine(self.last, time(23, 50), ZONE)
        fit = [report for report in made if not report.simple]
        found = []
        for n in self.rng.choice(len(fit), count, replace=False):
            first = fit[int(n)]
            later = first.at + timedelta(minutes=int(self.rng.integers(20, 40 * 60)))
            place = first.xy + self.rng.normal(0, 9, 2)
            again = self.report(first.situation, place, at=min(later, close), source="resident")
            found.append(replace(again, severity=first.severity))
        return found
