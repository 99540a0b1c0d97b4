"""Changes as data: to one table's definition, to the catalog as a whole, and the difference of two definitions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from catalog import types
from catalog.errors import InvalidInput, InvalidType
from catalog.model import Column, Parameters, Partition, StorageDescriptor, Table

# Parameters that measure the data or name who looked last. They say nothing about the definition, so a change of
# them alone makes no version.
COUNTING = frozenset(
    [
        "recordCount",
        "averageRecordSize",
        "objectCount",
        "sizeKey",
        "CRAWL_RUN_ID",
        "UPDATED_BY_CRAWLER",
        "numRows",
        "numFiles",
        "totalSize",
        "rawDataSize",
        "numFilesErasureCoded",
        "numPartitions",
        "COLUMN_STATS_ACCURATE",
        "STATS_GENERATED",
        "STATS_GENERATED_VIA_STATS_TASK",
        "transient_lastDdlTime",
        "last_modified_time",
        "last_modified_by",
    ]
)
COUNTING_PREFIX = "spark.sql.statistics."


def is_counting(parameter: str) -> bool:
    return parameter in COUNTING or parameter.startswith(COUNTING_PREFIX)


# ── changes to one table ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class AddColumn:
    """Append a column to the data columns."""

    column: Column


@dataclass(frozen=True)
class DropColumn:
    name: str


@dataclass(frozen=True)
class RetypeColumn:
    name: str
    type: str


@dataclass(frozen=True)
class SetParameters:
    """Set `values` and remove the names in `removed`; with `on_storage`, on the storage descriptor as well."""

    values: Parameters = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    on_storage: bool = False


@dataclass(frozen=True)
class SetStorage:
    """Replace formats, SerDe, location and the like; the columns stay."""

    storage: StorageDescriptor


@dataclass(frozen=True)
class SetPartitionKeys:
    keys: tuple[Column, ...]


Change = AddColumn | DropColumn | RetypeColumn | SetParameters | SetStorage | SetPartitionKeys


def apply(table: Table, change: Change) -> Table:
    """`table` after `change`. Raises InvalidInput for a column that is not there, or is to be added and is there."""
    columns = table.storage.columns
    match change:
        case AddColumn(column):
            if any(column.name.lower() == other.name.lower() for other in table.all_columns):
                raise InvalidInput(what=f"column {column.name}", why=f"table {table.name} has it already.")
            return table.with_columns((*columns, column))
        case DropColumn(name):
            dropped = _demand(table, name)
            return table.with_columns(tuple(column for column in columns if column is not dropped))
        case RetypeColumn(name, kind):
            meant = _demand(table, name)
            return table.with_columns(
                tuple(replace(column, type=kind) if column is meant else column for column in columns)
            )
        case SetParameters(values, removed, on_storage):
            table = replace(table, parameters=_merged(table.parameters, values, removed))
            if on_storage:
                storage = replace(table.storage, parameters=_merged(table.storage.parameters, values, removed))
                table = replace(table, storage=storage)
            return table
        case SetStorage(storage):
            return replace(table, storage=replace(storage, columns=columns))
        case SetPartitionKeys(keys):
            return replace(table, partition_keys=keys)
        case _:
            assert_never(change)


def apply_all(table: Table, changes: Iterable[Change]) -> Table:
    for change in changes:
        table = apply(table, change)
    return table


def _demand(table: Table, name: str) -> Column:
    found = next((column for column in table.storage.columns if column.name.lower() == name.lower()), None)
    if found is None:
        raise InvalidInput(what=f"column {name}", why=f"table {table.name} has no such column.")
    return found


def _merged(parameters: Parameters, values: Parameters, removed: tuple[str, ...]) -> Parameters:
    return {name: value for name, value in {**parameters, **values}.items() if name not in removed}


# ── changes to the catalog ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class CreateTable:
    table: Table
    partitions: tuple[Partition, ...] = ()


@dataclass(frozen=True)
class AlterTable:
    """`changes` to an existing table. With `expected_token`, refused if the table was written since."""

    database: str
    name: str
    changes: tuple[Change, ...]
    expected_token: int | None = None


@dataclass(frozen=True)
class PutPartitions:
    """Create partitions, or replace those that exist."""

    database: str
    table: str
    partitions: tuple[Partition, ...]


@dataclass(frozen=True)
class DeletePartitions:
    database: str
    table: str
    values: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class DeleteTable:
    database: str
    name: str


@dataclass(frozen=True)
class IndexPartitions:
    """Have a partition index of this name over `keys`, whatever there was; without keys, have none of this name."""

    database: str
    table: str
    name: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class ExpectTable:
    """No change: what comes with it is refused if the table was written since it had `token`, or is another one of
    that name, which counts its tokens anew. A change of partitions alone does not move the token."""

    database: str
    table: str
    token: int
    created_at: datetime | None

    @staticmethod
    def of(table: Table) -> ExpectTable:
        return ExpectTable(table.database, table.name, table.token, table.created_at)


CatalogChange = (
    CreateTable | AlterTable | PutPartitions | DeletePartitions | DeleteTable | IndexPartitions | ExpectTable
)


# ── the difference of two definitions ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Difference:
    """One thing in which two definitions differ. `old` is None for what was added, `new` for what was removed.

    `breaking`: a reader of the old definition may fail or read something else.
    """

    path: str
    old: str | None
    new: str | None
    breaking: bool


def diff(old: Table, new: Table) -> tuple[Difference, ...]:
    """All that the step from `old` to `new` changes; empty if and only if it makes no version."""
    found = _column_differences("columns", old.storage.columns, new.storage.columns)
    found += _column_differences("partitionKeys", old.partition_keys, new.partition_keys, keys=True)
    before, after = _plain(old), _plain(new)
    found += [
        Difference(path, before[path], after[path], breaking)
        for path, breaking in _PLAIN.items()
        if before[path] != after[path]
    ]
    of_serde = old.storage.serde.parameters, new.storage.serde.parameters
    found += _parameter_differences("serde.parameters", *of_serde, True, all=True)
    found += _parameter_differences("storage.parameters", old.storage.parameters, new.storage.parameters, False)
    found += _parameter_differences("parameters", old.parameters, new.parameters, False)
    return tuple(found)


# The parts of a definition that are one text, and whether a change of it is breaking.
_PLAIN = {
    "location": True,
    "inputFormat": True,
    "outputFormat": False,
    "serde": True,
    "serde.name": False,
    "compressed": False,
    "numberOfBuckets": True,
    "bucketColumns": True,
    "sortColumns": True,
    "storedAsSubDirectories": True,
    "skew": True,
    "tableType": True,
    "description": False,
    "owner": False,
    "retention": False,
    "viewText": True,
    "viewExpandedText": True,
}


def _plain(table: Table) -> dict[str, str | None]:
    storage, skew = table.storage, table.storage.skew
    order = [f"{column.name} {'ascending' if column.ascending else 'descending'}" for column in storage.sort_columns]
    return {
        "location": storage.location,
        "inputFormat": storage.input_format,
        "outputFormat": storage.output_format,
        "serde": storage.serde.library,
        "serde.name": storage.serde.name,
        "compressed": str(storage.compressed).lower(),
        "numberOfBuckets": str(storage.number_of_buckets),
        "bucketColumns": ", ".join(storage.bucket_columns),
        "sortColumns": ", ".join(order),
        "storedAsSubDirectories": str(storage.stored_as_sub_directories).lower(),
        "skew": f"{skew.columns} {skew.values} {sorted(skew.locations.items())}" if skew else None,
        "tableType": table.table_type,
        "description": table.description,
        "owner": table.owner,
        "retention": str(table.retention),
        "viewText": table.view_original_text,
        "viewExpandedText": table.view_expanded_text,
    }


def _column_differences(
    path: str, old: tuple[Column, ...], new: tuple[Column, ...], keys: bool = False
) -> list[Difference]:
    before, after = {column.name: column for column in old}, {column.name: column for column in new}
    found = []
    for name in [*before, *(name for name in after if name not in before)]:
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            types_of = was.type if was else None, now.type if now else None
            found.append(Difference(f"{path}.{name}", *types_of, breaking=now is None or keys))
            continue
        if was.type != now.type:
            found.append(Difference(f"{path}.{name}", was.type, now.type, breaking=not widens(was.type, now.type)))
        if was.comment != now.comment:
            found.append(Difference(f"{path}.{name}.comment", was.comment, now.comment, breaking=False))
        found += _parameter_differences(f"{path}.{name}.parameters", was.parameters, now.parameters, False, all=True)
    shared = [name for name in before if name in after]
    order = [name for name in after if name in before]
    if shared != order:
        found.append(Difference(path, ", ".join(shared), ", ".join(order), breaking=True))
    return found


def _parameter_differences(
    path: str, old: Parameters, new: Parameters, breaking: bool, all: bool = False
) -> list[Difference]:
    """Parameters that count are left out, unless `all` are wanted."""
    names = [*old, *(name for name in new if name not in old)]
    return [
        Difference(f"{path}.{name}", old.get(name), new.get(name), breaking)
        for name in names
        if old.get(name) != new.get(name) and (all or not is_counting(name))
    ]


_WIDER = {
    name: frozenset(wider.split())
    for name, wider in {
        "tinyint": "smallint int bigint float double",
        "smallint": "int bigint float double",
        "int": "bigint double",
        "bigint": "",
        "float": "double",
        "void": "boolean tinyint smallint int bigint float double string binary date timestamp",
    }.items()
}


def widens(old: str, new: str) -> bool:
    """Whether every value of type `old` can be read as type `new`."""
    try:
        return _widens(types.parse(old), types.parse(new))
    except InvalidType:
        return old == new


def _widens(old: types.HiveType, new: types.HiveType) -> bool:
    if old == new:
        return True
    match old, new:
        case types.Primitive(name), types.Primitive(wider):
            return wider in _WIDER.get(name, ())
        case types.Decimal(p1, s1), types.Decimal(p2, s2):
            return s2 >= s1 and p2 - s2 >= p1 - s1
        case types.Text(), types.Primitive("string"):
            return True
        case types.Text("varchar", short), types.Text("varchar", long):
            return long >= short
        case types.Array(a), types.Array(b):
            return _widens(a, b)
        case types.Map(k1, v1), types.Map(k2, v2):
            return _widens(k1, k2) and _widens(v1, v2)
        case types.Struct(before), types.Struct(after):
            later = {name.lower(): kind for name, kind in after}
            return all(name.lower() in later and _widens(kind, later[name.lower()]) for name, kind in before)
        case _:
            return False
