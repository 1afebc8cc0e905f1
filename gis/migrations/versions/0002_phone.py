"""Phone: photos of issues, declared patrols, places."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("place_name_check")),
        sa.CheckConstraint(
            "not st_isempty(geom) and st_ndims(geom) = 2 and st_x(geom) between -180 and 180 and st_y(geom) between -90 and 90",
            name=op.f("place_geom_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("place_pkey")),
    )
    op.create_index("place_geom_idx", "place", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(op.f("place_source_idx"), "place", ["source"], unique=False)
    op.create_table(
        "media",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("media_sha256_check")),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("media_account_fkey")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("media_pkey")),
    )
    op.create_table(
        "issue_media",
        sa.Column("issue", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue", "version"],
            ["ledger.issue", "ledger.version"],
            name=op.f("issue_media_issue_fkey"),
        ),
        sa.ForeignKeyConstraint(["sha256"], ["media.sha256"], name=op.f("issue_media_sha256_fkey")),
        sa.PrimaryKeyConstraint("issue", "version", "position", name=op.f("issue_media_pkey")),
    )
    op.create_index(op.f("issue_media_sha256_idx"), "issue_media", ["sha256"], unique=False)
    op.create_index(op.f("issue_reporter_idx"), "issue", ["reporter"], unique=False)
    op.add_column("fix_batch", sa.Column("patrol", sa.Uuid(), nullable=True))
    op.create_index(op.f("ledger_recorded_at_idx"), "ledger", ["recorded_at"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ledger_recorded_at_idx"), table_name="ledger")
    op.drop_column("fix_batch", "patrol")
    op.drop_index(op.f("issue_reporter_idx"), table_name="issue")
    op.drop_index(op.f("issue_media_sha256_idx"), table_name="issue_media")
    op.drop_table("issue_media")
    op.drop_table("media")
    op.drop_index(op.f("place_source_idx"), table_name="place")
    op.drop_index("place_geom_idx", table_name="place", postgresql_using="gist")
    op.drop_table("place")
