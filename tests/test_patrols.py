"""Uploads on a real PostGIS: what is stored is a function of what was walked, and of the cells."""

import random
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.dialects.postgresql import Range

from gis import tables
from gis.errors import Conflict
from gis.hierarchy import Level
from gis.patrols import store
from gis.patrols.tracks import Fixes
from tests import settled, walking
from tests.settled import MONDAY, send

FIGURES = {
    "patrol_day": "day, person, rule, kept",
    "patrol_segment": "day, person, st_asewkb(geom)",
    "cover_tile": "day, person, x, y, bits",
    "effort_tile": "day, person, x, y, cells",
    "effort_cell_day": "day, person, cell, seconds, inner_seconds, passes, first_at, last_at",
}
TWO = {"p1": "Ann", "p2": "Bo"}


def figures(conn):
    """All that is stored, in one order."""
    return {
        table: sorted(
            tuple(map(str, row)) for row in conn.execute(text(f"select {columns} from {table}"))
        )
        for table, columns in FIGURES.items()
    }


@pytest.fixture
def cells(conn: Connection):
    """Four units of 300 m in two villages, and two people."""
    settled.add_people(conn, TWO)
    return settled.settle(conn, walking.town(2, 2))


@pytest.fixture
def walked(cells) -> dict[str, Fixes]:
    """Two people, two days, 120 fixes each."""
    return {
        person: Fixes.concatenate(
            [
                walking.walk(
                    cells[n].geom, fixes=120, start=walking.MIDNIGHT + hour * 3600, seed=hour + n
                )
                for hour in (9, 33)
            ]
        )
        for n, person in enumerate(TWO)
    }


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32 - 1), cuts=st.integers(1, 5))
def test_order_repetition_and_splitting_of_uploads_change_no_figure(conn, walked, seed, cuts):
    once = conn.begin_nested()
    for person, fixes in walked.items():
        send(conn, person, fixes)
    want = figures(conn)
    once.rollback()

    dice = random.Random(seed)  # noqa: S311
    parcels = []
    for n, (person, fixes) in enumerate(walked.items()):
        index = list(range(fixes.t.size))
        dice.shuffle(index)
        for k in range(cuts):
            part = index[k::cuts] + dice.choices(index, k=20)
            parcels.append((person, fixes[np.array(part)], n * 100 + k))
    parcels += dice.choices(parcels, k=2)
    dice.shuffle(parcels)
    trial = conn.begin_nested()
    for person, part, batch in parcels:
        send(conn, person, part, batch=batch)
    got = figures(conn)
    trial.rollback()
    assert got == want


def test_the_seconds_of_a_track_add_up_in_every_table(conn, walked):
    for person, fixes in walked.items():
        send(conn, person, fixes)
    length = "select sum(st_m(st_endpoint(geom)) - st_m(st_startpoint(geom))) from patrol_segment"
    track = conn.execute(text(length)).scalar_one()
    units = conn.execute(text("select sum(seconds) from effort_cell_day")).scalar_one()
    packed = conn.execute(select(tables.effort_tile.c.cells)).scalars()
    ground = sum(int(np.frombuffer(cells, store.GROUND)["seconds"].sum()) for cells in packed)
    assert track == units == ground > 3_000


def test_the_answer_tells_what_became_of_every_fix(conn, cells):
    wild = walking.line([(50, 50), (60, 50), (900, 50), (70, 50)])
    first = send(conn, "p1", wild)
    assert (first.days, first.kept, first.rejected) == ((MONDAY,), 3, {"speed": 1})
    again = send(conn, "p1", wild)
    assert (again.days, again.kept, again.rejected) == ((), 0, {"repeated": 4})
    part = send(conn, "p1", wild[np.array([0, 1])])
    assert (part.kept, part.rejected) == (0, {"duplicate": 2})
    assert send(conn, "p1", walking.line([])) == store.Stored((), 0, {}, 0)
    kept, rejected = conn.execute(
        select(tables.patrol_day.c.kept, tables.patrol_day.c.rejected)
    ).one()
    assert (kept, rejected) == (3, {"speed": 1, "duplicate": 2})


