"""Connected pieces of ground: their outlines are those of their ground cells, and valid."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.patrols import ground, regions

EAST, SOUTH = 3_463_040, 1_690_010
"""A ground cell of Lilou; the pictures lie across the corner of four tiles."""


def tiles(picture, *, groups=1):
    """Return a picture's ground, rows from the north; its columns fall to groups of their own."""
    row, column = np.nonzero(picture)
    group = column * groups // picture.shape[1]
    return ground.pack(group, ground.ground_cell(EAST + column, SOUTH + row))


def boxes(cells):
    """Return the union of some ground cells, one square each: slow, and independent."""
    x, y = ground.tile_xy(cells >> 12)
    bit = cells & (ground.CELLS - 1)
    x, y = x * ground.SIDE + bit % ground.SIDE, y * ground.SIDE + bit // ground.SIDE
    flat = shapely.union_all(shapely.box(x, y, x + 1, y + 1))
    return shapely.transform(flat, lambda at: np.column_stack(ground.to_lonlat(*at.T)))


def picture(text):
    return np.array([[letter == "#" for letter in line] for line in text.split()])


@given(
    st.integers(0, 2**32 - 1),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.sampled_from([0.3, 0.5, 0.6, 0.8, 0.95]),
    st.integers(1, 3),
)
def test_an_outline_is_the_union_of_its_ground_cells(seed, size, share, groups):
    drawn = np.random.default_rng(seed).random(size) < share
    found = regions.connected(tiles(drawn, groups=groups), min_area=0)
    assert sum(region.cells.size for region in found) == drawn.sum()
    for region in found:
        assert region.polygon.is_valid
        same = shapely.equals(shapely.normalize(region.polygon), boxes(region.cells))
        apart = shapely.symmetric_difference(region.polygon, boxes(region.cells)).area
        assert same or apart < 1e-6 * region.polygon.area
    areas = [region.area_m2 for region in found]
    assert areas == sorted(areas, reverse=True)


@pytest.mark.parametrize(
    ("text", "holes"),
    [
        ("### #.# ###", 1),
        ("##. #.# ###", 1),  # the hole touches the shell at a corner
        (".### #..# ##.# .###", 1),
        ("##### #.#.# ##.## #####", 3),  # the holes touch each other at corners
        ("#", 0),
    ],
)
def test_what_meets_itself_at_a_corner_is_a_hole_and_no_ring_crosses_itself(text, holes):
    (region,) = regions.connected(tiles(picture(text)), min_area=0)
    assert region.polygon.is_valid
    assert len(region.polygon.interiors) == holes


def test_an_outline_has_no_corner_on_its_straight_sides():
    (region,) = regions.connected(tiles(np.ones((30, 70), bool)), min_area=0)
    assert shapely.get_num_coordinates(region.polygon) == 5


def test_nothing_and_what_is_too_small_have_no_region():
    assert regions.connected(tiles(np.zeros((3, 3), bool)), min_area=0) == []
    assert regions.connected(tiles(np.ones((1, 1), bool)), min_area=100) == []
