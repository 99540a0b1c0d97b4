"""triggers, workflows, and what a run belongs to"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("trigger_name", "workflow_run_id"):
        op.add_column("runs", sa.Column(name, sa.Text(), nullable=True))
    op.create_index("ix_runs_workflow_run_id", "runs", ["workflow_run_id"])


def downgrade() -> None:
    op.drop_index("ix_runs_workflow_run_id", table_name="runs")
    for name in ("workflow_run_id", "trigger_name"):
        op.drop_column("runs", name)
