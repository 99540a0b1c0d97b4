"""The engine's tables: jobs, runs, workers, what runs read and have staged, bookmarks, fires, triggers, workflows."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from catalog.rows import Instant, metadata
from engine.events.event_rows import events as events
from engine.events.event_rows import webhooks as webhooks
from engine.sessions.session_rows import session_statements as session_statements
from engine.sessions.session_rows import sessions as sessions

jobs = Table(
    "jobs",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

environments = Table(
    "environments",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# One row for each job run, crawl and session. `subject` is the job's, crawler's or session's name (None for a crawl of
# a bare place), `spec` the definition as it stood when the run was put in. `owner` names the process that works on it.
# `trigger_name` is the trigger that put it in, `workflow_run_id` the workflow run it belongs to. `memory_mb` is what it
# was given of its owner's machine.
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
    Column("memory_mb", Integer),
    Index("ix_runs_state_queued_at", "state", "queued_at"),
    Index("ix_runs_kind_subject_queued_at", "kind", "subject", "queued_at"),
    Index(
        "ix_runs_unfinished",
        "kind",
        "subject",
        "finished_at",
        sqlite_where=text("finished_at IS NULL"),
        postgresql_where=text("finished_at IS NULL"),
    ),
    Index(
        "ix_runs_previous_run_id",
        "previous_run_id",
        sqlite_where=text("previous_run_id IS NOT NULL"),
        postgresql_where=text("previous_run_id IS NOT NULL"),
    ),
)

# The processes that work runs off, by what they are known as owners; one that has ended without a word has been silent
# since `seen_at`. `runs` is how many job runs one carries out at once, `memory_mb` what they may have together.
workers = Table(
    "workers",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("runs", Integer, nullable=False),
    Column("memory_mb", Integer),
    Column("seen_at", Instant, nullable=False),
)

# The connections that a run may open beside its job's own: those of the catalog tables that it has asked for.
run_connections = Table(
    "run_connections",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("connection", Text, primary_key=True),
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

# What a run read or wrote (`access`): a catalog table by its names at that time, or a bare place, without names.
# `source` is database.table, or the place as it was told; `place` where the data lie, in the one form in which
# spellings are equal, empty where that is no path or URI. `columns` is a JSON list, null if not known.
run_accesses = Table(
    "run_accesses",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("access", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("database", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("columns", Text),
    Column("at", Instant, nullable=False),
    Index("ix_run_accesses_name", "database", "name"),
    Index("ix_run_accesses_place", "place"),
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

# What makes a trigger fire, and what it starts, is in its `body`.
triggers = Table(
    "triggers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("workflow", Text, index=True),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# What an activated conditional trigger outside of workflows waits for, and the run that met it since the last fire.
trigger_conditions = Table(
    "trigger_conditions",
    metadata,
    Column("trigger", ForeignKey("triggers.name", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("met_by", Text),
    Index("ix_trigger_conditions_kind_subject", "kind", "subject"),
)

# Events that wait for their trigger to fire.
trigger_events = Table(
    "trigger_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("trigger", ForeignKey("triggers.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("event_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# A firing; `cause` is the instant, run or event that decided it, so that none does so twice. `run_ids` is a JSON list.
trigger_fires = Table(
    "trigger_fires",
    metadata,
    Column("trigger", Text, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("workflow_run_id", Text, index=True),
    Column("run_ids", Text, nullable=False),
    Index("ix_trigger_fires_trigger_at", "trigger", "at"),
)

# Runs that have ended and that triggers have not been asked about yet; written where the end is, taken where they fire.
ended_runs = Table(
    "ended_runs",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
)

workflows = Table(
    "workflows",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# `course` holds the triggers as they stood at the begin, and what is kept of the run that it resumes.
workflow_runs = Table(
    "workflow_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("course", Text, nullable=False),
    Column("properties", Text, nullable=False),
    Column("previous_run_id", Text),
    Column("detail", Text),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Index("ix_workflow_runs_workflow_started_at", "workflow", "started_at"),
)

security_configurations = Table(
    "security_configurations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)
