"""Cells of four levels from the parcels: codes, names, exact tiling."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from data.boundaries.generate.facts import TOWNSHIP, VILLAGES
from data.boundaries.generate.ground.landscape import Landscape
from data.boundaries.generate.ground.parcels import HECTARE, Parcels, roundness
from data.boundaries.generate.ground.regions import (
    Mosaic,
    border_change,
    grow,
    mosaic,
    shape_of,
    trade,
    whole,
)
from data.boundaries.generate.ground.settlement import Settlement, doors
from data.boundaries.generate.lattice import METRES_PER_UNIT, Floats, to_metres

LEVELS = TOWNSHIP_LEVEL, AREA_LEVEL, VILLAGE_LEVEL, UNIT_LEVEL = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a village's core lies (metres), how far it reaches, how many ordinary units it has."""

    core: tuple[float, float]
    pace: float
    units: int


PLANS = {
    "340302200200": Plan((-250, 350), 0.95, 9),
    "340302200201": Plan((-3000, 2150), 1.0, 6),
    "340302200202": Plan((3300, -1950), 1.1, 5),
    "340302200203": Plan((3650, -350), 1.0, 6),
    "340302200204": Plan((3150, 1500), 1.1, 8),
    "340302200205": Plan((1350, 950), 0.95, 6),
    "340302200206": Plan((-1250, -1350), 1.05, 6),
    "340302200207": Plan((-1550, 2500), 1.0, 5),
    "340302200208": Plan((150, 3050), 1.05, 6),
    "340302200209": Plan((-1800, 950), 0.95, 6),
    "340302200210": Plan((2650, 3100), 1.0, 6),
    "340302200211": Plan((-1200, -2800), 1.0, 5),
    "340302200212": Plan((900, -1250), 1.0, 7),
    "340302200213": Plan((-3300, 900), 1.0, 5),
    "340302200214": Plan((1500, -3050), 1.1, 6),
    "340302200500": Plan((-2850, -1700), 1.2, 4),
}
AREAS = {
    "1": ("西片区", "West Area", ("201", "209", "213", "500")),
    "2": ("北片区", "North Area", ("204", "207", "208", "210")),
    "3": ("中片区", "Central Area", ("200", "203", "205")),
    "4": ("南片区", "South Area", ("202", "206", "211", "212", "214")),
}
"""Number to name and villages, by the end of their codes; ours."""
SPECIAL = [
    ("market", "李楼集贸市场", "Lilou Market", (-585, 230), 7.0),
    ("school", "李楼中心学校", "Lilou Central School", (120, 900), 3.0),
    ("park", "曹巷工业园", "Caoxiang Industrial Park", (-650, 2560), 16.0),
    ("enterprise", "七里湖果园场部", "Qilihu Orchard Office", (-2760, -1480), 5.0),
]
"""Special unit cells: kind, names, about where (metres), about how large (ha); ours."""

ROW = 500.0
"""Height in metres of the rows in which unit cells are numbered."""
TRIES = 12
"""Divisions of a village that are drawn, of which the best is taken."""
FRAYED = 260.0
"""Metres from the drawn outline within which a parcel may still come in or go out."""
NARROW = 60.0
"""Metres; a good unit cell is reached by a disc of this diameter."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A grid cell; ``shape`` on the lattice, ``kind`` empty for an ordinary one."""

    code: str
    name: str
    name_en: str
    level: int
    parent: str
    kind: str
    shape: Polygon
    parcels: tuple[int, ...] = ()


