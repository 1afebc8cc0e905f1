import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from gis.cells.defects import gaps, overlaps, pieces
from gis.cells.lattice import doubled_area, is_on_lattice, is_tiling, same, snapped, union
from gis.cells.metres import degree_m
from gis.cells.repair import GAP_WIDTH_M, repaired
from gis.errors import InvalidGeometry

EAST, NORTH = degree_m(32.895)


def cell(west, south, east, north):
    return snapped(box(west, south, east, north))


A = cell(117.45, 32.89, 117.46, 32.90)


def test_a_tiling_is_left_alone():
    cells = {"A": A, "B": cell(117.46, 32.89, 117.47, 32.90)}
    found, moved = repaired(cells)
    assert moved == []
    assert all(same(found[code], cells[code]) for code in cells)
    assert repaired({}) == ({}, [])


def test_an_overlap_goes_to_one_of_the_two_and_is_told():
    cells = {"A": A, "B": cell(117.4599, 32.89, 117.47, 32.90)}
    found, [move] = repaired(cells)
    assert overlaps(found) == []
    assert is_tiling(list(found.values()))
    size = 0.0001 * EAST * 0.01 * NORTH
    assert move.lost_m2 == pytest.approx(size, rel=1e-3)
    assert move.gained_m2 == 0
    assert move.width_m == pytest.approx(0.0001 * EAST, rel=1e-2)
    assert 117.4599 < move.place.x < 117.46


def around(width_m):
    """Four cells about a gap that is so many metres wide, and 100 m long."""
    w, s = 117.46, 32.90
    e, n = w + width_m / EAST, s + 100 / NORTH
    return {
        "W": cell(w - 0.01, s, w, n),
        "E": cell(e, s, e + 0.01, n),
        "N": cell(w - 0.01, n, e + 0.01, n + 0.01),
        "S": cell(w - 0.01, s - 0.01, e + 0.01, s),
    }


def test_a_gap_of_15_m_is_filled_whole_into_one_neighbour():
    assert GAP_WIDTH_M == 20
    cells = around(15)
    found, moves = repaired(cells)
    assert gaps(found) == []
    [gaining] = [move for move in moves if move.gained_m2 > 1]
    assert gaining.gained_m2 == pytest.approx(1500, rel=1e-2)
    assert gaining.cell in ("E", "W")  # they share 100 m of border with it, the others 15 m


def test_a_gap_of_25_m_may_be_a_lake_and_is_left():
    found, _ = repaired(around(25))
    [lake] = gaps(found)
    assert lake.area_m2 == pytest.approx(2500, rel=1e-2)
    assert is_tiling(list(found.values()))


def test_a_cell_that_would_vanish_is_not_repaired_away():
    with pytest.raises(InvalidGeometry, match="Nothing would be left of cell B"):
        repaired({"A": A, "B": cell(117.452, 32.892, 117.453, 32.893)})


@st.composite
def crooked(draw):
    """Nine squares of about 1 km whose corners each cell puts up to 5 m elsewhere."""
    off = st.floats(-5, 5)
    cells = {}
    for i in range(3):
        for j in range(3):
            square = box(117.45 + i * 0.01, 32.89 + j * 0.01, 117.46 + i * 0.01, 32.90 + j * 0.01)
            shifts = np.array([[draw(off) / EAST, draw(off) / NORTH] for _ in range(4)])
            ring = shapely.get_coordinates(square)[:-1] + shifts
            cells[f"{i}{j}"] = snapped(shapely.Polygon(ring))
    return cells


@given(crooked())
@settings(max_examples=40, deadline=None)
def test_a_repair_leaves_a_tiling_on_the_lattice_and_moves_little(cells):
    found, moved = repaired(cells)
    shapes = list(found.values())
    assert found.keys() == cells.keys()
    assert is_tiling(shapes)
    assert all(map(is_on_lattice, shapes))
    assert doubled_area(union(shapes)) == sum(map(doubled_area, shapes))
    assert all(gap.width_m > GAP_WIDTH_M * 0.99 for gap in gaps(found))
    told = {move.cell for move in moved}
    for code in cells.keys() - told:  # moved by less than a step of the lattice
        assert pieces(found[code], cells[code]) == pieces(cells[code], found[code]) == []
    assert all(move.width_m < 15 for move in moved)
