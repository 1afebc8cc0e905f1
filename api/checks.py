"""`./wangge test`: every check, one after the other; and `./wangge pictures`."""

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from api import chromium, environment
from api.progress import Progress
from gis.embedded import binaries, cluster
from gis.embedded.errors import SetupError
from gis.embedded.home import open_home
from gis.messages import Message, say
from maps import vendor
from maps.words import Translate

DATABASE = "WANGGE_TEST_DATABASE_URL"
REAL_DATA = "WANGGE_REAL_DATA"
PYTHON = str(environment.PYTHON)
CODE = ("gis", "maps", "api", "data", "tests", "wangge")
IMPORT_CONTRACTS = "from importlinter.cli import lint_imports_command as check; check()"
STATIC = environment.ROOT / "maps" / "static"
LEFTOVERS = """
select format('drop database %I', d.datname) from pg_database as d
where d.datname like 'wangge\\_test\\_%'
and not exists (select from pg_stat_activity as a where a.datname = d.datname) \\gexec
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it is called, and the program that does it."""

    name: str
    command: Sequence[str | Path]


def run(home: Path, progress: Progress, words: Translate, *, long: bool) -> int:
    """Fetch what the checks need, run all of them, and return 1 if one did not pass."""
    wanting: list[Message] = []
    env, node = tools(home, progress)
    if long:
        env["WANGGE_HYPOTHESIS"] = "long"
    try:
        with progress.step(say("browser for the tests")) as tell:
            env["WANGGE_CHROMIUM"] = str(chromium.ensure(home, tell))
    except SetupError as error:
        wanting += [say("browser tests: not run"), error.reason, error.remedy]
    results = home / "checks" / "pytest.xml"
    results.unlink(missing_ok=True)
    browser = "WANGGE_CHROMIUM" in env
    javascript = type_check(home / "checks", node)
    checks = [*lints(), javascript, tests(results, browser=browser, long=long)]
    failed = [check.name for check in checks if not passes(check, env)]
    if REAL_DATA in env:
        print(words(real_data(results)))
    for message in wanting:
        print(words(message))
    if failed:
        print(words(say("Not passed: {names}.", names=", ".join(failed))))
    elif not wanting:
        print(words(say("All checks passed.")))
    return 1 if failed or wanting else 0


def pictures(home: Path, progress: Progress, names: Sequence[str]) -> int:
    """Take the pictures of the documentation, those of the named pages or all.

    Raises
    ------
    SetupError
        If there is no browser and none can be had.
    """
    env, _node = tools(home, progress)
    with progress.step(say("browser for the pictures")) as tell:
        env["WANGGE_CHROMIUM"] = str(chromium.ensure(home, tell))
    env["PYTHONPATH"] = str(environment.ROOT)
    program = environment.ROOT / "docs" / "pictures" / "take.py"
    return subprocess.call([PYTHON, program, *names], cwd=environment.ROOT, env=env)


def tools(home: Path, progress: Progress) -> tuple[dict[str, str], Path]:
    """Fetch what tests need; return the environment they run in, and where node is."""
    with progress.step(say("test tools")) as tell:
        environment.add(home, environment.TEST, tell)
        environment.fetch_files(home, vendor.CHECKS, home / "checks", tell)
        node = environment.node(home, tell)
    env = {
        "WANGGE_BROWSER_FILES": str(home / "browser"),
        **os.environ,
        DATABASE: database(home),
        "WANGGE_HOME": str(home),
        # Playwright's own node wants a library that a bare machine lacks.
        "PLAYWRIGHT_NODEJS_PATH": str(node),
    }
    env.pop("WANGGE_DATABASE_URL", None)  # tests have no business in it
    return env, node


def lints() -> list[Check]:
    """Return the checks that read the code."""
    return [
        Check("ruff check", [PYTHON, "-m", "ruff", "check", *CODE]),
        Check("ruff format", [PYTHON, "-m", "ruff", "format", "--check", *CODE]),
        Check("mypy", [PYTHON, "-m", "mypy"]),
        Check("import contracts", [PYTHON, "-c", IMPORT_CONTRACTS]),
        Check("sqlfluff", [PYTHON, "-m", "sqlfluff", "lint", "gis/sql"]),
    ]


def type_check(folder: Path, node: Path) -> Check:
    """Return the check of our JavaScript's types; Leaflet's are known as the global ``L``.

    The library is that of the oldest browsers we serve, so that a newer
    function is an error.
    """
    places = {
        package: folder / vendor.folder_name(package, pin)
        for package, pin in vendor.read_lock(vendor.CHECKS).items()
    }
    leaflet = str(places["@types/leaflet"] / "index.d.ts")
    options = {
        "strict": True,
        "allowJs": True,
        "checkJs": True,
        "noEmit": True,
        "target": "es2020",
        "module": "es2020",
        "moduleResolution": "bundler",
        "lib": ["es2021", "dom", "dom.iterable"],
        "types": [],
        "allowUmdGlobalAccess": True,
        "paths": {
            "leaflet": [leaflet],
            "geojson": [str(places["@types/geojson"] / "index.d.ts")],
        },
    }
    project = folder / "tsconfig.json"
    scripts = f"{STATIC}/**/*.js"
    project.write_text(
        json.dumps({"compilerOptions": options, "files": [leaflet], "include": [scripts]}), "utf-8"
    )
    return Check("tsc", [node, places["typescript"] / "lib" / "tsc.js", "-p", project])


def tests(results: Path, *, browser: bool, long: bool) -> Check:
    """Return pytest, without the tests that were not asked for or cannot run."""
    left_out = [*([] if long else ["not long"]), *([] if browser else ["not browser"])]
    chosen = ["-m", " and ".join(left_out)] if left_out else []
    return Check("pytest", [PYTHON, "-m", "pytest", f"--junitxml={results}", *chosen])


def passes(check: Check, env: Mapping[str, str]) -> bool:
    """Run a check, its output on ours, and tell whether it passed."""
    print(f"\n▶ {check.name}", flush=True)
    begun = time.monotonic()
    status = subprocess.call([*check.command], cwd=environment.ROOT, env=env)
    mark = "✗" if status else "✓"
    print(f"{mark} {check.name}  {time.monotonic() - begun:.1f} s", flush=True)
    return status == 0


def database(home: Path) -> str:
    """Return a server on which tests may make databases: the one given, else the embedded one."""
    if given := os.environ.get(DATABASE):
        return given
    own = open_home(home)
    if found := binaries.find(own.packages, major=cluster.major_of(own)):
        cluster.psql(own, found, LEFTOVERS, database="postgres")  # of runs that were killed
    return cluster.url(own, role=cluster.ADMIN, database="postgres")


def real_data(results: Path) -> Message:
    """Say how many of the tests on real data ran; pytest's report names their files."""
    if not results.exists():
        return say("Real data: pytest did not get to the tests.")
    cases = [
        case
        for case in ElementTree.parse(results).iter("testcase")  # noqa: S314  (our own file)
        if "test_real_data" in case.get("classname", "")
    ]
    skipped = sum(case.find("skipped") is not None for case in cases)
    return say("Real data: {ran} tests ran, {skipped} were skipped.",
               ran=len(cases) - skipped, skipped=skipped)  # fmt: skip
