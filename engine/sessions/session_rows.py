"""The tables of interactive sessions and of their statements."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from catalog.rows import Instant, metadata

# A session is a run of its own kind, under the name that the client gave it; what it was asked to be is in the run's
# spec. From `closed_at` on it takes no statements. `last_active_at` is when it last had something to do;
# `next_statement` is the number of the statement to come.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("idle_minutes", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_active_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("next_statement", Integer, nullable=False),
    Index("ix_sessions_created_at", "created_at", "id"),
)

# `output` is JSON, of a statement that has ended.
session_statements = Table(
    "session_statements",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("code", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("output", Text),
    Column("started_at", Instant),
    Column("completed_at", Instant),
)
