"""What a worker's phone sends and reads over HTTP: photos, reports; and who else may see them."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import event, update

from api.app import create_app
from api.routes import media
from gis import db, tables
from gis.issues import store, sweep
from gis.people.roles import Role
from gis.settings import Settings
from tests import reported
from tests.calling import (
    U1,
    U2,
    U3,
    a_photo,
    a_report,
    faults,
    headers_of,
    properties,
    put,
    sent,
)
from tests.town import hours

# Photos.


def test_a_photo_is_taken_once_and_answered_alike_ever_after(client, worker):
    photo = a_photo()
    path = f"/api/media/{hashlib.sha256(photo).hexdigest()}"
    first, again = (client.put(path, content=photo, headers=worker) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"sha256": path[-64:], "width": 640, "height": 480}


def test_a_photo_comes_back_as_a_jpeg_that_the_browser_may_keep(client, worker):
    name = sent(client, worker, a_photo())
    for query, size in (
        ("", (640, 480)),
        ("?size=full", (640, 480)),
        ("?size=thumbnail", (320, 240)),
    ):
        answer = client.get(f"/api/media/{name}{query}", headers=worker)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["content-disposition"] == "inline"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert Image.open(BytesIO(answer.content)).size == size
    assert client.get(f"/api/media/{name}?size=huge", headers=worker).status_code == 422


def test_a_photo_is_not_there_for_whom_it_is_no_business_of(client, as_, worker):
    name = sent(client, worker, a_photo())
    colleague, village = as_(Role.UNIT_WORKER, "U2", "u2"), as_(Role.VILLAGE_LEADER, "V1", "v1")
    readers = (worker, colleague, village)

    def answers():
        return [client.get(f"/api/media/{name}", headers=h).status_code for h in readers]

    assert answers() == [200, 404, 404]
    put(client, worker, media=[name])
    assert answers() == [200, 404, 200]
    assert client.get(f"/api/media/{name}").status_code == 401
    assert client.put(f"/api/media/{name}", content=a_photo()).status_code == 401
    assert client.get(f"/api/media/{'0' * 64}", headers=worker).status_code == 404


@pytest.mark.parametrize(
    "name, body, field",
    [
        (None, b"", "body"),
        (None, b"no photo", "body"),
        (None, b"\xff" * (21 * 1024 * 1024), "body"),
        ("0" * 64, a_photo(), "sha256"),
        ("A" * 64, a_photo(), "sha256"),
        ("0" * 63, a_photo(), "sha256"),
        ("..", a_photo(), None),
    ],
)
def test_what_is_no_photo_names_what_is_wrong(client, worker, name, body, field):
    path = f"/api/media/{name or hashlib.sha256(body).hexdigest()}"
    answer = client.put(path, content=body, headers=worker)
    if field is None:
        assert answer.status_code in {404, 405}
    else:
        assert answer.status_code == 422
        assert faults(answer) == [field]
        assert answer.json()["detail"]


def test_a_sender_that_breaks_off_is_no_fault_of_the_server(client, worker, caplog):
    arriving = [
        {"type": "http.request", "body": a_photo()[:100], "more_body": True},
        {"type": "http.disconnect"},
    ]
    answers = []

    async def receive():
        return arriving.pop(0)

    async def send(message):
        answers.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in worker.items()]
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "PUT"}
    scope |= {"scheme": "http", "path": f"/api/media/{'0' * 64}", "raw_path": b"/", "root_path": ""}
    scope |= {"query_string": b"", "headers": headers, "server": ("grid.example", 80)}
    client.portal.call(client.app, scope, receive, send)
    assert answers[0]["status"] == 422
    assert not caplog.records


def test_many_photos_at_once_leave_connections_for_others(own_database_url, tmp_path):
    engine = db.connect(own_database_url)
    with engine.begin() as conn:
        reported.found(conn)
        headers = headers_of(conn, Role.UNIT_WORKER, "U1", "u1")
    held = []

    @event.listens_for(engine, "checkout")
    def count(*_):
        held.append(engine.pool.checkedout())

    app = create_app(
        Settings(database_url=own_database_url, browser_files=tmp_path),
        engine=engine,
        run_jobs=False,
    )
    with TestClient(app) as client, ThreadPoolExecutor(16) as pool:
        names = pool.map(lambda shade: sent(client, headers, a_photo(10 * shade)), range(16))
        assert len(set(names)) == 16
    assert 1 <= max(held) <= media.AT_ONCE < db.POOL
    engine.dispose()


# Reports.


def test_a_report_names_its_photos_and_shows_them_in_its_order(client, worker):
    names = [sent(client, worker, a_photo(shade)) for shade in (50, 100, 150)]
    mixed = [names[2], names[0], names[1]]
    body = a_report(media=mixed)
    path = f"/api/issues/{uuid4()}"
    answers = [client.put(path, json=body, headers=worker) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert properties(client, worker, path)["media"] == mixed
    (item,) = client.get("/api/issues?mine=true", headers=worker).json()["items"]
    assert item["properties"]["media"] == mixed
    other = client.put(path, json=body | {"media": names}, headers=worker)
    assert other.status_code == 409


@pytest.mark.parametrize(
    "media, field",
    [
        (["0" * 64], "media"),  # never sent
        (["x" * 64], "media.0"),
        (["0" * 63], "media.0"),
        ([f"{n:064}" for n in range(10)], "media"),
        (["0" * 64] * 2, "media"),
        ("0" * 64, "media"),
        (None, "media"),
        ([None], "media.0"),
    ],
)
def test_photos_that_cannot_be_are_named(client, worker, media, field):
    path = f"/api/issues/{uuid4()}"
    answer = client.put(path, json=a_report(media=media), headers=worker)
    assert (answer.status_code, faults(answer)) == (422, [field])
    assert client.get(path, headers=worker).status_code == 404


def test_what_has_not_arrived_is_said_with_what_to_do(client, as_):
    words = {"en": "Send the photos first, then the report.", "zh": "请先上传照片，再上报。"}
    for language, remedy in words.items():
        headers = as_(Role.UNIT_WORKER, "U1", "u1", says=language)
        answer = client.put(
            f"/api/issues/{uuid4()}", json=a_report(media=["0" * 64]), headers=headers
        )
        assert answer.json()["detail"] == remedy


def test_own_reports_are_listed_the_newest_first_wherever_they_lie(client, as_, worker, conn):
    for n, lon in enumerate((U1, U3, 118.0, U1, U2)):
        put(client, worker, lon=lon, captured_at=f"2026-05-18T0{n}:00:00Z", text=str(n))
    put(client, as_(Role.UNIT_WORKER, "U2", "u2"), lon=U1, text="another's")

    def texts(query):
        answer = client.get(f"/api/issues?mine=true{query}", headers=worker).json()
        return [item["properties"]["text"] for item in answer["items"]], answer["next"]

    assert texts("") == (list("43210"), None)
    assert texts("&cell=U1")[0] == ["3", "0"]
    assert texts("&status=closed")[0] == []
    assert texts("&from=2026-05-18&to=2026-05-18")[0] == list("43210")
    first, after = texts("&limit=2")
    second, then = texts(f"&limit=2&after={after}")
    last, end = texts(f"&limit=2&after={then}")
    assert (first, second, last, end) == (["4", "3"], ["2", "1"], ["0"], None)
    # What is not one's own is no place in the list.
    (others,) = [i for i in store.list_issues(conn) if i.text == "another's"]
    assert texts(f"&after={others.id}") == ([], None)
    assert texts(f"&after={uuid4()}") == ([], None)


def test_reports_of_the_same_instant_are_paged_without_loss_or_repetition(client, worker):
    mine = {put(client, worker)[-36:] for _ in range(7)}
    seen, after = [], ""
    while after is not None:
        page = client.get(f"/api/issues?mine=true&limit=2{after}", headers=worker).json()
        seen += [item["properties"]["id"] for item in page["items"]]
        after = page["next"] and f"&after={page['next']}"
    assert (len(seen), set(seen)) == (7, mine)


def test_an_account_that_is_nobodys_has_no_reports_of_its_own(client, as_):
    office = as_(Role.CENTRE_STAFF, "T")
    put(client, office)
    answer = client.get("/api/issues?mine=true", headers=office).json()
    assert answer == {"items": [], "next": None}


def test_a_reporter_follows_a_report_that_lies_elsewhere_and_others_do_not(client, as_, worker):
    path = put(client, worker, lon=U3)  # in village V2
    colleague, there = as_(Role.UNIT_WORKER, "U2", "u2"), as_(Role.UNIT_WORKER, "U3", "u3")
    assert [client.get(path, headers=h).status_code for h in (worker, colleague, there)] == [
        200, 404, 200,
    ]  # fmt: skip
    assert client.get("/api/issues", headers=worker).json()["items"] == []


@pytest.mark.parametrize(
    "changes, where",
    [
        ({}, ("V1", "Cell V1", ["Holder of V1"])),
        ({"lon": U3}, ("U3", "Cell U3", ["Holder of U3"])),
        ({"lon": 118.0}, (None, None, [])),
        ({"self_handled": True}, ("U1", "Cell U1", ["Holder of U1"])),
    ],
)
def test_an_issue_tells_by_name_where_it_is_now_and_with_whom(client, worker, changes, where):
    found = properties(client, worker, put(client, worker, **changes))
    assert (found["owner"], found["owner_name"], found["holders"]) == where
    assert found["cell_name"] == (f"Cell {found['cell']}" if found["cell"] else None)
    (item,) = client.get("/api/issues?mine=true", headers=worker).json()["items"]
    assert item["properties"] == {key: found[key] for key in found if key != "ledger"}


# The ledger, in words.


def told(client, headers, path):
    return [line["said"] for line in properties(client, headers, path)["ledger"]]


def test_the_ledger_says_what_happened_and_who_did_it(client, worker, conn):
    settled = put(client, worker, self_handled=True)
    assert told(client, worker, settled) == ["Reported by Holder of U1.", "Settled on the spot."]
    path = put(client, worker)
    issue = UUID(path[-36:])
    sweep.escalate(conn, at=store.get_issue(conn, issue).due + hours(1))
    assert told(client, worker, path) == [
        "Reported by Holder of U1.",
        "Little time is left to deal with it.",
        "Not dealt with in time: passed up to Cell A1.",
    ]


def test_the_ledger_speaks_the_readers_language(client, as_):
    chinese = as_(Role.UNIT_WORKER, "U1", "u1", says="zh")
    path = put(client, chinese, self_handled=True)
    said = told(client, chinese, path)
    assert said[1] == "已自行处置。"
    assert "Holder of U1" in said[0] and "Reported" not in said[0]


def test_a_colleagues_name_is_not_told_and_an_officials_is(client, as_, worker):
    colleague = as_(Role.UNIT_WORKER, "U2", "u2")
    leader = as_(Role.VILLAGE_LEADER, "V1", "v1")
    by_colleague, by_leader = (put(client, headers, lon=U1) for headers in (colleague, leader))
    (line,) = properties(client, worker, by_colleague)["ledger"]
    assert (line["said"], line["person"], line["name"]) == ("Reported.", None, None)
    (line,) = properties(client, worker, by_leader)["ledger"]
    assert (line["said"], line["person"]) == ("Reported by Holder of V1.", "v1")
    # The village's leader answers for both units.
    assert told(client, leader, by_colleague) == ["Reported by Holder of U2."]
    assert told(client, as_(Role.CHIEF, "T"), by_colleague) == ["Reported by Holder of U2."]


def test_no_telephone_number_leaves_with_an_issue(client, worker, conn):
    conn.execute(update(tables.person).values(phone="13900000000"))
    path = put(client, worker)
    assert "13900000000" not in client.get(path, headers=worker).text
    assert "13900000000" not in client.get("/api/issues?mine=true", headers=worker).text
