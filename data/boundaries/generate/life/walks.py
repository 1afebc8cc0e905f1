"""Patrols: people who walk their lanes, call at houses, and skip corners.

A day is planned (which houses, which loop of lanes), walked along the network, and then seen
through a phone. Each person-day has a chance of its own: any day can be made alone.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from data.boundaries.generate.chance import stream
from data.boundaries.generate.lattice import Floats, Ints
from data.boundaries.generate.life.calendar import is_weekend
from data.boundaries.generate.life.network import Network, network
from data.boundaries.generate.life.people import Holding, is_active
from data.boundaries.generate.life.phone import Track, record
from data.boundaries.generate.life.township import Cell, Township

SHORTEST = 20
"""Fixes below which a person did not really go out."""
SHORT_CUT = 130.0
"""Metres that people go straight, across yards, instead of along lanes."""
RARELY = 3
"""How many unit cells have a holder who hardly ever goes."""
OUTINGS = {"village_leader": 0.2, "area_leader": 0.08, "inspector": 0.06}
"""Chance that a superior walks through some unit cell on a working day."""
WEEKEND = 0.15
"""What is left of a worker's zeal on a day off."""
HARDLY = 0.05
"""The chance of those who hardly ever go."""
LOYALTY = 0.4
"""Chance that a corner of the usual loop is not left out."""
TURNS = 5
"""Stretches of a cell that days take in turn, so that in a week or two all were seen."""
CORNER = 0.3
"""How many people have a far corner that they never see."""
FAR = 0.8
"""The share of a cell that they do."""


@dataclass(slots=True)
class Walk:
    """A way in metres that is being made, and the seconds of standing still at its points."""

    way: list[Floats] = field(default_factory=list)
    wait: list[float] = field(default_factory=list)

    def go(self, points: Sequence[Floats], stop: float = 0.0) -> None:
        """Append points; stand still for ``stop`` seconds at the last."""
        self.way += points
        self.wait += [0.0] * (len(points) - 1) + [stop]


@dataclass(frozen=True, slots=True)
class Habit:
    """Where a person goes in a cell.

    Attributes
    ----------
    houses, favour
        Houses, and how likely each is to be called at.
    loop
        The corners of a usual round near home.
    turns
        The corners of the whole cell, less what is never seen, in stretches that take turns.
    """

    houses: Floats
    favour: Floats
    loop: list[int]
    turns: list[list[int]]


