"""The answers: figures that a reader can redo from the squares of `mapped`."""

import pytest

from gis.hierarchy import Cell, Level, Tree
from gis.messages import Message
from maps.picture import Amount
from maps.questions import card, pictures
from maps.style import COVERAGE, DENSITY, SINCE, state_of
from maps.view import MOST_DRAWN, Ask, scope_of
from tests import mapped
from tests.mapped import TREE, view


def numbers(values):
    return [value.value if isinstance(value, Amount) else value for value in values]


def legend(picture):
    return {line.fill: line.count for line in picture.legend}


def names(picture):
    return [row.name for row in picture.rows]


@pytest.mark.parametrize(
    "ramp, value, fill",
    [
        (COVERAGE, 0.0, "coverage-1"),
        (COVERAGE, 39.99, "coverage-1"),
        (COVERAGE, 40.0, "coverage-2"),
        (COVERAGE, 90.0, "coverage-5"),
        (COVERAGE, None, "nodata"),
        (SINCE, 0, "since-1"),
        (SINCE, 6, "since-4"),
        (SINCE, 7, "since-5"),
        (DENSITY, 1.9, "density-1"),
        (DENSITY, 11.0, "density-5"),
    ],
)
def test_a_class_begins_at_its_break_and_zero_is_not_no_data(ramp, value, fill):
    assert ramp.fill(value) == fill


def test_a_township_lists_its_villages_and_fills_their_units():
    scope = scope_of(TREE)
    assert (scope.place, scope.rows, scope.drawn) == ("t", Level.VILLAGE, Level.UNIT)
    assert list(scope.listed) == ["e", "w"]
    assert list(scope.filled) == ["e1", "e2", "w1", "w2"]


def test_a_level_asked_for_is_listed_if_it_is_below_the_place():
    assert list(scope_of(TREE, level=Level.UNIT).listed) == ["e1", "e2", "w1", "w2"]
    assert scope_of(TREE, cell="w", level=Level.VILLAGE).asked is None


def test_a_cell_that_nothing_is_below_is_shown_among_its_siblings():
    scope = scope_of(TREE, cell="w2")
    assert (scope.place, scope.selected, list(scope.listed)) == ("w", "w2", ["w1", "w2"])


def test_levels_of_one_cell_are_passed_over():
    chain = Tree.of(
        [
            Cell("t", Level.TOWNSHIP, None),
            Cell("a", Level.AREA, "t"),
            Cell("v", Level.VILLAGE, "a"),
            Cell("u1", Level.UNIT, "v"),
            Cell("u2", Level.UNIT, "v"),
        ]
    )
    assert scope_of(chain).rows is Level.UNIT


def test_a_village_without_units_is_listed_and_filled_among_units():
    tree = Tree.of(
        [
            Cell("t", Level.TOWNSHIP, None),
            Cell("a", Level.AREA, "t"),
            Cell("v", Level.VILLAGE, "a"),
            Cell("w", Level.VILLAGE, "a"),
            Cell("w1", Level.UNIT, "w"),
        ]
    )
    assert list(scope_of(tree).filled) == ["v", "w1"]


