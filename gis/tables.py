"""The database schema, as SQLAlchemy Core tables. No ORM."""

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Table,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, BIT, DATERANGE, JSONB, ExcludeConstraint

from gis import columns
from gis.columns import LevelNumber, Shape, Time, word
from gis.issues.lifecycle import Kind, Severity, Status
from gis.people.roles import Role

metadata = columns.metadata
"""Every table below."""

# The deployment

deployment = Table(
    "deployment",
    metadata,
    Column("id", sa.SmallInteger, primary_key=True),
    Column("code", sa.Text, nullable=False),  # of the township (or district) it serves
    Column("name", sa.Text, nullable=False),
    Column("timezone", sa.Text, nullable=False),
    Column("started_on", sa.Date, nullable=False),  # before it, no patrol is missing
    Column("illustrative", sa.Boolean, nullable=False, server_default=sa.false()),  # an example
    CheckConstraint("id = 1", name="single"),
)

# Cells

cell = Table(
    "cell",
    metadata,
    Column("code", sa.Text, primary_key=True),
    Column("level", LevelNumber, nullable=False),
    Column("made_at", Time, nullable=False, server_default=func.now()),
    CheckConstraint("level between -1 and 4", name="level"),
    CheckConstraint("code <> '' and length(code) <= 40", name="code"),
)

cell_version = Table(
    "cell_version",
    metadata,
    Column("id", sa.Integer, sa.Identity(), primary_key=True),
    Column("code", ForeignKey("cell.code"), nullable=False),
    Column("name", sa.Text, nullable=False),
    Column("parent", ForeignKey("cell.code"), index=True),
    Column("kind", sa.Text, nullable=False, server_default=""),
    Column("geom", Shape("MULTIPOLYGON", spatial_index=False), nullable=False),
    Column(
        "area_m2",
        sa.Double,
        sa.Computed("st_area(geom::geography)", persisted=True),
        nullable=False,
    ),
    Column("valid", DATERANGE, nullable=False),  # lower bound open: since ever
    Column("source", sa.Text, nullable=False, server_default=""),
    CheckConstraint(
        "st_isvalid(geom) and not st_isempty(geom) and st_ndims(geom) = 2"
        " and st_xmin(geom) >= -180 and st_xmax(geom) <= 180"
        " and st_ymin(geom) >= -90 and st_ymax(geom) <= 90",
        name="geom",
    ),
    CheckConstraint("not isempty(valid)", name="valid"),
    ExcludeConstraint(("code", "="), ("valid", "&&"), using="gist", name="cell_version_one_a_day"),
)
Index("cell_version_geom_idx", cell_version.c.geom, postgresql_using="gist")

boundary_defect = Table(
    "boundary_defect",
    metadata,
    Column("id", sa.Integer, sa.Identity(), primary_key=True),
    Column("kind", sa.Text, nullable=False),  # overlap, gap, outside_parent, …
    Column("parent", ForeignKey("cell.code"), index=True),  # under which it lies
    Column("cells", ARRAY(sa.Text), nullable=False),  # the cells it concerns
    Column("area_m2", sa.Double, nullable=False),
    Column("geom", Shape("GEOMETRY", spatial_index=False), nullable=False),
    Column("found_at", Time, nullable=False, server_default=func.now()),
)

# Own layers: the ground that maps are drawn on

