import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.hierarchy import Cell, Level, Tree
from gis.issues.lifecycle import Severity
from gis.issues.routing import CENTRE, SENTENCES, Because, Reason, Spot, route, why
from gis.people.posts import Post, Posts
from tests.town import CELLS, TREE, local, posts

NOW = local("2026-09-28 12:00")


def routed(on, *, near="", staff=None, tree=TREE, overlap=False, **report):
    """Route a report that touches the cells ``on``, its disc also those of ``near``."""
    touched = tuple(on.split())
    spot = Spot(touched, (*touched, *near.split()), overlap)
    return route(tree, staff or posts(), spot=spot, at=NOW, **report)


def reasons(found):
    return [(because.reason, because.cell) for because in found.reasons]


@pytest.mark.parametrize(
    "on, near, place, reason",
    [
        ("U1", "", "U1", Reason.INSIDE),
        ("U1", "U2", "V1", Reason.SPANS),  # two units: their village
        ("U1 U2", "", "V1", Reason.SPANS),
        ("U1", "U3", "A1", Reason.SPANS),  # two villages: their area
        ("U1 U2 U4", "", "A1", Reason.SPANS),
        ("U4 U5", "", "T", Reason.SPANS),  # two areas: the township
        ("U1", "U2 U6", "T", Reason.SPANS),
        ("V1", "", "V1", Reason.INSIDE),  # a village that is not divided
        ("U3", "V1", "A1", Reason.SPANS),
    ],
)
def test_the_place_is_the_lowest_cell_that_holds_the_geometry_and_its_disc(on, near, place, reason):
    found = routed(on, near=near)
    assert found.place == found.owner == place
    assert reasons(found) == [(reason, place)]


def test_everybody_who_holds_the_owner_shares_its_inbox():
    assert routed("U1 U2").people == {"v1", "v1-joint"}


# Nobody's report comes back to its reporter.


@pytest.mark.parametrize(
    "on, reporter, owner",
    [
        ("U1", "u1", "V1"),
        ("U1", "u2", "U1"),  # a neighbour
        ("U1", None, "U1"),  # a resident
        ("U1", "v1", "U1"),  # a superior
        ("U1 U2", "v1", "A1"),
        ("U1 U2", "v1-joint", "A1"),  # the second of two joint holders
        ("U4 U5", "t", CENTRE),  # the chief's own
    ],
)
def test_a_holders_own_report_goes_to_the_cell_above(on, reporter, owner):
    assert routed(on, reporter=reporter).owner == owner


def test_a_report_climbs_past_the_reporter_after_vacancies_too():
    both = Posts.of([Post("U1", "wang"), Post("A1", "wang"), Post("T", "t")])
    found = routed("U1", staff=both, reporter="wang")
    assert found.owner == "T"
    assert reasons(found)[1:] == [
        (Reason.OWN_REPORT, "U1"),
        (Reason.VACANT, "V1"),
        (Reason.OWN_REPORT, "A1"),
    ]


def test_the_chiefs_own_report_waits_with_the_centre():
    found = routed("U4 U5", reporter="t")
    assert (found.place, found.owner, found.people) == ("T", CENTRE, frozenset())
    assert reasons(found)[1:] == [(Reason.OWN_REPORT, "T"), (Reason.NOBODY, None)]


# Close to a border.


def test_noise_does_not_carry_a_holders_report_across_the_border():
    found = routed("U1", near="U2", reporter="u1")
    assert (found.place, found.owner) == ("U1", "V1")
    assert reasons(found) == [(Reason.NEAR_BORDER, "U1"), (Reason.OWN_REPORT, "U1")]


def test_noise_does_not_carry_a_village_leaders_report_past_the_village():
    found = routed("U1", near="U2", reporter="v1")
    assert (found.place, found.owner) == ("U1", "U1")
    found = routed("U1", near="U3", reporter="v1")  # the disc would lead to the area
    assert (found.place, found.owner) == ("U1", "U1")


