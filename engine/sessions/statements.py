"""Statements of a session: put in, given to its process one after the other, ended, cancelled; each move is guarded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, insert, select, update

from catalog.errors import NotFound
from catalog.model import Page
from catalog.paging import by_number, rows_of_each
from engine import rows
from engine.errors import SessionNotReady, SessionTimedOut
from engine.ledger.runs import plain
from engine.sessions import sessions
from engine.sessions.model import UNFINISHED, Failure, Output, SessionState, Statement, StatementState
from engine.states import RunState

LARGEST_OUTPUT = 4 * 2**20


LISTING = by_number("statements", -1)
_c, _s, _r = rows.session_statements.c, rows.sessions.c, rows.runs.c
_S = StatementState


def run_statement(connection: Connection, session_id: str, code: str, now: datetime) -> Statement:
    """Put code in behind what is there. Raises NotFound; SessionNotReady, SessionTimedOut."""
    goes_on = (_r.state == RunState.RUNNING) & _r.stop_requested_at.is_(None)
    its_run = select(_r.id).where(_r.id == _s.run_id, goes_on)
    taking = update(rows.sessions).where(_s.id == session_id, _s.closed_at.is_(None), its_run.exists())
    counted = taking.values(next_statement=_s.next_statement + 1, last_active_at=now).returning(_s.next_statement)
    following = connection.execute(counted).scalar()
    if following is None:
        state = sessions.get_session(connection, session_id).state
        refused = SessionTimedOut if state is SessionState.TIMEOUT else SessionNotReady
        raise refused(session=session_id, state=state)
    put_in = Statement(session_id, following - 1, code, _S.WAITING)
    values = {"session_id": session_id, "number": put_in.number, "code": code, "state": _S.WAITING}
    connection.execute(insert(rows.session_statements).values(values))
    return put_in


def get_statement(connection: Connection, session_id: str, number: int) -> Statement:
    """Raises NotFound, for the session as well."""
    row = connection.execute(
        select(rows.session_statements).where(_c.session_id == session_id, _c.number == number)
    ).first()
    if row is None:
        sessions.get_session(connection, session_id)
        raise NotFound(kind="Statement", name=f"{number} of session {session_id}")
    return _statement(row)


def list_statements(connection: Connection, session_id: str, limit: int, token: str | None) -> Page[Statement]:
    """In their order. Raises NotFound."""
    sessions.get_session(connection, session_id)
    later = select(rows.session_statements).where(_c.session_id == session_id, _c.number > LISTING.after(token))
    found = [_statement(row) for row in connection.execute(later.order_by(_c.number).limit(limit + 1))]
    return LISTING.page(found, limit, lambda statement: statement.number)


def batch_list_statements(
    connection: Connection, session_ids: Sequence[str], limit: int, token: str | None
) -> dict[str, Page[Statement]]:
    """As list_statements, of each of several sessions; of one that is not there, none."""
    after = LISTING.after(token)

    def of(session_id: str) -> Select[Any]:
        later = select(rows.session_statements).where(_c.session_id == session_id, _c.number > after)
        return later.order_by(_c.number).limit(limit + 1)

    found = rows_of_each(connection, session_ids, of)
    return {
        session_id: LISTING.page([_statement(row) for row in each], limit, lambda statement: statement.number)
        for session_id, each in found.items()
    }


def cancel_statement(connection: Connection, session_id: str, number: int, now: datetime) -> Statement:
    """One that waits is cancelled at once, of one that runs its process is asked; one that has ended stays as it is.

    Raises NotFound.
    """
    for old, new in ((_S.WAITING, _S.CANCELLED), (_S.RUNNING, _S.CANCELLING)):
        ended = {} if new is _S.CANCELLING else {"completed_at": now, "output": _written(Output())}
        guarded = update(rows.session_statements).where(
            _c.session_id == session_id, _c.number == number, _c.state == old
        )
        connection.execute(guarded.values(state=new, **ended))
    return get_statement(connection, session_id, number)


# what a session's process asks, by its run


def take_next(connection: Connection, run_id: str, now: datetime) -> Statement | None:
    """The statement that comes next, now RUNNING; None while none waits. The process that asks works on none.

    What is RUNNING already was taken by an answer that got lost: it is given again, or it is CANCELLED by now.
    Raises NotFound.
    """
    session_id = sessions.of_run(connection, run_id).id
    mine = _c.session_id == session_id
    given_up = update(rows.session_statements).where(mine, _c.state == _S.CANCELLING)
    connection.execute(given_up.values(state=_S.CANCELLED, completed_at=now, output=_written(Output())))
    lost = connection.execute(select(rows.session_statements).where(mine, _c.state == _S.RUNNING)).first()
    if lost is not None:
        return _statement(lost)
    first = select(func.min(_c.number)).where(mine, _c.state == _S.WAITING).scalar_subquery()
    taking = update(rows.session_statements).where(mine, _c.number == first, _c.state == _S.WAITING)
    row = connection.execute(taking.values(state=_S.RUNNING, started_at=now).returning(rows.session_statements)).first()
    return None if row is None else _statement(row)


def is_waited_for(connection: Connection, run_id: str) -> bool:
    """Whether `take_next` has something to do."""
    mine = select(_c.number).join(rows.sessions, _s.id == _c.session_id).where(_s.run_id == run_id)
    return connection.execute(mine.where(_c.state.in_(sorted(UNFINISHED))).limit(1)).first() is not None


def find_cancelling(connection: Connection, run_id: str) -> int | None:
    """The number of the statement that the session's process is to interrupt."""
    mine = select(_c.number).join(rows.sessions, _s.id == _c.session_id).where(_s.run_id == run_id)
    return connection.execute(mine.where(_c.state == _S.CANCELLING)).scalar()


