"""A corner moves in every cell that has it, exactly, or nothing moves at all."""

import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from gis.cells.fields import cells_in
from gis.cells.lattice import UNITS, doubled_area, is_on_lattice, union, whole
from gis.cells.model import MADE, Draft
from gis.cells.reading import read
from gis.cells.redraw import Star, corner_of, degrees_of, moved, steps
from gis.errors import InvalidGeometry, NotRedrawn
from gis.hierarchy import Level
from tests.tilings import STEP, corners_of, flaw, put, tiling

TOWNSHIP = Path(__file__).parents[1] / "data" / "boundaries" / "township"


def square(code, west, south, side=100, *, level=Level.AREA, parent="T"):
    """A square cell whose numbers are lattice units east and north of (1°, 1°)."""
    ring = box(west, south, west + side, south + side).exterior.coords
    shape = Polygon([degrees_of((10**8 + int(x), 10**8 + int(y))) for x, y in ring])
    return Draft(code, code, level, parent, "", whole(shape), "")


def at(x, y):
    return 10**8 + x, 10**8 + y


def by_code(*cells):
    return {cell.code: cell for cell in cells}


def whole_of(*cells):
    ground = union([cell.geom for cell in cells])
    return by_code(*cells, Draft("T", "T", Level.TOWNSHIP, None, "", ground, MADE))


def four():
    """Four squares of 100 units around (100, 100), and the whole."""
    return whole_of(
        square("A", 0, 0), square("B", 100, 0), square("C", 0, 100), square("D", 100, 100)
    )


def why(cells, here, to):
    """Return the word and the place of a refusal."""
    with pytest.raises(NotRedrawn) as error:
        moved(Star(here, cells), to)
    assert str(error.value.reason)
    lon, lat = error.value.at
    return error.value.why, (round(lon * UNITS) - 10**8, round(lat * UNITS) - 10**8)


# By hand


def test_a_corner_of_four_cells_moves_in_all_four_and_in_nothing_else():
    changed = moved(Star(at(100, 100), four()), at(120, 90))
    assert [cell.code for cell in changed] == ["A", "B", "C", "D"]
    # Each square of 100 × 100 gains or loses two triangles, of legs 100 and 20, 100 and -10.
    assert [doubled_area(cell.geom) - 20_000 for cell in changed] == [1000, -3000, 3000, -1000]
    assert all(is_on_lattice(cell.geom) for cell in changed)
    a = shapely.get_coordinates(changed[0].geom) * UNITS - 10**8
    assert np.rint(a).astype(int).tolist() == [[100, 0], [120, 90], [0, 100], [0, 0], [100, 0]]


def test_a_corner_that_begins_a_ring_keeps_it_closed():
    cells = four()
    first = tuple(np.rint(shapely.get_coordinates(cells["C"].geom)[0] * UNITS).astype(int).tolist())
    assert first == at(100, 100)
    (c,) = (cell for cell in moved(Star(first, cells), at(101, 101)) if cell.code == "C")
    ring = c.geom.geoms[0].exterior
    assert ring.coords[0] == ring.coords[-1] == degrees_of(at(101, 101))


def test_steps_are_walked_there_by_one_cell_and_back_by_its_neighbour():
    cells = four()
    assert steps(cells["A"].geom, at(100, 100)) == {at(100, 0): -1, at(0, 100): 1}
    assert steps(cells["C"].geom, at(100, 100)) == {at(0, 100): -1, at(100, 200): 1}
    assert steps(cells["T"].geom, at(100, 100)) == {}


def test_a_corner_of_villages_and_areas_moves_at_every_level_that_has_it():
    cells = tiling()
    shared = corners_of(cells)
    kinds = {frozenset(codes): corner for corner, codes in shared.items()}
    inside = kinds[frozenset({"U00", "U01", "U10", "U11"})]
    villages = kinds[frozenset({"U01", "U02", "U11", "U12", "V00", "V01"})]
    areas = kinds[frozenset({"U11", "U12", "U21", "U22", "V00", "V01", "V10", "V11", "A0", "A1"})]
    for corner in (inside, villages, areas):
        x, y = corner
        changed = moved(Star(corner, cells), (x + 5000, y - 3000))
        assert {cell.code for cell in changed} == shared[corner]


def test_an_island_in_a_cell_moves_with_the_hole_around_it():
    outer, island = square("A", 0, 0, 1000), square("B", 300, 300, 100)
    ring = MultiPolygon([outer.geom.geoms[0].difference(island.geom)])
    cells = whole_of(replace(outer, geom=whole(ring)), island)
    changed = moved(Star(at(300, 300), cells), at(250, 250))
    assert [cell.code for cell in changed] == ["A", "B"]
    assert sum(doubled_area(cell.geom) for cell in changed) == 2 * 1000**2
    assert not flaw({**cells, **by_code(*changed)}, cells)


