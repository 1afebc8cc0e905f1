"""What people know the ground by: committees, clinics, schools, shops, pump stations.

All of it is invented. A name is made of a village's, or of an invented hamlet's or street's.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from shapely import MultiPolygon, Point

from data.boundaries.generate.geojson import Feature
from data.boundaries.generate.ground.cells import UNIT_LEVEL, VILLAGE_LEVEL, Cell
from data.boundaries.generate.ground.landscape import Landscape
from data.boundaries.generate.ground.settlement import Settlement
from data.boundaries.generate.lattice import Shapes, to_metres

SCHOOLS, PUMPS = 5, 10
"""Primary schools beside the central one, and pump stations."""
SMALL = 14
"""Buildings of a hamlet that is too small for a shop of its own."""
SHOP = 0.55
"""The share of the other hamlets that have one."""
SHOPS = ("超市", "便民店", "农资店")
STREETS = ("老街百货店", "北街饭店", "东街药店", "南街修理铺", "老街理发店", "北街农资店")
"""Shops of the town."""
BROOKSIDE = 600.0
"""Metres from a brook within which a hamlet has a pump station there."""
FRAYED = 12.0
"""Metres that a pump station keeps from the borders of cells."""


def places(
    land: Landscape,
    town: Settlement,
    cells: Sequence[Cell],
    names: Mapping[int, str],
    *,
    rng: np.random.Generator,
) -> Iterator[Feature]:
    """Yield the places of the township, in metres, as points with ``kind`` and ``name``.

    Parameters
    ----------
    names
        Of the hamlets, by their number; those that lie partly outside have no place.
    """
    whole = to_metres(cells[0].shape)
    names = {k: name for k, name in names.items() if town.outline[k].within(whole)}
    villages = [(c, to_metres(c.shape)) for c in cells if c.level == VILLAGE_LEVEL]
    own = {
        cell.code: [k for k in names if town.outline[k].centroid.within(shape)]
        for cell, shape in villages
    }
    for cell, _ in villages:
        hamlets = sorted(own[cell.code], key=lambda k: -len(_houses(town, k)))
        heart = town.outline[hamlets[0]].centroid
        first, second = _nearest(_houses(town, hamlets[0]), heart)[:2]
        yield _place(
            "committee", f"{cell.name}{'村委会' if _is_village(cell) else '服务站'}", first
        )
        yield _place("clinic", f"{cell.name}卫生室", second)
    yield from _special(cells)
    yield from _of_hamlets(town, names, rng=rng)
    yield from _pumps(land, town, cells, names, rng=rng)


def _special(cells: Sequence[Cell]) -> Iterator[Feature]:
    """Yield a place for each special cell: it is there that one goes to."""
    for cell in cells:
        if cell.level == UNIT_LEVEL and cell.kind:
            yield _place(cell.kind, cell.name, shapely.point_on_surface(to_metres(cell.shape)))


def _of_hamlets(
    town: Settlement, names: Mapping[int, str], *, rng: np.random.Generator
) -> Iterator[Feature]:
    large = [k for k in names if k and len(_houses(town, k)) >= SMALL]
    for k in sorted(rng.choice(large, SCHOOLS, replace=False).tolist()):
        yield _place("school", f"{names[k]}小学", _edge(town, k))
    for name, at in zip(STREETS, rng.permutation(_houses(town, 0)), strict=False):
        yield _place("shop", name, at)
    for k in large:
        if rng.random() < SHOP:
            at = _houses(town, k)[int(rng.integers(len(_houses(town, k))))]
            yield _place("shop", names[k] + SHOPS[int(rng.integers(len(SHOPS)))], at)


def _pumps(
    land: Landscape,
    town: Settlement,
    cells: Sequence[Cell],
    names: Mapping[int, str],
    *,
    rng: np.random.Generator,
) -> Iterator[Feature]:
    """Yield pump stations on the banks of the brooks, each named after the hamlet close by."""
    banks = shapely.boundary(land.brooks)
    whole = to_metres(cells[0].shape)
    borders = MultiPolygon([to_metres(c.shape) for c in cells if c.level == UNIT_LEVEL]).boundary
    near = []
    for k in names:
        line = shapely.shortest_line(banks, town.outline[k])
        at = shapely.get_point(line, 0)
        fits = at.within(whole) and shapely.distance(at, borders) > FRAYED
        if k and fits and shapely.length(line) < BROOKSIDE:
            near.append((k, at))
    chosen = rng.choice(len(near), min(PUMPS, len(near)), replace=False)
    for k, at in (near[i] for i in sorted(chosen.tolist())):
        yield _place("pump", f"{names[k]}排灌站", at)


def _is_village(cell: Cell) -> bool:
    return cell.name.endswith("村")


def _houses(town: Settlement, hamlet: int) -> Shapes:
    return np.asarray(town.buildings[town.hamlet == hamlet])


def _nearest(houses: Shapes, at: Point) -> list[Point]:
    order = np.argsort(shapely.distance(houses, at), kind="stable")
    return [houses[i].centroid for i in order]


def _edge(town: Settlement, hamlet: int) -> Point:
    """Return the house farthest from the heart of a hamlet."""
    return _nearest(_houses(town, hamlet), town.outline[hamlet].centroid)[-1]


def _place(kind: str, name: str, at: shapely.Geometry) -> Feature:
    return {"kind": kind, "name": name}, shapely.centroid(at)
