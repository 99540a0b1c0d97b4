"""Tables: create, get, list, update, rename, delete. A write holds the table's row, so writers follow each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog import rows
from catalog.bodies import UNNAMED, body_of, table_of, with_fields
from catalog.changes import ExpectTable, is_counting
from catalog.databases import get_database_id, hold_database
from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.indexes import demand_keys_kept
from catalog.model import Column, Origin, Page, Parameters, Table, TableKey
from catalog.names import LONGEST_TYPE, fold
from catalog.once import Once
from catalog.paging import by_name, rows_of_each
from catalog.prepared import Prepared
from catalog.removals import Removal, removal_of
from catalog.retention import KEEP_ALL, Retention, prune_versions, retention_of
from catalog.statistics import follow_columns
from catalog.versions import archive, get_version

LISTING = by_name("tables")

# Built once: to build a statement takes longer than to execute it.
_IN_FORCE = (rows.table_versions.c.table_id == rows.tables.c.id) & (
    rows.table_versions.c.version == rows.tables.c.version
)
_ALL = select(
    rows.tables, rows.databases.c.name.label("database"), rows.table_versions.c.body.label("archived")
).select_from(rows.named_tables.outerjoin(rows.table_versions, _IN_FORCE))
_NAMED = _ALL.where(rows.databases.c.name == bindparam("in_database"), rows.tables.c.name == bindparam("named"))
_BY_NAME = Prepared(_NAMED)
_LOCKED = Prepared(_NAMED.with_for_update(of=rows.tables, key_share=True))
_GIVEN = [column for column in rows.tables.c if column.name not in ("id", "database_id")]
_INSERTING = insert(rows.tables).from_select(
    ["database_id", *(column.name for column in _GIVEN)],
    select(rows.databases.c.id, *(bindparam(f"new_{column.name}", type_=column.type) for column in _GIVEN))
    .where(rows.databases.c.name == bindparam("in_database"))
    .with_for_update(read=True, key_share=True),  # a database that is just being deleted is waited for
)
_INSERT = Prepared(_INSERTING)
_INSERT_TOLD = Prepared(_INSERTING.returning(rows.tables.c.id))
_UPDATE = Prepared(
    update(rows.tables).where(rows.tables.c.id == bindparam("of"), rows.tables.c.token == bindparam("held"))
)
AS_ARCHIVED = ""  # the body of a table that says what its version in force says


def create_table(connection: Connection, table: Table, now: datetime, origin: Origin) -> Table:
    """Raises AlreadyExists; NotFound for the database; InvalidInput for names that clash."""
    created = with_fields(checked(table), version=0, token=0, created_at=now, updated_at=now)
    values = {
        "new_name": created.name,
        "new_body": AS_ARCHIVED,
        "new_location": created.storage.location,
        "new_version": 0,
        "new_token": 0,
        "new_created_at": now,
        "new_updated_at": now,
    }
    try:
        table_id = _inserted(connection, {"in_database": created.database, **values})
    except IntegrityError as error:
        raise AlreadyExists(kind="Table", name=f"{created.database}.{created.name}") from error
    if table_id is None:
        raise NotFound(kind="Database", name=created.database)
    archive(connection, table_id, 0, body_of(created), now, origin)
    return created


def _inserted(connection: Connection, values: dict[str, object]) -> int | None:
    """The new row's id; None if the database is not there."""
    if connection.dialect.name == "sqlite":
        return _INSERT.insert(connection, values)
    row = _INSERT_TOLD.first(connection, values)
    return row and int(row.id)


def find_table(connection: Connection, database: str, name: str) -> Table | None:
    row = _BY_NAME.first(connection, _names(database, name))
    return _table(row) if row else None


def get_table(connection: Connection, database: str, name: str) -> Table:
    """Raises NotFound, for the database if that is what is missing."""
    return locate_table(connection, database, name)[1]


def locate_table(connection: Connection, database: str, name: str) -> tuple[int, Table]:
    """The table and its row's id, which its versions and partitions refer to. Raises NotFound as get_table does."""
    row = _BY_NAME.first(connection, _names(database, name))
    if row is None:
        raise _missing(connection, database, name)
    return row.id, _table(row)


