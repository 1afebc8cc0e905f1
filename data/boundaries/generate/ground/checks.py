"""What every drawn township must hold. A draw that does not is thrown away."""

from collections import Counter
from collections.abc import Sequence

import shapely

from data.boundaries.generate.ground.cells import (
    LEVELS,
    TOWNSHIP_LEVEL,
    VILLAGE_LEVEL,
    Cell,
    wide_share,
)
from data.boundaries.generate.ground.parcels import roundness
from data.boundaries.generate.ground.regions import whole
from data.boundaries.generate.lattice import doubled_area, to_metres

KM2 = {TOWNSHIP_LEVEL: (51.0, 53.0), VILLAGE_LEVEL: (1.2, 6.0)}
ROUNDNESS = dict(zip(LEVELS, (0.25, 0.2, 0.3, 0.3), strict=True))
"""Lowest Polsby-Popper figure allowed at each level."""
NARROW, WIDE_SHARE = 40.0, 0.97
"""A cell is a sliver if a disc of NARROW metres reaches less than this share of it."""


def tiling_defects(cells: Sequence[Cell]) -> list[str]:
    """Return where cells fail to tile their parents exactly; empty if nowhere.

    ``coverage_is_valid`` sees overlaps and unmatched borders, but not a gap or a missing cell;
    the exact sum of areas does. All shapes on the lattice.
    """
    found = [f"{cell.code}: a hole, or parts" for cell in cells if not whole(cell.shape)]
    if found:
        return found
    for level in LEVELS:
        shapes = [cell.shape for cell in cells if cell.level == level]
        if not (shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes)):
            found.append(f"level {level}: invalid, overlapping or unmatched borders")
    total: Counter[str] = Counter()
    for cell in cells:
        total[cell.parent] += doubled_area(cell.shape)
    for cell in cells:
        excess = total[cell.code] - doubled_area(cell.shape)
        if excess and cell.level != LEVELS[-1]:
            found.append(f"{cell.code}: the doubled area of its children differs by {excess}")
    return found


def implausible(cells: Sequence[Cell]) -> list[str]:
    """Return the cells of an unlikely size or form."""
    found = []
    for cell in cells:
        shape = to_metres(cell.shape)
        least, most = KM2.get(cell.level, (0.0, 100.0))
        if not least <= shape.area / 1e6 <= most:
            found.append(f"{cell.code}: {shape.area / 1e6:.2f} km²")
        if roundness(shape) < ROUNDNESS[cell.level]:
            found.append(f"{cell.code}: Polsby-Popper {roundness(shape):.2f}")
        if wide_share(shape, NARROW) < WIDE_SHARE:
            found.append(f"{cell.code}: narrow")
    return found
