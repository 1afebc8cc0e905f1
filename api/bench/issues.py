"""Issues: a file taken in against a bare COPY, and a sweep among few and many open issues."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely
from sqlalchemy import Column, Connection, MetaData, Table, Text

from api.bench import ground
from api.bench.measured import (
    Line,
    analyse,
    bare_copy,
    clocked,
    emptied,
    repeated,
    require_agreement,
)
from gis.issues import sweep
from gis.issues.importing import import_issues
from gis.issues.reading import Fields
from gis.messages import say

COLUMNS = ("id", "lon", "lat", "accuracy", "category", "text", "reported", "due")
FIELDS = Fields(**{name: name for name in COLUMNS})
BARE = Table("bare_report", MetaData(), *(Column(name, Text) for name in COLUMNS))
GROWTH = 10
SOON, LATER, YEARS = timedelta(hours=36), timedelta(hours=48), timedelta(days=1000)
"""When issues are due: a tenth of those that a sweep finds, the rest of them, all others.

The first are past it before the second are warned (at four fifths of their term), and
move once only, for the night counts nothing.
"""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds: of a report taken in and copied, and of a sweep that finds few or all due."""

    taken_in: float
    copied: float
    few: float
    all: float


def measure(conn: Connection, *, reports: int = 2_000, due: int = 200) -> Iterator[Line]:
    """Yield the costs of ``reports`` and of ten times as many; ``due`` of either fall due."""
    few = _cost(conn, reports, due=due)
    many = _cost(conn, reports * GROWTH, due=due)
    for n, cost in ((reports, few), (reports * GROWTH, many)):
        what = say("a report taken in, of {n}", n=n)
        yield Line(what, cost.taken_in, say("bare COPY"), cost.copied)
    yield Line(
        say("a report taken in: ×10 the reports"),
        many.taken_in,
        say("of {n}", n=reports),
        few.taken_in,
    )
    yield Line(
        say("a sweep, {due} due: ×10 the open issues", due=due),
        many.all,
        say("{n} open", n=reports),
        few.all,
    )
    yield Line(
        say("a sweep, {n} open: ×10 the due ones", n=reports * GROWTH),
        many.all,
        say("{due} due", due=due // GROWTH),
        many.few,
    )


def _cost(conn: Connection, reports: int, *, due: int) -> Cost:
    with emptied(conn), TemporaryDirectory() as folder:
        shapes = ground.settle(conn, ground.cells(15, 10), people=30)
        bounds = shapely.total_bounds([shape.geom for shape in shapes])
        rows = _reports(bounds, reports, due=due)
        path = Path(folder) / "reports.csv"
        path.write_text(f"{','.join(COLUMNS)}\n{rows}", "utf-8")
        analyse(conn)
        copied = bare_copy(conn, BARE, rows)
        done, taken_in = clocked(
            lambda: import_issues(conn, path, fields=FIELDS, at=ground.MORNING)
        )
        require_agreement(done.written == reports)
        analyse(conn)
        moved_of_few, of_few = repeated(lambda: _swept(conn, SOON))
        moved, of_all = repeated(lambda: _swept(conn, LATER))
        require_agreement((moved_of_few, moved) == (due // GROWTH, due))
        return Cost(taken_in / reports, copied / reports, of_few, of_all)


def _reports(bounds: Sequence[float], n: int, *, due: int) -> str:
    """Return the rows of a table of reports, all in the box of ``bounds``."""
    rng = np.random.default_rng(1)
    inside = shapely.box(*bounds).buffer(-0.003)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, (lon, lat) in enumerate(ground.points_in(inside, n, rng=rng).tolist()):
        term = SOON if number < due // GROWTH else LATER if number < due else YEARS
        ends = (ground.MORNING + term).isoformat()
        begun = ground.MORNING.isoformat()
        writer.writerow(
            (f"R{number}", f"{lon:.7f}", f"{lat:.7f}", 5, "litter", "A heap.", begun, ends)
        )
    return out.getvalue()


def _swept(conn: Connection, term: timedelta) -> int:
    """Sweep a minute after issues of a term fell due, undo it, and return how many went up."""
    with conn.begin_nested() as savepoint:
        done = sweep.escalate(conn, at=ground.MORNING + term + MINUTE)
        savepoint.rollback()
    return done.escalated
