"""An upgrade with data in it: nothing is lost, nothing counts differently, everybody gets in."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener, urlopen
from uuid import uuid4

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.environment import ROOT
from gis import db
from gis.db import Standing
from gis.embedded.home import open_home
from gis.issues import sweep
from gis.settings import Settings
from tests import clusters, revisions

SCRIPTS = ScriptDirectory.from_config(db._config(""))
EARLIER = [one.revision for one in SCRIPTS.walk_revisions() if not one.is_head]
SAID = ("name", "reason", "action")
"""What rows say in words, which may be put better."""


@pytest.fixture(params=EARLIER)
def outdated(request, own_database_url):
    """A database as an earlier revision made it, with the township of then."""
    at = db._config(own_database_url)
    command.downgrade(at, "base")
    command.upgrade(at, request.param)
    engine = db.connect(own_database_url)
    with engine.begin() as conn:
        kept = revisions.load(conn, request.param)
    yield own_database_url, engine, kept
    engine.dispose()


def counted(reports):
    """Return the figures of reports, without what is said in words."""
    return {
        name: [
            {key: value for key, value in row.items() if key not in SAID}
            for row in (*report["rows"], report["total"])
        ]
        for name, report in json.loads(json.dumps(reports)).items()
    }


def agree(now, then):
    """Whether all figures of then are there and the same; new ones may have come."""
    return len(now) == len(then) and all(a | b == a for a, b in zip(now, then, strict=True))


def test_an_upgrade_keeps_every_row_and_every_figure(outdated):
    url, engine, kept = outdated
    with engine.connect() as conn:
        then = revisions.columns(conn)
        before = revisions.contents(conn, then)
    assert [table for table, rows in before.items() if not rows] == []
    assert db.standing(url) is Standing.OLDER
    db.migrate(url)
    assert db.standing(url) is Standing.CURRENT
    with engine.connect() as conn:
        assert revisions.contents(conn, then) == before
        now, earlier = counted(revisions.figures(conn)), counted(kept["figures"])
        for name, figures in earlier.items():
            assert agree(now[name], figures), name
        invalid = "select conname from pg_constraint where not convalidated"
        assert conn.execute(text(invalid)).scalars().all() == []


def test_after_an_upgrade_everything_works_on_the_old_data(outdated, tmp_path):
    url, engine, kept = outdated
    db.migrate(url)
    app = create_app(
        Settings(database_url=url, browser_files=tmp_path), engine=engine, run_jobs=False
    )
    with TestClient(app, base_url="http://grid.example", follow_redirects=False) as client:
        token = {"Authorization": f"Bearer {kept['token']}"}
        assert client.get("/api/me", headers=token).json()["account"] == "chief"
        assert len(client.get("/api/issues", headers=token).json()["items"]) == 3
        for question in kept["figures"]:
            assert client.get(f"/api/reports/{question}", headers=token).status_code == 200
        named = {"account": kept["account"], "password": kept["password"]}
        assert client.post("/login", data=named).status_code == 303
        assert client.get("/map").status_code == 200
        report = {
            "op_id": str(uuid4()),
            "lon": 117.4503,
            "lat": 32.8903,
            "category": "环境卫生",
            "captured_at": "2026-10-20T12:00:00+08:00",
        }
        receipt = client.put(f"/api/issues/{uuid4()}", json=report)
        assert (receipt.status_code, receipt.json()["cell"]) == (201, "U01")
    with engine.begin() as conn:
        assert sweep.escalate(conn, at=revisions.NEXT).escalated > 0


def run(*arguments, root, **env):
    """Run the command line as the launcher does."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "api.cli", *arguments],
        env=clusters.environment_of(root, **env),
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def revision(engine):
    with engine.connect() as conn:
        return conn.execute(text("select version_num from alembic_version")).scalar_one()


def test_data_of_a_newer_version_are_one_sentence(own_database_url, tmp_path):
    engine = db.connect(own_database_url)
    with engine.begin() as conn:
        conn.execute(text("update alembic_version set version_num = '9999'"))
    assert db.standing(own_database_url) is Standing.NEWER
    done = run("report", "issues", root=tmp_path, WANGGE_DATABASE_URL=own_database_url)
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        "These data were brought up to date by a newer version of this program.",
        "Mend it with: git pull && ./wangge serve",
    ]
    assert revision(engine) == "9999"
    engine.dispose()


