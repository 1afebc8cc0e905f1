"""Run one command: ``python -m api.cli …``; the launcher has set everything up."""

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

import psycopg
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from api.arguments import parser
from api.cli.output import Output
from api.upgrading import bring_up
from gis import db
from gis.embedded.errors import SetupError
from gis.errors import GridError, InvalidFile, InvalidInput
from gis.messages import Message, say
from gis.settings import Settings

IN_A_TRANSACTION = {
    "init": "accounts.init",
    "import cells": "imports.cells",
    "import layer": "imports.layer",
    "import places": "imports.places",
    "import people": "imports.people",
    "import issues": "imports.issues",
    "import tracks": "imports.tracks",
    "locate": "imports.locate",
    "escalate": "questions.escalate",
    "report": "questions.report",
    "map": "questions.draw",
    "account add": "accounts.add",
    "account password": "accounts.password",
    "token": "accounts.token",
}
"""Functions of ``api.cli``, loaded when asked for: a command waits for no other's libraries."""
ON_ITS_OWN = {"serve": "serving.serve", "demo": "serving.demo", "bench": "bench.bench"}
"""Those that begin and end their own transactions."""

WRONG, TROUBLE, INTERRUPTED = 2, 3, 130


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().parse_args(arguments)
    output = Output.of(args)
    try:
        return answered(args, output)
    except OSError as error:  # nobody listens any more
        with suppress(OSError):
            output.tell(unwritten(args, error))
        return WRONG


def answered(args: argparse.Namespace, output: Output) -> int:
    """Run the command; say in one sentence why it could not be done."""
    try:
        refuse_garbled(args)
        return run(args, output)
    except InvalidFile as error:
        output.imported(problems=error.problems)
        return WRONG
    except GridError as error:
        output.refused(error)
        return TROUBLE if isinstance(error, SetupError) else WRONG
    except OSError as error:
        output.tell(unwritten(args, error))
        return WRONG
    except (DBAPIError, psycopg.Error) as error:
        reason = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()[0]
        output.tell(say("The database refused: {reason}. Nothing was written.", reason=reason))
        return TROUBLE
    except KeyboardInterrupt:
        output.tell(say("Interrupted; nothing was half-written."))
        return INTERRUPTED


def unwritten(args: argparse.Namespace, error: OSError) -> Message:
    """Return why a file, or standard output, could not be read or written."""
    path = error.filename or vars(args).get("out") or say("standard output")
    return say("{path}: {reason}.", path=path, reason=error.strerror)


def refuse_garbled(args: argparse.Namespace) -> None:
    """Refuse words that are in no encoding; a file's name may be anything."""
    for name, value in vars(args).items():
        try:
            str(value if isinstance(value, str) else "").encode()
        except UnicodeEncodeError:
            raise InvalidInput(
                say("A word of the command is not in the terminal's encoding."),
                remedy=say("Type it again in UTF-8."),
                field=name,
            ) from None


def settings_of_environment() -> Settings:
    """Return the settings; refuse the first that cannot be right."""
    try:
        return Settings()
    except ValidationError as error:
        fault = error.errors()[0]
        name = f"WANGGE_{fault['loc'][0]}".upper() if fault["loc"] else "WANGGE_…"
        raise InvalidInput(
            say("{name}: {reason}.", name=name, reason=fault["msg"]),
            remedy=say("docs/set-up.md lists the settings."),
            field=name,
        ) from None


def run(args: argparse.Namespace, output: Output) -> int:
    """Run the command in a transaction that ends with it."""
    settings = settings_of_environment()
    bring_up(settings)
    if args.command in ON_ITS_OWN:
        status: int = function(ON_ITS_OWN[args.command])(settings, args, output)
        return status
    name = " ".join(filter(None, (args.command, vars(args).get("what"))))
    command = function(IN_A_TRANSACTION.get(name) or IN_A_TRANSACTION[args.command])
    engine = db.connect(settings.database_url, timeout_ms=0)
    try:
        with engine.connect() as conn, conn.begin() as transaction:
            status = command(conn, args, output)
            if vars(args).get("dry_run"):
                transaction.rollback()
    finally:
        engine.dispose()
    return status


def function(name: str) -> Any:
    """Return the function of ``module.function`` in ``api.cli``."""
    module, _, within = name.partition(".")
    return getattr(import_module(f"api.cli.{module}"), within)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
