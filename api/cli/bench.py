"""The command that measures: each benchmark prints its table, ratios in the last column."""

import argparse
from importlib import import_module

from sqlalchemy import Connection

from api.bench.measured import Line
from api.cli.output import Output
from api.cli.questions import aligned
from gis import db
from gis.errors import InvalidInput
from gis.messages import say
from gis.settings import Settings

NAMES = ("locate", "coverage", "issues", "pages")


def bench(settings: Settings, args: argparse.Namespace, output: Output) -> int:
    """Run one benchmark, or each of them, in a transaction that is undone."""
    if args.name is not None and args.name not in NAMES:
        raise InvalidInput(
            say("There is no benchmark {name}.", name=args.name),
            remedy=say("There are: {names}.", names=", ".join(NAMES)),
            field="name",
        )
    engine = db.connect(settings.owner_url, timeout_ms=0)  # only the owner may make tables
    try:
        for name in [args.name] if args.name else NAMES:
            output.tell(say("Measuring: {name}.", name=name))
            with engine.connect() as conn:  # closed without a commit
                lines = measured(conn, name)
            if not output.json:
                print(f"{name}\n{table(lines, output)}\n", flush=True)
            if said := getattr(import_module(f"api.bench.{name}"), "remark", lambda: None)():
                output.tell(said)
            output.give({"bench": name, "lines": [as_json(line, output) for line in lines]})
    finally:
        engine.dispose()
    return 0


def measured(conn: Connection, name: str) -> list[Line]:
    """Return the lines of a benchmark; only its own peers are loaded."""
    return list(import_module(f"api.bench.{name}").measure(conn))


def table(lines: list[Line], output: Output) -> str:
    """Return the lines as a table for a terminal."""
    head = (say("what"), say("this"), say("against"), say("its cost"), say("ratio"))
    rows = [
        [
            output.words(line.what),
            amount(line.this, in_bytes=line.in_bytes),
            output.words(line.against),
            amount(line.peer, in_bytes=line.in_bytes),
            f"× {line.ratio:.3g}",
        ]
        for line in lines
    ]
    return aligned([[output.words(word) for word in head], *rows])


def amount(value: float, *, in_bytes: bool) -> str:
    """Return bytes or seconds to three figures."""
    if in_bytes:
        return f"{value / 1000:.3g} kB"
    unit, size = next(((u, s) for u, s in UNITS if value >= s), UNITS[-1])
    return f"{value / size:.3g} {unit}"


UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))


def as_json(line: Line, output: Output) -> dict[str, object]:
    """Return a line as an object; amounts in bytes or seconds."""
    return {
        "what": output.words(line.what),
        "against": output.words(line.against),
        "unit": "byte" if line.in_bytes else "s",
        "this": line.this,
        "peer": line.peer,
        "ratio": line.ratio,
    }
