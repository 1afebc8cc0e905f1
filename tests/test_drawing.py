"""Ground as a screen needs it: few vertices, neighbours still fitting, each border once."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, box

from gis.hierarchy import Level
from maps.drawing import (
    GRID,
    MOST_VERTICES,
    OUTSIDE,
    borders,
    rounded,
    simplified,
    smoothed,
    steps,
    thinned,
)
from tests import mapped


def test_each_border_is_drawn_once_at_the_highest_level_that_it_divides():
    units = [mapped.shape(code).geom for code in ("w1", "w2", "e1")]
    levels = (Level.TOWNSHIP, Level.VILLAGE, Level.UNIT)
    paths = [
        dict(zip(levels, path, strict=True))
        for path in (("t", "w", "w1"), ("t", "w", "w2"), ("t", "e", "e1"))
    ]
    found = borders(units, paths)
    inner = {b.sides: b.level for b in found if OUTSIDE not in b.sides}
    assert inner == {(0, 1): Level.UNIT, (1, 2): Level.VILLAGE}
    assert {b.level for b in found if OUTSIDE in b.sides} == {Level.TOWNSHIP}
    # Two inner sides, and the outline of three squares in a row.
    length = sum(b.geom.length for b in found)
    assert length == pytest.approx((2 + 8) * mapped.SIDE)


@given(st.lists(st.integers(1, 999), min_size=1, max_size=8, unique=True))
def test_borders_drawn_once_are_the_union_of_the_outlines(cuts):
    edges = [0, *sorted(cuts), 1000]
    strips = [box(a / 1000, 0, b / 1000, 1) for a, b in pairwise(edges)]
    paths = [{Level.UNIT: str(i)} for i in range(len(strips))]
    drawn = shapely.union_all([b.geom for b in borders(strips, paths)])
    assert drawn.length == pytest.approx(
        shapely.union_all([strip.boundary for strip in strips]).length
    )


def test_simplified_neighbours_still_share_their_border():
    t = np.linspace(0, 1, 20_001)
    wave = np.column_stack([0.5 + 0.01 * np.sin(40 * np.pi * t), t])
    left = shapely.polygons([(0, 0), *wave, (0, 1)])
    right = shapely.polygons([(1, 0), *wave, (1, 1)])
    fewer, tolerance = simplified([left, right])
    assert shapely.get_num_coordinates(fewer).sum() <= MOST_VERTICES
    assert shapely.coverage_is_valid(fewer)
    assert shapely.area(fewer).sum() == pytest.approx(1)
    assert shapely.hausdorff_distance(fewer[0], left) < 20 * tolerance


def test_nothing_simplified_is_nothing():
    assert simplified([]) == ([], 0.0)


def test_shown_coordinates_have_six_decimals():
    shown = rounded(Point(117.123456789, 32.000000049))["coordinates"]
    assert shown == (117.123457, 32.0)
    assert [round(part * GRID) / GRID for part in shown] == list(shown)


def test_lines_are_thinned_to_the_limit_and_houses_too_many_are_not_drawn():
    zigzag = LineString([(i * 1e-5, (i % 2) * 1e-6) for i in range(5_000)])
    assert shapely.get_num_coordinates(thinned([zigzag], 1e-6, most=100)) <= 100
    houses = [box(i, 0, i + 0.5, 0.5) for i in range(100)]
    assert thinned(houses, 1e-6, most=1_000).area == pytest.approx(25)
    assert thinned(houses, 1e-6, most=100) == MultiPolygon()


def flat(coded):
    return [n for part in coded for n in (flat(part) if isinstance(part, list) else [part])]


@given(st.lists(st.tuples(st.floats(117, 118), st.floats(32, 33)), min_size=2, max_size=30))
def test_steps_lead_to_the_same_points_on_the_grid(points):
    ((coded,),) = steps([LineString(points)])
    at = np.cumsum(np.array(coded).reshape(-1, 2), axis=0)
    there = np.round(np.array(points) * GRID).astype(int)
    kept = np.append(True, (there[1:] != there[:-1]).any(axis=1))
    assert at.tolist() == there[kept].tolist()


def test_steps_of_polygons_are_nested_by_ring_and_not_closed():
    square = box(0, 0, 4, 4).difference(box(1, 1, 2, 2))
    (coded,) = steps([MultiPolygon([square, box(9, 0, 10, 1)])], 1)
    assert [len(rings) for rings in coded] == [2, 1]
    assert [len(ring) for rings in coded for ring in rings] == [8, 8, 8]
    at = np.cumsum(np.array(flat(coded)).reshape(-1, 2), axis=0).tolist()
    assert {tuple(p) for p in at[:4]} == {(0, 0), (0, 4), (4, 4), (4, 0)}
    assert {tuple(p) for p in at[4:8]} == {(1, 1), (1, 2), (2, 2), (2, 1)}
    assert {tuple(p) for p in at[8:]} == {(9, 0), (9, 1), (10, 1), (10, 0)}
    assert steps([MultiPolygon()]) == [[]]
    assert steps([]) == []


def test_steps_of_several_shapes_each_begin_anew():
    shapes = [box(5, 5, 6, 6), LineString([(7, 7), (8, 8)]), box(5, 5, 6, 6)]
    first, line, third = steps(shapes, 1)
    assert first == third
    assert line == [[7, 7, 1, 1]]


def test_patches_lose_the_steps_of_their_edges_and_what_is_too_small():
    stair = shapely.union_all([box(i, i, i + 30, i + 30) for i in range(50)])
    hole = box(20, 20, 20.5, 20.5)
    smooth = smoothed([stair.difference(hole), box(100, 0, 100.2, 0.2)], 1)
    assert len(smooth.geoms) == 1
    assert shapely.get_num_coordinates(smooth) < 12
    assert smooth.area == pytest.approx(stair.area, rel=0.05)
    assert smoothed([box(0, 0, 0.1, 0.1)], 1) == MultiPolygon()
