"""The launcher: set up what is missing, then become the command that was asked for.

Standard library only: it runs on the machine's own Python, before anything is installed.
"""

import argparse
import json
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from api import checks, environment, reach, running, timings
from api.arguments import parser
from api.progress import Progress
from api.reach import Reach
from gis.embedded import binaries, cluster, postgis
from gis.embedded.errors import SetupError
from gis.embedded.home import make_home, open_home, path_of_home
from gis.embedded.programs import Tell
from gis.errors import GridError
from gis.messages import Message, say
from maps import vendor
from maps.words import Translate, language_of_environment, translator

DONE, WRONG, TROUBLE, INTERRUPTED = 0, 2, 3, 130


@dataclass(frozen=True, slots=True)
class Installation:
    """What set-up leaves behind."""

    home: Path
    browser_files: Path
    database_url: str
    admin_database_url: str

    def environment(self) -> dict[str, str]:
        """Return the environment in which the application runs, whatever the caller's folder.

        It may keep its bytecode, whatever the caller's habit: the next start is twice as fast.
        """
        foreign = ("PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
        env = {name: value for name, value in os.environ.items() if name not in foreign}
        return env | {
            "PYTHONPATH": str(environment.ROOT),
            "WANGGE_HOME": str(self.home),
            "WANGGE_BROWSER_FILES": str(self.browser_files),
            "WANGGE_DATABASE_URL": self.database_url,
            "WANGGE_ADMIN_DATABASE_URL": self.admin_database_url,
        }


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; trouble is one sentence on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # whatever the terminal's encoding lacks
            stream.reconfigure(errors="backslashreplace")
    args = parser().parse_args(arguments)
    words = translator(language_of_environment())
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run(args, arguments, words)
    except SetupError as error:
        speak(words, error.reason)
        speak(words, error.remedy)
    except GridError as error:
        speak(words, error.reason)
        speak(words, error.remedy)
        return WRONG
    except OSError as error:
        path = error.filename or "./wangge"
        speak(words, say("{path}: {reason}.", path=path, reason=error.strerror))
    except KeyboardInterrupt:
        speak(words, say("Interrupted; the next ./wangge goes on from here."))
        return INTERRUPTED
    return TROUBLE


def run(args: argparse.Namespace, arguments: Sequence[str], words: Translate) -> int:
    """Do what the launcher does itself, or become the command line."""
    home = path_of_home(environment.ROOT)
    progress = Progress(words)
    if args.command == "stop":
        return stop(home, words)
    serves = args.command in ("demo", "serve")
    found = where(args) if serves else None
    make_home(home)
    if args.command in ("test", "pictures"):
        set_up(home, progress, given=os.environ.get(checks.DATABASE, ""))
        if args.command == "pictures":
            return checks.pictures(home, progress, args.names)
        return checks.run(home, progress, words, long=args.long)
    if found and (other := claim(home, args, found, words)):
        speak(words, say("It runs already at {url}.", url=other.url))
        if args.json:
            print(json.dumps({"url": other.url, "accounts": []}))
        return DONE
    done = set_up(home, progress, given=os.environ.get("WANGGE_DATABASE_URL", ""))
    if args.command == "setup":
        if args.timings:
            print(timings.table(home, words))
        return DONE
    return become(done, arguments)


def set_up(home: Path, progress: Progress, *, given: str) -> Installation:
    """Do what is missing, step by step; a second call finds nothing to do.

    ``given`` is the address of a database of the user's own; empty: the embedded one.
    """
    with progress.step(say("Python environment")) as tell:
        environment.ensure(home, tell)
    with progress.step(say("browser files")) as tell:
        browser = browser_files(home, tell)
    application = owner = given
    if not given:
        with progress.step(say("PostGIS")) as tell:
            own = open_home(home, tell)
            found = postgis.provide(own, tell)
        made = cluster.major_of(own) is not None
        with progress.step(say("start of the database") if made else say("database")) as tell:
            cluster.start(own, found, tell)
        application, owner = cluster.url(own), cluster.url(own, role=cluster.ADMIN)
    timings.keep(home, progress.timings)
    return Installation(
        home,
        browser,
        database_url=with_driver(application),
        admin_database_url=with_driver(os.environ.get("WANGGE_ADMIN_DATABASE_URL") or owner),
    )


def browser_files(home: Path, tell: Tell) -> Path:
    """Return where the browser's files are; those that are not there are fetched."""
    if given := os.environ.get("WANGGE_BROWSER_FILES"):
        return Path(given).absolute()
    environment.fetch_files(home, vendor.SERVED, home / "browser", tell)
    return home / "browser"


def with_driver(url: str) -> str:
    """Return a database's address with the driver that we have."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def where(args: argparse.Namespace) -> Reach:
    """Return where the server will be found; refuse at once what could never be served."""
    reach.check_certificate(args.cert, args.key)
    public = os.environ.get("WANGGE_PUBLIC_URL", "")
    return reach.reach(
        host=args.host, port=args.port, https=args.cert is not None, public_url=public
    )


def claim(
    home: Path, args: argparse.Namespace, found: Reach, words: Translate
) -> running.Server | None:
    """Make sure that we can serve; return who does already, if somebody does.

    Another launcher may be at it: it is waited for, and followed if it fails.
    """
    with Progress(words).step(say("another ./wangge")) as tell:
        while other := running.claim(home, found.url, found.near):
            if other.listens():
                return other
            tell(say("it sets everything up, process {pid}", pid=other.pid))
            time.sleep(0.2)
    running.require_free(args.host, args.port)
    return None


def stop(home: Path, words: Translate) -> int:
    """End the server and the database, if they run."""
    server = running.stop(home)
    stopped = False
    if home.exists() and not os.environ.get("WANGGE_DATABASE_URL"):
        own = open_home(home)
        found = binaries.find(own.packages, major=cluster.major_of(own))
        stopped = bool(found and cluster.stop(own, found))
    speak(words, say("The server is stopped.") if server else say("No server was running."))
    speak(words, say("PostGIS is stopped.") if stopped else say("PostGIS was not running."))
    return DONE


def speak(words: Translate, message: Message) -> None:
    """Say a sentence to the person."""
    print(words(message), file=sys.stderr, flush=True)


def become(done: Installation, arguments: Sequence[str]) -> NoReturn:
    """Turn into the command line, in the caller's folder, which must not shadow our modules."""
    python = str(environment.PYTHON)
    env = done.environment() | timings.hand_over()
    os.execve(python, [python, "-P", "-m", "api.cli", *arguments], env)  # noqa: S606