layer_feature = Table(
    "layer_feature",
    metadata,
    Column("id", sa.Integer, sa.Identity(), primary_key=True),
    Column("kind", sa.Text, nullable=False),
    Column("name", sa.Text, nullable=False, server_default=""),
    Column("geom", Shape("GEOMETRY", spatial_index=False), nullable=False),
    Column("source", sa.Text, nullable=False, index=True),  # the name of the file it came with
    CheckConstraint(
        "kind in ('road', 'lane', 'rail', 'water', 'wood', 'building', 'hamlet')", name="kind"
    ),
    CheckConstraint(
        "st_isvalid(geom) and not st_isempty(geom) and st_ndims(geom) = 2"
        " and st_xmin(geom) >= -180 and st_xmax(geom) <= 180"
        " and st_ymin(geom) >= -90 and st_ymax(geom) <= 90"
        " and case when geometrytype(geom) in ('LINESTRING', 'MULTILINESTRING')"
        " then kind in ('road', 'lane', 'rail', 'water')"
        " else geometrytype(geom) in ('POLYGON', 'MULTIPOLYGON')"
        " and kind in ('water', 'wood', 'building', 'hamlet') end",
        name="geom",
    ),
)
Index("layer_feature_geom_idx", layer_feature.c.geom, postgresql_using="gist")

place = Table(
    "place",  # what people know the ground by, and visit
    metadata,
    Column("id", sa.Integer, sa.Identity(), primary_key=True),
    Column("kind", sa.Text, nullable=False),  # shop, school, … as the file calls it
    Column("name", sa.Text, nullable=False),
    Column("geom", Shape("POINT", spatial_index=False), nullable=False),
    Column("source", sa.Text, nullable=False, index=True),  # the name of the file it came with
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint(
        "not st_isempty(geom) and st_ndims(geom) = 2"
        " and st_x(geom) between -180 and 180 and st_y(geom) between -90 and 90",
        name="geom",
    ),
)
Index("place_geom_idx", place.c.geom, postgresql_using="gist")

# People

person = Table(
    "person",
    metadata,
    Column("id", sa.Text, primary_key=True),  # 工号
    Column("name", sa.Text, nullable=False),
    Column("phone", sa.Text, nullable=False, server_default=""),
    Column("organisation", sa.Text, nullable=False, server_default=""),
)

holding = Table(
    "holding",
    metadata,
    Column("id", sa.Integer, sa.Identity(), primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("cell", ForeignKey("cell.code"), nullable=False, index=True),
    Column("role", word(Role, "role"), nullable=False),
    Column("during", DATERANGE, nullable=False),
    Column("deputy_for", ForeignKey("person.id")),  # null: holds the post itself
    CheckConstraint("not isempty(during)", name="during"),
    ExcludeConstraint(
        ("person", "="),
        ("cell", "="),
        ("role", "="),
        ("during", "&&"),
        using="gist",
        name="holding_once_at_a_time",
    ),
)

account = Table(
    "account",
    metadata,
    Column("name", sa.Text, primary_key=True),
    Column("password_hash", sa.Text, nullable=False),
    Column("one_time", sa.Boolean, nullable=False),  # to be changed at the first sign-in
    Column("role", word(Role, "role"), nullable=False),
    Column("cell", ForeignKey("cell.code")),  # what it may see; null: the deployment
    Column("person", ForeignKey("person.id")),
    Column("made_at", Time, nullable=False, server_default=func.now()),
)

credential = Table(
    "credential",
    metadata,
    Column("digest", sa.LargeBinary, primary_key=True),  # sha-256 of the secret
    Column("account", ForeignKey("account.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", sa.Text, nullable=False),
    Column("made_at", Time, nullable=False, server_default=func.now()),
    Column("expires_at", Time),
    CheckConstraint("kind in ('session', 'token')", name="kind"),
)

failed_sign_in = Table(
    "failed_sign_in",
    metadata,
    Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    Column("account", sa.Text, nullable=False),
    Column("at", Time, nullable=False, server_default=func.now()),
    Index(None, "account", "at"),
)

# Issues

limits = Table(
    "limits",
    metadata,
    Column("version", sa.Integer, primary_key=True),
    Column("since", Time, nullable=False),
    Column("rows", JSONB, nullable=False),  # gis.issues.policy writes and reads it
)

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", sa.Date, primary_key=True),
    Column("working", sa.Boolean, nullable=False),  # a swapped working day, or a day off
    Column("name", sa.Text, nullable=False, server_default=""),
)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("year", sa.SmallInteger, primary_key=True),  # whose list is final
)

