"""tags of what is not a job, and security configurations"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resource_tags",
        *(sa.Column(name, sa.Text(), primary_key=True) for name in ("kind", "resource", "name")),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "security_configurations",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    for name in ("security_configurations", "resource_tags"):
        op.drop_table(name)
