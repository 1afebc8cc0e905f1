"""Moves as planners send them: seen by others, taken back, refused, two at once."""

import json
import threading
from datetime import date, timedelta
from uuid import uuid4

import numpy as np
import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import func, insert, select, text, update

from gis import db, deployment, tables, times
from gis.cells import redrawing, store
from gis.cells.defects import Defect
from gis.cells.lattice import UNITS, is_on_lattice
from gis.cells.redraw import degrees_of
from gis.errors import Conflict, NotAllowed, NotRedrawn
from gis.issues.lifecycle import Severity, Status
from gis.patrols.masks import masks
from gis.patrols.store import set_masks
from gis.people.roles import Role
from tests.boundaries import importer, named, overlapping
from tests.calling import client_in, headers_of
from tests.tilings import corners_of, tiling

CELLS = tiling(3)
CORNERS = {frozenset(codes): corner for corner, codes in corners_of(CELLS).items()}
INSIDE = CORNERS[frozenset({"U00", "U01", "U10", "U11"})]
ELSEWHERE = CORNERS[frozenset({"U22", "U23", "U32", "U33"})]
AREAS = CORNERS[frozenset({"U11", "U12", "U21", "U22", "V00", "V01", "V10", "V11", "A0", "A1"})]
FRAME = CORNERS[frozenset({"U00", "V00", "A0", "T"})]


def settle(conn):
    """Found a township with the cells of CELLS, made yesterday."""
    deployment.found(
        conn, code="T", name="Test township", timezone="Asia/Shanghai", on=date(2026, 1, 1)
    )
    zone = deployment.zone_named("Asia/Shanghai")
    store.begin_versions(conn, list(CELLS.values()), today=date(2026, 1, 1), zone=zone)
    conn.execute(update(tables.cell).values(made_at=date(2026, 1, 1)))
    set_masks(conn, [cell for cell in store.cells_on(conn) if cell.code[0] == "U"])
    return conn


@pytest.fixture
def township(conn):
    return settle(conn)


@pytest.fixture
def client(township, engine, tmp_path):
    with client_in(township, engine, tmp_path) as client:
        yield client


@pytest.fixture
def planner(township):
    return headers_of(township, Role.PLANNER, "T")


def shifted(corner, dx=1000, dy=-700):
    return corner[0] + dx, corner[1] + dy


def seen(conn):
    return {cell.code: cell.id for cell in store.cells_on(conn)}


def bytes_of(conn):
    return {cell.code: cell.geom.wkb for cell in store.cells_on(conn)}


def move(conn, corner, to, *, op_id=None, versions=None, within=None):
    return redrawing.move_corner(
        conn,
        op_id=op_id or uuid4(),
        at=degrees_of(corner),
        to=degrees_of(to),
        versions=seen(conn) if versions is None else versions,
        within=within,
    )


def asked(conn, corner, to, **changes):
    """What a planner's page sends."""
    sent = {"op_id": str(uuid4()), "at": degrees_of(corner), "to": degrees_of(to)}
    return sent | {"versions": seen(conn)} | changes


# Over HTTP


def test_a_move_is_answered_with_the_cells_as_everybody_sees_them_now(client, planner, township):
    before = seen(township)
    answer = client.post(
        "/api/redraw/vertex", json=asked(township, AREAS, shifted(AREAS)), headers=planner
    )
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"op_id", "sha256", "server_seq", "changed", "undo"}
    codes = [feature["properties"]["cell"] for feature in body["changed"]["features"]]
    assert codes == ["A0", "A1", "V00", "V01", "V10", "V11", "U11", "U12", "U21", "U22"]
    listed = client.get("/api/cells", headers=planner).json()["features"]
    assert [f for f in listed if f["properties"]["cell"] in codes] == body["changed"]["features"]
    now = {f["properties"]["cell"]: f["properties"]["version"] for f in listed}
    assert {code for code in now if now[code] != before[code]} == set(codes)
    assert body["undo"]["versions"] == {code: now[code] for code in codes}


def test_what_is_undone_is_as_it_was_to_the_last_bit(client, planner, township):
    before = bytes_of(township)
    done = client.post(
        "/api/redraw/vertex", json=asked(township, AREAS, shifted(AREAS)), headers=planner
    )
    assert bytes_of(township) != before
    undo = {"op_id": str(uuid4())} | done.json()["undo"]
    assert client.post("/api/redraw/vertex", json=undo, headers=planner).status_code == 200
    assert bytes_of(township) == before


