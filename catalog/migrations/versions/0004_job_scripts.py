"""what jobs read and published"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


_READ = ("reasons", "requests", "note")
_BAND_MS = 900_000


def upgrade() -> None:
    for name in _READ:
        op.add_column("run_sources", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("run_sources", sa.Column("committed", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE run_sources SET committed = 1 WHERE run_id IN (SELECT id FROM runs WHERE committed_at IS NOT NULL)"
    )
    op.add_column("bookmarks", sa.Column("note", sa.Text(), nullable=True))
    _rewrite_states(_with_places)
    op.create_table(
        "staged_folders",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_staged_folders_run_id_runs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "location", name="pk_staged_folders"),
    )
    op.create_table(
        "staged_updates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_staged_updates_run_id_runs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_staged_updates"),
    )
    op.create_index("ix_staged_updates_run_id", "staged_updates", ["run_id"])


def downgrade() -> None:
    op.drop_table("staged_updates")
    op.drop_table("staged_folders")
    _rewrite_states(_without_places)
    op.drop_column("bookmarks", "note")
    for name in (*_READ, "committed"):
        op.drop_column("run_sources", name)


def _rewrite_states(rewrite) -> None:
    """Bookmarks keep a state for each context, a run's source has one."""
    bookmarks = sa.table("bookmarks", sa.column("id"), sa.column("state"))
    sources = sa.table("run_sources", sa.column("run_id"), sa.column("context"), sa.column("state"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(bookmarks)).all():
        states = {name: new for name, old in json.loads(row.state).items() if (new := rewrite(old)) is not None}
        changed = sa.update(bookmarks).where(bookmarks.c.id == row.id)
        connection.execute(changed.values(state=json.dumps(states)))
    for row in connection.execute(sa.select(sources).where(sources.c.state.is_not(None))).all():
        state = rewrite(json.loads(row.state))
        changed = sa.update(sources).where(sources.c.run_id == row.run_id, sources.c.context == row.context)
        connection.execute(changed.values(state=None if state is None else json.dumps(state)))


def _with_places(old):
    """What was kept of files, whatever their place: the marks had no times, so they stay as long as any can."""
    high = old["high_ms"]
    return {
        "type": "files",
        "high_ms": high,
        "settled": {"": high - _BAND_MS},
        "seen": dict.fromkeys(old["seen"], high),
    }


def _without_places(new):
    return {"high_ms": new["high_ms"], "seen": list(new.get("seen", {}))} if new["type"] == "files" else None
