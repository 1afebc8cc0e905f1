import csv
import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely import Polygon

from data.boundaries.generate import geojson
from data.boundaries.generate.chance import SEED, stream
from data.boundaries.generate.demo import DemoFiles, write_demo
from data.boundaries.generate.facts import TOWNSHIP, VILLAGES
from data.boundaries.generate.files import CELLS, FOLDER, LAYERS, PLACES
from data.boundaries.generate.ground import build
from data.boundaries.generate.ground.cells import LEVELS, UNIT_LEVEL, Cell, numbering
from data.boundaries.generate.ground.checks import implausible, tiling_defects
from data.boundaries.generate.lattice import doubled_area, from_degrees, metres, to_degrees
from data.boundaries.generate.life import township
from data.boundaries.generate.life.calendar import ZONE, add_working
from data.boundaries.generate.life.outcomes import outcome
from data.boundaries.generate.life.people import appoint
from data.boundaries.generate.life.reports import Reporting

TODAY = date(2026, 6, 30)
MIDNIGHT = datetime(2026, 6, 30, tzinfo=ZONE)


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    """The kept cells, on the lattice; a coordinate off it raises."""
    return [
        Cell(p["code"], p["name"], p["name_en"], level, p["parent"] or "", p["kind"], shape)
        for level, path in zip(LEVELS, CELLS.values(), strict=True)
        for p, degrees in geojson.read(FOLDER / path)
        for shape in [from_degrees(degrees)]
    ]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> DemoFiles:
    return write_demo(tmp_path_factory.mktemp("demo"), TODAY)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of_level(cells: list[Cell], level: int) -> list[Cell]:
    return [cell for cell in cells if cell.level == level]


# The ground


def test_names_and_codes_are_those_of_the_facts(cells):
    assert {c.code: (c.name, c.name_en) for c in of_level(cells, 3)} == VILLAGES
    assert [(c.code, c.name, c.name_en) for c in of_level(cells, 1)] == [TOWNSHIP]
    assert [c.code for c in of_level(cells, 2)] == [f"{TOWNSHIP[0]}-{n}" for n in (1, 2, 3, 4)]


def test_each_level_tiles_the_one_above_exactly(cells):
    assert tiling_defects(cells) == []
    assert len({sum(doubled_area(c.shape) for c in of_level(cells, n)) for n in LEVELS}) == 1


def test_no_cell_is_thin_tiny_or_in_parts(cells):
    assert implausible(cells) == []


def test_a_missing_unit_is_found_by_the_sum_of_areas(cells):
    gone = of_level(cells, UNIT_LEVEL)[17]
    rest = [cell for cell in cells if cell is not gone]
    assert shapely.coverage_is_valid([c.shape for c in of_level(rest, UNIT_LEVEL)])
    assert any(defect.startswith(gone.parent) for defect in tiling_defects(rest))


def test_a_vertex_moved_by_a_millimetre_is_found(cells):
    unit = of_level(cells, UNIT_LEVEL)[40]
    ring = shapely.get_coordinates(unit.shape)
    ring[5] += 1
    moved = replace(unit, shape=Polygon(ring))
    assert tiling_defects([moved if cell is unit else cell for cell in cells])


def test_units_are_numbered_as_one_reads_a_page(cells):
    for village in of_level(cells, 3):
        units = [c for c in of_level(cells, UNIT_LEVEL) if c.parent == village.code]
        assert [c.code[12:] for c in units] == [f"{n:03d}" for n in range(1, len(units) + 1)]
        assert all(c.code.startswith(village.code) for c in units)
        assert numbering(village.shape, [c.shape for c in units]) == list(range(len(units)))


def test_there_are_a_hundred_units_four_of_them_special(cells):
    kinds = Counter(c.kind for c in of_level(cells, UNIT_LEVEL))
    assert kinds == {"": 96, "market": 1, "school": 1, "park": 1, "enterprise": 1}


def test_the_same_seed_gives_the_bytes_that_are_kept(tmp_path):
    build.write(build.make(), tmp_path)
    for path in (*CELLS.values(), *LAYERS.values(), PLACES):
        assert (tmp_path / path).read_bytes() == (FOLDER / path).read_bytes(), path


