"""the search index, triggers that note what it is to take in, and what runs read and wrote"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Of each kind of things: its table, what its rows are found by, and of an update whether it changes what is found.
# A migration that makes one of these tables anew (SQLite's batch mode) is to make its triggers anew as well.
_DEFINED = "NEW.body <> OLD.body"
_KINDS = {
    "DATABASE": ("databases", "{row}.id", _DEFINED),
    "TABLE": (
        "tables",
        "{row}.id",
        "NEW.version <> OLD.version OR NEW.name <> OLD.name OR NEW.database_id <> OLD.database_id",
    ),
    "FUNCTION": (
        "functions",
        "{row}.database_id || '/' || {row}.name",
        f"{_DEFINED} OR NEW.name <> OLD.name OR NEW.database_id <> OLD.database_id",
    ),
    "CONNECTION": ("connections", "{row}.name", _DEFINED),
    "CLASSIFIER": ("classifiers", "{row}.name", _DEFINED),
    "CRAWLER": ("crawlers", "{row}.name", _DEFINED),
    "JOB": ("jobs", "{row}.name", _DEFINED),
    "TRIGGER": ("triggers", "{row}.name", _DEFINED),
    "WORKFLOW": ("workflows", "{row}.name", _DEFINED),
}
_BY_BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "run_accesses",
        sa.Column("run_id", sa.Text(), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        *(sa.Column(name, sa.Text(), primary_key=True) for name in ("access", "source")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("database", "name", "place")),
        sa.Column("columns", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_run_accesses_name", "run_accesses", ["database", "name"])
    op.create_index("ix_run_accesses_place", "run_accesses", ["place"])
    op.create_table("search_pending", *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "ref")))
    op.create_table(
        "search_things",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "ref")),
        *(sa.Column(name, _BY_BYTES, nullable=False) for name in ("name", "full_name")),
        sa.Column("database", sa.Text(), nullable=True),
        sa.UniqueConstraint("kind", "ref", name="uq_search_things_kind"),
    )
    for name in ("name", "full_name"):
        op.create_index(f"ix_search_things_{name}", "search_things", [name])
    op.create_table(
        "search_parts",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("hash", sa.Text(), nullable=False, unique=True),
        sa.Column("words", sa.Text(), nullable=False),
    )
    op.create_table(
        "search_members",
        *(sa.Column(name, sa.Integer(), primary_key=True, autoincrement=False) for name in ("part_id", "thing_id")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_members_thing_id", "search_members", ["thing_id"])
    op.create_table(
        "search_words",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("word", _BY_BYTES, nullable=False, unique=True),
        sa.Column("backwards", _BY_BYTES, nullable=False),
    )
    op.create_index("ix_search_words_backwards", "search_words", ["backwards"])
    op.create_table(
        "search_postings",
        *(sa.Column(name, sa.Integer(), primary_key=True, autoincrement=False) for name in ("word_id", "part_id")),
        sa.Column("fields", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    for kind, (table, ref, changed) in _KINDS.items():
        op.execute(
            f"INSERT INTO search_pending (kind, ref) SELECT '{kind}', {ref.format(row=table)} FROM {table}"  # noqa: S608
        )
        _watch(kind, table, ref, changed)


def _watch(kind: str, table: str, ref: str, changed: str) -> None:
    note = f"INSERT INTO search_pending (kind, ref) VALUES ('{kind}', {ref});"  # noqa: S608
    new, old = (note.format(row=row) for row in ("NEW", "OLD"))
    whens = {"INSERT": ("", new), "UPDATE": (f"WHEN ({changed})", f"{old} {new}"), "DELETE": ("", old)}
    for event, (when, noted) in whens.items():
        name = f"search_{table}_{event.lower()}"
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when} BEGIN {noted} END")
            continue
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {noted} RETURN NULL; END $$")
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, _, _ in _KINDS.values():
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER search_{table}_{event}" + (f" ON {table}" if postgresql else ""))
            if postgresql:
                op.execute(f"DROP FUNCTION search_{table}_{event}()")
    for name in ("postings", "words", "members", "parts", "things", "pending"):
        op.drop_table(f"search_{name}")
    op.drop_table("run_accesses")
