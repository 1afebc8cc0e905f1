"""The JSON interface: who may see what, what comes back, what is refused and how."""

from datetime import UTC, date, datetime
from functools import partial
from uuid import uuid4

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import insert, update

from gis import deployment, tables
from gis.hierarchy import Level
from gis.issues import rules
from gis.people import accounts
from gis.people.roles import Role
from tests.calling import client_in, headers_of

CELLS = [
    ("T", Level.TOWNSHIP, None, (117.40, 117.44)),
    ("A", Level.AREA, "T", (117.40, 117.42)),
    ("B", Level.AREA, "T", (117.42, 117.44)),
    ("V", Level.VILLAGE, "A", (117.40, 117.42)),
    ("W", Level.VILLAGE, "B", (117.42, 117.44)),
    ("U1", Level.UNIT, "V", (117.40, 117.41)),
    ("U2", Level.UNIT, "V", (117.41, 117.42)),
    ("U3", Level.UNIT, "W", (117.42, 117.44)),
]
PEOPLE = {"T": Role.CHIEF, "A": Role.AREA_LEADER, "V": Role.VILLAGE_LEADER, "U1": Role.UNIT_WORKER}


@pytest.fixture
def township(conn):
    deployment.found(
        conn, code="T", name="Test township", timezone="Asia/Shanghai", on=date(2026, 1, 1)
    )
    rules.seed(conn, zone_name="Asia/Shanghai", at=datetime(2026, 1, 1, tzinfo=UTC))
    for code, level, parent, (west, east) in CELLS:
        conn.execute(insert(tables.cell).values(code=code, level=level))
        conn.execute(
            insert(tables.cell_version).values(
                code=code,
                name=f"Cell {code}",
                parent=parent,
                geom=MultiPolygon([box(west, 32.90, east, 32.91)]),
                valid="[,)",
            )
        )
    for code, role in PEOPLE.items():
        conn.execute(insert(tables.person).values(id=f"P-{code}", name=f"示例{code}"))
        conn.execute(
            insert(tables.holding).values(
                person=f"P-{code}", cell=code, role=role, during="[2026-01-01,)"
            )
        )
    return conn


@pytest.fixture
def client(engine, township, tmp_path):
    with client_in(township, engine, tmp_path) as client:
        yield client


@pytest.fixture
def as_(client, township):
    """The headers of an account of a role, bound to a cell."""
    return partial(headers_of, township)


def report(**changes):
    return {
        "op_id": str(uuid4()),
        "lon": 117.405,
        "lat": 32.905,
        "category": "环境卫生",
        "captured_at": "2026-05-18T09:00:00+08:00",
    } | changes


def test_nobody_gets_in_without_signing_in(client):
    for path in ("/api/me", "/api/cells", "/api/issues", "/api/reports/issues", "/api/locate"):
        answer = client.get(path, headers={"Accept-Language": "en"})
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "not_signed_in"
    page = client.get("/map?ask=gaps")
    assert page.status_code == 303
    assert page.headers["location"] == "/login?next=%2Fmap%3Fask%3Dgaps"


def test_the_form_begins_a_session_and_sign_out_ends_it(client, township):
    password = accounts.add_account(township, "chief", role=Role.CHIEF, cell="T")
    wrong = client.post("/login", data={"account": "chief", "password": "x"})
    assert wrong.status_code == 401
    assert "set-cookie" not in wrong.headers
    right = client.post("/login", data={"account": "chief", "password": password})
    assert right.status_code == 303
    assert "HttpOnly" in right.headers["set-cookie"]
    assert client.get("/api/me").json() == {
        "account": "chief",
        "role": "chief",
        "cell": "T",
        "person": None,
    }
    client.post("/logout")
    assert client.get("/api/me").status_code == 401


