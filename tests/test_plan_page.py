"""The planner's page as it is written, and what it reads of cells and posts."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from shapely import MultiPolygon, Polygon, box
from sqlalchemy import insert

from gis import tables, times
from gis.cells.defects import Defect
from gis.cells.lattice import UNITS
from gis.cells.model import CellShape
from gis.cells.overview import Filling, Origin, filling, origins_on
from gis.deployment import get_deployment
from gis.hierarchy import Level, Tree
from gis.people.accounts import BOUND
from gis.people.model import Term
from gis.people.register import Held, posts_on, short_of
from gis.people.roles import Role
from maps.plan import tables as plan_tables
from maps.plan.page import PlanPage, plan_page
from maps.plan.view import PlanView, Tool
from maps.reader import Reader
from maps.speech import Speaker
from maps.view import scope_of
from tests import mapped
from tests.boundaries import EASTERN, MIDDLE, WEST, importer, named
from tests.calling import client_in, headers_of

HOSTILE = "</script><script>alert(1)</script><b>{{ 7 * 7 }}"
TODAY = mapped.LAST
JAN = date(2026, 1, 5)


def held(name, *, role=Role.UNIT_WORKER, for_="", since=JAN, until=None):
    return Held(f"p-{name}", name, "", role, Term(since, until), for_)


# Unit e2 was never held, e1 is vacant since May; w1 by a deputy; the village w lacks one of two.
POSTS = {
    "t": (held("Tao", role=Role.CHIEF),),
    "a": (held("An", role=Role.AREA_LEADER),),
    "w": (held("Wu", role=Role.VILLAGE_LEADER),),
    "e": (held("Er", role=Role.VILLAGE_LEADER), held("Ed", role=Role.VILLAGE_LEADER)),
    "w1": (held("Di", for_="Ann", until=date(2026, 6, 1)),),
    "w2": (held("Bo"), held("Cy", for_="Bo")),
}
GAP = Defect("gap", ("w1", "w2"), Polygon(box(0.01, 0.004, 0.01003, 0.00403).exterior))
OVERLAP = Defect("overlap", ("w2", "e1"), Polygon(box(0.0199, 0, 0.02, 0.01).exterior))


def plan(
    tool=Tool.CELLS, *, cell=None, level=None, posts=POSTS, defects=(), shapes=None, exact=True
):
    return PlanView(
        seen=mapped.view(cell=cell, level=level, shapes=shapes),
        tool=tool,
        today=TODAY,
        origins={"w": Origin(None, "villages.geojson (wgs84)"), "e": Origin(JAN, "union")},
        posts=posts,
        vacated={"e1": date(2026, 5, 3)},
        started=date(2026, 4, 1),
        defects=defects,
        filling=Filling(4, 4_000_000.0, 4_000_000.0, exact),
    )


def laid_out(view, language="en"):
    return PlanPage(view, Speaker(language, view.seen.zone, TODAY.year))


def written(view, language="en"):
    return plan_page(view, language=language, nonce="n0", reader=Reader("planner"))


def facts(html):
    return json.loads(re.search(r'id="facts">(.*?)</script>', html, re.DOTALL)[1])


def unit(code, west, east):
    geom = MultiPolygon([box(west, 32.89, east, 32.90)])
    return CellShape(1, code, code, Level.UNIT, None, "", geom, 1.0)


def test_parts_fill_a_whole_exactly_or_not_by_a_single_step_of_the_lattice():
    whole = [unit("V", 117.45, 117.47)]
    halves = [unit("A", 117.45, 117.46), unit("B", 117.46, 117.47)]
    assert filling(whole, halves).exact
    short = [halves[0], unit("B", 117.46, 117.47 - 1 / UNITS)]
    assert not filling(whole, short).exact
    apart = [halves[0], unit("B", 117.46 + 1 / UNITS, 117.47 + 1 / UNITS)]
    assert not filling(whole, apart).exact  # the same area, but not beside each other
    overlapping = [unit("A", 117.45, 117.465), unit("B", 117.46, 117.465)]
    assert not filling(whole, overlapping).exact
    assert filling([], []) == Filling(0, 0, 0, exact=True)


@pytest.mark.parametrize(
    "level, holders, deputies, lacks",
    [
        (Level.VILLAGE, 0, 1, 2),
        (Level.VILLAGE, 1, 1, 1),
        (Level.VILLAGE, 2, 0, 0),
        (Level.VILLAGE, 3, 0, 0),
        (Level.UNIT, 0, 1, 1),
        (Level.UNIT, 1, 0, 0),
        (Level.TOWNSHIP, 1, 0, 0),
    ],
)
def test_a_village_expects_two_holders_and_a_deputy_is_none(level, holders, deputies, lacks):
    people = [held("A") for _ in range(holders)] + [held("B", for_="A") for _ in range(deputies)]
    assert short_of(level, people) == lacks


def test_posts_come_by_what_wants_attention_and_the_longest_vacant_first():
    page = laid_out(plan(Tool.POSTS))
    assert [row.code for row in page.posts] == ["e2", "e1", "w1", "w", "t", "a", "e", "w2"]
    never, since_may, deputy, lacking, *complete = page.posts
    assert (never.since, str(never.remark)) == (
        date(2026, 4, 1),
        "nobody yet since service began",
    )
    assert (since_may.since, since_may.remark) == (date(2026, 5, 3), None)
    assert [one.state for one in (never, since_may, deputy)] == ["nodata", "nodata", "deputy"]
    assert str(lacking.remark) == "1 of 2 joint holders"
    assert all(row.remark is None and row.state == "held" for row in complete)


def test_posts_are_counted_by_level():
    page = laid_out(plan(Tool.POSTS))
    counts = [(str(t.level), t.cells, t.held, t.deputies, t.vacant) for t in page.tallies]
    assert counts == [
        ("Township", 1, 1, 0, 0),
        ("Area", 1, 1, 0, 0),
        ("Village", 2, 2, 0, 0),
        ("Unit cell", 4, 1, 1, 2),
    ]
    assert page.speaker.say(page.posts_answer()) == "Of 8 cells, 2 vacant and 1 with a deputy."
    west = laid_out(plan(Tool.POSTS, cell="w"))
    assert {row.code for row in west.posts} == {"w", "w1", "w2"}


def test_of_very_many_posts_those_without_a_fault_are_left_to_their_own_place(monkeypatch):
    monkeypatch.setattr(plan_tables, "MOST_POSTS", 4)
    page = laid_out(plan(Tool.POSTS))
    assert [row.code for row in page.posts] == ["e2", "e1", "w1", "w", "e"]  # villages are listed


def test_cells_say_since_when_and_from_where():
    east, west = laid_out(plan()).cells
    say = Speaker("en", mapped.view().zone, TODAY.year).say
    assert (east.code, say(east.since), say(east.source)) == ("e", "5 Jan", "made from its parts")
    assert (west.code, say(west.since), say(west.source)) == (
        "w",
        "since ever",
        "villages.geojson (wgs84)",
    )
    assert (east.parts, say(east.hectares), east.href) == (2, "200.0", "/plan?show=cells&cell=e")


def test_links_keep_the_tool_and_the_place():
    page = laid_out(plan(Tool.POSTS, cell="w"))
    assert [crumb.href for crumb in page.crumbs()] == [
        "/plan?show=posts",
        "/plan?show=posts&cell=a",
        "/plan?show=posts&cell=w",
    ]
    assert [link.href for link in page.tools()][:2] == [
        "/plan?show=cells&cell=w",
        "/plan?show=defects&cell=w",
    ]
    assert page.drilled
    assert not laid_out(plan()).drilled


def test_a_defect_is_told_with_its_cells_size_and_remedy_and_drawn_exactly():
    view = plan(Tool.DEFECTS, defects=[OVERLAP, GAP], exact=False)
    page = laid_out(view)
    overlap, gap = page.defects
    assert (overlap.number, str(overlap.kind)) == (1, "Ground in two cells")
    assert overlap.cells == ["West 2", "East 1"]
    assert gap.cells == ["West 1", "West 2"]
    say = page.speaker.say
    # At the equator a degree is 111,320 m by 110,574 m: 3.34 m by 3.32 m.
    assert (say(gap.area), say(gap.width)) == ("11", "3.3")
    assert "repair" in say(gap.remedy)
    drawn = facts(written(view))["defects"]
    assert [one["kind"] for one in drawn] == ["overlap", "unassigned"]
    corners = {tuple(corner) for corner in drawn[1]["shape"]["coordinates"][0]}
    assert corners == set(GAP.geom.exterior.coords)
    lat, lon = drawn[1]["at"]
    assert GAP.geom.contains(box(lon, lat, lon, lat).centroid)


def test_the_outline_of_a_huge_defect_is_left_out_and_its_mark_is_not():
    circle = OVERLAP.geom.centroid.buffer(0.001, quad_segs=600)
    drawn = facts(written(plan(defects=[Defect("overlap", ("w2", "e1"), circle)])))["defects"]
    assert [(one["shape"], len(one["at"])) for one in drawn] == [(None, 2)]


@pytest.mark.parametrize("language, exactly", [("en", "exactly"), ("zh", "正好")])
def test_without_defects_the_page_says_whether_the_ground_is_filled(language, exactly):
    assert exactly in written(plan(Tool.DEFECTS), language)
    unsure = written(plan(Tool.DEFECTS, exact=False), "en")
    assert "do not fill the place exactly" in unsure


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("tool", list(Tool))
def test_every_tool_writes_a_page_and_shows_its_own_panel(tool, language):
    html = written(plan(tool, defects=[GAP]), language)
    panels = re.findall(r'class="plan-panel" data-panel="(\w+)"( hidden)?', html)
    assert [name for name, hidden in panels if not hidden] == [tool]
    assert {name for name, _ in panels} == set(Tool)


def test_names_are_text_wherever_they_stand():
    shapes = [mapped.shape(code, HOSTILE if code in "we" else None) for code in mapped.OUTLINES]
    posts = POSTS | {"w2": (held(HOSTILE),)}
    html = written(plan(Tool.POSTS, posts=posts, shapes=shapes, defects=[GAP]))
    assert "<script>alert" not in html
    assert "49" not in re.findall(r"<b>[^<]*</b>", html)
    assert facts(html)["rows"][0]["name"] == HOSTILE


def test_a_name_on_the_map_has_the_end_of_the_code_that_tells_it_apart():
    html = written(plan(level=Level.UNIT))
    told = facts(html)
    tails = dict(
        zip([row["code"] for row in told["rows"]], told["asks"]["cells"]["figures"], strict=True)
    )
    assert tails == {"e1": "1", "e2": "2", "w1": "1", "w2": "2"}


def test_special_cells_are_marked_in_the_table_and_on_the_map():
    shapes = [
        CellShape(s.id, s.code, s.name, s.level, s.parent, kind, s.geom, s.area_m2)
        for s in map(mapped.shape, mapped.OUTLINES)
        for kind in [{"w1": "school", "w2": "wharf"}.get(s.code, "")]
    ]
    html = written(plan(cell="w", shapes=shapes))
    assert re.findall(r'class="chip">(.*?)<', html) == ["School", "wharf"]
    assert facts(html)["asks"]["cells"]["figures"] == ["1 School", "2 wharf"]


def test_a_deployment_without_cells_leads_to_the_import():
    view = plan()
    empty = PlanView(
        seen=replace(view.seen, shapes=[], holders={}, scope=scope_of(Tree.of(()))),
        tool=Tool.CELLS,
        today=TODAY,
        origins={},
        posts={},
        vacated={},
        started=JAN,
        defects=(),
        filling=Filling(0, 0.0, 0.0, exact=True),
    )
    html = written(empty)
    assert "There are no cells yet." in html
    assert facts(html)["cells"] == []
    assert 'href="/plan?show=import"' in html


# Read from the database


@pytest.fixture
def villages(conn, tmp_path):
    importer(named(conn), tmp_path)(Level.VILLAGE, {"A": WEST, "B": MIDDLE, "C": EASTERN})
    return conn


def test_where_cells_come_from_is_read_with_their_first_day(villages):
    today = times.today(get_deployment(villages).zone)
    found = origins_on(villages, today)
    assert found["A"] == Origin(None, "cells.geojson (wgs84)")
    assert found["340302200"].source == "union"


def test_posts_are_those_of_the_cell_s_level_on_that_day(villages):
    day = date(2026, 5, 18)
    rows = [
        ("P1", "A", Role.VILLAGE_LEADER, "[2026-01-01,)", None),
        ("P2", "A", Role.VILLAGE_LEADER, "[2026-05-01,2026-06-01)", "P1"),
        ("P3", "A", Role.VILLAGE_LEADER, "[2026-01-01,2026-05-18)", None),  # over the day before
        ("P3", "A", Role.UNIT_WORKER, "[2026-01-01,)", None),  # not the village's post
        ("P3", "B", Role.VILLAGE_LEADER, "[2026-05-18,)", None),
    ]
    villages.execute(
        insert(tables.person),
        [{"id": f"P{n}", "name": f"示例{n}", "phone": "0000"} for n in (1, 2, 3)],
    )
    for person, cell, role, during, absent in rows:
        values = {"person": person, "cell": cell, "role": role, "during": during}
        villages.execute(insert(tables.holding).values(**values, deputy_for=absent))
    found = posts_on(villages, day)
    leader = Role.VILLAGE_LEADER
    assert found == {
        "A": (
            Held("P1", "示例1", "0000", leader, Term(date(2026, 1, 1))),
            Held("P2", "示例2", "0000", leader, Term(date(2026, 5, 1), date(2026, 6, 1)), "示例1"),
        ),
        "B": (Held("P3", "示例3", "0000", leader, Term(day)),),
    }
    assert "B" not in posts_on(villages, day - timedelta(days=1))


@pytest.fixture
def get(villages, engine, tmp_path):
    """Ask for a page as an account of a role, bound to a cell."""
    with client_in(villages, engine, tmp_path) as client:

        def get(path, role=Role.PLANNER, cell=None):
            return client.get(path, headers=headers_of(villages, role, cell))

        yield get


@pytest.mark.parametrize(
    "role, status",
    [
        (Role.PLANNER, 200),
        (Role.CENTRE_STAFF, 200),
        (Role.ADMINISTRATOR, 200),
        (Role.CHIEF, 403),
        (Role.VILLAGE_LEADER, 403),
        (Role.UNIT_WORKER, 403),
        (Role.INSPECTOR, 403),
    ],
)
def test_planners_the_centre_and_administrators_come_in(get, role, status):
    answer = get("/plan", role, "A" if role in BOUND else None)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_the_page_lists_what_the_database_has(get):
    html = get("/plan?show=posts").text
    states = re.findall(r'<tr data-cell="([^"]+)" data-state="(\w+)"', html)
    # The township and the area above the villages are made; nobody holds anything.
    assert sorted(states) == [
        (code, "nodata") for code in ("340302200", "340302200-1", "A", "B", "C")
    ]


def test_a_planner_of_one_village_sees_that_village_alone(get):
    html = get("/plan", cell="A").text
    assert {cell["code"] for cell in facts(html)["cells"]} == {"A"}
    assert "网格B" not in html
    assert get("/plan?cell=B", cell="A").status_code == 404
    assert get("/plan?cell=A", cell="A").status_code == 200


@pytest.mark.parametrize("query", ["show=nothing", "level=street"])
def test_what_there_is_no_page_of_is_refused_as_a_page(get, query):
    answer = get(f"/plan?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


def test_a_cell_that_is_not_there_is_a_page_with_the_reason(get):
    answer = get("/plan?cell=nowhere")
    assert answer.status_code == 404
    assert "nowhere" in answer.text
