"""A real PostGIS, migrated once; every test rolls back what it did."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from playwright.sync_api import sync_playwright
from sqlalchemy import Connection, Engine, make_url, text

from api import example
from gis import db
from gis.people.roles import Role
from gis.settings import Settings
from tests import reported
from tests.calling import client_in, headers_of
from tests.visiting import BROWSER_FILES, DESK, serving, sign_in, watched

settings.register_profile("short", deadline=None)  # two busy cores: a slow example is no fault
settings.register_profile("long", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("WANGGE_HYPOTHESIS", "short"))


@contextmanager
def database(name: str, *, template: str = "") -> Iterator[str]:
    """Make a PostGIS database on the server that WANGGE_TEST_DATABASE_URL names: an empty one,
    or a copy of another.
    """
    server = make_url(os.environ["WANGGE_TEST_DATABASE_URL"])
    own = server.set(database=name).render_as_string(hide_password=False)
    admin = db.connect(server.render_as_string(hide_password=False)).execution_options(
        isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as conn:
        conn.execute(text(f"create database {name} {template and f'template {template}'}"))
    try:
        if not template:
            engine = db.connect(own)
            with engine.begin() as conn:
                conn.execute(text("create extension postgis"))
                conn.execute(text("create extension btree_gist"))
            engine.dispose()
        yield own
    finally:
        with admin.connect() as conn:
            conn.execute(text(f"drop database {name} (force)"))
        admin.dispose()


@pytest.fixture(scope="session")
def migrated() -> Iterator[str]:
    """The name of a migrated database that nobody connects to: the others are copies of it."""
    name = f"wangge_test_{os.getpid()}"
    with database(name) as own:
        db.migrate(own)
        yield name


@pytest.fixture(scope="session")
def database_url(migrated: str) -> Iterator[str]:
    """A migrated database of this run; tests leave it as they found it."""
    with database(f"{migrated}_shared", template=migrated) as own:
        yield own


@pytest.fixture
def own_database_url(migrated: str) -> Iterator[str]:
    """A migrated database of one test alone, for what commits."""
    with database(f"{migrated}_{uuid4().hex[:8]}", template=migrated) as own:
        yield own


@pytest.fixture(scope="module")
def module_database_url(migrated: str) -> Iterator[str]:
    """A migrated database of one file alone, for what commits."""
    with database(f"{migrated}_{uuid4().hex[:8]}", template=migrated) as own:
        yield own


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    engine = db.connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as conn, conn.begin() as transaction:
        yield conn
        transaction.rollback()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data that nobody in this project wrote; skips without it."""
    folder = os.environ.get("WANGGE_REAL_DATA")
    if not folder:
        pytest.skip("WANGGE_REAL_DATA names no folder")
    return Path(folder)


@pytest.fixture
def client(conn, engine, tmp_path):
    """The service on the township of `reported`, asked in the transaction of the test."""
    reported.found(conn)
    with client_in(conn, engine, tmp_path) as client:
        yield client


@pytest.fixture
def as_(client, conn):
    """The headers of an account of a role, bound to a cell."""
    return partial(headers_of, conn)


@pytest.fixture
def worker(as_):
    """The headers of the worker of the first unit."""
    return as_(Role.UNIT_WORKER, "U1", "u1")


@pytest.fixture(scope="session")
def example_database_url(migrated):
    """A database for the example township."""
    with database(f"{migrated}_example", template=migrated) as own:
        yield own


@pytest.fixture(scope="session")
def township(example_database_url):
    """The example township, served, and its accounts: (address, {account: password}).

    Every browser test of a run visits it, and what one writes the others see.
    """
    engine = db.connect(example_database_url, timeout_ms=0)
    with engine.begin() as conn:
        made = example.load(conn, lambda _message: None)
    engine.dispose()
    settings = Settings(database_url=example_database_url, browser_files=BROWSER_FILES)
    with serving(settings) as address:
        yield address, {account["account"]: account["password"] for account in made}


@pytest.fixture(scope="module")
def browser():
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options = {"executable_path": os.environ["WANGGE_CHROMIUM"], "args": quiet}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()


@pytest.fixture
def visit(township, browser):
    """Sign in and return the page, and what it asked for and complained of."""
    address, passwords = township
    contexts = []

    def signed_in(account="chief", *, language="zh-CN", viewport=DESK, **options):
        context = browser.new_context(viewport=viewport, locale=language, **options)
        contexts.append(context)
        page, seen = watched(context)
        sign_in(page, f"{address}/", account, passwords[account])
        return page, seen

    yield signed_in
    for context in contexts:
        context.close()
