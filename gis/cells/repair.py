"""Repair on request: overlaps are parted, narrow gaps are filled, and what moved is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import MultiPolygon, Point, Polygon

from gis.cells.defects import pieces, width_m
from gis.cells.lattice import Shapes, is_tiling, same, snapped
from gis.cells.metres import Plane, area_m2
from gis.errors import InvalidGeometry
from gis.hierarchy import Code
from gis.messages import say

GAP_WIDTH_M = 20.0
"""Gaps up to this width are filled, each whole into one neighbour; wider ones are left."""
_SNAP_M = 0.01
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Moved:
    """What a repair did to one cell.

    Attributes
    ----------
    gained_m2, lost_m2
        Ground that the cell has now, or had before.
    width_m
        Of the widest piece that moved.
    place
        In the largest piece that moved (EPSG:4326).
    """

    cell: Code
    gained_m2: float
    lost_m2: float
    width_m: float
    place: Point


def repaired(shapes: Mapping[Code, MultiPolygon]) -> tuple[dict[Code, MultiPolygon], list[Moved]]:
    """Return the cells of one level as a tiling, and what moved, the most moved first.

    Parameters
    ----------
    shapes
        Valid, on the lattice; may be empty. Where two overlap, the ground goes
        to the one that shares the longer border with it.

    Raises
    ------
    InvalidGeometry
        If a cell would vanish, or the cells do not become a tiling.
    """
    if not shapes:
        return {}, []
    codes = sorted(shapes)
    before = np.array([shapes[code] for code in codes], dtype=object)
    after = before
    for _ in range(_ROUNDS):
        after = _clean(after, codes)
        if is_tiling(after):
            break
    else:
        raise InvalidGeometry(
            say("The cells do not fit together, and could not be repaired."),
            remedy=say("Mend the borders in a GIS program and import the file again."),
        )
    moved = [
        _moved(code, old, new)
        for code, old, new in zip(codes, before, after, strict=True)
        if not same(old, new)
    ]
    moved.sort(key=lambda move: -(move.gained_m2 + move.lost_m2))
    return dict(zip(codes, after, strict=True)), [move for move in moved if move.width_m > 0]


def _clean(shapes: Shapes, codes: Sequence[Code]) -> Shapes:
    plane = Plane.around(shapes)
    clean = plane.degrees(
        shapely.coverage_clean(
            plane.metres(shapes), snapping_distance=_SNAP_M, gap_width=GAP_WIDTH_M
        )
    )
    found = shapes.copy()
    for i, shape in enumerate(clean):
        if not isinstance(shape, Polygon | MultiPolygon) or shape.is_empty:
            raise InvalidGeometry(
                say("Nothing would be left of cell {code} after a repair.", code=codes[i]),
                remedy=say("Take it out of the file, or out of the cell that lies over it."),
            )
        found[i] = snapped(shape)
    return found


def _moved(code: Code, old: MultiPolygon, new: MultiPolygon) -> Moved:
    gained, lost = pieces(new, old), pieces(old, new)
    largest = max([*gained, *lost], key=lambda piece: piece.area, default=new)
    return Moved(
        code,
        sum(map(area_m2, gained)),
        sum(map(area_m2, lost)),
        max(map(width_m, [*gained, *lost]), default=0.0),
        largest.point_on_surface(),
    )
