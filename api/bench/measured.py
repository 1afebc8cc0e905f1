"""What a benchmark is made of: lines with a ratio, tables that vanish, a clock, a bare COPY."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from sqlalchemy import Connection, Table, text
from sqlalchemy.schema import CreateSchema

from gis import tables
from gis.db import driver_of
from gis.errors import GridError
from gis.messages import Message, say

SCHEMA = "wangge_bench"

Answer = TypeVar("Answer")


class AnswersDiffer(GridError):
    """What was measured and what it was measured against do not agree."""

    code = "answers_differ"


@dataclass(frozen=True, slots=True)
class Line:
    """A cost, and the one that it is held against.

    Attributes
    ----------
    this, peer
        Both in seconds, or both in bytes.
    against
        What ``peer`` is the cost of.
    """

    what: Message
    this: float
    against: Message
    peer: float
    in_bytes: bool = False

    @property
    def ratio(self) -> float:
        """How many times the peer's cost this one is."""
        return self.this / self.peer


def clocked(task: Callable[[], Answer]) -> tuple[Answer, float]:
    """Do a task once; return its answer and its seconds."""
    begun = time.perf_counter()
    answer = task()
    return answer, time.perf_counter() - begun


def repeated(task: Callable[[], Answer], *, times: int = 5) -> tuple[Answer, float]:
    """Do a task several times; return the last answer and the median of the seconds."""
    runs = [clocked(task) for _ in range(times)]
    return runs[-1][0], median(seconds for _, seconds in runs)


def require_agreement(agreed: bool) -> None:
    """Refuse to compare the costs of different answers."""
    if not agreed:
        raise AnswersDiffer(say("The two answers differ, so their costs cannot be compared."))


@contextmanager
def emptied(conn: Connection) -> Iterator[None]:
    """Give a transaction an empty installation of its own, which vanishes at the end.

    It lies in another schema: rows of the real one are neither read nor locked. Of
    a server on the same database, imports wait meanwhile: they take turns by name.
    """
    with conn.begin_nested() as savepoint:
        conn.execute(CreateSchema(SCHEMA))
        path = text(
            "select set_config('search_path', :own || ', ' || current_setting('search_path'), true)"
        )
        conn.execute(path, {"own": SCHEMA})
        tables.metadata.create_all(conn, checkfirst=False)
        yield
        savepoint.rollback()


def analyse(conn: Connection) -> None:
    """Let the planner know what the tables hold, as autovacuum does where rows are committed."""
    for table in tables.metadata.tables.values():
        conn.execute(text(f"analyze {table.name}"))


def bare_copy(conn: Connection, table: Table, rows: str) -> float:
    """Return the seconds that CSV ``rows`` take into a new table without index or check."""
    table.create(conn)

    def copy() -> None:
        with (
            driver_of(conn).cursor() as cursor,
            cursor.copy(f"copy {table.name} from stdin (format csv)") as stream,
        ):
            stream.write(rows)

    return clocked(copy)[1]
