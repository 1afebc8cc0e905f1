"""The township drawn from a seed, and its files."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import shapely
from shapely import Polygon

from data.boundaries.generate import geojson
from data.boundaries.generate.chance import SEED, stream
from data.boundaries.generate.files import CELLS, LAYERS, PLACES
from data.boundaries.generate.geojson import Feature
from data.boundaries.generate.ground.cells import LEVELS, Cell, divide
from data.boundaries.generate.ground.checks import implausible, tiling_defects
from data.boundaries.generate.ground.landscape import CANVAS, Landscape, draw
from data.boundaries.generate.ground.parcels import Parcels, cut
from data.boundaries.generate.ground.places import places
from data.boundaries.generate.ground.settlement import Settlement, settle
from data.boundaries.generate.lattice import METRES_PER_UNIT, to_degrees, to_metres

DRAWS = 30
MARGIN = 1200.0
"""Metres around the township that the layers show."""
FIRST, SECOND = "东西南北前后大小上下老新", "庄巷圩郢塘桥岗湾楼园台"
"""Invented hamlet names are one of each."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A drawn township."""

    land: Landscape
    parcels: Parcels
    town: Settlement
    cells: list[Cell]


def make(seed: int = SEED) -> Ground:
    """Return the township of a seed, drawn anew until every cell is whole and plausible.

    Raises
    ------
    RuntimeError
        If none of thirty draws is.
    """
    for number in range(DRAWS):
        land = draw(stream(seed, "land", number))
        parcels = cut(land, stream(seed, "parcels", number))
        town = settle(land, parcels, rng=stream(seed, "houses", number))
        cells = divide(land, parcels, town=town, rng=stream(seed, "cells", number))
        if not (tiling_defects(cells) or implausible(cells)):
            return Ground(land, parcels, town, cells)
    raise RuntimeError(f"seed {seed}: no plausible township in {DRAWS} draws")


def write(ground: Ground, folder: Path, *, seed: int = SEED) -> None:
    """Write the cells of every level, and the layers that are drawn under them."""
    for level, path in zip(LEVELS, CELLS.values(), strict=True):
        own = [cell for cell in ground.cells if cell.level == level]
        geojson.write(folder / path, ((_properties(c), to_degrees(c.shape)) for c in own))
    frame = shapely.intersection(ground.land.outline.buffer(MARGIN), Polygon(CANVAS))
    names = _hamlet_names(ground, stream(seed, "names"))
    layers = {
        "water": _water(ground),
        "woods": _woods(ground.land),
        "roads": _lines(ground.parcels, "road", "street", "lane", "path"),
        "rail": _lines(ground.parcels, "railway"),
        "hamlets": _hamlets(ground, names),
        "houses": _houses(ground, names),
    }
    for name, path in LAYERS.items():
        shown = ((properties, shape.intersection(frame)) for properties, shape in layers[name])
        geojson.write_metres(folder / path, shown)
    known = places(ground.land, ground.town, ground.cells, names, rng=stream(seed, "places"))
    geojson.write_metres(folder / PLACES, known)


def _properties(cell: Cell) -> dict[str, str | None]:
    return {
        "code": cell.code,
        "name": cell.name,
        "name_en": cell.name_en,
        "parent": cell.parent or None,
        "kind": cell.kind,
    }


def _water(ground: Ground) -> Iterator[Feature]:
    land = ground.land
    yield {"kind": "lake", "name": "七里湖"}, land.lake.simplify(1)
    yield {"kind": "river", "name": "示例河"}, land.river.simplify(1)
    yield {"kind": "brook", "name": ""}, land.brooks.simplify(1)
    yield {"kind": "pond", "name": ""}, shapely.union_all(ground.town.ponds).simplify(1)


def _woods(land: Landscape) -> Iterator[Feature]:
    yield {"kind": "wood", "name": ""}, shapely.union_all(land.hills).simplify(1)
    yield {"kind": "orchard", "name": ""}, land.orchard.simplify(1)


def _lines(parcels: Parcels, *kinds: str) -> Iterator[Feature]:
    """Yield one feature for each named line, and one for the nameless ones of each kind.

    No vertex is left out: junctions stay vertices of every line that meets there.
    """
    numbers = defaultdict(list)
    for number, line in enumerate(parcels.lines):
        numbers[line.kind, line.name].append(number)
    segments = shapely.linestrings(parcels.ends.reshape(-1, 2, 2) * METRES_PER_UNIT)
    for (kind, name), own in numbers.items():
        if kind in kinds:
            drawn = shapely.multilinestrings(segments[np.isin(parcels.line, own)])
            yield {"kind": kind, "name": name}, shapely.line_merge(drawn)


def _hamlet_names(ground: Ground, rng: np.random.Generator) -> dict[int, str]:
    """Return the names of the hamlets in the township; those outside remain without one."""
    township = to_metres(ground.cells[0].shape)
    inside = [k for k, outline in enumerate(ground.town.outline) if outline.intersects(township)]
    invented = rng.permutation([a + b for a, b in product(FIRST, SECOND)])
    return dict(zip(inside, ["李楼集", *map(str, invented)], strict=False))


def _hamlets(ground: Ground, names: dict[int, str]) -> Iterator[Feature]:
    for number, outline in enumerate(ground.town.outline):
        kind = "hamlet" if number else "town"
        yield {"kind": kind, "name": names.get(number, "")}, outline


def _houses(ground: Ground, names: dict[int, str]) -> Iterator[Feature]:
    """Yield the buildings of each named hamlet as one feature."""
    for number, name in names.items():
        own = ground.town.buildings[ground.town.hamlet == number]
        yield {"kind": "house", "name": name}, shapely.multipolygons(own)
