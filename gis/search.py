"""What has a name: cells, places, and the own layers' roads, water and hamlets. Never people."""

from dataclasses import dataclass

from sqlalchemy import Connection

from gis import times
from gis.cells.coordinates import Bounds
from gis.db import sql
from gis.deployment import get_deployment
from gis.hierarchy import Code, Level

MOST = 20
LONGEST = 100
"""Characters; nothing has a longer name."""
NEAR = 0.005
"""Degrees, about 500 m: pieces of one kind and name that are so near are one thing."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something with a name.

    Attributes
    ----------
    kind
        ``cell``, ``place``, or a kind of own layer; lanes are roads here.
    sort
        Of a place: its kind, as its file calls it. Else empty.
    code, level
        Of a cell. Else empty, and None.
    within
        The name of a cell's parent, or of the lowest cell that the thing lies in;
        empty where there is none that the reader may see.
    lon, lat
        On it, EPSG:4326.
    bbox
        Of what the reader may see of it.
    """

    kind: str
    sort: str
    name: str
    code: Code
    level: Level | None
    within: str
    lon: float
    lat: float
    bbox: Bounds


def find(conn: Connection, text: str, *, own: Code | None, most: int = MOST) -> list[Found]:
    """Return what has a name, or a code, that holds a text.

    The same name comes before one that begins with the text, and that before one
    that holds it; then short names before long ones, and cells before places, and
    those before own layers. Capital letters and full-width characters make no
    difference.

    Parameters
    ----------
    text
        Any. Without a character that is seen, or longer than ``LONGEST``, nothing
        is found.
    own
        Only this cell and those below it, and what touches it; None: everything.
    most
        At least 1.
    """
    words = " ".join(text.split())
    if not words or len(words) > LONGEST or not words.isprintable():
        return []
    day = times.today(get_deployment(conn).zone)
    asked = {"text": words, "day": day, "own": own, "near": NEAR, "most": most}
    return [
        Found(
            kind=row.kind,
            sort=row.sort,
            name=row.name,
            code=row.code,
            level=None if row.level is None else Level(row.level),
            within=row.within,
            lon=row.lon,
            lat=row.lat,
            bbox=(row.west, row.south, row.east, row.north),
        )
        for row in conn.execute(sql("search"), asked)
    ]
