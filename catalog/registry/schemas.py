"""Schemas: create, get, list, update, delete. Their versions are those of schema_versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.model import Page
from catalog.paging import Listing
from catalog.registry import rows
from catalog.registry.compatibility import MODES
from catalog.registry.formats import format_of
from catalog.registry.model import Schema, SchemaChange, SchemaKey
from catalog.registry.naming import demand
from catalog.registry.registries import get_registry, hold_registry
from catalog.tags import add_tags, delete_tags

_c = rows.schemas.c
_v = rows.schema_versions.c
AVAILABLE = _v.status == "AVAILABLE"
_LATEST = select(func.max(_v.number)).where(_v.schema_id == _c.id, AVAILABLE).scalar_subquery()
_ALL = select(rows.schemas, _LATEST.label("latest"))


def _key(text: str) -> tuple[str, str]:
    """Raises ValueError."""
    registry, name = text.split("/")
    return registry, name


LISTING = Listing("schemas", ("", ""), read=_key, write="/".join)


def create_schema(
    connection: Connection, schema: Schema, now: datetime, tags: Mapping[str, str] | None = None
) -> tuple[int, Schema]:
    """The id of its row, and the schema, which has no version yet.

    Raises AlreadyExists, InvalidInput, LimitReached; NotFound for the registry, unless it is the default one.
    """
    demand("Schema name", schema.key.name)
    format_of(schema.format)
    _demand_mode(schema.compatibility)
    hold_registry(connection, schema.key.registry, now)
    created = replace(schema, created_at=now, updated_at=now)
    values = {
        "registry": schema.key.registry,
        "name": schema.key.name,
        "format": schema.format,
        "compatibility": schema.compatibility,
        "description": schema.description,
        "checkpoint": schema.checkpoint,
        "next_version": schema.next_version,
        "revision": schema.revision,
        "created_at": now,
        "updated_at": now,
    }
    try:
        schema_id: int = connection.execute(insert(rows.schemas).values(values).returning(_c.id)).scalar_one()
    except IntegrityError as error:
        raise AlreadyExists(kind="Schema", name=schema.key.text) from error
    add_tags(connection, "schema", schema.key.text, tags)
    return schema_id, created


def locate_schema(connection: Connection, key: SchemaKey) -> tuple[int, Schema]:
    """The id of its row, and the schema. Raises NotFound."""
    row = connection.execute(_named(key)).first()
    if row is None:
        raise NotFound(kind="Schema", name=key.text)
    return row.id, _schema(row)


def list_schemas(connection: Connection, registry: str | None, limit: int, token: str | None) -> Page[Schema]:
    """Of one registry, or of all. Raises NotFound for the registry."""
    order = tuple_(_c.registry, _c.name)
    statement = _ALL.where(order > LISTING.after(token)).order_by(_c.registry, _c.name).limit(limit + 1)
    if registry is not None:
        get_registry(connection, registry)
        statement = statement.where(_c.registry == registry)
    found = [_schema(row) for row in connection.execute(statement)]
    return LISTING.page(found, limit, lambda each: (each.key.registry, each.key.name))


def update_schema(connection: Connection, key: SchemaKey, change: SchemaChange, now: datetime) -> Schema:
    """Versions that are there are not compared anew. The checkpoint of another mode is the latest version, unless the
    change tells it.

    Raises InvalidInput, VersionConflict; NotFound for the schema, and for a checkpoint that is no available version.
    """
    if change.compatibility is not None:
        _demand_mode(change.compatibility)
    schema_id, current = locate_schema(connection, key)
    checkpoint = current.checkpoint if change.checkpoint is None else change.checkpoint
    if change.checkpoint is None and change.compatibility not in (None, current.compatibility):
        checkpoint = current.latest or current.checkpoint
    elif change.checkpoint is not None:
        _demand_available(connection, schema_id, key, change.checkpoint)
    changed = replace(
        current,
        description=current.description if change.description is None else change.description,
        compatibility=change.compatibility or current.compatibility,
        checkpoint=checkpoint,
    )
    if changed == current:
        return current
    changed = replace(changed, updated_at=now)
    values = {name: getattr(changed, name) for name in ("description", "compatibility", "checkpoint", "updated_at")}
    return replace(changed, revision=guard(connection, schema_id, current, **values))


def guard(connection: Connection, schema_id: int, seen: Schema, **values: object) -> int:
    """Write to the schema's row, if nobody has changed the schema or its versions since `seen`; its revision now.

    Raises VersionConflict.
    """
    same = update(rows.schemas).where(_c.id == schema_id, _c.revision == seen.revision)
    if connection.execute(same.values(revision=seen.revision + 1, **values)).rowcount != 1:
        actual = connection.execute(select(_c.revision).where(_c.id == schema_id)).scalar()
        raise VersionConflict(kind="Schema", name=seen.key.text, expected=seen.revision, actual=actual)
    return seen.revision + 1


def delete_schema(connection: Connection, key: SchemaKey) -> None:
    """Its versions go with it. Raises NotFound."""
    if not connection.execute(delete(rows.schemas).where(_c.registry == key.registry, _c.name == key.name)).rowcount:
        raise NotFound(kind="Schema", name=key.text)
    delete_tags(connection, "schema", [key.text])


def _demand_mode(mode: str) -> None:
    if mode not in MODES:
        raise InvalidInput(what="Compatibility", why=f"{mode[:40]!r} is none of {', '.join(MODES)}.")


def _demand_available(connection: Connection, schema_id: int, key: SchemaKey, number: int) -> None:
    found = select(_v.id).where(_v.schema_id == schema_id, _v.number == number, AVAILABLE)
    if connection.execute(found).first() is None:
        raise NotFound(kind="Schema version", name=f"{key.text} {number}")


def _named(key: SchemaKey) -> Select[Any]:
    return _ALL.where(_c.registry == key.registry, _c.name == key.name)


def _schema(row: Row[Any]) -> Schema:
    return Schema(
        SchemaKey(row.registry, row.name),
        row.format,
        row.compatibility,
        row.description,
        row.checkpoint,
        row.latest,
        row.next_version,
        row.revision,
        row.created_at,
        row.updated_at,
    )
