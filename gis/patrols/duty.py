"""Who answered for which cell when, and when somebody was last present in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from gis.cells.scope import OUTSIDE, Scope
from gis.db import sql
from gis.hierarchy import Code
from gis.people.roles import HOLDS

PRESENT = 60
"""Seconds inside on one day that make presence (到位)."""
RECENT = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Duty:
    """Who answered for which cell, from ``since`` on until before ``until``."""

    person: str
    cell: Code
    since: date
    until: date


def duties(conn: Connection, cells: Iterable[Code]) -> list[Duty]:
    """Return who ever answered for some cells: holders, and deputies while they act.

    A deputy acts on the days on which the post of the cell's level has no holder.
    """
    posts = {"roles": [role.value for role in HOLDS], "levels": list(HOLDS.values())}
    asked = {"cells": list(cells)} | posts
    return [Duty(*row) for row in conn.execute(sql("patrol_duty"), asked)]


def as_columns(duties: Sequence[Duty]) -> dict[str, list[Any]]:
    """Return duties as the bound arrays of the statements that ask for them."""
    return {
        "people": [duty.person for duty in duties],
        "held": [duty.cell for duty in duties],
        "since": [duty.since for duty in duties],
        "until": [duty.until for duty in duties],
    }


def last_present(conn: Connection, *scopes: Scope, last: date) -> dict[Code, date]:
    """Return the last day, up to ``last``, on which somebody was present in each row.

    Present is 60 s or more inside on one day. The time of those who answer for a
    leaf or for the row counts up to the border; anybody else's only where it lies
    farther than 15 m from it. Rows where nobody ever was are left out. A row of
    several scopes has the same ground in each.
    """
    cells = {code for scope in scopes for code in (*scope.leaves, *scope.versions.values())}
    pairs = {pair for scope in scopes for pair in scope.versions.items() if pair[1] != OUTSIDE}
    known = as_columns(duties(conn, cells - {OUTSIDE})) | {"last": last, "minimum": PRESENT}
    found: dict[Code, date] = {}
    for first in (last - RECENT, date.min):  # a history of years is read for few cells only
        left = [pair for pair in pairs if pair[1] not in found]
        asked = {"cells": [cell for cell, _ in left], "places": [row for _, row in left]}
        rows = conn.execute(sql("patrol_presence"), known | asked | {"first": first})
        found |= {row.code: row.day for row in rows}
    return found
