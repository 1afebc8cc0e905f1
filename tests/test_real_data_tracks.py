"""A real hike of 871 points over four squares of 1 km²."""

import json
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import shapely
from sqlalchemy import select

from gis import tables
from gis.hierarchy import Level
from gis.patrols import coverage, density
from gis.patrols.importing import import_tracks
from tests import settled

pytestmark = pytest.mark.real

DAY = date(2010, 10, 3)
AT = datetime(2010, 10, 4, tzinfo=UTC)


@pytest.fixture
def hike(conn, real_data):
    """The squares as units, and the hike imported for a person."""
    folder = real_data / "tracks"
    squares = json.loads((folder / "korita-cells.geojson").read_text("utf-8"))["features"]
    settled.settle(conn, [shapely.geometry.shape(s["geometry"]) for s in squares], villages=1)
    settled.add_people(conn, {"p1": "Ann"})
    path = folder / "korita-zbevnica.gpx"
    return import_tracks(conn, [path], zone=settled.ZONE, person="p1")


def test_points_without_a_time_are_shown_and_not_counted(conn, hike):
    assert (hike.read, hike.written, hike.skipped) == (871, 871, 0)
    assert hike.notes == {"no_time": 358, "alone": 3}
    (points,) = conn.execute(select(tables.trace.c.points)).scalars()
    assert points == 358
    assert sum(len(line.coords) for line in coverage.traces(conn)) == 358
    (trace_id,) = conn.execute(select(tables.trace.c.id)).scalars()
    assert isinstance(trace_id, UUID)
    lines = coverage.tracks_in(conn, first=DAY, last=DAY)
    assert len(lines) == 5
    assert sum(len(segment.line.coords) for segment in lines) == 513 - 3


def test_the_coverage_of_each_square_is_that_of_exact_geometry(conn, hike, real_data):
    expected = json.loads((real_data / "tracks/korita-expected.json").read_text("utf-8"))["squares"]
    found = coverage.coverage_report(conn, cell=None, level=Level.UNIT, first=DAY, last=DAY, at=AT)
    assert [row["covered_pct"] for row in found.rows] == pytest.approx(
        [square["covered_pct"] for square in expected.values()], abs=0.1
    )
    assert [row["area_m2"] for row in found.rows] == pytest.approx(
        [square["area_m2"] for square in expected.values()],
        rel=1e-3,  # those are in UTM
    )
    assert [row["last_patrolled"] for row in found.rows] == [DAY, DAY, DAY, None]


def test_every_second_of_the_hike_is_in_some_row(conn, hike):
    found = density.density_report(conn, cell=None, level=Level.UNIT, first=DAY, last=DAY, at=AT)
    lines = conn.execute(select(tables.patrol_segment.c.geom)).scalars()
    walked = sum(line.coords[-1][2] - line.coords[0][2] for line in lines)
    seconds = [row["person_seconds"] for row in found.rows]
    assert sum(s for s in seconds if s is not None) == walked == found.total["person_seconds"]
    assert seconds[3] is None  # nobody came near the fourth square
