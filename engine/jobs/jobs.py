"""Jobs: create, get, list, update, delete; and what a run of one is asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog.connections import get_connection
from catalog.errors import AlreadyExists, NotFound, VersionConflict
from catalog.model import Page
from catalog.paging import by_name
from catalog.prepared import Prepared
from engine import rows
from engine.errors import ConcurrentRunsExceeded
from engine.jobs import environments
from engine.jobs.arguments import demand_size
from engine.jobs.job_rules import checked, checked_arguments, overridden
from engine.jobs.security import encryption_of
from engine.jobs.sizing import asked
from engine.ledger import runs
from engine.model import AS_DEFINED, JOB, Job, JobSpec, Overrides

LISTING = by_name("jobs")

_c = rows.jobs.c
_BY_NAME = select(*_c).where(_c.name == bindparam("job"))
_FOUND = Prepared(_BY_NAME)
_KEPT = Prepared(_BY_NAME.with_for_update(read=True, key_share=True))
_HELD = Prepared(_BY_NAME.with_for_update(key_share=True))
_ALONE = Prepared(_BY_NAME.with_for_update())


def create_job(connection: Connection, job: Job, now: datetime) -> Job:
    """Raises AlreadyExists, InvalidInput."""
    created = replace(checked(job), version=0, created_at=now, updated_at=now)
    try:
        connection.execute(
            insert(rows.jobs).values(name=created.name, body=_body(created), version=0, created_at=now, updated_at=now)
        )
    except IntegrityError as error:
        raise AlreadyExists(kind="Job", name=job.name) from error
    return created


def get_job(connection: Connection, name: str) -> Job:
    row = _FOUND.first(connection, {"job": name})
    if row is None:
        raise NotFound(kind="Job", name=name)
    return _job(row)


def batch_get_jobs(connection: Connection, names: Sequence[str]) -> list[Job]:
    """Those of them that are there."""
    return [_job(row) for row in connection.execute(select(rows.jobs).where(_c.name.in_(names)))]


def list_jobs(connection: Connection, limit: int, token: str | None) -> Page[Job]:
    statement = select(rows.jobs).where(_c.name > LISTING.after(token)).order_by(_c.name).limit(limit + 1)
    found = [_job(row) for row in connection.execute(statement)]
    return LISTING.page(found, limit, lambda job: job.name)


def update_job(connection: Connection, job: Job, now: datetime, expected_version: int | None = None) -> Job:
    """Replace the definition; runs under way keep the one they began with.

    Raises NotFound, VersionConflict, InvalidInput.
    """
    current = get_job(connection, job.name)
    if expected_version is not None and expected_version != current.version:
        raise VersionConflict(kind="Job", name=job.name, expected=expected_version, actual=current.version)
    changed = replace(
        checked(job), version=current.version, created_at=current.created_at, updated_at=current.updated_at
    )
    if changed == current:
        return current
    changed = replace(changed, version=current.version + 1, updated_at=now)
    guarded = update(rows.jobs).where(_c.name == job.name, _c.version == current.version)
    written = guarded.values(body=_body(changed), version=changed.version, updated_at=now)
    if connection.execute(written).rowcount != 1:
        raise VersionConflict(kind="Job", name=job.name, expected=current.version, actual="a later one")
    return changed


def delete_job(connection: Connection, name: str) -> None:
    """Delete the definition and its bookmark; its runs stay on record.

    Raises NotFound; ConcurrentRunsExceeded while one runs.
    """
    _hold(connection, name)
    if running := runs.unfinished(connection, JOB, name):
        raise ConcurrentRunsExceeded(name=name, count=len(running))
    connection.execute(delete(rows.jobs).where(_c.name == name))


def run_spec(
    connection: Connection, name: str, arguments: dict[str, str], overrides: Overrides = AS_DEFINED
) -> JobSpec:
    """What a new run of the job is asked to do.

    Raises NotFound, for whatever the job names as well; InvalidInput, ArgumentRefused; and ConcurrentRunsExceeded if
    the job's maximum is reached and its runs do not wait for each other.
    """
    job = overridden(_held_to_start(connection, name, overrides), overrides)
    if not job.queueing:
        count = runs.count_unfinished(connection, name)
        if count >= job.max_concurrent_runs:
            raise ConcurrentRunsExceeded(name=name, count=count)
    for each in job.connections:
        get_connection(connection, each)
    merged = {**job.default_arguments, **checked_arguments(name, arguments), **job.fixed_arguments}
    place = environments.find_of_job(connection, job.environment)
    spec = JobSpec(job, merged, place, encryption_of(connection, job, merged))
    demand_size(name, spec.arguments)
    asked(spec)
    return spec


def _held_to_start(connection: Connection, name: str, overrides: Overrides) -> Job:
    """The job, which nobody deletes before this transaction ends.

    If its runs do not wait for each other, nobody else starts one either.
    """
    row = _KEPT.first(connection, {"job": name})
    if row is not None and not (_job(row).queueing if overrides.queueing is None else overrides.queueing):
        row = _HELD.first(connection, {"job": name})
    if row is None:
        raise NotFound(kind="Job", name=name)
    return _job(row)


def _hold(connection: Connection, name: str) -> Job:
    """The job, of which nobody can start a run before this transaction ends."""
    row = _ALONE.first(connection, {"job": name})
    if row is None:
        raise NotFound(kind="Job", name=name)
    return _job(row)


def _body(job: Job) -> str:
    return msgspec.json.encode(replace(job, name="", version=0, created_at=None, updated_at=None)).decode()


def _job(row: Any) -> Job:
    return replace(
        msgspec.json.decode(row.body, type=Job),
        name=row.name,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
