"""GPX and CSV files of tracks: what is read, and what is refused with which code."""

from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import select

from gis import tables
from gis.errors import InvalidFile
from gis.patrols.importing import import_tracks
from gis.patrols.reading import read_tracks
from tests import settled, walking

ZONE = ZoneInfo("Asia/Shanghai")
POINT = '<trkpt lat="32.89" lon="117.45">{time}</trkpt>'
TIME = "<time>2026-09-21T08:00:0{n}{zone}</time>"


def gpx(body, *, version="1.1", head=""):
    name = f"http://www.topografix.com/GPX/{version.replace('.', '/')}"
    return f'<?xml version="1.0"?>{head}<gpx version="{version}" xmlns="{name}">{body}</gpx>'


def segment(*points):
    return "<trk><trkseg>" + "".join(points) + "</trkseg></trk>"


def timed(n=0, zone="Z"):
    return POINT.format(time=TIME.format(n=n, zone=zone))


UNTIMED = POINT.format(time="")


@pytest.fixture
def file(tmp_path):
    def write(content, name="walk.gpx"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def read(path, **asked):
    given = {"person": "p1", "zone": ZONE} | asked
    return read_tracks(path, **given)


def refused(path, **asked):
    with pytest.raises(InvalidFile) as refusal:
        read(path, **asked)
    return [problem.code for problem in refusal.value.problems]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_points_with_a_time_are_fixes_and_those_without_are_traces(file, version):
    body = (
        '<wpt lat="1" lon="2"/>'
        + segment(timed(0), timed(5, "+08:00"), UNTIMED)
        + segment(UNTIMED, UNTIMED)
        + '<rte><rtept lat="1" lon="2"/></rte>'
    )
    found = read(file(gpx(body, version=version)))
    assert (found.read, found.notes, found.problems) == (5, {"no_time": 3}, ())
    (walked,) = found.walked
    assert walked.person == "p1"
    assert walked.points == 5
    assert [len(line) for line in walked.traces] == [1, 2]
    first, second = walked.fixes.t.tolist()
    assert first - second == 8 * 3600 - 5
    assert (walked.fixes.lon[0], walked.fixes.lat[0]) == (117.45, 32.89)
    assert np.isnan(walked.fixes.accuracy).all()


def test_a_gpx_time_without_an_offset_is_utc(file):
    (walked,) = read(file(gpx(segment(timed(0, ""), timed(0, "Z"))))).walked
    assert walked.fixes.t[0] == walked.fixes.t[1]


def test_times_of_extensions_and_of_the_file_are_not_times_of_points(file):
    body = "<metadata><time>2020-01-01T00:00:00Z</time></metadata>" + segment(
        POINT.format(time="<extensions><time>2020-01-01T00:00:00Z</time></extensions>")
    )
    assert read(file(gpx(body))).notes == {"no_time": 1}


@pytest.mark.parametrize(
    "content, code",
    [
        (gpx(segment(timed()), head='<!DOCTYPE gpx [<!ENTITY a "b">]>'), "doctype"),
        (gpx(segment(timed()), head='<!DOCTYPE gpx SYSTEM "file:///etc/passwd">'), "doctype"),
        (gpx(segment(timed()))[:-5], "unreadable"),
        ("no XML at all", "unreadable"),
        ("<kml/>", "unreadable"),
        (gpx('<wpt lat="1" lon="2"/>'), "empty"),
        (b"", "unreadable"),
    ],
)
def test_what_is_no_track_is_refused(file, content, code):
    assert refused(file(content)) == [code]


def test_a_missing_file_and_a_track_of_nobody_are_refused(file, tmp_path):
    assert refused(tmp_path / "none.gpx") == ["missing_file"]
    assert refused(file(gpx(segment(timed()))), person=None) == ["no_person"]
    assert refused(file("time,lon,lat\n", "a.csv"), person=None) == ["no_person"]


@pytest.mark.parametrize(
    "place, code",
    [
        ('lat="32.89"', "not_a_number"),
        ('lat="x" lon="117"', "not_a_number"),
        ('lat="117.45" lon="32.89"', "swapped"),
        ('lat="32.89" lon="200"', "out_of_range"),
        ('lat="0" lon="0"', "null_island"),
    ],
)
def test_a_bad_point_is_named_by_its_number_and_the_others_are_read(file, place, code):
    found = read(file(gpx(segment(timed(), f"<trkpt {place}/>", timed(1)))))
    assert [(problem.code, problem.row) for problem in found.problems] == [(code, 2)]
    assert found.walked[0].fixes.t.size == 2


CSV = """who,when,x,y,accuracy
p2,2026-09-21 08:00,117.45,32.89,5
p1,2026-09-21T08:00:00+08:00,117.45,32.89,
p1,2026-09-21T00:00:10.9Z,117.451,32.89,12.5
p1,,117.452,32.89,
"""
FIELDS = {"time_field": "when", "lon_field": "x", "lat_field": "y"}


def test_a_csv_file_may_hold_several_people_and_local_times(file):
    found = read(file(CSV, "a.csv"), person=None, person_field="who", **FIELDS)
    assert (found.read, found.notes) == (4, {"no_time": 1})
    one, two = found.walked
    assert (one.person, two.person) == ("p1", "p2")
    assert one.fixes.t[0] == two.fixes.t[0]
    assert np.diff(one.fixes.t).tolist() == [10]
    assert one.fixes.accuracy[1] == 12.5
    assert np.isnan(one.fixes.accuracy[0])


def test_person_overrides_a_column_and_wrong_fields_are_named(file):
    path = file(CSV, "a.csv")
    assert [w.person for w in read(path, **FIELDS).walked] == ["p1"]
    assert refused(path) == ["wrong_field"] * 3
    assert refused(path, person=None, person_field="nobody", **FIELDS) == ["wrong_field"]


@pytest.mark.parametrize(
    "row, code",
    [
        ("p1,yesterday,117,32,5", "not_a_time"),
        (",2026-09-21,117,32,5", "no_person"),
        ("p1,2026-09-21,117,32,good", "not_a_number"),
    ],
)
def test_a_bad_row_of_a_csv_file_is_named(file, row, code):
    path = file(CSV + row + "\n", "a.csv")
    found = read(path, person=None, person_field="who", **FIELDS)
    assert [(problem.code, problem.row) for problem in found.problems] == [(code, 5)]


@pytest.fixture
def people(conn):
    settled.add_people(conn, {"p1": "Ann", "p2": "Bo"})
    settled.settle(conn, [walking.square(0, 0, 300)], villages=1)


def test_files_are_imported_together_and_again_change_nothing(conn, people, file):
    paths = [
        file(gpx(segment(timed(0), timed(9), UNTIMED, UNTIMED))),
        file(
            "time,lon,lat\n2026-09-21 12:00,117.45,32.89\n2026-09-21 12:01,117.45,32.89\n", "b.csv"
        ),
    ]
    done = import_tracks(conn, paths, zone=ZONE, person="p1")
    assert (done.read, done.written, done.skipped) == (6, 6, 0)
    assert done.notes == {"no_time": 2}
    again = import_tracks(conn, paths, zone=ZONE, person="p1")
    assert again.notes == {"no_time": 2, "repeated": 4}
    day = conn.execute(select(tables.patrol_day.c.kept)).scalars().all()
    assert day == [4]
    assert conn.execute(select(tables.trace.c.source)).scalars().all() == ["walk.gpx"]


def test_an_unknown_person_or_a_bad_point_stops_the_import_and_writes_nothing(conn, people, file):
    good = file(gpx(segment(timed(0), timed(9))), "good.gpx")
    bad = file(gpx(segment(timed(0), '<trkpt lat="32.89" lon="200"/>', timed(9))), "bad.gpx")
    for paths, person, codes in (
        ([good], "p9", ["unknown_person"]),
        ([good, bad], "p1", ["out_of_range"]),
    ):
        with pytest.raises(InvalidFile) as refusal:
            import_tracks(conn, paths, zone=ZONE, person=person)
        assert [problem.code for problem in refusal.value.problems] == codes
        assert conn.execute(select(tables.patrol_day)).all() == []
    done = import_tracks(conn, [bad], zone=ZONE, person="p1", skip_bad_rows=True)
    assert (done.read, done.written, done.skipped) == (3, 2, 1)
    assert [problem.code for problem in done.problems] == ["out_of_range"]


def test_swapped_coordinates_are_told_by_where_the_cells_are(conn, file):
    settled.add_people(conn, {"p1": "Ann"})
    settled.settle(conn, walking.town(2, 2, lat=52.0), villages=1)
    path = file(
        "time,lon,lat\n2026-09-21 12:00,52.0,117.45\n2026-09-21 12:01,52.0,17.45\n", "b.csv"
    )
    with pytest.raises(InvalidFile) as refusal:
        import_tracks(conn, [path], zone=ZONE, person="p1")
    assert [problem.code for problem in refusal.value.problems] == ["swapped"]
