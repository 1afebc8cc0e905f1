"""Contiguous regions of parcels: grown from seeds, then settled.

Villages and unit cells are made by the same two steps. *Growing* hands parcels out by travel
distance, where a river or a railway is dear to cross. *Trading* then moves parcels across the
borders while that lowers an energy: borders along water, rail and roads are cheap, borders
through fields are dear, and each region keeps to its target share. Neither leaves a region in
two pieces or with a hole.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.boundaries.generate.ground.parcels import KINDS, Parcels
from data.boundaries.generate.lattice import Floats

CROSSING = dict(zip(KINDS, (4.0, 3.0, 1.7, 3.0, 2.0, 1.2, 1.0, 1.0, 1.2, 3.0, 9.0), strict=True))
"""How many times longer a step becomes when it crosses a line of this kind."""
BORDER = dict(zip(KINDS, (0.25, 0.3, 0.5, 0.4, 0.35, 0.7, 0.9, 1.05, 0.9, 0.3, 0.0), strict=True))
"""Energy of a metre of border along this kind of line."""
HAMLET = 6.0
"""How many times dearer a border is that parts a hamlet."""
SWEEPS = 30


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Which parcels are neighbours.

    ``step[i][j]`` is the cost of going from parcel i to its neighbour j, ``border[i][j]`` the
    energy of a border between them; both are symmetric.
    """

    parcels: Parcels
    step: list[dict[int, float]]
    border: list[dict[int, float]]


def mosaic(parcels: Parcels, *, hamlets: Sequence[Sequence[int]] = ()) -> Mosaic:
    """Return the neighbourhood of parcels; ``hamlets`` are groups that no border should part."""
    step: list[dict[int, float]] = [{} for _ in parcels.shapes]
    border: list[dict[int, float]] = [{} for _ in parcels.shapes]
    centre = parcels.centre
    for (i, j), line, length in zip(
        parcels.sides.tolist(), parcels.line, parcels.length.tolist(), strict=True
    ):
        if j < 0:
            continue
        kind = parcels.lines[line].kind
        cost = float(np.hypot(*(centre[i] - centre[j]))) * CROSSING[kind]
        for a, b in ((i, j), (j, i)):
            step[a][b] = min(step[a].get(b, np.inf), cost)
            border[a][b] = border[a].get(b, 0.0) + BORDER[kind] * length
    for members in hamlets:
        for a in members:
            for b in set(members) & set(border[a]):
                border[a][b] *= HAMLET
    return Mosaic(parcels, step, border)


def shape_of(parcels: Parcels, members: Sequence[int]) -> BaseGeometry:
    """Return the union of parcels on the lattice, with every shared vertex kept.

    The parcels are a valid coverage, so the union only drops shared segments: it is exact. It
    is a MultiPolygon when they are not contiguous, or touch at a point only.
    """
    union = shapely.coverage_union_all(parcels.shapes[list(members)])
    pieces = shapely.get_parts(union)
    return pieces[0] if len(pieces) == 1 else union


def whole(shape: BaseGeometry) -> bool:
    """Say whether a shape is one polygon without a hole."""
    return shape.geom_type == "Polygon" and not shape.interiors


def grow(
    ground: Mosaic, seeds: Sequence[int], *, members: set[int], pace: Sequence[float]
) -> dict[int, int]:
    """Return parcel → region for ``members``; region k starts at ``seeds[k]``.

    ``pace[k]`` divides the distances of region k: a larger one reaches further. Parcels that no
    seed can reach are left out.
    """
    region: dict[int, int] = {}
    heap = [(0.0, seed, k) for k, seed in enumerate(seeds)]
    heapq.heapify(heap)
    while heap:
        distance, i, k = heapq.heappop(heap)
        if i in region:
            continue
        region[i] = k
        for j, cost in ground.step[i].items():
            if j in members and j not in region:
                heapq.heappush(heap, (distance + cost / pace[k], j, k))
    return region


def trade(
    ground: Mosaic, start: dict[int, int], *, weight: Floats, target: Floats, stiffness: float
) -> dict[int, int]:
    """Return ``start`` after trading parcels until no trade lowers the energy.

    Energy = Σ border + ``stiffness`` · Σ_k (Σ weight in k / target[k] - 1)², with ``weight``
    per parcel and ``target`` per region.
    """
    region = dict(start)
    total = np.zeros(len(target))
    for i, k in region.items():
        total[k] += weight[i]

    def strain(k: int, change: float) -> float:
        before, after = total[k] / target[k] - 1, (total[k] + change) / target[k] - 1
        return stiffness * float(after**2 - before**2)

    for _ in range(SWEEPS):
        moved = False
        for i in sorted(region):
            k = region[i]
            best, gain = k, -1e-9
            for other in sorted({region[j] for j in ground.border[i] if j in region} - {k}):
                change = border_change(ground, region, of=i, to=other)
                change += strain(k, -weight[i]) + strain(other, weight[i])
                if change < gain and _stay_whole(ground, region, of=i, to=other):
                    best, gain = other, change
            if best != k:
                total[k] -= weight[i]
                total[best] += weight[i]
                region[i] = best
                moved = True
        if not moved:
            break
    return region


def border_change(ground: Mosaic, region: dict[int, int], *, of: int, to: int) -> float:
    """Return the energy of borders gained less lost if a parcel changes its region."""
    return sum(
        cost * (int(region[j] != to) - int(region[j] != region[of]))
        for j, cost in ground.border[of].items()
        if j in region
    )


def _stay_whole(ground: Mosaic, region: dict[int, int], *, of: int, to: int) -> bool:
    left = [j for j, k in region.items() if k == region[of] and j != of]
    joined = [j for j, k in region.items() if k == to] + [of]
    return bool(left) and all(whole(shape_of(ground.parcels, part)) for part in (left, joined))
