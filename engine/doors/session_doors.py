"""The front door to interactive sessions and their statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from engine.model import Job
from engine.sessions import sessions, statements
from engine.sessions.model import Output, Session, Statement


class SessionDoors:
    """The verbs of sessions and statements; `Engine` is where they are asked."""

    engine: SqlEngine
    now: Callable[[], datetime]

    def create_session(self, job: Job, idle_minutes: int | None = None) -> Session:
        """A session under the name of `job`, which says what it is to be; a worker makes it ready.

        Raises AlreadyExists, InvalidInput, ArgumentRefused; NotFound for a connection.
        """
        with writing(self.engine) as connection:
            return sessions.create_session(connection, job, idle_minutes, self.now())

    def get_session(self, session_id: str) -> Session:
        with reading(self.engine) as connection:
            return sessions.get_session(connection, session_id)

    def list_sessions(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Session]:
        """Newest first."""
        with reading(self.engine) as connection:
            return sessions.list_sessions(connection, limit, token)

    def stop_session(self, session_id: str) -> Session:
        """Ask for its end. Raises NotFound, SessionNotActive."""
        with writing(self.engine) as connection:
            return sessions.stop_session(connection, session_id, self.now())

    def delete_session(self, session_id: str) -> None:
        """Also one that goes on, which is ended. Raises NotFound."""
        with writing(self.engine) as connection:
            sessions.delete_session(connection, session_id, self.now())

    def run_statement(self, session_id: str, code: str) -> Statement:
        """Raises NotFound, SessionNotReady, SessionTimedOut."""
        with writing(self.engine) as connection:
            return statements.run_statement(connection, session_id, code, self.now())

    def get_statement(self, session_id: str, number: int) -> Statement:
        with reading(self.engine) as connection:
            return statements.get_statement(connection, session_id, number)

    def list_statements(self, session_id: str, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Statement]:
        """In their order. Raises NotFound."""
        with reading(self.engine) as connection:
            return statements.list_statements(connection, session_id, limit, token)

    def batch_list_statements(
        self, session_ids: Sequence[str], limit: int, token: str | None
    ) -> dict[str, Page[Statement]]:
        """As list_statements, of each of several sessions."""
        with reading(self.engine) as connection:
            return statements.batch_list_statements(connection, session_ids, limit, token)

    def cancel_statement(self, session_id: str, number: int) -> Statement:
        """One that has ended stays as it is. Raises NotFound."""
        with writing(self.engine) as connection:
            return statements.cancel_statement(connection, session_id, number, self.now())

    # what a session's own process and its worker ask, by its run

    def session_of_run(self, run_id: str) -> Session:
        with reading(self.engine) as connection:
            return sessions.of_run(connection, run_id)

    def note_session_ready(self, run_id: str) -> None:
        with writing(self.engine) as connection:
            sessions.note_activity(connection, run_id, self.now())

    def close_idle_session(self, run_id: str) -> bool:
        """Close the session if it is idle for too long; whether it is closed for that."""
        with reading(self.engine) as connection:  # most looks find nothing, and need no lock
            if not sessions.is_idle(connection, run_id, self.now()):
                return False
        with writing(self.engine) as connection:
            return sessions.close_idle(connection, run_id, self.now())

    def take_statement(self, run_id: str) -> Statement | None:
        """The next statement of the session, now RUNNING; None while there is none."""
        with reading(self.engine) as connection:
            if not statements.is_waited_for(connection, run_id):
                return None
        with writing(self.engine) as connection:
            return statements.take_next(connection, run_id, self.now())

    def find_cancelling(self, run_id: str) -> int | None:
        """The number of the statement that is to be interrupted."""
        with reading(self.engine) as connection:
            return statements.find_cancelling(connection, run_id)

    def end_statement(self, run_id: str, number: int, output: Output, interrupted: bool) -> None:
        """Keep what a statement has come to. Raises NotFound."""
        with writing(self.engine) as connection:
            statements.end_statement(connection, run_id, number, output, interrupted, self.now())
