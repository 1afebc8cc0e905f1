"""Commands that serve: an installation, or the example."""

import argparse
import asyncio
import json
import logging
import secrets
import socket
from pathlib import Path

import uvicorn
from sqlalchemy import Engine

from api.app import create_app
from api.cli.output import Output
from gis import db
from gis.errors import InvalidInput
from gis.messages import say
from gis.settings import Settings

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  (compared with, not bound to)


def serve(settings: Settings, args: argparse.Namespace, output: Output) -> int:
    """Serve until interrupted."""
    address = address_of(settings, args)
    output.tell(say("Serving on {address}; Ctrl-C ends it.", address=address))
    output.give({"url": address})
    return listen(settings, args)


def demo(settings: Settings, args: argparse.Namespace, output: Output) -> int:
    """Load the example township where nothing is yet, print address and accounts, serve."""
    engine = db.connect(settings.database_url, timeout_ms=0)
    accounts = load(engine, settings, output)
    engine.dispose()
    address = address_of(settings, args)
    for found in accounts:
        output.tell(
            say(
                "{role}: account {account}, password {password}",
                role=found["role"],
                account=found["account"],
                password=found["password"],
            )
        )
    output.tell(say("Open {address} in a browser; Ctrl-C ends it.", address=address))
    output.give({"url": address, "accounts": accounts})
    return listen(settings, args)


def load(engine: Engine, settings: Settings, output: Output) -> list[dict[str, str | None]]:
    """Return the example's accounts; they are made, with everything else, the first time.

    An example's passwords are no secret from its owner: they are kept in the
    home, readable to nobody else, so that every start can print them.
    """
    from api import example  # noqa: PLC0415  (its libraries are not needed to serve)

    kept = settings.home / "demo-accounts.json"
    with engine.begin() as conn:
        if example.is_loaded(conn) and kept.exists():
            found: list[dict[str, str | None]] = json.loads(kept.read_text("utf-8"))
            return found
        made = example.load(conn, output.tell)
        keep(kept, json.dumps(made, ensure_ascii=False))
    return made


def keep(path: Path, text: str) -> None:
    """Write a file that only its owner can read, as a whole or not at all."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    partial.touch(mode=0o600)
    partial.write_text(text, "utf-8")
    partial.replace(path)


def listen(settings: Settings, args: argparse.Namespace) -> int:
    """Run the web server in this process until it is told to stop; requests are finished first."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    app = create_app(settings, run_jobs=not args.no_jobs)
    config = uvicorn.Config(
        app,
        host=args.host,
        port=args.port,
        log_level="warning",
        ssl_certfile=args.cert,
        ssl_keyfile=args.key,
        timeout_graceful_shutdown=10,
        server_header=False,
    )
    asyncio.run(uvicorn.Server(config).serve())
    return 0


def address_of(settings: Settings, args: argparse.Namespace) -> str:
    """Return the address that people type; a host of 0.0.0.0 is this machine's own address."""
    if bool(args.cert) != bool(args.key):
        raise InvalidInput(
            say("https needs both a certificate and its key."),
            remedy=say("./wangge serve --cert FILE --key FILE"),
            field="cert" if args.key else "key",
        )
    if settings.public_url:
        return settings.public_url
    host = own_address() if args.host in EVERYWHERE else args.host
    return f"{'https' if args.cert else 'http'}://{host}:{args.port}/"


def own_address() -> str:
    """Return the address of this machine in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: only the route is looked up
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