def test_two_townships_without_a_district_share_a_border_that_moves():
    one = square("S", 0, 0, level=Level.TOWNSHIP, parent=None)
    ring = [at(100, 0), at(300, 0), at(300, 300), at(0, 300), at(0, 100), at(100, 100)]
    rest = whole(Polygon([degrees_of(corner) for corner in ring]))
    cells = by_code(one, replace(one, code="T", name="T", geom=rest))
    assert [c.code for c in moved(Star(at(100, 100), cells), at(120, 120))] == ["S", "T"]
    assert why(cells, at(100, 0), at(110, 0)) == ("on_frame", (100, 0))


# What is refused


def test_the_frame_does_not_move():
    cells = four()
    for corner in (at(0, 0), at(100, 0), at(0, 100), at(200, 200)):
        assert why(cells, corner, at(101, 101))[0] == "on_frame"


def test_the_border_of_ground_in_no_cell_does_not_move():
    cells = whole_of(*(cell for code, cell in four().items() if code in "ABC"))
    assert why(cells, at(100, 100), at(110, 110)) == ("on_frame", (100, 100))


def test_a_place_without_a_corner_is_refused():
    assert why(four(), at(50, 50), at(60, 60)) == ("no_corner", (50, 50))
    assert why(four(), at(100, 50), at(110, 50)) == ("no_corner", (100, 50))
    assert why({}, at(100, 50), at(110, 50))[0] == "no_corner"


def test_a_corner_in_the_middle_of_anothers_straight_border_is_refused():
    a, b = square("A", 0, 0), square("B", 0, 100)
    right = square("C", 100, 0, 200)
    wide = Polygon([degrees_of(at(*p)) for p in [(100, 0), (300, 0), (300, 200), (100, 200)]])
    cells = whole_of(a, b, replace(right, geom=whole(wide)))
    word, place = why(cells, at(100, 100), at(110, 100))
    assert (word, place) == ("not_matched", (100, 100))
    # The other end of the unmatched step: A ends at (100, 100), C goes on to (100, 200).
    assert why(cells, at(100, 0), at(110, 0))[0] in ("not_matched", "on_frame")


def test_a_corner_that_only_nearly_lies_on_anothers_border_is_refused():
    a = square("A", 0, 0)
    ring = [(0, 100), (100, 100), (100, 201), (0, 201)]
    b = replace(a, code="B", name="B", geom=whole(Polygon([degrees_of(at(*p)) for p in ring])))
    ring = [(101, 0), (300, 0), (300, 201), (101, 201)]
    c = replace(a, code="C", name="C", geom=whole(Polygon([degrees_of(at(*p)) for p in ring])))
    assert why(whole_of(a, b, c), at(100, 100), at(90, 100))[0] == "not_matched"


def test_a_parent_that_is_not_the_union_of_its_cells_there_is_refused():
    cells = tiling()
    (corner,) = (c for c, codes in corners_of(cells).items() if "A0" in codes and len(codes) == 10)
    x, y = corner
    crooked = put({"A0": cells["A0"]}, corner, (x + 10, y))
    with pytest.raises(NotRedrawn) as error:
        moved(Star(corner, {**cells, **crooked}), (x + 20, y))
    assert error.value.why == "not_matched"


def test_a_corner_stays_in_the_cells_that_meet_there():
    assert why(four(), at(100, 100), at(205, 100)) == ("too_far", (205, 100))
    assert why(four(), at(100, 100), at(10**9, -(10**8)))[0] == "too_far"


def test_a_corner_does_not_go_where_it_is_or_where_another_is():
    assert why(four(), at(100, 100), at(100, 100))[0] == "unmoved"
    assert why(four(), at(100, 100), at(100, 200)) == ("taken", (100, 200))
    assert why(four(), at(100, 100), at(0, 0))[0] == "taken"


def test_borders_neither_cross_nor_touch():
    for to in (at(150, 200), at(200, 150), at(50, 0)):  # on the frame, between its corners
        assert why(four(), at(100, 100), to)[0] == "crosses"


def test_a_border_that_would_cross_itself_is_refused_with_the_place():
    ring = [(0, 0), (100, 0), (100, 40), (50, 40), (50, 60), (100, 60), (100, 100), (0, 100)]
    a = whole(Polygon([degrees_of(at(*p)) for p in ring]))
    ring = [(100, 0), (200, 0), (200, 100), (100, 100), (100, 60), (50, 60), (50, 40), (100, 40)]
    b = whole(Polygon([degrees_of(at(*p)) for p in ring]))
    one = square("A", 0, 0)
    cells = whole_of(replace(one, geom=a), replace(one, code="B", name="B", geom=b))
    word, (x, y) = why(cells, at(50, 40), at(60, 70))  # over the step from (50, 60) to (100, 60)
    assert word == "crosses"
    assert 50 <= x <= 100
    assert 55 <= y <= 65


