"""crawl plans, classifiers and what a crawler saw"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "crawl_plans",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("crawler", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("applied_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_crawl_plans"),
    )
    op.create_index("ix_crawl_plans_expires_at", "crawl_plans", ["expires_at"])
    op.create_index("ix_crawl_plans_created_at", "crawl_plans", ["created_at", "id"])
    op.create_table(
        "classifiers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_classifiers"),
    )
    op.create_table(
        "crawl_states",
        sa.Column("crawler", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["crawler"], ["crawlers.name"], name="fk_crawl_states_crawler_crawlers", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("crawler", "place", name="pk_crawl_states"),
    )
    op.create_table(
        "object_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("crawler", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["crawler"], ["crawlers.name"], name="fk_object_events_crawler_crawlers", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_object_events"),
    )
    op.create_index("ix_object_events_crawler", "object_events", ["crawler", "id"])


def downgrade() -> None:
    for table in ("object_events", "crawl_states", "classifiers", "crawl_plans"):
        op.drop_table(table)