def lock_table(connection: Connection, database: str, name: str) -> tuple[int, Table]:
    """As locate_table, of a table that nobody else writes, or gives partitions, before this transaction ends."""
    row = _lock(connection, database, name)
    return row.id, _table(row)


def demand_expected(connection: Connection, expected: ExpectTable) -> None:
    """Raises VersionConflict unless the table is as it was expected, NotFound if it is gone; it is held then, as by
    lock_table."""
    _, table = lock_table(connection, expected.database, expected.table)
    if (table.token, table.created_at) != (expected.token, expected.created_at):
        same = table.created_at == expected.created_at
        actual = table.token if same else f"{table.token} of another table, created at {table.created_at}"
        name = f"{table.database}.{table.name}"
        raise VersionConflict(kind="Table", name=name, expected=expected.token, actual=actual)


def list_tables(
    connection: Connection, database: str, limit: int, token: str | None, fits: Callable[[str], bool] | None = None
) -> Page[Table]:
    """Those whose names fit, or all, in the order of their names. Raises NotFound for the database."""
    c = rows.tables.c
    of, after = get_database_id(connection, database), LISTING.after(token)
    if fits is None:
        statement = _ALL.where(c.database_id == of, c.name > after).order_by(c.name).limit(limit + 1)
    else:
        later = select(c.name).where(c.database_id == of, c.name > after).order_by(c.name)
        names = list(islice(filter(fits, connection.execute(later).scalars()), limit + 1))
        statement = _ALL.where(c.database_id == of, c.name.in_(names)).order_by(c.name)
    found = [_table(row) for row in connection.execute(statement)]
    return LISTING.page(found, limit, lambda table: table.name)


def batch_list_tables(
    connection: Connection, databases: Sequence[str], limit: int, token: str | None
) -> dict[str, Page[Table]]:
    """As list_tables, of several databases; leaves out those that are not there."""
    c, d = rows.tables.c, rows.databases.c
    there = connection.execute(select(d.name, d.id).where(d.name.in_(databases)))
    ids: dict[str, int] = {row.name: row.id for row in there}
    after = LISTING.after(token)

    def first(database: str) -> Select[Any]:
        return _ALL.where(c.database_id == ids[database], c.name > after).order_by(c.name).limit(limit + 1)

    found = rows_of_each(connection, ids, first)
    return {name: LISTING.page([_table(row) for row in found[name]], limit, lambda each: each.name) for name in ids}


def batch_locate_tables(connection: Connection, keys: Sequence[TableKey]) -> dict[TableKey, tuple[int, Table]]:
    """Those that are there, by their databases and names, each with its row's id."""
    found = connection.execute(_ALL.where(rows.table_key.in_(keys)))
    return {(row.database, row.name): (row.id, _table(row)) for row in found}


def batch_get_tables(connection: Connection, ids: Sequence[int]) -> dict[int, Table]:
    """Those that are there, by the ids of their rows."""
    return {row.id: _table(row) for row in connection.execute(_ALL.where(rows.tables.c.id.in_(ids)))}


def list_table_names(connection: Connection, database: str) -> Sequence[str]:
    """In their order. Raises NotFound for the database."""
    c = rows.tables.c
    statement = select(c.name).where(c.database_id == get_database_id(connection, database)).order_by(c.name)
    return connection.execute(statement).scalars().all()


def update_table(
    connection: Connection,
    table: Table,
    now: datetime,
    origin: Origin,
    expected_version: int | None = None,
    expected_token: int | None = None,
    restored_from: int | None = None,
    retention: Retention = KEEP_ALL,
) -> Table:
    """Replace the definition. What changes nothing writes nothing; what only counts makes no version.

    Statistics of columns that go, or change their type, go with it; so do versions that retention does not keep.

    Raises NotFound; VersionConflict if the table is not at the version or token that was expected; InvalidInput for
    names that clash, and for other partition keys while there are partitions, which are named by them.
    """

    def given(current: Table) -> Table:
        for expected, actual in ((expected_version, current.version), (expected_token, current.token)):
            if expected is not None and expected != actual:
                name = f"{table.database}.{table.name}"
                raise VersionConflict(kind="Table", name=name, expected=expected, actual=actual)
        return table

    return revise_table(connection, table.database, table.name, given, now, origin, restored_from, retention)


