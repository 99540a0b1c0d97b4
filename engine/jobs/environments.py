"""Execution environments, named places where jobs have their executors: create, get, list, update, delete."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.model import Page
from catalog.names import demand_name
from catalog.paging import by_name
from engine import rows
from engine.model import EMBEDDED, Environment
from engine.spark.clusters import cluster_of

LISTING = by_name("environments")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?")

_c = rows.environments.c


def create_environment(connection: Connection, environment: Environment, now: datetime) -> Environment:
    """Raises AlreadyExists, InvalidInput."""
    created = replace(_checked(environment), version=0, created_at=now, updated_at=now)
    values = {"name": created.name, "body": _body(created), "version": 0, "created_at": now, "updated_at": now}
    try:
        connection.execute(insert(rows.environments).values(values))
    except IntegrityError as error:
        raise AlreadyExists(kind="Environment", name=created.name) from error
    return created


def get_environment(connection: Connection, name: str) -> Environment:
    """Raises NotFound."""
    row = connection.execute(select(rows.environments).where(_c.name == name)).first()
    if row is None:
        raise NotFound(kind="Environment", name=name)
    return _environment(row)


def find_of_job(connection: Connection, name: str | None) -> Environment | None:
    """The environment that a job names; None for this machine. Raises NotFound."""
    return None if name in (None, EMBEDDED) else get_environment(connection, name)


def list_environments(connection: Connection, limit: int, token: str | None) -> Page[Environment]:
    statement = select(rows.environments).where(_c.name > LISTING.after(token)).order_by(_c.name).limit(limit + 1)
    found = [_environment(row) for row in connection.execute(statement)]
    return LISTING.page(found, limit, lambda each: each.name)


def update_environment(
    connection: Connection, environment: Environment, now: datetime, expected_version: int | None = None
) -> Environment:
    """Replace the definition; runs that were put in keep the one they have. Raises NotFound, VersionConflict,
    InvalidInput."""
    current = get_environment(connection, environment.name)
    if expected_version is not None and expected_version != current.version:
        raise VersionConflict(kind="Environment", name=current.name, expected=expected_version, actual=current.version)
    kept = {"version": current.version, "created_at": current.created_at, "updated_at": current.updated_at}
    if (changed := replace(_checked(environment), **kept)) == current:  # type: ignore[arg-type]
        return current
    changed = replace(changed, version=current.version + 1, updated_at=now)
    guarded = update(rows.environments).where(_c.name == current.name, _c.version == current.version)
    written = guarded.values(body=_body(changed), version=changed.version, updated_at=now)
    if connection.execute(written).rowcount != 1:
        raise VersionConflict(kind="Environment", name=current.name, expected=current.version, actual="a later one")
    return changed


def delete_environment(connection: Connection, name: str) -> None:
    """Jobs that name it are refused from then on; runs that were put in keep it. Raises NotFound."""
    if connection.execute(delete(rows.environments).where(_c.name == name)).rowcount != 1:
        raise NotFound(kind="Environment", name=name)


def _checked(environment: Environment) -> Environment:
    """Raises InvalidInput."""
    demand_name("environment", environment.name)
    if environment.name == EMBEDDED:
        raise InvalidInput(what=f"environment {EMBEDDED}", why="this machine is known by that name already.")
    cluster_of(environment.master)
    for name in environment.conf:
        if not name.startswith("spark.") or name == "spark.master":
            why = "a setting is named spark.…, and the master is given by itself."
            raise InvalidInput(what=f"setting {name!r} of environment {environment.name}", why=why)
    if not _HOST.fullmatch(environment.driver_host):
        why = "it is the name or address by which executors reach this machine."
        raise InvalidInput(what=f"driver host {environment.driver_host!r}", why=why)
    return environment


def _body(environment: Environment) -> str:
    return msgspec.json.encode(replace(environment, name="", version=0, created_at=None, updated_at=None)).decode()


def _environment(row: Any) -> Environment:
    return replace(
        msgspec.json.decode(row.body, type=Environment),
        name=row.name,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