def divide(
    land: Landscape, ground: Parcels, *, town: Settlement, rng: np.random.Generator
) -> list[Cell]:
    """Return all cells, township first, then by level and code."""
    field = mosaic(ground, hamlets=town.hosts[1:])
    _, building = doors(town.buildings)
    homes = np.bincount(town.parcel[building], minlength=len(ground.shapes)).astype(float)
    village_of = _villages(land, field)
    villages, units = [], []
    for number, (code, (name, name_en)) in enumerate(VILLAGES.items()):
        members = tuple(sorted(i for i, k in village_of.items() if k == number))
        area = next(a for a, (*_, ends) in AREAS.items() if code[-3:] in ends)
        shape = shape_of(ground, members)
        parent = f"{TOWNSHIP[0]}-{area}"
        village = Cell(code, name, name_en, VILLAGE_LEVEL, parent, "", shape, members)
        villages.append(village)
        units += _units(field, village, homes=homes, rng=rng)
    areas = []
    for area, (name, name_en, ends) in AREAS.items():
        parts = [village for village in villages if village.code[-3:] in ends]
        identity = (f"{TOWNSHIP[0]}-{area}", name, name_en, AREA_LEVEL, TOWNSHIP[0], "")
        areas.append(Cell(*identity, *_union(ground, parts)))
    township = Cell(*TOWNSHIP, TOWNSHIP_LEVEL, "", "", *_union(ground, areas))
    return [township, *areas, *villages, *units]


def _union(ground: Parcels, parts: Sequence[Cell]) -> tuple[Polygon, tuple[int, ...]]:
    """Return the union of cells: its shape, and its parcels."""
    members = tuple(sorted(i for part in parts for i in part.parcels))
    return shape_of(ground, members), members


def _territory(land: Landscape, field: Mosaic) -> set[int]:
    """Return the parcels of the township: those of which most lies inside the drawn outline.

    Near it parcels then come in or go out while that makes the border cheaper, so that it
    follows water and roads where it can. Loose parts are dropped and enclosed parcels taken in:
    the border is one ring.
    """
    ground = field.parcels
    shared = shapely.area(shapely.intersection(ground.drawn, land.outline))
    inside = (shared > ground.area / 2) & (ground.area < 150 * HECTARE)
    region = dict(enumerate(inside.astype(int).tolist()))
    near = shapely.dwithin(land.outline.boundary, shapely.points(ground.centre), FRAYED)
    edge = np.flatnonzero(near & (ground.area < 40 * HECTARE)).tolist()
    for _ in range(8):
        for i in edge:
            if border_change(field, region, of=i, to=1 - region[i]) < 0:
                region[i] = 1 - region[i]
    members = ground.shapes[[bool(region[i]) for i in range(len(region))]]
    pieces = shapely.get_parts(shapely.coverage_union_all(members))
    outline = Polygon(max(pieces, key=shapely.area).exterior)
    shapely.prepare(outline)
    within = shapely.contains(outline, shapely.point_on_surface(ground.shapes))
    return {int(i) for i in np.flatnonzero(within)}


def _villages(land: Landscape, field: Mosaic) -> dict[int, int]:
    """Return parcel → number of the village, for the parcels of the township."""
    ground = field.parcels
    members = _territory(land, field)
    seeds = [_nearest(ground, PLANS[code].core, among=sorted(members)) for code in VILLAGES]
    pace = np.array([PLANS[code].pace for code in VILLAGES])
    start = grow(field, seeds, members=members, pace=pace.tolist())
    target = pace**2 / (pace**2).sum() * ground.area[list(start)].sum()
    return trade(field, start, weight=ground.area, target=target, stiffness=2500)


def _nearest(ground: Parcels, at: tuple[float, float], *, among: list[int]) -> int:
    gaps = shapely.distance(ground.drawn[among], shapely.Point(at))
    return among[int(np.argmin(gaps))]


def _units(field: Mosaic, village: Cell, *, homes: Floats, rng: np.random.Generator) -> list[Cell]:
    """Return the unit cells of one village in order of their codes, special ones included."""
    ground, drawn = field.parcels, to_metres(village.shape)
    groups: list[set[int]] = []
    kinds: list[tuple[str, str, str]] = []
    for kind, name, name_en, at, hectares in SPECIAL:
        if drawn.contains(shapely.Point(at)):
            groups.append(_around(field, village, at=at, hectares=hectares))
            kinds.append((kind, name, name_en))
    members = [i for i in village.parcels if not any(i in group for group in groups)]
    weight = 0.45 * ground.area / ground.area[members].sum()
    weight += 0.55 * homes / max(1.0, homes[members].sum())
    count = PLANS[village.code].units
    unit_of = _shared_out(field, members, weight=weight, count=count, rng=rng)
    groups += [{i for i, k in unit_of.items() if k == n} for n in range(count)]
    kinds += [("", "", "")] * count
    shapes = [shape_of(ground, sorted(group)) for group in groups]
    return [
        Cell(
            f"{village.code}{serial:03d}",
            kinds[k][1] or f"{village.name}第{serial}网格",
            kinds[k][2] or f"{village.name_en}, Grid {serial}",
            UNIT_LEVEL,
            village.code,
            kinds[k][0],
            shapes[k],
            tuple(sorted(groups[k])),
        )
        for serial, k in enumerate(numbering(village.shape, shapes), 1)
    ]


