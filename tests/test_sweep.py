"""The sweep on a real database: each step once, dated by its own deadline, whenever it comes by."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from gis import db, tables
from gis.issues import ledger, store, sweep
from gis.issues.escalation import Basis, clock_of, steps_due
from gis.issues.lifecycle import Kind, Severity, Status
from gis.issues.rules import load_rules
from tests import reported
from tests.reported import filed, told
from tests.town import hours, local, shown

MONDAY = local("2026-09-28 08:30")
"""Four working hours later it is 15:00."""
DUE = local("2026-09-28 15:00")
LATE = local("2026-10-20 12:00")
LADDER = [
    ("2026-09-28 08:30", "reported", "U1"),
    ("2026-09-28 11:42", "warned", "U1"),  # 80 % of four hours
    ("2026-09-28 15:00", "escalated", "V1"),
    ("2026-09-29 09:12", "warned", "V1"),
    ("2026-09-29 10:00", "escalated", "A1"),
    ("2026-09-29 15:42", "warned", "A1"),
    ("2026-09-29 16:30", "escalated", "T"),
    ("2026-09-30 10:42", "warned", "T"),
    ("2026-09-30 11:30", "overdue", "T"),
    ("2026-10-08 11:30", "yellow", "T"),  # after the holiday: one working day later
    ("2026-10-10 11:30", "red", "T"),  # a Saturday, worked for the 7th: three days
]


def head(conn, number):
    c = tables.issue.c
    return conn.execute(
        select(c.version, c.owner, c.status, c.due, c.next_due).where(c.id == UUID(int=number))
    ).one()


def test_an_issue_that_nobody_touches_climbs_to_the_chief(conn):
    reported.found(conn)
    filed(conn, 1, at=MONDAY)
    done = sweep.escalate(conn, at=LATE)
    assert told(conn, 1) == LADDER
    assert (done.at, done.escalated, done.warned) == (LATE, 3, 4)
    assert head(conn, 1) == (11, "T", Status.REPORTED, local("2026-09-30 11:30"), None)


def test_a_move_says_from_where_to_where_when_and_why(conn):
    reported.found(conn, vacant=["V1"])
    filed(conn, 1, at=MONDAY)
    (move,) = sweep.escalate(conn, at=DUE + hours(0.1)).moves
    assert (move.issue, move.from_cell, move.to_cell) == (UUID(int=1), "U1", "A1")
    assert shown(move.due) == "2026-09-28 15:00"
    assert str(move.reason) == "Nobody accepted it in time. Vacant posts were passed over: V1."


def test_at_the_deadline_itself_it_is_still_in_time(conn):
    reported.found(conn)
    filed(conn, 1, at=MONDAY)
    assert sweep.escalate(conn, at=DUE).moves == ()
    assert len(sweep.escalate(conn, at=DUE + timedelta(microseconds=1)).moves) == 1
    assert head(conn, 1)[1:4] == ("V1", Status.REPORTED, local("2026-09-29 10:00"))


def test_twice_changes_nothing_nor_does_an_earlier_time(conn):
    reported.found(conn)
    filed(conn, 1, at=MONDAY)
    sweep.escalate(conn, at=LATE)
    before = head(conn, 1), told(conn, 1)
    for at in (LATE, DUE, MONDAY):
        again = sweep.escalate(conn, at=at)
        assert (again.escalated, again.warned, again.moves) == (0, 0, ())
    assert (head(conn, 1), told(conn, 1)) == before


@pytest.mark.parametrize("every", [hours(1), hours(7), timedelta(days=3)])
def test_sweeping_often_or_once_leaves_the_same_ledger(conn, every):
    reported.found(conn)
    filed(conn, 1, at=MONDAY)
    now = MONDAY
    while now < LATE:
        sweep.escalate(conn, at=now)
        now += every
    sweep.escalate(conn, at=LATE)
    assert told(conn, 1) == LADDER


def test_the_size_of_a_batch_does_not_matter(conn):
    reported.found(conn)
    for number in range(1, 8):
        filed(conn, number, at=MONDAY)
    assert sweep.escalate(conn, at=LATE, batch=3).escalated == 3 * 7
    assert all(told(conn, number) == LADDER for number in range(1, 8))


def test_the_database_keeps_what_the_rules_say(conn):
    reported.found(conn)
    filed(conn, 1, at=MONDAY)
    issue = UUID(int=1)
    first = ledger.read(conn, [issue])[issue]
    rules, basis = load_rules(conn), Basis("litter", Severity.ORDINARY, cell="U1")
    clock = clock_of(rules, basis, ledger=first)
    steps = [step for step, _, _ in steps_due(rules, basis, clock=clock, until=LATE)]
    sweep.escalate(conn, at=LATE)
    assert ledger.read(conn, [issue])[issue] == [*first, *steps]


def test_whoever_acts_settles_first_what_was_due_before(conn):
    reported.found(conn)
    for number in (1, 2):
        filed(conn, number, at=MONDAY)
    until = {UUID(int=1): DUE + hours(0.1), UUID(int=2): DUE}
    heads = sweep.settle(conn, load_rules(conn), until=until)
    assert [(h.issue.int, h.owner, h.version) for h in heads] == [(1, "V1", 3), (2, "U1", 2)]
    assert sweep.settle(conn, load_rules(conn), until={}) == []


def test_what_is_settled_on_the_spot_never_falls_due(conn):
    reported.found(conn)
    filed(conn, 1, at=MONDAY, reporter="u1", settled_=True)
    assert head(conn, 1) == (2, "U1", Status.CLOSED, None, None)
    assert sweep.escalate(conn, at=LATE).moves == ()


def test_what_is_due_first_tells_whether_the_sweep_keeps_up(conn):
    reported.found(conn)
    assert store.oldest_due(conn) is None
    filed(conn, 1, at=MONDAY)
    filed(conn, 2, at=MONDAY - hours(1))
    assert shown(store.oldest_due(conn)) == "2026-09-28 11:42"  # before 08:30 no time runs


# Several transactions.


@pytest.fixture
def url(own_database_url):
    db.migrate(own_database_url)
    return own_database_url


@pytest.fixture
def own_engine(url):
    engine = db.connect(url)
    yield engine
    engine.dispose()


def test_a_locked_issue_is_passed_over_and_not_waited_for(own_engine):
    with own_engine.begin() as conn:
        reported.found(conn)
        for number in (1, 2):
            filed(conn, number, at=MONDAY)
    with own_engine.begin() as holder, own_engine.begin() as conn:
        c = tables.issue.c
        holder.execute(select(c.id).where(c.id == UUID(int=1)).with_for_update())
        assert {move.issue.int for move in sweep.escalate(conn, at=LATE).moves} == {2}
    with own_engine.begin() as conn:
        assert {move.issue.int for move in sweep.escalate(conn, at=LATE).moves} == {1}


def test_a_sweep_that_dies_leaves_nothing_behind(own_engine):
    with own_engine.begin() as conn:
        reported.found(conn)
        filed(conn, 1, at=MONDAY)
    with own_engine.connect() as conn:
        sweep.escalate(conn, at=LATE)
    with own_engine.begin() as conn:
        assert told(conn, 1) == LADDER[:1]
        sweep.escalate(conn, at=LATE)
        assert told(conn, 1) == LADDER


SWEEPER = """
import sys
from gis import db
from gis.issues import sweep
from tests.test_sweep import LATE
engine = db.connect(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
with engine.begin() as conn:
    moved = sweep.escalate(conn, at=LATE, batch=10).escalated
print(moved)
"""
ROOT = Path(__file__).parents[1]


def test_two_processes_at_once_act_once(url, own_engine):
    number = 300
    with own_engine.begin() as conn:
        reported.found(conn)
        reported.filed_at_once(conn, range(1, number + 1), at=MONDAY)
    pair = [
        subprocess.Popen(
            [sys.executable, "-c", SWEEPER, url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in pair:
        assert process.stdout.readline() == "ready\n"
    for process in pair:
        process.stdin.write("go\n")
        process.stdin.flush()
    shares = [int(process.communicate(timeout=120)[0]) for process in pair]
    assert sum(shares) == 3 * number
    assert min(shares) > 0, "one of them found nothing left; the test shows little"
    with own_engine.begin() as conn:
        kinds = Counter(conn.execute(select(tables.ledger.c.kind)).scalars())
    assert kinds == {Kind(kind): n * number for kind, n in Counter(k for _, k, _ in LADDER).items()}