def test_coordinates_cross_the_wire_without_loss(client, planner, township):
    stored = bytes_of(township)
    answer = client.get("/api/cells", headers=planner)
    for feature in answer.json()["features"]:
        geom = shape(feature["geometry"])
        assert geom.wkb == stored[feature["properties"]["cell"]]
        assert is_on_lattice(geom)
    numbers = json.loads(answer.text, parse_float=str)["features"][0]["geometry"]["coordinates"]
    assert all(
        len(x.partition(".")[2]) <= 8 for part in numbers for ring in part for p in ring for x in p
    )


def test_a_move_sent_again_is_answered_the_same_and_made_once(client, planner, township):
    sent = asked(township, INSIDE, shifted(INSIDE))
    first = client.post("/api/redraw/vertex", json=sent, headers=planner)
    after = bytes_of(township)
    again = client.post("/api/redraw/vertex", json=sent, headers=planner)
    assert again.status_code == 200
    assert again.json() == first.json()
    other = client.post(
        "/api/redraw/vertex", json=sent | {"to": degrees_of(INSIDE)}, headers=planner
    )
    assert other.status_code == 409
    assert bytes_of(township) == after


def test_the_answer_is_the_same_after_the_cells_moved_on(client, planner, township):
    sent = asked(township, INSIDE, shifted(INSIDE))
    first = client.post("/api/redraw/vertex", json=sent, headers=planner).json()
    move(township, shifted(INSIDE), shifted(INSIDE, 5, 5))
    assert client.post("/api/redraw/vertex", json=sent, headers=planner).json() == first


def test_a_cell_that_moved_on_is_named(client, planner, township):
    old = asked(township, INSIDE, shifted(INSIDE))
    edge = CORNERS[frozenset({"U00", "U01"})]
    move(township, edge, shifted(edge, 50, 50))
    before = bytes_of(township)
    answer = client.post("/api/redraw/vertex", json=old, headers=planner)
    assert answer.status_code == 409
    assert answer.json()["title"] == "Somebody changed these cells meanwhile: 网格U00, 网格U01."
    assert bytes_of(township) == before


def test_a_cell_that_the_planner_did_not_see_is_named(client, planner, township):
    versions = seen(township)
    del versions["U11"]
    answer = client.post(
        "/api/redraw/vertex",
        json=asked(township, INSIDE, shifted(INSIDE), versions=versions),
        headers=planner,
    )
    assert answer.status_code == 409
    assert "网格U11" in answer.json()["title"]


@pytest.mark.parametrize(
    ("corner", "to", "word"),
    [
        (FRAME, shifted(FRAME), "on_frame"),
        (shifted(INSIDE, 17, 3), INSIDE, "no_corner"),
        (INSIDE, shifted(INSIDE, 10**6, 0), "too_far"),
        (INSIDE, AREAS, "taken"),
        (INSIDE, INSIDE, "unmoved"),
    ],
)
def test_a_refusal_says_why_and_where(client, planner, township, *, corner, to, word):
    field = "at" if word in ("on_frame", "no_corner") else "to"
    before = bytes_of(township), seen(township)
    answer = client.post("/api/redraw/vertex", json=asked(township, corner, to), headers=planner)
    assert answer.status_code == 422
    body = answer.json()
    assert body["code"] == "not_redrawn"
    (error,) = body["errors"]
    assert (error["code"], error["field"]) == (word, field)
    assert error["message"] == body["title"]
    assert (error["lon"], error["lat"]) == degrees_of(corner if field == "at" else to)
    assert (bytes_of(township), seen(township)) == before


@pytest.mark.parametrize(
    "change",
    [
        {"to": [181, 0]},
        {"to": [1e300, 32]},
        {"to": [117.4]},
        {"to": [0, 0]},
        {"at": ["x", 1]},
        {"op_id": "1"},
        {"versions": {"U00": -1}},
        {"versions": {"U00": 2**40}},
        {"versions": {f"C{n}": 1 for n in range(2000)}},
    ],
)
def test_nonsense_is_refused(client, planner, township, change):
    sent = asked(township, INSIDE, shifted(INSIDE)) | change
    answer = client.post("/api/redraw/vertex", json=sent, headers=planner)
    assert answer.status_code == 422
    body = json.dumps(sent | {"to": [float("nan"), 1]})
    answer = client.post("/api/redraw/vertex", content=body, headers=planner)
    assert answer.status_code == 422


