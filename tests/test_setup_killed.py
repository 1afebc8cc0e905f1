"""The database is killed with -9 under load: nothing acknowledged is lost, and all heals itself."""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.deps import Tx
from api.environment import ROOT
from gis import db, times
from gis.embedded import cluster, watch
from gis.embedded.programs import silent
from gis.people import accounts
from gis.people.accounts import Use
from gis.people.roles import Role
from gis.settings import Settings
from tests import clusters, reported

CLIENTS = 6
KILLS = 3
AFTERWARDS = 5
"""Reports that every client sends once more after a kill before the next."""
HANGING_S = 20
DIE = """
create function die() returns trigger language plpgsql as $$
begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$
"""


@dataclass
class Client:
    """A phone that reports without end, and sends again what was not acknowledged."""

    port: int
    token: str
    unit: int
    receipts: dict[str, dict] = field(default_factory=dict)
    sent: dict[str, dict] = field(default_factory=dict)
    statuses: Counter = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def report_until(self, over: threading.Event) -> None:
        while not over.is_set():
            issue = str(uuid4())
            self.sent[issue] = self.body()
            while (answer := self.put(issue)) is None:
                time.sleep(0.1)
            self.receipts[issue] = answer

    def body(self) -> dict:
        return {
            "op_id": str(uuid4()),
            "lon": reported.WEST + (self.unit + 0.5) * reported.SIDE,
            "lat": reported.MID,
            "category": "环境卫生",
            "captured_at": "2026-05-18T09:00:00+08:00",
        }

    def put(self, issue: str) -> dict | None:
        """Send a report; return its receipt, or None if it is to be sent again."""
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANGING_S)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            conn.request("PUT", f"/api/issues/{issue}", json.dumps(self.sent[issue]), headers)
            answer = conn.getresponse()
            body = json.loads(answer.read())
        except OSError as error:  # hanging, or turned away
            self.faults.append(repr(error))
            return None
        finally:
            conn.close()
        self.statuses[answer.status] += 1
        if answer.status in (200, 201):
            return body
        if answer.status != 503 or not answer.headers["Retry-After"]:
            self.faults.append(f"{answer.status} {body}")
        return None


@pytest.fixture(scope="module")
def home():
    """A cluster with the township of `town`, and somebody who may report."""
    programs = clusters.programs()
    with clusters.folder() as base, clusters.opened(base / "网格 1") as home:
        cluster.start(home, programs, silent)
        db.migrate(cluster.url(home, role=cluster.ADMIN))
        engine = db.connect(cluster.url(home))
        with engine.begin() as conn:
            reported.found(conn)
        engine.dispose()
        yield home


@pytest.fixture
def engine(home):
    engine = db.connect(cluster.url(home))
    yield engine
    engine.dispose()


@pytest.fixture
def token(engine):
    with engine.begin() as conn:
        name = f"u{uuid4().hex[:6]}"
        accounts.add_account(conn, name, role=Role.UNIT_WORKER, cell="U1", person="u1")
        return accounts.issue_secret(conn, name, use=Use.TOKEN, at=times.now())


def port_of(url: str) -> int:
    return int(url.rstrip("/").rpartition(":")[2])


def test_stop_ends_the_watch_before_the_database(home):
    """Also while a killed one is being started again: nobody brings it back afterwards."""
    with clusters.serving(home) as (_url, server):
        clusters.kill_9(home)
        command = [sys.executable, ROOT / "wangge", "stop"]
        env = clusters.environment_of(home.root)
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr[:22]) == (0, "The server is stopped."), done.stderr
        assert server.wait() is not None
        assert clusters.postmasters(home.data) == 0
    assert cluster.start(home, clusters.programs(), silent)


def test_a_database_of_ones_own_is_only_waited_for(home, tmp_path):
    assert watch.own_cluster(home.root, cluster.url(home))[0] == home
    assert watch.own_cluster(home.root, "postgresql+psycopg://office.example/wangge") is None
    assert watch.own_cluster(tmp_path, "postgresql+psycopg://office.example/wangge") is None
    assert list(tmp_path.iterdir()) == []


