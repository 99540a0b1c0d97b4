"""triggers, workflows, and what a run belongs to"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


# A definition is stored once: a table's own is empty while it is that of the version in force.
_ONCE = """UPDATE tables SET body = '' WHERE body = (
    SELECT v.body FROM table_versions v WHERE v.table_id = tables.id AND v.version = tables.version
)"""
_TWICE = """UPDATE tables SET body = (
    SELECT v.body FROM table_versions v WHERE v.table_id = tables.id AND v.version = tables.version
) WHERE body = ''"""


def upgrade() -> None:
    op.execute(_ONCE)
    op.drop_column("tables", "hash")
    for name in ("trigger_name", "workflow_run_id"):
        op.add_column("runs", sa.Column(name, sa.Text(), nullable=True))
    op.create_index("ix_runs_workflow_run_id", "runs", ["workflow_run_id"])
    op.add_column("runs", sa.Column("memory_mb", sa.Integer(), nullable=True))
    repeats = sa.text("previous_run_id IS NOT NULL")
    op.create_index(
        "ix_runs_previous_run_id", "runs", ["previous_run_id"], sqlite_where=repeats, postgresql_where=repeats
    )
    op.create_table(
        "run_connections",
        sa.Column("run_id", sa.Text(), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("connection", sa.Text(), primary_key=True),
    )
    op.create_table(
        "workers",
        sa.Column("owner", sa.Text(), primary_key=True),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "triggers",
        sa.Column("name", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("type", "state")),
        sa.Column("workflow", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("created_at", "updated_at")),
    )
    op.create_index("ix_triggers_workflow", "triggers", ["workflow"])
    op.create_table(
        "trigger_conditions",
        sa.Column("trigger", sa.Text(), sa.ForeignKey("triggers.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "subject", "state")),
        sa.Column("met_by", sa.Text(), nullable=True),
    )
    op.create_index("ix_trigger_conditions_kind_subject", "trigger_conditions", ["kind", "subject"])
    op.create_table(
        "trigger_events",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("trigger", sa.Text(), sa.ForeignKey("triggers.name", ondelete="CASCADE"), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_trigger_events_trigger", "trigger_events", ["trigger"])
    op.create_table(
        "trigger_fires",
        sa.Column("trigger", sa.Text(), primary_key=True),
        sa.Column("cause", sa.Text(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workflow_run_id", sa.Text(), nullable=True),
        sa.Column("run_ids", sa.Text(), nullable=False),
    )
    op.create_index("ix_trigger_fires_workflow_run_id", "trigger_fires", ["workflow_run_id"])
    op.create_index("ix_trigger_fires_trigger_at", "trigger_fires", ["trigger", "at"])
    op.create_table(
        "ended_runs", sa.Column("run_id", sa.Text(), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    )
    op.create_table(
        "environments",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("created_at", "updated_at")),
    )
    op.create_table(
        "workflows",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("created_at", "updated_at")),
    )
    op.create_table(
        "workflow_runs",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("workflow", "state", "course", "properties")),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("previous_run_id", "detail")),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_workflow_runs_workflow_started_at", "workflow_runs", ["workflow", "started_at"])
    _make_events()


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("written_in", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("old_state", "new_state", "reason", "body")),
    )
    op.execute(
        "INSERT INTO events (at, kind, subject, run_id, old_state, new_state, reason)"
        " SELECT e.at, CASE r.kind WHEN 'job' THEN 'JOB_STATE' ELSE 'CRAWL_STATE' END, r.subject, e.run_id,"
        " e.old_state, e.new_state, e.reason FROM run_events e JOIN runs r ON r.id = e.run_id ORDER BY e.id"
    )
    op.drop_table("run_events")
    op.create_index("ix_events_run_id", "events", ["run_id"])
    numbered, delayed = sa.text("written_in IS NOT NULL"), sa.text("kind = 'RUN_DELAYED'")
    op.create_index(
        "ix_events_written_in", "events", ["written_in", "id"], sqlite_where=numbered, postgresql_where=numbered
    )
    op.create_index(
        "ix_events_run_delayed", "events", ["run_id"], unique=True, sqlite_where=delayed, postgresql_where=delayed
    )
    op.create_table(
        "webhooks",
        sa.Column("name", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("body", "key_id", "sealed")),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("created_at", "updated_at")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("after_transaction", "after_id")),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=True)
            for name in ("next_at", "delivered_at", "lease_until")
        ),
        sa.Column("lease", sa.Text(), nullable=True),
    )


def _unmake_events() -> None:
    op.drop_table("webhooks")
    op.create_table(
        "run_events",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Text(), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("old_state", sa.Text(), nullable=True),
        sa.Column("new_state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
    )
    op.execute(
        "INSERT INTO run_events (run_id, at, old_state, new_state, reason)"
        " SELECT run_id, at, old_state, new_state, reason FROM events WHERE new_state IS NOT NULL ORDER BY id"
    )
    op.create_index("ix_run_events_run_id", "run_events", ["run_id"])
    op.drop_table("events")


def downgrade() -> None:
    op.add_column("tables", sa.Column("hash", sa.Text(), nullable=False, server_default=""))
    op.execute(_TWICE)
    _unmake_events()
    for table in ("workflow_runs", "workflows", "ended_runs", "trigger_fires", "trigger_events", "trigger_conditions"):
        op.drop_table(table)
    op.drop_table("triggers")
    op.drop_table("workers")
    op.drop_table("environments")
    op.drop_table("run_connections")
    op.drop_index("ix_runs_previous_run_id", table_name="runs")
    op.drop_index("ix_runs_workflow_run_id", table_name="runs")
    for name in ("memory_mb", "workflow_run_id", "trigger_name"):
        op.drop_column("runs", name)
