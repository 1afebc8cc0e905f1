from dataclasses import replace
from datetime import timedelta

import pytest

from gis.hierarchy import Cell, Level, Tree
from gis.issues.escalation import Stage, clock_of, deadline
from gis.issues.lifecycle import Kind, Severity, Status
from gis.issues.policy import DEFAULTS, Policy
from gis.people.posts import Post, Posts
from tests.climbing import FLOOD, LITTER, WEDNESDAY, ahead, due, entry, from_file, reported, told
from tests.town import POLICY, RULES, hours, local, posts, shown

# What nobody touches climbs to the chief.


def test_a_report_that_nobody_touches_around_the_national_day_of_2026():
    # Reported on Wednesday at 15:00, two and a half hours before the office closes
    # until Thursday 8 October. Four hours to accept, warned after 3 h 12 min.
    steps = ahead([reported("2026-09-30 15:00")])
    assert told(steps) == [
        ("2026-10-08 09:12", "warned", "U1"),
        ("2026-10-08 10:00", "escalated", "V1"),
        ("2026-10-08 15:42", "warned", "V1"),
        ("2026-10-08 16:30", "escalated", "A1"),
        ("2026-10-09 10:42", "warned", "A1"),
        ("2026-10-09 11:30", "escalated", "T"),
        ("2026-10-09 17:12", "warned", "T"),
        ("2026-10-10 09:00", "overdue", "T"),  # a Saturday, worked for the 7th
        ("2026-10-12 09:00", "yellow", "T"),  # one working day later
        ("2026-10-14 09:00", "red", "T"),  # three
    ]
    assert not any(step.provisional for step in steps)


def test_an_emergency_does_not_wait_for_the_holiday_to_end():
    steps = ahead([reported("2026-09-30 15:00", "T")], basis=FLOOD)
    assert told(steps) == [
        ("2026-09-30 16:36", "warned", "T"),  # 80 % of two hours
        ("2026-09-30 17:00", "overdue", "T"),
        ("2026-10-01 17:00", "yellow", "T"),
        ("2026-10-03 17:00", "red", "T"),
    ]


def test_an_accepted_emergency_has_24_hours():
    ledger = [reported("2026-09-30 15:00", "T"), entry(Kind.ACCEPTED, "2026-09-30 15:30", "T")]
    assert shown(due(ledger, basis=FLOOD)) == "2026-10-01 15:30"


def test_a_serious_issue_has_half_the_time():
    basis = replace(LITTER, severity=Severity.SERIOUS)
    ledger = [reported("2026-09-28 08:30")]
    assert shown(due(ledger, basis=basis)) == "2026-09-28 10:30"
    ledger.append(entry(Kind.ACCEPTED, "2026-09-28 08:30"))
    assert shown(due(ledger, basis=basis)) == "2026-09-29 11:45"  # one and a half days: 9 h 45


def test_the_higher_the_level_the_longer_it_may_take():
    for owner, by in [
        ("U1", "2026-09-23 17:30"),
        ("V1", "2026-09-23 17:30"),
        ("A1", "2026-09-28 17:30"),  # five days: the 25th, Mid-Autumn, is off
        ("T", "2026-10-10 17:30"),  # ten: 21–24, 28–30 September, 8–10 October
    ]:
        ledger = [reported("2026-09-21 08:30", owner)]
        ledger.append(entry(Kind.ACCEPTED, "2026-09-21 08:30", owner))
        assert shown(due(ledger)) == by


def test_what_is_done_at_the_deadline_is_in_time():
    ledger = [reported("2026-09-28 08:30")]
    at_the_deadline = local("2026-09-28 15:00")
    assert [step.kind for step in ahead(ledger, until=at_the_deadline)] == [Kind.WARNED]
    a_moment_later = at_the_deadline + timedelta.resolution
    assert ahead(ledger, until=a_moment_later)[-1].kind is Kind.ESCALATED


