"""Sessions: create, get, list, close, delete. Each is a run of its own kind, whose state is the session's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog.connections import get_connection
from catalog.errors import AlreadyExists, InvalidInput, NotFound
from catalog.model import Page
from catalog.paging import newest_first, older
from catalog.tags import add_tags, delete_tags
from engine import rows
from engine.errors import ArgumentRefused, RunNotActive, SessionNotActive
from engine.jobs.arguments import demand_size, demand_supported
from engine.jobs.glue_versions import LONGEST_TIMEOUT
from engine.jobs.job_rules import checked
from engine.jobs.security import encryption_of
from engine.ledger import runs
from engine.model import OUTPUT_COMMIT, SESSION, STAGED, Job, JobSpec, Run
from engine.sessions.model import DEFAULT_MINUTES, UNFINISHED, Session
from engine.states import RunState

COMMANDS: tuple[str, ...] = ("glueetl", "gluestreaming")
_c, _st, _r = rows.sessions.c, rows.session_statements.c, rows.runs.c
_AT_FIRST = {"--enable-glue-datacatalog": "true"}


def place(session: Session) -> tuple[datetime, str]:
    """Where the session stands in the list, of which the newest is the first."""
    return session.created_at, session.id


LISTING = newest_first("sessions")


def create_session(connection: Connection, job: Job, idle_minutes: int | None, now: datetime) -> Session:
    """Put a session in that is what `job` says, with its name and tags; statements see the catalog as Spark's own.

    Without a timeout it is ended after two days, without an idle timeout as late as that.
    Raises AlreadyExists, InvalidInput, ArgumentRefused; NotFound for whatever it names.
    """
    whole = replace(job, timeout_minutes=job.timeout_minutes or DEFAULT_MINUTES, tags={})
    idle = idle_minutes or whole.timeout_minutes or DEFAULT_MINUTES
    _check(whole, idle)
    for each in job.connections:
        get_connection(connection, each)
    arguments = {**_AT_FIRST, **job.default_arguments, "--SESSION_ID": job.name}
    spec = JobSpec(whole, arguments, encryption=encryption_of(connection, whole, arguments))
    run = runs.enqueue(connection, SESSION, job.name, msgspec.json.encode(spec).decode(), now)
    times = {"created_at": now, "last_active_at": now}
    made = insert(rows.sessions).values(id=job.name, run_id=run.id, idle_minutes=idle, next_statement=0, **times)
    try:
        connection.execute(made)
    except IntegrityError as error:
        raise AlreadyExists(kind="Session", name=job.name) from error
    add_tags(connection, "session", job.name, job.tags)
    return Session(job.name, run, idle, now)


def _check(job: Job, idle_minutes: int) -> None:
    try:
        checked(job)
    except InvalidInput as error:
        raise InvalidInput(what=f"session {job.name[:40]}", why=error.why) from error
    for why in _faults(job, idle_minutes):
        raise InvalidInput(what=f"session {job.name}", why=why)
    demand_supported(job.name, job.default_arguments)
    demand_size(job.name, job.default_arguments)
    if job.default_arguments.get(OUTPUT_COMMIT) == STAGED:
        why = "what is staged is published when a run succeeds, and a session is stopped."
        raise ArgumentRefused(argument=f"{OUTPUT_COMMIT} {STAGED}", job=job.name, why=why)


def _faults(job: Job, idle_minutes: int) -> Iterator[str]:
    if job.command not in COMMANDS:
        yield f"its command is {job.command!r}; commands of sessions are {' and '.join(COMMANDS)}."
    if not 1 <= idle_minutes <= LONGEST_TIMEOUT:
        yield f"its idle timeout must be 1 to {LONGEST_TIMEOUT:,} minutes."


def find_session(connection: Connection, session_id: str) -> Session | None:
    row = connection.execute(_with_run().where(_c.id == session_id)).first()
    return None if row is None else _session(row)


def get_session(connection: Connection, session_id: str) -> Session:
    found = find_session(connection, session_id)
    if found is None:
        raise NotFound(kind="Session", name=session_id)
    return found


def of_run(connection: Connection, run_id: str) -> Session:
    """The session that a run is. Raises NotFound, of one that was deleted as well."""
    row = connection.execute(_with_run().where(_c.run_id == run_id)).first()
    if row is None:
        raise NotFound(kind="Session of run", name=run_id)
    return _session(row)


def list_sessions(connection: Connection, limit: int, token: str | None) -> Page[Session]:
    """Newest first."""
    statement = older(_with_run(), _c.created_at, _c.id, LISTING.after(token)).limit(limit + 1)
    return LISTING.page([_session(row) for row in connection.execute(statement)], limit, place)


def stop_session(connection: Connection, session_id: str, now: datetime) -> Session:
    """Ask for its end; from now on it takes no statements. Raises NotFound; SessionNotActive if it ends already."""
    found = get_session(connection, session_id)
    if found.run.finished or not _close(connection, session_id, now):
        raise SessionNotActive(session=session_id, state=found.state)
    _end(connection, found, now)
    return get_session(connection, session_id)


def delete_session(connection: Connection, session_id: str, now: datetime) -> None:
    """Take it away with its statements, and have it end; its run stays on record. Raises NotFound."""
    found = get_session(connection, session_id)
    _close(connection, session_id, now)
    _end(connection, found, now)
    connection.execute(delete(rows.sessions).where(_c.id == session_id))
    delete_tags(connection, "session", [session_id])


def _end(connection: Connection, session: Session, now: datetime) -> None:
    with suppress(RunNotActive):  # it has ended meanwhile
        runs.request_stop(connection, session.run.id, now)


def note_activity(connection: Connection, run_id: str, now: datetime) -> None:
    """The session that a run is has something to do, or has become ready for it."""
    connection.execute(update(rows.sessions).where(_c.run_id == run_id).values(last_active_at=now))


def is_idle(connection: Connection, run_id: str, now: datetime) -> bool:
    """Whether the session that a run is has had nothing to do for longer than it may, or was closed for that."""
    row = connection.execute(_with_run().where(_c.run_id == run_id)).first()
    if row is None:
        return False
    if row.session_closed_at is not None:
        return bool(row.stop_requested_at is None)
    if row.state != RunState.RUNNING or now - row.session_last_active_at < timedelta(minutes=row.session_idle_minutes):
        return False
    busy = select(_st.number).where(_st.session_id == row.session_id, _st.state.in_(sorted(UNFINISHED)))
    return connection.execute(busy.limit(1)).first() is None


def close_idle(connection: Connection, run_id: str, now: datetime) -> bool:
    """Close the session that a run is, if it is idle; whether it is closed for that."""
    # Held, so that no statement is put in between the look and the close.
    connection.execute(select(_c.id).where(_c.run_id == run_id).with_for_update())
    if not is_idle(connection, run_id, now):
        return False
    connection.execute(update(rows.sessions).where(_c.run_id == run_id, _c.closed_at.is_(None)).values(closed_at=now))
    return True


def _close(connection: Connection, session_id: str, now: datetime) -> bool:
    closing = update(rows.sessions).where(_c.id == session_id, _c.closed_at.is_(None))
    return connection.execute(closing.values(closed_at=now)).rowcount == 1


def _with_run() -> Select[Any]:
    own = [column.label(f"session_{column.name}") for column in _c if column.name != "run_id"]
    return select(*own, *_r).join(rows.runs, _r.id == _c.run_id)


def _session(row: Any) -> Session:
    run: Run = runs.of_row(row)
    return Session(row.session_id, run, row.session_idle_minutes, row.session_created_at, row.session_closed_at)
