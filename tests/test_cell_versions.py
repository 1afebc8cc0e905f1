import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from shapely import box
from shapely.geometry import mapping
from sqlalchemy import func, select, update

from gis import tables
from gis.cells import store
from gis.cells.importing import import_cells
from gis.cells.problems import Fault
from gis.errors import InvalidFile, InvalidInput, NotFound
from gis.hierarchy import Level
from tests.boundaries import (
    BOTH,
    EASTERN,
    MIDDLE,
    WEST,
    cells,
    importer,
    named,
    overlapping,
    stopped,
    versions,
)

AREA, VILLAGE = Level.AREA, Level.VILLAGE
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def lilou(conn):
    return named(conn)


@pytest.fixture
def bring(lilou, tmp_path):
    return importer(lilou, tmp_path)


# Again, and later


def test_importing_the_same_again_changes_nothing(lilou, bring):
    shapes = {"A": WEST, "B": MIDDLE}
    bring(AREA, shapes)
    before = versions(lilou)
    report = bring(AREA, shapes)
    assert (report.read, report.written, report.skipped) == (2, 0, 0)
    assert report.notes == {"unchanged": 2}
    assert report.changed_leaves == ()
    assert versions(lilou) == before


def test_what_began_today_is_changed_in_place(lilou, bring):
    bring(AREA, {"A": WEST, "B": MIDDLE})
    before = versions(lilou)
    report = bring(AREA, {"B": MIDDLE | EASTERN})
    assert versions(lilou) == before
    assert [leaf.code for leaf in report.changed_leaves] == ["B"]
    assert cells(lilou)["340302200"].geom.bounds[2] == 117.48


def test_a_later_change_ends_the_old_version_and_begins_a_new_one(lilou, bring):
    bring(AREA, {"A": WEST})
    lilou.execute(update(tables.cell).values(made_at=func.now() - func.make_interval(0, 0, 0, 9)))
    bring(AREA, {"A": BOTH})
    today = date.today()  # noqa: DTZ011
    valid = tables.cell_version.c.valid
    rows = lilou.execute(
        select(func.lower(valid), func.upper(valid))
        .where(tables.cell_version.c.code == "A")
        .order_by(valid)
    ).all()
    [(since, until), (again, end)] = rows
    assert (since, end) == (None, None)
    assert until == again
    assert abs((until - today).days) <= 1  # the zone's today
    assert store.cell_named(lilou, "A", date(2020, 1, 1)).geom.bounds[2] == 117.46
    assert store.cell_named(lilou, "A").geom.bounds[2] == 117.47


def test_versions_follow_one_another_day_by_day(lilou, bring):
    bring(AREA, {"A": WEST})
    lilou.execute(update(tables.cell).values(made_at=date(2026, 1, 1)))
    draft = store.drafts_on(lilou, date(2026, 1, 1))["A"]
    for day in (date(2026, 5, 1), date(2026, 6, 1)):
        renamed = type(draft)(
            **{**{n: getattr(draft, n) for n in draft.__slots__}, "name": str(day)}
        )
        store.begin_versions(lilou, [renamed], today=day, zone=SHANGHAI)
    names = [
        store.cell_named(lilou, "A", day).name
        for day in (date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 31), date(2026, 6, 1))
    ]
    assert names == ["网格A", "2026-05-01", "2026-05-01", "2026-06-01"]


def test_a_code_never_changes_its_level(lilou, bring):
    bring(AREA, {"A": WEST})
    draft = store.drafts_on(lilou, date(2026, 5, 1))["A"]
    village = type(draft)("A", "A", VILLAGE, None, "", draft.geom, "")
    with pytest.raises(InvalidInput, match="was a cell of level area"):
        store.begin_versions(lilou, [village], today=date(2026, 5, 1), zone=SHANGHAI)


def test_an_imported_cell_keeps_its_parent_when_nobody_names_another(lilou, bring):
    bring(AREA, {"A": WEST, "B": MIDDLE})
    bring(VILLAGE, {"a": (WEST, "A"), "b": (MIDDLE, "B")}, parent_field="above")
    assert bring(VILLAGE, {"a": WEST}).notes == {"unchanged": 1}


