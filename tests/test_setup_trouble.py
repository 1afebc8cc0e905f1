"""What else goes wrong on an office's computer: network, disk, clock, rights, words."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from api import environment
from gis.embedded import binaries, cluster, debian, refusals
from gis.embedded import home as homes
from gis.embedded.errors import SetupError
from gis.embedded.home import open_home
from gis.embedded.programs import silent
from tests import clusters

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root works for another user")
RETRYING = (
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after"
    " connection broken by '{}': /simple/alembic/"
)
NOT_FOUND = "ERROR: No matching distribution found for alembic==1.20.1"


@pytest.mark.parametrize(
    "broken, reason",
    [
        (
            "NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f07>: Failed to"
            " establish a new connection: [Errno -2] Name or service not known')",
            "Name or service not known",
        ),
        (
            "NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f24>: Failed to"
            " establish a new connection: [Errno 111] Connection refused')",
            "Connection refused",
        ),
        ('ReadTimeoutError("HTTPSConnectionPool(host=\'mirror.example\', port=443): Read timed'
         ' out. (read timeout=15)")', "Read timed out"),
        ("RemoteDisconnected('Remote end closed connection without response')",
         "Remote end closed connection without response"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate"
         " verify failed: self-signed certificate (_ssl.c:1006)'))", "self-signed certificate"),
    ],
)  # fmt: skip
def test_a_network_that_is_away_is_not_called_a_missing_package(broken, reason):
    found = refusals.understood([RETRYING.format(broken), NOT_FOUND], folder=Path())
    assert str(found.reason) == f"The package index cannot be reached: {reason}."


@pytest.mark.parametrize(
    "line",
    [
        RETRYING.format(
            "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate"
            " verify failed: certificate is not yet valid (_ssl.c:1006)'))"
        ),
        "E: Release file for http://deb.example/debian/dists/bookworm-updates/InRelease is not "
        "valid yet (invalid for another 300d 4h 2min). Updates will not be applied.",
        "npm error code CERT_HAS_EXPIRED",
    ],
)
def test_a_wrong_clock_is_named(line):
    found = refusals.understood([line, NOT_FOUND], folder=Path())
    assert "this computer's clock shows" in found.reason.template
    assert found.command.startswith("sudo date -s ")


@pytest.mark.parametrize(
    "line",
    [
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "dpkg-deb: error: failed to write (No space left on device)",
        "npm error code ENOSPC",
    ],
)
def test_a_full_disk_is_named(line):
    found = refusals.understood([line], folder=Path("/home/office"))
    assert str(found.reason) == "The disk of /home/office is full."
    assert found.command == "df -h '/home/office'"


def test_what_is_not_understood_is_left_to_the_program_s_own_words():
    assert refusals.understood([NOT_FOUND], folder=Path()) is None


def test_what_would_fill_the_disk_is_not_begun(tmp_path):
    free = shutil.disk_usage(tmp_path).free // 1_000_000
    refusals.require_space(tmp_path / "not" / "there", 1)
    with pytest.raises(SetupError, match=rf"MB free, and {free + 10_000} MB are needed") as refused:
        refusals.require_space(tmp_path / "not" / "there", free + 10_000)
    assert refused.value.command == f"df -h '{tmp_path}'"


@contextmanager
def small_disk(megabytes):
    """A disk of its own, where the kernel lets us make one."""
    with clusters.folder() as folder:
        made = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", folder]
        if subprocess.run(made, capture_output=True, check=False).returncode:
            pytest.skip("no disk can be made here")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


@needs_root
def test_a_disk_that_is_too_small_is_one_sentence(monkeypatch):
    with small_disk(20) as disk:
        home = open_home(disk / "home")
        with pytest.raises(SetupError, match="20 MB free, and 300 MB are needed"):
            cluster.start(home, clusters.programs(), silent)
        monkeypatch.setattr(cluster, "CLUSTER_MB", 1)  # as if another filled it meanwhile
        with pytest.raises(SetupError, match=r"could not be made: .*") as failed:
            cluster.start(home, clusters.programs(), silent)
        assert failed.value.command == f"df -h '{home.database}'"
        assert not home.data.exists()


# What failed half-way


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with a lock file of one package that nobody has."""
    if not any(environment.known_wheels()):
        pytest.skip("this Python has no wheel of pip")
    lock = tmp_path / "requirements" / "runtime.txt"
    lock.parent.mkdir()
    lock.write_text(f"wangge-nowhere==1.0 --hash=sha256:{'0' * 64}\n")
    venv = tmp_path / ".venv"
    for name, value in {
        "ROOT": tmp_path,
        "VENV": venv,
        "PYTHON": venv / "bin" / "python",
        "RUNTIME": lock,
    }.items():
        monkeypatch.setattr(environment, name, value)
    for name, value in {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
    }.items():
        monkeypatch.setenv(name, value)
    return lock


