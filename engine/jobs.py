"""Jobs: create, get, list, update, delete; and what a run of one is asked to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.model import Page
from catalog.paging import by_name
from engine import rows, runs
from engine.arguments import demand_size
from engine.errors import ConcurrentRunsExceeded
from engine.model import (
    BOOKMARK_DISABLE,
    BOOKMARK_ENABLE,
    BOOKMARK_OPTION,
    BOOKMARK_PAUSE,
    DIRECT,
    JOB,
    OUTPUT_COMMIT,
    STAGED,
    Job,
    JobSpec,
)

LISTING = by_name("jobs")

_c = rows.jobs.c


def create_job(connection: Connection, job: Job, now: datetime) -> Job:
    """Raises AlreadyExists, InvalidInput."""
    created = replace(_checked(job), version=0, created_at=now, updated_at=now)
    try:
        connection.execute(
            insert(rows.jobs).values(name=created.name, body=_body(created), version=0, created_at=now, updated_at=now)
        )
    except IntegrityError as error:
        raise AlreadyExists(kind="Job", name=job.name) from error
    return created


def get_job(connection: Connection, name: str) -> Job:
    row = connection.execute(select(rows.jobs).where(_c.name == name)).mappings().first()
    if row is None:
        raise NotFound(kind="Job", name=name)
    return _job(row)


def list_jobs(connection: Connection, limit: int, token: str | None) -> Page[Job]:
    statement = select(rows.jobs).where(_c.name > LISTING.after(token)).order_by(_c.name).limit(limit + 1)
    found = [_job(row) for row in connection.execute(statement).mappings()]
    return LISTING.page(found, limit, lambda job: job.name)


def update_job(connection: Connection, job: Job, now: datetime, expected_version: int | None = None) -> Job:
    """Replace the definition; runs under way keep the one they began with.

    Raises NotFound, VersionConflict, InvalidInput.
    """
    current = get_job(connection, job.name)
    if expected_version is not None and expected_version != current.version:
        raise VersionConflict(kind="Job", name=job.name, expected=expected_version, actual=current.version)
    changed = replace(
        _checked(job), version=current.version, created_at=current.created_at, updated_at=current.updated_at
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


def run_spec(connection: Connection, name: str, arguments: dict[str, str]) -> JobSpec:
    """What a new run of the job is asked to do. Raises NotFound, InvalidInput, ConcurrentRunsExceeded."""
    job = _hold(connection, name)
    running = runs.unfinished(connection, JOB, name)
    if len(running) >= job.max_concurrent_runs:
        raise ConcurrentRunsExceeded(name=name, count=len(running))
    asked = {**job.default_arguments, **_checked_arguments(name, arguments), **job.fixed_arguments}
    demand_size(name, asked)
    return JobSpec(job, asked)


def _hold(connection: Connection, name: str) -> Job:
    """The job, of which nobody else can start a run before this transaction ends."""
    connection.execute(select(_c.name).where(_c.name == name).with_for_update())
    return get_job(connection, name)


def _checked(job: Job) -> Job:
    if not job.name.strip() or len(job.name) > 255 or not job.name.isprintable():
        raise InvalidInput(what=f"job name {job.name[:40]!r}", why="it must have 1 to 255 printable characters.")
    if job.timeout_minutes < 1 or job.max_concurrent_runs < 1:
        raise InvalidInput(
            what=f"job {job.name}", why="its timeout and its maximum of concurrent runs must be at least 1."
        )
    _checked_arguments(job.name, job.default_arguments)
    _checked_arguments(job.name, job.fixed_arguments)
    demand_size(job.name, {**job.default_arguments, **job.fixed_arguments})
    return job


def _checked_arguments(name: str, arguments: dict[str, str]) -> dict[str, str]:
    for argument in arguments:
        if not argument.startswith("--") or len(argument) < 3:
            raise InvalidInput(what=f"argument {argument!r} of job {name}", why="an argument's name begins with --.")
    option = arguments.get(BOOKMARK_OPTION, BOOKMARK_DISABLE)
    options = (BOOKMARK_ENABLE, BOOKMARK_DISABLE, BOOKMARK_PAUSE)
    if option not in options:
        raise InvalidInput(
            what=f"{BOOKMARK_OPTION} {option!r} of job {name}", why=f"it is one of {', '.join(options)}."
        )
    commit = arguments.get(OUTPUT_COMMIT, DIRECT)
    if commit not in (DIRECT, STAGED):  # a slip of the pen must not publish what was to be staged
        raise InvalidInput(what=f"{OUTPUT_COMMIT} {commit!r} of job {name}", why=f"it is {STAGED} or {DIRECT}.")
    return arguments


def _body(job: Job) -> str:
    return msgspec.json.encode(replace(job, name="", version=0, created_at=None, updated_at=None)).decode()


def _job(row: RowMapping) -> Job:
    return replace(
        msgspec.json.decode(row["body"], type=Job),
        name=row["name"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
