"""The ground that counts: 25 m around ways, 50 m around houses and hamlets, or all of it.

The road of these tests rises 3 m for every 4 m to the east. Through a cell 400 m wide it
is 500 m long, and 25,000 m² of the cell lie within 25 m of it.
"""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry import mapping
from sqlalchemy import delete, insert, select

from api.cli.__main__ import main
from gis import db
from gis.hierarchy import Level
from gis.patrols import ground, store
from gis.patrols.coverage import coverage_report
from gis.patrols.due import bits_near
from gis.patrols.gaps import gaps_report
from gis.tables import cell_tile, layer_feature
from tests import settled, walking
from tests.boundaries import written
from tests.settled import MONDAY, hold, send

AT = datetime(2026, 9, 30, tzinfo=UTC)
ALL = 400 * 600
ROAD = [(-160, 30), (560, 570)]
FAR = walking.square(9_000, 9_000, 400)


def degrees(points):
    at = walking.line(points)
    return list(zip(at.lon, at.lat, strict=True))


def lay(conn, kind, shape):
    conn.execute(insert(layer_feature).values(kind=kind, geom=shape, source="test"))
    store.refresh_due(conn)


def lay_road(conn, kind="road"):
    lay(conn, kind, LineString(degrees(ROAD)))


def walk_the_road(conn):
    send(conn, "p1", walking.line([(x, 150 + 0.75 * x) for x in range(-40, 441, 8)]))


def report(conn):
    return coverage_report(conn, cell=None, level=Level.UNIT, first=MONDAY, last=MONDAY, at=AT)


def row(conn, cell="U01"):
    return next(row for row in report(conn).rows if row["cell"] == cell)


def gaps(conn, kind):
    found = gaps_report(conn, cell=None, level=Level.UNIT, first=MONDAY, last=MONDAY, at=AT)
    return [row for row in found.rows if row["kind"] == kind]


@pytest.fixture
def cell(conn):
    """One unit, 400 m wide and 600 m high, that Ann holds."""
    settled.add_people(conn, {"p1": "Ann"})
    [found] = settled.settle(conn, [walking.square(0, 0, 400, 600)], villages=1)
    hold(conn, "p1", "U01")
    return found


@pytest.mark.parametrize("kind", ["road", "lane"])
def test_the_ground_within_25_m_of_a_way_counts(conn, cell, kind):
    lay_road(conn, kind)
    found = row(conn)
    assert found["area_m2"] == pytest.approx(ALL, rel=0.001)
    assert found["due_m2"] == pytest.approx(500 * 50, rel=0.02)
    assert (found["covered_pct"], found["covered_by_holder_pct"]) == (0, 0)


def test_a_walk_along_a_road_passes_all_of_what_counts(conn, cell):
    lay_road(conn)
    walk_the_road(conn)
    found = row(conn)
    assert found["covered_m2"] == pytest.approx(500 * 50, rel=0.02)
    assert found["covered_pct"] == pytest.approx(100, abs=0.5)
    assert found["covered_by_holder_pct"] == found["covered_pct"]
    assert report(conn).total["covered_pct"] == found["covered_pct"]


def test_a_walk_in_the_fields_passes_nothing_that_counts(conn, cell):
    lay_road(conn)
    send(conn, "p1", walking.line([(x, 60) for x in range(250, 400, 10)]))
    assert row(conn)["covered_m2"] == 0


@pytest.mark.parametrize("kind", ["building", "hamlet"])
def test_the_ground_of_houses_and_hamlets_counts_and_50_m_around_it(conn, cell, kind):
    lay(conn, kind, walking.square(150, 200, 100))
    want = 100 * 100 + 4 * 100 * 50 + math.pi * 50**2
    assert row(conn)["due_m2"] == pytest.approx(want, rel=0.02)


def test_all_ground_counts_where_no_layer_says_otherwise(conn, cell):
    walk_the_road(conn)
    before = row(conn)
    assert before["due_m2"] == before["area_m2"]
    assert before["covered_pct"] == pytest.approx(500 * 50 / ALL * 100, abs=0.2)
    for kind in ("rail", "water"):
        lay_road(conn, kind)
    lay(conn, "wood", walking.square(100, 100, 50))
    assert row(conn) == before


def test_without_its_layers_all_ground_counts_again(conn, cell):
    walk_the_road(conn)
    before = row(conn)
    lay_road(conn)
    assert row(conn) != before
    conn.execute(delete(layer_feature))
    store.refresh_due(conn)
    assert row(conn) == before


def test_cells_that_come_after_the_layers_know_what_counts(conn, cell):
    lay_road(conn)
    tile = select(cell_tile.c.x, cell_tile.c.y, cell_tile.c.due_mask)
    before = conn.execute(tile.order_by(cell_tile.c.x, cell_tile.c.y)).all()
    store.set_masks(conn, [cell])
    assert conn.execute(tile.order_by(cell_tile.c.x, cell_tile.c.y)).all() == before


