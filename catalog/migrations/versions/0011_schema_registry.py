"""the schema registry"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "registries",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
    )
    op.create_table(
        "schemas",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("registry", sa.Text(), sa.ForeignKey("registries.name", ondelete="CASCADE"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "format", "compatibility")),
        sa.Column("description", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("checkpoint", "next_version", "revision")),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.UniqueConstraint("registry", "name"),
    )
    op.create_table(
        "schema_versions",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("schema_id", sa.Integer(), sa.ForeignKey("schemas.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("status", "definition", "digest")),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.UniqueConstraint("schema_id", "number"),
    )
    op.create_index("ix_schema_versions_digest", "schema_versions", ["schema_id", "digest"])
    op.create_table(
        "schema_version_metadata",
        sa.Column("version_id", sa.Text(), sa.ForeignKey("schema_versions.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), primary_key=True),
        sa.Column("created_at", _INSTANT, nullable=False),
    )


def downgrade() -> None:
    for name in ("schema_version_metadata", "schema_versions", "schemas", "registries"):
        op.drop_table(name)
