"""The example township, taken in through the same doors as anybody's files."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, select

from data.boundaries.generate.demo import DAYS, write_demo
from gis import deployment, tables, times
from gis.cells.importing import import_cells
from gis.hierarchy import Level
from gis.issues import rules, sweep
from gis.issues.importing import import_issues
from gis.issues.reading import Fields
from gis.layers import import_layer
from gis.messages import Message, say
from gis.patrols import store as patrols
from gis.patrols.importing import import_tracks
from gis.people import accounts
from gis.people import store as people
from gis.people.model import Holder
from gis.people.reading import import_people
from gis.people.roles import Role
from gis.placefiles import Columns
from gis.places import import_places

CODE, NAME, ZONE = "340302200", "李楼乡", "Asia/Shanghai"
LEVELS = (Level.AREA, Level.VILLAGE, Level.UNIT)
LAYERS = {
    "water": "water",
    "woods": "wood",
    "roads": "road",
    "rail": "rail",
    "hamlets": "hamlet",
    "houses": "building",
}
"""The kind of each file of what is drawn with the cells."""
ACCOUNTS = (
    ("chief", Role.CHIEF, CODE),
    ("centre", Role.CENTRE_STAFF, CODE),
    ("planner", Role.PLANNER, CODE),
    ("area", Role.AREA_LEADER, f"{CODE}-1"),
    ("village", Role.VILLAGE_LEADER, f"{CODE}200"),
    ("unit", Role.UNIT_WORKER, f"{CODE}200001"),
)

FIELDS = Fields(
    lon="lon",
    lat="lat",
    reported="reported",
    id="id",
    category="category",
    severity="severity",
    text="text",
    accuracy="accuracy_m",
    due="due",
    resolved="resolved",
    reporter="reporter",
)

Tell = Callable[[Message], None]


def is_loaded(conn: Connection) -> bool:
    """Tell whether this installation serves anything yet."""
    return conn.execute(select(tables.deployment.c.id)).first() is not None


def load(conn: Connection, tell: Tell) -> list[dict[str, str | None]]:
    """Load the example and return its accounts with their passwords.

    The borders are files of the repository; people's terms, reports and walks
    are made for today, so that the example never looks dead.
    """
    zone = deployment.zone_named(ZONE)
    now, today = times.now(), times.today(zone)
    tell(say("Loading the example township, {name}.", name=NAME))
    with TemporaryDirectory() as folder:
        files = write_demo(Path(folder), today, until=now)
        begun = today - timedelta(days=DAYS)
        deployment.found(conn, code=CODE, name=NAME, timezone=ZONE, on=begun, illustrative=True)
        rules.seed(conn, zone_name=ZONE, at=datetime.combine(begun, time(), zone))
        for level in LEVELS:
            done = import_cells(
                conn, files.cells[level.word], level=level, parent_field="parent", kind_field="kind"
            )
            patrols.set_masks(conn, done.changed_leaves)
        for name, kind in LAYERS.items():
            import_layer(conn, files.layers[name], kind=kind)
        import_places(conn, files.places, Columns(kind="kind"))
        patrols.refresh_due(conn)
        import_people(conn, files.people)
        tell(say("Reports of the last 90 days."))
        import_issues(conn, files.issues, fields=FIELDS, timezone=zone, at=now)
        tell(say("Patrols of the last {n} days.", n=DAYS))
        import_tracks(conn, [files.tracks], person_field="person", zone=zone)
    sweep.escalate(conn, at=now)
    holders = people.holders_on(conn, today)
    return [
        {
            "account": name,
            "role": role.value,
            "cell": cell,
            "password": accounts.add_account(
                conn, name, role=role, cell=cell, person=_holder(holders.get(cell, ()), role)
            ),
        }
        for name, role, cell in ACCOUNTS
    ]


def _holder(holders: Sequence[Holder], role: Role) -> str | None:
    """Return the first of a cell's holders in a role, whose account it is."""
    return next((holder.person for holder in holders if holder.role is role), None)
