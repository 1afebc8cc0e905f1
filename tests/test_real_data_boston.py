"""A real city, whole: its districts, its reports, its own answers."""

import csv
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gis import deployment
from gis.cells.importing import import_cells
from gis.hierarchy import Level
from gis.issues import rules, sweep
from gis.issues.importing import import_issues
from gis.issues.reading import Fields
from gis.issues.report import issues_report

pytestmark = pytest.mark.real

NEW_YORK = ZoneInfo("America/New_York")
SNAPSHOT = datetime(2016, 1, 12, 11, 23, 25, tzinfo=NEW_YORK)
FIELDS = Fields(
    lon="lon",
    lat="lat",
    reported="created",
    id="id",
    category="type",
    due="due",
    resolved="closed",
)


@pytest.fixture(scope="module")
def boston(engine, real_data):
    """Boston imported, in a transaction that is rolled back after the last test of the file."""
    folder = real_data / "boston311"
    with engine.connect() as conn, conn.begin() as transaction:
        founded = SNAPSHOT.date().replace(year=2014)
        deployment.found(
            conn, code="boston", name="Boston", timezone="America/New_York", on=founded
        )
        rules.seed(conn, zone_name="America/New_York", at=SNAPSHOT.replace(year=2014))
        cells = import_cells(
            conn,
            folder / "boston_police_districts.geojson",
            level=Level.AREA,
            code_field="ID",
            name_field="ID",
        )
        issues = import_issues(conn, folder / "points.csv", fields=FIELDS, at=SNAPSHOT)
        yield conn, cells, issues, folder
        transaction.rollback()


def is_placeholder(row):
    return (row["lat"], row["lon"]) == ("42.3594", "-71.0587")


def records(table):
    head, *rows = table
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_twelve_districts_make_a_township_and_every_report_is_kept(boston):
    _, cells, issues, _ = boston
    assert (cells.read, cells.written, cells.skipped) == (12, 12, 0)
    assert (issues.read, issues.written, issues.skipped) == (14828, 14828, 0)
    noted = [row["note"] for row in records(issues.table) if is_placeholder(row)]
    assert len(noted) == 608
    assert all("shared_coordinate" in note.split(";") for note in noted)
    assert issues.notes["outside"] == 9
    assert issues.notes["resolved_before_reported"] == 176


def test_away_from_borders_the_cell_is_the_district_that_the_city_published(boston):
    _, _, issues, folder = boston
    with (folder / "assign_police.csv").open() as file:
        published = {row["id"]: row["published"] for row in csv.DictReader(file)}
    districts = {row["cell"] for row in records(issues.table)} - {""}
    compared = [
        row["cell"] == published[row["id"]]
        for row in records(issues.table)
        if float(row["border_m"]) > 15
        and not is_placeholder(row)
        and published[row["id"]] in districts
    ]
    assert len(compared) == pytest.approx(13762, abs=10)
    assert sum(compared) / len(compared) >= 0.9995


def test_overdue_is_the_citys_own_flag_wherever_it_has_one(boston):
    _, _, issues, _ = boston
    flagged = [row for row in records(issues.table) if row["ontime_status"]]
    assert len(flagged) == 14822
    assert all((row["ontime_status"] == "OVERDUE") == (row["overdue"] == "yes") for row in flagged)


@pytest.mark.parametrize("swept", [False, True])
def test_open_and_overdue_at_three_dates_before_and_after_the_sweep(boston, swept):
    conn, _, _, folder = boston
    if swept:
        assert sweep.escalate(conn, at=SNAPSHOT).moves == ()  # nobody holds the township: no one to
    expected = json.loads((folder / "expected_by_geometry.json").read_text())["at"]
    for then in expected:
        at = datetime.fromisoformat(then["T"]).replace(tzinfo=NEW_YORK)
        report = issues_report(conn, cell=None, level=None, first=None, last=None, at=at)
        assert (report.total["open"], report.total["overdue"]) == (then["open"], then["overdue"])
        for key in ("open", "overdue"):
            near = then[f"{key}_within_1_m_of_a_border"]
            by_district = then[f"{key}_by_district"]
            off = sum(abs(row[key] - by_district.get(row["cell"], 0)) for row in report.rows)
            assert off <= 2 * near


def test_the_same_file_again_changes_nothing(boston):
    conn, _, _, folder = boston
    again = import_issues(conn, folder / "points.csv", fields=FIELDS, at=SNAPSHOT)
    assert (again.written, again.notes["unchanged"]) == (0, 14828)
