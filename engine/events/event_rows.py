"""The tables of what has happened, and of where it is told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement

from catalog.rows import Instant, metadata


class _Transaction(ColumnElement[int]):
    """The number of the transaction that writes; on SQLite, where one writes after the other, none."""

    inherit_cache = True
    type = BigInteger()


@compiles(_Transaction)
def _none(_element: _Transaction, _compiler: Any, **_options: Any) -> str:
    return "NULL"


@compiles(_Transaction, "postgresql")
def _current(_element: _Transaction, _compiler: Any, **_options: Any) -> str:
    return "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"


# What has happened, as one stream. A run's move has its states and no body; of what else happened, `body` is the
# detail as JSON. Rows are in the order of `written_in` and `id`: PostgreSQL gives out ids before it is known which
# transaction ends first.
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("written_in", BigInteger, default=_Transaction()),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), index=True),
    Column("old_state", Text),
    Column("new_state", Text),
    Column("reason", Text),
    Column("body", Text),
)
_numbered = events.c.written_in.is_not(None)
Index("ix_events_written_in", events.c.written_in, events.c.id, sqlite_where=_numbered, postgresql_where=_numbered)
_once = events.c.kind == "RUN_DELAYED"
Index("ix_events_run_delayed", events.c.run_id, unique=True, sqlite_where=_once, postgresql_where=_once)

# Where events are sent. Those up to `after_transaction` and `after_id` are dealt with; the next are tried at `next_at`,
# after `failures` in a row, of which the last is `trouble`. `lease` names the process that sends until `lease_until`.
webhooks = Table(
    "webhooks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("after_transaction", BigInteger, nullable=False),
    Column("after_id", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("trouble", Text),
    Column("next_at", Instant),
    Column("delivered_at", Instant),
    Column("lease", Text),
    Column("lease_until", Instant),
)
