"""connections and partition indexes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connections",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_connections")),
    )
    op.create_table(
        "connection_secrets",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"],
            ["connections.name"],
            name=op.f("fk_connection_secrets_connection_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection", "name", name=op.f("pk_connection_secrets")),
    )
    op.create_table(
        "partition_indexes",
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("keys", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["table_id"], ["tables.id"], name=op.f("fk_partition_indexes_table_id_tables"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("table_id", "name", name=op.f("pk_partition_indexes")),
    )
    op.create_table(
        "partition_index_values",
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("number", sa.Numeric(), nullable=True),
        sa.ForeignKeyConstraint(
            ["table_id", "partition"],
            ["partitions.table_id", "partitions.name"],
            name=op.f("fk_partition_index_values_table_id_partitions"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("table_id", "partition", "key", name=op.f("pk_partition_index_values")),
    )
    for column in ("text", "number"):
        op.create_index(
            f"ix_partition_index_values_{column}", "partition_index_values", ["table_id", "key", column, "partition"]
        )
    _collate_locations("C")


def downgrade() -> None:
    _collate_locations("default")
    for table in ("partition_index_values", "partition_indexes", "connection_secrets", "connections"):
        op.drop_table(table)


def _collate_locations(collation: str) -> None:
    """Have locations compared by their bytes, as SQLite does anyway, so that their index serves ranges."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f'ALTER TABLE tables ALTER COLUMN location TYPE text COLLATE "{collation}"')
