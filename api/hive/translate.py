"""The catalog's values as Hive's structs, and back.

What Hive adds and the catalog does not keep: an external table carries the parameter EXTERNAL=TRUE, which only repeats
its type, so it is added to every answer and taken off everything that comes in; and a table without a parameter for the
time of its last change is told with one (see `write_back` for the way back).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from api.hive.bindings import hive
from api.hive.identifiers import database_name
from catalog.model import (
    EXTERNAL_TABLE,
    MANAGED_TABLE,
    Column,
    Database,
    Parameters,
    Partition,
    SerDe,
    SortColumn,
    StorageDescriptor,
    Table,
)
from catalog.once import Once
from catalog.storages import unlocated

_EXTERNAL = "EXTERNAL"
CHANGED_AT = "transient_lastDdlTime"  # a metastore's parameter of tables and partitions: when the definition changed
# All fields of a storage descriptor but the location.
_ALIKE = attrgetter(*(field[1] for field in hive.StorageDescriptor.thrift_spec.values() if field[1] != "location"))
_TYPES = (EXTERNAL_TABLE, MANAGED_TABLE, "VIRTUAL_VIEW", "MATERIALIZED_VIEW", "INDEX_TABLE")


# ── to Hive ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def database_struct(database: Database) -> Any:
    return hive.Database(
        name=database.name,
        description=database.description,
        locationUri=database.location or "",
        parameters=database.parameters,
    )


def told_type(table: Table) -> str:
    """The table's type; one that Hive does not know (Glue lets any text stand there) is told as EXTERNAL_TABLE."""
    return table.table_type if table.table_type in _TYPES else EXTERNAL_TABLE


def table_struct(table: Table) -> Any:
    kind = told_type(table)
    return hive.Table(
        tableName=table.name,
        dbName=table.database,
        owner=table.owner,
        createTime=seconds(table.created_at),
        lastAccessTime=seconds(table.last_accessed_at),
        retention=table.retention,
        sd=storage_struct(table.storage),
        partitionKeys=column_structs(table.partition_keys),
        parameters=_told_parameters(table, kind),
        viewOriginalText=table.view_original_text,
        viewExpandedText=table.view_expanded_text,
        tableType=kind,
    )


def _told_parameters(table: Table, kind: str) -> Parameters:
    changed_at = {CHANGED_AT: str(seconds(table.updated_at))} if table.updated_at else {}
    told = {**changed_at, **table.parameters}
    return {**told, _EXTERNAL: "TRUE"} if kind == EXTERNAL_TABLE else told


def column_structs(columns: Iterable[Column]) -> list[Any]:
    return [hive.FieldSchema(name=column.name, type=column.type, comment=column.comment) for column in columns]


def storage_struct(storage: StorageDescriptor, columns: list[Any] | None = None) -> Any:
    """`columns`: the structs of the storage's columns, if they have been made already."""
    serde = storage.serde
    return hive.StorageDescriptor(
        cols=column_structs(storage.columns) if columns is None else columns,
        location=storage.location,
        inputFormat=storage.input_format,
        outputFormat=storage.output_format,
        compressed=storage.compressed,
        numBuckets=storage.number_of_buckets,
        serdeInfo=hive.SerDeInfo(name=serde.name, serializationLib=serde.library, parameters=serde.parameters),
        bucketCols=storage.bucket_columns,
        sortCols=[hive.Order(col=column.name, order=int(column.ascending)) for column in storage.sort_columns],
        parameters=storage.parameters,
    )


def partition_structs(table: Table, partitions: Iterable[Partition]) -> Iterator[Any]:
    """The partitions of `table`. One that names no columns of its own has the table's.

    Partitions mostly repeat the columns of their neighbour; those are made once.
    """
    previous, structs = table.storage.columns, column_structs(table.storage.columns)
    for partition in partitions:
        columns = partition.storage.columns or table.storage.columns
        if columns != previous:
            previous, structs = columns, column_structs(columns)
        created = seconds(partition.created_at)
        yield hive.Partition(
            values=partition.values,
            dbName=table.database,
            tableName=table.name,
            createTime=created,
            lastAccessTime=0,
            sd=storage_struct(partition.storage, structs),
            parameters=partition.parameters,
        )


def seconds(instant: datetime | None) -> int:
    return int(instant.timestamp()) if instant else 0


def instant(seconds: int | None) -> datetime | None:
    """Of no seconds, or fewer, there is none: Hive's clients write 0 or -1 for a time that is not known."""
    return datetime.fromtimestamp(seconds, UTC) if seconds and seconds > 0 else None


# ── from Hive ────────────────────────────────────────────────────────────────────────────────────────────────────────


def database_value(struct: Any) -> Database:
    return Database(
        name=database_name(struct.name or ""),
        description=struct.description or None,
        location=struct.locationUri or None,
        parameters=struct.parameters or {},
    )


def table_value(struct: Any) -> Table:
    """The table that a client describes. EXTERNAL=TRUE makes it an external one, whatever its type says."""
    parameters: Parameters = dict(struct.parameters or {})
    external = parameters.pop(_EXTERNAL, "").upper() == "TRUE"
    return Table(
        database=database_name(struct.dbName or ""),
        name=struct.tableName or "",
        storage=storage_value(struct.sd),
        partition_keys=_columns(struct.partitionKeys or ()),
        table_type=EXTERNAL_TABLE if external else struct.tableType or MANAGED_TABLE,
        parameters=parameters,
        owner=struct.owner or None,
        retention=struct.retention or 0,
        last_accessed_at=instant(struct.lastAccessTime),
        view_original_text=struct.viewOriginalText or None,
        view_expanded_text=struct.viewExpandedText or None,
    )


def storage_value(struct: Any) -> StorageDescriptor:
    if struct is None:
        return StorageDescriptor()
    serde = struct.serdeInfo or hive.SerDeInfo()
    return StorageDescriptor(
        columns=_columns(struct.cols or ()),
        location=struct.location or None,
        input_format=struct.inputFormat,
        output_format=struct.outputFormat,
        serde=SerDe(serde.serializationLib, serde.parameters or {}, serde.name),
        compressed=bool(struct.compressed),
        number_of_buckets=-1 if struct.numBuckets is None else struct.numBuckets,
        bucket_columns=tuple(struct.bucketCols or ()),
        sort_columns=tuple(SortColumn(order.col, order.order != 0) for order in struct.sortCols or ()),
        parameters=struct.parameters or {},
    )


def partition_values(structs: Iterable[Any]) -> Iterator[Partition]:
    """Neighbours mostly have all of their descriptor alike but the location; that is translated once."""
    alike: object = None
    located: Callable[..., StorageDescriptor] = StorageDescriptor
    for struct in structs:
        shape = _ALIKE(struct.sd or hive.StorageDescriptor())
        if shape != alike:
            alike, located = shape, unlocated(storage_value(struct.sd))
        location = struct.sd and struct.sd.location
        yield Partition(tuple(struct.values or ()), located(location=location or None), struct.parameters or {})


def _column_values(structs: Sequence[Any]) -> tuple[Column, ...]:
    return tuple(map(_column, structs))


_columns = Once(_column_values)


def _column(struct: Any) -> Column:
    if struct.name is None or struct.type is None:
        raise hive.MetaException(f"Column {struct.name} of type {struct.type}: neither may be missing.")
    return _same_column(struct.name, struct.type, struct.comment)


@lru_cache(maxsize=16_384)
def _same_column(name: str, type: str, comment: str | None) -> Column:
    """One object for all equal columns: the partitions of a batch repeat them, and are then compared at no cost."""
    return Column(name, type, comment)