def end_statement(
    connection: Connection, run_id: str, number: int, output: Output, interrupted: bool, now: datetime
) -> None:
    """Keep what the statement has come to; told twice, it counts once. Raises NotFound."""
    session_id = sessions.of_run(connection, run_id).id
    mine = update(rows.session_statements).where(_c.session_id == session_id, _c.number == number)
    ends = {_S.RUNNING: _S.AVAILABLE, _S.CANCELLING: _S.CANCELLED if interrupted else _S.AVAILABLE}
    for old, new in ends.items():
        values = {"state": new, "output": _written(output), "completed_at": now}
        connection.execute(mine.where(_c.state == old).values(values))
    sessions.note_activity(connection, run_id, now)


def end_all(connection: Connection, run_id: str, state: RunState, reason: str | None, now: datetime) -> None:
    """The session's process has ended, its run in `state`: what waited is CANCELLED, what ran is lost."""
    # Held, so that what is put in at this moment comes before, or is refused.
    closing = update(rows.sessions).where(_s.run_id == run_id).values(closed_at=func.coalesce(_s.closed_at, now))
    session_id = connection.execute(closing.returning(_s.id)).scalar()
    lost = _written(Output(failure=Failure("SessionEnded", reason or "the session has ended", ())))
    stopped = state is RunState.STOPPED
    ends = {_S.WAITING: _S.CANCELLED, _S.RUNNING: _S.CANCELLED if stopped else _S.ERROR, _S.CANCELLING: _S.CANCELLED}
    for old, new in ends.items():
        guarded = update(rows.session_statements).where(_c.session_id == session_id, _c.state == old)
        connection.execute(guarded.values(state=new, completed_at=now, output=lost))


def _written(output: Output) -> str:
    """As text that every database keeps, bounded."""
    failure = output.failure
    if failure is not None:
        lines = tuple(plain(_bounded(line)) for line in failure.traceback)
        failure = Failure(plain(failure.name), plain(_bounded(failure.value)), lines)
    return msgspec.json.encode(Output(plain(_bounded(output.text)), failure)).decode()


def _bounded(text: str) -> str:
    if len(text) <= LARGEST_OUTPUT:
        return text
    return f"{text[:LARGEST_OUTPUT]}\n[isinglass: {len(text) - LARGEST_OUTPUT:,} characters are left out here]"


def _statement(row: Any) -> Statement:
    return Statement(
        row.session_id,
        row.number,
        row.code,
        StatementState(row.state),
        msgspec.json.decode(row.output, type=Output) if row.output else None,
        row.started_at,
        row.completed_at,
    )