def test_nothing_acknowledged_is_lost_and_nobody_has_to_do_anything(home, engine, token):
    over = threading.Event()
    with clusters.serving(home, WANGGE_SWEEP_SECONDS="0.5") as (url, server):
        phones = [Client(port_of(url), token, unit) for unit in range(CLIENTS)]
        threads = [threading.Thread(target=p.report_until, args=(over,)) for p in phones]
        for thread in threads:
            thread.start()
        try:
            for kill in range(KILLS):
                goals = [len(p.receipts) + AFTERWARDS for p in phones]
                clusters.wait_for(
                    lambda goals=goals: all(
                        len(p.receipts) >= goal for p, goal in zip(phones, goals, strict=True)
                    )
                )
                clusters.kill_9(home)
                if kill == 1:  # another ./wangge comes at the same time
                    cluster.start(home, clusters.programs(), silent)
                    assert clusters.postmasters(home.data) == 1
            goals = [len(p.receipts) + AFTERWARDS for p in phones]
            clusters.wait_for(
                lambda: all(len(p.receipts) >= g for p, g in zip(phones, goals, strict=True))
            )
        finally:
            over.set()
            for thread in threads:
                thread.join()
        assert [fault for p in phones for fault in p.faults] == []
        assert server.poll() is None
        statuses = sum((p.statuses for p in phones), Counter())
        assert statuses[503] > 0  # it was away, and said so
        for phone in phones:  # once more, all of it: the same receipts
            for issue, receipt in phone.receipts.items():
                assert phone.put(issue) == receipt
    with engine.begin() as conn:
        rows = conn.execute(
            text("select issue::text, count(*) from ledger where kind = 'reported' group by issue")
        )
        found = dict(tuple(row) for row in rows)
    assert found == {issue: 1 for p in phones for issue in p.receipts}


@pytest.fixture
def dying(own_database_url, tmp_path):
    """The application on a database where a trigger kills whoever writes to a table."""
    engine = db.connect(own_database_url)
    with engine.begin() as conn:
        reported.found(conn)
        conn.execute(text(DIE))
    settings = Settings(database_url=own_database_url, browser_files=tmp_path)
    app = create_app(settings, engine=engine, run_jobs=False)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client, engine
    engine.dispose()


def die_on(engine, table):
    with engine.begin() as conn:
        trigger = "create trigger dying after insert on {} for each row execute function die()"
        conn.execute(text(trigger.format(table)))


@pytest.mark.parametrize("table", ["issue", "ledger", "operation"])
def test_a_connection_that_dies_within_a_transaction_is_a_503_and_nothing_is_written(dying, table):
    """In the middle of a COPY, or of an INSERT."""
    client, engine = dying
    with engine.begin() as conn:
        accounts.add_account(conn, "u1", role=Role.UNIT_WORKER, cell="U1", person="u1")
        token = accounts.issue_secret(conn, "u1", use=Use.TOKEN, at=times.now())
    die_on(engine, table)
    address, body = f"/api/issues/{uuid4()}", Client(0, token, 0).body()
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.put(address, json=body, headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    with engine.begin() as conn:
        assert conn.execute(text("select count(*) from issue")).scalar_one() == 0
        conn.execute(text(f"drop trigger dying on {table}"))
    assert client.put(address, json=body, headers=headers).status_code == 201


def test_the_drivers_own_error_is_a_503_too(dying):
    """A COPY without a savepoint around it: no layer above the driver sees the error first."""
    client, engine = dying
    die_on(engine, "calendar_day")

    @client.app.post("/api/copied")
    def copied(conn: Tx) -> None:
        db.copy_rows(conn, "calendar_day (day, working)", "date bool", [(date(1999, 1, 1), True)])

    answer = client.post("/api/copied")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")
