"""The front door to tags of what is not a job; a job keeps its own in its definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from sqlalchemy import Connection, Select, select
from sqlalchemy import Engine as SqlEngine

from catalog import rows as catalog_rows
from catalog import tags
from catalog.db import reading, writing
from catalog.errors import NotFound
from catalog.registry import rows as registry_rows
from catalog.tags import Kind
from crawlers import rows as crawler_rows
from engine import rows

TAGGED: tuple[Kind, ...] = get_args(Kind)
_TABLES = {
    "database": catalog_rows.databases,
    "connection": catalog_rows.connections,
    "crawler": crawler_rows.crawlers,
    "trigger": rows.triggers,
    "workflow": rows.workflows,
    "session": rows.sessions,
    "registry": registry_rows.registries,
    "schema": registry_rows.schemas,
}


class TagDoors:
    """The verbs of tags; each raises NotFound for a resource that is not there."""

    engine: SqlEngine

    def get_tags(self, kind: Kind, name: str) -> dict[str, str]:
        with reading(self.engine) as connection:
            return tags.get_tags(connection, kind, _found(connection, kind, name, _named(kind, name)))

    def batch_get_tags(self, kind: Kind, names: Sequence[str]) -> dict[str, dict[str, str]]:
        """Of each of the resources, which are there."""
        with reading(self.engine) as connection:
            return tags.batch_get_tags(connection, kind, names)

    def tagged(self, kind: Kind, names: Sequence[str], wanted: Mapping[str, str] | None) -> list[str]:
        """Those of the resources, which are there, that have all tags `wanted`."""
        if not wanted:
            return list(names)
        with reading(self.engine) as connection:
            found = tags.batch_get_tags(connection, kind, names)
        return [name for name in names if wanted.items() <= found[name].items()]

    def add_tags(self, kind: Kind, name: str, given: Mapping[str, str]) -> None:
        """Raises LimitReached."""
        with writing(self.engine) as connection:
            tags.add_tags(connection, kind, _held(connection, kind, name), given)

    def remove_tags(self, kind: Kind, name: str, names: Iterable[str]) -> None:
        with writing(self.engine) as connection:
            tags.remove_tags(connection, kind, _held(connection, kind, name), names)


def _held(connection: Connection, kind: Kind, name: str) -> str:
    """The resource's name; nobody deletes or tags it before this transaction ends."""
    return _found(connection, kind, name, _named(kind, name).with_for_update())


def _found(connection: Connection, kind: Kind, name: str, statement: Select[str]) -> str:
    found: str | None = connection.execute(statement).scalar()
    if found is None:
        raise NotFound(kind=kind.title(), name=name)
    return found


def _named(kind: Kind, name: str) -> Select[str]:
    c = _TABLES[kind].c
    if kind == "schema":  # whose name is its registry's alone
        registry, _, own = name.partition("/")
        return select(c.registry + "/" + c.name).where(c.registry == registry, c.name == own)
    key = c.id if kind == "session" else c.name
    return select(key).where(key == (name.lower() if kind == "database" else name))
