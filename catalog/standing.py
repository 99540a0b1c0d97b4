"""Connections that stay with their engine from one transaction to the next.

To take one from SQLAlchemy's pool and give it back takes several times as long as a small transaction on SQLite, and
another question to PostgreSQL.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, event

_MOST = 4  # that wait for their next transaction; more at once come from the pool and go back to it
_OPTION = "isinglass_standing"


class Standing:
    """The connections of `engine` between transactions, open until it is disposed. Any thread may take one."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._idle: list[Connection] = []
        event.listen(engine, "engine_disposed", self._close)

    def take(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self.engine.connect()

    def give(self, connection: Connection) -> None:
        """Take back a connection whose transaction has ended."""
        if connection.in_transaction() or connection.invalidated or connection.closed or len(self._idle) >= _MOST:
            connection.close()
            return
        if not connection.connection.is_detached:
            connection.detach()  # the pool is for those that are taken when none stands here
        self._idle.append(connection)

    def _close(self, _engine: Engine) -> None:
        while self._idle:
            self._idle.pop().close()


def keep_standing(engine: Engine) -> None:
    engine.update_execution_options(**{_OPTION: Standing(engine)})


def standing(engine: Engine) -> Standing | None:
    """None also for an engine that is derived from another and hears events of its own: it has no connections kept."""
    kept: Standing | None = engine.get_execution_options().get(_OPTION)
    return kept if kept is not None and kept.engine is engine else None
