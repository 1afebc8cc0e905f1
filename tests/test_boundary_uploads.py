"""Boundary files over HTTP: a report first, then the change, and never more than was asked."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

import pytest
from shapely import box
from shapely.geometry import mapping, shape
from sqlalchemy import func, select, text

from gis import operations, tables, times
from gis.cells import apart, preparing, store, uploading
from gis.cells.importing import import_cells
from gis.cells.preparing import Standing, Wanted, prepare
from gis.deployment import get_deployment
from gis.errors import InvalidFile
from gis.hierarchy import Level
from gis.people.roles import Role
from tests.boundaries import EASTERN, MIDDLE, WEST, named, overlapping, versions
from tests.calling import client_in, headers_of

TOWNSHIP = Path(__file__).parents[1] / "data" / "boundaries" / "township"
WHOLE = "340302200"


@pytest.fixture
def lilou(conn):
    return named(conn)


@pytest.fixture
def client(lilou, engine, tmp_path):
    with client_in(lilou, engine, tmp_path) as client:
        yield client


@pytest.fixture
def send(client, lilou):
    """Send a file as a planner does; return the answer."""
    planner = headers_of(lilou, Role.PLANNER, None)

    def send(content, *, name="cells.geojson", headers=planner, **fields):
        fields = {"level": "area"} | fields
        return client.post(
            "/api/boundaries", files={"file": (name, content)}, data=fields, headers=headers
        )

    return send


@pytest.fixture
def here(monkeypatch):
    """Work files through in this process, for what does not depend on the child: it is quicker."""
    monkeypatch.setattr(uploading, "apart", lambda work, *args: work(*args))


def geojson(shapes, **more):
    """A file of cells by code; (shape, parent) fills the field ``above``."""
    features = []
    for code, given in shapes.items():
        ground, above = given if isinstance(given, tuple) else (given, None)
        properties = {"code": code, "name": f"网格{code}", "above": above}
        geometry = mapping(ground) if ground is not None else None
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features} | more).encode()


def digest(content):
    return hashlib.sha256(content).hexdigest()


def applied(content, **fields):
    return {"apply": "true", "op_id": str(uuid4()), "sha256": digest(content)} | fields


def stored(conn):
    """All that a boundary file can change."""
    return {
        table: conn.execute(
            text(f"select md5(string_agg(t::text, ';' order by id)) from {table} t")
        ).scalar()
        for table in ("cell_version", "boundary_defect")
    } | {"cell": conn.execute(select(func.count()).select_from(tables.cell)).scalar()}


TWO = geojson({"A": WEST, "B": MIDDLE})


# The report


def test_a_report_says_what_the_file_holds_and_would_do_and_changes_nothing(send, lilou):
    before = stored(lilou)
    answer = send(TWO)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["accepted"], body["applied"]) == (True, False)
    assert body["sha256"] == digest(TWO)
    assert (body["read"], body["written"], body["skipped"]) == (2, 2, 0)
    assert (body["problems"], body["problem_count"], body["notes"]) == ([], 0, {"made": 1})
    assert body["fields"] == ["code", "name", "above"]
    assert body["preview"] == [
        {"code": "A", "name": "网格A", "above": ""},
        {"code": "B", "name": "网格B", "above": ""},
    ]
    assert (body["encoding"], body["crs"]) == ("utf-8", "WGS 84")
    assert stored(lilou) == before


@pytest.mark.usefixtures("here")
def test_a_report_draws_the_cells_and_those_that_change_with_them(send, lilou):
    send(TWO, **applied(TWO))
    content = geojson({"A": WEST, "B": MIDDLE | EASTERN, "C": box(117.48, 32.89, 117.49, 32.90)})
    features = send(content).json()["cells"]["features"]
    found = {f["properties"]["code"]: f["properties"] for f in features}
    assert {code: p["change"] for code, p in found.items()} == {
        "A": "unchanged", "B": "changed", "C": "new", WHOLE: "changed",
    }  # fmt: skip
    assert {key: value for key, value in found["C"].items() if key != "area_m2"} == {
        "code": "C", "name": "网格C", "level": "area", "parent": WHOLE, "change": "new",
    }  # fmt: skip
    assert found["C"]["area_m2"] == pytest.approx(935.2 * 1109.0, rel=0.001)  # 0.01° by 0.01°
    shapes = {f["properties"]["code"]: shape(f["geometry"]) for f in features}
    assert shapes["C"].equals(box(117.48, 32.89, 117.49, 32.90))


def test_a_report_shows_defects_and_their_ground(send):
    body = send(geojson(overlapping()), level="village").json()
    assert body["accepted"]
    (defect,) = body["defects"]
    assert (defect["kind"], defect["cells"]) == ("overlap", ["A", "B"])
    assert shape(defect["geometry"]).equals(box(117.4599, 32.89, 117.46, 32.90))
    assert defect["area_m2"] == pytest.approx(9.352 * 1109.0, rel=0.001)  # 0.0001° wide
    (problem,) = body["problems"]
    assert (problem["code"], problem["feature"]) == ("overlap", 1)
    assert problem["geometry"] == defect["geometry"]


def test_a_report_of_a_file_that_cannot_be_taken_in_has_every_reason_and_its_cells(send, lilou):
    content = geojson({"A": WEST, "B": box(117.4599, 32.89, 117.47, 32.90), "none": None})
    before = stored(lilou)
    answer = send(content, level="unit", skip_bad_rows="true")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["accepted"], body["applied"], body["written"]) == (False, False, 0)
    assert [p["code"] for p in body["problems"]] == ["no_polygon", "overlap"]
    assert body["problems"][1]["geometry"]["type"] == "Polygon"
    assert [f["properties"]["code"] for f in body["cells"]["features"]] == ["A", "B"]
    assert [f["properties"]["change"] for f in body["cells"]["features"]] == ["new", "new"]
    assert body["fields"] == ["code", "name", "above"]
    assert stored(lilou) == before


def test_a_file_without_codes_still_shows_its_fields(send):
    content = geojson({"A": WEST}).replace(b'"code"', b'"number"')
    body = send(content).json()
    assert [p["code"] for p in body["problems"]] == ["wrong_field"]
    assert body["fields"] == ["number", "name", "above"]
    assert body["preview"][0]["number"] == "A"
    assert send(content, code_field="number").json()["accepted"]


@pytest.mark.usefixtures("here")
def test_the_options_are_those_of_the_command_line(send, lilou):
    send(TWO, **applied(TWO))
    villages = geojson({"a": (WEST, "A"), "b": (MIDDLE, "B")})
    body = send(villages, level="village", parent_field="above").json()
    parents = {
        f["properties"]["code"]: f["properties"]["parent"] for f in body["cells"]["features"]
    }
    assert parents == {"a": "A", "b": "B"}
    assert send(villages, level="village", parent="A").json()["accepted"] is False
    mended = geojson({"a": WEST, "b": box(117.4599, 32.89, 117.47, 32.90)})
    body = send(mended, level="village", parent_field="above", repair="on").json()
    assert {p["code"] for p in body["problems"]} == {"no_code"}
    body = send(mended, level="village", repair="on").json()
    assert {p["code"] for p in body["problems"]} == {"repaired"}
    shifted = send(TWO, datum="gcj02").json()["cells"]["features"]
    assert all(abs(shape(f["geometry"]).bounds[0] - 117.45) > 0.001 for f in shifted[:1])
    metres = send(TWO, crs="EPSG:4549").json()
    assert metres["crs"] == "CGCS2000 / 3-degree Gauss-Kruger CM 120E"
    gbk = TWO.decode("unicode_escape").encode("gb18030")
    assert send(gbk).json()["preview"][0]["name"] == "网格A"
    assert send(gbk).json()["encoding"] == "gb2312"
    assert send(gbk, encoding="GBK").json()["encoding"] == "gbk"
    assert [p["code"] for p in send(gbk, encoding="utf-8").json()["problems"]] == [
        "unknown_encoding"
    ]


@pytest.mark.usefixtures("here")
def test_a_report_and_the_command_line_say_the_same(send, lilou, tmp_path):
    for number, (shapes, level) in enumerate(
        [
            ({"A": WEST, "B": MIDDLE}, "area"),
            (overlapping(), "village"),
            (overlapping(), "unit"),
            ({"": WEST, "A": MIDDLE, "none": None}, "area"),
            ({}, "area"),
        ]
    ):
        content = geojson(shapes)
        path = tmp_path / f"{number}.geojson"
        path.write_bytes(content)
        body = send(content, level=level, name=path.name).json()
        savepoint = lilou.begin_nested()
        try:
            done = import_cells(lilou, path, level=Level.named(level))
            told = (done.read, done.written, done.skipped, done.notes, done.problems)
            assert (body["read"], body["written"], body["skipped"], body["notes"]) == told[:4]
            problems = done.problems
            assert body["accepted"]
        except InvalidFile as error:
            problems = error.problems
            assert not body["accepted"]
        finally:
            savepoint.rollback()
        assert [(p["code"], p["message"], p["lon"]) for p in body["problems"]] == [
            (p.code, str(p.message), p.lon) for p in problems
        ]


@pytest.mark.usefixtures("here")
def test_what_only_the_database_knows_stands_in_the_report_too(send, lilou):
    send(TWO, **applied(TWO))
    lilou.execute(
        text("update cell_version set valid = daterange(null, '2026-01-01') where code = 'B'")
    )
    content = geojson({"B": WEST})
    body = send(content, level="village").json()
    assert (body["accepted"], body["written"]) == (False, 0)
    assert body["problems"][0]["message"] == "B was a cell of level area once."
    assert send(content, level="village", **applied(content)).status_code == 422


def test_sentences_come_in_the_callers_language(send, lilou):
    chinese = headers_of(lilou, Role.PLANNER, None, says="zh-CN")
    (problem,) = send(geojson({}), headers=chinese).json()["problems"]
    assert problem["message"] == "文件里没有要素。"


def test_a_file_of_very_many_corners_is_reported_without_its_shapes(lilou, tmp_path, monkeypatch):
    path = tmp_path / "cells.geojson"
    path.write_bytes(TWO)
    standing = Standing(get_deployment(lilou), {}, ())
    wanted = Wanted(Level.AREA)
    drawn = prepare(path, "", wanted, standing).outlines
    assert [o.code for o in drawn if o.geom is not None] == ["A", "B", WHOLE]
    monkeypatch.setattr(preparing, "DRAWN_CORNERS", 9)
    drawn = prepare(path, "", wanted, standing).outlines
    assert [(o.code, o.geom) for o in drawn] == [("A", None), ("B", None), (WHOLE, None)]
    assert all(o.area_m2 > 0 for o in drawn)


# The change


def test_what_was_reported_is_done_once(send, lilou):
    sent = applied(TWO)
    answer = send(TWO, **sent)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["accepted"], body["applied"]) == (True, True)
    assert (body["read"], body["written"], body["notes"]) == (2, 2, {"made": 1})
    assert body["cells"]["features"] == body["preview"] == body["defects"] == []
    assert {c.code for c in store.cells_on(lilou)} == {"A", "B", WHOLE}
    before = stored(lilou)
    again = send(TWO, **sent)
    assert again.json() == body
    assert stored(lilou) == before
    other = send(TWO, **sent | {"repair": "true"})
    assert other.status_code == 409


@pytest.mark.usefixtures("here")
def test_what_is_told_again_is_told_in_the_callers_language(send, lilou):
    content = geojson(overlapping())
    sent = applied(content, level="village")
    (english,) = send(content, **sent).json()["problems"]
    chinese = headers_of(lilou, Role.PLANNER, None, says="zh-CN")
    (problem,) = send(content, headers=chinese, **sent).json()["problems"]
    assert "overlap by" in english["message"]
    assert "重叠" in problem["message"]
    assert {k: v for k, v in problem.items() if k not in ("message", "remedy")} == {
        k: v for k, v in english.items() if k not in ("message", "remedy")
    }
    assert len(store.defects(lilou)) == 1


def test_new_cells_have_their_ground_drawn(send, lilou):
    send(TWO, **applied(TWO))
    drawn = lilou.execute(select(tables.cell_tile.c.cell).distinct()).scalars().all()
    assert set(drawn) == {c.id for c in store.cells_on(lilou) if c.code in ("A", "B")}


def test_the_source_of_a_cell_is_the_files_name_without_folders(send, lilou):
    send(TWO, name="../../etc/C:\\own\\片区\u202e.geojson", **applied(TWO))
    sources = lilou.execute(select(tables.cell_version.c.source)).scalars().all()
    assert set(sources) == {"片区�.geojson (wgs84)", "union"}


def test_a_refusal_to_apply_has_the_problems_in_its_errors(send, lilou):
    content = geojson({"": WEST, "A": MIDDLE, "none": None})
    before = stored(lilou)
    answer = send(content, **applied(content))
    assert answer.status_code == 422
    body = answer.json()
    assert body["code"] == "invalid_file"
    assert [(e["field"], e["code"], e["feature"]) for e in body["errors"]] == [
        ("file", "no_code", 1),
        ("file", "no_polygon", 3),
    ]
    assert body["title"] == body["errors"][0]["message"]
    assert stored(lilou) == before


def test_only_the_file_of_the_report_is_applied(send, lilou):
    before = stored(lilou)
    answer = send(TWO, **applied(b"another"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "sha256"
    for missing in ("op_id", "sha256"):
        answer = send(TWO, **applied(TWO) | {missing: ""})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == missing
    assert stored(lilou) == before


def test_nothing_is_written_where_cells_changed_while_the_file_was_read(send, lilou, monkeypatch):
    send(TWO, **applied(TWO))
    content = geojson({"A": WEST, "B": MIDDLE | EASTERN})

    def meanwhile(work, *args):
        done = work(*args)
        today = times.today(get_deployment(lilou).zone)
        renamed = replace(store.drafts_on(lilou, today)["A"], name="else")
        store.begin_versions(lilou, [renamed], today=today, zone=get_deployment(lilou).zone)
        return done

    monkeypatch.setattr(uploading, "apart", meanwhile)
    answer = send(content, **applied(content))
    assert answer.status_code == 409
    assert {c.code: c.geom.bounds[2] for c in store.cells_on(lilou, level=Level.AREA)}[
        "B"
    ] == 117.47


def test_an_act_of_another_kind_keeps_its_id(send, lilou):
    op_id = uuid4()
    operations.remember(lilou, op_id, b"x" * 32, {})
    assert send(TWO, **applied(TWO, op_id=str(op_id))).status_code == 409
    assert versions(lilou) == 0


# Who, and what is no request


@pytest.mark.usefixtures("here")
def test_only_planners_of_the_whole_send_boundaries(send, client, lilou):
    send(TWO, **applied(TWO))
    for role, cell in ((Role.CHIEF, None), (Role.UNIT_WORKER, "A"), (Role.PLANNER, "A")):
        headers = headers_of(lilou, role, cell)
        assert send(TWO, headers=headers).status_code == 403
        assert send(TWO, headers=headers, **applied(TWO)).status_code == 403
    assert client.post("/api/boundaries", files={"file": ("a.geojson", TWO)}).status_code == 401
    assert send(TWO, headers=headers_of(lilou, Role.PLANNER, WHOLE)).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"level": "street"},
        {"level": ""},
        {"datum": "nad27"},
        {"apply": "perhaps"},
        {"parent": "A\0"},
        {"code_field": "x" * 1000},
        {"op_id": "1"},
        {"sha256": "1"},
        {"crs": "EPSG:99999999"},
        {"crs": "/etc/passwd"},
    ],
)
@pytest.mark.usefixtures("here")
def test_options_that_do_not_exist_are_refused(send, fields):
    answer = send(TWO, **fields)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in fields


def test_a_request_without_a_file_is_refused(client, lilou):
    planner = headers_of(lilou, Role.PLANNER, None)
    assert (
        client.post("/api/boundaries", data={"level": "area"}, headers=planner).status_code == 422
    )
    text_instead = {"level": "area", "file": "text"}
    assert client.post("/api/boundaries", data=text_instead, headers=planner).status_code == 422
    for body in (b"", b"--x\r\n", b"\0" * 100):
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = client.post("/api/boundaries", content=body, headers=planner | kind)
        assert answer.status_code in (400, 422)


def test_a_body_that_is_not_announced_is_stopped_at_64_mb(client, lilou):
    planner = headers_of(lilou, Role.PLANNER, None)
    sent = []

    def endless():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.gpkg"\r\n\r\n'
        for _ in range(80):
            sent.append(1)
            yield bytes(2**20)

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post("/api/boundaries", content=endless(), headers=planner | kind)
    assert answer.status_code == 413
    assert answer.json()["title"] == "The request is larger than 64 MB."


# Strangers' files


def zipped(**members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return held.getvalue()


BOMB = zipped(cells__geojson=b" " * 600 * 2**20)
DEEP = b"[" * 200_000
LAUGHS = b'<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><kml>&b;</kml>'
HALVES = geojson({"A": WEST}).replace(b"code", rb"\udfff").replace(b"Polygon", rb"\ud800")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("bomb.zip", BOMB, "too_large"),
        ("links.zip", zipped(**{"../cells__geojson": TWO}), "unreadable"),
        ("zip.zip", zipped(more__zip=zipped(a__geojson=TWO)), "unreadable"),
        ("deep.geojson", DEEP, "unreadable"),
        ("laughs.kml", LAUGHS, "unreadable"),
        ("not.gpkg", b"SQLite format 3\0" + bytes(4096), "unreadable"),
        ("not.zip", b"PK\3\4" + b"\xff" * 100, "unreadable"),
        ("empty.geojson", b"", "unreadable"),
        ("halves.geojson", HALVES, "wrong_field"),
        ("null.geojson", b'{"type": "FeatureCollection", "features": null}', "unreadable"),
        ("cells", TWO, "unreadable"),
        ("cells.exe", TWO, "unreadable"),
        ("../../../../etc/passwd", TWO, "unreadable"),
        ("a" * 1000 + ".geojson", b"{}", "unreadable"),
        (".geojson", b"{}", "unreadable"),
    ],
)
def test_hostile_files_are_refused_in_words(send, lilou, name, content, code):
    answer = send(content, name=name)
    assert answer.status_code == 200
    body = answer.json()
    assert body["accepted"] is False
    assert body["problems"][0]["code"] == code
    assert body["problems"][0]["message"]
    assert gettempdir() not in answer.text
    assert versions(lilou) == 0


def test_a_hostile_file_is_refused_in_the_same_words_when_it_shall_be_applied(send, lilou):
    (problem,) = send(LAUGHS, name="laughs.kml").json()["problems"]
    refused = send(LAUGHS, name="laughs.kml", **applied(LAUGHS))
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"field": "file"} | problem]
    assert versions(lilou) == 0


def test_a_file_that_takes_too_long_is_refused_in_words(send, monkeypatch):
    def impatient(work, *args):
        return apart.run(work, args, seconds=0)

    monkeypatch.setattr(uploading, "apart", impatient)
    (problem,) = send(TWO).json()["problems"]
    assert problem["message"] == "The file could not be read in 0 s."


def test_while_others_read_files_the_next_one_waits_and_is_told(send, monkeypatch):
    monkeypatch.setattr(apart, "PATIENCE_S", 0.01)
    with apart._turns, apart._turns:
        answer = send(TWO)
    assert answer.status_code == 503
    assert (answer.json()["code"], answer.headers["retry-after"]) == ("busy", "5")


@pytest.mark.usefixtures("here")
def test_an_encoding_that_is_none_of_text_is_refused(send):
    for name in ("zlib", "rot13", "undefined", "no-such"):
        assert [p["code"] for p in send(TWO, encoding=name).json()["problems"]] == [
            "unknown_encoding"
        ]


@pytest.mark.usefixtures("here")
def test_the_example_township_comes_in_by_web_as_by_command(send, lilou, tmp_path):
    for name, level in (("areas", "area"), ("villages", "village"), ("units", "unit")):
        content = (TOWNSHIP / f"{name}.geojson").read_bytes()
        options = {"level": level, "parent_field": "parent", "name": f"{name}.geojson"}
        report = send(content, **options).json()
        assert report["accepted"]
        done = send(content, **options, **applied(content)).json()
        assert (done["read"], done["written"]) == (report["read"], report["written"])
    by_web = {c.code: (c.name, c.parent, c.geom.wkb) for c in store.cells_on(lilou)}
    lilou.execute(text("truncate boundary_defect, cell_version, cell cascade"))
    for name, level in (("areas", "area"), ("villages", "village"), ("units", "unit")):
        path = TOWNSHIP / f"{name}.geojson"
        import_cells(lilou, path, level=Level.named(level), parent_field="parent")
    assert {c.code: (c.name, c.parent, c.geom.wkb) for c in store.cells_on(lilou)} == by_web
