"""Metadata of schemas' versions, pairs of a key and a value: put, query, remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from catalog.errors import AlreadyExists, LimitReached, NotFound
from catalog.model import Page
from catalog.paging import Listing
from catalog.registry import rows
from catalog.registry.model import VersionMetadata
from catalog.registry.naming import demand

MOST_PAIRS = 10
_c = rows.schema_version_metadata.c


def _pair(text: str) -> tuple[str, str]:
    """Raises ValueError."""
    key, value = text.split("\n")
    return key, value


LISTING = Listing("schema version metadata", ("", ""), read=_pair, write="\n".join)


def put_metadata(connection: Connection, version_id: str, new: VersionMetadata, now: datetime) -> VersionMetadata:
    """Raises NotFound for the version; AlreadyExists, InvalidInput, LimitReached."""
    demand("Metadata key", new.key)
    demand("Metadata value", new.value)
    held = select(rows.schema_versions.c.id).where(rows.schema_versions.c.id == version_id).with_for_update()
    if connection.execute(held).first() is None:
        raise NotFound(kind="Schema version", name=version_id)
    there = {(row.key, row.value) for row in connection.execute(_select(version_id))}
    if (new.key, new.value) in there:
        raise AlreadyExists(
            kind="Metadata", name=f"{new.key}={new.value}", version=version_id, key=new.key, value=new.value
        )
    if len(there) >= MOST_PAIRS:
        raise LimitReached(what="Further metadata of a schema version", limit=MOST_PAIRS)
    values = {"version_id": version_id, "key": new.key, "value": new.value, "created_at": now}
    connection.execute(insert(rows.schema_version_metadata).values(values))
    return replace(new, created_at=now)


def query_metadata(
    connection: Connection,
    version_id: str,
    wanted: Sequence[tuple[str | None, str | None]],
    limit: int,
    token: str | None,
) -> Page[VersionMetadata]:
    """The pairs that fit one of `wanted`, of which None fits all; all pairs if none is wanted. By key and value."""
    after = LISTING.after(token)
    found = [
        VersionMetadata(row.key, row.value, row.created_at)
        for row in connection.execute(_select(version_id))
        if (row.key, row.value) > after
        and (not wanted or any(key in (None, row.key) and value in (None, row.value) for key, value in wanted))
    ]
    found.sort(key=lambda each: (each.key, each.value))
    return LISTING.page(found, limit, lambda each: (each.key, each.value))


def remove_metadata(connection: Connection, version_id: str, key: str, value: str) -> None:
    """Raises NotFound."""
    gone = delete(rows.schema_version_metadata).where(_c.version_id == version_id, _c.key == key, _c.value == value)
    if not connection.execute(gone).rowcount:
        raise NotFound(kind="Metadata", name=f"{key}={value}")


def _select(version_id: str) -> Select[Any]:
    return select(rows.schema_version_metadata).where(_c.version_id == version_id)
