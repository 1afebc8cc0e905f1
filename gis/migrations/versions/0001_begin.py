"""Begin: cells, people, issues, patrols."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("calendar_day_pkey")),
    )
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("calendar_year_pkey")),
    )
    op.create_table(
        "cell",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("code <> '' and length(code) <= 40", name=op.f("cell_code_check")),
        sa.CheckConstraint("level between -1 and 4", name=op.f("cell_level_check")),
        sa.PrimaryKeyConstraint("code", name=op.f("cell_pkey")),
    )
    op.create_table(
        "deployment",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("illustrative", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("deployment_single_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("deployment_pkey")),
    )
    op.create_table(
        "failed_sign_in",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("failed_sign_in_pkey")),
    )
    op.create_index(
        op.f("failed_sign_in_account_at_idx"), "failed_sign_in", ["account", "at"], unique=False
    )
    op.create_table(
        "layer_feature",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind in ('road', 'lane', 'rail', 'water', 'wood', 'building', 'hamlet')",
            name=op.f("layer_feature_kind_check"),
        ),
        sa.CheckConstraint(
            "st_isvalid(geom) and not st_isempty(geom) and st_ndims(geom) = 2 and st_xmin(geom) >= -180 and st_xmax(geom) <= 180 and st_ymin(geom) >= -90 and st_ymax(geom) <= 90 and case when geometrytype(geom) in ('LINESTRING', 'MULTILINESTRING') then kind in ('road', 'lane', 'rail', 'water') else geometrytype(geom) in ('POLYGON', 'MULTIPOLYGON') and kind in ('water', 'wood', 'building', 'hamlet') end",
            name=op.f("layer_feature_geom_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("layer_feature_pkey")),
    )
    op.create_index(
        "layer_feature_geom_idx", "layer_feature", ["geom"], unique=False, postgresql_using="gist"
    )
    op.create_index(op.f("layer_feature_source_idx"), "layer_feature", ["source"], unique=False)
    op.create_table(
        "limits",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("limits_pkey")),
    )
    op.create_table(
        "operation",
        sa.Column("op_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("op_id", name=op.f("operation_pkey")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("organisation", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("person_pkey")),
    )
    op.create_table(
        "account",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("one_time", sa.Boolean(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "chief",
                "area_leader",
                "village_leader",
                "unit_worker",
                "centre_staff",
                "planner",
                "department_staff",
                "inspector",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("cell", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["cell"], ["cell.code"], name=op.f("account_cell_fkey")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("account_person_fkey")),
        sa.PrimaryKeyConstraint("name", name=op.f("account_pkey")),
    )
    op.create_table(
        "boundary_defect",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("cells", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=False,
        ),
        sa.Column(
            "found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["parent"], ["cell.code"], name=op.f("boundary_defect_parent_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("boundary_defect_pkey")),
    )
    op.create_index(op.f("boundary_defect_parent_idx"), "boundary_defect", ["parent"], unique=False)
    op.create_table(
        "cell_version",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=False,
        ),
        sa.Column(
            "area_m2",
            sa.Double(),
            sa.Computed("st_area(geom::geography)", persisted=True),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="cell_version_one_a_day",
        ),
        sa.CheckConstraint("not isempty(valid)", name=op.f("cell_version_valid_check")),
        sa.CheckConstraint(
            "st_isvalid(geom) and not st_isempty(geom) and st_ndims(geom) = 2 and st_xmin(geom) >= -180 and st_xmax(geom) <= 180 and st_ymin(geom) >= -90 and st_ymax(geom) <= 90",
            name=op.f("cell_version_geom_check"),
        ),
        sa.ForeignKeyConstraint(["code"], ["cell.code"], name=op.f("cell_version_code_fkey")),
        sa.ForeignKeyConstraint(["parent"], ["cell.code"], name=op.f("cell_version_parent_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cell_version_pkey")),
    )
    op.create_index(
        "cell_version_geom_idx", "cell_version", ["geom"], unique=False, postgresql_using="gist"
    )
    op.create_index(op.f("cell_version_parent_idx"), "cell_version", ["parent"], unique=False)
    op.create_table(
        "cover_tile",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("bits", postgresql.BIT(length=4096), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("cover_tile_person_fkey")),
        sa.PrimaryKeyConstraint("day", "person", "x", "y", name=op.f("cover_tile_pkey")),
    )
    op.create_index(op.f("cover_tile_x_y_day_idx"), "cover_tile", ["x", "y", "day"], unique=False)
    op.create_table(
        "effort_cell_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("inner_seconds", sa.Integer(), nullable=False),
        sa.Column("metres", sa.Double(), nullable=False),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["person.id"], name=op.f("effort_cell_day_person_fkey")
        ),
        sa.PrimaryKeyConstraint("day", "person", "cell", name=op.f("effort_cell_day_pkey")),
    )
    op.create_index(
        op.f("effort_cell_day_cell_day_idx"), "effort_cell_day", ["cell", "day"], unique=False
    )
    op.create_table(
        "effort_tile",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("effort_tile_person_fkey")),
        sa.PrimaryKeyConstraint("day", "person", "x", "y", name=op.f("effort_tile_pkey")),
    )
    op.create_index(op.f("effort_tile_x_y_day_idx"), "effort_tile", ["x", "y", "day"], unique=False)
    op.create_table(
        "fix_batch",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fixes", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fix_batch_person_fkey")),
        sa.PrimaryKeyConstraint("person", "day", "id", name=op.f("fix_batch_pkey")),
    )
    op.create_table(
        "holding",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "chief",
                "area_leader",
                "village_leader",
                "unit_worker",
                "centre_staff",
                "planner",
                "department_staff",
                "inspector",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("deputy_for", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("person"), "="),
            (sa.column("cell"), "="),
            (sa.column("role"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="holding_once_at_a_time",
        ),
        sa.CheckConstraint("not isempty(during)", name=op.f("holding_during_check")),
        sa.ForeignKeyConstraint(["cell"], ["cell.code"], name=op.f("holding_cell_fkey")),
        sa.ForeignKeyConstraint(
            ["deputy_for"], ["person.id"], name=op.f("holding_deputy_for_fkey")
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("holding_person_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("holding_pkey")),
    )
    op.create_index(op.f("holding_cell_idx"), "holding", ["cell"], unique=False)
    op.create_table(
        "issue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column(
            "severity",
            sa.Enum(
                "ordinary",
                "serious",
                "major",
                name="severity",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=False,
        ),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("reporter", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cell", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("notes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "reported",
                "accepted",
                "resolved",
                "closed",
                "rejected",
                "suspended",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("file_due", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_due", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("accuracy_m >= 0", name=op.f("issue_accuracy_check")),
        sa.ForeignKeyConstraint(["cell"], ["cell.code"], name=op.f("issue_cell_fkey")),
        sa.ForeignKeyConstraint(["owner"], ["cell.code"], name=op.f("issue_owner_fkey")),
        sa.ForeignKeyConstraint(["place"], ["cell.code"], name=op.f("issue_place_fkey")),
        sa.ForeignKeyConstraint(["reporter"], ["person.id"], name=op.f("issue_reporter_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("issue_pkey")),
    )
    op.create_index(op.f("issue_cell_idx"), "issue", ["cell"], unique=False)
    op.create_index("issue_geom_idx", "issue", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(
        op.f("issue_next_due_id_idx"),
        "issue",
        ["next_due", "id"],
        unique=False,
        postgresql_where=sa.text("next_due is not null"),
    )
    op.create_index(op.f("issue_owner_idx"), "issue", ["owner"], unique=False)
    op.create_index(op.f("issue_reported_at_idx"), "issue", ["reported_at"], unique=False)
    op.create_table(
        "patrol_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("rule", sa.SmallInteger(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("rejected", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("patrol_day_person_fkey")),
        sa.PrimaryKeyConstraint("day", "person", name=op.f("patrol_day_pkey")),
    )
    op.create_table(
        "patrol_segment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="LINESTRINGM",
                srid=4326,
                dimension=3,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("patrol_segment_person_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("patrol_segment_pkey")),
    )
    op.create_index(op.f("patrol_segment_day_idx"), "patrol_segment", ["day"], unique=False)
    op.create_index(
        "patrol_segment_geom_idx", "patrol_segment", ["geom"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        op.f("patrol_segment_person_day_idx"), "patrol_segment", ["person", "day"], unique=False
    )
    op.create_table(
        "trace",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTILINESTRING",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("trace_person_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("trace_pkey")),
    )
    op.create_index(op.f("trace_person_idx"), "trace", ["person"], unique=False)
    op.create_table(
        "cell_tile",
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("mask", postgresql.BIT(length=4096), nullable=False),
        sa.Column("inner_mask", postgresql.BIT(length=4096), nullable=False),
        sa.Column("due_mask", postgresql.BIT(length=4096), nullable=False),
        sa.Column("ground_cell_m2", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cell"], ["cell_version.id"], name=op.f("cell_tile_cell_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cell", "x", "y", name=op.f("cell_tile_pkey")),
    )
    op.create_index(op.f("cell_tile_x_y_idx"), "cell_tile", ["x", "y"], unique=False)
    op.create_table(
        "credential",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('session', 'token')", name=op.f("credential_kind_check")),
        sa.ForeignKeyConstraint(
            ["account"], ["account.name"], name=op.f("credential_account_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("credential_pkey")),
    )
    op.create_index(op.f("credential_account_idx"), "credential", ["account"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("issue", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reported",
                "accepted",
                "rejected",
                "extended",
                "suspended",
                "resumed",
                "resolved",
                "reopened",
                "closed",
                "warned",
                "escalated",
                "overdue",
                "yellow",
                "red",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "reported",
                "accepted",
                "resolved",
                "closed",
                "rejected",
                "suspended",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra", sa.Interval(), server_default="0", nullable=False),
        sa.Column("skipped", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("provisional", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["issue"], ["issue.id"], name=op.f("ledger_issue_fkey")),
        sa.ForeignKeyConstraint(["owner"], ["cell.code"], name=op.f("ledger_owner_fkey")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("ledger_person_fkey")),
        sa.PrimaryKeyConstraint("issue", "version", name=op.f("ledger_pkey")),
        sa.UniqueConstraint("op_id", name=op.f("ledger_op_id_key")),
    )
    op.create_index(op.f("ledger_at_idx"), "ledger", ["at"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ledger_at_idx"), table_name="ledger")
    op.drop_table("ledger")
    op.drop_index(op.f("credential_account_idx"), table_name="credential")
    op.drop_table("credential")
    op.drop_index(op.f("cell_tile_x_y_idx"), table_name="cell_tile")
    op.drop_table("cell_tile")
    op.drop_index(op.f("trace_person_idx"), table_name="trace")
    op.drop_table("trace")
    op.drop_index(op.f("patrol_segment_person_day_idx"), table_name="patrol_segment")
    op.drop_index("patrol_segment_geom_idx", table_name="patrol_segment", postgresql_using="gist")
    op.drop_index(op.f("patrol_segment_day_idx"), table_name="patrol_segment")
    op.drop_table("patrol_segment")
    op.drop_table("patrol_day")
    op.drop_index(op.f("issue_reported_at_idx"), table_name="issue")
    op.drop_index(op.f("issue_owner_idx"), table_name="issue")
    op.drop_index(
        op.f("issue_next_due_id_idx"),
        table_name="issue",
        postgresql_where=sa.text("next_due is not null"),
    )
    op.drop_index("issue_geom_idx", table_name="issue", postgresql_using="gist")
    op.drop_index(op.f("issue_cell_idx"), table_name="issue")
    op.drop_table("issue")
    op.drop_index(op.f("holding_cell_idx"), table_name="holding")
    op.drop_table("holding")
    op.drop_table("fix_batch")
    op.drop_index(op.f("effort_tile_x_y_day_idx"), table_name="effort_tile")
    op.drop_table("effort_tile")
    op.drop_index(op.f("effort_cell_day_cell_day_idx"), table_name="effort_cell_day")
    op.drop_table("effort_cell_day")
    op.drop_index(op.f("cover_tile_x_y_day_idx"), table_name="cover_tile")
    op.drop_table("cover_tile")
    op.drop_index(op.f("cell_version_parent_idx"), table_name="cell_version")
    op.drop_index("cell_version_geom_idx", table_name="cell_version", postgresql_using="gist")
    op.drop_table("cell_version")
    op.drop_index(op.f("boundary_defect_parent_idx"), table_name="boundary_defect")
    op.drop_table("boundary_defect")
    op.drop_table("account")
    op.drop_table("person")
    op.drop_table("operation")
    op.drop_table("limits")
    op.drop_index(op.f("layer_feature_source_idx"), table_name="layer_feature")
    op.drop_index("layer_feature_geom_idx", table_name="layer_feature", postgresql_using="gist")
    op.drop_table("layer_feature")
    op.drop_index(op.f("failed_sign_in_account_at_idx"), table_name="failed_sign_in")
    op.drop_table("failed_sign_in")
    op.drop_table("deployment")
    op.drop_table("cell")
    op.drop_table("calendar_year")
    op.drop_table("calendar_day")