def test_an_issue_that_climbed_while_accepted_has_to_be_accepted_again():
    ledger = [reported("2026-09-28 08:30"), entry(Kind.ACCEPTED, "2026-09-28 08:30")]
    ledger += ahead(ledger, until=local("2026-10-01 00:00"))
    assert told(ledger[-1:]) == [("2026-09-30 17:30", "escalated", "V1")]
    clock = clock_of(RULES, LITTER, ledger=ledger)
    assert (clock.status, clock.stage) == (Status.REPORTED, Stage.ACCEPTANCE)
    assert shown(deadline(RULES, clock)) == "2026-10-08 15:00"


@pytest.mark.parametrize("kind", [Kind.RESOLVED, Kind.CLOSED, Kind.REJECTED])
def test_nothing_runs_against_what_is_resolved_closed_or_rejected(kind):
    ledger = [reported("2026-09-28 08:30"), entry(kind, "2026-09-28 09:00")]
    assert due(ledger) is None
    assert ahead(ledger) == []


def test_what_is_reopened_has_the_whole_time_to_resolve_again():
    ledger = [reported("2026-09-21 08:30"), entry(Kind.ACCEPTED, "2026-09-21 08:30")]
    ledger += [entry(Kind.RESOLVED, "2026-09-22 09:00"), entry(Kind.REOPENED, "2026-09-28 08:30")]
    clock = clock_of(RULES, LITTER, ledger=ledger)
    assert (clock.status, clock.stage) == (Status.ACCEPTED, Stage.RESOLUTION)
    assert shown(deadline(RULES, clock)) == "2026-09-30 17:30"


# Whoever is there at the deadline takes over.


def test_vacant_posts_are_passed_over_by_name():
    rules = replace(RULES, posts=posts(vacant=["V1", "A1"]))
    _, up, *_ = ahead([reported("2026-09-28 08:30")], rules=rules)
    assert told([up]) == [("2026-09-28 15:00", "escalated", "T")]
    assert up.skipped == ("V1", "A1")


def test_a_deputy_takes_over_where_the_holder_is_away():
    rules = replace(RULES, posts=posts(vacant=["V1"], deputies=["V1"]))
    _, up, *_ = ahead([reported("2026-09-28 08:30")], rules=rules)
    assert (up.owner, up.skipped) == ("V1", ())


@pytest.mark.parametrize(
    "since, until, owner",
    [
        ("2026-09-28 00:00", "2026-09-28 16:00", "V1"),  # has left since
        ("2026-09-28 10:00", "2026-12-31 00:00", "V1"),  # came after the report
        ("2026-09-28 00:00", "2026-09-28 15:00", "T"),  # left at the deadline
        ("2026-09-28 15:01", "2026-12-31 00:00", "T"),  # came a minute late
    ],
)
def test_it_matters_who_was_there_at_the_deadline_however_late_the_sweep(since, until, owner):
    leader = Post("V1", "v1", local(since), local(until))
    rules = replace(RULES, posts=Posts.of([leader, Post("T", "t")]))
    _, up, *_ = ahead([reported("2026-09-28 08:30")], rules=rules)  # due at 15:00
    assert up.owner == owner


def test_where_no_post_is_held_the_issue_stays_and_cards_fall():
    steps = ahead([reported("2026-09-28 08:30")], rules=replace(RULES, posts=Posts.of([])))
    assert [step.kind for step in steps] == ["warned", "overdue", "yellow", "red"]
    assert {step.owner for step in steps} == {"U1"}
    assert steps[1].skipped == ("V1", "A1", "T")


# The centre's queue.


def test_the_centre_has_the_townships_limits():
    ledger = [reported("2026-09-21 08:30", None), entry(Kind.ACCEPTED, "2026-09-21 08:30", None)]
    assert shown(due(ledger)) == "2026-10-10 17:30"


@pytest.mark.parametrize("cell", ["U1", None])
def test_what_the_centre_lets_lie_goes_to_the_chief(cell):
    steps = ahead([reported("2026-09-28 08:30", None)], basis=replace(LITTER, cell=cell))
    assert told(steps[:2]) == [
        ("2026-09-28 11:42", "warned", None),
        ("2026-09-28 15:00", "escalated", "T"),
    ]


