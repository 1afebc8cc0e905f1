"""Hamlets and houses: where people live."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from data.boundaries.generate.ground.landscape import CENTRE, Landscape
from data.boundaries.generate.ground.parcels import HECTARE, Parcels
from data.boundaries.generate.lattice import Flags, Floats, Ints, Shapes

SPACING = 470.0
"""Metres between neighbouring hamlets, about."""
SEAT = 680.0
"""Metres around the seat within which every parcel is built up."""
DRY = 15.0
"""Metres that a house keeps from the water."""
KERB = 18.0
"""Metres that a house keeps from its parcel's edge, so that none ends up on a border."""
ROW, DOOR = 28.0, 14.5
"""Metres from one row of houses to the next, and from door to door in a row."""
DEPTH, GABLE = 9.0, 2.5
"""Depth of a house, and what its width lacks to DOOR; metres."""
TERRACE = 3
"""Most houses under one roof."""
ALLEY, EMPTY = 7, 0.14
"""Every so many plots of a row are an alley, and such a share of the others stays empty."""
ASKEW = 22.0
"""Degrees by which rows may be turned to follow their parcel."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """Hamlets (natural villages), hamlet 0 being the town at the seat; all in metres.

    ``hosts`` are the parcels of each hamlet, ``outline`` its built-up ground. ``buildings`` (n,)
    are rectangles, one or a few houses each, and ``parcel`` and ``hamlet`` (n,) say where.
    ``ponds`` are the water in front of hamlets.
    """

    hosts: list[list[int]]
    outline: Shapes
    buildings: Shapes
    parcel: Ints
    hamlet: Ints
    ponds: Shapes


def settle(land: Landscape, ground: Parcels, *, rng: np.random.Generator) -> Settlement:
    """Return hamlets spread over the parcels, one of them the town."""
    from_seat = np.hypot(*(ground.centre - CENTRE).T)
    town = [int(i) for i in np.flatnonzero(from_seat < SEAT)]
    hosts = [town, *([site] for site in _sites(land, ground, rng=rng))]
    wet = shapely.union_all([land.lake, land.river, land.brooks])
    shapely.prepare(wet)
    made, parcel, hamlet = [], [], []
    for number, members in enumerate(hosts):
        for i in members:
            rows = _rows(ground.drawn[i], rng, full=number == 0)
            rows = rows[~shapely.dwithin(rows, wet, DRY)]
            made.append(rows)
            parcel += [i] * len(rows)
            hamlet += [number] * len(rows)
    buildings, of_hamlet = np.concatenate(made), np.array(hamlet)
    outline = _outlines(buildings, of_hamlet, count=len(hosts))
    ponds = _ponds(ground, hosts, outline=outline, rng=rng)
    return Settlement(hosts, outline, buildings, np.array(parcel), of_hamlet, ponds)


def doors(buildings: Shapes) -> tuple[Floats, Ints]:
    """Return a point for each house (n, 2), and the index of the building it belongs to.

    Houses stand side by side along a building's longer side.
    """
    a, b, c = (shapely.get_coordinates(shapely.get_point(shapely.get_exterior_ring(buildings), k))
               for k in range(3))  # fmt: skip
    first, second = b - a, c - b
    turned = np.hypot(*first.T) < np.hypot(*second.T)
    along = np.where(turned[:, None], second, first)
    count = np.maximum(1, np.rint((np.hypot(*along.T) + GABLE) / DOOR).astype(np.int64))
    owner = np.repeat(np.arange(len(buildings)), count)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    share = (nth + 0.5) / count[owner] - 0.5
    return ((a + c) / 2)[owner] + share[:, None] * along[owner], owner


def _sites(land: Landscape, ground: Parcels, *, rng: np.random.Generator) -> list[int]:
    """Return the parcels that hold a hamlet.

    Parcels are taken in random order, those by a road or a brook first, and kept when no hamlet
    is too near; wet, wooded, tiny and distant ones are passed over.
    """
    wild = shapely.union_all([land.lake, *land.hills, land.orchard])
    area, centre = ground.area, ground.centre
    fit = (area > 3 * HECTARE) & (area < 20 * HECTARE)
    fit &= ~shapely.intersects(ground.drawn, wild)
    fit &= shapely.intersects(ground.drawn, land.outline)
    fit &= np.hypot(*(centre - CENTRE).T) > SEAT + 150
    roadside = shapely.distance(land.of_kind("road", "brook"), shapely.points(centre))
    order = np.argsort(rng.uniform(0, 1, len(area)) + roadside / 2500)
    taken: list[int] = []
    for i in order[fit[order]]:
        gaps = np.hypot(*(centre[taken] - centre[i]).T)
        if not taken or gaps.min() >= SPACING * rng.uniform(0.8, 1.25):
            taken.append(int(i))
    return taken


def _rows(parcel: Polygon, rng: np.random.Generator, *, full: bool) -> Shapes:
    """Return the buildings of a parcel: rows that face south, kept off the borders.

    A hamlet fills an ellipse at one side of its parcel, a town all of it.
    """
    inner = parcel.buffer(-KERB)
    if inner.is_empty:
        return np.empty(0, dtype=object)
    west, south, east, north = inner.bounds
    middle = np.array([west + east, south + north]) / 2
    size = np.array([east - west, north - south])
    turn = np.radians(_grain(parcel) + rng.normal(0, 2))
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    grid, column = _grid(float(np.hypot(*size)), rng)
    xy = grid @ turned + middle
    keep = ((column + 1) % ALLEY != 0) & (rng.random(column.shape) > EMPTY)
    keep &= shapely.contains_xy(inner, xy[..., 0], xy[..., 1])
    if not full:
        heart = middle + rng.normal(0, 0.16, 2) * size
        axes = np.array([rng.uniform(85, 150), rng.uniform(55, 105)])
        ragged = rng.normal(1, 0.12, column.shape)
        keep &= np.linalg.norm((xy - heart) / axes, axis=-1) < ragged
    first, last = _terraces(keep)
    half = np.array([DOOR - GABLE, DEPTH]) / 2
    x0, y0 = (grid[first] - half).T
    x1, y1 = grid[last][:, 0] + half[0], y0 + DEPTH
    corners = np.stack([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]).transpose(2, 0, 1)
    return np.asarray(shapely.polygons(corners @ turned + middle))


def _grid(reach: float, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Return plots (rows, columns, 2) in a square of ``reach`` metres around 0, and columns."""
    column, row = np.meshgrid(np.arange(int(reach / DOOR)), np.arange(int(reach / ROW)))
    u = column * DOOR - reach / 2 + rng.uniform(0, 8, (len(row), 1))
    v = row * ROW - reach / 2 + rng.normal(0, 1.5, column.shape)
    return np.stack([u, v], axis=-1), column


