"""What this installation serves: a township (or more), its name and its clock."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select

from gis import tables
from gis.errors import Conflict, InvalidInput, NotFound
from gis.messages import say


@dataclass(frozen=True, slots=True)
class Deployment:
    """The one township, district or city that this installation serves."""

    code: str
    name: str
    zone: ZoneInfo
    started_on: date
    """The first day of service; before it nothing was due."""
    illustrative: bool = False
    """Its borders are made up: every map says so."""


def zone_named(name: str) -> ZoneInfo:
    """Return a time zone by its name in the zone database."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidInput(
            say("There is no time zone “{name}”.", name=name),
            remedy=say("Name one such as Asia/Shanghai or America/New_York."),
            field="timezone",
        ) from None


def get_deployment(conn: Connection) -> Deployment:
    """Return what is served; NotFound before :func:`found`."""
    row = conn.execute(select(tables.deployment)).one_or_none()
    if row is None:
        raise NotFound(
            say("This installation has no township yet."),
            remedy=say("./wangge init --code CODE --name NAME"),
        )
    zone = ZoneInfo(row.timezone)
    return Deployment(row.code, row.name, zone, row.started_on, row.illustrative)


def found(
    conn: Connection,
    *,
    code: str,
    name: str,
    timezone: str,
    on: date,
    illustrative: bool = False,
) -> Deployment:
    """Name what this installation serves; the same again changes nothing.

    Raises
    ------
    InvalidInput
        If the code or name is empty, or there is no such time zone.
    Conflict
        If it serves something else already.
    """
    zone = zone_named(timezone)
    for field, value in (("code", code), ("name", name)):
        if not value.strip():
            raise InvalidInput(
                say("The {field} is empty.", field=field),
                remedy=say("./wangge init --code CODE --name NAME"),
                field=field,
            )
    row = conn.execute(select(tables.deployment)).one_or_none()
    if row is None:
        conn.execute(
            insert(tables.deployment).values(
                id=1,
                code=code,
                name=name,
                timezone=timezone,
                started_on=on,
                illustrative=illustrative,
            )
        )
        return Deployment(code, name, zone, on, illustrative)
    if (row.code, row.name, row.timezone) != (code, name, timezone):
        raise Conflict(
            say("This installation serves {name} ({code}) already.", name=row.name, code=row.code),
            remedy=say("WANGGE_HOME=another-folder ./wangge init … makes another one beside it."),
            field="code",
        )
    return get_deployment(conn)
