"""Versions of schemas: get, find, list, delete. How they come to be is in registrations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select

from catalog.errors import CheckpointKept, DomainError, InvalidInput, NotFound
from catalog.model import Page
from catalog.paging import by_number
from catalog.registry import rows
from catalog.registry.model import SchemaKey, SchemaVersion
from catalog.registry.schemas import AVAILABLE, guard, locate_schema

LISTING = by_number("schema versions", 0)
FIRST = 1
_c = rows.schema_versions.c
_s = rows.schemas.c
_ALL = select(rows.schema_versions, _s.registry, _s.name, _s.format).join_from(rows.schema_versions, rows.schemas)


def get_version(connection: Connection, version_id: str) -> SchemaVersion:
    """Raises NotFound."""
    row = connection.execute(_ALL.where(_c.id == version_id)).first()
    if row is None:
        raise NotFound(kind="Schema version", name=version_id)
    return _version(row)


def get_numbered(connection: Connection, key: SchemaKey, number: int | None) -> SchemaVersion:
    """None: the latest that is available. Raises NotFound, for the schema if that is what is missing."""
    schema_id, _ = locate_schema(connection, key)
    of = _ALL.where(_c.schema_id == schema_id, AVAILABLE if number is None else _c.number == number)
    row = connection.execute(of.order_by(_c.number.desc()).limit(1)).first()
    if row is None:
        raise NotFound(kind="Schema version", name=f"{key.text} {'latest' if number is None else number}")
    return _version(row)


def find_by_digest(connection: Connection, key: SchemaKey, digest: str) -> SchemaVersion | None:
    """The version of that definition; one that is available before one that was not let in."""
    named = _ALL.where(_s.registry == key.registry, _s.name == key.name, _c.digest == digest)
    row = connection.execute(named.order_by(_c.status, _c.number.desc()).limit(1)).first()
    return _version(row) if row else None


def list_versions(connection: Connection, key: SchemaKey, limit: int, token: str | None) -> Page[SchemaVersion]:
    """In the order of their numbers. Raises NotFound."""
    schema_id, _ = locate_schema(connection, key)
    of = _ALL.where(_c.schema_id == schema_id, _c.number > LISTING.after(token))
    found = [_version(row) for row in connection.execute(of.order_by(_c.number).limit(limit + 1))]
    return LISTING.page(found, limit, lambda each: each.number)


def delete_versions(
    connection: Connection, key: SchemaKey, ranges: Iterable[tuple[int, int]]
) -> dict[int, DomainError]:
    """Delete the versions from the first to the last number of each range; those that stay, and why.

    Raises NotFound, VersionConflict; CheckpointKept, with nothing deleted, if one of them is the checkpoint.
    """
    schema_id, schema = locate_schema(connection, key)
    asked = {number for first, last in ranges for number in range(first, min(last, schema.next_version) + 1)}
    asked |= {first for first, _ in ranges}
    if schema.checkpoint in asked:
        raise CheckpointKept(number=schema.checkpoint, name=key.text)
    found = set(connection.execute(_numbers(schema_id)).scalars()) & asked
    refused: dict[int, DomainError] = {
        number: NotFound(kind="Schema version", name=f"{key.text} {number}") for number in sorted(asked - found)
    }
    if FIRST in found:
        refused[FIRST] = InvalidInput(what=f"Deleting version {FIRST}", why="the first one goes with its schema alone.")
    gone = sorted(found - {FIRST})
    if gone:
        guard(connection, schema_id, schema)
        connection.execute(delete(rows.schema_versions).where(_c.schema_id == schema_id, _c.number.in_(gone)))
    return refused


def _numbers(schema_id: int) -> Select[Any]:
    return select(_c.number).where(_c.schema_id == schema_id)


def _version(row: Row[Any]) -> SchemaVersion:
    key = SchemaKey(row.registry, row.name)
    return SchemaVersion(row.id, key, row.format, row.number, row.status, row.definition, row.created_at)
