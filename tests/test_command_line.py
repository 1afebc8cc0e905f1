"""The whole way through, as a person types it: files in, figures out, exit status and JSON."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli.__main__ import main

ROOT = Path(__file__).parents[1]
BROWSER_FILES = Path(os.environ.get("WANGGE_HOME", ROOT / ".wangge")).absolute() / "browser"
WEST = [[117.40, 32.90], [117.41, 32.90], [117.41, 32.91], [117.40, 32.91], [117.40, 32.90]]
EAST = [[117.41, 32.90], [117.42, 32.90], [117.42, 32.91], [117.41, 32.91], [117.41, 32.90]]


@pytest.fixture
def wangge(own_database_url, tmp_path, monkeypatch, capsys):
    """Run one command of the command line in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANGGE_DATABASE_URL", own_database_url)
    monkeypatch.setenv("WANGGE_ADMIN_DATABASE_URL", own_database_url)
    monkeypatch.setenv("WANGGE_BROWSER_FILES", str(BROWSER_FILES))
    monkeypatch.setenv("WANGGE_LANGUAGE", "en")

    def run(*arguments, status=0):
        found = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert found == status, said.err
        return said

    return run


def answer(done):
    return json.loads(done.out.splitlines()[-1])


def boundaries(folder, *rings):
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": f"Unit {code}"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for code, ring in zip(("U1", "U2"), rings, strict=False)
    ]
    path = folder / "units.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def table(folder, name, text):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def township(wangge, tmp_path):
    """A township of one village with two units, each with a worker, and leaders above."""
    wangge("init", "--code", "T", "--name", "Test township", "--timezone", "Asia/Shanghai")
    units = boundaries(tmp_path, WEST, EAST)
    done = wangge("import", "cells", units, "--level", "unit", "--json")
    assert answer(done)["written"] == 2
    assert answer(done)["notes"]["made"] == 3  # village, area and township around them
    people = table(
        tmp_path,
        "people.csv",
        "工号,姓名,岗位,网格编码,起,止\n"
        "W1,示例一,单元网格员,U1,2026-01-01,\n"
        "W2,示例二,单元网格员,U2,2026-01-01,\n"
        "L1,示例三,村级网格长,T-1-1,2026-01-01,\n"
        "C1,示例四,总网格长,T,2026-01-01,\n",
    )
    assert answer(wangge("import", "people", people, "--json"))["written"] == 4
    return wangge


REPORTS = (
    "id,lon,lat,reported,due,closed\n"
    "1,117.405,32.905,2026-05-18T09:00,2026-05-18T12:00,\n"
    "2,117.415,32.905,2026-05-18T09:00,,\n"
    "3,117.415,32.905,2026-05-18T09:00,2026-05-18T12:00,2026-05-18T11:00\n"
    "4,118.0,32.905,2026-05-18T09:00,,\n"
)
FIELDS = (
    *("--lon-field", "lon", "--lat-field", "lat", "--reported-field", "reported"),
    *("--id-field", "id", "--due-field", "due", "--resolved-field", "closed"),
)


def test_reports_find_their_cell_are_escalated_once_and_counted(township, tmp_path):
    reports = table(tmp_path, "reports.csv", REPORTS)
    out = tmp_path / "out.csv"
    done = answer(
        township(
            *("import", "issues", reports, *FIELDS, "--json", "--out", out),
            *("--at", "2026-05-18T12:30"),
        )
    )
    assert (done["read"], done["written"], done["skipped"]) == (4, 4, 0)
    assert done["notes"] == {"outside": 1}
    lines = [line.split(",") for line in out.read_text("utf-8").splitlines()]
    columns = "id lon lat reported due closed cell border_m note overdue"
    assert lines[0] == columns.split()
    assert [(line[6], line[8], line[9]) for line in lines[1:]] == [
        ("U1", "", "yes"),
        ("U2", "", "no"),
        ("U2", "", "no"),
        ("", "outside", "no"),
    ]
    moved = answer(township("escalate", "--at", "2026-05-18T12:30", "--json"))
    assert moved["escalated"] == 1
    (move,) = moved["moves"]
    assert (move["from_cell"], move["to_cell"]) == ("U1", "T-1-1")
    assert move["due"] == "2026-05-18T04:00:00+00:00"
    assert move["reason"]
    again = answer(township("escalate", "--at", "2026-05-18T12:30", "--json"))
    assert (again["escalated"], again["moves"]) == (0, [])
    report = answer(
        township("report", "issues", "--level", "unit", "--at", "2026-05-18T12:30", "--json")
    )
    keys = ("cell", "reported", "open", "overdue", "escalated", "closed")
    assert [tuple(row[key] for key in keys) for row in report["rows"]] == [
        ("U1", 1, 1, 1, 1, 0),
        ("U2", 2, 1, 0, 0, 1),
        ("", 1, 1, 0, 0, 0),
    ]
    assert report["total"] == {"reported": 4, "open": 3, "overdue": 1, "escalated": 1, "closed": 1}


def test_the_same_reports_again_change_nothing(township, tmp_path):
    reports = table(tmp_path, "reports.csv", REPORTS)
    township("import", "issues", reports, *FIELDS)
    township("import", "issues", reports, *FIELDS)
    report = answer(township("report", "issues", "--json", "--at", "2026-05-19"))
    assert report["total"]["reported"] == 4


def test_a_dry_run_says_the_same_and_writes_nothing(township, tmp_path):
    reports = table(tmp_path, "reports.csv", REPORTS)
    done = answer(township("import", "issues", reports, *FIELDS, "--dry-run", "--json"))
    assert done["read"] == 4
    report = answer(township("report", "issues", "--json", "--at", "2026-05-19"))
    assert report["total"]["reported"] == 0


