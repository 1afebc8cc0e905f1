"""Run PostGIS as a private cluster: made once, reached by a socket only, recovered by itself.

`start` and `stop` take turns by a lock, so that any number of them at once end
in one sound cluster.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from gis.embedded import postmaster
from gis.embedded.binaries import Binaries
from gis.embedded.errors import SetupError
from gis.embedded.home import Home, Owner, locked, own_folder
from gis.embedded.programs import Tell, silent
from gis.embedded.refusals import require_space
from gis.messages import say

PORT = 5432  # names the socket's file; no TCP port is opened
DATABASE = "wangge"
ADMIN = "wangge_admin"
APPLICATION = "wangge_app"
PREPARE = Path(__file__).with_name("database.sql")
PATIENCE_S = 30.0
LOG_BYTES = 10_000_000
CLUSTER_MB = 300
"""Of an empty cluster with the example in it."""
LOCK = "cluster.lock"
SOCKET = f".s.PGSQL.{PORT}"
ACCEPTING, STARTING, SILENT = 0, 1, 2  # the exit statuses of pg_isready
PASSING = re.compile("lock file|shared memory block")
"""Refusals to start that end by themselves, once the former server is gone."""

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    # Durable: what was acknowledged survives kill -9 and a power cut.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    # Spatial: cheap look-ups on SSDs; PostGIS in memory before the first query of a connection;
    # compiling a query costs more than it saves.
    "shared_preload_libraries": "'postgis-3'",
    "jit": "off",
    "random_page_cost": "1.1",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    # The one zone that needs no file: Debian's build reads /usr/share/zoneinfo, absent when bare.
    "timezone": "'GMT'",
    "log_timezone": "'GMT'",
}


def url(home: Home, *, role: str = APPLICATION, database: str = DATABASE) -> str:
    """Return the cluster's address for SQLAlchemy; the socket's folder stands for the host."""
    folder = quote(str(home.socket), safe="")
    return f"postgresql+psycopg://{role}@/{database}?host={folder}&port={PORT}"


def start(home: Home, binaries: Binaries, tell: Tell) -> bool:
    """Make the cluster if need be, start and prepare it; return whether this call did anything.

    Safe to call from several processes at once, and after a kill -9 of anything.
    """
    if is_ready(home, binaries):
        return False
    with locked(home.root / LOCK, tell):
        if is_ready(home, binaries):
            return False
        own_folder(home.socket, home.owner)  # a cleaner of /tmp may have been here
        settle(home, binaries)
        if not (home.data / "PG_VERSION").exists():
            tell(say("making the cluster"))
            initialise(home, binaries)
        write(home, home.data / "wangge.conf", settings(home))
        start_with_patience(home, binaries, tell)
        prepare(home, binaries, tell)
        return True


def stop(home: Home, binaries: Binaries) -> bool:
    """Stop the cluster after a checkpoint; return whether it ran."""
    with locked(home.root / LOCK, silent):
        server = postmaster.noted(home.data)
        if server is None or server.works_elsewhere(home.data):
            return False
        ran = is_running(home, binaries)
        end(home, binaries)
        return ran


def is_running(home: Home, binaries: Binaries) -> bool:
    """Tell whether a server works on the data, at whatever socket."""
    server = postmaster.noted(home.data)
    here = server is not None and server.works_on(home.data)
    return here or probe(home, binaries) != SILENT


def end(home: Home, binaries: Binaries) -> None:
    """End the server that the data folder names, after a checkpoint.

    pg_ctl calls it a failure if the server was killed before, or is meanwhile:
    what counts is whether one still runs.
    """
    done = call(home, binaries, "pg_ctl", "stop", "-D", str(home.data), "-m", "fast", "-w")
    if done.returncode and is_running(home, binaries):
        raise SetupError(
            say("PostGIS did not stop: {reason}.", reason=last_line(done)), "./wangge stop"
        )


def settle(home: Home, binaries: Binaries) -> None:
    """Deal with a server that runs and cannot be reached: end ours, refuse what is another's.

    A folder that is moved takes a running server along, but not always the
    socket: a socket in /tmp is called after the folder, and may be cleaned away.
    """
    server = postmaster.noted(home.data)
    if server is None:
        return
    if server.works_elsewhere(home.data) and server.folder:
        file = home.data / postmaster.PID_FILE
        if not server.program.startswith("postgres"):
            raise SetupError(
                say("{path} names process {pid}, {program}, which is no database.",
                    path=file, pid=server.pid, program=server.program),
                f"rm '{file}' && ./wangge setup",
            )  # fmt: skip
        raise SetupError(
            say("{path} was copied while its database ran: such a copy may be torn. Stop the "
                "original and copy it again.", path=home.database),
            f"WANGGE_HOME='{server.folder.parents[1]}' ./wangge stop",
        )  # fmt: skip
    if server.works_on(home.data) and not (
        server.socket == home.socket and (home.socket / SOCKET).exists()
    ):
        end(home, binaries)


def is_ready(home: Home, binaries: Binaries) -> bool:
    """Tell whether the cluster accepts connections and its database was prepared by this code."""
    mark = home.data / "wangge.prepared"
    try:
        return mark.read_text("utf-8") == prepared() and probe(home, binaries) == ACCEPTING
    except FileNotFoundError:
        return False


def probe(home: Home, binaries: Binaries) -> int:
    """Return what pg_isready says: ACCEPTING, STARTING or SILENT.

    `pg_ctl status` asks whether the process exists, and a killed one exists
    until it is reaped.
    """
    done = call(home, binaries, "pg_isready", "-q", "-h", str(home.socket), "-p", str(PORT))
    return done.returncode


def major_of(home: Home) -> int | None:
    """Return the version of PostgreSQL that made the cluster; None before there is one."""
    try:
        return int((home.data / "PG_VERSION").read_text("utf-8"))
    except FileNotFoundError:
        return None


def initialise(home: Home, binaries: Binaries) -> None:
    """Run initdb beside the data folder and rename it, so that half a cluster is never seen."""
    partial = home.database / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    require_space(home.database, CLUSTER_MB)
    locale = "C.UTF-8" if sys.platform == "linux" else "C"
    access = ("-U", ADMIN, "--auth-local=trust", "--auth-host=reject")
    texts = ("--encoding=UTF8", f"--locale={locale}")
    done = call(
        home, binaries, "initdb", "-D", str(partial), "--data-checksums", *access, *texts
    )  # fmt: skip
    if done.returncode:
        raise SetupError(
            say("The cluster could not be made: {reason}.", reason=last_line(done)),
            f"df -h '{home.database}'",
        )
    with (partial / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("include = 'wangge.conf'\n")
    partial.rename(home.data)


def settings(home: Home) -> str:
    """Return the cluster's settings as a configuration file; it is written at each start."""
    socket = f"unix_socket_directories = '\"{home.socket}\"'"
    lines = [f"{name} = {value}" for name, value in SETTINGS.items()]
    return "\n".join([*lines, f"port = {PORT}", socket, ""])


