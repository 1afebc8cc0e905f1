"""Small crooked tilings of two to four levels on the lattice, and what makes one exact."""

import random
from dataclasses import replace

import shapely
from shapely import Polygon

from gis.cells.lattice import UNITS, doubled_area, is_tiling, same, union, whole
from gis.cells.model import MADE, Draft
from gis.cells.redraw import degrees_of
from gis.hierarchy import Level

STEP = 100_000
"""Lattice units between two corners of the grid: about 100 m."""
ORIGIN = 11_745_000_000, 3_289_000_000
SIDE = 4
LETTERS = {Level.UNIT: "U", Level.VILLAGE: "V", Level.AREA: "A"}


def tiling(seed=0, *, levels=4):
    """Return a township of 4 × 4 leaf cells with crooked borders, by code.

    U00 U01 U10 U11 make V00, V00 and V01 make A0, A0 and A1 the whole, T. With fewer
    levels the 4 × 4 are villages (a column is an area) or areas.
    """
    chance = random.Random(seed)  # noqa: S311
    corners = {}

    def corner(i, j):
        """The corner of the grid, in half steps, moved by up to a fifth of a step."""
        if (i, j) not in corners:
            shift = [chance.randint(-STEP // 5, STEP // 5) for _ in range(2)]
            corners[i, j] = tuple(
                o + k * STEP // 2 + s for o, k, s in zip(ORIGIN, (i, j), shift, strict=True)
            )
        return corners[i, j]

    def shape(i, j):
        around = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)]
        ring = [degrees_of(corner(2 * i + x, 2 * j + y)) for x, y in around]
        return whole(Polygon(ring))

    lowest = Level(levels)
    cells = {}
    for i in range(SIDE):
        for j in range(SIDE):
            code = f"{LETTERS[lowest]}{i}{j}"
            above = _above(lowest, i, j)
            cells[code] = Draft(code, f"网格{code}", lowest, above, "", shape(i, j), "test.geojson")
    for number in range(levels - 1, 0, -1):
        level, below = Level(number), {}
        for cell in cells.values():
            if cell.level == level + 1:
                below.setdefault(cell.parent, []).append(cell.geom)
        for code, shapes in below.items():
            i, j = int(code[1:2] or 0), int(code[2:3] or 0)
            above = _above(level, i, j)
            cells[code] = Draft(code, f"网格{code}", level, above, "", union(shapes), MADE)
    return cells


def _above(level, i, j):
    """Return the parent: of units the block of four, of villages the column, of areas the whole."""
    above = {Level.UNIT: f"V{i // 2}{j // 2}", Level.VILLAGE: f"A{i}", Level.AREA: "T"}
    return above.get(level)


def corners_of(cells):
    """Return every corner of the cells' borders with the cells that have it, in order."""
    found = {}
    for code, cell in cells.items():
        for x, y in set(map(tuple, shapely.get_coordinates(cell.geom).tolist())):
            found.setdefault((round(x * UNITS), round(y * UNITS)), set()).add(code)
    return dict(sorted(found.items()))


def flaw(cells, was):
    """Return what is wrong with cells that filled the same ground before; None if nothing is."""
    return next(_flaws(cells, was), None)


def _flaws(cells, was):
    for code, cell in cells.items():
        if not cell.geom.is_valid or doubled_area(cell.geom) <= 0:
            yield f"{code} is no polygon"
        if not shapely.equals_identical(cell.geom, shapely.orient_polygons(cell.geom)):
            yield f"{code} is turned over"
    for level in Level:
        if not is_tiling([c.geom for c in cells.values() if c.level is level]):
            yield f"the level {level.word} is no tiling"
    for code, cell in cells.items():
        if cell.parent is None and not same(cell.geom, was[code].geom):
            yield f"{code}, the whole, changed"
        below = [c.geom for c in cells.values() if c.parent == code]
        if below and not same(union(below), cell.geom):
            yield f"{code} is not the union of its cells"
        if below and sum(map(doubled_area, below)) != doubled_area(cell.geom):
            yield f"{code} is larger or smaller than its cells"


def put(cells, at, to):
    """Move a corner wherever it stands, without looking."""

    def moved(shape):
        def swap(degrees):
            return [degrees_of(to) if tuple(p) == degrees_of(at) else p for p in degrees]

        return shapely.transform(shape, swap)

    return {code: replace(cell, geom=moved(cell.geom)) for code, cell in cells.items()}
