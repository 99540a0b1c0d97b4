"""What is written when a run is put in or moved: its row and its events, on PostgreSQL in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, Connection, Text, bindparam, insert, select, union_all, update

from catalog.prepared import Prepared
from catalog.rows import Instant
from engine import rows
from engine.events.event_model import MOVE_OF
from engine.model import Run
from engine.states import RunState

_c = rows.runs.c
_PUT_IN = (
    *("id", "kind", "subject", "spec", "state", "attempt", "queued_at"),
    *("previous_run_id", "trigger_name", "workflow_run_id"),
)
_ENQUEUE = Prepared(insert(rows.runs))
_RECORD = Prepared(insert(rows.events))
_GUARD = (_c.id == bindparam("of"), _c.state == bindparam("was"), _c.owner.is_not_distinct_from(bindparam("by")))
_MOVE = Prepared(update(rows.runs).where(*_GUARD).returning(*_c))
_TOLD = ("kind", "subject", "run_id", "at", "old_state", "new_state", "reason")


@dataclass(frozen=True)
class Step:
    """From one state to the next; what is put in has none before."""

    old: RunState | None
    new: RunState
    reason: str | None = None


def put_in(connection: Connection, run: Run, now: datetime) -> None:
    written = {name: getattr(run, name) for name in _PUT_IN}
    steps = (Step(None, run.state),)
    if connection.dialect.name == "postgresql":
        _enqueuing().first(connection, {**_named(written), **_told(run, steps, now)})
        return
    _ENQUEUE.write(connection, written)
    _record(connection, run, steps, now)


def go(
    connection: Connection,
    run: Run,
    owner: str | None,
    changes: Mapping[str, Any],
    steps: Sequence[Step],
    now: datetime,
) -> Any:
    """The run's row after the `changes`; None, and nothing is written, if it is not in its state and `owner`'s."""
    guard = {"of": run.id, "was": run.state, "by": owner}
    if connection.dialect.name == "postgresql":
        moving = _moving(tuple(changes), len(steps))
        return moving.first(connection, {**guard, **_named(changes), **_told(run, steps, now)})
    moved = _MOVE.first(connection, {**guard, **changes})
    if moved is not None:
        _record(connection, run, steps, now)
    return moved


def _record(connection: Connection, run: Run, steps: Sequence[Step], now: datetime) -> None:
    of = {"kind": MOVE_OF[run.kind], "subject": run.subject, "run_id": run.id, "at": now}
    for step in steps:
        _RECORD.write(connection, {**of, "old_state": step.old, "new_state": step.new, "reason": step.reason})


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"to_{name}": value for name, value in values.items()}


def _told(run: Run, steps: Sequence[Step], now: datetime) -> dict[str, Any]:
    told: dict[str, Any] = {"told_kind": MOVE_OF[run.kind], "told_at": now}
    for number, step in enumerate(steps):
        told |= {f"old_{number}": step.old, f"new_{number}": step.new, f"reason_{number}": step.reason}
    return told


@lru_cache
def _enqueuing() -> Prepared:
    put = insert(rows.runs).values({name: bindparam(f"to_{name}") for name in _PUT_IN}).returning(_c.id, _c.subject)
    return _telling(put.cte("moved"), 1)


@lru_cache
def _moving(changed: tuple[str, ...], steps: int) -> Prepared:
    moved = update(rows.runs).where(*_GUARD).values({name: bindparam(f"to_{name}") for name in changed})
    return _telling(moved.returning(*_c).cte("moved"), steps)


def _telling(moved: CTE, steps: int) -> Prepared:
    """The rows that `moved` writes, for each of which so many events are written besides."""
    events = [
        select(
            bindparam("told_kind", type_=Text),
            moved.c.subject,
            moved.c.id,
            bindparam("told_at", type_=Instant),
            *(bindparam(f"{name}_{number}", type_=Text) for name in ("old", "new", "reason")),
        )
        for number in range(steps)
    ]
    described = select(union_all(*events).subquery()) if steps > 1 else events[0]
    told = insert(rows.events).from_select(_TOLD, described).cte("told")
    return Prepared(select(moved).add_cte(told))