def test_the_disc_counts_for_a_neighbour_and_for_whoever_is_above_it():
    assert routed("U1", near="U2", reporter="u2").owner == "V1"
    assert routed("U1", near="U2", reporter="a1").owner == "V1"


def test_a_deputy_who_acts_is_a_holder_too():
    staff = posts(vacant=["U1"], deputies=["U1"])
    found = routed("U1", near="U2", staff=staff, reporter="u1-deputy")
    assert (found.place, found.owner) == ("U1", "V1")


# Settled on the spot.


def test_what_is_settled_on_the_spot_stays_with_the_reporter():
    found = routed("U1", reporter="u1", settled=True)
    assert (found.owner, found.people) == ("U1", {"u1"})
    assert reasons(found) == [(Reason.INSIDE, "U1"), (Reason.SETTLED, "U1")]


def test_a_grave_matter_that_its_holder_settled_is_not_lifted():
    found = routed("U1", severity=Severity.MAJOR, reporter="u1", settled=True)
    assert (found.owner, found.told) == ("U1", ())


@pytest.mark.parametrize("reporter", [None, "u2", "v1"])
def test_settling_what_is_anothers_changes_nothing(reporter):
    for severity in Severity:
        plain = routed("U1", severity=severity, reporter=reporter)
        assert routed("U1", severity=severity, reporter=reporter, settled=True) == plain


def test_a_village_leader_may_settle_where_the_unit_is_vacant():
    found = routed("U1", staff=posts(vacant=["U1"]), reporter="v1", settled=True)
    assert reasons(found)[1:] == [(Reason.VACANT, "U1"), (Reason.SETTLED, "V1")]


# Severity, vacancies, and places that no cell can answer for.


def test_a_major_matter_starts_with_the_chief_and_those_below_are_told():
    found = routed("U1", severity=Severity.MAJOR)
    assert (found.place, found.owner, found.told) == ("U1", "T", ("U1", "V1", "A1"))
    assert reasons(found) == [(Reason.INSIDE, "U1"), (Reason.LIFTED, "T")]


def test_a_serious_matter_starts_at_the_bottom():
    found = routed("U1", severity=Severity.SERIOUS)
    assert (found.owner, found.told) == ("U1", ())


def test_a_vacant_post_falls_to_the_level_above_and_there_to_its_deputy():
    staff = posts(vacant=["U1", "V1"], deputies=["V1"])
    found = routed("U1", staff=staff)
    assert (found.owner, found.people) == ("V1", {"v1-deputy"})
    assert reasons(found)[1:] == [(Reason.VACANT, "U1"), (Reason.DEPUTY, "V1")]


@pytest.mark.parametrize("until, owner", [("12:00", "V1"), ("12:01", "U1")])
def test_a_post_that_expired_is_vacant(until, owner):
    staff = Posts.of([Post("U1", "u1", until=local(f"2026-09-28 {until}")), Post("V1", "v1")])
    assert routed("U1", staff=staff).owner == owner


def test_where_no_post_is_held_the_centre_has_it():
    found = routed("U1", staff=Posts.of([]))
    assert (found.place, found.owner) == ("U1", CENTRE)
    assert reasons(found)[1:] == [
        *((Reason.VACANT, cell) for cell in ("U1", "V1", "A1", "T")),
        (Reason.NOBODY, None),
    ]


def test_outside_all_cells_goes_to_the_centre_even_if_a_cell_is_near():
    found = routed("", near="U1", reporter="u1", severity=Severity.MAJOR)
    assert (found.place, found.owner) == (None, CENTRE)
    assert reasons(found) == [(Reason.OUTSIDE, None)]


def test_ground_that_two_cells_claim_goes_to_the_centre_which_hears_which():
    found = routed("U1 U2", overlap=True)
    assert (found.place, found.owner) == (None, CENTRE)
    assert reasons(found) == [(Reason.OVERLAP, "U1"), (Reason.OVERLAP, "U2")]


