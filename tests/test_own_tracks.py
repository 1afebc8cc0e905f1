"""A patrol as a phone sends it, in parts and more than once, and as its walker reads it back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from gis import db, tables
from gis.cells.datum import Datum, to_bd09, to_gcj02
from gis.errors import Conflict, InvalidInput
from gis.patrols.own import Batch, own_tracks, take_batch
from tests import settled, walking
from tests.settled import MONDAY, ZONE
from tests.test_patrols import figures

NOON = walking.MIDNIGHT + 12 * 3600
NOW = datetime.fromtimestamp(NOON, UTC)
TUESDAY = MONDAY + timedelta(days=1)
MORNING, AFTERNOON = UUID(int=1), UUID(int=2)
TWO = {"p1": "Ann", "p2": "Bo"}


@pytest.fixture
def cells(conn):
    settled.add_people(conn, TWO)
    return settled.settle(conn, walking.town(2, 2))


def as_sent(fixes, *, first=0):
    """Fixes as a phone has them, numbered."""
    columns = (fixes.t, fixes.lon, fixes.lat, fixes.accuracy)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [
        (first + n, float(t), lon, lat, None if np.isnan(m) else m)
        for n, (t, lon, lat, m) in enumerate(rows)
    ]


def straight(n=31, *, start=NOON - 3600, every=10, east=0.0):
    """A straight walk to the north, 10 m in 10 s: 300 m in 300 s if nothing is said."""
    return as_sent(
        walking.line([(east + 50, 50 + 10 * i) for i in range(n)], every=every, start=start)
    )


def batch(fixes, **changes):
    plain = {
        "id": uuid4(),
        "op_id": uuid4(),
        "person": "p1",
        "patrol": MORNING,
        "datum": Datum.WGS84,
    }
    return Batch(**(plain | changes), fixes=fixes)


def send(conn, fixes, *, at=NOW, **changes):
    return take_batch(conn, batch(fixes, **changes), zone=ZONE, at=at)


def totals(conn, person="p1", *, first=MONDAY, last=MONDAY):
    found = own_tracks(conn, person, first=first, last=last)
    return [(walk.seconds, round(walk.metres)) for walk in found]


@pytest.mark.usefixtures("cells")
def test_a_batch_gets_a_receipt_and_the_walk_can_be_read_back(conn):
    receipt = send(conn, straight())
    assert (receipt.kept, receipt.rejected, receipt.days) == (31, {}, (MONDAY,))
    assert receipt.first and len(receipt.digest) == 64
    (walk,) = own_tracks(conn, "p1", first=MONDAY, last=MONDAY)
    assert (walk.day, walk.seconds, round(walk.metres, 1)) == (MONDAY, 300, 300.0)
    assert (walk.started, walk.ended) == (
        NOW - timedelta(hours=1),
        NOW - timedelta(minutes=55),
    )
    assert len(walk.line.coords) == 31
    (row,) = conn.execute(select(tables.fix_batch)).all()
    assert (row.patrol, row.source) == (MORNING, "phone")


@pytest.mark.usefixtures("cells")
def test_the_same_batch_again_gives_the_same_receipt_and_counts_once(conn):
    one = batch(straight())
    first = take_batch(conn, one, zone=ZONE, at=NOW)
    before = figures(conn)
    send(conn, straight(start=NOON - 1800))
    again = take_batch(conn, one, zone=ZONE, at=NOW + timedelta(days=9))
    assert again == replace(first, first=False)
    assert figures(conn) != before
    assert totals(conn) == [(300, 300), (300, 300)]


@pytest.mark.usefixtures("cells")
@pytest.mark.parametrize(
    "change",
    [
        {"fixes": straight(30)},
        {"fixes": straight()[:-1] + straight()[:1]},
        {"fixes": straight(start=NOON + 86400 - 3600)},  # another day: no row of it collides
        {"patrol": AFTERNOON},
        {"datum": Datum.GCJ02},
        {"person": "p2"},
    ],
)
@pytest.mark.parametrize("act", ["the same", "another"])
def test_an_id_that_stands_for_other_content_is_a_conflict(conn, change, act):
    one = batch(straight())
    take_batch(conn, one, zone=ZONE, at=NOW)
    before = figures(conn)
    other = replace(one, **change)
    if act == "another":
        other = replace(other, op_id=uuid4())
    with pytest.raises(Conflict):
        take_batch(conn, other, zone=ZONE, at=NOW + timedelta(days=1))
    assert figures(conn) == before


@pytest.mark.usefixtures("cells")
def test_a_batch_that_failed_half_way_leaves_nothing_and_can_be_mended(conn):
    days = [(n, float(NOON - 86400 * n), walking.LON, walking.LAT, 5.0) for n in range(32)]
    one = batch(days)
    with pytest.raises(InvalidInput, match="more than 31 days"):
        take_batch(conn, one, zone=ZONE, at=NOW)
    assert conn.execute(select(func.count()).select_from(tables.operation)).scalar() == 0
    assert take_batch(conn, replace(one, fixes=days[:31]), zone=ZONE, at=NOW).first


# Order, parts, repetition.


@pytest.fixture
def patrols(cells):
    """A morning and an afternoon, each numbered from 0, with noise and wild fixes."""
    hours = ((MORNING, 9), (AFTERNOON, 14))
    return [
        (patrol, as_sent(walking.walk(cells[0].geom, fixes=60, start=walking.MIDNIGHT + h * 3600)))
        for patrol, h in hours
    ]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_parts_in_any_order_that_overlap_and_repeat_give_the_figures_of_one(conn, patrols, data):
    late = NOW + timedelta(days=1)
    if data.draw(st.booleans(), label="the phone counts anew half-way"):
        patrols = [(patrol, [(n % 30, *rest) for n, *rest in fixes]) for patrol, fixes in patrols]
    with conn.begin_nested() as whole:
        for patrol, fixes in patrols:
            send(conn, fixes, patrol=patrol, at=late)
        expected = figures(conn)
        whole.rollback()
    parts = []
    for patrol, fixes in patrols:
        cuts = data.draw(st.lists(st.integers(1, len(fixes) - 1), max_size=3, unique=True))
        edges = [0, *sorted(cuts), len(fixes)]
        for begin, end in pairwise(edges):
            reach = data.draw(st.integers(0, 9))
            part = fixes[max(0, begin - reach) : end]
            parts.append(batch(data.draw(st.permutations(part)), patrol=patrol))
    again = data.draw(st.lists(st.sampled_from(parts), max_size=3))
    with conn.begin_nested() as split:
        for part in data.draw(st.permutations([*parts, *again])):
            take_batch(conn, part, zone=ZONE, at=late)
        assert figures(conn) == expected
        split.rollback()


@pytest.mark.usefixtures("cells")
def test_two_patrols_of_a_day_that_are_numbered_alike_count_as_both(conn):
    send(conn, straight(start=NOON - 1800), patrol=AFTERNOON)
    send(conn, straight(start=NOON - 3600), patrol=MORNING)
    assert totals(conn) == [(300, 300), (300, 300)]
    assert sum(conn.execute(select(tables.effort_cell_day.c.seconds)).scalars()) == 600


@pytest.mark.usefixtures("cells")
def test_a_phone_that_counts_anew_within_a_patrol_is_put_in_order_of_time(conn):
    for start in (NOON - 1800, NOON - 3600):
        send(conn, straight(start=start))
    assert totals(conn) == [(300, 300), (300, 300)]


@pytest.mark.usefixtures("cells")
def test_nothing_is_counted_from_the_end_of_one_patrol_to_the_begin_of_the_next(conn):
    fixes = straight()
    send(conn, fixes[:16], patrol=MORNING)
    send(conn, fixes[16:], patrol=AFTERNOON)  # ten seconds later
    assert totals(conn) == [(150, 150), (140, 140)]


@pytest.mark.usefixtures("cells")
def test_the_phones_numbers_show_that_its_clock_was_put_back(conn):
    fixes = straight()
    back = [*fixes[:16], *((n, t - 60, *rest) for n, t, *rest in fixes[16:])]
    send(conn, back)
    assert totals(conn) == [(150, 150), (140, 140)]


# Clocks and datums.


@pytest.mark.usefixtures("cells")
def test_a_phone_ahead_by_minutes_is_believed_and_one_ahead_by_days_is_not(conn):
    minutes = send(conn, straight(start=NOON + 600))
    assert (minutes.kept, minutes.rejected) == (31, {})
    mixed = [*straight(start=NOON - 7200), *straight(5, start=NOON + 86401)]
    receipt = send(conn, mixed)
    assert (receipt.kept, receipt.rejected, receipt.days) == (31, {"future": 5}, (MONDAY,))
    wholly = send(conn, straight(start=NOON + 30 * 86400))
    assert (wholly.kept, wholly.rejected, wholly.days) == (0, {"future": 31}, ())
    assert totals(conn, first=MONDAY, last=MONDAY + timedelta(days=30)) == [(300, 300)] * 2


@pytest.mark.usefixtures("cells")
def test_a_patrol_over_midnight_belongs_to_both_days(conn):
    midnight = walking.MIDNIGHT + 86400
    receipt = send(conn, straight(start=midnight - 150), at=NOW + timedelta(days=1))
    assert receipt.days == (MONDAY, TUESDAY)
    assert totals(conn, last=TUESDAY) == [(140, 140), (150, 150)]


@pytest.mark.usefixtures("cells")
def test_every_reason_not_to_count_is_told(conn):
    good = straight()
    n, t, lon, lat, _ = good[-1]
    odd = [
        (n + 1, t, lon, lat, 5.0),  # once more
        (n + 2, t, lon + 1e-5, lat, 9.0),  # elsewhere at the same time
        (n + 3, t + 10, lon, lat, 51.0),  # a receiver that guesses
        (n + 4, t + 5000, lon, lat, 5.0),  # alone
    ]
    receipt = send(conn, [*good[:10], (10, good[10][1], lon + 0.1, lat, 5.0), *good[11:], *odd])
    assert receipt.kept == 30
    assert receipt.rejected == {
        "accuracy": 1, "alone": 1, "duplicate": 1, "same_time": 1, "speed": 1,
    }  # fmt: skip


@pytest.mark.usefixtures("cells")
@pytest.mark.parametrize(
    "datum, shifted",
    [
        (Datum.WGS84, lambda lonlat: lonlat),
        (Datum.CGCS2000, lambda lonlat: lonlat),
        (Datum.GCJ02, to_gcj02),
        (Datum.BD09, to_bd09),
    ],
)
def test_coordinates_of_another_datum_are_brought_home(conn, datum, shifted):
    plain = straight()
    moved = shifted(np.array([fix[2:4] for fix in plain]))
    fixes = [
        (n, t, *place, m) for (n, t, _, _, m), place in zip(plain, moved.tolist(), strict=True)
    ]
    send(conn, fixes, datum=datum)
    (walk,) = own_tracks(conn, "p1", first=MONDAY, last=MONDAY)
    expected = np.array([fix[2:4] for fix in plain])
    assert np.abs(np.array(walk.line.coords) - expected).max() < 1e-9  # a tenth of a millimetre


# Whose.


@pytest.mark.usefixtures("cells")
def test_nobody_reads_anothers_walk(conn):
    send(conn, straight(), person="p2")
    assert totals(conn, "p1") == []
    assert totals(conn, "p2") == [(300, 300)]


@pytest.mark.usefixtures("cells")
def test_at_most_31_days_are_read_at_once_and_in_order(conn):
    assert own_tracks(conn, "p1", first=MONDAY, last=MONDAY + timedelta(days=30)) == []
    with pytest.raises(InvalidInput, match="more than 31 days"):
        own_tracks(conn, "p1", first=MONDAY, last=MONDAY + timedelta(days=31))
    with pytest.raises(InvalidInput, match="before it begins"):
        own_tracks(conn, "p1", first=TUESDAY, last=MONDAY)


# At once.


def test_parts_sent_many_times_at_once_count_once(own_database_url):
    engine = db.connect(own_database_url)
    with engine.begin() as conn:
        settled.add_people(conn, TWO)
        settled.settle(conn, walking.town(2, 2))
    fixes = straight()
    parts = [batch(fixes[begin : begin + 12]) for begin in (0, 10, 20)]

    def upload(turn):
        with engine.begin() as conn:
            return take_batch(conn, parts[turn % 3], zone=ZONE, at=NOW)

    with ThreadPoolExecutor(6) as pool:
        receipts = list(pool.map(upload, range(18)))
    for part in parts:
        of = [receipt for receipt in receipts if receipt.id == part.id]
        assert sum(receipt.first for receipt in of) == 1
        assert len({replace(r, first=False).seq for r in of}) == 1
    with engine.begin() as conn:
        assert totals(conn) == [(300, 300)]
        days = conn.execute(text("select kept from patrol_day")).scalars().all()
    assert days == [31]
    engine.dispose()


@pytest.mark.usefixtures("cells")
def test_the_ids_of_a_batch_and_of_an_act_may_be_the_same(conn):
    number = uuid4()
    assert send(conn, straight(), id=number, op_id=number).first
