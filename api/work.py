"""Read everything that the page of somebody who works on the ground shows."""

from math import cos, radians

from sqlalchemy import Connection

from gis import times
from gis.cells import store as cells
from gis.cells.coordinates import Bounds
from gis.deployment import get_deployment
from gis.layers import layers_in, named_in
from gis.messages import NOTHING, say
from gis.people import contacts
from gis.people import store as people
from gis.people.accounts import Account
from gis.places import places_in
from maps.work import WorkView, clipped

AROUND = 1.25
"""How far around its middle a cell is shown, as a share of its longer side."""


def around(bounds: Bounds) -> Bounds:
    """Return a frame around a cell's that is about as high as wide on the ground."""
    west, south, east, north = bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    shrinks = max(cos(radians(lat)), 0.01)
    reach = AROUND * max((east - west) * shrinks, north - south)
    return lon - reach / shrinks, lat - reach, lon + reach / shrinks, lat + reach


def gather(conn: Connection, me: Account) -> WorkView:
    """Return the page's content for an account with a person.

    Raises
    ------
    NotFound
        If the account's cell is no more.
    """
    deployment = get_deployment(conn)
    today = times.today(deployment.zone)
    cell = cells.cell_named(conn, me.cell or deployment.code, today)
    person = me.person or ""
    frame = around(cell.geom.bounds)
    return WorkView(
        account=me.name,
        person=person,
        name=people.people_of(conn, [person])[person].name,
        cell=cell,
        zone=deployment.zone,
        today=today,
        ladder=contacts.ladder(conn, cell.code, day=today),
        centre=contacts.centre_staff(conn, day=today),
        ground=clipped(layers_in(conn, bbox=frame), frame),
        named=[*named_in(conn, bbox=frame), *places_in(conn, bbox=frame)],
        note=say("Illustrative borders, not surveyed") if deployment.illustrative else NOTHING,
    )
