"""The launcher: one server an installation, taken ports, sentences, nothing done for --help."""

import fcntl
import json
import os
import runpy
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import bootstrap, checks, chromium, environment, progress, running, timings
from gis.embedded import debian
from gis.embedded.errors import SetupError
from gis.embedded.home import open_home
from gis.embedded.programs import silent
from gis.messages import say
from maps.words import translator
from tests import clusters

ROOT = environment.ROOT


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
def server(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A process that took the lock of ``tmp_path`` and became a server at a port."""
    port = clusters.free_port()
    listen = ("-m", "http.server", "--bind", "127.0.0.1", str(port))
    command = clusters.becoming(tmp_path, port, sys.executable, *listen)
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as child:
        clusters.wait_for(lambda: clusters.listens(port))
        yield child, port
        child.kill()


def test_help_and_usage_errors_set_nothing_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert wangge("--help", home=home).returncode == 0
    assert wangge("report", "nothing", home=home).returncode == 2
    assert wangge("stop", home=home).returncode == 0
    assert not home.exists()


def test_the_launcher_needs_nothing_but_the_standard_library() -> None:
    """Whatever it imports: what it is to install is not there yet."""
    script = "import api.bootstrap, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],  # -S: as if nothing were installed
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ours = {"api", "gis", "maps"}
    foreign = {name.partition(".")[0] for name in done.stdout.split()} - ours
    assert foreign - set(sys.stdlib_module_names) <= {"__main__"}


def test_the_lock_is_held_by_what_the_launcher_became(
    tmp_path: Path, server: tuple["subprocess.Popen[bytes]", int]
) -> None:
    child, port = server
    url = f"http://127.0.0.1:{port}/"
    assert running.found(tmp_path) == running.Server(url, child.pid, ("127.0.0.1", port))
    second = wangge("demo", "--json", home=tmp_path)
    assert second.returncode == 0
    assert second.stderr == f"It runs already at {url}.\n"
    assert json.loads(second.stdout) == {"url": url, "accounts": []}


def test_a_second_start_waits_until_the_first_one_serves(tmp_path: Path) -> None:
    port = clusters.free_port()
    listen = shlex.join([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)])
    first = clusters.becoming(tmp_path, port, "/bin/sh", "-c", f"read go; {listen}")
    quiet = {"stdin": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(first, cwd=ROOT, start_new_session=True, **quiet) as setting_up:
        clusters.wait_for(lambda: running.found(tmp_path))
        command = [sys.executable, ROOT / "wangge", "serve"]
        env = os.environ | {"WANGGE_HOME": str(tmp_path), "WANGGE_LANGUAGE": "en"}
        with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as second:
            assert second.stderr is not None
            waiting = second.stderr.readline()
            assert waiting.startswith("… another ./wangge: it sets everything up, process ")
            setting_up.stdin.write("go\n")
            setting_up.stdin.flush()
            try:
                _, said = second.communicate(timeout=60)
            finally:  # had it taken over, it would serve for ever
                second.kill()
                os.killpg(setting_up.pid, signal.SIGKILL)
            assert said.endswith(f"It runs already at http://127.0.0.1:{port}/.\n")
            assert second.returncode == 0


def test_a_second_start_takes_over_from_one_that_fails(tmp_path: Path) -> None:
    first = clusters.becoming(tmp_path, 1, "/bin/cat")
    script = (
        "import argparse, sys; from pathlib import Path\n"
        "from api import bootstrap\n"
        "from api.reach import Reach\n"
        "from maps.words import translator\n"
        "args = argparse.Namespace(host='127.0.0.1', port=int(sys.argv[2]))\n"
        "found = Reach('http://127.0.0.1/', (), ('127.0.0.1', args.port))\n"
        "print(bootstrap.claim(Path(sys.argv[1]), args, found, translator('en')))\n"
    )
    with subprocess.Popen(first, cwd=ROOT, stdin=subprocess.PIPE) as failing:
        clusters.wait_for(lambda: running.found(tmp_path))
        command = [sys.executable, "-c", script, str(tmp_path), str(clusters.free_port())]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=ROOT, **pipes) as second:
            assert "it sets everything up" in second.stderr.readline()
            failing.kill()
            assert second.communicate()[0] == "None\n"


def test_a_server_of_an_earlier_version_is_known_too(tmp_path: Path) -> None:
    (tmp_path / "serving.json").write_text('{"url": "http://127.0.0.1:8000/", "pid": 7}')
    assert running.noted(tmp_path).near == ("127.0.0.1", 8000)


def test_looking_whether_somebody_serves_does_not_keep_anybody_from_it(tmp_path: Path) -> None:
    (tmp_path / "serving.json").touch()
    with (tmp_path / "serving.json").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_EX)
        threading.Timer(0.03, lambda: fcntl.flock(looking, fcntl.LOCK_UN)).start()
        assert running.claim(tmp_path, "http://127.0.0.1:1/", ("127.0.0.1", 1)) is None


def test_a_second_installation_is_another_matter(
    tmp_path: Path, server: tuple["subprocess.Popen[bytes]", int]
) -> None:
    (tmp_path / "other").mkdir()
    assert server[0].poll() is None
    assert running.found(tmp_path / "other") is None


def test_stop_ends_the_server(
    tmp_path: Path, server: tuple["subprocess.Popen[bytes]", int]
) -> None:
    assert running.stop(tmp_path)
    assert server[0].wait() == -15
    assert running.stop(tmp_path) is None


def test_kill_9_frees_the_lock(
    tmp_path: Path, server: tuple["subprocess.Popen[bytes]", int]
) -> None:
    server[0].kill()
    server[0].wait()
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


def test_timings_are_those_of_the_making_and_not_of_a_later_start(tmp_path: Path) -> None:
    english = translator("en")
    timings.keep(tmp_path, {"database": 3.0, "Python environment": 12.0})
    timings.keep(tmp_path, {"start of the database": 0.4})
    timings.keep(tmp_path, {"example township": 20.0, "another ./wangge": 1.0})
    assert timings.table(tmp_path, english).splitlines() == [
        "   12.0 s  Python environment",
        "    3.0 s  database",
        "   20.0 s  example township",
        "   35.0 s  all",
    ]


def test_the_names_of_the_steps_are_those_that_are_timed() -> None:
    """Each stands in the code as a literal, and a misspelt one would never be kept."""
    said = "".join(
        (ROOT / "api" / name).read_text("utf-8") for name in ("bootstrap.py", "cli/serving.py")
    )
    for step in timings.STEPS:
        assert f'"{step.template}"' in said


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


@pytest.mark.skipif(
    not environment.is_there(environment.RUNTIME), reason="this checkout was not set up by itself"
)
def test_four_starts_at_once_make_one_installation_and_one_server(tmp_path: Path) -> None:
    """Two that serve and two that only set up: one serves, the other says where."""
    with clusters.folder() as base:
        home = base / "home"
        env = clusters.environment_of(home)
        port = str(clusters.free_port())
        words = [["serve", "--json", "--port", port], ["setup"]] * 2
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        all_ = [subprocess.Popen([sys.executable, ROOT / "wangge", *w], env=env, **pipes)
                for w in words]  # fmt: skip
        try:
            serving, setting_up = all_[::2], all_[1::2]
            said = [json.loads(one.stdout.readline())["url"] for one in serving]
            assert said == [f"http://127.0.0.1:{port}/"] * 2
            assert [one.wait() for one in setting_up] == [0, 0]
            clusters.wait_for(lambda: clusters.listens(int(port)))
            clusters.wait_for(lambda: any(one.poll() == 0 for one in serving))
            told = [one.stderr.read() for one in serving if one.poll() == 0]
            assert len(told) == 1
            assert told[0].endswith(f"It runs already at http://127.0.0.1:{port}/.\n")
            assert clusters.postmasters(open_home(home).data) == 1
        finally:
            assert wangge("stop", home=home).returncode == 0
            for one in all_:
                one.communicate()
            own = open_home(home)
            shutil.rmtree(own.database)
            shutil.rmtree(own.socket, ignore_errors=True)


@pytest.mark.long
def test_a_bare_checkout_sets_itself_up_and_may_be_moved_while_its_database_runs(
    tmp_path: Path,
) -> None:
    """With an empty home, from paths with spaces and Chinese, and from a hostile folder."""
    checkout = tmp_path / "我的 网格" / "wangge"
    keep = shutil.ignore_patterns(".*", "__pycache__", "tests", "docs")
    shutil.copytree(ROOT, checkout, ignore=keep)
    folder = tmp_path / "here"
    folder.mkdir()
    for name in ("typing.py", "gis.py", "venv.py", "pip.py"):
        (folder / name).write_text("raise SystemExit('shadowed')")
    env = {k: v for k, v in os.environ.items() if not k.startswith("WANGGE_")}
    env |= {"HOME": str(tmp_path / "empty"), "WANGGE_LANGUAGE": "en"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}

    def start(*arguments: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([checkout / "wangge", *arguments], cwd=folder, env=env, **pipes)

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        with start(*arguments) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    try:
        at_once = [start("setup"), start("setup")]
        said = [process.communicate()[1].decode() for process in at_once]
        assert [process.returncode for process in at_once] == [0, 0], said
        again = run("setup")
        assert (again.returncode, again.stderr) == (0, b"")  # nothing was left to do
        assert run("init", "--code", "340302200", "--name", "李楼乡").returncode == 0
        done = run("token", "nobody")
        assert (done.returncode, b"Traceback" in done.stderr) == (2, False), done.stderr

        checkout = checkout.parent.rename(tmp_path / "搬 家") / "wangge"
        moved = run("setup")
        assert moved.returncode == 0, moved.stderr
        assert b"Python environment" in moved.stderr
        report = run("report", "issues", "--json")
        assert report.returncode == 0, report.stderr
        assert json.loads(report.stdout.splitlines()[-1])["total"]["reported"] == 0
        steps = run("setup", "--timings").stdout.decode().splitlines()
        assert steps[0].endswith("  Python environment")
        assert steps[-1].endswith("  all")
    finally:
        run("stop")
        shutil.rmtree(open_home(checkout / ".wangge").database)
