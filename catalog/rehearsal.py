"""Dry runs: a database whose transactions end by being undone, so that the real verbs are rehearsed, and can refuse."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, event


def rehearsing(engine: Engine) -> Engine:
    """`engine`, except that what is written through it is undone where it would be committed."""
    undone = engine.execution_options()
    event.listen(undone, "commit", _undo)
    return undone


def _undo(connection: Connection) -> None:
    connection.connection.rollback()
