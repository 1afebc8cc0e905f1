"""Every ground cell belongs to exactly one grid cell, and its inner part is the inner part."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

from gis.cells.metres import Plane
from gis.patrols import ground
from gis.patrols.masks import Owners, inner_bits, masks
from tests import walking

ONE = np.array([1])


def owners_of(*shapes):
    ids = np.arange(1, len(shapes) + 1)
    whole = masks(shapes, ids)
    return Owners.of_masks(whole, inner_bits(shapes, ids, whole=whole))


def area(tiles, bits=None):
    count = np.bitwise_count(tiles.bits if bits is None else bits).sum(axis=1)
    return (count * ground.ground_cell_m2(ground.tile_xy(tiles.tile)[1])).sum()


def test_parts_sum_to_the_whole_bit_for_bit():
    cells = walking.town(8, 6)
    units = masks(cells, np.arange(1, 49))
    whole = masks([shapely.coverage_union_all(cells)], ONE)
    assert np.array_equal(np.sort(units.cells()[1]), np.sort(whole.cells()[1]))


def test_a_hole_is_the_cell_inside_it_and_parts_add_up():
    outer, inner = walking.square(0, 0, 900), walking.square(300, 300, 300)
    ring = Polygon(outer.exterior, [inner.exterior])
    a, b, c = (masks([p], ONE).count.sum() for p in (outer, ring, inner))
    assert a == b + c
    both = MultiPolygon([inner, walking.square(1000, 0, 300)])
    assert masks([both], ONE).count.sum() > 1.9 * c


def test_a_sliver_between_centres_owns_nothing():
    x, y = ground.to_lonlat(np.array([100.6, 100.9]), np.array([100.6, 140.0]))
    sliver = shapely.box(x[0], y[1], x[1], y[0])
    found = masks([sliver], ONE)
    assert found.tile.size == 0
    assert inner_bits([sliver], ONE, whole=found).shape == (0, 512)


@pytest.mark.parametrize("lat", [0.0, 33.0, 52.0, 70.0])
def test_the_area_of_the_ground_cells_is_that_of_the_polygon(lat):
    cells = walking.town(10, 8, lat=lat)
    geod = pyproj.Geod(ellps="WGS84")
    want = abs(geod.geometry_area_perimeter(shapely.coverage_union_all(cells))[0])
    assert area(masks(cells, np.arange(80))) == pytest.approx(want, rel=1e-3)


@given(st.integers(0, 2**32 - 1))
def test_a_ground_cell_belongs_to_the_polygon_around_its_centre(seed):
    rng = np.random.default_rng(seed)
    spokes = np.sort(rng.uniform(0, 2 * np.pi, 9))
    spokes = spokes[np.append(np.diff(spokes) > 0.01, True)]
    radius = rng.uniform(0.0005, 0.004, spokes.size)
    star = Polygon(
        np.column_stack([117.45 + radius * np.cos(spokes), 32.89 + radius * np.sin(spokes)])
    )
    if not star.is_valid:
        return
    lon, lat = rng.uniform([117.445, 32.885], [117.455, 32.895], (300, 2)).T
    x, y = (np.floor(v).astype(np.int64) for v in ground.to_grid(lon, lat))
    centre = shapely.points(*ground.to_lonlat(x + 0.5, y + 0.5))
    clear = shapely.distance(star.exterior, centre) > 1e-7  # a chord is not an arc
    owner, _ = owners_of(star).of(ground.ground_cell(x, y))
    assert np.array_equal((owner == 1)[clear], shapely.contains(star, centre)[clear])


def test_the_inner_part_lies_farther_than_15_m_from_the_border():
    (shape,) = walking.town(1, 1)
    whole = masks([shape], ONE)
    inner = ground.unpack(inner_bits([shape], ONE, whole=whole)).view(bool)
    row, cell = whole.cells()
    bit = cell & (ground.CELLS - 1)
    x, y = ground.tile_xy(cell >> 12)
    lonlat = ground.to_lonlat(x * 64 + bit % 64 + 0.5, y * 64 + bit // 64 + 0.5)
    plane = Plane.around(shape)
    metres = plane.metres(shapely.points(*lonlat))
    away = shapely.distance(plane.metres(shape).exterior, metres)
    clear = abs(away - 15) > 0.1
    assert np.array_equal(inner[row, bit][clear], (away > 15)[clear])
    assert 0.7 < inner.sum() / whole.count.sum() < 0.9


def test_a_cell_nowhere_wider_than_60_m_counts_whole():
    for height, counts_whole in ((58, True), (70, False)):
        lane = walking.square(0, 0, 600, height)
        whole = masks([lane], ONE)
        inner = inner_bits([lane], ONE, whole=whole)
        assert np.array_equal(inner, whole.bits) == counts_whole


def test_where_cells_overlap_the_lower_number_owns_the_ground():
    owners = owners_of(walking.square(0, 0, 400), walking.square(200, 0, 400))
    at = walking.line([(300, 200), (395, 200), (500, 200)])
    x, y = (np.floor(v).astype(np.int64) for v in ground.to_grid(at.lon, at.lat))
    owner, inner = owners.of(ground.ground_cell(x, y))
    assert owner.tolist() == [1, 1, 2]
    assert inner.tolist() == [True, False, True]


def test_ground_in_no_cell_belongs_to_nobody_and_has_no_border():
    owner, inner = owners_of(walking.square(0, 0, 400)).of(np.array([0, 1 << 43]))
    assert (owner.tolist(), inner.tolist()) == ([0, 0], [True, True])
    none = ground.pack(np.zeros(0, np.int64), np.zeros(0, np.int64))
    owner, inner = Owners.of_masks(none, none.bits).of(np.array([5]))
    assert (owner.tolist(), inner.tolist()) == ([0], [True])