issue = Table(
    "issue",
    metadata,
    Column("id", sa.Uuid, primary_key=True),  # UUIDv7, made by the client
    Column("version", sa.Integer, nullable=False),  # lines in the ledger
    Column("source", sa.Text, nullable=False),  # worker, resident, import, …
    Column("source_id", sa.Text, nullable=False, server_default=""),  # the file's own id
    Column("category", sa.Text, nullable=False),
    Column("severity", word(Severity, "severity"), nullable=False),
    Column("text", sa.Text, nullable=False, server_default=""),
    Column("geom", Shape("GEOMETRY", spatial_index=False), nullable=False),
    Column("accuracy_m", sa.Double),
    Column("reporter", ForeignKey("person.id")),
    Column("reported_at", Time, nullable=False),
    Column("cell", ForeignKey("cell.code"), index=True),  # lowest that the point lies in
    Column("place", ForeignKey("cell.code")),  # lowest that holds it with its accuracy
    Column("owner", ForeignKey("cell.code"), index=True),  # null: the centre's queue
    Column("reasons", JSONB, nullable=False),  # why there: [[reason, cell], …]
    Column("notes", ARRAY(sa.Text), nullable=False, server_default="{}"),
    Column("status", word(Status, "status"), nullable=False),
    Column("file_due", sa.Boolean, nullable=False, server_default=sa.false()),  # due: the file's
    Column("due", Time),  # end of the limit that runs now, or the file's due time
    Column("next_due", Time),  # null: no step of the clock will ever come
    CheckConstraint("accuracy_m >= 0", name="accuracy"),
    Index(None, "next_due", "id", postgresql_where=sa.text("next_due is not null")),
    Index(None, "reported_at"),
    Index(None, "reporter"),
)
Index("issue_geom_idx", issue.c.geom, postgresql_using="gist")

ledger = Table(
    "ledger",
    metadata,
    Column("issue", ForeignKey("issue.id"), primary_key=True),
    Column("version", sa.Integer, primary_key=True),
    Column("op_id", sa.Uuid, nullable=False, unique=True),
    Column("kind", word(Kind, "kind"), nullable=False),
    Column("at", Time, nullable=False),
    Column("owner", ForeignKey("cell.code")),  # after this line; null: the centre
    Column("status", word(Status, "status"), nullable=False),  # after this line
    Column("due", Time),  # after this line
    Column("extra", sa.Interval, nullable=False, server_default="0"),
    Column("skipped", ARRAY(sa.Text), nullable=False, server_default="{}"),
    Column("provisional", sa.Boolean, nullable=False, server_default=sa.false()),
    Column("person", ForeignKey("person.id")),  # null: the clock, or an import
    Column("text", sa.Text, nullable=False, server_default=""),
    Column("recorded_at", Time, nullable=False, server_default=func.clock_timestamp()),
    Index(None, "at"),
    Index(None, "recorded_at"),
)

media = Table(
    "media",  # photos, as we made them anew: without position, camera or name
    metadata,
    Column("sha256", sa.LargeBinary, primary_key=True),  # of the bytes that were sent
    Column("content", sa.LargeBinary, nullable=False),  # JPEG
    Column("thumbnail", sa.LargeBinary, nullable=False),  # JPEG
    Column("width", sa.Integer, nullable=False),
    Column("height", sa.Integer, nullable=False),
    Column("account", ForeignKey("account.name"), nullable=False),  # who sent it first
    Column("made_at", Time, nullable=False, server_default=func.now()),
    CheckConstraint("octet_length(sha256) = 32", name="sha256"),
)

issue_media = Table(
    "issue_media",  # the photos of a line of the ledger, in their order
    metadata,
    Column("issue", sa.Uuid, primary_key=True),
    Column("version", sa.Integer, primary_key=True),
    Column("position", sa.SmallInteger, primary_key=True),
    Column("sha256", ForeignKey("media.sha256"), nullable=False, index=True),
    ForeignKeyConstraint(("issue", "version"), ("ledger.issue", "ledger.version")),
)