def test_files_stay_small_and_say_that_they_are_illustrative():
    for path in (*CELLS.values(), *LAYERS.values(), PLACES):
        assert (FOLDER / path).stat().st_size < 400_000
        assert "示意" in json.loads((FOLDER / path).read_bytes())["note"]


def test_no_building_lies_on_a_border_of_cells(cells):
    borders = shapely.STRtree([to_degrees(c.shape.boundary) for c in of_level(cells, UNIT_LEVEL)])
    buildings = geojson.parts(geojson.read(FOLDER / LAYERS["houses"]))
    assert len(buildings) > 2000
    assert not borders.query(buildings, predicate="intersects").size


def test_every_village_has_its_places_and_none_lies_on_a_border(cells):
    known = geojson.read(FOLDER / PLACES)
    points = np.array([point for _, point in known])
    kinds = Counter(properties["kind"] for properties, _ in known)
    assert 60 <= len(known) <= 120
    assert len({properties["name"] for properties, _ in known}) == len(known)
    villages = [to_degrees(c.shape) for c in of_level(cells, 3)]
    for kind in ("committee", "clinic"):  # one of each in every village
        own = points[[properties["kind"] == kind for properties, _ in known]]
        tree = shapely.STRtree(own)
        assert [tree.query(v, predicate="contains").size for v in villages] == [1] * 16
    assert kinds["school"] > 1
    assert kinds["pump"] > 1
    borders = shapely.union_all([to_degrees(c.shape.boundary) for c in of_level(cells, UNIT_LEVEL)])
    assert shapely.distance(points, borders).min() > 2e-5  # two metres
    assert shapely.contains(shapely.union_all(villages), points).all()


# The life


def test_the_same_day_gives_the_same_bytes(files, tmp_path):
    again = write_demo(tmp_path, TODAY)
    for name in ("people", "issues", "tracks"):
        assert getattr(again, name).read_bytes() == getattr(files, name).read_bytes()


def test_people_are_plainly_fictional(files):
    people = {row["person_id"]: (row["name"], row["phone"]) for row in rows(files.people)}
    assert all(name[1:3] == "示例" for name, _ in people.values())
    assert all(phone.startswith("0000000") for _, phone in people.values())
    assert len({name for name, _ in people.values()}) == len(people)


def test_posts_have_joint_leaders_vacancies_an_expired_holder_and_deputies(files, cells):
    held = defaultdict(list)
    for row in rows(files.people):
        if row["from"] <= "2026-06-30" and (row["to"] or "9999") >= "2026-06-30":
            held[row["cell"]].append(row)
    assert Counter(len(held[v.code]) for v in of_level(cells, 3)) == {2: 15, 1: 1}
    assert sum(row["role"] == "chief" for row in held[TOWNSHIP[0]]) == 2
    units = [held[u.code] for u in of_level(cells, UNIT_LEVEL)]
    assert sum(not people for people in units) == 5  # four vacant, one expired
    assert sum(any(row["deputy_for"] for row in people) for people in units) == 3
    assert any(row["to"] == "2026-06-10" for row in rows(files.people))


def test_people_move_with_the_day():
    town, later = township.read(FOLDER), timedelta(days=100)
    now = appoint(town, TODAY, rng=stream(SEED, "people"))
    then = appoint(town, TODAY + later, rng=stream(SEED, "people"))
    assert then == [
        replace(h, since=h.since + later, until=h.until + later if h.until else None) for h in now
    ]


