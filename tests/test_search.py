"""Finding by name: what comes first, what is one thing, and what an account may find.

A township T of two villages side by side, each of one unit; a road of three pieces runs
through both, another of the same name lies far off.
"""

from datetime import date

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, box
from sqlalchemy import insert

from api.app import create_app
from api.deps import transaction
from gis import deployment, tables, times
from gis.hierarchy import Level
from gis.people import accounts
from gis.people.accounts import Use
from gis.people.roles import Role
from gis.search import find
from gis.settings import Settings

CELLS = [
    ("340302200", "李楼乡", Level.TOWNSHIP, None, (117.40, 117.44)),
    ("340302200-1", "西片区", Level.AREA, "340302200", (117.40, 117.44)),
    ("340302200200", "李楼村", Level.VILLAGE, "340302200-1", (117.40, 117.42)),
    ("340302200201", "黄巷村", Level.VILLAGE, "340302200-1", (117.42, 117.44)),
    ("340302200200001", "李楼村第1网格", Level.UNIT, "340302200200", (117.40, 117.42)),
    ("340302200201001", "黄巷村第1网格", Level.UNIT, "340302200201", (117.42, 117.44)),
]
PLACES = [
    ("school", "大塘小学", 117.41),
    ("商店", "李楼", 117.411),
    ("shop", "100%_好 Shop", 117.43),
    ("shop", "远处商店", 117.60),
]
LAYERS = [
    ("road", "东西大道", LineString([(117.39, 32.905), (117.41, 32.905)])),
    ("road", "东西大道", LineString([(117.41, 32.905), (117.43, 32.905)])),
    ("lane", "东西大道", LineString([(117.432, 32.905), (117.45, 32.905)])),
    ("road", "东西大道", LineString([(117.60, 32.905), (117.61, 32.905)])),
    ("water", "大塘", box(117.425, 32.901, 117.427, 32.902)),
    ("hamlet", "大塘", box(117.403, 32.902, 117.405, 32.904)),
    ("building", "大塘", box(117.4035, 32.9025, 117.404, 32.903)),
    ("building", "粮站", box(117.43, 32.9025, 117.431, 32.903)),
    ("road", "", LineString([(117.40, 32.901), (117.44, 32.901)])),
]


@pytest.fixture
def town(conn):
    deployment.found(
        conn, code="340302200", name="李楼乡", timezone="Asia/Shanghai", on=date(2026, 1, 1)
    )
    for code, name, level, parent, (west, east) in CELLS:
        conn.execute(insert(tables.cell).values(code=code, level=level))
        ground = MultiPolygon([box(west, 32.90, east, 32.91)])
        conn.execute(
            insert(tables.cell_version).values(
                code=code, name=name, parent=parent, geom=ground, valid="[,)"
            )
        )
    for kind, name, lon in PLACES:
        at = Point(lon, 32.905)
        conn.execute(insert(tables.place).values(kind=kind, name=name, geom=at, source="x"))
    for kind, name, geom in LAYERS:
        conn.execute(
            insert(tables.layer_feature).values(kind=kind, name=name, geom=geom, source="x")
        )
    return conn


def names(conn, text, own=None, most=20):
    return [found.name for found in find(conn, text, own=own, most=most)]


def kinds(conn, text, own=None):
    return [(found.kind, found.name) for found in find(conn, text, own=own)]


# What is found, and in which order


def test_the_whole_name_comes_before_its_beginning_and_that_before_its_middle(town):
    assert kinds(town, "李楼") == [
        ("place", "李楼"),
        ("cell", "李楼乡"),
        ("cell", "李楼村"),
        ("cell", "李楼村第1网格"),
    ]
    assert names(town, "大塘") == ["大塘", "大塘", "大塘小学"]
    assert names(town, "小学") == ["大塘小学"]


def test_short_names_come_before_long_ones_and_cells_before_the_rest(town):
    assert kinds(town, "大") == [
        ("hamlet", "大塘"),
        ("water", "大塘"),
        ("place", "大塘小学"),
        ("road", "东西大道"),
        ("road", "东西大道"),
    ]
    assert kinds(town, "村")[0] == ("cell", "李楼村")
    at = Point(117.41, 32.905)
    town.execute(insert(tables.place).values(kind="x", name="东片区", geom=at, source="y"))
    assert kinds(town, "片区") == [("cell", "西片区"), ("place", "东片区")]


def test_a_code_is_a_name_too(town):
    [first, *_] = find(town, "340302200200", own=None)
    assert (first.name, first.code, first.level) == ("李楼村", "340302200200", Level.VILLAGE)
    assert names(town, "200201") == ["黄巷村", "黄巷村第1网格"]
    assert names(town, "340302200", most=3) == ["李楼乡", "西片区", "李楼村"]


def test_capital_letters_and_full_width_make_no_difference(town):
    for text in ("shop", "SHOP", "ｓｈｏｐ", " Shop "):
        assert names(town, text) == ["100%_好 Shop"]
    assert names(town, "好   shop") == ["100%_好 Shop"]


@pytest.mark.parametrize("text", ["%", "_", "%_", "100%"])
def test_signs_of_patterns_are_signs_like_others(town, text):
    assert names(town, text) == ["100%_好 Shop"]


@pytest.mark.parametrize(
    "text", ["", "  ", "\t\n", "\0", "大\0塘", "\x1b", "\ud800", "大" * 101, "没有", "\\", "'"]
)
def test_nothing_is_found_without_a_name_that_can_be(town, text):
    assert find(town, text, own=None) == []


