"""Patrols: taking fixes in against a bare COPY, coverage against PostGIS's union of buffers."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import cast

import numpy as np
from sqlalchemy import BigInteger, Column, Connection, Double, MetaData, Table, Text, text

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
from gis.cells.model import CellShape
from gis.hierarchy import Level
from gis.messages import say
from gis.patrols import store
from gis.patrols.coverage import coverage_report
from gis.patrols.tracks import Fixes
from gis.reports import Report

BARE = Table(
    "bare_fix",
    MetaData(),
    Column("person", Text),
    Column("t", BigInteger),
    Column("lon", Double),
    Column("lat", Double),
    Column("accuracy", Double),
)
LONGER = 3
"""How many times as many days the second report has."""
ALIKE_PCT = 1.0
"""Points of a per cent that the two ways to measure a cell may differ by."""
UNION = text(
    # The fastest of several forms: only what is near a cell, without the vertices that
    # move the line by less than 2 m, buffered line by line, united cell by cell.
    """
    with asked as materialized (
        select code, area_m2, st_transform(geom, 32650) as geom
        from cell_version where code = any(:codes)
    ),
    walked as materialized (
        select st_transform(st_force2d(geom), 32650) as geom
        from patrol_segment where day between :first and :last
    ),
    near as (
        select
            asked.code,
            st_buffer(
                st_simplify(
                    st_clipbybox2d(walked.geom, cast(st_expand(asked.geom, 30) as box2d)), 2
                ),
                25
            ) as geom
        from asked inner join walked on walked.geom && st_expand(asked.geom, 30)
    )
    select
        asked.code,
        100 * coalesce(st_area(st_intersection(asked.geom, st_union(near.geom))), 0)
            / st_area(asked.geom) as pct
    from asked left join near on asked.code = near.code
    group by asked.code, asked.geom
    """
)

Walks = list[tuple[str, Fixes]]


def measure(
    conn: Connection,
    *,
    columns: int = 15,
    rows: int = 10,
    people: int = 30,
    days: int = 10,
    fixes: int = 1_000,
    sample: int = 15,
) -> Iterator[Line]:
    """Yield the costs of ``people`` who send ``fixes`` a day, and of reports on their days."""
    rng = np.random.default_rng(1)
    with emptied(conn):
        shapes = ground.settle(conn, ground.cells(columns, rows), people=people)
        store.set_masks(conn, shapes)
        walks = [
            _walks(shapes, range(n * days, (n + 1) * days), people=people, fixes=fixes, rng=rng)
            for n in range(LONGER)
        ]
        yield from _taken_in(conn, walks)
        analyse(conn)
        seconds = []
        some = shapes[:: max(1, len(shapes) // sample)]
        for n in (1, LONGER):
            last = ground.MONDAY + timedelta(days=n * days - 1)
            report, this = repeated(partial(_report, conn, last=last))
            exact, peer = clocked(partial(_exact, conn, some, last=last))
            require_agreement(_alike(report, exact))
            seconds.append(this)
            yield Line(
                say("coverage of {cells} cells in {days} days", cells=len(shapes), days=n * days),
                this,
                say("PostGIS, union of buffers: {n} cells, scaled up", n=len(some)),
                peer * len(shapes) / len(some),
            )
        short, long = seconds
        yield Line(say("×{n} the days", n=LONGER), long, say("{days} days", days=days), short)


def _walks(
    shapes: Sequence[CellShape],
    days: Sequence[int],
    *,
    people: int,
    fixes: int,
    rng: np.random.Generator,
) -> Walks:
    """Return a walk a person and day, in a cell of the person's own; the next day in the next."""
    return [
        (
            ground.person(n),
            ground.walk(
                shapes[(n + day * people) % len(shapes)].geom, day=day, fixes=fixes, rng=rng
            ),
        )
        for day in days
        for n in range(people)
    ]


def _taken_in(conn: Connection, walks: Sequence[Walks]) -> Iterator[Line]:
    """Yield the costs of a fix: against COPY, and once many days are there already."""
    counts = [sum(walk.t.size for _, walk in part) for part in walks]
    bare = bare_copy(conn, BARE, _as_csv(walks[0]))
    costs = []
    for part, count in zip(walks, counts, strict=True):
        kept, seconds = clocked(partial(_store, conn, part))
        require_agreement(0.9 * count < kept <= count)  # a few are left out as repeated or wild
        costs.append(seconds / count)
    yield Line(
        say("a fix taken in, of {n}", n=counts[0]), costs[0], say("bare COPY"), bare / counts[0]
    )
    yield Line(
        say("a fix taken in, after {n} others", n=sum(counts[:-1])),
        costs[-1],
        say("after none"),
        costs[0],
    )


def _store(conn: Connection, walks: Walks) -> int:
    """Take the walks in, each as a batch; return how many fixes count."""
    return sum(
        store.import_fixes(
            conn,
            fixes,
            person=person,
            batch=store.batch_of(fixes),
            source="bench",
            zone=ground.ZONE,
        ).kept
        for person, fixes in walks
    )


def _as_csv(walks: Walks) -> str:
    out = io.StringIO()
    for person, fixes in walks:
        columns = (fixes.t, fixes.lon, fixes.lat, fixes.accuracy)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        csv.writer(out).writerows((person, *row) for row in rows)
    return out.getvalue()


def _report(conn: Connection, *, last: date) -> Report:
    at = datetime.combine(last + timedelta(days=1), time(), ground.ZONE)
    return coverage_report(conn, cell=None, level=Level.UNIT, first=ground.MONDAY, last=last, at=at)


def _exact(conn: Connection, shapes: Sequence[CellShape], *, last: date) -> dict[str, float]:
    """Return the covered percentage of some cells by exact geometry."""
    asked = {"codes": [shape.code for shape in shapes], "first": ground.MONDAY, "last": last}
    return {row.code: row.pct for row in conn.execute(UNION, asked)}


def _alike(report: Report, exact: Mapping[str, float]) -> bool:
    found = {row["cell"]: cast("float", row["covered_pct"]) for row in report.rows}
    return all(abs(found[code] - pct) <= ALIKE_PCT for code, pct in exact.items())