def _terraces(keep: Flags) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    """Return the first and the last plot of each building, as (rows, columns).

    Neighbours in a row share a roof, at most TERRACE of them.
    """
    row, column = np.nonzero(keep)
    begins = np.ones(len(row), bool)
    begins[1:] = (np.diff(row) != 0) | (np.diff(column) != 1)
    at = np.arange(len(row))
    run = np.maximum.accumulate(np.where(begins, at, 0))
    begins = (at - run) % TERRACE == 0
    ends = np.append(begins[1:], True)[: len(row)]
    first, last = np.flatnonzero(begins), np.flatnonzero(ends)
    return (row[first], column[first]), (row[last], column[last])


def _grain(parcel: Polygon) -> float:
    """Return a parcel's own bearing in degrees if that is nearly east to west, else 0."""
    a, b = shapely.get_coordinates(shapely.oriented_envelope(parcel))[:2]
    bearing = float(np.degrees(np.arctan2(*(b - a)[::-1])))
    bearing = (bearing + 45) % 90 - 45
    return bearing if abs(bearing) < ASKEW else 0.0


def _outlines(buildings: Shapes, hamlet: Ints, *, count: int) -> Shapes:
    """Return the built-up ground of each hamlet: houses with their yards, merged."""
    yards = shapely.buffer(buildings, 14, join_style="mitre")
    merged = [shapely.union_all(yards[hamlet == k]).buffer(13).buffer(-17).simplify(4)
              for k in range(count)]  # fmt: skip
    return np.array(merged, dtype=object)


def _ponds(
    ground: Parcels, hosts: list[list[int]], *, outline: Shapes, rng: np.random.Generator
) -> Shapes:
    """Return a pond in front of (south of) two hamlets in three, where there is room."""
    found = []
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    for members, built in zip(hosts[1:], outline[1:], strict=True):
        if built.is_empty or rng.random() < 1 / 3:
            continue
        west, south, east, _ = built.bounds
        size = np.array([rng.uniform(18, 45), rng.uniform(12, 24)])
        at = np.array([rng.uniform(west, east), south - size[1] - 4])
        shore = Polygon(at + rng.uniform(0.75, 1.15, 14)[:, None] * size * circle)
        pond = shore.buffer(6).buffer(-6).difference(built.buffer(3))
        if ground.drawn[members[0]].buffer(-8).contains(pond):
            found.append(pond)
    return np.array(found, dtype=object)
