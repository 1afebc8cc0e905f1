"""Which fixes count: the rules one by one, then what must hold for any upload."""

from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.patrols import tracks
from gis.patrols.tracks import RULE, Fixes, Reason, Rule, clean

METRE = 1 / 111_000  # degrees of latitude, roughly


def north(t, metres, accuracy=None, seq=None, group=None):
    """One walker going north; ``metres`` from the start."""
    n = len(t)
    return Fixes(
        np.array(group or [0] * n, np.int64),
        np.array(seq or [0] * n, np.int64),
        np.array(t, np.int64),
        np.full(n, 117.45),
        32.9 + np.array(metres) * METRE,
        np.array(accuracy or [5.0] * n),
    )


def test_a_plain_walk_is_kept_whole():
    track, reason = clean(north([0, 10, 20], [0, 12, 24]))
    assert track.segment.tolist() == [0, 0, 0]
    assert not reason.any()


def test_a_fix_worse_than_50_m_is_dropped_and_an_unknown_accuracy_passes():
    _, reason = clean(north([0, 10, 20], [0, 12, 24], [5, 50.1, np.nan]))
    assert reason.tolist() == [0, Reason.ACCURACY, 0]


def test_a_spike_far_from_both_neighbours_is_dropped():
    track, reason = clean(north([0, 10, 20, 30], [0, 500, 24, 36]))
    assert reason.tolist() == [0, Reason.SPEED, 0, 0]
    assert track.segment.tolist() == [0, 0, 0]


def test_a_jump_to_a_place_that_lasts_cuts_the_track_and_drops_nothing():
    track, reason = clean(north([0, 10, 20, 30], [0, 12, 512, 524]))
    assert not reason.any()
    assert track.segment.tolist() == [0, 0, 1, 1]


def test_a_wrong_first_fix_draws_no_line():
    track, reason = clean(north([0, 10, 20], [500, 0, 12]))
    assert reason.tolist() == [Reason.ALONE, 0, 0]
    assert track.t.tolist() == [10, 20]


def test_silence_of_120_s_is_bridged_and_121_s_cuts():
    assert clean(north([0, 120], [0, 12]))[0].segment.tolist() == [0, 0]
    cut, _ = clean(north([0, 10, 131, 141], [0, 12, 24, 36]))
    assert cut.segment.tolist() == [0, 0, 1, 1]


def test_a_slow_recorder_may_be_silent_for_five_intervals_and_any_for_its_heartbeat():
    assert clean(north([0, 300], [0, 12]), Rule(sampling=60))[0].segment.tolist() == [0, 0]
    assert clean(north([0, 301], [0, 12]), Rule(sampling=60))[0].segment.size == 0
    assert clean(north([0, 600], [0, 12]), Rule(heartbeat=600))[0].segment.tolist() == [0, 0]


def test_a_clock_set_back_cuts_the_track_of_a_numbering_recorder():
    track, reason = clean(north([100, 110, 50, 60], [0, 12, 24, 36], seq=[1, 2, 3, 4]))
    assert not reason.any()
    assert track.segment.tolist() == [0, 0, 1, 1]


def test_persons_and_days_never_touch():
    track, _ = clean(north([0, 10, 20, 30], [0, 12, 24, 36], group=[0, 0, 1, 1]))
    assert track.segment.tolist() == [0, 0, 1, 1]
    assert track.steps.tolist() == [0, 2]


def test_two_places_at_one_time_keep_the_more_accurate():
    track, reason = clean(north([0, 10, 10, 20], [0, 99, 12, 24], [5, 9, 5, 5]))
    assert reason.tolist() == [0, Reason.SAME_TIME, 0, 0]
    assert track.t.tolist() == [0, 10, 20]


def test_null_island_and_the_impossible_are_not_on_the_map():
    f = north([0, 10, 20, 30], [0, 12, 24, 36])
    f.lon[0], f.lat[0], f.lat[1], f.lon[2] = 0.0, 0.0, 89.0, np.nan
    _, reason = clean(f)
    assert reason.tolist() == [Reason.INVALID] * 3 + [Reason.ALONE]
    assert tracks.rejected(reason) == {"invalid": 3, "alone": 1}


def test_nothing_in_nothing_out():
    track, reason = clean(north([], []))
    assert track.t.size == reason.size == track.steps.size == 0


def test_a_day_ends_at_local_midnight_even_when_clocks_change():
    # 2026-03-29 01:00 UTC: Berlin goes from +1 to +2.
    t = np.array([1774738799, 1774738800, 1774821599, 1774821600, 1774825200])
    day = tracks.local_day(t, ZoneInfo("Europe/Berlin"))
    assert (day - day[0]).tolist() == [0, 1, 1, 2, 2]


def test_steps_agree_with_the_geodesic():
    # One minute of latitude at 33° N and of longitude on the equator, WGS 84.
    up = tracks.step_lengths(np.zeros(2), np.array([33.0, 33 + 1 / 60]))
    east = tracks.step_lengths(np.array([179.995, -179.98833333333334]), np.zeros(2))
    assert abs(up[0] - 1848.459) < 0.05
    assert abs(east[0] - 1855.325) < 0.05


walks = st.lists(
    st.tuples(
        st.integers(0, 200),  # seconds since the last fix
        st.floats(-60, 60),  # metres north and east
        st.floats(-60, 60),
        st.sampled_from([3.0, 20.0, 49.0, 80.0]),
    ),
    min_size=1,
    max_size=60,
)


def walked(steps):
    dt, up, east, accuracy = (np.array(c) for c in zip(*steps, strict=True))
    return Fixes.of(
        1_790_000_000 + np.cumsum(dt),
        117.45 + np.cumsum(east) * METRE,
        32.9 + np.cumsum(up) * METRE,
        accuracy=accuracy,
    )


@given(walks, st.randoms(use_true_random=False))
def test_order_and_repetition_of_fixes_change_nothing(steps, random):
    f = walked(steps)
    index = [*range(f.t.size), *random.choices(range(f.t.size), k=10)]
    random.shuffle(index)
    want, _ = clean(f)
    got, reason = clean(f[np.array(index)])
    for name in ("segment", "t", "lon", "lat"):
        assert np.array_equal(getattr(got, name), getattr(want, name))
    assert (reason == 0).sum() == want.t.size


@given(walks)
def test_no_kept_segment_breaks_a_rule(steps):
    track, reason = clean(walked(steps))
    i = track.steps
    dt = track.t[i + 1] - track.t[i]
    metres = tracks.step_lengths(track.lon, track.lat)[i]
    assert (dt > 0).all()
    assert (dt <= RULE.max_gap).all()
    assert (metres <= RULE.max_speed * dt).all()
    assert track.t.size + sum(tracks.rejected(reason).values()) == reason.size
    assert (np.bincount(track.segment) > 1).all()
