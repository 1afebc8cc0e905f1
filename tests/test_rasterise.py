"""What a track covers and the time it spends, against brute force, geometry and the clock."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.patrols import ground, masks, rasterise, tracks
from gis.patrols.ground import CELLS, SIDE, WORLD
from gis.patrols.rasterise import Steps
from gis.patrols.tracks import Track
from tests import walking

COLUMN, ROW = 3_465_000, 1_690_000  # at Lilou, where a ground cell is 8.0 m wide


def through(points, every=10):
    """One segment through grid coordinates, a fix every ten seconds."""
    x, y = np.array(points, float).T
    zero = np.zeros(len(points), np.int64)
    t = 1_790_000_000 + np.arange(len(points)) * every
    return Track(zero, zero, t, *ground.to_lonlat(x, y))


def near(points, every=10):
    return through([(COLUMN + x, ROW + y) for x, y in points], every)


def as_set(tiles):
    """Columns and rows of all ground cells set."""
    _, cell = tiles.cells()
    x, y = ground.tile_xy(cell >> 12)
    bit = cell & (CELLS - 1)
    columns, rows = x * SIDE + bit % SIDE, y * SIDE + bit // SIDE
    return set(zip(columns.tolist(), rows.tolist(), strict=True))


def on_ground(track):
    pieces = rasterise.pieces(track)
    return rasterise.effort(pieces, pieces.cell)


def brute_force(track, radius):
    """Measure from every centre around to every step."""
    x, y = ground.to_grid(track.lon, track.lat)
    column, row = np.meshgrid(
        np.arange(int(x.min()) - 15, int(x.max()) + 15),
        np.arange(int(y.min()) - 15, int(y.max()) + 15),
    )
    best = np.full(column.shape, np.inf)
    for i in track.steps:
        width, height = ground.cell_size((y[i] + y[i + 1]) / 2)
        px, py = (column + 0.5 - x[i]) * width, (row + 0.5 - y[i]) * height
        dx, dy = (x[i + 1] - x[i]) * width, (y[i + 1] - y[i]) * height
        s = np.clip((px * dx + py * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
        best = np.minimum(best, np.hypot(px - s * dx, py - s * dy))
    hit = best <= radius
    return set(zip(column[hit].tolist(), row[hit].tolist(), strict=True))


rows = st.sampled_from([2_097_152, ROW, 1_400_000, 924_000])  # 0°, 33°, 52°, 70°
paths = st.lists(st.tuples(st.floats(-30, 30), st.floats(-30, 30)), min_size=2, max_size=8)


@given(rows, paths)
def test_cover_is_every_centre_within_25_m(row, path):
    walked = through([(COLUMN + x, row + y) for x, y in path])
    assert as_set(rasterise.cover(walked)) == brute_force(walked, 25.0)


def test_standing_still_covers_a_disc():
    # 25 m are 3.1 ground cells: centres with dx² + dy² < 9.7
    disc = [(x, y) for x in range(-3, 4) for y in range(-3, 4) if x * x + y * y < 9.7]
    stood = near([(0.5, 0.5)] * 2)
    assert as_set(rasterise.cover(stood)) == {(COLUMN + x, ROW + y) for x, y in disc}


def test_no_track_covers_nothing_and_takes_no_time():
    nothing, _ = tracks.clean(walking.line([]))
    assert rasterise.cover(nothing).bits.shape == (0, 512)
    assert on_ground(nothing).seconds.size == 0


def test_a_step_across_the_antimeridian_does_not_go_round_the_world():
    walked = through([(WORLD - 1.5, 2_000_000), (1.5, 2_000_000)])
    columns = {x for x, _ in as_set(rasterise.cover(walked))}
    assert columns == {WORLD - k for k in (4, 3, 2, 1)} | {0, 1, 2, 3}
    cell = rasterise.pieces(walked).cell
    assert set(ground.tile_xy(cell >> 12)[0].tolist()) == {0, 65535}


@given(paths, paths)
def test_coverage_never_falls_when_a_track_is_added(first, second):
    a, b = near(first), near([(x + 10, y + 10) for x, y in second])
    both = Track(
        np.concatenate([a.group, b.group]),
        np.concatenate([a.segment, b.segment + 1]),
        np.concatenate([a.t, b.t + 100_000]),
        np.concatenate([a.lon, b.lon]),
        np.concatenate([a.lat, b.lat]),
    )
    alone = as_set(rasterise.cover(a)) | as_set(rasterise.cover(b))
    assert as_set(rasterise.cover(both)) == alone


def test_a_late_fix_between_two_others_may_move_the_line():
    """Coverage grows with tracks, days and persons, not with every single fix."""
    before = as_set(rasterise.cover(near([(0, 0), (8, 0)], 40)))
    assert before - as_set(rasterise.cover(near([(0, 0), (4, 20), (8, 0)], 20)))


@given(paths, st.integers(1, 130))
def test_person_seconds_are_conserved(path, every):
    walked = near(path, every)
    found = on_ground(walked)
    assert found.seconds.sum() == walked.t[-1] - walked.t[0]
    length = tracks.step_lengths(walked.lon, walked.lat).sum()
    assert found.metres.sum() == pytest.approx(length)


def test_time_goes_to_the_ground_under_the_feet():
    # Two seconds a ground cell: half of the first, three whole ones, half of the last.
    assert on_ground(near([(0.5, 0.5), (4.5, 0.5)], 8)).seconds.tolist() == [1, 2, 2, 2, 1]


def test_standing_still_keeps_its_time():
    found = on_ground(near([(0.5, 0.5)] * 7))
    assert (found.seconds.tolist(), found.passes.tolist()) == ([60], [1])


def test_jitter_on_a_border_is_one_pass_and_coming_back_later_another():
    jitter = [(0.9 + 0.2 * (k % 2), 0.5) for k in range(6)]
    away = [(5.5, 0.5)] * 14
    assert on_ground(near([*jitter, *away, jitter[0]])).passes.tolist() == [2, 2, 2, 2, 2, 1]


def test_only_inner_pieces_count_for_anyone():
    pieces = rasterise.pieces(near([(0.5, 0.5), (4.5, 0.5)], 8))
    found = rasterise.effort(pieces, np.full(pieces.cell.size, 7), pieces.cell > pieces.cell[1])
    assert (found.seconds.tolist(), found.inner_seconds.tolist()) == ([8], [5])


@pytest.mark.parametrize("lat", [0.0, 33.0, 52.0, 70.0])
def test_both_ways_to_measure_coverage_agree_with_exact_geometry(lat):
    cells = walking.town(4, 3, lat=lat)
    day = 86_400
    walks = [
        walking.walk(cell, fixes=150, seed=k, start=walking.MIDNIGHT + k * day)
        for k, cell in enumerate(cells)
    ]
    track, _ = tracks.clean(tracks.Fixes.concatenate(walks))
    want = walking.covered_share(track, cells)
    assert 0.2 < want.mean() < 0.8  # half walked: the hardest case

    whole = masks.masks(cells, np.arange(12))
    of, cell = whole.cells()
    covered = np.isin(cell, rasterise.cover(track).cells()[1])
    drawn = np.bincount(whole.group[of], covered) / np.bincount(whole.group[of])
    assert np.abs(drawn - want).mean() < 0.004
    assert np.abs(drawn - want).max() < 0.015

    steps = Steps.of(track)
    measured = np.array([rasterise.covered_share(steps, cell) for cell in cells])
    assert np.abs(measured - want).max() < 0.0005


def test_the_coverage_of_a_small_shape_can_be_redone_by_hand():
    # A road through the middle of a square of 100 m: 2 × 25 m of 100 m.
    road, _ = tracks.clean(walking.line([(x, 50) for x in range(-60, 170, 10)]))
    square = walking.square(0, 0, 100)
    assert rasterise.covered_share(Steps.of(road), square) == pytest.approx(0.5, abs=0.002)
    far = walking.square(0, 200, 100)
    assert rasterise.covered_share(Steps.of(road), far) == 0.0
    thread = walking.square(0, 0, 0.0000001, 0.0000001)
    assert rasterise.covered_share(Steps.of(road), thread) == 0.0
