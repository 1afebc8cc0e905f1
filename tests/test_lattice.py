import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, affinity, box

from gis.cells.edges import matched
from gis.cells.lattice import (
    doubled_area,
    is_on_lattice,
    is_tiling,
    same,
    snapped,
    to_degrees,
    union,
)
from gis.cells.metres import Plane, area_m2, degree_m
from gis.errors import InvalidGeometry


def units(*rings):
    """A polygon given in lattice units from 117.45 E, 32.89 N."""
    outer, *holes = [[(11745000000 + x, 3289000000 + y) for x, y in ring] for ring in rings]
    return to_degrees(Polygon(outer, holes))


def square(x, y, size):
    return units([(x, y), (x + size, y), (x + size, y + size), (x, y + size)])


@st.composite
def tilings(draw):
    """A square of about 9 km cut into Voronoi cells, on the lattice."""
    at = st.tuples(st.floats(117.41, 117.49), st.floats(32.81, 32.89))
    points = draw(st.lists(at, min_size=3, max_size=12, unique_by=lambda p: (round(p[0], 3), p[1])))
    frame = box(117.4, 32.8, 117.5, 32.9)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=frame)
    )
    pieces = [cell.intersection(frame) for cell in cells]
    return matched([snapped(piece) for piece in pieces])[0]


@st.composite
def rows_of_bricks(draw):
    """Rows of about 1 km, cut at other places than the rows beside, and turned: corners in
    the middle of straight borders, off the lattice."""
    turn = draw(st.floats(0, 90))
    bricks = []
    for row in range(3):
        cuts = draw(st.lists(st.floats(0.05, 2.95), max_size=4, unique_by=lambda c: round(c, 3)))
        edges = [0.0, *sorted(cuts), 3.0]
        bricks += [box(a, row, b, row + 1) for a, b in pairwise(edges)]
    turned = [affinity.rotate(brick, turn, origin=(0, 0)) for brick in bricks]
    return [affinity.affine_transform(b, [0.01, 0, 0, 0.01, 117.45, 32.89]) for b in turned]


def test_snapping_divides_the_integer_because_multiplying_it_misses():
    assert 11745000006 / 1e8 == 117.45000006
    assert 11745000006 * 1e-8 != 117.45000006
    found = snapped(Polygon([(117.4500000649, 32.9), (117.46, 32.9), (117.46, 32.91)]))
    assert shapely.get_coordinates(found)[:, 0].min() == 117.45000006
    assert is_on_lattice(found)


def test_snapping_drops_heights_and_repeated_corners_and_turns_outer_rings_anticlockwise():
    clockwise = [(0, 0, 5), (0, 1, 5), (0, 1 + 1e-10, 5), (1, 1, 5), (1, 0, 5)]
    found = snapped(Polygon(clockwise))
    assert isinstance(found, MultiPolygon)
    assert not found.has_z
    assert shapely.get_num_coordinates(found) == 5
    assert shapely.is_ccw(found.geoms[0].exterior)


def test_a_polygon_smaller_than_the_lattice_is_refused():
    with pytest.raises(InvalidGeometry, match="collapses"):
        snapped(Polygon([(0, 0), (1e-9, 0), (1e-9, 1e-9)]))


def test_a_border_that_rounding_makes_touch_itself_is_led_round():
    inlet = [(0, 0), (4, 0), (4, 4), (2.2, 4), (2.1, 1), (1.9, 1), (1.8, 4), (0, 4)]
    found = snapped(to_degrees(Polygon(inlet)))
    assert found.is_valid
    assert is_on_lattice(found)


def test_area_on_the_lattice_is_an_exact_integer():
    ring = [(0, 0), (300000000, 0), (300000000, 200000001), (0, 200000001)]
    hole = [(1, 1), (2, 1), (2, 2), (1, 2)]
    assert doubled_area(units(ring, hole)) == 2 * (300000000 * 200000001 - 1)


def test_a_shape_is_the_same_wherever_its_ring_begins():
    assert same(Polygon([(0, 0), (1, 0), (1, 1)]), Polygon([(1, 1), (1, 0), (0, 0)]))
    assert not same(Polygon([(0, 0), (1, 0), (1, 1)]), Polygon([(0, 0), (1, 0), (1, 1 + 1e-8)]))


def test_the_union_of_overlapping_cells_lies_on_the_lattice():
    one = snapped(units([(0, 0), (1000, 0), (0, 1001)]))
    other = snapped(units([(0, 0), (1001, 0), (997, 1000)]))
    found = union([one, other])
    assert is_on_lattice(found)
    assert doubled_area(found) < doubled_area(one) + doubled_area(other)


def test_a_corner_in_the_middle_of_a_neighbours_border_is_put_into_it():
    long = snapped(units([(0, 0), (1000, 3), (1000, -1000), (0, -1000)]))
    left = snapped(units([(0, 0), (500, 1), (500, 1000), (0, 1000)]))  # 1.5, rounded
    right = snapped(units([(500, 1), (1000, 3), (1000, 1000), (500, 1000)]))
    assert not is_tiling([long, left, right])
    found, added = matched([long, left, right])
    assert added == 1
    assert is_tiling(found)
    assert sum(map(doubled_area, found)) == doubled_area(union(found))


def test_cells_that_really_overlap_stay_as_they_are():
    cells = [snapped(square(0, 0, 1000)), snapped(square(900, 300, 1000))]
    found, added = matched(cells)
    assert added == 0
    assert all(same(a, b) for a, b in zip(found, cells, strict=True))


@given(tilings())
@settings(max_examples=60, deadline=None)
def test_a_snapped_tiling_stays_one_and_loses_no_ground(cells):
    assert all(map(is_on_lattice, cells))
    assert is_tiling(cells)
    ground = union(cells)
    assert doubled_area(ground) == sum(map(doubled_area, cells))
    assert is_on_lattice(ground)
    assert not any(part.interiors for part in ground.geoms)


@given(rows_of_bricks())
@settings(max_examples=60, deadline=None)
def test_corners_in_the_middle_of_borders_leave_no_slivers(bricks):
    cells, _ = matched([snapped(brick) for brick in bricks])
    assert is_tiling(cells)
    assert all(map(is_on_lattice, cells))
    assert doubled_area(union(cells)) == sum(map(doubled_area, cells))


@given(st.integers(-18_000_000_000, 18_000_000_000))
def test_every_lattice_value_comes_back_from_degrees(value):
    assert np.rint(value / 1e8 * 1e8) == value


@given(st.floats(-60, 60), st.floats(-179, 179))
def test_the_plane_in_metres_gives_the_lattice_back(lat, lon):
    shape = snapped(box(lon, lat, lon + 0.1, lat + 0.1))
    plane = Plane.around(shape)
    assert same(snapped(plane.degrees(plane.metres(shape))), shape)


def test_a_degree_has_its_length_on_the_ellipsoid():
    east, north = degree_m(0)
    assert east == pytest.approx(2 * math.pi * 6378137 / 360)
    assert north == pytest.approx(110574.3, abs=0.1)


def test_the_area_of_a_hundredth_of_a_degree_at_lilou():
    east, north = degree_m(32.895)
    found = area_m2(box(117.45, 32.89, 117.46, 32.90))
    assert found == pytest.approx(east * north / 1e4, rel=1e-6)
    assert area_m2(box(0, 0, 1, 1).reverse()) == area_m2(box(0, 0, 1, 1))
