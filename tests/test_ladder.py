from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gis.issues.calendar import NOTHING
from gis.issues.escalation import Entry, Stage, after, clock_of, next_step
from gis.issues.lifecycle import Kind
from gis.people.posts import Post, Posts
from tests.climbing import FLOOD, LITTER, WEDNESDAY, ahead, due, from_file, reported
from tests.town import CALENDAR, DAWN, RULES, hours, local

# Whatever people do, and whenever the sweep comes by.

START = local("2026-09-28 09:00")
CHAIN = ("U1", "V1", "A1", "T")
ACTS_IN = {
    Stage.ACCEPTANCE: (Kind.ACCEPTED, Kind.REJECTED, Kind.EXTENDED, Kind.SUSPENDED, Kind.ESCALATED),
    Stage.RESOLUTION: (Kind.RESOLVED, Kind.EXTENDED, Kind.SUSPENDED, Kind.ESCALATED),
    Stage.REVIEW: (Kind.REOPENED, Kind.CLOSED),
    Stage.NOTHING: (),
}
"""What a person may do; who stands at the top cannot escalate."""
MINUTES = st.integers(0, 3 * 24 * 60) | st.integers(0, 30 * 24 * 60)
MOMENTS = MINUTES.map(lambda m: START + timedelta(minutes=m))
ACTS = st.lists(st.tuples(MOMENTS, st.integers(0, 59)), max_size=8)
"""When, and which of the acts that are open then."""
BASES = st.sampled_from(
    [LITTER, FLOOD, from_file(None), from_file("2026-09-30 10:00"), from_file("2026-10-04 10:00")]
)


@st.composite
def rule_books(draw):
    """Rules with people who come and go."""
    found = []
    for cell in CHAIN:
        edges = sorted(draw(st.lists(MOMENTS, max_size=3, unique=True)))
        begins, ends = [DAWN, *edges[1::2]], [*edges[::2], None]
        found += [Post(cell, cell, a, b) for a, b in zip(begins, ends, strict=False)]
    return replace(RULES, posts=Posts.of(found))


def act(clock, *, at, choice):
    """Return what a person does, or None where nothing can be done."""
    kinds = ACTS_IN[clock.stage] if clock.running else (Kind.RESUMED, Kind.EXTENDED)
    if not kinds:
        return None
    kind, owner = kinds[choice % len(kinds)], clock.owner
    if kind is Kind.ESCALATED:
        if owner == CHAIN[-1]:
            return None
        owner = CHAIN[CHAIN.index(owner) + 1]
    return Entry(kind, at, owner, extra=hours(3) if kind is Kind.EXTENDED else NOTHING)


def lived(rules, basis, *, acts, sweeps=()):
    """Return the ledger after ``acts``, swept before each, at each of ``sweeps``, and at last."""
    ledger = [Entry(Kind.REPORTED, START, CHAIN[0])]
    moments = [(at, 1, choice) for at, choice in acts] + [(at, 0, 0) for at in sweeps]
    for at, is_act, choice in sorted(moments, key=lambda moment: moment[:2]):
        ledger += ahead(ledger, rules=rules, basis=basis, until=at)
        clock = clock_of(rules, basis, ledger=ledger)
        if is_act and (done := act(clock, at=at, choice=choice)):
            ledger.append(done)
    return ledger + ahead(ledger, rules=rules, basis=basis)


@given(rule_books(), BASES, ACTS, st.lists(MOMENTS, max_size=10))
def test_no_partition_of_the_sweeps_changes_the_ledger(rules, basis, acts, sweeps):
    often = lived(rules, basis, acts=acts, sweeps=sweeps)
    assert often == lived(rules, basis, acts=acts)


@given(rule_books(), BASES, ACTS)
def test_no_entry_is_dated_before_the_one_that_caused_it(rules, basis, acts):
    instants = [line.at for line in lived(rules, basis, acts=acts)]
    assert instants == sorted(instants)


@given(rule_books(), BASES, ACTS)
def test_no_act_comes_before_a_step_that_was_due(rules, basis, acts):
    first, *rest = lived(rules, basis, acts=acts)
    clock = clock_of(rules, basis, ledger=[first])
    for line in rest:
        step = next_step(rules, basis, clock=clock)
        assert step is None or step.at >= line.at
        clock = after(rules, basis, clock=clock, entry=line)
    assert next_step(rules, basis, clock=clock) is None
    assert clock == clock_of(rules, basis, ledger=[first, *rest])


@given(rule_books(), BASES, ACTS)
def test_the_ladder_only_goes_up(rules, basis, acts):
    rungs = [CHAIN.index(line.owner) for line in lived(rules, basis, acts=acts)]
    assert rungs == sorted(rungs)


ONCE = {Kind.WARNED, Kind.OVERDUE, Kind.YELLOW, Kind.RED}
SAME_LIMIT = ONCE | {Kind.SUSPENDED, Kind.RESUMED}


@given(rule_books(), BASES.filter(lambda basis: not basis.from_file), ACTS)
def test_each_step_is_taken_once_a_limit(rules, basis, acts):
    seen = set()
    for line in lived(rules, basis, acts=acts):
        if line.kind not in SAME_LIMIT:
            seen.clear()
        elif line.kind in ONCE:
            assert line.kind not in seen
            seen.add(line.kind)


PAUSES = st.lists(st.integers(0, 2 * 24 * 60), min_size=2, max_size=2).map(
    lambda pair: [START + timedelta(minutes=minutes) for minutes in sorted(pair)]
)


@given(PAUSES)
def test_a_suspension_moves_the_deadline_by_the_working_time_in_it(pause):
    start, end = pause
    paused = [*WEDNESDAY, Entry(Kind.SUSPENDED, start, "U1"), Entry(Kind.RESUMED, end, "U1")]
    moved = CALENDAR.working_between(due(WEDNESDAY), due(paused))
    assert moved == CALENDAR.working_between(start, end)


@given(PAUSES)
def test_a_suspension_moves_a_files_due_time_by_the_whole_of_it(pause):
    start, end = pause
    basis = from_file("2026-10-03 08:00")
    ledger = [reported("2026-09-28 08:00")]
    ledger += [Entry(Kind.SUSPENDED, start, "U1"), Entry(Kind.RESUMED, end, "U1")]
    assert due(ledger, basis=basis) - local("2026-10-03 08:00") == end - start