def test_a_cell_far_from_every_layer_has_no_shares_and_no_ground_to_pass(conn):
    settled.add_people(conn, {"p1": "Ann"})
    settled.settle(conn, [walking.square(0, 0, 400, 600), FAR], villages=1)
    lay_road(conn)
    walk_the_road(conn)
    found = row(conn, "U02")
    assert (found["due_m2"], found["covered_m2"]) == (0, 0)
    assert (found["covered_pct"], found["covered_by_holder_pct"]) == (None, None)
    assert found["area_m2"] == pytest.approx(160_000, rel=0.001)
    # The township's share is that of the cell by the road.
    assert report(conn).total["covered_pct"] == row(conn)["covered_pct"]
    assert gaps(conn, "not_passed") == []
    lay(conn, "hamlet", walking.square(0, 500, 100))  # 350 m from the road
    assert {row["cell"] for row in gaps(conn, "not_passed")} == {"U01"}


def test_a_small_cell_is_measured_on_its_tracks_only_where_it_counts_whole(conn):
    settled.add_people(conn, {"p1": "Ann"})
    settled.settle(conn, [walking.square(0, 100, 200, 300)], villages=1)
    walk_the_road(conn)
    assert row(conn)["covered_m2"] == pytest.approx(250 * 50, rel=0.005)
    lay_road(conn)  # 250 m of it in the cell
    assert row(conn)["due_m2"] == pytest.approx(250 * 50, rel=0.03)
    assert row(conn)["covered_pct"] == pytest.approx(100, abs=1.5)
    lay(conn, "hamlet", walking.square(-100, 0, 400, 500))
    assert row(conn)["due_m2"] == row(conn)["area_m2"]
    assert row(conn)["covered_m2"] == pytest.approx(250 * 50, rel=0.005)


def test_only_ground_that_counts_can_be_a_gap_not_passed(conn, cell):
    lay_road(conn)
    [gap] = gaps(conn, "not_passed")
    assert gap["area_m2"] == pytest.approx(500 * 50, rel=0.02)
    near = Polygon(degrees([(-160, -15), (560, 525), (560, 615), (-160, 75)]))
    assert shapely.within(gap["geometry"], near)
    [whole] = gaps(conn, "not_patrolled")
    assert whole["area_m2"] == pytest.approx(ALL, rel=0.001)
    lay(conn, "hamlet", Polygon(degrees([(-160, 28), (560, 568), (560, 572), (-160, 32)])))
    walk_the_road(conn)
    sides = gaps(conn, "not_passed")  # a strip of 25 m on either side of what was passed
    assert [gap["area_m2"] for gap in sides] == pytest.approx([500 * 25] * 2, rel=0.1)


def test_tiles_may_be_asked_in_any_order_and_twice():
    x, y = ground.to_grid(*np.array([degrees([(0, 0)])[0], degrees([(3_000, 0)])[0]]).T)
    near, far = ground.ground_cell(x.astype(int), y.astype(int)) >> 12
    house = walking.square(-5, -5, 10)
    found = bits_near([house], np.array([far, near, far, near]), metres=[50])
    count = np.bitwise_count(found).sum(axis=1, dtype=int)
    assert (count[0], count[2]) == (0, 0)
    assert count[1] == count[3] > 0
    assert not bits_near([], np.array([near]), metres=[]).any()


def test_what_reaches_beyond_the_web_map_does_no_harm():
    x, y = ground.to_grid(*np.array([degrees([(0, 0)])[0]]).T)
    tile = ground.ground_cell(x.astype(int), y.astype(int)) >> 12
    meridian = LineString([(walking.LON, -90), (walking.LON, 90)])
    assert bits_near([meridian], tile, metres=[25]).any()
    everywhere = MultiPolygon([shapely.box(-180, -90, 180, 90)])
    assert bits_near([everywhere], tile, metres=[50]).tolist() == [[255] * 512]


def test_importing_a_layer_changes_what_counts(own_database_url, tmp_path, monkeypatch):
    for name in ("WANGGE_DATABASE_URL", "WANGGE_ADMIN_DATABASE_URL"):
        monkeypatch.setenv(name, own_database_url)
    engine = db.connect(own_database_url)
    with engine.begin() as conn:
        settled.settle(conn, [walking.square(0, 0, 400, 600)], villages=1)
    road = {"type": "Feature", "properties": {}, "geometry": mapping(LineString(degrees(ROAD)))}
    path = written({"type": "FeatureCollection", "features": [road]}, tmp_path / "roads.geojson")
    assert main(["import", "layer", str(path), "--kind", "road"]) == 0
    with engine.connect() as conn:
        assert row(conn)["due_m2"] == pytest.approx(500 * 50, rel=0.02)
    engine.dispose()
