"""The page of one's own cell: who may open it, what stands on it, what a phone keeps of it."""

import json
import re
from datetime import date
from math import cos, radians
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from PIL import Image
from shapely import LineString, MultiPolygon, box
from sqlalchemy import delete, insert

from api.work import around
from gis import tables, times
from gis.cells.model import CellShape
from gis.hierarchy import Level
from gis.issues.categories import CATEGORIES
from gis.people import accounts, contacts
from gis.people.accounts import Use
from gis.people.contacts import Rung
from gis.people.model import Holder
from gis.people.roles import Role
from maps import offline, work
from maps.base import draw_cell
from maps.vendor import read_lock
from maps.words import translator
from maps.work import WorkView, clipped, posts, scripts
from tests import reported
from tests.calling import client_in, headers_of
from tests.test_maps import facts_of

STATIC = Path(work.__file__).parent / "static"
DAY = date(2026, 5, 18)


@pytest.fixture
def township(conn):
    reported.found(conn, vacant=["V1"])
    staff = {"person": "c", "cell": "T", "role": Role.CENTRE_STAFF, "during": "[2026-01-01,)"}
    conn.execute(insert(tables.person).values(id="c", name="At the centre", phone="0552 1"))
    conn.execute(insert(tables.holding).values(**staff))
    conn.execute(tables.person.update().where(tables.person.c.id == "u1").values(phone="0552 2"))
    return conn


@pytest.fixture
def client(engine, township, tmp_path):
    with client_in(township, engine, tmp_path) as client:
        yield client


def test_the_page_shows_the_own_cell_the_ladder_and_nobody_beside_it(client, township):
    mine = headers_of(township, Role.UNIT_WORKER, "U1", "u1")
    body = client.get("/work", headers=mine).text
    facts = facts_of(body)
    assert facts["cell"] == "U1"
    assert facts["middle"] == pytest.approx([117.405, 32.905], abs=1e-3)
    for above in ("U1", "A1", "T"):
        assert f"Holder of {above}" in body
    for beside in ("U2", "V2", "A2", "U6"):
        assert f"Holder of {beside}" not in body
    assert '<a class="btn" href="tel:0552 2">' in body
    assert "At the centre" in body
    assert "Nobody holds this post at the moment" in body  # V1 is vacant


def test_it_is_for_accounts_of_somebody_of_any_level(client, township):
    nobody = headers_of(township, Role.UNIT_WORKER, "U1")
    assert client.get("/work", headers=nobody).status_code == 403
    for role, cell, person in (
        (Role.VILLAGE_LEADER, "V2", "v2"),
        (Role.CHIEF, "T", "t"),
        (Role.CHIEF, None, "t"),
    ):
        leader = headers_of(township, role, cell, person)
        assert facts_of(client.get("/work", headers=leader).text)["cell"] == (cell or "T")
    asked = client.get("/work")
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=%2Fwork")


def test_a_cell_that_is_no_more_is_said(client, township):
    mine = headers_of(township, Role.UNIT_WORKER, "U1", "u1", says="zh")
    township.execute(delete(tables.cell_version).where(tables.cell_version.c.code == "U1"))
    answer = client.get("/work", headers=mine)
    assert answer.status_code == 404
    assert "U1" in answer.text


def test_what_was_made_for_another_account_is_not_done_with_this_ones_session(client, township):
    name = f"张三 {uuid4().hex[:6]}"
    accounts.add_account(township, name, role=Role.UNIT_WORKER, cell="U1", person="u1")
    secret = accounts.issue_secret(township, name, use=Use.SESSION, at=times.now())
    client.cookies.set("wangge_session", secret)
    for meant, status in ((name, 200), ("somebody else", 401), ("", 200)):
        answer = client.get("/api/me", headers={"Wangge-Account": quote(meant)})
        assert answer.status_code == status