@pytest.mark.parametrize("outdated", EARLIER[-1:], indirect=True)
def test_data_that_an_earlier_version_serves_are_left_as_they_are(outdated, tmp_path):
    url, engine, _ = outdated
    before = revision(engine)
    port = clusters.free_port()
    with subprocess.Popen(clusters.becoming(tmp_path, port, "/bin/sleep", "60"), cwd=ROOT) as old:
        clusters.wait_for((tmp_path / "serving.json").exists)
        done = run("report", "issues", root=tmp_path, WANGGE_DATABASE_URL=url)
        old.kill()
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        f"An earlier version of this program serves these data at http://127.0.0.1:{port}/. "
        "End it first, then they are brought up to date.",
        "Mend it with: ./wangge stop",
    ]
    assert revision(engine) == before
    done = run("report", "issues", root=tmp_path, WANGGE_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    assert revision(engine) == SCRIPTS.get_current_head()


@pytest.mark.parametrize("outdated", EARLIER[-1:], indirect=True)
def test_the_server_itself_brings_its_data_up_to_date(outdated, tmp_path):
    url, engine, _ = outdated
    with clusters.served(tmp_path, WANGGE_DATABASE_URL=url) as (address, _):
        with urlopen(f"{address}healthz", timeout=30) as answer:  # noqa: S310
            assert answer.status == 200
        assert revision(engine) == SCRIPTS.get_current_head()


@pytest.mark.parametrize("outdated", EARLIER[-1:], indirect=True)
def test_an_upgrade_does_not_make_everybody_wait_behind_it(outdated):
    """Somebody who works with a table is waited for, but not for ever; nothing is half-done."""
    url, engine, _ = outdated
    before = revision(engine)
    with engine.connect() as busy, busy.begin():
        busy.execute(text("lock table issue, fix_batch, ledger in access exclusive mode"))
        with pytest.raises(Exception, match="lock timeout"):
            db.migrate(url)
    assert revision(engine) == before
    db.migrate(url)
    assert db.standing(url) is Standing.CURRENT


# The commit before, as it was


def git(*arguments):
    done = subprocess.run(
        ["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def migrations_of(commit):
    names = git("ls-tree", "--name-only", commit, "gis/migrations/versions/").splitlines()
    return {Path(name).name for name in names if name.endswith(".py")}


def commit_before():
    """Return the newest commit with another schema; the test is skipped without the history."""
    folder = "gis/migrations/versions"
    ours = {path.name for path in (ROOT / folder).glob("*.py")}
    for commit in git("log", "--format=%H", "--", folder).splitlines():
        for candidate in (commit, f"{commit}^"):
            theirs = migrations_of(candidate)
            if theirs and theirs != ours:
                return candidate
    return pytest.skip("there is no history with another schema")


class Installation:
    """A checkout with its own `.venv`, on a home that others may share."""

    def __init__(self, folder, home):
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if "WANGGE_" not in name}
        self.env = kept | {"WANGGE_HOME": str(home), "WANGGE_LANGUAGE": "en"}
        self.env.pop("PYTHONPATH", None)

    def run(self, *arguments):
        command = [self.folder / "wangge", *arguments]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)

    @contextmanager
    def serving(self, command):
        """Serve until `./wangge stop`; yield what is printed."""
        port = clusters.free_port()
        words = [self.folder / "wangge", command, "--port", str(port), "--json"]
        with subprocess.Popen(words, env=self.env, stdout=subprocess.PIPE, text=True) as server:
            try:
                said = json.loads(server.stdout.readline())
                clusters.wait_for(lambda: clusters.listens(port))
                yield said
            finally:
                assert self.run("stop").returncode == 0

    def figures(self, at):
        done = self.run("report", "issues", "--level", "unit", "--at", at, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


def signed_in(address, account):
    """Sign in, and return what the map says then."""
    browser = build_opener(HTTPCookieProcessor())
    form = urlencode({"account": account["account"], "password": account["password"]})
    browser.open(f"{address}login", form.encode(), timeout=30).close()
    with browser.open(f"{address}api/me", timeout=30) as answer:
        assert json.load(answer)["account"] == account["account"]
    with browser.open(f"{address}map", timeout=60) as answer:
        assert answer.status == 200


@pytest.mark.long
def test_the_commit_before_with_its_data_is_upgraded_as_anybody_would(tmp_path):
    """Its own ./wangge makes the example township; ours is started on the same home."""
    earlier = commit_before()
    old, new, home = tmp_path / "old", tmp_path / "new", tmp_path / "home"
    old.mkdir()
    archive = subprocess.run(
        ["git", "-C", ROOT, "archive", earlier], capture_output=True, check=True
    )
    subprocess.run(["tar", "x", "-C", old], input=archive.stdout, check=True)
    shutil.copytree(ROOT, new, ignore=shutil.ignore_patterns(".*", "__pycache__", "tests"))
    before, after = Installation(old, home), Installation(new, home)
    try:
        with before.serving("demo") as said:
            moment = datetime.now(UTC).isoformat(timespec="seconds")
            then = before.figures(moment)
        assert {one["role"] for one in said["accounts"]} >= {"chief", "unit_worker"}
        assert then["total"]["reported"] > 100
        with after.serving("serve") as now:
            for account in said["accounts"]:
                signed_in(now["url"], account)
            figures = after.figures(moment)
            with urlopen(f"{now['url']}readyz", timeout=30) as answer:  # noqa: S310
                assert json.load(answer)["migrations"]
        assert agree(figures["rows"], then["rows"])
        assert agree([figures["total"]], [then["total"]])
    finally:
        own = open_home(home)
        shutil.rmtree(own.database, ignore_errors=True)
        shutil.rmtree(own.socket, ignore_errors=True)
