"""Registries: create, get, list, update, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from catalog.db import insert
from catalog.errors import AlreadyExists, LimitReached, NotFound
from catalog.model import Page
from catalog.paging import by_name
from catalog.registry import rows
from catalog.registry.model import DEFAULT_REGISTRY, Registry
from catalog.registry.naming import demand
from catalog.tags import add_tags, delete_tags

LISTING = by_name("registries")
MOST_REGISTRIES = 10  # as in an account of AWS's
_c = rows.registries.c


def create_registry(
    connection: Connection, registry: Registry, now: datetime, tags: Mapping[str, str] | None = None
) -> Registry:
    """Raises AlreadyExists, InvalidInput, LimitReached."""
    demand("Registry name", registry.name)
    if not _insert(connection, registry, now):
        raise AlreadyExists(kind="Registry", name=registry.name)
    others = select(func.count()).select_from(rows.registries).where(_c.name != DEFAULT_REGISTRY)
    if connection.execute(others).scalar_one() > MOST_REGISTRIES:
        raise LimitReached(what="A further registry", limit=MOST_REGISTRIES)
    add_tags(connection, "registry", registry.name, tags)
    return replace(registry, created_at=now, updated_at=now)


def hold_registry(connection: Connection, name: str, now: datetime) -> None:
    """Nobody deletes the registry before this transaction ends. The default one is made if need be; else NotFound."""
    if name == DEFAULT_REGISTRY:
        _insert(connection, Registry(name), now)
    if connection.execute(select(_c.name).where(_c.name == name).with_for_update()).first() is None:
        raise NotFound(kind="Registry", name=name)


def get_registry(connection: Connection, name: str) -> Registry:
    row = connection.execute(select(rows.registries).where(_c.name == name)).first()
    if row is None:
        raise NotFound(kind="Registry", name=name)
    return _registry(row)


def list_registries(connection: Connection, limit: int, token: str | None) -> Page[Registry]:
    statement = select(rows.registries).where(_c.name > LISTING.after(token)).order_by(_c.name).limit(limit + 1)
    return LISTING.page([_registry(row) for row in connection.execute(statement)], limit, lambda each: each.name)


def update_registry(connection: Connection, name: str, description: str, now: datetime) -> Registry:
    """Raises NotFound."""
    named = update(rows.registries).where(_c.name == name)
    connection.execute(named.values(description=description, updated_at=now))
    return get_registry(connection, name)


def delete_registry(connection: Connection, name: str) -> None:
    """Its schemas, with their versions, go with it. Raises NotFound."""
    of = rows.schemas.c
    hold = select(_c.name).where(_c.name == name).with_for_update()
    if connection.execute(hold).first() is None:
        raise NotFound(kind="Registry", name=name)
    schemas = connection.execute(select(of.name).where(of.registry == name)).scalars()
    delete_tags(connection, "schema", [f"{name}/{schema}" for schema in schemas])
    delete_tags(connection, "registry", [name])
    connection.execute(delete(rows.registries).where(_c.name == name))


def _insert(connection: Connection, registry: Registry, now: datetime) -> bool:
    """Whether there was none of the name."""
    values = {"name": registry.name, "description": registry.description, "created_at": now, "updated_at": now}
    statement = insert(connection, rows.registries).values(values).on_conflict_do_nothing()
    return connection.execute(statement).rowcount == 1


def _registry(row: Row[Any]) -> Registry:
    return Registry(row.name, row.description, row.created_at, row.updated_at)
