"""Sessions in a ledger, whose process is the test."""

from __future__ import annotations

from typing import Any

from engine.engine import Engine
from engine.model import SESSION, Job, Outcome, Run
from engine.sessions.model import Output, Session, StatementState
from engine.states import RunState

OWNER = "1:worker"


def asked(name: str = "notebook", **members: Any) -> Job:
    """What a client asks a session to be."""
    return Job(name, "session.py", script_text="", **members)


def ready(engine: Engine, name: str = "notebook", idle_minutes: int | None = None) -> Session:
    """A session that takes statements."""
    made = engine.create_session(asked(name), idle_minutes)
    assert engine.claim_run(OWNER, (SESSION,), made.run.id) is not None
    engine.note_session_ready(made.run.id)
    engine.begin_run(made.run.id, OWNER)
    return engine.get_session(name)


def end(engine: Engine, run: Run, state: RunState, detail: str | None = None) -> None:
    engine.finish_run(run.id, OWNER, Outcome(state, detail))


def work_off(engine: Engine, session: Session) -> list[str]:
    """Carry out what waits, by saying the code back; the code, in the order in which it came."""
    done = []
    while (statement := engine.take_statement(session.run.id)) is not None:
        engine.end_statement(session.run.id, statement.number, Output(statement.code), interrupted=False)
        done.append(statement.code)
    return done


def states(engine: Engine, session_id: str = "notebook") -> list[StatementState]:
    return [statement.state for statement in engine.list_statements(session_id).items]
