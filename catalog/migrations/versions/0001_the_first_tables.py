"""the first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crawlers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_crawlers")),
    )
    op.create_table(
        "crawls",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("crawler", sa.Text(), nullable=True),
        sa.Column("database", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_crawls")),
    )
    with op.batch_alter_table("crawls", schema=None) as batch_op:
        batch_op.create_index("ix_crawls_crawler", ["crawler", "finished_at"], unique=False)

    op.create_table(
        "databases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_databases")),
        sa.UniqueConstraint("name", name=op.f("uq_databases_name")),
    )
    op.create_table(
        "jobs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_jobs")),
    )
    op.create_table(
        "locks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acquired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locks")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("previous_run_id", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.Column("figures", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index("ix_runs_kind_subject_queued_at", ["kind", "subject", "queued_at"], unique=False)
        batch_op.create_index("ix_runs_state_queued_at", ["state", "queued_at"], unique=False)

    op.create_table(
        "storage_descriptors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_descriptors")),
        sa.UniqueConstraint("hash", name=op.f("uq_storage_descriptors_hash")),
    )
    op.create_table(
        "bookmarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.name"], name=op.f("fk_bookmarks_job_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookmarks")),
        sa.UniqueConstraint("job", "version", name=op.f("uq_bookmarks_job")),
    )
    op.create_table(
        "fires",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_fires_run_id_runs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("kind", "name", "at", name=op.f("pk_fires")),
    )
    op.create_table(
        "functions",
        sa.Column("database_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["database_id"], ["databases.id"], name=op.f("fk_functions_database_id_databases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("database_id", "name", name=op.f("pk_functions")),
    )
    op.create_table(
        "lock_parts",
        sa.Column("lock_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("database", sa.Text(), nullable=False),
        sa.Column("table", sa.Text(), nullable=True),
        sa.Column("partition", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lock_id"], ["locks.id"], name=op.f("fk_lock_parts_lock_id_locks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lock_id", "number", name=op.f("pk_lock_parts")),
    )
    op.create_table(
        "run_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("old_state", sa.Text(), nullable=True),
        sa.Column("new_state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_events_run_id_runs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_events")),
    )
    with op.batch_alter_table("run_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_events_run_id"), ["run_id"], unique=False)

    op.create_table(
        "run_sources",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("selected_files", sa.Integer(), nullable=False),
        sa.Column("skipped_files", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_sources_run_id_runs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "context", name=op.f("pk_run_sources")),
    )
    op.create_table(
        "tables",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("database_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["database_id"], ["databases.id"], name=op.f("fk_tables_database_id_databases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tables")),
        sa.UniqueConstraint("database_id", "name", name=op.f("uq_tables_database_id")),
    )
    with op.batch_alter_table("tables", schema=None) as batch_op:
        batch_op.create_index("ix_tables_location", ["location"], unique=False)

    op.create_table(
        "partitions",
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("storage_id", sa.Integer(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text_0", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("text_1", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("text_2", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("text_3", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("number_0", sa.Numeric(), nullable=True),
        sa.Column("number_1", sa.Numeric(), nullable=True),
        sa.Column("number_2", sa.Numeric(), nullable=True),
        sa.Column("number_3", sa.Numeric(), nullable=True),
        sa.ForeignKeyConstraint(
            ["storage_id"], ["storage_descriptors.id"], name=op.f("fk_partitions_storage_id_storage_descriptors")
        ),
        sa.ForeignKeyConstraint(
            ["table_id"], ["tables.id"], name=op.f("fk_partitions_table_id_tables"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("table_id", "name", name=op.f("pk_partitions")),
    )
    with op.batch_alter_table("partitions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_partitions_number_0",
            ["table_id", "number_0"],
            unique=False,
            sqlite_where=sa.text("number_0 IS NOT NULL"),
            postgresql_where=sa.text("number_0 IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_partitions_number_1",
            ["table_id", "number_1"],
            unique=False,
            sqlite_where=sa.text("number_1 IS NOT NULL"),
            postgresql_where=sa.text("number_1 IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_partitions_number_2",
            ["table_id", "number_2"],
            unique=False,
            sqlite_where=sa.text("number_2 IS NOT NULL"),
            postgresql_where=sa.text("number_2 IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_partitions_number_3",
            ["table_id", "number_3"],
            unique=False,
            sqlite_where=sa.text("number_3 IS NOT NULL"),
            postgresql_where=sa.text("number_3 IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_partitions_text_0",
            ["table_id", "text_0"],
            unique=False,
            sqlite_where=sa.text("text_0 IS NOT NULL"),
            postgresql_where=sa.text("text_0 IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_partitions_text_1",
            ["table_id", "text_1"],
            unique=False,
            sqlite_where=sa.text("text_1 IS NOT NULL"),
            postgresql_where=sa.text("text_1 IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_partitions_text_2",
            ["table_id", "text_2"],
            unique=False,
            sqlite_where=sa.text("text_2 IS NOT NULL"),
            postgresql_where=sa.text("text_2 IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_partitions_text_3",
            ["table_id", "text_3"],
            unique=False,
            sqlite_where=sa.text("text_3 IS NOT NULL"),
            postgresql_where=sa.text("text_3 IS NOT NULL"),
        )

    op.create_table(
        "table_statistics",
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("analyzed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["table_id"], ["tables.id"], name=op.f("fk_table_statistics_table_id_tables"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("table_id", "column", name=op.f("pk_table_statistics")),
    )
    op.create_table(
        "table_versions",
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("face", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("restored_from", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["table_id"], ["tables.id"], name=op.f("fk_table_versions_table_id_tables"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("table_id", "version", name=op.f("pk_table_versions")),
    )
    op.create_table(
        "partition_statistics",
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("analyzed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["table_id", "partition"],
            ["partitions.table_id", "partitions.name"],
            name=op.f("fk_partition_statistics_table_id_partitions"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("table_id", "partition", "column", name=op.f("pk_partition_statistics")),
    )


def downgrade() -> None:
    op.drop_table("partition_statistics")
    op.drop_table("table_versions")
    op.drop_table("table_statistics")
    with op.batch_alter_table("partitions", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_partitions_text_3",
            sqlite_where=sa.text("text_3 IS NOT NULL"),
            postgresql_where=sa.text("text_3 IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_partitions_text_2",
            sqlite_where=sa.text("text_2 IS NOT NULL"),
            postgresql_where=sa.text("text_2 IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_partitions_text_1",
            sqlite_where=sa.text("text_1 IS NOT NULL"),
            postgresql_where=sa.text("text_1 IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_partitions_text_0",
            sqlite_where=sa.text("text_0 IS NOT NULL"),
            postgresql_where=sa.text("text_0 IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_partitions_number_3",
            sqlite_where=sa.text("number_3 IS NOT NULL"),
            postgresql_where=sa.text("number_3 IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_partitions_number_2",
            sqlite_where=sa.text("number_2 IS NOT NULL"),
            postgresql_where=sa.text("number_2 IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_partitions_number_1",
            sqlite_where=sa.text("number_1 IS NOT NULL"),
            postgresql_where=sa.text("number_1 IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_partitions_number_0",
            sqlite_where=sa.text("number_0 IS NOT NULL"),
            postgresql_where=sa.text("number_0 IS NOT NULL"),
        )

    op.drop_table("partitions")
    with op.batch_alter_table("tables", schema=None) as batch_op:
        batch_op.drop_index("ix_tables_location")

    op.drop_table("tables")
    op.drop_table("run_sources")
    with op.batch_alter_table("run_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_run_events_run_id"))

    op.drop_table("run_events")
    op.drop_table("lock_parts")
    op.drop_table("functions")
    op.drop_table("fires")
    op.drop_table("bookmarks")
    op.drop_table("storage_descriptors")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index("ix_runs_state_queued_at")
        batch_op.drop_index("ix_runs_kind_subject_queued_at")

    op.drop_table("runs")
    op.drop_table("locks")
    op.drop_table("jobs")
    op.drop_table("databases")
    with op.batch_alter_table("crawls", schema=None) as batch_op:
        batch_op.drop_index("ix_crawls_crawler")

    op.drop_table("crawls")
    op.drop_table("crawlers")
