"""tokens, access keys and the audit of what was done by whom; an index of unfinished runs"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("hash", sa.Text(), nullable=False, unique=True),
        *_grant(),
    )
    op.create_table(
        "access_keys",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, unique=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("sealed_by", "sealed")),
        *_grant(),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", _INSTANT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("principal", "face", "operation", "resource")),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"])
    unfinished = sa.text("finished_at IS NULL")
    op.create_index(
        "ix_runs_unfinished",
        "runs",
        ["kind", "subject", "finished_at"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )


def _grant() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("role", sa.Text(), nullable=False),
        *(sa.Column(name, _JSON, nullable=False) for name in ("databases", "job_tags")),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        *(sa.Column(name, _INSTANT, nullable=True) for name in ("expires_at", "used_at")),
    )


def downgrade() -> None:
    op.drop_index("ix_runs_unfinished", "runs")
    for name in ("audit_events", "access_keys", "access_tokens"):
        op.drop_table(name)