operation = Table(
    "operation",
    metadata,
    Column("op_id", sa.Uuid, primary_key=True),
    Column("digest", sa.LargeBinary, nullable=False),  # of the request
    Column("answer", JSONB, nullable=False),  # given again when it is repeated
    Column("seq", sa.BigInteger, sa.Identity(), nullable=False),
    Column("at", Time, nullable=False, server_default=func.now()),
)

# Patrols. Figures of a person-day are a function of that person's batches of that day.

fix_batch = Table(
    "fix_batch",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("day", sa.Date, primary_key=True),
    Column("id", sa.Uuid, primary_key=True),
    Column("fixes", sa.LargeBinary, nullable=False),  # packed, gis.patrols.store.FIX
    Column("patrol", sa.Uuid),  # the declared patrol it is of; null: a file's
    Column("source", sa.Text, nullable=False, server_default=""),
)

patrol_day = Table(
    "patrol_day",
    metadata,
    Column("day", sa.Date, primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("rule", sa.SmallInteger, nullable=False),
    Column("kept", sa.Integer, nullable=False),
    Column("rejected", JSONB, nullable=False),  # {reason: count}
)

patrol_segment = Table(
    "patrol_segment",
    metadata,
    Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    Column("day", sa.Date, nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("geom", Shape("LINESTRINGM", dimension=3, spatial_index=False), nullable=False),
    Index(None, "person", "day"),
    Index(None, "day"),
)
Index("patrol_segment_geom_idx", patrol_segment.c.geom, postgresql_using="gist")

trace = Table(
    "trace",  # points without a time: shown, not counted
    metadata,
    Column("id", sa.Uuid, primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False, index=True),
    Column("points", sa.Integer, nullable=False),
    Column("geom", Shape("MULTILINESTRING", spatial_index=False), nullable=False),
    Column("source", sa.Text, nullable=False, server_default=""),
)

cover_tile = Table(
    "cover_tile",  # ground passed within 25 m
    metadata,
    Column("day", sa.Date, primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("x", sa.Integer, primary_key=True),
    Column("y", sa.Integer, primary_key=True),
    Column("bits", BIT(4096), nullable=False),
    Index(None, "x", "y", "day"),
)

effort_tile = Table(
    "effort_tile",  # seconds and passes on each ground cell, packed
    metadata,
    Column("day", sa.Date, primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("x", sa.Integer, primary_key=True),
    Column("y", sa.Integer, primary_key=True),
    Column("cells", sa.LargeBinary, nullable=False),
    Index(None, "x", "y", "day"),
)

effort_cell_day = Table(
    "effort_cell_day",
    metadata,
    Column("day", sa.Date, primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("cell", sa.Integer, primary_key=True),  # cell_version.id of a leaf; 0: in no cell
    Column("seconds", sa.Integer, nullable=False),
    Column("inner_seconds", sa.Integer, nullable=False),  # farther than 15 m from the border
    Column("metres", sa.Double, nullable=False),
    Column("passes", sa.Integer, nullable=False),
    Column("first_at", Time, nullable=False),
    Column("last_at", Time, nullable=False),
    Index(None, "cell", "day"),
)

cell_tile = Table(
    "cell_tile",  # a leaf cell's ground; rebuilt in the transaction that changes its shape
    metadata,
    Column("cell", ForeignKey("cell_version.id", ondelete="CASCADE"), primary_key=True),
    Column("x", sa.Integer, primary_key=True),
    Column("y", sa.Integer, primary_key=True),
    Column("mask", BIT(4096), nullable=False),
    Column("inner_mask", BIT(4096), nullable=False),  # farther than 15 m from the border
    Column("due_mask", BIT(4096), nullable=False),  # ground that counts, gis.patrols.due
    Column("ground_cell_m2", sa.Double, nullable=False),
    Index(None, "x", "y"),
)
