"""A township in every table, as one revision of the schema kept it: `tests/revisions/REVISION.*`.

Before a new migration is written, the township of the revision before is kept:

    python -m tests.revisions        # on the server of WANGGE_TEST_DATABASE_URL

It is made by that revision's own code, with the figures that it then gave. Where a rule was
changed on purpose since, its figures are corrected by hand.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from shapely import LineString, MultiLineString
from sqlalchemy import Connection, insert, text

from api import questions, schemas
from gis import db, tables
from gis.issues import rules, sweep
from gis.patrols import store as patrols
from gis.people import accounts
from gis.people.accounts import Use
from gis.people.roles import Role
from gis.reports import Question
from maps.words import translator
from tests import reported, settled, walking

FOLDER = Path(__file__).with_suffix("")
NOW = datetime(2026, 10, 20, 4, tzinfo=UTC)
"""The instant of the figures: everything before it has climbed as far as it could."""
NEXT = datetime(2026, 10, 22, 4, tzinfo=UTC)
"""By then the last report has climbed, too."""
ASKED = {"first": "2026-09-21", "last": "2026-09-27", "at": NOW.isoformat()}
FIXES = 60
COLUMNS = """
select attrelid::regclass::text, array_agg(quote_ident(attname) order by attnum)
from pg_attribute join pg_class on pg_class.oid = attrelid
where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0
and not attisdropped and attgenerated = '' and relname not in ('spatial_ref_sys', 'alembic_version')
group by attrelid order by 1
"""


def fill(conn: Connection) -> dict[str, Any]:
    """Make the township; return what must still be known of it after any upgrade."""
    units = walking.town(2, 1, side=60)
    cells = settled.settle(conn, units, villages=1)
    rules.seed(conn, zone_name=settled.ZONE.key, at=datetime(2026, 9, 1, tzinfo=UTC))
    settled.add_people(conn, {"u1": "示例一", "u2": "示例二", "v1": "示例三", "t": "示例四"})
    for person, cell, role in [
        ("u1", "U01", Role.UNIT_WORKER),
        ("v1", "V1", Role.VILLAGE_LEADER),
        ("t", "T", Role.CHIEF),
    ]:
        settled.hold(conn, person, cell, role=role)
    settled.hold(conn, "u2", "U01", deputy_for="u1")
    road = LineString([(117.45, 32.8902), (117.451, 32.8902)])
    rows: Mapping[Any, Mapping[str, Any]] = {
        tables.layer_feature: {"kind": "road", "name": "示例路", "geom": road, "source": "roads"},
        tables.boundary_defect: {
            "kind": "gap",
            "parent": "V1",
            "cells": ["U01", "U02"],
            "area_m2": 1.5,
            "geom": road,
        },
        tables.trace: {
            "id": UUID(int=7),
            "person": "u2",
            "points": 2,
            "geom": MultiLineString([road]),
            "source": "old.gpx",
        },
    }
    for table, row in rows.items():
        conn.execute(insert(table).values(**row))
    patrols.set_masks(conn, cells)
    settled.send(conn, "u1", walking.walk(units[0], fixes=FIXES), batch=1)
    middle = units[0].representative_point()
    for number, at in enumerate(("2026-09-22T00:30", "2026-09-23T00:30", "2026-10-20T03:30")):
        when = datetime.fromisoformat(at).replace(tzinfo=UTC)
        reporter = "u1" if number == 1 else None  # settled on the spot
        reported.filed(conn, number + 1, at=when, geom=middle, reporter=reporter,
                       settled_=number == 1, text="示例 ☃")  # fmt: skip
    sweep.escalate(conn, at=NOW)
    password = accounts.add_account(conn, "worker", role=Role.UNIT_WORKER, cell="U01", person="u1")
    accounts.add_account(conn, "chief", role=Role.CHIEF, cell="T")
    token = accounts.issue_secret(conn, "chief", use=Use.TOKEN, at=NOW)
    accounts.verify(conn, "chief", password="wrong", at=NOW)
    return {"account": "worker", "password": password, "token": token, "figures": figures(conn)}


def figures(conn: Connection) -> dict[str, Any]:
    """Return all reports on the township, as `--json` gives them."""
    asked = questions.asked(conn, cell=None, level="unit", **ASKED)
    return {
        question.value: schemas.report(
            questions.answer(conn, question, asked=asked), translator("en")
        )
        for question in Question
    }


def columns(conn: Connection) -> dict[str, list[str]]:
    """Return the columns of every table of ours, but for those that compute themselves."""
    return dict(tuple(row) for row in conn.execute(text(COLUMNS)))


def contents(conn: Connection, of: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return every row of these columns, as PostgreSQL writes it."""
    return {
        table: list(
            conn.execute(
                text(f"select row({', '.join(names)})::text from {table} order by 1")
            ).scalars()
        )
        for table, names in of.items()
    }


