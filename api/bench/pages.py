"""The leader's page of the example township: when a browser shows it, its weight, its cost."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from uuid import uuid5

from sqlalchemy import (
    Connection,
    Integer,
    Table,
    Text,
    cast,
    column,
    func,
    insert,
    select,
    true,
)

from api import example, questions, view
from api.app import OURS
from api.bench import visits
from api.bench.measured import Line, analyse, emptied, repeated
from api.questions import Asked
from gis import tables
from gis.issues.pins import Pin
from gis.messages import Message, say
from gis.reports import Question
from gis.settings import Settings
from maps import page
from maps.reader import Reader
from maps.view import Ask, LeaderView

MOST = 350_000
"""Bytes that the first visit may load."""
SOONEST_S = 1.0
"""Seconds after which the first map is to be seen."""
LINK = re.compile(r'(?:href|src)="/static/([^"]+)"')
VENDOR = "vendor/"
GROWTH = 10
WALKS = (
    tables.patrol_day,
    tables.patrol_segment,
    tables.cover_tile,
    tables.effort_tile,
    tables.effort_cell_day,
)
numbers = func.generate_series(2, GROWTH).table_valued(column("n", Integer)).render_derived()


def measure(conn: Connection) -> Iterator[Line]:
    """Yield what the pages of the example township weigh and cost."""
    browser_files = Settings().browser_files
    with emptied(conn):
        made = example.load(conn, lambda _: None)
        analyse(conn)
        if visits.program():
            password = next(str(one["password"]) for one in made if one["account"] == "chief")
            yield from visited(conn, password=password, browser_files=browser_files)
        yield from weighed(conn, browser_files=browser_files)
        yield from walked(conn)


def remark() -> Message | None:
    """Return what could not be measured on this machine."""
    if visits.program():
        return None
    return say("Not measured: when the map is seen. It takes Chromium and Playwright (the tests').")


def visited(
    conn: Connection, *, password: str, browser_files: Path, times: int = 5
) -> Iterator[Line]:
    """Yield when a browser that knows nothing yet has painted the map, and what it loaded."""
    seen = visits.visits(conn, "/map", password=password, browser_files=browser_files, times=times)
    yield Line(
        say("/map in Chromium: from the press to the painted map"),
        median(one.seconds for one in seen),
        say("the bound"),
        SOONEST_S,
    )
    yield Line(
        say("/map in Chromium: what it loaded, all heads and files"),
        median(one.size for one in seen),
        say("the bound"),
        MOST,
        in_bytes=True,
    )


def walked(conn: Connection) -> Iterator[Line]:
    """Yield what a page costs once ten times as many people have walked the same ways."""
    asked = questions.asked(conn, cell=None, level=None, first=None, last=None, at=None)

    def gathered() -> float:
        return repeated(lambda: view.gather(conn, Ask.CELLS, asked=asked, tracks=False), times=3)[1]

    once, walks = gathered(), select(func.count()).select_from(tables.patrol_day)
    n = conn.execute(walks).scalar_one()
    _again(conn, tables.person, by="id")
    for table in WALKS:
        _again(conn, table, by="person")
    analyse(conn)
    yield Line(
        say("everything read for a page: ×10 the walks"),
        gathered(),
        say("{n} walks", n=n),
        once,
    )


def _again(conn: Connection, table: Table, *, by: str) -> None:
    """Write each row of a table again for nine more people, known by ``by``."""
    named = [one.name for one in table.columns if not one.identity]
    others = [
        table.c[name] + "~" + cast(numbers.c.n, Text) if name == by else table.c[name]
        for name in named
    ]
    conn.execute(insert(table).from_select(named, select(*others).join(numbers, true())))


def weighed(conn: Connection, *, browser_files: Path) -> Iterator[Line]:
    """Yield what a chief's first page weighs, the heaviest one, and what they cost.

    Parameters
    ----------
    browser_files
        Where set-up put other people's files.
    """
    asked = questions.asked(conn, cell=None, level=None, first=None, last=None, at=None)
    _, four = repeated(lambda: _answer(conn, asked))
    seen, gathered = repeated(
        lambda: view.gather(conn, Ask.CELLS, asked=asked, tracks=False), times=3
    )
    html, drawn = repeated(lambda: _page(seen), times=3)
    rest = sum(_weight(file.read_bytes()) for file in _loaded(html, browser_files))
    weights = {ask: _weight(_page(replace(seen, ask=ask)).encode()) for ask in Ask}
    heaviest = max(weights, key=lambda ask: weights[ask])
    for ask in dict.fromkeys((Ask.CELLS, heaviest)):
        yield Line(
            say("/map?ask={ask}, styles, scripts, Leaflet, gzipped", ask=ask),
            weights[ask] + rest,
            say("the bound"),
            MOST,
            in_bytes=True,
        )
    four_reports = say("the four reports")
    yield Line(say("everything read for a page"), gathered, four_reports, four)
    yield Line(say("drawing the page"), drawn, four_reports, four)
    listed = replace(seen, ask=Ask.ISSUES)
    crowded = replace(listed, pins=[_beside(pin, n) for pin in seen.pins for n in range(GROWTH)])
    _, few = repeated(lambda: _page(listed), times=3)
    _, many = repeated(lambda: _page(crowded), times=3)
    yield Line(say("drawing: ×10 the open issues"), many, say("{n} open", n=len(seen.pins)), few)


def _weight(content: bytes) -> int:
    """Return the bytes that the server sends."""
    return len(gzip.compress(content))


def _beside(pin: Pin, n: int) -> Pin:
    """Return another issue, ``n`` ten-thousandths of a degree to the east of one."""
    return replace(pin, id=uuid5(pin.id, str(n)), lon=pin.lon + n / 10_000)


def _answer(conn: Connection, asked: Asked) -> None:
    for question in Question:
        questions.answer(conn, question, asked=asked)


def _page(seen: LeaderView) -> str:
    return page.leader_page(seen, language="zh", nonce="0", reader=Reader("chief"))


def _loaded(html: str, browser_files: Path) -> list[Path]:
    """Return the files that a page names, and our modules that its script imports."""
    names = {*LINK.findall(html), *(f"js/{path.name}" for path in (OURS / "js").glob("*.js"))}
    return [
        browser_files / name.removeprefix(VENDOR) if name.startswith(VENDOR) else OURS / name
        for name in sorted(names)
    ]
