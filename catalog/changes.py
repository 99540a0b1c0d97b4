"""Changes as data: to one table's definition, to the catalog as a whole, and the difference of two definitions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import assert_never

from catalog import types
from catalog.errors import InvalidInput, InvalidType
from catalog.model import Column, Parameters, Partition, StorageDescriptor, Table

# Parameters that measure the data or name who looked last. They say nothing about the definition, so a change of
# them alone makes no version.
COUNTING = frozenset(
    ["recordCount", "averageRecordSize", "objectCount", "sizeKey", "CRAWL_RUN_ID", "numRows", "numFiles", "totalSize", "rawDataSize", "COLUMN_STATS_ACCURATE", "STATS_GENERATED", "STATS_GENERATED_VIA_STATS_TASK", "transient_lastDdlTime", "last_modified_time", "last_modified_by", "numFilesErasureCoded", "numPartitions"]
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
    """`table` after `change`. Raises InvalidInput if the change names a column that is not there, or adds one that is."""
    columns = table.storage.columns
    names = [column.name for column in columns]
    match change:
        case AddColumn(column):
            if column.name in names or column.name in table.key_names:
                raise InvalidInput(what=f"column {column.name}", why=f"table {table.name} has it already.")
            return table.with_columns((*columns, column))
        case DropColumn(name):
            _demand(table, names, name)
            return table.with_columns(tuple(column for column in columns if column.name != name))
        case RetypeColumn(name, kind):
            _demand(table, names, name)
            return table.with_columns(
                tuple(replace(column, type=kind) if column.name == name else column for column in columns)
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


def _demand(table: Table, names: list[str], name: str) -> None:
    if name not in names:
        raise InvalidInput(what=f"column {name}", why=f"table {table.name} has no such column.")


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


CatalogChange = CreateTable | AlterTable | PutPartitions | DeletePartitions | DeleteTable


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
    """What a reader should know of the step from `old` to `new`; counting parameters are left out."""
    found = _column_differences("columns", old.storage.columns, new.storage.columns)
    found += _column_differences("partitionKeys", old.partition_keys, new.partition_keys, keys=True)
    shared = [
        column.name for column in old.storage.columns if any(column.name == other.name for other in new.storage.columns)
    ]
    order = [column.name for column in new.storage.columns if column.name in set(shared)]
    if shared != order:
        found.append(Difference("columns", ", ".join(shared), ", ".join(order), breaking=True))
    for path, before, after, breaking in (
        ("location", old.storage.location, new.storage.location, True),
        ("inputFormat", old.storage.input_format, new.storage.input_format, True),
        ("outputFormat", old.storage.output_format, new.storage.output_format, False),
        ("serde", old.storage.serde.library, new.storage.serde.library, True),
        ("tableType", old.table_type, new.table_type, True),
        ("description", old.description, new.description, False),
        ("owner", old.owner, new.owner, False),
        ("viewText", old.view_original_text, new.view_original_text, True),
    ):
        if before != after:
            found.append(Difference(path, before, after, breaking))
    found += _parameter_differences(
        "serde.parameters", old.storage.serde.parameters, new.storage.serde.parameters, True
    )
    found += _parameter_differences("storage.parameters", old.storage.parameters, new.storage.parameters, False)
    found += _parameter_differences("parameters", old.parameters, new.parameters, False)
    return tuple(found)


def _column_differences(
    path: str, old: tuple[Column, ...], new: tuple[Column, ...], keys: bool = False
) -> list[Difference]:
    before, after = {column.name: column for column in old}, {column.name: column for column in new}
    found = []
    for name in [*before, *(name for name in after if name not in before)]:
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            removed = now is None
            found.append(Difference(f"{path}.{name}", was and was.type, now and now.type, breaking=removed or keys))
            continue
        if was.type != now.type:
            found.append(Difference(f"{path}.{name}", was.type, now.type, breaking=not widens(was.type, now.type)))
        if was.comment != now.comment:
            found.append(Difference(f"{path}.{name}.comment", was.comment, now.comment, breaking=False))
    return found


def _parameter_differences(path: str, old: Parameters, new: Parameters, breaking: bool) -> list[Difference]:
    names = [*old, *(name for name in new if name not in old)]
    return [
        Difference(f"{path}.{name}", old.get(name), new.get(name), breaking)
        for name in names
        if old.get(name) != new.get(name) and not is_counting(name)
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
            later = dict(after)
            return all(name in later and _widens(kind, later[name]) for name, kind in before)
        case _:
            return False