class Patrols:
    """The patrols of a township. Holds the network and everybody's habits."""

    def __init__(self, town: Township, holdings: Sequence[Holding], *, seed: int) -> None:
        self.town, self.holdings, self.seed = town, holdings, seed
        self.roads: Network = network(town.roads)
        self._habits: dict[tuple[str, str], Habit | None] = {}
        held = sorted({h.cell for h in holdings if h.role == "unit_worker" and h.until is None})
        rarely = stream(seed, "rarely").choice(held, RARELY, replace=False)
        self.rarely = frozenset(str(code) for code in rarely)

    def until(self, last: date, *, days: int) -> Iterator[Track]:
        """Yield the tracks of the ``days`` up to ``last``, oldest first."""
        for back in range(days - 1, -1, -1):
            yield from self.on(last - timedelta(days=back))

    def on(self, day: date) -> Iterator[Track]:
        """Yield the tracks of a day, in order of person. Who has a deputy stays at home."""
        going: dict[str, list[Holding]] = defaultdict(list)
        for holding in self.holdings:
            if is_active(holding, day):
                going[holding.person.id].append(holding)
        away = {h.deputy_for for held in going.values() for h in held}
        for person in sorted(set(going) - away):
            track = self._track(person, going[person], day=day)
            if track is not None:
                yield track

    def _track(self, person: str, held: Sequence[Holding], *, day: date) -> Track | None:
        number = int(person[1:])
        rng = stream(self.seed, "walk", number, day.toordinal())
        walk = Walk()
        for holding in held:
            if rng.random() < self._zeal(holding, day):
                self._go_round(person, self._ground(holding, rng), walk=walk, day=day, rng=rng)
        if not walk.way:
            return None
        owner = stream(self.seed, "phone", number)
        way, wait = np.array(walk.way), np.array(walk.wait)
        track = record(person, day, way=way, wait=wait, rng=rng, owner=owner)
        return track if len(track.time) >= SHORTEST else None

    def _zeal(self, holding: Holding, day: date) -> float:
        """Return the chance that a person goes out for a cell on a day."""
        if holding.role != "unit_worker":
            return 0.0 if is_weekend(day) else OUTINGS.get(holding.role, 0.0)
        if holding.cell in self.rarely:
            return 0.0 if is_weekend(day) else HARDLY
        own = stream(self.seed, "zeal", int(holding.person.id[1:]))
        return float(own.beta(9, 2.2)) * (WEEKEND if is_weekend(day) else 1.0)

    def _ground(self, holding: Holding, rng: np.random.Generator) -> Cell:
        """Return the unit cell to walk: one's own, or a superior's pick."""
        units = [unit for unit in self.town.below(holding.cell)
                 if unit.code == holding.cell or unit.code not in self.rarely]  # fmt: skip
        return units[int(rng.integers(len(units)))]

    def _go_round(
        self, person: str, unit: Cell, *, walk: Walk, day: date, rng: np.random.Generator
    ) -> None:
        """Walk one cell: some houses, where one stops, some of the loop, the day's stretch."""
        habit = self._habit(person, unit)
        if habit is None:
            return
        targets: list[tuple[Floats, float]] = []
        if len(habit.houses):
            count = min(len(habit.houses), int(rng.integers(4, 11)))
            chosen = rng.choice(len(habit.houses), count, replace=False, p=habit.favour)
            targets = [(habit.houses[n], float(rng.lognormal(5.3, 0.6))) for n in chosen]
        corners = [n for n in habit.loop if rng.random() < LOYALTY] or habit.loop[:1]
        corners += habit.turns[day.toordinal() % len(habit.turns)]
        targets += [(self.roads.xy[corner], 0.0) for corner in dict.fromkeys(corners)]
        here = walk.way[-1] if walk.way else targets[int(rng.integers(len(targets)))][0]
        while targets:
            gaps = [np.hypot(*(target - here)) for target, _ in targets]
            here, stop = targets.pop(int(np.argmin(gaps)))
            walk.go(self._leg(walk.way, here), stop)

    def _leg(self, way: Sequence[Floats], end: Floats) -> list[Floats]:
        """Return the points from the end of a way to another: a short cut, or along lanes."""
        if not way or np.hypot(*(way[-1] - end)) < SHORT_CUT:
            return [end]
        return [*self.roads.path(self.roads.nearest(way[-1]), self.roads.nearest(end)), end]

    def _habit(self, person: str, unit: Cell) -> Habit | None:
        key = (person, unit.code)
        if key not in self._habits:
            rng = stream(self.seed, "habit", int(person[1:]), int(unit.code[9:]))
            self._habits[key] = _habit(self.roads, unit, houses=self.town.houses_of(unit), rng=rng)
        return self._habits[key]


def _habit(roads: Network, unit: Cell, *, houses: Floats, rng: np.random.Generator) -> Habit | None:
    """Return a person's habit in a cell: the side where they live gets the care.

    None for a cell without ways.
    """
    nodes = roads.within(unit.shape)
    if not len(nodes):
        return None
    homes = houses if len(houses) else roads.xy[nodes]
    home = homes[int(rng.integers(len(homes)))]
    favour = np.exp(-np.hypot(*(houses - home).T) / 350)
    favour *= rng.gamma(1.2, 1.0, len(houses)) + 0.05
    near = np.exp(-np.hypot(*(roads.xy[nodes] - home).T) / 420) + 1e-9
    size = min(len(nodes), int(np.clip(unit.shape.area / 1.1e5, 3, 7)))
    loop = rng.choice(nodes, size, replace=False, p=near / near.sum())
    return Habit(
        houses,
        favour / favour.sum(),
        [int(n) for n in loop],
        _turns(roads, nodes, home=home, seen=FAR if rng.random() < CORNER else 1.0),
    )


def _turns(roads: Network, nodes: Ints, *, home: Floats, seen: float) -> list[list[int]]:
    """Return the nearest share ``seen`` of some vertices, in stretches around home."""
    away = roads.xy[nodes] - home
    kept = np.hypot(*away.T) <= np.quantile(np.hypot(*away.T), seen)
    around = np.argsort(np.arctan2(*away[kept].T), kind="stable")
    return [part.tolist() for part in np.array_split(nodes[kept][around], TURNS)]
