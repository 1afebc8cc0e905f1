"""The benchmarks at a tiny size: their answers agree, nothing stays. No time is judged."""

import argparse
import json
import math

import numpy as np
import pytest
import shapely
from sqlalchemy import func, inspect, select

from api.bench import coverage, ground, issues, locate, pages, visits
from api.bench.measured import SCHEMA, AnswersDiffer, Line, emptied, require_agreement
from api.cli import bench
from api.cli.__main__ import main
from api.cli.output import Output
from gis import tables
from gis.messages import say
from gis.people import accounts
from gis.people.roles import Role
from maps.vendor import folder_name, read_lock
from tests.settled import send
from tests.visiting import BROWSER_FILES


@pytest.fixture
def output(monkeypatch):
    monkeypatch.setenv("WANGGE_LANGUAGE", "en")
    return Output.of(argparse.Namespace(json=False))


@pytest.fixture
def browser_files(tmp_path):
    """Stand-ins for other people's files, ten bytes each."""
    for package, pin in read_lock().items():
        for name in pin["files"]:
            path = tmp_path / folder_name(package, pin) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"0123456789")
    return tmp_path


def check(lines, output, *, n):
    """Each line has a cost, a peer and their ratio, and the table shows them all."""
    assert len(lines) == n
    for line in lines:
        assert line.this > 0
        assert math.isclose(line.ratio * line.peer, line.this)
    shown = bench.table(lines, output).splitlines()
    assert shown[0].split() == ["what", "this", "against", "its", "cost", "ratio"]
    for line, row in zip(lines, shown[1:], strict=True):
        assert row.endswith(f"× {line.ratio:.3g}")


def test_wavy_cells_are_valid_share_their_borders_and_lie_on_the_lattice():
    cells = ground.cells(3, 2)
    assert len(cells) == 6
    assert shapely.is_valid(cells).all()
    assert shapely.coverage_is_valid(cells)
    whole = shapely.coverage_union_all(cells)
    assert math.isclose(whole.area, sum(cell.area for cell in cells), rel_tol=1e-9)
    at = shapely.get_coordinates(cells)
    assert (at == at.round(8)).all()


def test_locating_is_measured(conn, output):
    check(list(locate.measure(conn, points=2000, lookups=10, columns=4, rows=10)), output, n=6)


def test_patrols_are_measured(conn, output):
    lines = list(coverage.measure(conn, columns=3, rows=2, people=2, days=2, fixes=200, sample=3))
    check(lines, output, n=5)


def test_issues_are_measured(conn, output):
    check(list(issues.measure(conn, reports=40, due=20)), output, n=5)


def test_pages_are_measured(conn, output, browser_files):
    with emptied(conn):
        ground.settle(conn, ground.cells(3, 2))
        walk = ground.walk(ground.cells(3, 2)[0], day=0, fixes=50, rng=np.random.default_rng(1))
        send(conn, ground.person(0), walk)
        lines = list(pages.weighed(conn, browser_files=browser_files))
        lines += pages.walked(conn)
        assert conn.execute(select(func.count()).select_from(tables.patrol_day)).scalar() == 10
    assert lines[0].in_bytes
    assert lines[0].peer == 350_000
    check(lines, output, n=len(lines))


@pytest.mark.browser
def test_when_a_map_is_seen_is_measured_by_a_browser(conn, output):
    with emptied(conn):
        ground.settle(conn, ground.cells(3, 2))
        password = accounts.add_account(conn, "chief", role=Role.CHIEF, cell="T", person=None)
        found = pages.visited(conn, password=password, browser_files=BROWSER_FILES, times=1)
        seen, loaded = found
    assert (seen.in_bytes, seen.peer) == (False, 1.0)
    assert (loaded.in_bytes, loaded.peer) == (True, 350_000)
    assert loaded.this > 10_000  # the page, its styles and Leaflet came over the line
    check([seen, loaded], output, n=2)


def test_without_a_browser_the_benchmark_says_what_it_left_out(monkeypatch, output):
    monkeypatch.setenv(visits.PROGRAM, "/nowhere/chromium")
    assert "Chromium" in output.words(pages.remark())


def test_what_a_benchmark_writes_is_gone_and_what_was_there_is_not_seen(conn):
    ground.settle(conn, ground.cells(2, 1))
    with emptied(conn):
        assert conn.execute(select(tables.cell)).all() == []
        ground.settle(conn, ground.cells(3, 1))
    units = select(tables.cell.c.code).where(tables.cell.c.code.startswith("U"))
    assert len(conn.execute(units).all()) == 2
    assert SCHEMA not in inspect(conn).get_schema_names()


def test_a_failed_benchmark_leaves_nothing_either(conn):
    with pytest.raises(AnswersDiffer), emptied(conn):
        require_agreement(False)
    assert SCHEMA not in inspect(conn).get_schema_names()


def test_the_command_prints_a_table_or_json(own_database_url, monkeypatch, capsys):
    line = Line(say("a"), 0.002, say("b"), 0.004)
    monkeypatch.setattr(issues, "measure", lambda _: iter([line]))
    monkeypatch.setenv("WANGGE_DATABASE_URL", own_database_url)
    monkeypatch.setenv("WANGGE_LANGUAGE", "en")
    assert main(["bench", "issues"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[2].split() == ["a", "2", "ms", "b", "4", "ms", "×", "0.5"]
    assert main(["bench", "issues", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lines"][0]["ratio"] == 0.5


def test_an_unknown_benchmark_is_answered_with_the_list(own_database_url, monkeypatch, capsys):
    monkeypatch.setenv("WANGGE_DATABASE_URL", own_database_url)
    monkeypatch.setenv("WANGGE_LANGUAGE", "en")
    assert main(["bench", "speed"]) == 2
    assert "locate, coverage, issues, pages" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "in_bytes", "text"),
    [
        (13.62, False, "13.6 s"),
        (0.0039, False, "3.9 ms"),
        (7e-7, False, "0.7 µs"),
        (289_123, True, "289 kB"),
    ],
)
def test_amounts_are_written_to_three_figures(value, in_bytes, text):
    assert bench.amount(value, in_bytes=in_bytes) == text