def test_too_many_cells_are_drawn_a_level_higher():
    units = [Cell(f"v{i}", Level.UNIT, "v") for i in range(MOST_DRAWN + 1)]
    tree = Tree.of([Cell("v", Level.VILLAGE, None), *units])
    assert scope_of(tree).drawn is Level.UNIT  # the rows are units, so they are drawn
    many = [
        Cell(f"v{i}-{j}", Level.UNIT, f"v{i}") for i in range(2) for j in range(MOST_DRAWN // 2 + 1)
    ]
    villages = [Cell("v0", Level.VILLAGE, "a"), Cell("v1", Level.VILLAGE, "a")]
    assert scope_of(Tree.of([Cell("a", Level.AREA, None), *villages, *many])).drawn is Level.VILLAGE


def test_around_a_place_of_many_cells_only_higher_ones_are_drawn():
    places = [Cell("a", Level.AREA, None), *(Cell(v, Level.VILLAGE, "a") for v in ("v0", "v1"))]
    units = [
        Cell(f"{v}-{i:03}", Level.UNIT, v) for v in ("v0", "v1") for i in range(MOST_DRAWN - 9)
    ]
    scope = scope_of(Tree.of([*places, *units]), cell="v0")
    assert scope.drawn is Level.UNIT
    assert list(scope.filled) == [*sorted(c.code for c in units if c.parent == "v0"), "v1"]


def test_nothing_at_all_gives_an_empty_scope():
    scope = scope_of(Tree.of([]))
    assert (scope.place, list(scope.listed), list(scope.filled)) == (None, [], [])


def test_who_answers_counts_vacant_cells_and_deputies():
    picture = pictures(view())[Ask.CELLS]
    assert legend(picture) == {"held": 2, "deputy": 1, "nodata": 1}
    assert picture.fills == {"e1": "deputy", "e2": "nodata", "w1": "held", "w2": "held"}
    assert names(picture) == ["East", "West"]  # the vacant one first
    assert [numbers(row.values) for row in picture.rows] == [[2, 1, 1], [2, 0, 0]]
    assert numbers(picture.total) == [4, 1, 1]
    assert str(picture.answer) == "Of 4 cells, 1 vacant and 1 with a deputy."


def test_joint_holders_are_both_named():
    picture = pictures(view(cell="w"))[Ask.CELLS]
    assert picture.rows[1].values == (("Bo", "Cai"),)


def test_coverage_is_a_share_of_due_ground_and_worst_first():
    picture = pictures(view())[Ask.COVERAGE]
    assert legend(picture) == {
        "coverage-1": 1,
        "coverage-2": 1,
        "coverage-3": 0,
        "coverage-4": 0,
        "coverage-5": 1,
        "nodata": 1,
    }
    assert names(picture) == ["East", "West"]
    assert numbers(picture.rows[0].values)[:3] == [100, 10, 0]
    assert numbers(picture.rows[1].values)[:3] == [200, 72.5, 70]
    # 155 of 300 ha; the average of the villages would be 41.25 %.
    assert numbers(picture.total)[1] == pytest.approx(155 / 3)


def test_the_legend_follows_the_place():
    assert sum(legend(pictures(view(cell="w"))[Ask.COVERAGE]).values()) == 2


def test_days_since_a_patrol_leave_out_cells_without_a_record():
    picture = pictures(view())[Ask.SINCE]
    # Units: patrolled on the 18th, 16th and 8th of May, and never; the day is the 18th.
    assert picture.fills == {"w1": "since-1", "w2": "since-3", "e1": "since-5", "e2": "nodata"}
    assert numbers(picture.total) == [4, 1, 1, 10]
    assert names(picture) == ["East", "West"]


def test_cells_never_patrolled_stand_before_the_longest_alone():
    picture = pictures(view(cell="e"))[Ask.SINCE]
    assert [row.code for row in picture.rows] == ["e2", "e1"]


def test_density_is_person_minutes_a_hectare_and_zero_is_not_nobody():
    picture = pictures(view())[Ask.DENSITY]
    # 72,000 s = 1,200 min on 100 ha; 6,000 s = 1 min/ha; 0; and nobody at all.
    assert picture.fills == {
        "w1": "density-5",
        "w2": "density-1",
        "e1": "density-1",
        "e2": "nodata",
    }
    assert numbers(picture.rows[1].values)[:2] == [pytest.approx(21.7, abs=0.05), 6.5]


def test_a_cell_with_two_gaps_counts_once_by_its_first_reason():
    picture = pictures(view())[Ask.GAPS]
    assert legend(picture) == {
        "nodata": 1,  # no holder: e2
        "since-4": 1,  # not patrolled: e1, whose ground nobody passed either
        "since-2": 1,  # not passed: a part of w2
        "land": 1,
        "unassigned": 1,
    }
    assert numbers(picture.total) == [1, 1, 1, 203]
    assert sum(row.values[-1].value for row in picture.rows) == pytest.approx(203)
    assert picture.of == 5
    # What nobody passed in w2, and what is in no cell; e1 is filled as a whole.
    assert [patch.fill for patch in picture.patches] == ["since-2", "unassigned"]


def test_gaps_of_other_villages_are_not_this_ones():
    picture = pictures(view(cell="w"))[Ask.GAPS]
    assert legend(picture)["nodata"] == 0
    assert numbers(picture.total)[-1] == 3


def test_issues_count_the_same_in_table_total_and_legend():
    picture = pictures(view())[Ask.ISSUES]
    assert names(picture)[:2] == ["West", "East"]  # the overdue one first
    assert isinstance(picture.rows[2].name, Message)  # what is in no cell, at the end
    columns = zip(*[numbers(row.values) for row in picture.rows], strict=True)
    assert [sum(column) for column in columns][:3] == numbers(picture.total)[:3] == [4, 1, 1]
    assert legend(picture) == {"overdue": 1, "escalated": 1, "reported": 2}
    assert [item.fill for item in picture.items] == [
        "overdue",
        "reported",
        "escalated",
        "reported",
    ]


def test_issues_of_a_village_are_those_that_lie_in_it():
    assert legend(pictures(view(cell="w"))[Ask.ISSUES]) == {"overdue": 1, "reported": 1}


def test_being_late_shows_before_being_passed_up_and_before_the_status():
    assert state_of(mapped.pin(1, 0, overdue=True, escalated=True)) == "overdue"
    assert state_of(mapped.pin(1, 0, escalated=True)) == "escalated"
    assert state_of(mapped.pin(1, 0)) == "reported"


def test_the_whole_has_no_card_and_a_cell_has_its_own_figures():
    assert card(view()) is None
    village, unit = card(view(cell="w")), card(view(cell="w1"))
    assert [name for name, _ in village.holders] == ["Wu"]
    facts = {str(name): value for name, value, _ in unit.facts}
    assert facts["Ground passed"] == Amount(95.0, 1, "%")
    assert facts["Open issues"] == Amount(2)
    assert facts["of them overdue"] == Amount(1)
