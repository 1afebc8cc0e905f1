"""The private cluster on a real PostGIS: start, stop, kill -9, races, hostile paths, roles."""

import os
import shutil
import signal
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from gis import db
from gis.embedded import binaries, cluster
from gis.embedded.binaries import Binaries
from gis.embedded.errors import SetupError
from gis.embedded.home import SOCKET_BYTES, Home, open_home
from gis.embedded.programs import silent
from tests import clusters

HOSTILE = Path("李楼乡 网格 a'b,c", "很长的路径", "再长一点的路径", "还要更长的路径")


@pytest.fixture(scope="session")
def postgis() -> Binaries:
    return clusters.programs()


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    with clusters.folder() as made:
        yield made


@pytest.fixture
def home(base: Path) -> Iterator[Home]:
    """A home with a space, a quote, a comma, Chinese, and more bytes than a socket may have."""
    with clusters.opened(base / HOSTILE) as home:
        yield home


@pytest.fixture(scope="module")
def running(base: Path, postgis: Binaries) -> Iterator[Home]:
    """A cluster that goes on running for all tests that only look at it."""
    with clusters.opened(base / "网格 1") as home:
        assert cluster.start(home, postgis, silent)
        yield home


def test_postgis_answers_and_is_durable(running: Home, postgis: Binaries) -> None:
    def ask(sql: str) -> str:
        return cluster.psql(running, postgis, sql)

    assert ask("select st_area('polygon((0 0,0 2,3 2,3 0,0 0))')") == "6"
    for name in ("data_checksums", "fsync", "full_page_writes", "synchronous_commit"):
        assert ask(f"show {name}") == "on"
    assert ask("show listen_addresses") == ""
    assert ask("show shared_preload_libraries") == "postgis-3"
    assert ask("select now() at time zone 'GMT' = now()::timestamp") == "t"


def test_a_short_socket_lies_beside_the_data(running: Home) -> None:
    assert running.socket == running.database / "socket"
    assert stat.S_IMODE(running.socket.stat().st_mode) == 0o700


def test_a_long_path_gets_a_short_and_private_socket(home: Home, postgis: Binaries) -> None:
    cluster.start(home, postgis, silent)
    path = home.socket / f".s.PGSQL.{cluster.PORT}"
    assert len(os.fsencode(home.data)) > SOCKET_BYTES > len(os.fsencode(path))
    assert stat.S_IMODE(home.socket.stat().st_mode) == 0o700
    assert path.stat().st_uid == home.owner.uid != 0
    with psycopg.connect(cluster.url(home).replace("+psycopg", "")) as conn:
        assert conn.execute("select postgis_lib_version()").fetchone()


def test_the_application_uses_the_tables_and_owns_nothing(running: Home) -> None:
    owner = db.connect(cluster.url(running, role=cluster.ADMIN))
    with owner.begin() as conn:
        conn.execute(text("create table made (id integer generated always as identity, n int)"))
        conn.execute(text("create function doubled(n int) returns int return n * 2"))
    application = db.connect(cluster.url(running))
    with application.begin() as conn:
        conn.execute(text("insert into made (n) values (20)"))
        conn.execute(text("update made set n = n + 1"))
        assert conn.scalar(text("select doubled(n) from made")) == 42
        conn.execute(text("delete from made"))
        owned = "select count(*) from pg_class where relowner = current_user::regrole"
        assert conn.scalar(text(owned)) == 0
    for refused in ("drop table made", "create table mine ()", "truncate made"):
        with pytest.raises(Exception, match=r"permission denied|must be owner"):  # noqa: SIM117
            with application.begin() as conn:
                conn.execute(text(refused))
    application.dispose()
    with owner.begin() as conn:
        conn.execute(text("drop table made"))
        conn.execute(text("drop function doubled"))
    owner.dispose()


def test_a_password_is_set_only_where_one_is_given(
    running: Home, postgis: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "select rolpassword is null from pg_authid where rolname = 'wangge_app'"
    assert cluster.psql(running, postgis, asked) == "t"
    given = "\\setenv WANGGE_APP_PASSWORD 'a''b'\n" + cluster.PREPARE.read_text("utf-8")
    cluster.psql(running, postgis, given)
    assert cluster.psql(running, postgis, asked) == "f"


def test_stop_then_start_keeps_the_rows(home: Home, postgis: Binaries) -> None:
    assert cluster.start(home, postgis, silent)
    assert not cluster.start(home, postgis, silent)
    cluster.psql(home, postgis, "create table t as select 42 as n")
    assert cluster.stop(home, postgis)
    assert cluster.probe(home, postgis) == cluster.SILENT
    assert not cluster.stop(home, postgis)
    assert cluster.start(home, postgis, silent)
    assert cluster.psql(home, postgis, "select n from t") == "42"


@pytest.mark.parametrize("pause", [0.0, pytest.param(1.0, marks=pytest.mark.long)])
def test_kill_9_of_the_postmaster_loses_nothing(
    home: Home, postgis: Binaries, pause: float
) -> None:
    cluster.start(home, postgis, silent)
    cluster.psql(
        home,
        postgis,
        "create table t as select generate_series(1, 50000) as n; create index on t (n)",
    )
    os.kill(clusters.postmaster(home), signal.SIGKILL)
    time.sleep(pause)
    assert cluster.start(home, postgis, silent)
    assert cluster.psql(home, postgis, "select count(*), sum(n) from t") == "50000|1250025000"


def test_many_starts_at_once_make_one_cluster(home: Home, postgis: Binaries) -> None:
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: cluster.start(home, postgis, silent), range(4)))
    assert sorted(started) == [False, False, False, True]


