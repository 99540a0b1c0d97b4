"""Table versions: each definition a table has had, with when, who, through which face and in which run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select

from catalog import rows
from catalog.bodies import table_of
from catalog.errors import InvalidInput, NotFound
from catalog.model import Origin, Page, Table, TableKey, TableVersion
from catalog.paging import by_number, rows_of_each
from catalog.prepared import Prepared

LISTING = by_number("versions", 10**9)

_c = rows.table_versions.c
_BY_NUMBER = Prepared(
    select(rows.table_versions).where(_c.table_id == bindparam("of"), _c.version == bindparam("number"))
)
_INSERT = Prepared(insert(rows.table_versions))


def archive(
    connection: Connection,
    table_id: int,
    version: int,
    body: str,
    now: datetime,
    origin: Origin,
    restored_from: int | None = None,
) -> None:
    """Record that the table's definition is `body` from `now` on."""
    _INSERT.write(
        connection,
        {
            "table_id": table_id,
            "version": version,
            "body": body,
            "created_at": now,
            "face": origin.face,
            "principal": origin.principal,
            "run_id": origin.run_id,
            "restored_from": restored_from,
        },
    )


def get_version(connection: Connection, table_id: int, table: Table, version: int) -> TableVersion:
    """Raises NotFound."""
    row = _BY_NUMBER.first(connection, {"of": table_id, "number": version})
    if row is None:
        raise NotFound(kind="Version", name=f"{version} of table {table.database}.{table.name}")
    return _version(row, table)


def get_version_as_of(connection: Connection, table_id: int, table: Table, instant: datetime) -> TableVersion:
    """The version in force at `instant`. A table's versions tell of it under the name that it has now.

    Raises NotFound if the table was not there yet, or if the version in force may be one that was deleted since;
    InvalidInput for an instant without a time zone.
    """
    found = batch_get_versions_as_of(connection, {table_id: table}, instant)
    if table_id not in found:
        raise NotFound(kind="Version", name=f"as of {instant.isoformat()} of table {table.database}.{table.name}")
    return found[table_id]


def batch_get_versions_as_of(
    connection: Connection, tables: Mapping[int, Table], instant: datetime
) -> dict[int, TableVersion]:
    """As get_version_as_of; leaves out the tables of which there is none. Raises InvalidInput."""
    if instant.tzinfo is None:
        raise InvalidInput(what=f"the time {instant.isoformat()}", why="it has no time zone; write Z after it for UTC.")

    def last(of: int) -> Select[Any]:
        until = select(rows.table_versions).where(_c.table_id == of, _c.created_at <= instant)
        return until.order_by(_c.version.desc()).limit(1)

    found = {of: row for of, each in rows_of_each(connection, tables, last).items() for row in each}
    following = {of: [row.version + 1] for of, row in found.items() if row.version != tables[of].version}
    kept = batch_get_versions(connection, {of: tables[of] for of in following}, following)
    return {of: _version(row, tables[of]) for of, row in found.items() if of not in following or kept[of]}


def delete_versions(connection: Connection, table_id: int, table: Table, versions: Iterable[int]) -> int:
    """How many there were. Raises InvalidInput if the one in force is among `versions`, and deletes none."""
    doomed = set(versions)
    if table.version in doomed:
        what = f"the deletion of version {table.version} of table {table.database}.{table.name}"
        raise InvalidInput(what=what, why="it is the one in force.")
    statement = delete(rows.table_versions).where(_c.table_id == table_id, _c.version.in_(doomed))
    return connection.execute(statement).rowcount


def list_versions(
    connection: Connection, table_id: int, table: Table, limit: int, token: str | None
) -> Page[TableVersion]:
    """Newest first."""
    return batch_list_versions(connection, {table_id: table}, limit, {table_id: token})[table_id]


def batch_list_versions(
    connection: Connection, tables: Mapping[int, Table], limit: int, tokens: Mapping[int, str | None]
) -> dict[int, Page[TableVersion]]:
    """As list_versions, of several tables, each from its own token on."""

    def newest(of: int) -> Select[Any]:
        older = select(rows.table_versions).where(_c.table_id == of, _c.version < LISTING.after(tokens[of]))
        return older.order_by(_c.version.desc()).limit(limit + 1)

    found = rows_of_each(connection, tables, newest)
    return {
        of: LISTING.page([_version(row, table) for row in found[of]], limit, lambda version: version.version)
        for of, table in tables.items()
    }


def batch_get_versions(
    connection: Connection, tables: Mapping[int, Table], wanted: Mapping[int, Iterable[int]]
) -> dict[int, dict[int, TableVersion]]:
    """Those of the wanted versions that are there, of each table by their numbers."""

    def these(of: int) -> Select[Any]:
        return select(rows.table_versions).where(_c.table_id == of, _c.version.in_(sorted(set(wanted[of]))))

    found = rows_of_each(connection, tables, these)
    return {of: {row.version: _version(row, table) for row in found[of]} for of, table in tables.items()}


def batch_get_origins(connection: Connection, tables: Sequence[TableKey]) -> dict[TableKey, Origin]:
    """Who made the version in force, of each of `tables` that is there."""
    t, v = rows.tables.c, rows.table_versions
    joined = rows.named_tables.join(v, (v.c.table_id == t.id) & (v.c.version == t.version))
    statement = select(rows.databases.c.name.label("database"), t.name.label("table"), v).select_from(joined)
    found = connection.execute(statement.where(rows.table_key.in_(tables)))
    return {(row.database, row.table): _origin(row) for row in found}


def _version(row: Row[Any], table: Table) -> TableVersion:
    definition = replace(
        table_of(row.body),
        database=table.database,
        name=table.name,
        version=row.version,
        created_at=table.created_at,
        updated_at=row.created_at,
    )
    return TableVersion(definition, row.version, row.created_at, _origin(row), row.restored_from)


def _origin(row: Row[Any]) -> Origin:
    return Origin(row.face, row.principal, row.run_id)
