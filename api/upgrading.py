"""Bring the database to the schema of this code, or say why that cannot be."""

import os

from api import running
from gis import db
from gis.db import Standing
from gis.embedded.errors import SetupError
from gis.messages import say
from gis.settings import Settings


def bring_up(settings: Settings) -> None:
    """Migrate the database, unless it has this schema already.

    Raises
    ------
    SetupError
        If its schema is a newer one, or if a server of an earlier version works with it.
    """
    standing = db.standing(settings.owner_url)
    if standing is Standing.CURRENT:
        return
    if standing is Standing.NEWER:
        raise SetupError(
            say("These data were brought up to date by a newer version of this program."),
            "git pull && ./wangge serve",
        )
    server = running.found(settings.home)
    if standing is Standing.OLDER and server and server.pid != os.getpid():
        raise SetupError(
            say("An earlier version of this program serves these data at {url}. End it first, "
                "then they are brought up to date.", url=server.url),
            "./wangge stop",
        )  # fmt: skip
    db.migrate(settings.owner_url)