TWO = Tree.of([Cell("S", Level.TOWNSHIP, None), Cell("T", Level.TOWNSHIP, None)])


@pytest.mark.parametrize(
    "cell, kind, owner", [("S", Kind.ESCALATED, "S"), (None, Kind.OVERDUE, None)]
)
def test_with_two_chiefs_it_goes_to_the_one_where_it_lies(cell, kind, owner):
    rules = replace(RULES, tree=TWO, posts=Posts.of([Post("S", "s"), Post("T", "t")]))
    basis = replace(LITTER, cell=cell)
    step = ahead([reported("2026-09-28 08:30", None)], rules=rules, basis=basis)[1]
    assert (step.kind, step.owner) == (kind, owner)


def test_an_owner_that_is_no_longer_a_cell_is_treated_as_the_centre():
    step = ahead([reported("2026-09-28 08:30", "U99")])[1]
    assert told([step]) == [("2026-09-28 15:00", "escalated", "T")]


# Extension and suspension.


def test_an_extension_moves_the_deadline_by_what_it_grants_and_warns_anew():
    assert shown(due(WEDNESDAY)) == "2026-09-30 17:30"
    warned = ahead(WEDNESDAY, until=local("2026-09-30 15:00"))
    assert told(warned) == [("2026-09-30 11:06", "warned", "U1")]  # 15 h 36 min of 19 h 30
    granted = entry(Kind.EXTENDED, "2026-09-30 15:00", extra=hours(6.5))
    steps = ahead([*WEDNESDAY, *warned, granted])
    assert told(steps[:2]) == [
        ("2026-10-08 09:48", "warned", "U1"),  # 80 % of 26 h is 20 h 48 min
        ("2026-10-08 17:30", "escalated", "V1"),
    ]


def test_an_extension_too_short_for_a_warning_in_time_warns_at_once():
    # At 17:00 19 h of 19 h 30 are used; 80 % of 20 h 30 were used before.
    granted = entry(Kind.EXTENDED, "2026-09-30 17:00", extra=hours(1))
    assert told(ahead([*WEDNESDAY, granted])[:1]) == [("2026-09-30 17:00", "warned", "U1")]


def test_an_extension_after_the_lapse_begins_where_the_limit_ended():
    chief = [reported("2026-09-28 08:30", "T")]  # 15:00 to accept
    lapsed = [*chief, *ahead(chief, until=local("2026-09-28 16:00"))]
    assert lapsed[-1].kind is Kind.OVERDUE
    lapsed.append(entry(Kind.EXTENDED, "2026-09-28 16:00", "T", extra=hours(2)))
    assert shown(due(lapsed)) == "2026-09-28 17:00"


def test_nothing_falls_due_while_the_clock_stands():
    ledger = [*WEDNESDAY, entry(Kind.SUSPENDED, "2026-09-28 10:00")]
    assert clock_of(RULES, LITTER, ledger=ledger).status is Status.SUSPENDED
    assert due(ledger) is None
    assert ahead(ledger) == []


def test_what_was_left_at_the_suspension_is_left_after_it():
    ledger = [*WEDNESDAY, entry(Kind.SUSPENDED, "2026-09-28 10:00")]  # 1 h 30 used, 18 h left
    ledger.append(entry(Kind.RESUMED, "2026-10-08 08:30"))  # 8, 9 October: 13 h; 10 October: 5 h
    assert shown(due(ledger)) == "2026-10-10 16:00"


def test_an_extension_while_the_clock_stands_adds_what_it_grants_and_no_more():
    pause = [entry(Kind.SUSPENDED, "2026-09-28 10:00"), entry(Kind.RESUMED, "2026-10-08 08:30")]
    granted = entry(Kind.EXTENDED, "2026-09-29 10:00", extra=hours(1))
    assert shown(due([*WEDNESDAY, pause[0], granted, pause[1]])) == "2026-10-10 17:00"


