"""What the GraphQL benchmark's catalog holds: tables of 50 columns, and partitions of one table, 100 on each day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from catalog.catalog import Catalog
from catalog.changes import CreateTable, PutPartitions
from catalog.model import Column, Database, Partition, SerDe, StorageDescriptor, Table

DATABASE = "bench"
COLUMNS = 50
PER_DAY = 100
_BATCH = 1_000
_TYPES = ("bigint", "string", "double", "timestamp", "decimal(18,2)", "array<struct<a:int,b:string>>")
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet."


def fill(catalog: Catalog, tables: int, partitions: Sequence[int]) -> None:
    """`tables` tables; and for each count of `partitions` one table `events_COUNT` that has so many."""
    catalog.create_database(Database(DATABASE))
    every = (CreateTable(_table(name_of(number), number)) for number in range(tables))
    while changes := list(islice(every, _BATCH)):
        catalog.apply(changes)
    for count in partitions:
        name, keys = f"events_{count}", (Column("day", "string"), Column("slot", "int"))
        catalog.apply([CreateTable(_table(name, 0, keys))])
        members = _partitions(name, count)
        while some := tuple(islice(members, _BATCH)):
            catalog.apply([PutPartitions(DATABASE, name, some)])


def name_of(number: int) -> str:
    return f"table_{number:05}"


def glue_table(number: int) -> dict[str, Any]:
    """The same table as Glue's TableInput."""
    table = _table(name_of(number), number)
    return {
        "Name": table.name,
        "TableType": table.table_type,
        "Parameters": dict(table.parameters),
        "StorageDescriptor": {
            "Columns": [{"Name": c.name, "Type": c.type, "Comment": c.comment} for c in table.storage.columns],
            "Location": table.storage.location,
            "InputFormat": table.storage.input_format,
            "OutputFormat": table.storage.output_format,
            "SerdeInfo": {"SerializationLibrary": table.storage.serde.library},
        },
        "PartitionKeys": [],
    }


def _table(name: str, number: int, keys: tuple[Column, ...] = ()) -> Table:
    columns = tuple(
        Column(f"c{number % 97}_{at}", _TYPES[at % len(_TYPES)], f"What column {at} is for") for at in range(COLUMNS)
    )
    storage = StorageDescriptor(
        columns,
        f"s3://lake/{name}",
        f"{_PARQUET}MapredParquetInputFormat",
        f"{_PARQUET}MapredParquetOutputFormat",
        SerDe(f"{_PARQUET}serde.ParquetHiveSerDe"),
    )
    return Table(DATABASE, name, storage, keys, parameters={"classification": "parquet", "recordCount": str(number)})


def _partitions(table: str, count: int) -> Iterator[Partition]:
    for number in range(count):
        day, slot = f"d{number // PER_DAY:05}", str(number % PER_DAY)
        storage = StorageDescriptor((), f"s3://lake/{table}/day={day}/slot={slot}", serde=SerDe("serde"))
        yield Partition((day, slot), storage, {"recordCount": slot})