@pytest.mark.parametrize("days", [0, 3, 100, 201])
def test_ninety_days_of_issues_end_with_some_open_and_some_overdue(days):
    end = MIDNIGHT + timedelta(days=days)
    town = township.read(FOLDER)
    last = end.date() - timedelta(days=1)
    reports = Reporting(
        town, appoint(town, end.date(), rng=stream(SEED, "people")), last=last, seed=SEED
    ).all()
    assert 590 <= len(reports) <= 610
    assert end - timedelta(days=90) <= reports[0].at <= reports[-1].at < end
    outcomes = [outcome(r, end, rng=stream(SEED, "outcome", n)) for n, r in enumerate(reports, 1)]
    still_open = [o for o in outcomes if o.resolved is None]
    assert 12 <= len(still_open) <= 40
    assert 3 <= sum(o.due < end for o in still_open) <= 15
    settled = [(r.at, o.resolved) for r, o in zip(reports, outcomes, strict=True) if o.resolved]
    assert all(at <= resolved <= end for at, resolved in settled)


def test_issues_lie_in_the_township_but_for_a_handful(files):
    town = township.read(FOLDER)
    issues = rows(files.issues)
    xy = metres(np.array([(float(row["lon"]), float(row["lat"])) for row in issues]))
    outside = [n for n, point in enumerate(xy) if town.unit_at(point) is None]
    assert 6 <= len(outside) <= 12
    borders = shapely.union_all([unit.shape.boundary for unit in town.units])
    near = shapely.dwithin(shapely.points(xy), borders, 15)
    assert 0.08 < near.mean() < 0.3
    people = {row["person_id"] for row in rows(files.people)}
    assert {row["reporter"] for row in issues} <= people | {""}
    assert all((row["source"] == "worker") == bool(row["reporter"]) for row in issues)


def test_tracks_run_forward_by_day_for_thirty_days(files):
    people = {row["person_id"] for row in rows(files.people)}
    fixes = defaultdict(list)
    for row in rows(files.tracks):
        fixes[row["person"], row["time"][:10]].append(datetime.fromisoformat(row["time"]))
    assert {person for person, _ in fixes} <= people
    days = {day for _, day in fixes}
    assert min(days) == "2026-05-31" and max(days) == "2026-06-29"
    for times in fixes.values():
        assert all(b - a >= timedelta(seconds=10) for a, b in pairwise(times))
        assert times[0].hour >= 6
        assert times[-1].hour <= 20


def test_most_units_are_walked_and_some_are_neglected(files):
    town = township.read(FOLDER)
    xy = metres(np.array([(float(r["lon"]), float(r["lat"])) for r in rows(files.tracks)]))
    _, unit = town.index.query(shapely.points(xy), predicate="within")
    fixes = np.bincount(unit, minlength=len(town.units))
    assert 0.98 < len(unit) / len(xy) <= 1
    assert np.median(fixes) > 1000
    assert 2 <= (fixes < np.median(fixes) / 10).sum() <= 10


def test_nothing_happens_after_the_moment_asked_for(tmp_path):
    moment = datetime(2026, 6, 30, 9, 30, tzinfo=ZONE)
    files = write_demo(tmp_path, TODAY, until=moment)
    latest = max(datetime.fromisoformat(row["time"]) for row in rows(files.tracks))
    assert moment - timedelta(minutes=1) < latest <= moment  # people are out
    for row in rows(files.issues):
        assert all(datetime.fromisoformat(row[k]) <= moment for k in ("reported", "resolved")
                   if row[k])  # fmt: skip


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-06-26 16:30", 1.0, "2026-06-26 17:30"),
        ("2026-06-26 16:30", 2.0, "2026-06-29 09:30"),  # over a weekend
        ("2026-06-29 11:30", 1.0, "2026-06-29 15:00"),  # over noon
        ("2026-06-27 10:00", 6.5, "2026-06-29 17:30"),  # begins on a Saturday
    ],
)
def test_working_time_skips_nights_noons_and_weekends(start, hours, end):
    begin = datetime.fromisoformat(start).replace(tzinfo=ZONE)
    assert f"{add_working(begin, hours):%Y-%m-%d %H:%M}" == end


def test_ways_meet_where_they_are_drawn_to_meet():
    roads = township.read(FOLDER).roads
    points = np.round(shapely.get_coordinates(geojson.parts(roads)), 3)
    _, times = np.unique(points, axis=0, return_counts=True)
    assert (times > 1).sum() > 1000  # junctions are vertices of every line