def test_a_batch_cannot_come_again_with_other_fixes(conn, cells):
    send(conn, "p1", walking.line([(50, 50), (60, 50)]), batch=1)
    with pytest.raises(Conflict, match="here before with other fixes"):
        send(conn, "p1", walking.line([(50, 50), (70, 50)]), batch=1)


def test_a_late_upload_replaces_its_own_person_day_only(conn, walked):
    for person, fixes in walked.items():
        send(conn, person, fixes)
    before = figures(conn)
    late = walking.line([(50, 50), (60, 50)], start=walking.MIDNIGHT + 20 * 3600)
    send(conn, "p1", late)
    after = figures(conn)
    for table, rows in before.items():
        others = [row for row in rows if row[:2] != (str(MONDAY), "p1")]
        assert [row for row in after[table] if row[:2] != (str(MONDAY), "p1")] == others
        assert after[table] != rows


def test_a_walk_across_midnight_is_two_days(conn, cells):
    still = walking.line([(50, 50)] * 40, start=walking.MIDNIGHT - 200)
    assert send(conn, "p1", still).days == (MONDAY - timedelta(days=1), MONDAY)
    kept = conn.execute(select(tables.patrol_day.c.kept)).scalars().all()
    assert kept == [20, 20]


def test_points_without_a_time_are_kept_once_and_count_nowhere(conn, cells):
    trace = [np.array([[117.45, 32.89], [117.451, 32.891], [117.452, 32.89]])]
    lone = [np.array([[117.45, 32.89]])]
    nothing = walking.line([])
    for lines in (trace, trace, lone):
        stored = store.import_fixes(
            conn,
            nothing,
            person="p1",
            batch=store.batch_of(nothing, lines),
            source="old.gpx",
            zone=settled.ZONE,
            traces=lines,
        )
        assert stored == store.Stored((), 0, {}, len(lines[0]))
    rows = conn.execute(select(tables.trace.c.points, tables.trace.c.geom)).all()
    assert sorted(points for points, _ in rows) == [1, 3]
    assert {geom.geom_type for _, geom in rows} == {"MultiLineString"}
    assert not any(figures(conn).values())


def test_the_same_content_is_the_same_batch():
    one, other = walking.line([(0, 0), (9, 0)]), walking.line([(0, 0), (8, 0)])
    assert store.batch_of(one) == store.batch_of(one[np.array([0, 1])])
    assert store.batch_of(one) != store.batch_of(other)
    assert isinstance(store.batch_of(one, [np.zeros((2, 2))]), UUID)
    assert store.batch_of(one, [np.zeros((2, 2))]) != store.batch_of(one)


def by_cell(conn):
    """Seconds by code of the cell; None is ground in no cell."""
    effort, version = tables.effort_cell_day, tables.cell_version
    rows = conn.execute(
        select(version.c.code, effort.c.seconds, effort.c.inner_seconds).select_from(
            effort.outerjoin(version, version.c.id == effort.c.cell)
        )
    )
    return {code: (seconds, inner) for code, seconds, inner in rows}


@pytest.fixture
def squares(conn: Connection):
    """Two units of 300 m side by side, and Ann's walk east through both: 580 m in 580 s."""
    settled.add_people(conn, TWO)
    units = [walking.square(0, 0, 300), walking.square(300, 0, 300)]
    found = settled.settle(conn, units, villages=1)
    send(conn, "p1", walking.line([(x, 150) for x in range(10, 591, 10)]))
    return found


def test_time_near_the_border_is_inside_but_not_inner(conn, squares):
    # 290 s in each, 20 s of them within 15 m of its border; a ground cell is 8 s wide.
    found = by_cell(conn)
    assert set(found) == {"U01", "U02"}
    for seconds, inner in found.values():
        assert abs(seconds - 290) <= 4
        assert abs(inner - 270) <= 8
    assert sum(seconds for seconds, _ in found.values()) == 580


def test_drawing_the_same_cells_again_changes_nothing(conn, squares):
    before = figures(conn)
    store.set_masks(conn, squares)
    store.set_masks(conn, [])
    assert figures(conn) == before


