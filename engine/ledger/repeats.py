"""Repeats: a run that failed, of a job that has retries left, is put in again in the transaction of its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from catalog.errors import NotFound
from engine import rows
from engine.ledger import runs
from engine.model import JOB, Cause, JobSpec, Run
from engine.states import RunState

_c = rows.runs.c


def repeat(connection: Connection, failed: Run, now: datetime) -> Run | None:
    """The next attempt with the same arguments, as the definition stood; None if there is to be none.

    A run whose stop was asked for is not repeated, however it ended.
    """
    if failed.kind != JOB or failed.state is not RunState.FAILED or failed.stop_requested_at is not None:
        return None
    if failed.attempt >= msgspec.json.decode(failed.spec, type=JobSpec).job.max_retries:
        return None
    cause = Cause(failed.trigger_name, failed.workflow_run_id, failed)
    return runs.enqueue(connection, JOB, failed.subject, failed.spec, now, cause)


def get_run_of(connection: Connection, job: str, run_id: str) -> Run:
    """Raises NotFound if there is no such run, or it is another job's."""
    found = runs.find_run(connection, run_id)
    if found is None or (found.kind, found.subject) != (JOB, job):
        raise NotFound(kind="Run", name=f"{run_id} of job {job}")
    return found


def find_repeat(connection: Connection, run_id: str) -> Run | None:
    """The run that repeats the one named."""
    row = connection.execute(select(rows.runs).where(_c.previous_run_id == run_id)).first()
    return runs.of_row(row) if row else None


def batch_list_attempts(connection: Connection, run_ids: Sequence[str]) -> dict[str, list[Run]]:
    """Of each run all attempts that it is one of, the first one first."""
    known: dict[str, Run] = {}
    found = _where(connection, _c.id.in_(run_ids))
    while found := [run for run in found if run.id not in known]:
        known |= {run.id: run for run in found}
        before = [run.previous_run_id for run in found if run.previous_run_id]
        found = _where(connection, _c.id.in_(before) | _c.previous_run_id.in_([run.id for run in found]))
    after = {run.previous_run_id: run.id for run in known.values() if run.previous_run_id}
    return {run_id: _chain(known, after, run_id) for run_id in run_ids if run_id in known}


def _where(connection: Connection, condition: object) -> list[Run]:
    return [runs.of_row(row) for row in connection.execute(select(rows.runs).where(condition))]  # type: ignore[arg-type]


def _chain(known: dict[str, Run], after: dict[str, str], run_id: str) -> list[Run]:
    at = known[run_id]
    while at.previous_run_id in known:
        at = known[at.previous_run_id]
    chain = [at]
    while (following := after.get(chain[-1].id)) is not None:
        chain.append(known[following])
    return chain