def test_a_download_that_broke_off_is_one_sentence_and_begun_anew(checkout, tmp_path):
    with pytest.raises(SetupError, match="cannot be reached: Connection refused"):
        environment.ensure(tmp_path / "home", silent)
    assert environment.PYTHON.exists()  # half of it is there
    assert not environment.is_there(checkout)
    (environment.VENV / "left over").touch()
    checkout.write_text("")  # the network is back, and there is nothing to fetch
    environment.ensure(tmp_path / "home", silent)
    assert environment.is_there(checkout)
    assert not (environment.VENV / "left over").exists()


def as_nobody(command, **env):
    """Run a program as a user who may do nothing."""
    return subprocess.run(
        command, user=NOBODY, group=NOBODY, extra_groups=[], env={"PATH": os.environ["PATH"]} | env,
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip


@pytest.fixture
def python():
    """A Python that every user can run."""
    found = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    if not found or as_nobody([found, "-c", check]).returncode:
        pytest.skip("no Python that every user can run")
    return found


@needs_root
def test_a_checkout_that_may_only_be_read_is_one_sentence(python):
    with clusters.folder() as base:
        copy = base / "网格 1"
        left_out = shutil.ignore_patterns(".*", "__pycache__", "tests", "docs", "data")
        shutil.copytree(environment.ROOT, copy, ignore=left_out)
        done = as_nobody([python, copy / "wangge", "setup"], WANGGE_LANGUAGE="en")
        assert done.returncode == 3
        assert done.stderr.splitlines() == [
            f"The folder {copy / '.wangge'} cannot be made: Permission denied.",
            "Mend it with: WANGGE_HOME=FOLDER ./wangge demo",
        ]
        home = base / "home"
        home.mkdir()
        os.chown(home, NOBODY, NOBODY)
        done = as_nobody(
            [python, copy / "wangge", "setup"], WANGGE_LANGUAGE="en", WANGGE_HOME=str(home)
        )
        assert done.returncode == 3
        assert done.stderr.splitlines() == [
            f"Nothing can be written to {copy}.",
            f"Mend it with: cp -r '{copy}' ~/wangge && ~/wangge/wangge demo",
        ]


@pytest.mark.parametrize(
    "env", [{"LC_ALL": "C"}, {"LANG": "C"}, {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"}]
)
def test_a_terminal_without_chinese_gets_an_answer_all_the_same(env, tmp_path):
    (tmp_path / "timings.json").write_text(json.dumps({"database": 1.0}))
    kept = {"PATH": os.environ["PATH"], "WANGGE_HOME": str(tmp_path), "WANGGE_LANGUAGE": "zh"}
    script = (
        "from pathlib import Path; import sys; from api import bootstrap, timings;"
        "from maps.words import translator;"
        "bootstrap.main(['stop']);"
        "print(timings.table(Path(sys.argv[1]), translator('zh')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env=kept | env, cwd=environment.ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    assert len(done.stdout.splitlines()) == 2


def test_a_careful_umask_hides_nothing_from_the_database(monkeypatch):
    """Of root, whose home its own account then cannot enter; of anybody else."""
    with clusters.folder() as base, clusters.folder() as shared:
        monkeypatch.setattr(homes, "SHARED", shared)
        before = os.umask(0o077)
        try:
            root = base / "home"
            root.mkdir()
            with clusters.opened(root) as home:
                assert cluster.start(home, clusters.programs(), silent)
                assert home.database.is_relative_to(root if home.owner.is_caller else shared)
        finally:
            os.umask(before)


@pytest.mark.long
@needs_root
@pytest.mark.skipif(not debian.has_apt(), reason="this is no Debian")
def test_where_apt_may_not_install_postgis_is_unpacked(python):
    """By a user without any right: downloaded, unpacked, started, asked."""
    script = """
import os, sys
from pathlib import Path
from gis.embedded import binaries, cluster, debian
from gis.embedded.home import open_home
from gis.embedded.programs import silent
home = open_home(Path(sys.argv[1]))
debian.unpack_postgis(home.packages, home.root / "apt", silent)
(place,) = [p for p in binaries.candidates(home.packages) if p[1]]
found = binaries.examine(*place)
assert found and found.packages == home.packages
assert cluster.start(home, found, silent)
print(cluster.psql(home, found, "select st_area('polygon((0 0,0 2,3 2,3 0,0 0))')"))
print(os.readlink(f"/proc/{(home.data / 'postmaster.pid').read_text().split()[0]}/exe"))
cluster.stop(home, found)
"""
    with clusters.folder() as base:
        shutil.copytree(environment.ROOT / "gis", base / "gis")
        home = base / "我的 home"
        home.mkdir()
        os.chown(home, NOBODY, NOBODY)
        refused = as_nobody(["apt-get", "install", "-y", "hello"])
        assert refused.returncode != 0
        done = as_nobody(
            [python, "-c", script, str(home)], PYTHONPATH=str(base), HOME=str(home),
            PYTHONDONTWRITEBYTECODE="1",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        area, program = done.stdout.split("\n")[:2]
        assert area == "6"
        assert Path(program).is_relative_to(home / "debian")
        assert binaries.find(home / "debian") is not None