def test_a_cell_does_not_turn_over_and_does_not_vanish():
    # B is a triangle between A and C; its tip at (50, 100) may not pass its base.
    a = whole(Polygon([degrees_of(at(*p)) for p in [(0, 0), (50, 100), (0, 300)]]))
    b = whole(Polygon([degrees_of(at(*p)) for p in [(0, 0), (100, 0), (50, 100)]]))
    c = whole(Polygon([degrees_of(at(*p)) for p in [(100, 0), (100, 300), (0, 300), (50, 100)]]))
    one = square("A", 0, 0)
    cells = whole_of(
        replace(one, geom=a),
        replace(one, code="B", name="B", geom=b),
        replace(one, code="C", name="C", geom=c),
    )
    assert why(cells, at(50, 100), at(50, -20))[0] == "too_far"
    assert why(cells, at(50, 100), at(50, 0))[0] == "crosses"
    assert len(moved(Star(at(50, 100), cells), at(50, 1))) == 3


@pytest.mark.parametrize(
    "place",
    [(math.nan, 32.0), (117.0, math.inf), (1e300, 0.0), (181, 0), (0, -91), (0.0, 0.0), (1e-12, 0)],
)
def test_what_is_no_place_is_refused(place):
    with pytest.raises(InvalidGeometry):
        corner_of(*place)


def test_a_place_is_rounded_to_the_lattice_and_comes_back_to_the_last_bit():
    assert corner_of(117.4512345649, 32.8999999951) == (11_745_123_456, 3_290_000_000)
    assert degrees_of((11_745_123_456, 3_290_000_000)) == (117.45123456, 32.9)


# Any tiling, any move

TILINGS = {(seed, levels): tiling(seed, levels=levels) for seed in range(4) for levels in (2, 3, 4)}


@cache
def corners(seed, levels):
    return corners_of(TILINGS[seed, levels])


moves = st.integers(-STEP, STEP) | st.integers(-20, 20) | st.integers(-6 * STEP, 6 * STEP)


@given(st.data(), st.sampled_from(sorted(TILINGS)), moves, moves)
def test_a_move_is_made_exactly_if_it_leaves_a_tiling_and_not_at_all_otherwise(data, key, dx, dy):
    cells = TILINGS[key]
    corner = data.draw(st.sampled_from(list(corners(*key))))
    to = corner[0] + dx, corner[1] + dy
    blindly = put(cells, corner, to)
    before = {code: cell.geom.wkb for code, cell in cells.items()}
    try:
        changed = by_code(*moved(Star(corner, cells), to))
    except NotRedrawn as error:
        assert {code: cell.geom.wkb for code, cell in cells.items()} == before
        if to != corner and error.why != "taken":
            assert flaw(blindly, cells)
        return
    after = {**cells, **changed}
    assert flaw(after, cells) is None
    assert set(changed) == corners(*key)[corner]
    assert {code: cell.geom.wkb for code, cell in after.items()} == {
        code: cell.geom.wkb for code, cell in blindly.items()
    }
    back = by_code(*moved(Star(to, after), corner))
    assert {code: cell.geom.wkb for code, cell in {**after, **back}.items()} == before


@given(st.data(), st.integers(0, 3))
def test_many_moves_one_after_the_other_leave_a_tiling(data, seed):
    cells = TILINGS[seed, 4]
    done = []
    for _ in range(12):
        corner = data.draw(st.sampled_from(list(corners_of(cells))))
        to = tuple(c + data.draw(st.integers(-STEP // 3, STEP // 3)) for c in corner)
        try:
            cells = {**cells, **by_code(*moved(Star(corner, cells), to))}
        except NotRedrawn:
            continue
        done.append((corner, to))
    assert flaw(cells, TILINGS[seed, 4]) is None
    for corner, to in reversed(done):
        cells = {**cells, **by_code(*moved(Star(to, cells), corner))}
    assert all(cells[c].geom.wkb == cell.geom.wkb for c, cell in TILINGS[seed, 4].items())


@cache
def township():
    files = {"areas": Level.AREA, "villages": Level.VILLAGE, "units": Level.UNIT}
    (whole_one,), _ = cells_in(read(TOWNSHIP / "township.geojson"))
    cells = by_code(Draft(whole_one.code, "", Level.TOWNSHIP, None, "", whole_one.geom, ""))
    for name, level in files.items():
        found, problems = cells_in(read(TOWNSHIP / f"{name}.geojson"), parent_field="parent")
        assert not problems
        cells |= by_code(*(Draft(f.code, f.name, level, f.parent, "", f.geom, "") for f in found))
    assert flaw(cells, cells) is None
    return cells


@cache
def township_corners():
    return corners_of(township())


@given(st.data(), st.integers(-30_000, 30_000), st.integers(-30_000, 30_000))
def test_the_corners_of_the_example_township_move_exactly(data, dx, dy):
    cells = township()
    corner = data.draw(st.sampled_from(list(township_corners())))
    to = corner[0] + dx, corner[1] + dy
    try:
        changed = by_code(*moved(Star(corner, cells), to))
    except NotRedrawn as error:
        if to != corner and error.why != "taken":
            assert flaw(put(cells, corner, to), cells)
        return
    after = {**cells, **changed}
    assert flaw(after, cells) is None
    assert set(changed) == township_corners()[corner]
    back = by_code(*moved(Star(to, after), corner))
    assert all(cell.geom.wkb == cells[code].geom.wkb for code, cell in back.items())