def statements(conn: Connection) -> Iterator[str]:
    """Yield what makes the same rows again; constraints are to be looked at afterwards."""
    kinds = dict(
        tuple(row)
        for row in conn.execute(
            text(
                "select quote_ident(table_name) || '.' || quote_ident(column_name), udt_name"
                " from information_schema.columns where table_schema = 'public'"
            )
        )
    )
    for table, names in columns(conn).items():
        written = ", ".join(written_as(name, kinds[f"{table}.{name}"]) for name in names)
        rows = conn.execute(text(f"select concat_ws(', ', {written}) from {table} order by 1"))
        for row in rows.scalars():
            shown = ", ".join(names)
            yield brief(f"insert into {table} ({shown}) overriding system value values ({row});")


def written_as(name: str, kind: str) -> str:
    """Return the SQL that writes a column's value as a literal."""
    return (
        f"quote_nullable(st_asewkt({name}, 15))"
        if kind == "geometry"
        else (f"quote_nullable({name})")
    )


def brief(statement: str) -> str:
    """Return a statement with the bits of ground in hexadecimal."""
    return re.sub("'([01]{4096})'", lambda bits: f"x'{int(bits[1], 2):01024x}'", statement)


def load(conn: Connection, revision: str) -> dict[str, Any]:
    """Make the township of a revision; return what must still be known of it."""
    conn.exec_driver_sql("set local session_replication_role = replica")  # in any order
    conn.exec_driver_sql((FOLDER / f"{revision}.sql").read_text("utf-8").replace("%", "%%"))
    conn.exec_driver_sql("set local session_replication_role = origin")
    for table in columns(conn):
        conn.execute(
            text(
                "select setval(pg_get_serial_sequence(:t, a.attname), 1000) from pg_attribute as a"
                " where a.attrelid = cast(:t as regclass) and a.attidentity <> ''"
            ),
            {"t": table},
        )
    kept: dict[str, Any] = json.loads((FOLDER / f"{revision}.json").read_text("utf-8"))
    return kept


def main() -> None:
    """Keep the township of the newest revision."""
    from tests.conftest import database  # noqa: PLC0415  (pytest's, and here ours)

    FOLDER.mkdir(exist_ok=True)
    with database(f"wangge_test_revision_{os.getpid()}") as url:
        db.migrate(url)
        engine = db.connect(url)
        with engine.begin() as conn:
            kept = fill(conn)
            empty = [t for t, rows in contents(conn, columns(conn)).items() if not rows]
            revision = conn.execute(text("select version_num from alembic_version")).scalar_one()
            sql = "\n".join(statements(conn))
        engine.dispose()
    (FOLDER / f"{revision}.sql").write_text(sql + "\n", "utf-8")
    told = json.dumps(kept, ensure_ascii=False, indent=1)
    (FOLDER / f"{revision}.json").write_text(told + "\n", "utf-8")
    print(f"kept {revision}; without a row: {', '.join(empty) or 'no table'}")


if __name__ == "__main__":
    main()