def test_a_suspension_after_the_lapse_keeps_the_cards_as_far_away():
    chief = [reported("2026-09-28 08:30", "T")]
    ledger = [*chief, *ahead(chief, until=local("2026-09-28 16:00"))]  # overdue since 15:00
    ledger.append(entry(Kind.SUSPENDED, "2026-09-28 16:00", "T"))
    ledger.append(entry(Kind.RESUMED, "2026-10-08 08:30", "T"))
    assert told(ahead(ledger)) == [
        ("2026-10-08 16:30", "yellow", "T"),  # 5 h 30 of the working day are left
        ("2026-10-10 16:30", "red", "T"),
    ]


# Reports that a file brought.


def test_a_report_from_a_file_without_a_due_time_has_no_clock():
    ledger = [reported("2026-09-28 08:30")]
    assert due(ledger, basis=from_file(None)) is None
    assert ahead(ledger, basis=from_file(None)) == []
    ledger.append(entry(Kind.ACCEPTED, "2026-09-28 09:00"))
    assert ahead(ledger, basis=from_file(None)) == []


def test_a_report_from_a_file_climbs_at_the_files_due_time_and_then_by_the_policy():
    steps = ahead([reported("2026-09-28 08:00")], basis=from_file("2026-10-03 08:00"))
    assert told(steps[:4]) == [
        ("2026-10-02 08:00", "warned", "U1"),  # 80 % of five whole days
        ("2026-10-03 08:00", "escalated", "V1"),  # in the middle of the holiday
        ("2026-10-08 11:42", "warned", "V1"),  # four working hours from the 8th
        ("2026-10-08 15:00", "escalated", "A1"),
    ]


def test_acceptance_does_not_lengthen_the_files_due_time():
    ledger = [reported("2026-09-28 08:00"), entry(Kind.ACCEPTED, "2026-09-29 08:00")]
    basis = from_file("2026-10-03 08:00")
    clock = clock_of(RULES, basis, ledger=ledger)
    assert (clock.status, clock.stage) == (Status.ACCEPTED, Stage.RESOLUTION)
    assert shown(deadline(RULES, clock)) == "2026-10-03 08:00"


def test_a_due_time_before_the_report_is_due_at_once():
    steps = ahead([reported("2026-09-28 08:00")], basis=from_file("2026-09-01 08:00"))
    assert told(steps[:2]) == [
        ("2026-09-28 08:00", "warned", "U1"),
        ("2026-09-28 08:00", "escalated", "V1"),
    ]


def test_an_extension_of_such_a_due_time_counts_from_the_report():
    ledger = [
        reported("2026-09-28 08:00"),
        entry(Kind.EXTENDED, "2026-09-28 08:00", extra=hours(3)),
    ]
    assert shown(due(ledger, basis=from_file("2026-09-01 08:00"))) == "2026-09-28 11:00"


def test_where_nobody_above_can_take_over_the_cards_are_counted_in_working_days():
    steps = ahead([reported("2026-09-28 08:00", "T")], basis=from_file("2026-10-03 08:00"))
    assert told(steps[1:]) == [
        ("2026-10-03 08:00", "overdue", "T"),
        ("2026-10-08 17:30", "yellow", "T"),
        ("2026-10-10 17:30", "red", "T"),
    ]


# The rules as they were at the step's own instant.


def test_a_new_policy_holds_for_the_stages_that_begin_after_it():
    quick = replace(DEFAULTS[None, None, None], accept=hours(1))
    since = local("2026-09-28 12:00")
    rules = replace(RULES, policies=[POLICY, Policy(2, since, {(None, None, None): quick})])
    steps = ahead([reported("2026-09-28 08:30")], rules=rules)
    assert [shown(step.at) for step in steps if step.kind is Kind.ESCALATED] == [
        "2026-09-28 15:00",  # four hours, as when it began
        "2026-09-28 16:00",  # one hour
        "2026-09-28 17:00",
    ]


def test_a_step_that_rests_on_an_unconfirmed_year_says_so():
    steps = ahead([reported("2026-12-31 11:00")])  # Thursday; 2027 is not confirmed
    assert [(shown(step.at), step.provisional) for step in steps[:3]] == [
        ("2026-12-31 16:42", False),
        ("2026-12-31 17:30", False),
        ("2027-01-01 11:42", True),
    ]
