from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from geoalchemy2 import alembic_helpers
from sqlalchemy import text

from gis import db
from gis.tables import metadata


def test_the_tables_and_the_migrations_agree(conn):
    context = MigrationContext.configure(
        conn, opts={"include_object": alembic_helpers.include_object, "compare_type": True}
    )
    assert compare_metadata(context, metadata) == []


def test_every_constraint_of_the_tables_is_in_the_database(conn):
    found = set(conn.execute(text("select conname from pg_constraint")).scalars())
    ours = {str(c.name) for t in metadata.tables.values() for c in t.constraints if c.name}
    assert {name for name in ours if not name.startswith("_unnamed")} <= found


def test_migrating_down_and_up_again_ends_where_it_began(engine, database_url):
    with engine.connect() as conn:
        assert db.is_migrated(conn)
    command.downgrade(db._config(database_url), "base")
    with engine.connect() as conn:
        assert not db.is_migrated(conn)
        left = "select count(*) from pg_tables where schemaname = 'public'"
        assert conn.execute(text(left)).scalar_one() == 2  # PostGIS's and Alembic's own
    db.migrate(database_url)
    with engine.connect() as conn:
        assert db.is_migrated(conn)
