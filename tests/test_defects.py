import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, box

from gis.cells.defects import difference, gaps, overlaps, unlisted, width_m
from gis.cells.lattice import is_tiling, snapped
from gis.cells.metres import degree_m

EAST, NORTH = degree_m(32.895)
"""Metres in a degree at Lilou: 93,522 and 110,904."""


def cell(west, south, east, north):
    return snapped(box(west, south, east, north))


A = cell(117.45, 32.89, 117.46, 32.90)
B = cell(117.46, 32.89, 117.47, 32.90)


def test_cells_that_share_a_border_have_no_defects():
    assert overlaps({"A": A, "B": B}) == []
    assert gaps({"A": A, "B": B}) == []
    assert overlaps({}) == []
    assert gaps({}) == []


def test_an_overlap_has_its_cells_its_size_its_width_and_a_place_in_it():
    wide = cell(117.4599, 32.89, 117.47, 32.90)  # 0.0001 degree into A
    [found] = overlaps({"B": wide, "A": A})
    assert found.kind == "overlap"
    assert found.cells == ("A", "B")
    assert found.area_m2 == pytest.approx(0.0001 * EAST * 0.01 * NORTH, rel=1e-4)
    assert found.width_m == pytest.approx(0.0001 * EAST, rel=1e-2)
    assert 117.4599 < found.place.x < 117.46


def test_three_cells_over_the_same_ground_are_three_overlaps():
    found = overlaps({"A": A, "B": A, "C": A})
    assert [defect.cells for defect in found] == [("A", "B"), ("A", "C"), ("B", "C")]


def test_overlaps_come_with_the_largest_first():
    found = overlaps(
        {
            "A": A,
            "B": cell(117.4599, 32.891, 117.47, 32.892),
            "C": cell(117.4598, 32.893, 117.47, 32.894),
        }
    )
    assert [defect.cells for defect in found] == [("A", "C"), ("A", "B")]


def test_a_hole_between_cells_is_a_gap_with_all_that_lie_around_it():
    ring = {
        "N": cell(0, 2, 3, 3),
        "S": cell(0, 0, 3, 1),
        "W": cell(0, 1, 1, 2),
        "E": cell(2, 1, 3, 2),
    }
    [found] = gaps(ring)
    assert found.cells == ("E", "N", "S", "W")
    assert found.geom.bounds == (1, 1, 2, 2)


def test_a_hole_in_one_cell_is_a_gap_of_that_cell():
    lake = snapped(box(0, 0, 3, 3) - box(1, 1, 2, 2))
    [found] = gaps({"A": lake})
    assert found.cells == ("A",)


def test_ground_that_is_open_to_the_outside_is_no_gap():
    assert gaps({"A": A, "far": cell(117.48, 32.89, 117.49, 32.90)}) == []


def test_parents_do_not_repeat_the_defects_of_their_children():
    lake = snapped(box(0, 0, 3, 3) - box(1, 1, 2, 2))
    below = gaps({"village": lake})
    assert unlisted(gaps({"area": lake}), below) == []
    assert unlisted(gaps({"area": lake}), []) == gaps({"area": lake})


def test_children_that_fill_their_parent_do_not_differ_from_it():
    found = difference(cell(117.45, 32.89, 117.47, 32.90), MultiPolygon([*A.geoms, *B.geoms]))
    assert found.pieces == ()
    assert found.is_tolerable


def test_a_difference_of_a_thousandth_of_the_area_is_too_much():
    parent = cell(117.45, 32.80, 117.55, 32.90)
    strip = 0.0001  # 11 m: of 0.1 degree, a thousandth
    inside = difference(parent, cell(117.45, 32.80, 117.55, 32.90 - strip * 0.99))
    assert inside.share == pytest.approx(0.00099, rel=1e-2)
    assert inside.is_tolerable
    assert not difference(parent, cell(117.45, 32.80, 117.55, 32.90 - strip * 1.01)).is_tolerable


def test_a_difference_that_reaches_more_than_20_m_is_too_much_however_small():
    parent = cell(117.45, 32.80, 117.55, 32.90)
    for metres, tolerable in ((19.5, True), (20.5, False)):
        tooth = box(117.55, 32.85, 117.55 + metres / EAST, 32.8501)
        found = difference(parent, snapped(parent | tooth))
        assert found.share < 0.0001
        assert found.is_tolerable is tolerable
        assert len(found.outside) == 1
        assert found.uncovered == ()


def test_children_that_fill_half_of_their_parent_still_lie_in_it():
    parent = cell(117.45, 32.89, 117.47, 32.90)
    assert difference(parent, A).is_only_uncovered
    assert not difference(A, parent).is_only_uncovered


def test_a_lake_of_30_m_in_the_children_reaches_15_m():
    parent = cell(117.45, 32.80, 117.55, 32.90)
    lake = box(117.5, 32.85, 117.5 + 30 / EAST, 32.85 + 30 / NORTH)
    found = difference(parent, snapped(parent - lake))
    assert found.is_tolerable
    assert found.area_m2 == pytest.approx(900, rel=1e-2)


def test_width_is_that_of_the_largest_circle():
    assert width_m(box(117.45, 32.895, 117.46, 32.895 + 5 / NORTH)) == pytest.approx(5, abs=0.05)


@given(st.integers(10, 900_000), st.integers(10, 900_000))
@settings(max_examples=50, deadline=None)
def test_two_cells_pushed_together_overlap_in_a_rectangle_of_that_size(dx, dy):
    other = snapped(box(117.46 - dx / 1e8, 32.90 - dy / 1e8, 117.48, 32.92))
    found = overlaps({"A": A, "B": other})
    size = dx / 1e8 * EAST * dy / 1e8 * NORTH
    assert found[0].area_m2 == pytest.approx(size, rel=1e-3, abs=1e-6)
    assert not is_tiling([A, other])
