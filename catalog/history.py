"""How a table, or one of its columns, came to be what it is: its versions, each with what it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from catalog.changes import Difference, diff
from catalog.model import Column, Page, Table, TableVersion
from catalog.versions import LISTING, batch_list_versions

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
    return batch_list_changes(connection, {table_id: table}, column, limit, token)[table_id]


def batch_list_changes(
    connection: Connection, tables: Mapping[int, Table], column: str | None, limit: int, token: str | None
) -> dict[int, Page[TableChange]]:
    """As list_changes, of several tables."""
    name = column.lower() if column is not None else None
    walks = {of: _Walk(token) for of in tables}
    while going := {of: walk for of, walk in walks.items() if not walk.ended and len(walk.found) <= limit}:
        at_once = max(limit + 2, _AT_ONCE // len(going))
        tokens = {of: walk.token for of, walk in going.items()}
        pages = batch_list_versions(connection, {of: tables[of] for of in going}, at_once, tokens)
        for of, page in pages.items():
            walks[of] = going[of].on(page, name)
    return {of: LISTING.page(walk.found, limit, lambda each: each.version.version) for of, walk in walks.items()}


@dataclass(frozen=True)
class _Walk:
    """How far a table's versions were gone through, newest first, and the changes met on the way."""

    token: str | None
    newest: TableVersion | None = None  # whose own change is told by the version before it
    found: tuple[TableChange, ...] = ()
    ended: bool = False

    def on(self, page: Page[TableVersion], column: str | None) -> _Walk:
        ended = page.next_token is None
        met = [each for each in (self.newest, *page.items) if each is not None]
        steps: list[tuple[TableVersion | None, TableVersion]] = list(zip(met[1:], met, strict=False))
        if ended and met:
            steps.append((None, met[-1]))
        changes = (_change(old, new, column) for old, new in steps)
        wanted = tuple(change for change in changes if column is None or change.differences)
        return _Walk(page.next_token, met[-1] if met else None, self.found + wanted, ended)


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