def revise_table(
    connection: Connection,
    database: str,
    name: str,
    revise: Callable[[Table], Table],
    now: datetime,
    origin: Origin,
    restored_from: int | None = None,
    retention: Retention = KEEP_ALL,
) -> Table:
    """As update_table, by what `revise` makes of the definition that stands: nobody else writes it in between."""
    row = _lock(connection, database, name)
    current = _table(row)
    changed = with_fields(
        checked(revise(current)),
        version=current.version,
        token=current.token,
        created_at=current.created_at,
        updated_at=current.updated_at,
    )
    if changed == current:
        return current
    if changed.key_names != current.key_names and _has_partitions(connection, row.id):
        what = f"a change of the partition keys of {current.database}.{current.name}"
        raise InvalidInput(what=what, why="it has partitions, which are named by them; delete these first.")
    if changed.key_names != current.key_names:
        demand_keys_kept(connection, row.id, current, changed)
    body = body_of(changed)
    if not is_same_definition(changed, current):
        changed = with_fields(changed, version=current.version + 1)
        archive(connection, row.id, changed.version, body, now, origin, restored_from)
        prune_versions(connection, row.id, retention_of(changed, retention), now)
        follow_columns(connection, row.id, current, changed)
        body = AS_ARCHIVED
    changed = with_fields(changed, token=current.token + 1, updated_at=now)
    _write(connection, row, changed, body=body, location=changed.storage.location)
    return changed


def restore_version(
    connection: Connection,
    database: str,
    name: str,
    version: int,
    now: datetime,
    origin: Origin,
    expected_version: int | None = None,
    retention: Retention = KEEP_ALL,
) -> Table:
    """Make a new version that says what an old one said, and is recorded as its restoration.

    Parameters that only count keep their values: they tell of the data, which stay. To restore the definition in force
    writes nothing. Raises what update_table raises, and NotFound for the version.
    """
    table_id, current = lock_table(connection, database, name)
    old = get_version(connection, table_id, current, version).table
    storage = replace(old.storage, parameters=_recounted(old.storage.parameters, current.storage.parameters))
    restored = replace(
        old,
        storage=storage,
        parameters=_recounted(old.parameters, current.parameters),
        last_accessed_at=current.last_accessed_at,
    )
    return update_table(connection, restored, now, origin, expected_version, restored_from=version, retention=retention)


def rename_table(
    connection: Connection, database: str, name: str, new_database: str, new_name: str, now: datetime
) -> Table:
    """Give the table another name or database; versions and partitions go with it. Raises AlreadyExists, NotFound."""
    row = _lock(connection, database, name)
    renamed = replace(
        _table(row),
        database=fold("Database", new_database),
        name=fold("Table", new_name),
        token=row.token + 1,
        updated_at=now,
    )
    try:
        _write(connection, row, renamed, database_id=hold_database(connection, new_database), name=renamed.name)
    except IntegrityError as error:
        raise AlreadyExists(kind="Table", name=f"{new_database}.{new_name}") from error
    return renamed


def delete_table(connection: Connection, database: str, name: str) -> Removal:
    """Delete the table with its versions and partitions; data are never touched. Raises NotFound."""
    table_id, _ = lock_table(connection, database, name)
    doomed = rows.tables.c.id == table_id
    removal = removal_of(connection, doomed)
    connection.execute(delete(rows.tables).where(doomed))
    return removal


