"""Who answered for which cell when, and when somebody was last present in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from gis.cells.scope import OUTSIDE, Scope
from gis.db import sql
from gis.hierarchy import Code
from gis.people.roles import HOLDS

PRESENT = 60
"""Seconds inside on one day that make presence (到位)."""


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


def last_present(conn: Connection, scope: Scope, *, last: date) -> dict[Code, date]:
    """Return the last day, up to ``last``, on which somebody was present in each row.

    Present is 60 s or more inside on one day. The time of those who answer for a
    leaf or for the row counts up to the border; anybody else's only where it lies
    farther than 15 m from it. Rows where nobody ever was are left out.
    """
    cells = {*scope.leaves, *(row.code for row in scope.rows)}
    rows = {version: row for version, row in scope.versions.items() if row != OUTSIDE}
    asked = {"cells": list(rows), "places": list(rows.values()), "last": last}
    asked |= as_columns(duties(conn, cells)) | {"minimum": PRESENT}
    return {row.code: row.day for row in conn.execute(sql("patrol_presence"), asked)}