def start_with_patience(home: Home, binaries: Binaries, tell: Tell) -> None:
    """Start until connections are accepted, for 30 s as long as the obstacle may pass.

    After a kill -9 the dead server counts as alive until init has reaped it, and
    its children hold the shared memory for a moment. We never remove
    postmaster.pid: PostgreSQL knows better when it is stale.
    """
    tell(say("starting"))
    if home.log.exists() and home.log.stat().st_size > LOG_BYTES:
        home.log.replace(home.log.with_suffix(".old.log"))
    command = ("start", "-D", str(home.data), "-l", str(home.log), "-w", "-t", "120", "-s")
    deadline = time.monotonic() + PATIENCE_S
    pause = 0.05
    while (state := probe(home, binaries)) != ACCEPTING:
        if state == SILENT:
            logged = home.log.stat().st_size if home.log.exists() else 0
            done = call(home, binaries, "pg_ctl", *command)
            if done.returncode == 0:
                continue
            reason = fatal(home, logged) or last_line(done)
            if time.monotonic() > deadline or not PASSING.search(reason):
                raise SetupError(
                    say("PostGIS did not start: {reason}.", reason=reason), f"tail '{home.log}'"
                )
        tell(say("waiting for the former server to be gone"))
        time.sleep(pause)
        pause = min(2 * pause, 1.0)


def prepare(home: Home, binaries: Binaries, tell: Tell) -> None:
    """Create the database, its extensions and the application's role, if they are not there."""
    mark = home.data / "wangge.prepared"
    if mark.exists() and mark.read_text("utf-8") == prepared():
        return
    tell(say("preparing the database"))
    create = (
        f"select 'create database {DATABASE}' where not exists"  # noqa: S608  (a constant)
        f" (select from pg_database where datname = '{DATABASE}') \\gexec\n"
    )
    psql(home, binaries, create, database="postgres")
    psql(home, binaries, PREPARE.read_text("utf-8"))
    write(home, mark, prepared())


def prepared() -> str:
    """Return what marks a database that was prepared by this code."""
    return hashlib.sha256(PREPARE.read_bytes()).hexdigest()


def psql(home: Home, binaries: Binaries, script: str, *, database: str = DATABASE) -> str:
    """Run a script as the superuser; return its answers, unaligned and without headings."""
    place = ("-h", str(home.socket), "-p", str(PORT), "-U", ADMIN, "-d", database)
    done = call(home, binaries, "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *place, stdin=script)
    if done.returncode:
        raise SetupError(
            say("PostGIS refused a statement: {reason}.", reason=last_line(done)),
            f"tail '{home.log}'",
        )
    return done.stdout.strip()


def call(
    home: Home, binaries: Binaries, program: str, *arguments: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a program as the cluster's owner, in a folder that the owner can enter."""
    owner: Owner | None = None if home.owner.is_caller else home.owner
    return subprocess.run(
        [binaries.program(program), *arguments],
        env=binaries.environment(),
        cwd=home.database,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        umask=0o077,
        check=False,
        user=owner.uid if owner else None,
        group=owner.gid if owner else None,
        extra_groups=[] if owner else None,
    )


def write(home: Home, path: Path, text: str) -> None:
    """Write a file that belongs to the cluster's owner."""
    path.write_text(text, "utf-8")
    if not home.owner.is_caller:
        os.chown(path, home.owner.uid, home.owner.gid)


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last line that a program said, without its full stop."""
    lines = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()
    return lines[-1].rstrip(".")


def fatal(home: Home, offset: int) -> str:
    """Return the last FATAL or PANIC in the log after ``offset`` bytes, or nothing."""
    if not home.log.exists():
        return ""
    found = re.findall(rb"(?:FATAL|PANIC):.*", home.log.read_bytes()[offset:])
    return found[-1].decode("utf-8", "replace").rstrip(".") if found else ""
