"""Commands that answer: reports, maps, and the sweep by hand."""

import argparse
import csv
import io
import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from api import questions, schemas, view
from api.cli.output import Output
from gis import times
from gis.cells import store as cells
from gis.deployment import get_deployment
from gis.errors import NotFound
from gis.issues import sweep
from gis.messages import say
from gis.reports import Question, Report
from gis.settings import Settings
from maps import page
from maps.view import Ask

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def escalate(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Move what is past its time one level up, each at its deadline's own time."""
    zone = get_deployment(conn).zone
    at = times.instant(args.at, zone, field="at") if args.at else times.now()
    done = sweep.escalate(conn, at=at)
    output.tell(
        say("{n} issues moved up, {m} warned.", n=done.escalated, m=done.warned),
    )
    output.give(
        {
            "at": done.at,
            "escalated": done.escalated,
            "warned": done.warned,
            "moves": [
                {
                    "issue": move.issue,
                    "from_cell": move.from_cell,
                    "to_cell": move.to_cell,
                    "due": move.due,
                    "reason": move.reason,
                }
                for move in done.moves
            ],
        }
    )
    return 0


def report(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Print a report, or write it to a file."""
    asked = questions.asked(
        conn,
        cell=known(conn, args.cell),
        level=args.level,
        first=args.first,
        last=args.last,
        at=args.at,
    )
    found = questions.answer(conn, Question(args.what), asked=asked)
    suffix = args.out.suffix.lstrip(".") if args.out else ""
    form = args.format or (suffix if suffix in FORMS else "") or ("json" if output.json else "text")
    text = FORMS[form](conn, found, output)
    if args.out:
        args.out.write_text(text, "utf-8", newline="")
        output.tell(say("Written: {path}", path=args.out))
    elif not (output.json and form == "json"):
        print(text)
    output.give(schemas.report(found, output.words))
    return 0


def draw(conn: Connection, args: argparse.Namespace, output: Output) -> int:
    """Write one HTML file that opens without a server and without a network."""
    asked = questions.asked(conn, cell=None, level=None, first=args.first, last=args.last, at=None)
    seen = view.gather(conn, Ask(args.what), asked=asked)
    browser_files = Settings().browser_files
    text = page.standalone(seen, language=output.language, browser_files=browser_files)
    args.out.write_text(text, "utf-8")
    output.tell(say("Written: {path}", path=args.out))
    output.give({"map": args.what, "out": str(args.out)})
    return 0


def known(conn: Connection, code: str | None) -> str | None:
    """Return ``code`` if there is such a cell; NotFound otherwise."""
    if code is not None and code not in cells.tree_on(conn):
        raise NotFound(
            say("There is no cell {code}.", code=code),
            remedy=say("Look at the list of cells for those that there are."),
            field="cell",
        )
    return code


def as_json(_conn: Connection, found: Report, output: Output) -> str:
    """Return the report as the object of ``--json``."""
    return json.dumps(schemas.report(found, output.words), ensure_ascii=False)


def as_csv(_conn: Connection, found: Report, output: Output) -> str:
    """Return the rows as CSV; geometries are left out, formulas made harmless."""
    out = io.StringIO()
    rows = table(found, output, total=False)
    csv.writer(out).writerows([[harmless(value) for value in row] for row in rows])
    return out.getvalue()


def as_geojson(conn: Connection, found: Report, output: Output) -> str:
    """Return the rows as features: a gap's own shape, else the cell's."""
    shapes = {shape.code: shape.geom for shape in cells.cells_on(conn)}
    features = [
        schemas.feature(
            row.get("geometry", shapes.get(str(row["cell"]))),
            {k: schemas.plain(v, output.words) for k, v in row.items() if k != "geometry"},
        )
        for row in found.rows
    ]
    return json.dumps(schemas.collection(features), ensure_ascii=False)


def as_text(_conn: Connection, found: Report, output: Output) -> str:
    """Return the rows as a table for a terminal."""
    figures = table(found, output, total=True)
    return aligned([["" if value is None else str(value) for value in row] for row in figures])


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines, their columns one under the other."""
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = (
        "  ".join(value + " " * (w - width(value)) for value, w in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


FORMS = {"json": as_json, "csv": as_csv, "geojson": as_geojson, "text": as_text}


def table(found: Report, output: Output, *, total: bool) -> list[list[Any]]:
    """Return head and rows of a report, and its total if asked, without geometries."""
    head = [key for key in columns(found) if key != "geometry"]
    rows: list[Mapping[str, object]] = list(found.rows)
    if total:
        rows.append({"name": "Σ", **found.total})
    return [head, *([schemas.plain(row.get(key), output.words) for key in head] for row in rows)]


def columns(found: Report) -> list[str]:
    """Return the keys of a report's rows, also where it has none."""
    return list(found.rows[0]) if found.rows else ["cell", "name", "level", *found.total]


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def width(text: str) -> int:
    """Return the columns that a text takes on a terminal: two a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
