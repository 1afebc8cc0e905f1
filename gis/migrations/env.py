"""What Alembic runs: every migration in one transaction, one caller at a time."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, text

from gis.columns import LevelNumber, Shape
from gis.db import connect
from gis.tables import metadata

ADVISORY_KEY = 7_340_302


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types as what the database sees: old migrations stay as they were."""
    if isinstance(item, LevelNumber):
        return "sa.SmallInteger()"
    ours = item.impl if isinstance(item, Shape) else item
    rendered: str | Literal[False] = alembic_helpers.render_item(kind, ours, autogen)  # type: ignore[no-untyped-call]
    return rendered


def migrate(conn: Connection) -> None:
    """Run what is due, in the transaction of ``conn``; others who would do so take turns."""
    conn.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_KEY})
    # Whoever still works with a table is waited for, but not while all others wait behind us.
    conn.execute(text("set local lock_timeout = '10s'"))
    context.configure(
        connection=conn,
        target_metadata=metadata,
        include_object=alembic_helpers.include_object,
        render_item=render_item,
        compare_type=True,
    )
    context.run_migrations()


engine = connect(context.config.attributes["url"], timeout_ms=0)
try:
    with engine.begin() as begun:
        migrate(begun)
finally:
    engine.dispose()