def numbering(village: Polygon, shapes: Sequence[Polygon]) -> list[int]:
    """Return the order in which the unit cells of a village are numbered: as one reads a page.

    Rows of ROW metres count from the village's northern edge; in a row from west to east. A
    unit is placed by its ``point_on_surface``. All shapes on the lattice.
    """
    xy = shapely.get_coordinates(shapely.point_on_surface(shapes)) * METRES_PER_UNIT
    north = village.bounds[3] * METRES_PER_UNIT[1]
    row = np.floor((north - xy[:, 1]) / ROW)
    return [int(k) for k in np.lexsort((xy[:, 0], row))]


def _around(field: Mosaic, village: Cell, *, at: tuple[float, float], hectares: float) -> set[int]:
    """Return parcels around a point, about ``hectares`` in all; the rest stays in one piece."""
    ground = field.parcels
    start = _nearest(ground, at, among=list(village.parcels))
    chosen: list[int] = []
    for i in grow(field, [start], members=set(village.parcels), pace=[1.0]):
        trial = [*chosen, i]
        rest = [j for j in village.parcels if j not in trial]
        if whole(shape_of(ground, trial)) and shape_of(ground, rest).geom_type == "Polygon":
            chosen = trial
        if ground.area[chosen].sum() > hectares * HECTARE:
            break
    return set(chosen)


def _shared_out(
    field: Mosaic, members: list[int], *, weight: Floats, count: int, rng: np.random.Generator
) -> dict[int, int]:
    """Return parcel → unit, the best of some tries: seeds far apart, grown and traded."""
    target = rng.uniform(0.7, 1.3, count)
    target *= weight[members].sum() / target.sum()
    tries = []
    for _ in range(TRIES):
        seeds = _seeds(field, members, weight=weight, count=count, rng=rng)
        start = grow(field, seeds, members=set(members), pace=[1.0] * count)
        tries.append(trade(field, start, weight=weight, target=target, stiffness=900))
    return min(tries, key=lambda unit_of: _badness(field, unit_of, weight=weight, target=target))


def _seeds(
    field: Mosaic, members: list[int], *, weight: Floats, count: int, rng: np.random.Generator
) -> list[int]:
    """Return ``count`` parcels, settled ones before others, each far from those before it."""
    centre = field.parcels.centre[members]
    pull = weight[members] ** 0.5 * rng.uniform(0.5, 1.0, len(members))
    chosen = [int(np.argmax(pull))]
    while len(chosen) < count:
        gap = np.min([np.hypot(*(centre - centre[k]).T) for k in chosen], axis=0)
        chosen.append(int(np.argmax(gap * pull)))
    return [members[k] for k in chosen]


def _badness(field: Mosaic, unit_of: dict[int, int], *, weight: Floats, target: Floats) -> float:
    """Return how bad a division is: thin or unequal cells, above all ones in pieces."""
    bad = 0.0
    for k, wanted in enumerate(target):
        part = [i for i, n in unit_of.items() if n == k]
        shape = to_metres(shape_of(field.parcels, part))
        if not whole(shape):
            return float("inf")
        bad += (1 - roundness(shape)) ** 2 + 0.3 * abs(weight[part].sum() / wanted - 1)
        bad += 2.0 * (1 - wide_share(shape, NARROW))
    return float(bad)


def wide_share(shape: Polygon, width: float) -> float:
    """Return the share of a shape that a disc of diameter ``width`` reaches inside it."""
    return float(shape.buffer(-width / 2).buffer(width / 2).area / shape.area)
