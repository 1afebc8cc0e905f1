"""The database connection: one engine, statements from files, bulk copies, migrations."""

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import cache
from importlib.resources import files
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, TextClause, create_engine, make_url, text

POOL = 10
STATEMENT_TIMEOUT_MS = 60_000
PLANS = "-c plan_cache_mode=force_custom_plan"
"""A plan made for any window and any list of cells is right for none: fifteen times as slow."""


def connect(url: str, *, timeout_ms: int = STATEMENT_TIMEOUT_MS) -> Engine:
    """Return an engine on a PostGIS database; nothing is connected yet.

    Parameters
    ----------
    url
        ``postgresql://…``; the driver is always psycopg.
    timeout_ms
        The longest that one statement may take.
    """
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=POOL,
        pool_pre_ping=True,
        connect_args={
            "application_name": "wangge",
            "connect_timeout": 10,
            "options": f"-c statement_timeout={timeout_ms} -c timezone=GMT {PLANS}",
        },
    )


@cache
def sql(name: str) -> TextClause:
    """Return the statement kept in ``gis/sql/<name>.sql``."""
    return text(files("gis").joinpath("sql", f"{name}.sql").read_text("utf-8"))


def copy_rows(conn: Connection, target: str, types: str, rows: Iterable[Sequence[object]]) -> None:
    """COPY rows into ``table (columns)``, in the transaction of ``conn``.

    Parameters
    ----------
    target
        A literal ``table (column, column)`` of ours.
    types
        The columns' type names, parted by spaces. ``bytea`` passes bytes on as
        they are: EWKB for a geometry, PostgreSQL's binary form for ``bit``.
    """
    with (
        driver_of(conn).cursor() as cursor,
        cursor.copy(f"copy {target} from stdin (format binary)") as copy,
    ):
        copy.set_types(types.split())
        for row in rows:
            copy.write_row(row)


def driver_of(conn: Connection) -> "psycopg.Connection[tuple[object, ...]]":
    """Return psycopg's own connection beneath ``conn``."""
    driver = conn.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("not a connection of psycopg")
    return driver


def migrate(url: str) -> None:
    """Bring the database to the newest schema; at once when it is there already.

    Two callers at once take turns: see ``migrations/env.py``.
    """
    command.upgrade(_config(url), "head")


class Standing(Enum):
    """How a database's schema stands to that of this code."""

    NONE = "none"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"  # made by a migration that this code does not have


def standing(url: str) -> Standing:
    """Return how the schema of a database stands to that of this code."""
    engine = connect(url)
    with engine.connect() as conn:
        found = MigrationContext.configure(conn).get_current_revision()
    engine.dispose()
    script = ScriptDirectory.from_config(_config(url))
    if found is None:
        return Standing.NONE
    if found == script.get_current_head():
        return Standing.CURRENT
    known = {one.revision for one in script.walk_revisions()}
    return Standing.OLDER if found in known else Standing.NEWER


def is_migrated(conn: Connection) -> bool:
    """Tell whether the database has the schema of this code."""
    found = MigrationContext.configure(conn).get_current_revision()
    return found == ScriptDirectory.from_config(_config("")).get_current_head()


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config
