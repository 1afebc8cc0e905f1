"""Commands that serve: an installation, or the example."""

import argparse
import asyncio
import json
import logging
import secrets
import ssl
import time
from contextlib import closing, nullcontext, suppress
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from threading import Thread

import uvicorn
from sqlalchemy import Engine

from api import reach, running, timings
from api.app import create_app
from api.cli.output import Output
from api.reach import Reach
from gis import db
from gis.embedded import watch
from gis.messages import say
from gis.settings import Settings
from maps.background import background_of

LOCAL_PROXIES = "127.0.0.1,::1"
"""Who is believed when saying that a request came by https: a proxy on this machine."""
PATIENCE_S = 60.0


def serve(settings: Settings, args: argparse.Namespace, output: Output) -> int:
    """Serve until interrupted."""
    found = where(settings, args)
    output.tell(say("Serving on {address}; Ctrl-C ends it.", address=found.url))
    hint(found, args.host, output)
    output.give({"url": found.url})
    return listen(settings, args, found)


def demo(settings: Settings, args: argparse.Namespace, output: Output) -> int:
    """Load the example township where nothing is yet, print address and accounts, serve."""
    found = where(settings, args)
    engine = db.connect(settings.database_url, timeout_ms=0)
    begun = time.monotonic()
    accounts, is_new = load(engine, settings, output)
    loading = time.monotonic() - begun
    engine.dispose()
    for one in accounts:
        output.tell(
            say(
                "{role}: account {account}, password {password}",
                role=one["role"],
                account=one["account"],
                password=one["password"],
            )
        )
    output.tell(say("Open {address} in a browser; Ctrl-C ends it.", address=found.url))
    hint(found, args.host, output)
    output.give({"url": found.url, "accounts": accounts})
    if is_new:
        timings.keep(settings.home, {"example township": loading})
        Thread(target=time_first_page, args=(settings.home, found, loading), daemon=True).start()
    return listen(settings, args, found)


def time_first_page(home: Path, found: Reach, loading: float) -> None:
    """Keep the seconds from the launcher's end to the first page, less those of the loading."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # we ask ourselves
    host, port = found.near
    https = HTTPSConnection(host, port, timeout=PATIENCE_S, context=context)
    asked = https if found.is_https else HTTPConnection(host, port, timeout=PATIENCE_S)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with suppress(OSError), closing(asked):
            asked.request("GET", "/login")
            asked.getresponse().read()
            if took := timings.since_handed_over():
                timings.keep(home, {"first page": took - loading})
            return
        time.sleep(0.05)


def load(
    engine: Engine, settings: Settings, output: Output
) -> tuple[list[dict[str, str | None]], bool]:
    """Return the example's accounts, and whether they were made now, with everything else.

    An example's passwords are no secret from its owner: they are kept in the
    home, readable to nobody else, so that every start can print them.
    """
    from api import example  # noqa: PLC0415  (its libraries are not needed to serve)

    kept = settings.home / "demo-accounts.json"
    with engine.begin() as conn:
        if example.is_loaded(conn) and kept.exists():
            found: list[dict[str, str | None]] = json.loads(kept.read_text("utf-8"))
            return found, False
        made = example.load(conn, output.tell)
        keep(kept, json.dumps(made, ensure_ascii=False))
    return made, True


def keep(path: Path, text: str) -> None:
    """Write a file that only its owner can read, as a whole or not at all."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    partial.touch(mode=0o600)
    partial.write_text(text, "utf-8")
    partial.replace(path)


def listen(settings: Settings, args: argparse.Namespace, found: Reach) -> int:
    """Run the web server in this process until it is told to stop; requests are finished first."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    running.require_free(args.host, args.port)
    public_url = found.url if settings.public_url else ""
    served = settings.model_copy(update={"public_url": public_url})
    app = create_app(served, run_jobs=not args.no_jobs)
    config = uvicorn.Config(
        app,
        host=args.host,
        port=args.port,
        log_level="warning",
        ssl_certfile=args.cert,
        ssl_keyfile=args.key,
        timeout_graceful_shutdown=10,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=LOCAL_PROXIES,
    )
    own = watch.own_cluster(settings.home, settings.database_url)
    with watch.running(*own) if own else nullcontext():
        asyncio.run(uvicorn.Server(config).serve())
    return 0


def where(settings: Settings, args: argparse.Namespace) -> Reach:
    """Return where people find the server; refuse what could not be served there."""
    background_of(settings)  # what is wrong with it is told before anything is done
    reach.check_certificate(args.cert, args.key)
    return reach.reach(
        host=args.host,
        port=args.port,
        https=args.cert is not None,
        public_url=settings.public_url,
    )


def hint(found: Reach, host: str, output: Output) -> None:
    """Say where else it is found, and what phones cannot do with the address."""
    for other in found.others:
        output.tell(say("Also: {address}", address=other))
    if found.only_here and host in reach.EVERYWHERE:
        output.tell(say("This computer is in no network: no other can open it."))
    elif found.only_here:
        output.tell(say("Only this computer can open it. For phones: --host 0.0.0.0"))
    elif not found.is_safe:
        output.tell(
            say("Without https, phones do not tell their position and do not work offline; "
                "docs/reaching.md says how they get https.")
        )  # fmt: skip