def test_the_manifest_puts_the_page_on_the_home_screen_in_the_readers_language(client):
    chinese, english = (
        client.get("/work.webmanifest", headers={"Accept-Language": language}).json()
        for language in ("zh", "en")
    )
    assert (chinese["name"], english["name"]) == ("网格 · 我的网格", "Wangge · my cell")
    assert (chinese["start_url"], chinese["display"]) == ("/work", "standalone")
    for icon in chinese["icons"]:
        with Image.open(STATIC / icon["src"].removeprefix("/static/")) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]


def test_the_script_that_opens_the_page_without_a_network_comes_from_the_root(client):
    answer = client.get("/service-worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "/api/" not in answer.text  # it keeps no answer of anybody's


def test_a_phone_keeps_every_script_of_the_page(client, township):
    own = {f"/static/js/work/{path.name}" for path in (STATIC / "js" / "work").glob("*.js")}
    assert own <= set(scripts())
    for address in scripts():
        assert (STATIC / address.removeprefix("/static/")).is_file()
    body = client.get("/work", headers=headers_of(township, Role.UNIT_WORKER, "U1", "u1")).text
    kept = set(re.findall(r'<link rel="modulepreload" href="([^"]+)">', body))
    assert kept == set(scripts())


def test_a_category_is_said_in_chinese_as_it_is_stored():
    assert len(CATEGORIES) == 12
    for stored, said in CATEGORIES.items():
        assert translator("zh")(said) == stored


def test_the_ladder_is_the_cell_and_those_above_it_with_who_answers(township):
    rungs = contacts.ladder(township, "U1", day=DAY)
    assert [(rung.code, [holder.person for holder in rung.holders]) for rung in rungs] == [
        ("U1", ["u1"]),
        ("V1", []),
        ("A1", ["a1"]),
        ("T", ["t"]),
    ]
    assert contacts.ladder(township, "nowhere", day=DAY) == []
    assert [one.person for one in contacts.centre_staff(township, day=DAY)] == ["c"]
    assert contacts.centre_staff(township, day=date(2025, 1, 1)) == []


def a_view(**options):
    ground = MultiPolygon([box(117.40, 32.90, 117.41, 32.91)])
    shape = CellShape(1, "U", "Unit", Level.UNIT, None, "", ground, 1e6)
    return WorkView(
        account="unit", person="p", name="P", cell=shape, zone=None, today=DAY, **options
    )


def test_contacts_say_who_stands_in_and_who_one_is():
    mine = Holder("U", "p", "P", Role.UNIT_WORKER, "1", deputy=True)
    other = Holder("T", "q", "Q", Role.CENTRE_STAFF, "", deputy=False)
    unit, centre = posts(a_view(ladder=[Rung("U", "Unit", Level.UNIT, [mine])], centre=[other]))
    assert translator("zh")(unit.contacts[0].post) == "单元网格员（代理）"
    assert (unit.contacts[0].me, centre.contacts[0].me) == (True, False)
    assert posts(a_view(ladder=[])) == []


def test_ground_is_carried_as_far_as_the_map_shows_it():
    frame = around((117.40, 32.90, 117.41, 32.92))  # twice as high as wide, in degrees
    west, south, east, north = frame
    assert (west + east) / 2 == pytest.approx(117.405)
    assert north - south == pytest.approx(0.05)
    assert (east - west) * cos(radians(32.91)) == pytest.approx(0.05)
    roads = [LineString([(117, 32.91), (118, 32.91)]), LineString([(117, 34), (118, 34)])]
    (left,) = clipped({"road": roads}, frame)["road"]
    assert left.bounds == pytest.approx((west, 32.91, east, 32.91))


def test_the_map_of_one_cell_has_its_border_and_no_other():
    drawn = draw_cell(box(117.40, 32.90, 117.41, 32.91), ground={})
    script = offline.parts(drawn.map, read_lock(), nonce="").script
    layers = json.loads(re.search(r"draw\(\w+, (\{.*\})\);", script).group(1))
    shapes = {name: [shape["classes"] for shape in layers[name]["shapes"]] for name in layers}
    assert shapes == {
        "under": [],
        "cells": ["cell own"],
        "over": [],
        "borders": ["border own casing", "border own"],
    }