@pytest.mark.long
def test_starts_and_stops_at_once_leave_a_sound_cluster(home: Home, postgis: Binaries) -> None:
    cluster.start(home, postgis, silent)

    def start_or_stop(n: int) -> bool:
        return cluster.stop(home, postgis) if n % 2 else cluster.start(home, postgis, silent)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start_or_stop, range(8)))
    cluster.start(home, postgis, silent)
    assert cluster.psql(home, postgis, "select 1") == "1"


def test_what_was_killed_half_way_is_finished(home: Home, postgis: Binaries) -> None:
    (home.database / "data.partial").mkdir()
    (home.database / "data.partial" / "junk").write_text("half of an initdb")
    cluster.start(home, postgis, silent)
    (home.data / "wangge.prepared").unlink()  # killed before the database was prepared
    cluster.psql(home, postgis, "drop database wangge", database="postgres")
    assert cluster.start(home, postgis, silent)
    assert cluster.psql(home, postgis, "select postgis_lib_version() > '3'") == "t"


def test_a_faulty_setting_is_one_sentence_at_once(
    home: Home, postgis: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "SETTINGS", {"shared_buffers": "'much'"})
    begun = time.monotonic()
    with pytest.raises(SetupError, match="did not start") as refused:
        cluster.start(home, postgis, silent)
    assert time.monotonic() - begun < 10
    assert refused.value.command == f"tail '{home.log}'"


def test_only_the_postgresql_that_made_the_data_is_taken(running: Home, postgis: Binaries) -> None:
    assert cluster.major_of(running) == postgis.major
    assert binaries.find(Path("/nowhere"), major=9) is None


def test_a_chosen_postgresql_is_the_only_one_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", "/nowhere")
    assert binaries.find(Path("/nowhere")) is None


def test_a_checkout_that_is_moved_while_its_database_runs_takes_it_along(
    base: Path, home: Home, postgis: Binaries
) -> None:
    cluster.start(home, postgis, silent)
    cluster.psql(home, postgis, "create table t as select 42 as n")
    top = base / HOSTILE.parts[0]
    top.rename(base / "搬家")
    with clusters.opened(base / "搬家" / Path(*HOSTILE.parts[1:])) as moved:
        assert moved.socket != home.socket
        assert cluster.start(moved, postgis, silent)
        assert cluster.psql(moved, postgis, "select n from t") == "42"
        assert clusters.postmasters(moved.data) == 1
    shutil.rmtree(base / "搬家")


def test_a_socket_that_was_cleaned_away_is_made_again(home: Home, postgis: Binaries) -> None:
    cluster.start(home, postgis, silent)
    shutil.rmtree(home.socket)
    assert cluster.start(home, postgis, silent)
    assert clusters.postmasters(home.data) == 1
    assert cluster.psql(home, postgis, "select 1") == "1"


def test_a_copy_made_while_the_database_ran_is_refused_and_stops_no_other(
    base: Path, running: Home, postgis: Binaries
) -> None:
    copy = base / "副本"
    shutil.copytree(running.root, copy, ignore=shutil.ignore_patterns("socket", ".s.*"))
    for path in (copy, *copy.rglob("*")):
        shutil.chown(path, running.owner.uid, running.owner.gid)
    copied = open_home(copy)
    with pytest.raises(SetupError, match="may be torn") as refused:
        cluster.start(copied, postgis, silent)
    assert refused.value.command == f"WANGGE_HOME='{running.root}' ./wangge stop"
    assert not cluster.stop(copied, postgis)
    assert cluster.psql(running, postgis, "select 1") == "1"
    shutil.rmtree(copy)


def test_after_a_power_cut_the_number_may_be_another_programs(
    home: Home, postgis: Binaries
) -> None:
    cluster.start(home, postgis, silent)
    os.kill(clusters.postmaster(home), signal.SIGKILL)
    noted = home.data / "postmaster.pid"
    noted.write_text("\n".join([str(os.getpid()), *noted.read_text().splitlines()[1:]]))
    with pytest.raises(SetupError, match=f"names process {os.getpid()}, python") as refused:
        cluster.start(home, postgis, silent)
    assert refused.value.command.startswith(f"rm '{noted}' && ")
    noted.unlink()
    assert cluster.start(home, postgis, silent)