def test_cells_that_come_after_the_walk_share_out_its_time(conn, squares):
    before = figures(conn)
    conn.execute(delete(tables.cell_version).where(tables.cell_version.c.code.like("U%")))
    store.set_masks(conn, [])
    assert by_cell(conn) == {None: (580, 580)}
    conn.execute(delete(tables.cell).where(tables.cell.c.code.like("U%")))
    again = [
        settled.add_cell(conn, shape.code, Level.UNIT, shape.geom, parent="V1") for shape in squares
    ]
    store.set_masks(conn, again)
    ids = {str(old.id): str(new.id) for old, new in zip(squares, again, strict=True)}
    renamed = [(*row[:2], ids.get(row[2], row[2]), *row[3:]) for row in before["effort_cell_day"]]
    assert figures(conn)["effort_cell_day"] == sorted(renamed)


def test_units_take_over_from_a_village_that_was_a_leaf(conn):
    settled.add_people(conn, TWO)
    settled.settle(conn, [walking.square(0, 0, 600)], villages=1)
    conn.execute(delete(tables.cell_version).where(tables.cell_version.c.code == "U01"))
    version = tables.cell_version
    village = conn.execute(select(version.c.id, version.c.geom).where(version.c.code == "V1")).one()
    store.set_masks(
        conn,
        [settled.CellShape(village.id, "V1", "", Level.VILLAGE, "A", "", village.geom, 360_000.0)],
    )
    send(conn, "p1", walking.line([(x, 300) for x in range(10, 591, 10)]))
    assert list(by_cell(conn)) == ["V1"]
    west, east = walking.square(0, 0, 300, 600), walking.square(300, 0, 300, 600)
    units = [
        settled.add_cell(conn, code, Level.UNIT, shape, parent="V1")
        for code, shape in (("U02", west), ("U03", east))
    ]
    store.set_masks(conn, units)
    found = by_cell(conn)
    assert set(found) == {"U02", "U03"}
    assert sum(seconds for seconds, _ in found.values()) == 580


def test_a_redraw_leaves_the_days_before_it_alone(conn, squares):
    tuesday = MONDAY + timedelta(days=1)
    walk = walking.line([(x, 150) for x in range(10, 591, 10)], start=walking.MIDNIGHT + 33 * 3600)
    send(conn, "p1", walk)
    version = tables.cell_version
    west = squares[0]
    conn.execute(update(version).where(version.c.id == west.id).values(valid=Range(None, tuesday)))
    shape = shapely.intersection(west.geom, walking.square(0, 0, 200))
    smaller = settled.add_cell(
        conn, "U01", Level.UNIT, shape, parent="V1", valid=Range(tuesday, None)
    )
    store.set_masks(conn, [smaller])
    effort = tables.effort_cell_day
    rows = conn.execute(select(effort.c.day, effort.c.cell, effort.c.seconds)).all()
    monday = {cell: s for day, cell, s in rows if day == MONDAY}
    after = {cell: s for day, cell, s in rows if day == tuesday}
    assert set(monday) == {west.id, squares[1].id}
    assert abs(after[smaller.id] - 190) <= 4
    assert abs(after[0] - 100) <= 8
    assert sum(monday.values()) == sum(after.values()) == 580


def test_a_mask_is_the_ground_of_its_cell(conn, squares):
    tile = tables.cell_tile
    rows = conn.execute(
        text(
            "select cell, sum(bit_count(mask) * ground_cell_m2) as m2 from cell_tile group by cell"
        )
    )
    assert {row.cell: row.m2 for row in rows} == pytest.approx(
        {shape.id: shape.area_m2 for shape in squares}, rel=0.04
    )
    beyond = select(tile.c.cell).where(text("bit_count(inner_mask & ~mask) > 0"))
    assert conn.execute(beyond).first() is None


def test_a_day_is_a_day_of_the_deployment(conn, cells):
    # 2026-09-20 17:00 UTC is 01:00 on Monday in China.
    night = walking.line([(50, 50), (60, 50)], start=1_789_923_600)
    assert send(conn, "p1", night).days == (MONDAY,)
    person = conn.execute(select(tables.patrol_segment.c.person)).scalar_one()
    assert person == "p1"