@given(text=st.text(max_size=12), own=st.sampled_from([None, "340302200201", "nowhere"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_text_can_be_asked(town, text, own):
    found = find(town, text, own=own, most=5)
    assert len(found) <= 5
    if own == "nowhere":
        assert found == []


def test_the_pieces_of_a_road_are_one_and_its_namesake_far_off_another(town):
    near, far = find(town, "东西大道", own=None)
    assert near.bbox == (117.39, 32.905, 117.45, 32.905)
    assert far.bbox == (117.60, 32.905, 117.61, 32.905)
    assert near.kind == far.kind == "road"
    assert LineString([(117.39, 32.905), (117.45, 32.905)]).distance(Point(near.lon, near.lat)) == 0
    assert far.within == ""


def test_houses_are_found_with_their_hamlet_and_alone_where_they_have_a_name_of_their_own(town):
    assert ("building", "大塘") not in kinds(town, "大塘")
    assert kinds(town, "粮站") == [("building", "粮站")]


def test_each_tells_the_cell_it_lies_in(town):
    within = {(f.kind, f.name): f.within for text in "李大" for f in find(town, text, own=None)}
    assert within["cell", "李楼乡"] == ""
    assert within["cell", "李楼村"] == "西片区"
    assert within["place", "大塘小学"] == "李楼村第1网格"
    assert within["water", "大塘"] == "黄巷村第1网格"


def test_a_name_that_a_cell_had_once_finds_nothing(town):
    version = tables.cell_version
    town.execute(
        version.update().where(version.c.code == "340302200201").values(valid="[2026-01-02,)")
    )
    town.execute(
        insert(version).values(
            code="340302200201",
            name="旧巷村",
            parent="340302200-1",
            geom=MultiPolygon([box(117.42, 32.90, 117.44, 32.91)]),
            valid="[,2026-01-02)",
        )
    )
    assert names(town, "旧巷") == []
    assert names(town, "黄巷") == ["黄巷村", "黄巷村第1网格"]


# What an account may find


def test_an_account_of_a_cell_finds_what_lies_in_it_or_touches_it(town):
    east = "340302200201"
    assert kinds(town, "村", own=east) == [("cell", "黄巷村"), ("cell", "黄巷村第1网格")]
    assert kinds(town, "大塘", own=east) == [("water", "大塘")]
    assert names(town, "商店", own=east) == []
    [road] = find(town, "大道", own=east)
    assert road.bbox == (117.42, 32.905, 117.44, 32.905)  # no more of it than may be seen
    assert 117.42 <= road.lon <= 117.44
    assert road.within == "黄巷村第1网格"
    [village, _] = find(town, "黄巷", own=east)
    assert village.within == ""  # what is above is not there


@pytest.fixture
def ask(engine, town, tmp_path):
    app = create_app(
        Settings(database_url="postgresql://unused", browser_files=tmp_path),
        engine=engine,
        run_jobs=False,
    )
    app.dependency_overrides[transaction] = lambda: town
    accounts.add_account(town, "chief", role=Role.CHIEF, cell="340302200", person=None)
    accounts.add_account(town, "east", role=Role.VILLAGE_LEADER, cell="340302200201", person=None)

    def ask(query, account="chief", language="en"):
        token = accounts.issue_secret(town, account, use=Use.TOKEN, at=times.now())
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        return client.get(f"/api/search{query}", headers=headers)

    with TestClient(app, base_url="http://grid.example") as client:
        yield ask


def test_the_answer_says_in_words_what_was_found(ask):
    [school] = ask("?q=小学").json()["items"]
    assert school == {
        "kind": "place",
        "name": "大塘小学",
        "detail": "School · 李楼村第1网格",
        "code": "",
        "lon": 117.41,
        "lat": 32.905,
        "bbox": [117.41, 32.905, 117.41, 32.905],
    }
    details = [item["detail"] for item in ask("?q=李楼").json()["items"]]
    assert details == ["商店 · 李楼村第1网格", "Township", "Village · 西片区", "Unit cell · 李楼村"]
    assert ask("?q=小学", language="zh").json()["items"][0]["detail"] == "学校 · 李楼村第1网格"


def test_an_account_asks_within_its_cell_alone(ask):
    assert [item["code"] for item in ask("?q=3403", "east").json()["items"]] == [
        "340302200201",
        "340302200201001",
    ]


def test_there_are_ten_answers_or_as_many_as_asked_for_up_to_twenty(ask, town):
    for n in range(30):
        at = Point(117.41, 32.905)
        town.execute(insert(tables.place).values(kind="x", name=f"示例店{n}", geom=at, source="y"))
    counts = [len(ask(f"?q=示例{more}").json()["items"]) for more in ("", "&limit=1", "&limit=20")]
    assert counts == [10, 1, 20]
    for limit in ("0", "21", "many"):
        assert ask(f"?q=示例&limit={limit}").status_code == 422


@pytest.mark.parametrize("query", ["", "?q=", "?q=%00", "?q=%25", "?q=%ff", "?q=" + "x" * 5000])
def test_whatever_is_asked_is_answered(ask, query):
    answer = ask(query)
    assert answer.status_code == 200
    assert len(answer.json()["items"]) == (1 if query == "?q=%25" else 0)


def test_nobody_searches_without_signing_in(ask, town, engine, tmp_path):
    app = create_app(
        Settings(database_url="postgresql://unused", browser_files=tmp_path),
        engine=engine,
        run_jobs=False,
    )
    with TestClient(app) as client:
        assert client.get("/api/search?q=李楼").status_code == 401
