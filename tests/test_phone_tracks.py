"""A worker's patrols over HTTP: sent in parts, read back by the walker, and by nobody else."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gis import times
from gis.people.roles import Role
from tests import town
from tests.calling import MID, U1, a_track
from tests.test_maps import facts_of

# Patrols.


def test_a_batch_is_taken_once_and_its_walk_is_read_back(client, worker):
    path, body = (
        f"/api/tracks/{uuid4()}",
        a_track(start=datetime(2026, 5, 18, 1, tzinfo=UTC)),
    )
    first, again = (client.put(path, json=body, headers=worker) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    receipt = first.json()
    assert list(receipt) == [
        "id", "op_id", "sha256", "server_seq", "kept", "rejected", "days",
    ]  # fmt: skip
    assert (receipt["id"], receipt["op_id"]) == (path[-36:], body["op_id"])
    assert (receipt["kept"], receipt["rejected"], receipt["days"]) == (31, {}, ["2026-05-18"])
    other = client.put(path, json=body | {"datum": "gcj02"}, headers=worker)
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    found = client.get("/api/tracks?from=2026-05-18&to=2026-05-18", headers=worker).json()
    (walk,) = found["features"]
    assert walk["geometry"]["type"] == "LineString"
    assert walk["geometry"]["coordinates"][0] == [U1, MID]
    metres = walk["properties"].pop("metres")
    assert walk["properties"] == {
        "day": "2026-05-18",
        "started_at": "2026-05-18T01:00:00+00:00",
        "ended_at": "2026-05-18T01:05:00+00:00",
        "seconds": 300,
    }
    assert metres == pytest.approx(299.4, abs=0.1)  # 0.0027 degrees of 110.9 km
    assert found["total"] == {"seconds": 300, "metres": metres}


def test_without_days_todays_walks_are_read(client, worker):
    now = times.now()
    client.put(
        f"/api/tracks/{uuid4()}", json=a_track(start=now - timedelta(days=3)), headers=worker
    )
    assert client.get("/api/tracks", headers=worker).json()["features"] == []
    midnight = datetime.combine(times.today(town.SHANGHAI), datetime.min.time(), town.SHANGHAI)
    start = max(midnight, now - timedelta(minutes=6))
    client.put(f"/api/tracks/{uuid4()}", json=a_track(start=start), headers=worker)
    assert client.get("/api/tracks", headers=worker).json()["total"]["seconds"] == 300


def test_a_walk_is_nobodys_but_the_walkers(client, as_, worker):
    client.put(f"/api/tracks/{uuid4()}", json=a_track(), headers=worker)
    (mine,) = client.get("/api/tracks?from=2026-01-01", headers=worker).json()["errors"][:1]
    assert mine["field"] == "from"  # too long a window, before anything is read
    days = times.today(town.SHANGHAI) - timedelta(days=1)
    path = f"/api/tracks?from={days}"
    assert client.get(path, headers=worker).json()["features"]
    for role, cell, person in (
        (Role.UNIT_WORKER, "U1", "u2"),
        (Role.VILLAGE_LEADER, "V1", "v1"),
        (Role.CHIEF, "T", "t"),
    ):
        answer = client.get(path, headers=as_(role, cell, person)).json()
        assert (answer["features"], answer["total"]) == ([], {"seconds": 0, "metres": 0})
    for role in (Role.CHIEF, Role.ADMINISTRATOR):
        assert client.get(path, headers=as_(role, "T")).status_code == 403
    assert (
        client.put(
            f"/api/tracks/{uuid4()}", json=a_track(), headers=as_(Role.CHIEF, "T")
        ).status_code
        == 403
    )
    assert client.get(path).status_code == 401


def lines_on_the_map(client, headers):
    """The walked lines as the map page draws them."""
    page = client.get("/map?tracks=1", headers=headers)
    assert page.status_code == 200
    return facts_of(page.text)["tracks"]["shapes"]


def test_on_the_map_a_worker_sees_own_lines_only_and_leaders_everybodys(client, as_, worker):
    colleague = as_(Role.UNIT_WORKER, "U1", "u2")  # stands in, say, for the same cell
    readers = {
        "worker": worker,
        "colleague": colleague,
        "nobody": as_(Role.UNIT_WORKER, "U1"),
        "leader": as_(Role.VILLAGE_LEADER, "V1", "v1"),
        "chief": as_(Role.CHIEF, "T"),
    }

    def seen():
        return {name: lines_on_the_map(client, headers) for name, headers in readers.items()}

    assert set(map(str, seen().values())) == {"[]"}
    client.put(f"/api/tracks/{uuid4()}", json=a_track(), headers=worker)
    one = seen()
    assert {name for name, lines in one.items() if lines} == {"worker", "leader", "chief"}
    client.put(f"/api/tracks/{uuid4()}", json=a_track(lon=U1 + 0.002), headers=colleague)
    two = seen()
    assert {name for name in readers if two[name] != one[name]} == {"colleague", "leader", "chief"}
    assert two["nobody"] == []