@pytest.mark.parametrize(
    "row, code",
    [
        ("9,east,32.9,2026-05-18T09:00,,", "not_a_number"),
        ("9,217.4,32.9,2026-05-18T09:00,,", "out_of_range"),
        ("9,32.905,117.405,2026-05-18T09:00,,", "swapped"),
        ("9,0,0,2026-05-18T09:00,,", "null_island"),
    ],
)
def test_a_bad_row_stops_the_file_unless_bad_rows_may_be_skipped(township, tmp_path, row, code):
    reports = table(tmp_path, "reports.csv", f"{REPORTS}{row}\n")
    done = township("import", "issues", reports, *FIELDS, "--json", status=2)
    (problem,) = answer(done)["problems"]
    assert (problem["row"], problem["code"]) == (5, code)
    assert problem["message"] and problem["remedy"]
    report = answer(township("report", "issues", "--json", "--at", "2026-05-19"))
    assert report["total"]["reported"] == 0
    done = township("import", "issues", reports, *FIELDS, "--json", "--skip-bad-rows", status=1)
    assert (answer(done)["written"], answer(done)["skipped"]) == (4, 1)


@pytest.mark.parametrize(
    "arguments, code",
    [
        (["--lon-field", "x", "--lat-field", "lat", "--reported-field", "reported"], "wrong_field"),
    ],
)
def test_a_wrong_field_name_is_answered_with_those_that_there_are(
    township, tmp_path, arguments, code
):
    reports = table(tmp_path, "reports.csv", REPORTS)
    done = township("import", "issues", reports, *arguments, "--json", status=2)
    (problem,) = answer(done)["problems"]
    assert problem["code"] == code
    assert "lon, lat" in problem["remedy"]


def test_a_missing_file_is_one_sentence_and_status_2(township):
    done = township("import", "cells", "none.geojson", "--level", "unit", "--json", status=2)
    assert answer(done)["problems"][0]["code"] == "missing_file"
    assert "none.geojson" in done.err


def test_before_there_is_a_township_the_remedy_is_the_command(wangge, tmp_path):
    units = boundaries(tmp_path, WEST)
    done = wangge("import", "cells", units, "--level", "unit", status=2)
    assert "wangge init" in done.err


def test_locate_adds_its_columns_and_writes_nothing_else(township, tmp_path):
    points = table(tmp_path, "points.csv", "name,lon,lat\na,117.405,32.905\nb,118,32.905\n")
    out = tmp_path / "located.csv"
    fields = ("--lon-field", "lon", "--lat-field", "lat")
    done = answer(township("locate", points, *fields, "--out", out, "--json"))
    assert done["notes"] == {"outside": 1}
    head, inside, outside = (line.split(",") for line in out.read_text("utf-8").splitlines())
    assert head == ["name", "lon", "lat", "cell", "border_m", "note"]
    # 0.005° of longitude at 32.905° N are 468 m, of latitude 555 m.
    assert inside[3] == "U1" and abs(float(inside[4]) - 467.7) < 1
    assert outside[3:] == ["", outside[4], "outside"]


def test_a_token_and_an_account_are_printed_once(township):
    made = answer(township("account", "add", "chief", "--role", "chief", "--cell", "T", "--json"))
    assert made["password"] and made["cell"] == "T"
    assert answer(township("token", "chief", "--json"))["token"]
    township("account", "add", "chief", "--role", "chief", status=2)
    township("token", "nobody", status=2)
    renewed = answer(township("account", "password", "chief", "--json"))
    assert renewed["account"] == "chief" and renewed["password"] != made["password"]
    township("account", "password", "nobody", status=2)


@pytest.mark.parametrize("what", ["cells", "issues", "coverage", "gaps", "density"])
def test_a_map_is_one_file_that_asks_nobody(township, tmp_path, what):
    out = tmp_path / "map.html"
    township("map", what, "--out", out)
    text = out.read_text("utf-8")
    assert "U1" in text or "Unit U1" in text
    assert "<link" not in text
    assert re.findall(r"<(?:script|img|iframe)[^>]* src=[\"'](?!data:)", text) == []


def test_the_database_in_trouble_is_status_3(wangge, monkeypatch):
    monkeypatch.setenv("WANGGE_ADMIN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    wangge("escalate", status=3)


@pytest.mark.parametrize("out", [".", "missing/out.csv"])
def test_a_place_that_cannot_be_written_is_named_as_it_was_given(township, tmp_path, out):
    points = table(tmp_path, "points.csv", "lon,lat\n117.405,32.905\n")
    fields = ("--lon-field", "lon", "--lat-field", "lat")
    said = township("locate", points, *fields, "--out", out, status=2)
    assert said.err.startswith(f"{out}: ")


def test_a_dry_run_writes_no_table_either(township, tmp_path):
    reports = table(tmp_path, "reports.csv", REPORTS)
    township("import", "issues", reports, *FIELDS, "--dry-run", "--out", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_word_in_no_encoding_and_a_day_outside_the_calendar_are_one_sentence(township):
    township("account", "add", "\udce4", "--role", "chief", status=2)
    township("report", "gaps", "--to", "9999-12-31", status=2)


def test_a_wrong_command_line_is_status_2(wangge):
    with pytest.raises(SystemExit) as end:
        wangge("report", "weather")
    assert end.value.code == 2


def test_it_runs_as_a_program_of_its_own(own_database_url, tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "api.cli", "init", "--code", "T", "--name", "乡", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "WANGGE_DATABASE_URL": own_database_url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"code": "T", "name": "乡", "timezone": "Asia/Shanghai"}
