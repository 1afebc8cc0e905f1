import json
from datetime import timedelta

import pytest

from gis.errors import InvalidPolicy
from gis.hierarchy import Level
from gis.issues.lifecycle import Severity
from gis.issues.policy import DEFAULTS, Policy, Terms, from_rows, in_force, to_rows
from tests.town import DAWN, POLICY, hours

DAY = 6.5
ANY = DEFAULTS[None, None, None]


@pytest.mark.parametrize(
    "severity, level, accept, resolve",
    [
        (Severity.ORDINARY, Level.UNIT, 4, 3 * DAY),
        (Severity.ORDINARY, Level.VILLAGE, 4, 3 * DAY),
        (Severity.ORDINARY, Level.AREA, 4, 5 * DAY),
        (Severity.ORDINARY, Level.TOWNSHIP, 4, 10 * DAY),
        (Severity.SERIOUS, Level.UNIT, 2, 1.5 * DAY),
        (Severity.SERIOUS, Level.AREA, 2, 2.5 * DAY),
        (Severity.SERIOUS, Level.TOWNSHIP, 2, 5 * DAY),
        (Severity.MAJOR, Level.UNIT, 2, 24),
        (Severity.MAJOR, Level.TOWNSHIP, 2, 24),
    ],
)
def test_a_deployment_starts_with_these_limits(severity, level, accept, resolve):
    terms = POLICY.terms("litter", severity=severity, level=level)
    assert (terms.accept, terms.resolve) == (hours(accept), hours(resolve))
    assert terms.warn_percent == 80


def test_cards_fall_after_one_and_three_working_days_and_for_major_matters_after_24_and_72_hours():
    serious = POLICY.terms("litter", severity=Severity.SERIOUS, level=Level.UNIT)
    assert (serious.yellow, serious.red) == (hours(DAY), hours(3 * DAY))
    assert not serious.round_the_clock
    major = POLICY.terms("litter", severity=Severity.MAJOR, level=Level.UNIT)
    assert (major.yellow, major.red) == (hours(24), hours(72))
    assert major.round_the_clock


def terms(number):
    return Terms(hours(number), hours(number), yellow=hours(1), red=hours(2))


def test_the_category_outweighs_the_severity_and_that_the_level():
    flood, major, area = terms(1), terms(2), terms(3)
    table = {
        (None, None, None): ANY,
        ("flood", None, None): flood,
        (None, Severity.MAJOR, None): major,
        (None, None, Level.AREA): area,
    }
    policy = Policy(2, DAWN, table)
    assert policy.terms("flood", severity=Severity.MAJOR, level=Level.AREA) is flood
    assert policy.terms("litter", severity=Severity.MAJOR, level=Level.AREA) is major
    assert policy.terms("litter", severity=Severity.ORDINARY, level=Level.AREA) is area
    assert policy.terms("litter", severity=Severity.ORDINARY, level=Level.UNIT) is ANY


def test_a_row_that_names_more_wins_over_one_that_names_less():
    both, flood = terms(1), terms(2)
    table = {(None, None, None): ANY, ("flood", None, None): flood}
    table["flood", None, Level.UNIT] = both
    policy = Policy(2, DAWN, table)
    assert policy.terms("flood", severity=Severity.MAJOR, level=Level.UNIT) is both
    assert policy.terms("flood", severity=Severity.MAJOR, level=Level.AREA) is flood


def test_a_version_holds_from_its_first_instant_and_the_first_also_before():
    second = Policy(2, DAWN + hours(1), DEFAULTS)
    policies = [POLICY, second]
    assert in_force(policies, DAWN - hours(1)) is POLICY
    assert in_force(policies, DAWN + hours(1) - timedelta.resolution) is POLICY
    assert in_force(policies, DAWN + hours(1)) is second


def test_a_table_that_an_issue_could_fall_through_is_refused():
    with pytest.raises(InvalidPolicy, match="everything else"):
        Policy(1, DAWN, {("litter", None, None): ANY})


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"warn_percent": 0}, "1 to 99 percent"),
        ({"warn_percent": 100}, "1 to 99 percent"),
        ({"accept": hours(0)}, "longer than nothing"),
        ({"resolve": hours(-1)}, "longer than nothing"),
        ({"yellow": hours(0)}, "longer than nothing"),
        ({"red": hours(1)}, "after the yellow"),
    ],
)
def test_limits_out_of_order_are_refused(wrong, said):
    limits = {"accept": hours(4), "resolve": hours(8), "yellow": hours(1), "red": hours(2)}
    with pytest.raises(InvalidPolicy, match=said):
        Terms(**(limits | wrong))


def test_a_table_comes_back_from_its_rows_unchanged():
    table = {**DEFAULTS, ("flood", Severity.MAJOR, Level.AREA): terms(0.25)}
    assert from_rows(json.loads(json.dumps(to_rows(table)))) == table


def test_the_rows_are_written_in_minutes_and_words():
    row, *_ = to_rows({(None, Severity.SERIOUS, Level.TOWNSHIP): ANY})
    assert (row["severity"], row["level"], row["accept_minutes"]) == ("serious", "township", 240)
    assert row["resolve_minutes"] == 1170  # three days of 390 minutes
