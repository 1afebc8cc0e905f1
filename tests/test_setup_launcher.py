"""The launcher: one server an installation, taken ports, sentences, nothing done for --help."""

import os
import runpy
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import bootstrap, checks, chromium, environment, progress, running
from gis.embedded import debian
from gis.embedded.errors import SetupError
from gis.embedded.home import open_home
from gis.embedded.programs import silent
from gis.messages import say
from maps.words import translator

ROOT = environment.ROOT
CLAIM = """
import os, sys
from pathlib import Path
from api import running
assert running.claim(Path(sys.argv[1]), "http://127.0.0.1:8000/") is None
print("claimed", flush=True)
os.execvp("sleep", ["sleep", "60"])
"""


def wangge(*arguments: str, home: Path, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if k != "WANGGE_DATABASE_URL"}
    return subprocess.run(
        [sys.executable, ROOT / "wangge", *arguments],
        env={**clean, "WANGGE_HOME": str(home), "WANGGE_LANGUAGE": "en", **env},
        capture_output=True,
        text=True,
        check=False,
    )


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that took the lock of ``tmp_path`` and became another program."""
    command = [sys.executable, "-c", CLAIM, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "claimed\n"
        yield child
        child.kill()


def test_help_and_usage_errors_set_nothing_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert wangge("--help", home=home).returncode == 0
    assert wangge("report", "nothing", home=home).returncode == 2
    assert wangge("stop", home=home).returncode == 0
    assert not home.exists()


def test_the_lock_is_held_by_what_the_launcher_became(
    tmp_path: Path, server: subprocess.Popen[str]
) -> None:
    assert running.found(tmp_path) == running.Server("http://127.0.0.1:8000/", server.pid)
    second = wangge("demo", home=tmp_path)
    assert second.returncode == 0
    assert second.stderr == "It runs already at http://127.0.0.1:8000/.\n"


def test_a_second_installation_is_another_matter(
    tmp_path: Path, server: subprocess.Popen[str]
) -> None:
    (tmp_path / "other").mkdir()
    assert server.poll() is None
    assert running.found(tmp_path / "other") is None


def test_stop_ends_the_server(tmp_path: Path, server: subprocess.Popen[str]) -> None:
    assert running.stop(tmp_path)
    assert server.wait() == -15
    assert running.stop(tmp_path) is None


def test_kill_9_frees_the_lock(tmp_path: Path, server: subprocess.Popen[str]) -> None:
    server.kill()
    server.wait()
    assert running.found(tmp_path) is None


def test_a_taken_port_names_who_has_it_and_what_to_type(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = wangge("serve", "--port", str(port), home=tmp_path)
        assert running.obstacle("127.0.0.1", port) is not None
    assert refused.returncode == 3
    reason, remedy = refused.stderr.splitlines()
    assert reason.startswith(f"Port {port} is taken by ")
    if sys.platform == "linux":
        assert f"({os.getpid()})" in reason
    assert remedy.startswith("Mend it with: ./wangge demo --port ")


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 0), ("127.0.0.1", 70000), ("no such", 1)])
def test_an_address_nobody_can_have_is_one_sentence(host: str, port: int) -> None:
    with pytest.raises(SetupError, match="Nobody can listen on"):
        running.require_free(host, port)


def test_trouble_is_one_sentence_and_a_command(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = wangge("setup", home=tmp_path / "file" / "home")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 2
    assert "Mend it with: WANGGE_HOME=" in done.stderr


def test_an_old_python_is_refused_before_it_reads_anything_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "wangge"))
    assert ended.value.code == 3
    assert "Python 3.11" in capsys.readouterr().err


def test_ci_without_python_is_one_sentence(tmp_path: Path) -> None:
    program(tmp_path, "dirname", 'exec /usr/bin/dirname "$@"')
    done = subprocess.run(
        ["/bin/bash", ROOT / ".ci" / "run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1


def test_a_database_of_ones_own_is_reached_with_our_driver() -> None:
    for given in ("postgres://a@b/c", "postgresql://a@b/c", "postgresql+psycopg://a@b/c"):
        assert bootstrap.with_driver(given) == "postgresql+psycopg://a@b/c"


def test_the_application_runs_from_the_checkout_whatever_the_caller_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")
    done = bootstrap.Installation(Path("/h"), Path("/b"), "x", "y").environment()
    assert done["PYTHONPATH"] == str(ROOT)
    assert "PYTHONHOME" not in done
    assert (done["WANGGE_HOME"], done["WANGGE_BROWSER_FILES"]) == ("/h", "/b")


def test_a_moved_or_outdated_environment_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "runtime.txt"
    lock.write_text("a==1\n")
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "PYTHON", venv / "bin" / "python")
    environment.stamp(lock).write_text(environment.state(lock))
    assert not environment.is_there(lock)  # without its Python
    (venv / "bin" / "python").touch()
    assert environment.is_there(lock)
    lock.write_text("a==2\n")
    assert not environment.is_there(lock)
    lock.write_text("a==1\n")
    moved = venv.rename(tmp_path / "moved")
    monkeypatch.setattr(environment, "VENV", moved)
    monkeypatch.setattr(environment, "PYTHON", moved / "bin" / "python")
    assert not environment.is_there(lock)


def test_a_step_with_nothing_to_do_is_not_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    shown = progress.Progress(translator("en"))
    with shown.step(say("database")):
        pass
    assert capsys.readouterr().err == ""
    with shown.step(say("database")) as tell:
        for n in range(100):
            tell(say("downloading {package}", package=n))
    first, last = capsys.readouterr().err.splitlines()
    assert first == "… database: downloading 0"
    assert last == "✓ database  0.0 s"
    assert list(shown.timings) == ["database"]


def test_a_failed_step_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    shown = progress.Progress(translator("en"))
    with pytest.raises(KeyError), shown.step(say("database")) as tell:
        tell(say("starting"))
        raise KeyError
    assert capsys.readouterr().err.splitlines()[-1] == "✗ database  0.0 s"


def test_a_line_is_cut_where_the_terminal_ends() -> None:
    assert progress.cut("网格 ab", 6) == "网格 a"
    assert progress.cut("网格 ab", 3) == "网"


def test_timings_are_kept_until_a_step_has_something_to_do_again(tmp_path: Path) -> None:
    shown = progress.Progress(translator("en"))
    shown.timings = {"PostGIS": 12.0, "database": 1.0}
    bootstrap.keep_timings(tmp_path, shown)
    shown.timings = {"database": 0.4}
    bootstrap.keep_timings(tmp_path, shown)
    kept = bootstrap.timings(tmp_path)
    assert kept == {"PostGIS": 12.0, "database": 0.4}
    assert progress.table(kept, translator("en")).splitlines()[-1] == "   12.4 s  Σ"


def test_apts_reason_is_in_the_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "apt-get", "echo E: Unable to locate package x.; echo later; exit 100")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(SetupError, match="apt-get failed: Unable to locate package x\\."):
        debian.install(["x"], silent)


def test_the_newest_postgis_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = "postgresql-9-postgis-3 postgresql-15-postgis-3 postgresql-15-postgis-3-scripts"
    program(tmp_path, "apt-cache", f"printf '%s\\n' {names}")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert debian.newest_postgis() == ("postgresql-15-postgis-3", 15)


def test_a_package_that_only_points_to_a_snap_is_no_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "apt-cache", "echo 'Version: 2:1snap1-0ubuntu2'")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(SetupError) as refused:
        chromium.require_real(["chromium"], ())
    assert refused.value.command == "WANGGE_CHROMIUM=PROGRAM ./wangge test"


def test_an_interrupted_program_is_not_left_alone(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from gis.embedded.programs import follow\n"
        "def hear(line): print(line, flush=True); raise KeyboardInterrupt\n"
        "follow(['sh', '-c', 'echo $$; exec sleep 60'], hear=hear)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


def test_real_data_tests_are_counted(tmp_path: Path) -> None:
    report = tmp_path / "pytest.xml"
    assert "did not get to" in str(checks.real_data(report))
    report.write_text(
        '<testsuite><testcase classname="tests.test_a"/>'
        '<testcase classname="tests.test_real_data"/>'
        '<testcase classname="tests.test_real_data_tracks"><skipped/></testcase></testsuite>'
    )
    assert str(checks.real_data(report)) == "Real data: 1 tests ran, 1 were skipped."


def test_a_check_that_fails_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.passes(checks.Check("true", ["true"]), os.environ)
    assert not checks.passes(checks.Check("false", ["false"]), os.environ)
    assert "✗ false  0.0 s" in capsys.readouterr().out


@pytest.mark.long
def test_a_bare_checkout_sets_itself_up_twice(tmp_path: Path) -> None:
    """With an empty home, from a path with a space and Chinese, and from a hostile folder."""
    checkout = tmp_path / "我的 网格" / "wangge"
    keep = shutil.ignore_patterns(".*", "__pycache__", "tests", "docs")
    shutil.copytree(ROOT, checkout, ignore=keep)
    folder = tmp_path / "here"
    folder.mkdir()
    for name in ("typing.py", "gis.py", "venv.py", "pip.py"):
        (folder / name).write_text("raise SystemExit('shadowed')")
    env = {k: v for k, v in os.environ.items() if not k.startswith("WANGGE_")}
    env["HOME"] = str(tmp_path / "empty")

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [checkout / "wangge", *arguments]
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False)

    try:
        assert run("setup").returncode == 0
        begun = time.monotonic()
        again = run("setup")
        assert (again.returncode, again.stderr) == (0, b"")
        assert time.monotonic() - begun < 1.0
        done = run("token", "nobody")
        assert (done.returncode, b"Traceback" in done.stderr) == (2, False), done.stderr
    finally:
        run("stop")
        shutil.rmtree(open_home(checkout / ".wangge").database)