TWO = Tree.of([Cell("S", Level.TOWNSHIP, None), Cell("T", Level.TOWNSHIP, None)])
DISTRICT = Tree.of(
    [Cell("D", Level.DISTRICT, None), *(Cell(code, Level.TOWNSHIP, "D") for code in "ST")]
)


def test_cells_that_share_none_above_leave_it_to_the_centre():
    assert reasons(routed("S T", tree=TWO)) == [(Reason.APART, None)]
    assert reasons(routed("S", near="T", tree=TWO)) == [(Reason.APART, None)]
    own = routed("T", near="S", tree=TWO, reporter="t")
    assert reasons(own)[0] == (Reason.NEAR_BORDER, "T")


@pytest.mark.parametrize("severity", Severity)
def test_a_district_answers_for_nothing_so_two_townships_leave_it_to_the_centre(severity):
    staff = Posts.of([Post("D", "district"), Post("S", "s"), Post("T", "t")])
    found = routed("S T", tree=DISTRICT, staff=staff, severity=severity)
    assert (found.place, found.owner) == ("D", CENTRE)


def test_an_issue_on_a_border_is_counted_once_in_the_cell_of_the_lowest_code():
    assert Spot(("U2", "U1")).cell == "U1"
    assert Spot().cell is None


def test_every_reason_has_its_words():
    assert set(SENTENCES) == set(Reason)
    said = why([Because(Reason.VACANT, "U1"), Because(Reason.NOBODY)], names={"U1": "East Street"})
    assert [str(message) for message in said] == [
        "Nobody holds East Street: the level above takes it.",
        "No level above can take it: it waits with the centre.",
    ]
    assert str(why([Because(Reason.INSIDE, "U9")], names={})[0]) == "It lies in U9."


# Any people at any posts, any report.

SOME_POST = st.builds(
    Post,
    st.sampled_from(CELLS),
    st.sampled_from("abcdef"),
    until=st.sampled_from([None, None, NOW]),
    deputy=st.booleans(),
)
STAFF = st.lists(SOME_POST, max_size=20).map(Posts.of)
SOME_CELLS = st.lists(st.sampled_from(CELLS), max_size=3, unique=True).map(" ".join)
REPORTS = st.fixed_dictionaries(
    {
        "on": SOME_CELLS,
        "near": SOME_CELLS,
        "staff": STAFF,
        "severity": st.sampled_from(Severity),
        "reporter": st.sampled_from([None, *"abcdef"]),
        "settled": st.booleans(),
    }
)


@given(REPORTS, st.booleans())
def test_every_report_has_exactly_one_owner_and_a_reason(report, overlap):
    found = routed(**report, overlap=overlap)
    assert found.reasons
    assert all(str(message) for message in why(found.reasons, names={}))
    if found.owner is CENTRE:
        assert found.people == frozenset()
    else:
        assert found.people == report["staff"].acting(found.owner, NOW).people != frozenset()
        assert found.owner in TREE.path(found.place)


@given(REPORTS)
def test_nobodys_report_comes_back_to_the_reporter_unless_it_is_settled(report):
    found = routed(**report)
    back = report["reporter"] in found.people
    assert back == any(because.reason is Reason.SETTLED for because in found.reasons)
    assert not back or report["settled"]


@given(REPORTS)
def test_only_the_vacant_the_reporter_and_a_lift_are_passed_over(report):
    found = routed(**report)
    if found.place is None:
        return
    for cell in TREE.path(found.place):
        if cell == found.owner:
            break
        people = report["staff"].acting(cell, NOW).people
        assert not people or report["reporter"] in people or cell in found.told


@given(SOME_CELLS.filter(bool), SOME_CELLS, SOME_CELLS)
def test_a_wider_disc_never_lowers_the_place(on, near, more):
    narrow = routed(on, near=near).place
    assert routed(on, near=f"{near} {more}").place in TREE.path(narrow)
