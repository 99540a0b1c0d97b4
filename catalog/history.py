"""How a table, or one of its columns, came to be what it is: its versions, each with what it changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import Connection

from catalog.changes import Difference, diff
from catalog.model import Column, Page, Table, TableVersion
from catalog.versions import LISTING, list_versions

_AT_ONCE = 200  # versions that are read together


@dataclass(frozen=True)
class TableChange:
    """A version, and what it changed of the one kept before it; of the first one kept, all that it says is new.

    `exact`: whether the version itself made all of that; otherwise versions before it were deleted, and one of them may
    have. A renamed column is one that was removed, and one that was added: more is not known of it.
    """

    version: TableVersion
    differences: tuple[Difference, ...]
    exact: bool


def list_changes(
    connection: Connection, table_id: int, table: Table, column: str | None, limit: int, token: str | None
) -> Page[TableChange]:
    """Newest first: all, or with `column` those that changed it, data column or partition key."""
    name = column.lower() if column is not None else None
    found = (_change(old, new, name) for old, new in _steps(connection, table_id, table, token))
    wanted = (change for change in found if name is None or change.differences)
    return LISTING.page(list(islice(wanted, limit + 1)), limit, lambda change: change.version.version)


def _steps(
    connection: Connection, table_id: int, table: Table, token: str | None
) -> Iterator[tuple[TableVersion | None, TableVersion]]:
    """Each version behind the one kept before it, newest first."""
    new: TableVersion | None = None
    while True:
        page = list_versions(connection, table_id, table, _AT_ONCE, token)
        for old in page.items:
            if new is not None:
                yield old, new
            new = old
        token = page.next_token
        if token is None:
            break
    if new is not None:
        yield None, new


def _change(old: TableVersion | None, new: TableVersion, column: str | None) -> TableChange:
    before = old.table if old else Table(new.table.database, new.table.name, table_type=new.table.table_type)
    number = old.version if old else -1
    after = new.table
    if column is not None:
        before, after = (_only(each, column) for each in (before, after))
    return TableChange(new, diff(before, after), exact=number == new.version - 1)


def _only(table: Table, column: str) -> Table:
    """A table of nothing but that column."""
    storage = replace(Table("", "").storage, columns=_named(table.storage.columns, column))
    return Table("", "", storage, _named(table.partition_keys, column))


def _named(columns: Sequence[Column], name: str) -> tuple[Column, ...]:
    return tuple(column for column in columns if column.name.lower() == name)
