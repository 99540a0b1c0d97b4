"""Security configurations, by which jobs ask for encryption: create, get, list, delete; and what a run is to obey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from catalog.errors import AlreadyExists, NotFound
from catalog.model import Page
from catalog.names import demand_name
from catalog.paging import by_name
from engine import rows
from engine.errors import ArgumentRefused
from engine.model import OUTPUT_COMMIT, STAGED, Encryption, Job, SecurityConfiguration

LISTING = by_name("security configurations")
_EVENT_LOGS = "--spark-event-logs-path"
_c = rows.security_configurations.c


def create_configuration(
    connection: Connection, configuration: SecurityConfiguration, now: datetime
) -> SecurityConfiguration:
    """Raises AlreadyExists, InvalidInput."""
    demand_name("Security configuration", configuration.name)
    created = replace(configuration, created_at=now)
    body = msgspec.json.encode(replace(created, name="", created_at=None)).decode()
    try:
        connection.execute(insert(rows.security_configurations).values(name=created.name, body=body, created_at=now))
    except IntegrityError as error:
        raise AlreadyExists(kind="Security configuration", name=created.name) from error
    return created


def get_configuration(connection: Connection, name: str) -> SecurityConfiguration:
    row = connection.execute(select(rows.security_configurations).where(_c.name == name)).first()
    if row is None:
        raise NotFound(kind="Security configuration", name=name)
    return _configuration(row)


def list_configurations(connection: Connection, limit: int, token: str | None) -> Page[SecurityConfiguration]:
    statement = select(rows.security_configurations).where(_c.name > LISTING.after(token)).order_by(_c.name)
    found = [_configuration(row) for row in connection.execute(statement.limit(limit + 1))]
    return LISTING.page(found, limit, lambda each: each.name)


def delete_configuration(connection: Connection, name: str) -> None:
    """Runs that were put in keep what they have to obey; further ones of jobs that name it are refused."""
    if not connection.execute(delete(rows.security_configurations).where(_c.name == name)).rowcount:
        raise NotFound(kind="Security configuration", name=name)


def encryption_of(connection: Connection, job: Job, arguments: Mapping[str, str]) -> Encryption | None:
    """How a run of the job is to have S3 encrypt what it writes.

    Raises NotFound; ArgumentRefused for a run that writes there by other ways than Spark.
    """
    if job.security_configuration is None:
        return None
    found = get_configuration(connection, job.security_configuration).s3
    if found is None:
        return None
    others = {
        "command pythonshell": job.command == "pythonshell",
        f"{OUTPUT_COMMIT} {STAGED}": arguments.get(OUTPUT_COMMIT) == STAGED,
        _EVENT_LOGS: _EVENT_LOGS in arguments,
    }
    for argument, given in others.items():
        if given:
            why = f"{job.security_configuration} has S3 encrypt what Spark writes, and this is written otherwise."
            raise ArgumentRefused(argument=argument, job=job.name, why=why)
    return found


def _configuration(row: Any) -> SecurityConfiguration:
    decoded = msgspec.json.decode(row.body, type=SecurityConfiguration)
    return replace(decoded, name=row.name, created_at=row.created_at)