def test_only_planners_move_borders(client, township):
    for role in (Role.CHIEF, Role.UNIT_WORKER, Role.INSPECTOR):
        headers = headers_of(township, role, "T")
        sent = asked(township, INSIDE, shifted(INSIDE))
        assert client.post("/api/redraw/vertex", json=sent, headers=headers).status_code == 403
    sent = asked(township, INSIDE, shifted(INSIDE))
    assert client.post("/api/redraw/vertex", json=sent).status_code == 401
    for role in (Role.CENTRE_STAFF, Role.ADMINISTRATOR):
        headers = headers_of(township, role, "T")
        sent = asked(township, INSIDE, shifted(INSIDE))
        assert client.post("/api/redraw/vertex", json=sent, headers=headers).status_code == 200
        move(township, shifted(INSIDE), INSIDE)


def test_a_planner_of_an_area_moves_no_border_of_another(township):
    with pytest.raises(NotAllowed, match="网格U21"):
        move(township, AREAS, shifted(AREAS), within="A0")
    with pytest.raises(NotAllowed):
        move(township, ELSEWHERE, shifted(ELSEWHERE), within="A0")
    assert move(township, INSIDE, shifted(INSIDE), within="A0").first


# What is stored


def test_moves_of_one_day_make_one_version_and_the_days_before_keep_theirs(township):
    before = bytes_of(township)
    at = AREAS
    for n in range(1, 6):
        to = shifted(AREAS, 100 * n, 50 * n)
        move(township, at, to)
        at = to
    version = tables.cell_version.c
    counted = select(version.code, func.count()).group_by(version.code)
    assert {code: n for code, n in township.execute(counted) if n > 1} == {
        code: 2 for code in ("A0", "A1", "V00", "V01", "V10", "V11", "U11", "U12", "U21", "U22")
    }
    yesterday = times.today(deployment.zone_named("Asia/Shanghai")) - timedelta(days=1)
    assert {c.code: c.geom.wkb for c in store.cells_on(township, yesterday)} == before
    assert bytes_of(township) != before


def test_cells_made_only_today_keep_their_past_too(conn):
    settle(conn).execute(update(tables.cell).values(made_at=func.now()))
    move(conn, INSIDE, shifted(INSIDE))
    assert store.cell_named(conn, "U00", date(2026, 1, 1)).geom.wkb == CELLS["U00"].geom.wkb
    assert store.cell_named(conn, "U00").geom.wkb != CELLS["U00"].geom.wkb


def test_the_ground_of_changed_units_is_drawn_anew_and_of_no_other(township):
    tile = tables.cell_tile.c
    drawn = dict(
        township.execute(
            select(tile.cell, text("string_agg(mask::text, '' order by x, y)")).group_by(tile.cell)
        ).all()
    )
    done = move(township, AREAS, shifted(AREAS, 20_000, 9_000))
    units = [cell for cell in done.changed if cell.code[0] == "U"]
    want = masks([cell.geom for cell in units], np.array([cell.id for cell in units]))
    rows = township.execute(
        select(tile.cell, text("x, y, mask::text")).where(tile.cell.in_([c.id for c in units]))
    ).all()
    assert len(rows) == len(want.tile)
    found = {(row.cell, row.x, row.y): row.mask.count("1") for row in rows}
    bits = np.unpackbits(want.bits, axis=1).sum(axis=1)
    assert sorted(found.values()) == sorted(bits.tolist())
    again = dict(
        township.execute(
            select(tile.cell, text("string_agg(mask::text, '' order by x, y)")).group_by(tile.cell)
        ).all()
    )
    assert {n: again[n] for n in drawn} == drawn  # the versions of the past, and the other units


def test_a_listed_defect_must_be_repaired_first(township):
    hole = shapely.box(117.4501, 32.8901, 117.4502, 32.8902)
    defect = Defect("gap", ("V00", "V01"), hole)
    store.replace_defects(township, [(defect, "A0")], lowest=store.Level.VILLAGE)
    before = bytes_of(township)
    with pytest.raises(NotRedrawn, match="between 网格V00, 网格V01 lie in no cell") as error:
        move(township, AREAS, shifted(AREAS))
    assert error.value.why == "defect"
    assert error.value.at == (hole.point_on_surface().x, hole.point_on_surface().y)
    assert bytes_of(township) == before
    assert len(store.defects(township)) == 1
    assert move(township, INSIDE, shifted(INSIDE)).first  # the villages stay as they are