def checked(table: Table) -> Table:
    """`table` with its names as the catalog spells them. Raises InvalidInput for names that clash or are no names."""
    columns, names = _spelled(table.storage.columns)
    keys, key_names = _spelled(table.partition_keys)
    if len(names) < len(columns) or len(key_names) < len(keys) or not names.isdisjoint(key_names):
        [(name, count)] = Counter(column.name for column in columns + keys).most_common(1)
        raise InvalidInput(what=f"table {table.name}", why=f"column {name} stands in it {count} times.")
    retention_of(table, KEEP_ALL)
    database, own = fold("Database", table.database), fold("Table", table.name)
    spelled = database, own, columns, keys
    if spelled == (table.database, table.name, table.storage.columns, table.partition_keys):
        return table
    storage = replace(table.storage, columns=columns)
    return replace(table, database=database, name=own, storage=storage, partition_keys=keys)


def is_same_definition(one: Table, other: Table) -> bool:
    """Whether they make no version: all but names, times, version, token and parameters that only count is alike."""
    return _unnamed(_without_counts(one)) == _unnamed(_without_counts(other))


def _without_counts(table: Table) -> Table:
    """`table` itself if nothing in it only counts."""
    if table.last_accessed_at is None and not any(map(is_counting, chain(table.parameters, table.storage.parameters))):
        return table
    storage = replace(table.storage, parameters=_defining(table.storage.parameters))
    return replace(table, storage=storage, parameters=_defining(table.parameters), last_accessed_at=None)


def _defining(parameters: Parameters) -> Parameters:
    return {name: value for name, value in parameters.items() if not is_counting(name)}


def _recounted(defining: Parameters, counting: Parameters) -> Parameters:
    """Parameters that define of the one, with those that only count of the other."""
    return _defining(defining) | {name: value for name, value in counting.items() if is_counting(name)}


def _spell(columns: tuple[Column, ...]) -> tuple[tuple[Column, ...], frozenset[str]]:
    """`columns` as the catalog spells them, themselves if there is nothing to mend; and their names."""
    longest = max([len(column.type) for column in columns], default=0)
    if longest > LONGEST_TYPE:
        column = next(column for column in columns if len(column.type) == longest)
        what = f"the type of column {column.name}"
        raise InvalidInput(what=what, why=f"it is longer than {LONGEST_TYPE} characters.")
    names = [fold("Column", column.name) for column in columns]
    if names == [column.name for column in columns]:
        return columns, frozenset(names)
    mended = tuple(replace(column, name=name) for column, name in zip(columns, names, strict=True))
    return mended, frozenset(names)


_spelled = Once(_spell)


def _unnamed(table: Table) -> Table:
    return with_fields(table, **UNNAMED)


def _state(table: Table) -> dict[str, object]:
    """The columns that every write moves."""
    return {"version": table.version, "token": table.token, "updated_at": table.updated_at}


def _write(connection: Connection, row: Any, table: Table, **changed: object) -> None:
    """Write the columns `changed` and the table's state into the row as it was read."""
    if _UPDATE.write(connection, {"of": row.id, "held": row.token, **_state(table), **changed}) != 1:
        name = f"{table.database}.{table.name}"
        raise VersionConflict(kind="Table", name=name, expected=row.token, actual="a later one")


def _names(database: str, name: str) -> dict[str, str]:
    return {"in_database": database.lower(), "named": name.lower()}


def _lock(connection: Connection, database: str, name: str) -> Any:
    names = _names(database, name)
    row = _LOCKED.first(connection, names)
    if row is not None and not row.body and row.archived is None:
        # PostgreSQL waited for a writer, and sees its row, but not yet the version that it made.
        row = _LOCKED.first(connection, names)
    if row is None:
        raise _missing(connection, database, name)
    return row


def _has_partitions(connection: Connection, table_id: int) -> bool:
    statement = select(rows.partitions.c.name).where(rows.partitions.c.table_id == table_id).limit(1)
    return connection.execute(statement).first() is not None


def _missing(connection: Connection, database: str, name: str) -> NotFound:
    """Raises NotFound itself if it is the database that is missing."""
    get_database_id(connection, database)
    return NotFound(kind="Table", name=f"{database}.{name}")


def _table(row: Any) -> Table:
    return table_of(
        row.body or row.archived,
        database=row.database,
        name=row.name,
        version=row.version,
        token=row.token,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
