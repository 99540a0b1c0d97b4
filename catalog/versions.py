"""Table versions: each definition a table has had, with when, who, through which face and in which run."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select

from catalog import paging, rows
from catalog.errors import InvalidPageToken, NotFound
from catalog.model import Origin, Page, Table, TableVersion


def archive(connection: Connection, table_id: int, version: int, body: str, now: datetime, origin: Origin) -> None:
    """Record that the table's definition is `body` from `now` on."""
    connection.execute(
        insert(rows.table_versions).values(
            table_id=table_id,
            version=version,
            body=body,
            created_at=now,
            face=origin.face,
            principal=origin.principal,
            run_id=origin.run_id,
        )
    )


def get_version(connection: Connection, table_id: int, table: Table, version: int) -> TableVersion:
    """Raises NotFound."""
    c = rows.table_versions.c
    statement = select(rows.table_versions).where(c.table_id == table_id, c.version == version)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound(kind="Version", name=f"{version} of table {table.database}.{table.name}")
    return _version(row, table)


def list_versions(
    connection: Connection, table_id: int, table: Table, limit: int, token: str | None
) -> Page[TableVersion]:
    """Newest first."""
    c = rows.table_versions.c
    statement = select(rows.table_versions).where(c.table_id == table_id).order_by(c.version.desc()).limit(limit + 1)
    before = paging.after("versions", token)
    if before:
        if not re.fullmatch("[0-9]{1,9}", before):
            raise InvalidPageToken()
        statement = statement.where(c.version < int(before))
    found = [_version(row, table) for row in connection.execute(statement).mappings()]
    return paging.page("versions", found, limit, lambda version: str(version.version))


def _version(row: RowMapping, table: Table) -> TableVersion:
    definition = replace(
        msgspec.json.decode(row["body"], type=Table),
        database=table.database,
        name=table.name,
        version=row["version"],
        created_at=table.created_at,
        updated_at=row["created_at"],
    )
    origin = Origin(row["face"], row["principal"], row["run_id"])
    return TableVersion(definition, row["version"], row["created_at"], origin)
