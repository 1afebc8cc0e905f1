"""Which cells a report touches, itself and with its accuracy; and which of them claim it twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, box
from shapely.ops import nearest_points

from gis.cells.metres import GEOD
from gis.cells.model import CellShape
from gis.hierarchy import Cell, Level, Tree
from gis.issues.routing import Spot
from gis.issues.spots import spots

# A township of two villages of a hundredth of a degree; the west one has two units, which
# leave its northern half to nobody; the east one has none.
GROUND = {
    "T": (Level.TOWNSHIP, None, box(0, 0, 0.02, 0.01)),
    "A": (Level.AREA, "T", box(0, 0, 0.02, 0.01)),
    "W": (Level.VILLAGE, "A", box(0, 0, 0.01, 0.01)),
    "E": (Level.VILLAGE, "A", box(0.01, 0, 0.02, 0.01)),
    "W1": (Level.UNIT, "W", box(0, 0, 0.005, 0.005)),
    "W2": (Level.UNIT, "W", box(0.005, 0, 0.01, 0.005)),
}
METRE = 1 / 111_319.49
"""Degrees of longitude at the equator."""


def town(**other):
    ground = GROUND | other
    tree = Tree.of(Cell(code, level, parent) for code, (level, parent, _) in ground.items())
    shapes = [
        CellShape(n, code, code, level, parent, "", MultiPolygon([geom]), 1.0)
        for n, (code, (level, parent, geom)) in enumerate(ground.items())
    ]
    return tree, shapes


def spot(geometry, accuracy=np.nan, **other):
    (found,) = spots(*town(**other), [geometry], accuracy=[accuracy])
    return found


def middle(code):
    return GROUND[code][2].centroid


@pytest.mark.parametrize(
    "point, on",
    [
        (middle("W1"), ("W1",)),
        (Point(0.005, 0.002), ("W1", "W2")),  # on their border
        (middle("E"), ("E",)),  # a village that is not divided
        (Point(0.002, 0.007), ("W",)),  # in a hole between the units
        (Point(0.002, 0.005), ("W1",)),  # at the edge of that hole
        (Point(0.01, 0.007), ("E", "W")),
        (Point(0.01, 0.002), ("E", "W2")),
        (Point(0.02, 0.002), ("E",)),  # at the edge of the township
        (Point(0.021, 0.002), ()),
    ],
)
def test_only_the_lowest_cells_count(point, on):
    assert spot(point) == Spot(on, on)


@pytest.mark.parametrize(
    "metres, accuracy, reach",
    [
        (10, 10.1, ("W1", "W2")),
        (10, 9.9, ("W2",)),
        (10, 0, ("W2",)),
        (10, np.nan, ("W2",)),
    ],
)
def test_the_disc_is_of_its_radius_in_metres(metres, accuracy, reach):
    found = spot(Point(0.005 + metres * METRE, 0.002), accuracy)
    assert found == Spot(("W2",), reach)


def test_a_disc_around_a_hole_reaches_what_is_around_and_keeps_the_hole():
    found = spot(Point(0.002, 0.005 + METRE), 5)
    assert found == Spot(("W",), ("W", "W1"))


def test_outside_all_cells_the_disc_tells_who_is_near():
    assert spot(Point(-METRE, 0.002), 5) == Spot((), ("W1",))


def test_ground_that_two_units_claim_is_told_from_a_common_border():
    wide = Level.UNIT, "W", box(0, 0, 0.006, 0.005)
    assert spot(Point(0.0055, 0.002), W1=wide) == Spot(("W1", "W2"), ("W1", "W2"), overlap=True)
    for border in (Point(0.005, 0.002), Point(0.006, 0.002)):
        assert not spot(border, W1=wide).overlap


def test_lines_and_areas_touch_what_they_cross_and_are_claimed_only_where_cells_overlap():
    line = LineString([(0.002, 0.002), (0.008, 0.002)])
    both = ("W1", "W2")
    assert spot(line) == Spot(both, both)
    assert spot(box(0.002, 0.002, 0.008, 0.003)) == Spot(both, both)
    wide = Level.UNIT, "W", box(0, 0, 0.006, 0.005)
    assert spot(line, W1=wide).overlap
    assert not spot(LineString([(0.001, 0.001), (0.004, 0.001)]), W1=wide).overlap


def test_nothing_among_nothing():
    assert spots(Tree.of([]), [], [Point(0, 0)], accuracy=[5]) == [Spot()]
    assert spots(*town(), [], accuracy=[]) == []


def test_many_are_found_as_one_by_one():
    points = [middle("W1"), middle("W2"), Point(1, 1), middle("E")]
    accuracy = [5, np.nan, 5, 5000]
    together = spots(*town(), points, accuracy=accuracy)
    assert together == [spot(p, a) for p, a in zip(points, accuracy, strict=True)]


ANYWHERE = st.builds(Point, st.floats(-0.005, 0.025), st.floats(-0.005, 0.015))


@given(ANYWHERE, st.floats(1, 500))
def test_a_cell_is_reached_where_the_ellipsoid_says_that_it_is_near(point, accuracy):
    """Within a part in a thousand, for the plane is one for the whole town."""
    reach = spot(point, accuracy).reach
    for code in ("W1", "W2", "E"):
        nearest = nearest_points(point, GROUND[code][2])[1]
        _, _, metres = GEOD.inv(point.x, point.y, nearest.x, nearest.y)
        if metres < accuracy * 0.999:
            assert code in reach
        if metres > accuracy * 1.001:
            assert code not in reach
