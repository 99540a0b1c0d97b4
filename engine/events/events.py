"""What has happened, as one stream that loses nothing: runs' moves, and beside them what else is told, in one order.

An event is written by the transaction that does what it tells of. Readers go on from a position. On PostgreSQL ids are
given out before it is known which transaction ends first, so events stand in the order of their transactions, and those
of transactions that may still be overtaken are not shown yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from catalog import rows as catalog_rows
from catalog.changes import AlterTable, CatalogChange, CreateTable, DeletePartitions, DeleteTable, PutPartitions
from catalog.db import insert
from catalog.paging import Listing
from catalog.prepared import Prepared
from engine import rows
from engine.events import event_model as model
from engine.events.event_model import EVERYTHING, START, Detail, Event, EventFilter, EventKind, Position
from engine.ledger import runs
from engine.model import JOB, JobSpec, Run
from engine.states import ACTIVE, RunState

_c = rows.events.c
_r = rows.runs.c
_ALL = select(rows.events, _r.started_at, _r.figures).select_from(rows.events.outerjoin(rows.runs))
_SETTLED = cast(cast(literal_column("pg_snapshot_xmin(pg_current_snapshot())"), Text), BigInteger)
_TELL = Prepared(rows.events.insert())
_t, _v = catalog_rows.tables.c, catalog_rows.table_versions.c
_VERSION = Prepared(
    select(_t.version)
    .select_from(
        catalog_rows.named_tables.join(catalog_rows.table_versions, (_v.table_id == _t.id) & (_v.version == _t.version))
    )
    .where(
        catalog_rows.databases.c.name == bindparam("database"),
        _t.name == bindparam("named"),
        _v.run_id == bindparam("by"),
    )
)


def _read_position(text: str) -> Position:
    transaction, _, event = text.partition(" ")
    position = Position(int(transaction), int(event))
    if not (0 <= position.transaction < 1 << 63 and 0 <= position.id < 1 << 63):
        raise ValueError(text)
    return position


LISTING = Listing("events", START, read=_read_position, write=lambda at: f"{at.transaction} {at.id}")


# reading


def list_events(
    connection: Connection, limit: int, after: Position = START, wanted: EventFilter = EVERYTHING
) -> list[Event]:
    """At most `limit` of the wanted events that come after a position, oldest first."""
    found: list[Row[Any]] = []
    if after.transaction == 0:
        unnumbered = _ALL.where(_c.written_in.is_(None), _c.id > after.id, *_clauses(wanted))
        found += connection.execute(unnumbered.order_by(_c.id).limit(limit))
    if connection.dialect.name == "postgresql" and len(found) < limit:
        later = tuple_(_c.written_in, _c.id) > tuple_(after.transaction, after.id)
        numbered = _ALL.where(later, _c.written_in < _SETTLED, *_clauses(wanted))
        found += connection.execute(numbered.order_by(_c.written_in, _c.id).limit(limit - len(found)))
    return [_event(row) for row in found]


def list_last_events(connection: Connection, limit: int, wanted: EventFilter = EVERYTHING) -> list[Event]:
    """The newest `limit` of the wanted events, oldest first."""
    found: list[Row[Any]] = []
    if connection.dialect.name == "postgresql":
        numbered = _ALL.where(_c.written_in < _SETTLED, *_clauses(wanted))
        found += connection.execute(numbered.order_by(_c.written_in.desc(), _c.id.desc()).limit(limit))
    if len(found) < limit:
        unnumbered = _ALL.where(_c.written_in.is_(None), *_clauses(wanted)).order_by(_c.id.desc())
        found += connection.execute(unnumbered.limit(limit - len(found)))
    return [_event(row) for row in reversed(found)]


def ids_after(after: Position, wanted: EventFilter = EVERYTHING) -> Select[tuple[int]]:
    """The ids of the wanted events that come after a position, those too that are not shown yet."""
    later = tuple_(_c.written_in, _c.id) > tuple_(after.transaction, after.id)
    if after.transaction == 0:
        later = or_(later, _c.written_in.is_(None) & (_c.id > after.id))
    return select(_c.id).where(later, *_clauses(wanted))


def end(connection: Connection) -> Position:
    """The position after which all that is still to come stands."""
    newest = list_last_events(connection, 1)
    return newest[0].position if newest else START


def _clauses(wanted: EventFilter) -> list[Any]:
    clauses: list[Any] = []
    if wanted.kinds:
        clauses.append(_c.kind.in_(sorted(wanted.kinds)))
    if wanted.subjects:
        clauses.append(_c.subject.in_(sorted(wanted.subjects)))
    if wanted.since is not None:
        clauses.append(_c.at >= wanted.since)
    return clauses


def _event(row: Row[Any]) -> Event:
    position = Position(row.written_in or 0, row.id)
    return Event(position, row.at, EventKind(row.kind), row.subject, row.run_id, _detail(row))


def _detail(row: Row[Any]) -> Detail:
    if row.body is not None:
        told: Detail = msgspec.json.decode(row.body)
        return told
    state = RunState(row.new_state)
    if row.kind == EventKind.JOB_STATE:
        return model.job_detail(row.subject, row.run_id, state, row.reason)
    if row.kind == EventKind.SESSION_STATE:
        return model.session_detail(row.subject, row.run_id, state, row.reason)
    figures = msgspec.json.decode(row.figures or "{}")
    return model.crawl_detail(row.subject, row.run_id, state, row.reason, figures, row.started_at, row.at)


# telling


def tell(
    connection: Connection, kind: EventKind, subject: str, run_id: str | None, detail: Detail, now: datetime
) -> None:
    """To be called in the transaction that does what is told."""
    body = msgspec.json.encode(detail).decode()
    _TELL.write(connection, {"at": now, "kind": kind, "subject": subject, "run_id": run_id, "body": body})


def tell_workflow_ended(connection: Connection, name: str, workflow_run_id: str, state: str, now: datetime) -> None:
    """Told with how many of its runs ended in each state."""
    of_states = select(_r.state, func.count().label("runs")).group_by(_r.state).order_by(_r.state)
    found = connection.execute(of_states.where(_r.workflow_run_id == workflow_run_id))
    statistics = {row.state: row.runs for row in found}
    detail = model.workflow_detail(name, workflow_run_id, state, statistics)
    tell(connection, EventKind.WORKFLOW_ENDED, name, None, detail, now)


def tell_changes(
    connection: Connection, changes: Iterable[CatalogChange], by: str, run_id: str | None, now: datetime
) -> None:
    """Tell of tables that were made, changed or deleted: `changes` as they were just made, by this transaction.

    `by` is the run that their versions name, or the crawl plan, which is no run: `run_id` is then None. A change that
    made no version, as of parameters that measure, is not told.
    """
    for change in changes:
        match change:
            case CreateTable(table):
                database, name, kind = table.database, table.name, "CreateTable"
                detail = model.database_detail(database, kind, name)
            case DeleteTable(database, name):
                detail = model.database_detail(database, "DeleteTable", name)
            case AlterTable(database, name):
                version = _VERSION.first(connection, {"database": database, "named": name, "by": by})
                if version is None:
                    continue
                detail = model.table_detail(database, name, "UpdateTable", version.version)
            case PutPartitions(database, name, members) if members:
                put = [each.values for each in members]
                detail = model.table_detail(database, name, "BatchCreatePartition", None, put)
            case DeletePartitions(database, name, values) if values:
                detail = model.table_detail(database, name, "BatchDeletePartition", None, values)
            case _:
                continue
        of_database = isinstance(change, CreateTable | DeleteTable)
        kind_of = EventKind.DATABASE_CHANGE if of_database else EventKind.TABLE_CHANGE
        tell(connection, kind_of, f"{database}.{name}", run_id, detail, now)


def find_delayed(connection: Connection, now: datetime) -> list[tuple[Run, int]]:
    """The job runs that go on for longer than their notify delay, in minutes, and were not told of yet."""
    told = select(_c.id).where(_c.run_id == _r.id, _c.kind == EventKind.RUN_DELAYED).exists()
    active = select(rows.runs).where(_r.kind == JOB, _r.state.in_(sorted(ACTIVE)), _r.started_at.is_not(None), ~told)
    found = []
    for row in connection.execute(active.order_by(_r.started_at)):
        minutes = msgspec.json.decode(row.spec, type=JobSpec).job.notify_delay_minutes
        if minutes is not None and (now - row.started_at).total_seconds() >= 60 * minutes:
            found.append((runs.of_row(row), minutes))
    return found


def tell_delayed(connection: Connection, run: Run, minutes: int, now: datetime) -> bool:
    """Once for each run, whoever else tells it at the same time; False if it has been told, or the run has ended."""
    held = select(_r.state).where(_r.id == run.id).with_for_update()
    state = connection.execute(held).scalar()
    if state not in ACTIVE:
        return False
    detail = msgspec.json.encode(model.delay_detail(run, minutes)).decode()
    values = {"at": now, "kind": EventKind.RUN_DELAYED, "subject": run.subject, "run_id": run.id, "body": detail}
    written = insert(connection, rows.events).values(**values).on_conflict_do_nothing().returning(_c.id)
    return connection.execute(written).first() is not None


def number_anew(connection: Connection) -> None:
    """In a database that was restored: its transactions are not those that the events were written in."""
    connection.execute(update(rows.events).values(written_in=None))
    connection.execute(update(rows.webhooks).values(after_transaction=0, lease=None))
