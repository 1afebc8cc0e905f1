"""Ground cells: where they are, how large, and how they pack into bitmaps."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.patrols import ground

GEOD = pyproj.Geod(ellps="WGS84")
degrees = st.tuples(st.floats(-180, 179.999), st.floats(-85, 85))


@given(degrees)
def test_there_and_back_is_the_same_place(place):
    lon, lat = (np.array([v]) for v in place)
    back = ground.to_lonlat(*ground.to_grid(lon, lat))
    assert np.allclose(np.concatenate(back), place, atol=1e-9)


def test_null_island_is_the_middle_of_the_grid():
    x, y = ground.to_grid(np.zeros(1), np.zeros(1))
    assert (x[0], y[0]) == pytest.approx((ground.WORLD / 2, ground.WORLD / 2))


@pytest.mark.parametrize("lat", [0.0, 33.0, 52.0, 70.0])
def test_the_size_of_a_ground_cell_agrees_with_the_geodesic(lat):
    x, y = ground.to_grid(np.array([117.0]), np.array([lat]))
    width, height = ground.cell_size(y)
    lon, lats = ground.to_lonlat(x + np.array([0, 1, 0]), y - np.array([0, 0, 1]))
    _, _, east = GEOD.inv(lon[0], lats[0], lon[1], lats[1])
    _, _, north = GEOD.inv(lon[0], lats[0], lon[2], lats[2])
    assert (width[0], height[0]) == pytest.approx((east, north), rel=1e-5)


def test_at_lilou_a_ground_cell_is_eight_metres_wide():
    _, y = ground.to_grid(np.array([117.4535]), np.array([32.892]))
    width, height = ground.cell_size(y)
    assert (round(float(width[0]), 1), round(float(height[0]), 1)) == (8.0, 8.0)


def test_cells_of_a_tile_are_numbered_row_by_row_and_tiles_go_round_the_world():
    column, row = np.array([128, 129, 128, ground.WORLD]), np.array([64, 64, 65, 0])
    cell = ground.ground_cell(column, row)
    assert (cell & (ground.CELLS - 1)).tolist() == [0, 1, 64, 0]
    x, y = ground.tile_xy(cell >> 12)
    assert (x.tolist(), y.tolist()) == ([2, 2, 2, 0], [1, 1, 1, 0])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**44 - 1)), max_size=40))
def test_packing_keeps_every_cell_once(pairs):
    group = np.array([g for g, _ in pairs], np.int64)
    cell = np.array([c for _, c in pairs], np.int64)
    tiles = ground.pack(group, cell)
    row, got = tiles.cells()
    assert sorted(zip(tiles.group[row].tolist(), got.tolist(), strict=True)) == sorted(set(pairs))
    assert (tiles.count > 0).all()


def test_a_bitmap_comes_back_from_the_database_as_it_went():
    tiles = ground.pack(np.array([5, 5]), np.array([3 << 12 | 7, 3 << 12 | 4095]))
    (value,) = ground.as_bit_values(tiles.bits)
    back = ground.Tiles.of_rows([(5, 3, 0, value)])
    assert np.array_equal(back.bits, tiles.bits)
    assert np.flatnonzero(ground.ones(value)).tolist() == [7, 4095]
    assert ground.Tiles.of_rows([]).bits.shape == (0, 512)


def test_ranges_count_up_within_each():
    which, offset = ground.ranges(np.array([3, 0, 2]))
    assert which.tolist() == [0, 0, 0, 2, 2]
    assert offset.tolist() == [0, 1, 2, 0, 1]
