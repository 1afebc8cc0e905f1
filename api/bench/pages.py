"""The leader's page of the example township: its weight, and what drawing it costs."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid5

from sqlalchemy import Connection

from api import example, questions, view
from api.app import OURS
from api.bench.measured import Line, analyse, emptied, repeated
from api.questions import Asked
from gis.issues.pins import Pin
from gis.messages import say
from gis.reports import Question
from gis.settings import Settings
from maps import page
from maps.view import Ask, LeaderView

MOST = 350_000
"""Bytes that the first visit may load."""
LINK = re.compile(r'(?:href|src)="/static/([^"]+)"')
VENDOR = "vendor/"
GROWTH = 10


def measure(conn: Connection) -> Iterator[Line]:
    """Yield what the pages of the example township weigh and cost."""
    with emptied(conn):
        example.load(conn, lambda _: None)
        analyse(conn)
        yield from weighed(conn, browser_files=Settings().browser_files)


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
    return page.leader_page(seen, language="zh", nonce="0", account_name="chief")


def _loaded(html: str, browser_files: Path) -> list[Path]:
    """Return the files that a page names, and our modules that its script imports."""
    names = {*LINK.findall(html), *(f"js/{path.name}" for path in (OURS / "js").glob("*.js"))}
    return [
        browser_files / name.removeprefix(VENDOR) if name.startswith(VENDOR) else OURS / name
        for name in sorted(names)
    ]
