"""The engine's tables: jobs, runs with their events, what runs read and have staged, bookmarks, and fires."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from catalog.rows import Instant, metadata

jobs = Table(
    "jobs",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# One row for each job run and each crawl. `subject` is the job's or crawler's name (None for a crawl of a bare place),
# `spec` the definition as it stood when the run was put in. `owner` names the process that works on it. `trigger_name`
# is the trigger that put it in, `workflow_run_id` the workflow run it belongs to.
runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text),
    Column("spec", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("previous_run_id", Text),
    Column("detail", Text),
    Column("owner", Text),
    Column("token_hash", Text),
    Column("figures", Text),
    Column("queued_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("heartbeat_at", Instant),
    Column("stop_requested_at", Instant),
    Column("committed_at", Instant),
    Column("trigger_name", Text),
    Column("workflow_run_id", Text, index=True),
    Index("ix_runs_state_queued_at", "state", "queued_at"),
    Index("ix_runs_kind_subject_queued_at", "kind", "subject", "queued_at"),
)

run_events = Table(
    "run_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("old_state", Text),
    Column("new_state", Text, nullable=False),
    Column("reason", Text),
)

# What a run read through one transformation_ctx, and the bookmark state that follows from it if the run succeeds;
# `base_version` is the bookmark's version from which that follows, `committed` says that Job.commit() came after it.
run_sources = Table(
    "run_sources",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("context", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("selected_files", Integer, nullable=False),
    Column("skipped_files", Integer, nullable=False),
    Column("state", Text),
    Column("base_version", Integer),
    Column("reasons", Text),
    Column("requests", Text),
    Column("note", Text),
    Column("committed", Integer),
)

# A hidden folder that a run writes into in place of `location`. `files` are those to publish, set when the run
# succeeds; the row goes once they are published, or the folder of a run that did not succeed is removed.
staged_folders = Table(
    "staged_folders",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("location", Text, primary_key=True),
    Column("folder", Text, nullable=False),
    Column("files", Text),
)

# What the catalog is to take in when the run's staged files are published, in the order of `id`.
staged_updates = Table(
    "staged_updates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("body", Text, nullable=False),
)

# A job's bookmark after each run that moved it; the newest is the one in force.
bookmarks = Table(
    "bookmarks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", ForeignKey("jobs.name", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("run_id", Text),
    Column("state", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text),
    UniqueConstraint("job", "version"),
)

# An instant at which what `kind` and `name` tell was due, and the run that it began; none if the instant was skipped.
fires = Table(
    "fires",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE")),
)