# Bad features


def test_bad_features_refuse_the_file_with_every_reason(lilou, bring):
    bring(AREA, {"A": WEST})
    problems = stopped(bring, VILLAGE, {"": WEST, "A": MIDDLE, "ok": WEST, "none": None})
    assert [(p.feature, p.code) for p in problems] == [
        (1, Fault.NO_CODE),
        (2, Fault.OTHER_LEVEL),
        (4, Fault.NO_POLYGON),
    ]


def test_bad_features_are_left_out_on_request(lilou, bring):
    report = bring(AREA, {"A": WEST, "": MIDDLE, "none": None}, skip_bad_rows=True)
    assert (report.read, report.written, report.skipped) == (3, 1, 2)
    assert [p.feature for p in report.problems] == [2, 3]
    assert "A" in cells(lilou)


def test_a_file_of_bad_features_only_is_refused_all_the_same(bring):
    [problem] = stopped(bring, AREA, {"": WEST}, skip_bad_rows=True)
    assert problem.code == Fault.NO_CODE
    [problem] = stopped(bring, AREA, {})
    assert problem.code == Fault.EMPTY


def test_a_code_that_occurs_twice_is_a_problem(lilou, tmp_path):
    one = {"type": "Feature", "properties": {"code": 7}, "geometry": mapping(WEST)}
    path = tmp_path / "twice.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [one, one]}))
    with pytest.raises(InvalidFile, match="7 occurs twice") as error:
        import_cells(lilou, path, level=AREA)
    assert [p.feature for p in error.value.problems] == [2]


def test_axes_swapped_are_told_by_the_territory_where_both_could_be_degrees(lilou, tmp_path):
    def file(shape):
        one = {"type": "Feature", "properties": {"code": "A"}, "geometry": mapping(shape)}
        path = tmp_path / "boston.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [one]}))
        return path

    boston = box(-71.1, 42.3, -71.0, 42.4)
    import_cells(lilou, file(boston), level=AREA)
    with pytest.raises(InvalidFile) as error:
        import_cells(lilou, file(box(42.3, -71.1, 42.4, -71.0)), level=AREA)
    assert error.value.problems[0].code == Fault.SWAPPED


def test_a_dry_run_says_the_same_and_writes_nothing(lilou, bring):
    rehearsed = bring(VILLAGE, overlapping(), dry_run=True)
    assert cells(lilou) == {}
    done = bring(VILLAGE, overlapping())
    assert (rehearsed.read, rehearsed.written, rehearsed.skipped) == (2, 2, 0)
    assert rehearsed.problems == done.problems
    assert rehearsed.notes == done.notes
    assert rehearsed.changed_leaves == ()
    assert [leaf.code for leaf in done.changed_leaves] == ["A", "B"]


def test_nothing_is_imported_before_the_deployment_is_named(conn, tmp_path):
    with pytest.raises(NotFound, match="no township yet"):
        import_cells(conn, tmp_path / "a.geojson", level=AREA)


# Queries


def test_cells_can_be_asked_for_by_level_and_below_a_cell(lilou, bring):
    bring(AREA, {"A": WEST, "B": MIDDLE})
    bring(VILLAGE, {"a": WEST, "b": MIDDLE})
    assert [c.code for c in store.cells_on(lilou, level=VILLAGE)] == ["a", "b"]
    assert [c.code for c in store.cells_on(lilou, within="A")] == ["A", "a"]
    assert [c.code for c in store.cells_on(lilou, level=VILLAGE, within="340302200")] == ["a", "b"]
    assert store.cells_on(lilou, within="nowhere") == []
    tree = store.tree_on(lilou)
    assert tree.roots == ("340302200",)
    assert tree.children("A") == ("a",)


def test_an_unknown_cell_is_not_found(lilou):
    with pytest.raises(NotFound, match="no cell nowhere"):
        store.cell_named(lilou, "nowhere")