def test_overlapping_cells_as_they_were_imported_must_be_repaired_first(conn, tmp_path):
    bring = importer(named(conn), tmp_path)
    bring(store.Level.VILLAGE, overlapping())
    corner = (11_746_000_000, 3_289_000_000)
    with pytest.raises(NotRedrawn, match="网格A, 网格B overlap by") as error:
        move(conn, corner, shifted(corner))
    assert error.value.why == "defect"
    bring(store.Level.VILLAGE, overlapping(), repair=True)
    assert store.defects(conn) == []


def test_open_issues_stay_with_the_cell_where_they_were_reported(township):
    # It lies beside the corner, which then moves past it.
    lon, lat = degrees_of(shifted(AREAS, 10_000, -300))
    (unit, *_) = [c.code for c in store.codes_at(township, lon, lat, day=date(2026, 1, 2))]
    township.execute(
        insert(tables.issue).values(
            id=uuid4(),
            version=1,
            source="worker",
            category="其他",
            severity=Severity.ORDINARY,
            geom=shapely.Point(lon, lat),
            reported_at=times.now(),
            cell=unit,
            owner=unit,
            reasons=[],
            status=Status.REPORTED,
        )
    )
    move(township, AREAS, shifted(AREAS, 20_000, 0))
    (after, *_) = [
        c.code for c in store.codes_at(township, lon, lat, day=times.now().date() + timedelta(1))
    ]
    assert after != unit
    assert township.execute(select(tables.issue.c.cell, tables.issue.c.owner)).one() == (unit, unit)


# Two planners at once


@pytest.fixture
def engine_of_two(own_database_url):
    engine = db.connect(own_database_url)
    with engine.begin() as conn:
        settle(conn)
    yield engine
    engine.dispose()


def both(engine, second_corner):
    """Let a second planner move a corner while the first one's move is not committed yet."""
    outcome = []

    def second(versions):
        try:
            with engine.begin() as conn:
                done = move(
                    conn, second_corner, shifted(second_corner, 300, 300), versions=versions
                )
                outcome.append(done)
        except Conflict as error:
            outcome.append(error)

    with engine.connect() as first, first.begin():
        versions = seen(first)
        move(first, INSIDE, shifted(INSIDE))
        thread = threading.Thread(target=second, args=(versions,))
        thread.start()
        while not waiting(engine):
            assert thread.is_alive()
    thread.join(timeout=30)
    (answer,) = outcome
    return answer


def waiting(engine):
    """Tell whether a transaction waits for a lock."""
    with engine.connect() as conn:
        here = "(select oid from pg_database where datname = current_database())"
        query = f"select 1 from pg_locks where not granted and database = {here}"
        return conn.execute(text(query)).first() is not None


def test_of_two_planners_at_one_corner_the_second_is_told(engine_of_two):
    answer = both(engine_of_two, INSIDE)
    assert isinstance(answer, Conflict)
    assert "网格U00, 网格U01, 网格U10, 网格U11" in str(answer)
    with engine_of_two.connect() as conn:
        codes = [code for codes, c in CORNERS.items() if c == INSIDE for code in codes]
        for cell in store.cells_named(conn, codes, times.now().date() + timedelta(1)):
            corners = np.rint(shapely.get_coordinates(cell.geom) * UNITS).astype(int).tolist()
            assert list(shifted(INSIDE)) in corners


def test_two_planners_at_corners_of_different_cells_both_succeed(engine_of_two):
    answer = both(engine_of_two, ELSEWHERE)
    assert answer.first
    with engine_of_two.connect() as conn:
        moved = {code for code, wkb in bytes_of(conn).items() if wkb != CELLS[code].geom.wkb}
    assert moved == {"U00", "U01", "U10", "U11", "U22", "U23", "U32", "U33"}


def test_one_act_sent_twice_at_once_is_one(engine_of_two):
    op_id, answers = uuid4(), []
    with engine_of_two.connect() as conn:
        versions = seen(conn)

    def send():
        with engine_of_two.begin() as conn:
            answers.append(move(conn, INSIDE, shifted(INSIDE), op_id=op_id, versions=versions))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(answer.first for answer in answers) == [False, False, False, True]
    assert len({answer.seq for answer in answers}) == 1
    assert len({tuple(cell.id for cell in answer.changed) for answer in answers}) == 1
