"""The rules in the database: the tree, the posts, the limits and the calendar in force."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select

from gis import tables
from gis.cells import store as cells
from gis.deployment import get_deployment
from gis.issues.calendar import OFF, OFFICE, Calendar
from gis.issues.escalation import Rules
from gis.issues.holidays import announced, country_of, exceptional_days
from gis.issues.policy import DEFAULTS, Policy, from_rows, to_rows
from gis.people import store as people

YEARS_BACK, YEARS_AHEAD = 1, 1
"""How far the first calendar reaches around the year of the foundation."""


def load_rules(conn: Connection, *, day: date | None = None) -> Rules:
    """Return everything outside an issue that decides about it.

    Parameters
    ----------
    day
        Of the cells; None: today. Posts, limits and calendar know their own times.
    """
    zone = get_deployment(conn).zone
    return Rules(
        tree=cells.tree_on(conn, day),
        posts=people.load_posts(conn),
        policies=load_policies(conn),
        calendar=load_calendar(conn, zone),
    )


def load_policies(conn: Connection) -> tuple[Policy, ...]:
    """Return every version of the limits, the oldest first."""
    query = select(tables.limits).order_by(tables.limits.c.since, tables.limits.c.version)
    return tuple(Policy(row.version, row.since, from_rows(row.rows)) for row in conn.execute(query))


def load_calendar(conn: Connection, zone: ZoneInfo) -> Calendar:
    """Return the working time of the deployment."""
    days = conn.execute(select(tables.calendar_day.c.day, tables.calendar_day.c.working))
    years = conn.execute(select(tables.calendar_year.c.year)).scalars()
    return Calendar(
        zone=zone,
        exceptions={row.day: OFFICE if row.working else OFF for row in days},
        confirmed=frozenset(years),
    )


def seed(conn: Connection, *, zone_name: str, at: datetime) -> None:
    """Give a new deployment the default limits and its country's calendar.

    Where there are limits already, nothing changes.
    """
    if conn.execute(select(tables.limits.c.version)).first() is not None:
        return
    conn.execute(insert(tables.limits).values(version=1, since=at, rows=to_rows(DEFAULTS)))
    country = country_of(zone_name)
    years = range(at.year - YEARS_BACK, at.year + YEARS_AHEAD + 1)
    days = exceptional_days(country, years)
    if days:
        conn.execute(
            insert(tables.calendar_day),
            [{"day": d.day, "working": d.working, "name": d.name} for d in days],
        )
    final = announced(country, years)
    if final:
        conn.execute(insert(tables.calendar_year), [{"year": year} for year in sorted(final)])