def test_another_sites_page_is_turned_away(client, township):
    password = accounts.add_account(township, "chief", role=Role.CHIEF, cell="T")
    answer = client.post(
        "/login",
        data={"account": "chief", "password": password},
        headers={"Origin": "http://evil.example"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "role, cell, seen",
    [
        (Role.CHIEF, "T", {"T", "A", "B", "V", "W", "U1", "U2", "U3"}),
        (Role.ADMINISTRATOR, None, {"T", "A", "B", "V", "W", "U1", "U2", "U3"}),
        (Role.AREA_LEADER, "A", {"A", "V", "U1", "U2"}),
        (Role.VILLAGE_LEADER, "V", {"V", "U1", "U2"}),
        (Role.UNIT_WORKER, "U1", {"U1"}),
    ],
)
def test_everybody_sees_the_own_cell_and_what_is_below_it(client, as_, role, cell, seen):
    headers = as_(role, cell)
    found = client.get("/api/cells", headers=headers).json()
    assert found["type"] == "FeatureCollection"
    assert {f["properties"]["cell"] for f in found["features"]} == seen
    for code, *_ in CELLS:
        for path in (f"/api/cells/{code}", f"/api/reports/issues?cell={code}", f"/map?cell={code}"):
            assert client.get(path, headers=headers).status_code == (200 if code in seen else 404)


def test_cells_by_level_parent_and_box(client, as_):
    headers = as_(Role.CHIEF, "T")

    def codes(query):
        features = client.get(f"/api/cells?{query}", headers=headers).json()["features"]
        return [f["properties"]["cell"] for f in features]

    assert codes("level=unit") == ["U1", "U2", "U3"]
    assert codes("parent=V") == ["U1", "U2"]
    assert codes("level=unit&bbox=117.43,32.90,117.44,32.91") == ["U3"]
    assert codes("at=2026-05-18&level=area") == ["A", "B"]


def test_locate_names_the_cell_of_every_level_and_who_answers(client, as_):
    headers = as_(Role.CHIEF, "T")
    found = client.get("/api/locate?lon=117.405&lat=32.905", headers=headers).json()
    assert found["cells"] == {"unit": "U1", "village": "V", "area": "A", "township": "T"}
    # 0.005° of longitude at 32.905° N are 468 m.
    assert found["border_m"] == pytest.approx(467.7, abs=1)
    assert found["notes"] == []
    assert {h["person"] for h in found["holders"]} == {"P-T", "P-A", "P-V", "P-U1"}
    outside = client.get("/api/locate?lon=118&lat=32.905", headers=headers).json()
    assert (outside["cells"], outside["notes"]) == ({}, ["outside"])


def test_a_report_gets_an_owner_and_a_receipt_and_the_same_again_the_same_receipt(client, as_):
    worker = as_(Role.UNIT_WORKER, "U1", "P-U1")
    path, body = f"/api/issues/{uuid4()}", report()
    first = client.put(path, json=body, headers=worker)
    assert first.status_code == 201
    receipt = first.json()
    assert receipt["cell"] == "U1"
    assert receipt["owner_cell"] == "V"  # nobody's report comes back to the reporter
    assert receipt["owners"] == ["P-V"]
    assert receipt["due"] and receipt["version"] == 1 and len(receipt["sha256"]) == 64
    again = client.put(path, json=body, headers=worker)
    assert (again.status_code, again.json()) == (200, receipt)
    other = client.put(path, json=body | {"text": "other"}, headers=worker)
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    seen = client.get(path, headers=worker).json()["properties"]
    assert [line["kind"] for line in seen["ledger"]] == ["reported"]
    assert seen["why"]


def test_what_is_settled_on_the_spot_is_closed_at_once(client, as_):
    worker = as_(Role.UNIT_WORKER, "U1", "P-U1")
    path = f"/api/issues/{uuid4()}"
    client.put(path, json=report(self_handled=True), headers=worker)
    seen = client.get(path, headers=worker).json()["properties"]
    assert (seen["owner"], seen["status"]) == ("U1", "closed")


def test_issues_are_listed_page_by_page_within_what_may_be_seen(client, as_):
    chief, village = as_(Role.CHIEF, "T"), as_(Role.VILLAGE_LEADER, "V")
    for lon in (117.405, 117.415, 117.43, 118.0):
        client.put(f"/api/issues/{uuid4()}", json=report(lon=lon), headers=chief)
    assert len(client.get("/api/issues", headers=chief).json()["items"]) == 4
    assert len(client.get("/api/issues", headers=village).json()["items"]) == 2
    page = client.get("/api/issues?limit=3", headers=chief).json()
    rest = client.get(f"/api/issues?after={page['next']}", headers=chief).json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (3, 1, None)
    hidden = next(i for i in page["items"] + rest["items"] if i["properties"]["cell"] == "U3")
    path = f"/api/issues/{hidden['properties']['id']}"
    assert client.get(path, headers=village).status_code == 404


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"lon": 217.4}, "lon"),
        ({"lat": "north"}, "lat"),
        ({"lon": 0, "lat": 0}, "body"),
        ({"accuracy_m": -1}, "accuracy_m"),
        ({"category": ""}, "category"),
        ({"severity": "grave"}, "severity"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"captured_at": "2026-05-18T09:00:00"}, "captured_at"),  # whose clock?
        ({"captured_at": "0001-01-01T00:00:00+14:00"}, "captured_at"),
        ({"op_id": "1"}, "op_id"),
    ],
)
def test_a_report_that_cannot_be_names_the_field(client, as_, changes, field):
    headers = as_(Role.CHIEF, "T")
    answer = client.put(f"/api/issues/{uuid4()}", json=report(**changes), headers=headers)
    assert answer.status_code == 422
    problem = answer.json()
    assert {"type", "title", "status", "detail", "code", "errors"} <= set(problem)
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize(
    "path",
    [
        "/api/cells?bbox=1,2,3",
        "/api/cells?bbox=5,1,4,2",
        "/api/cells?bbox=nan,1,4,2",
        "/api/cells?level=hamlet",
        "/api/cells?at=yesterday",
        "/api/locate?lon=1e400&lat=0",
        "/api/locate?lon=117.4",
        "/api/reports/issues?at=noon",
        "/api/reports/coverage?from=2026-05-18&to=2026-05-01",
        "/api/reports/weather",
        "/api/issues?limit=100000",
        "/api/reports/gaps?to=0001-01-01",
        "/api/reports/issues?at=9999-12-31T23:59",
        "/api/issues?to=9999-12-31",
    ],
)
def test_a_question_that_cannot_be_asked_is_a_problem_document(client, as_, path):
    answer = client.get(path, headers=as_(Role.CHIEF, "T"))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


