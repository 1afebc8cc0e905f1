import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidTree
from gis.hierarchy import Cell, Level, Tree

T, A, B, V, W, X, U = (
    Cell("T", Level.TOWNSHIP, None),
    Cell("A", Level.AREA, "T"),
    Cell("B", Level.AREA, "T"),
    Cell("V", Level.VILLAGE, "A"),
    Cell("W", Level.VILLAGE, "A"),
    Cell("X", Level.VILLAGE, "B"),
    Cell("U", Level.UNIT, "V"),
)
TREE = Tree.of([U, X, W, V, B, A, T])


@pytest.mark.parametrize(
    "codes, common",
    [("U", "U"), ("UV", "V"), ("VW", "A"), ("UW", "A"), ("UX", "T"), ("AB", "T"), ("", None)],
)
def test_the_lowest_common_ancestor_is_the_lowest_cell_that_holds_all(codes, common):
    assert TREE.lowest_common_ancestor(codes) == common


def test_two_townships_without_a_district_have_nothing_in_common():
    tree = Tree.of([T, Cell("S", Level.TOWNSHIP, None)])
    assert tree.roots == ("S", "T")
    assert tree.lowest_common_ancestor("ST") is None


def test_below_and_above_and_at_a_level():
    assert TREE.children("A") == ("V", "W")
    assert TREE.children("U") == ()
    assert list(TREE.within("A")) == ["A", "V", "U", "W"]
    assert TREE.at_level(Level.VILLAGE) == ("V", "W", "X")
    assert TREE.leaves() == ("U", "W", "X")
    assert TREE.ancestor("U", Level.AREA) == "A"
    assert TREE.ancestor("A", Level.UNIT) is None


@given(st.sampled_from("TABVWXU"), st.sampled_from(Level))
def test_lifting_ends_at_the_level_asked_for_or_at_the_top(code, level):
    lifted = TREE.lift(code, level)
    assert lifted in TREE.path(code)
    assert TREE[lifted].level <= level or lifted == "T"


@pytest.mark.parametrize(
    "cells",
    [
        [T, T],
        [T, Cell("V", Level.VILLAGE, "T")],
        [Cell("A", Level.AREA, "T")],
        [Cell("A", Level.AREA, "A")],
    ],
)
def test_a_code_twice_or_a_parent_that_is_not_one_level_up_is_refused(cells):
    with pytest.raises(InvalidTree):
        Tree.of(cells)


def test_levels_are_named_as_on_the_command_line():
    assert [level.word for level in Level] == [
        "city",
        "district",
        "township",
        "area",
        "village",
        "unit",
    ]
    assert all(Level.named(level.word) is level for level in Level)
