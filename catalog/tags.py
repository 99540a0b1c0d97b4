"""Tags of what is not a job, which keeps its own: get, add, remove, delete.

Each is called in the transaction in which the resource itself is read, made or deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from sqlalchemy import Connection, delete, select

from catalog import rows
from catalog.db import insert
from catalog.errors import LimitReached

Kind = Literal["database", "connection", "crawler", "trigger", "workflow", "session", "registry", "schema"]
MOST_TAGS = 50
_c = rows.resource_tags.c


def get_tags(connection: Connection, kind: Kind, resource: str) -> dict[str, str]:
    return batch_get_tags(connection, kind, [resource])[resource]


def batch_get_tags(connection: Connection, kind: Kind, resources: Sequence[str]) -> dict[str, dict[str, str]]:
    """Of each resource, those that have none as well."""
    found: dict[str, dict[str, str]] = {resource: {} for resource in resources}
    statement = select(_c.resource, _c.name, _c.value).where(_c.kind == kind, _c.resource.in_(resources))
    for resource, name, value in connection.execute(statement.order_by(_c.name)):
        found[resource][name] = value
    return found


def add_tags(connection: Connection, kind: Kind, resource: str, tags: Mapping[str, str] | None) -> None:
    """Those of the same names are replaced. Raises LimitReached."""
    if not tags:
        return
    if len(get_tags(connection, kind, resource) | dict(tags)) > MOST_TAGS:
        raise LimitReached(what=f"A further tag of {kind} {resource}", limit=MOST_TAGS)
    given = [{"kind": kind, "resource": resource, "name": name, "value": value} for name, value in tags.items()]
    written = insert(connection, rows.resource_tags).values(given)
    replaced = {"value": written.excluded.value}
    connection.execute(written.on_conflict_do_update(index_elements=["kind", "resource", "name"], set_=replaced))


def remove_tags(connection: Connection, kind: Kind, resource: str, names: Iterable[str]) -> None:
    """Those of the names that are there."""
    connection.execute(
        delete(rows.resource_tags).where(_c.kind == kind, _c.resource == resource, _c.name.in_(list(names)))
    )


def delete_tags(connection: Connection, kind: Kind, resources: Iterable[str]) -> None:
    """All of these resources."""
    connection.execute(delete(rows.resource_tags).where(_c.kind == kind, _c.resource.in_(list(resources))))