@pytest.mark.parametrize("question", ["issues", "coverage", "gaps", "density"])
def test_a_report_is_the_object_of_the_command_line(client, as_, question):
    headers = as_(Role.CHIEF, "T")
    found = client.get(f"/api/reports/{question}?level=unit", headers=headers).json()
    assert list(found) == ["report", "at", "from", "to", "rows", "total"]
    assert found["report"] == question
    assert all(list(row)[:3] == ["cell", "name", "level"] for row in found["rows"])


def test_problems_speak_the_readers_language(client):
    chinese = client.get("/api/me", headers={"Accept-Language": "zh-CN"}).json()
    english = client.get("/api/me", headers={"Accept-Language": "en"}).json()
    assert (chinese["title"], english["title"]) == ("您尚未登录。", "You are not signed in.")


def test_health_and_readiness(client):
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["migrations"] is True


def test_the_description_of_the_interface_names_every_route(client):
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert set(described["paths"]) == {
        "/healthz",
        "/readyz",
        "/api/me",
        "/api/cells",
        "/api/cells/{code}",
        "/api/locate",
        "/api/issues",
        "/api/issues/{issue_id}",
        "/api/changes",
        "/api/search",
        "/api/boundaries",
        "/api/redraw/vertex",
        "/api/media/{sha256}",
        "/api/tracks",
        "/api/tracks/{batch_id}",
        "/api/reports/{question}",
    }


def test_every_answer_forbids_inline_scripts(client):
    for path in ("/login", "/healthz", "/nowhere"):
        policy = client.get(path).headers["content-security-policy"]
        script = next(part for part in policy.split("; ") if part.startswith("script-src"))
        assert "unsafe" not in script


def test_a_pole_is_outside_like_any_other_place(client, as_):
    headers = as_(Role.CHIEF, "T")
    for lat in (90, -90):
        found = client.get(f"/api/locate?lon=117.4&lat={lat}", headers=headers)
        assert (found.status_code, found.json()["notes"]) == (200, ["outside"])


def test_a_day_on_which_the_cell_was_not_there_is_no_page_and_no_fault(client, as_, township):
    changed = update(tables.cell_version).where(tables.cell_version.c.code == "U1")
    township.execute(changed.values(valid="[2026-05-01,)"))
    for headers in (as_(Role.CHIEF, "T"), as_(Role.UNIT_WORKER, "U1")):
        assert client.get("/map?cell=U1&to=2026-04-01", headers=headers).status_code == 404
        assert client.get("/map?cell=U1&to=2026-05-18", headers=headers).status_code == 200


def test_an_account_that_cannot_be_fits_no_password(client):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/login", content="account=%00&password=x", headers=form)
    assert answer.status_code == 401
