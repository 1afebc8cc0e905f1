"""A real city with made-up people: who gets each report, and what goes up when it is late."""

import csv
import json
from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from gis import deployment, tables
from gis.cells.importing import import_cells
from gis.hierarchy import Level
from gis.issues import rules, sweep
from gis.issues.importing import import_issues
from gis.issues.lifecycle import Kind
from gis.issues.reading import Fields
from gis.issues.report import issue_pins, issues_report
from gis.issues.routing import Because, Reason, why
from gis.people.reading import import_people

pytestmark = pytest.mark.real

NEW_YORK = ZoneInfo("America/New_York")
SNAPSHOT = datetime(2016, 1, 12, 11, 23, 25, tzinfo=NEW_YORK)
FIELDS = Fields("lon", "lat", "created", id="id", category="type", due="due", resolved="closed")
VACANT, DEPUTISED = "E5", "A7"
"""Districts that nobody leads: one has a deputy, the other not even that."""


@pytest.fixture(scope="module")
def boston(engine, real_data, tmp_path_factory):
    """Boston, led by made-up people from 2015 on; rolled back after the last test of the file."""
    folder = real_data / "boston311"
    with engine.connect() as conn, conn.begin() as transaction:
        zone = "America/New_York"
        deployment.found(conn, code="boston", name="Boston", timezone=zone, on=date(2015, 1, 1))
        rules.seed(conn, zone_name=zone, at=datetime(2015, 1, 1, tzinfo=UTC))
        import_cells(
            conn,
            folder / "boston_police_districts.geojson",
            level=Level.AREA,
            code_field="ID",
            name_field="ID",
        )
        roster = tmp_path_factory.mktemp("boston") / "people.csv"
        write_roster(conn, roster)
        import_people(conn, roster)
        import_issues(conn, folder / "points.csv", fields=FIELDS, at=SNAPSHOT)
        yield conn, folder
        transaction.rollback()


def write_roster(conn, path):
    cells = conn.execute(select(tables.cell.c.code, tables.cell.c.level)).all()
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["person_id", "name", "role", "cell", "from", "to", "deputy_for"])
        for code, level in cells:
            role = "chief" if level is Level.TOWNSHIP else "area_leader"
            until = "2015-01-01" if code in {VACANT, DEPUTISED} else ""
            out.writerow([f"p-{code}", f"Leader of {code}", role, code, "2015-01-01", until, ""])
        deputy = ["d", "Deputy", "area_leader", DEPUTISED, "2015-01-01", "", f"p-{DEPUTISED}"]
        out.writerow(deputy)


def issues(conn):
    c = tables.issue.c
    columns = (c.id, c.cell, c.place, c.owner, c.reasons, c.due, c.reported_at)
    return conn.execute(select(*columns)).all()


def test_every_report_has_an_owner_and_the_reason_in_words(boston):
    conn, _ = boston
    for row in issues(conn):
        reasons = [Because(Reason(reason), cell) for reason, cell in row.reasons]
        assert why(reasons, names={})
        kinds = {because.reason for because in reasons}
        if row.cell is None:
            assert (row.owner, kinds) == (None, {Reason.OUTSIDE})
        elif row.cell == VACANT:
            assert (row.owner, Reason.VACANT in kinds) == ("boston", True)
        elif row.cell == DEPUTISED and row.reported_at.astimezone(NEW_YORK).date() > date(
            2015, 1, 1
        ):
            assert (row.owner, Reason.DEPUTY in kinds) == (row.place, True)
        else:
            assert row.owner == row.place
    assert sum(row.owner is None for row in issues(conn)) == 9


def test_what_is_past_its_due_time_goes_up_at_that_time_and_only_once(boston):
    conn, folder = boston
    before = {row.id: row for row in issues(conn)}
    pins = issue_pins(conn, at=SNAPSHOT)
    late = {pin.id for pin in pins if pin.due is not None and pin.due < SNAPSHOT}
    assert len(late) == 661  # by the city's own snapshot
    done = sweep.escalate(conn, at=SNAPSHOT)
    assert sweep.escalate(conn, at=SNAPSHOT).moves == ()
    # Where the chief has it already, nobody above can take over.
    assert {move.issue for move in done.moves} == {
        id_ for id_ in late if before[id_].owner != "boston"
    }
    for move in done.moves:
        row = before[move.issue]
        assert (move.from_cell, move.to_cell, move.due) == (row.owner, "boston", row.due)
    kinds = Counter(conn.execute(select(tables.ledger.c.kind)).scalars())
    assert kinds[Kind.ESCALATED] == len(done.moves) == done.escalated
    expected = json.loads((folder / "expected_by_geometry.json").read_text())["at"]
    for then in expected:  # as before the sweep
        at = datetime.fromisoformat(then["T"]).replace(tzinfo=NEW_YORK)
        total = issues_report(conn, cell=None, level=None, first=None, last=None, at=at).total
        assert (total["open"], total["overdue"]) == (then["open"], then["overdue"])
