"""What a ledger says, line by line: every kind has its sentence, and nobody's name slips out."""

from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy import update

from gis import tables
from gis.issues import ledger, store, sweep
from gis.issues.escalation import Entry
from gis.issues.history import history_of
from gis.issues.ledger import Line
from gis.issues.lifecycle import STATUS_AFTER, Kind, Status
from gis.issues.sayings import BY, HAPPENED, said
from maps.words import translator
from tests import reported
from tests.reported import filed, inside
from tests.settled import hold
from tests.town import hours, local

SEEN = local("2026-09-28 08:30")
CLOCK = {Kind.WARNED, Kind.ESCALATED, Kind.OVERDUE, Kind.YELLOW, Kind.RED}


def test_every_kind_says_something_and_every_act_of_a_person_says_whose():
    assert set(HAPPENED) == set(Kind)
    assert set(BY) == set(Kind) - CLOCK


@pytest.mark.parametrize("kind", Kind)
def test_whatever_is_known_of_a_line_its_sentence_is_whole_in_both_languages(kind):
    said_of = set()
    for name, cell, skipped, at_once in product(("", "Ann"), ("", "V1"), ((), ("A", "B")), (0, 1)):
        message = said(kind, name=name, cell=cell, skipped=skipped, on_the_spot=bool(at_once))
        english, chinese = str(message), translator("zh")(message)
        assert english.endswith(".") and chinese.endswith("。")
        assert not {"{", "}"} & {*english, *chinese}
        assert ("Ann" in english) == ("Ann" in chinese)
        said_of.add(english)
    assert any("Ann" in sentence for sentence in said_of) == (kind in BY)


@pytest.mark.parametrize(
    "kind, known, words",
    [
        (Kind.REPORTED, {}, "Reported."),
        (Kind.REPORTED, {"name": "Ann", "cell": "V1"}, "Reported by Ann."),
        (Kind.CLOSED, {"name": "Ann"}, "Closed by Ann."),
        (Kind.CLOSED, {"name": "Ann", "on_the_spot": True}, "Settled on the spot."),
        (Kind.RESOLVED, {"on_the_spot": True}, "Dealt with; still to be checked."),
        (Kind.ESCALATED, {}, "Not dealt with in time: passed up."),
        (Kind.ESCALATED, {"cell": "A1"}, "Not dealt with in time: passed up to A1."),
        (
            Kind.ESCALATED,
            {"cell": "T", "skipped": ["A1"]},
            "Not dealt with in time: passed up to T, for nobody holds A1.",
        ),
        (Kind.WARNED, {"name": "Ann"}, "Little time is left to deal with it."),
    ],
)
def test_a_line_says_what_happened(kind, known, words):
    assert str(said(kind, **known)) == words


# Of issues in the database.


@pytest.fixture
def township(conn):
    reported.found(conn, vacant=["A1"])


pytestmark = pytest.mark.usefixtures("township")


def told(conn, number, *, within=None, person=None):
    issue = store.get_issue(conn, UUID(int=number), within=None)
    lines = history_of(conn, issue, within=within, person=person)
    return [str(line.said) for line in lines]


def names(conn, number, *, within=None, person=None):
    issue = store.get_issue(conn, UUID(int=number), within=None)
    return [line.name for line in history_of(conn, issue, within=within, person=person)]


def test_an_issue_that_nobody_deals_with_tells_its_way_up(conn):
    filed(conn, 1, at=SEEN, reporter="u1")
    sweep.escalate(conn, at=SEEN + hours(24 * 60))
    assert told(conn, 1) == [
        "Reported by Holder of U1.",
        "Little time is left to deal with it.",
        "Not dealt with in time: passed up to Cell T, for nobody holds Cell A1.",
        "Little time is left to deal with it.",
        "Not dealt with in time; nobody above can take it over.",
        "Still not dealt with: yellow card.",
        "Still not dealt with: red card.",
    ]


def test_what_is_settled_later_by_the_reporter_is_not_settled_on_the_spot(conn):
    filed(conn, 1, at=SEEN, reporter="u1", settled_=True)
    filed(conn, 2, at=SEEN, reporter="u1")
    late = Entry(Kind.CLOSED, SEEN + hours(2), "V1")
    line = Line(UUID(int=2), 2, UUID(int=77), late, Status.CLOSED, None, person="u1")
    ledger.write(conn, [line, replace(line, version=3, op_id=UUID(int=78), person=None)])
    assert told(conn, 1)[1:] == ["Settled on the spot."]
    assert told(conn, 2)[1:] == ["Closed by Holder of U1.", "Closed."]
    assert STATUS_AFTER[Kind.CLOSED] is Status.CLOSED


@pytest.mark.parametrize(
    "reporter, lies, reader, known",
    [
        ("u1", "U1", {"within": None}, True),  # the whole deployment
        ("u1", "U1", {"within": "U1", "person": "u1"}, True),  # one's own
        ("u3", "U1", {"within": "U1", "person": "u1"}, False),  # a colleague of another cell
        ("u3", "U3", {"within": "U1", "person": "u1"}, True),  # who answers where it lies
        ("v1", "U1", {"within": "U1", "person": "u1"}, True),  # up the own ladder
        ("t", "U1", {"within": "U1", "person": "u1"}, True),
        ("v2", "U3", {"within": "U1", "person": "u1"}, True),  # up the issue's ladder
        ("v2", "U1", {"within": "U1", "person": "u1"}, False),
        ("u3", "U1", {"within": "V2"}, True),  # below the reader
        ("u3", "U1", {"within": "V1"}, False),
        ("u3", "U1", {"within": "gone"}, False),
    ],
)
def test_a_name_is_told_to_whom_may_know_it(conn, reporter, lies, reader, known):
    filed(conn, 1, at=SEEN, reporter=reporter, geom=inside(lies))
    name = f"Holder of {reporter.upper()}"
    assert names(conn, 1, **reader) == [name if known else None]
    assert told(conn, 1, **reader) == [f"Reported by {name}." if known else "Reported."]


def test_who_held_the_cell_before_stays_known(conn):
    conn.execute(
        update(tables.holding)
        .where(tables.holding.c.person == "v1")
        .values(during="[2026-01-01,2026-06-01)")
    )
    hold(conn, "u6", "V1")
    filed(conn, 1, at=SEEN, reporter="v1")
    assert names(conn, 1, within="U1", person="u1") == ["Holder of V1"]


def test_a_line_of_a_cell_that_is_no_more_has_its_code(conn):
    filed(conn, 1, at=SEEN, reporter="u1")
    sweep.escalate(conn, at=SEEN + hours(24 * 9))
    gone = tables.cell_version.update().where(tables.cell_version.c.code == "T")
    conn.execute(gone.values(valid="[,2026-01-01)"))
    assert told(conn, 1)[2] == ("Not dealt with in time: passed up to T, for nobody holds Cell A1.")
    assert store.get_issue(conn, UUID(int=1)).owner_name == "T"
