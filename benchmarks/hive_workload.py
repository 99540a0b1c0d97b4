"""What the metastores are asked to do: each operation as a call, on tables of 20 columns and 2 partition keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from api.hive.bindings import hive
from api.hive.client import Client

COLUMNS = 20
BATCH = 1_000
PER_DAY = 100  # partitions of one value of the first key: what a filter finds
DATABASE = "bench"
_TYPES = ("bigint", "string", "double", "timestamp", "decimal(18,2)")
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet."


@dataclass(frozen=True)
class Lake:
    """Folders for everything: a metastore that finds one missing makes it, which is not what is to be measured."""

    root: Path

    def make(self, partitions: int) -> None:
        for day, slot in _values(partitions):
            self.folder(day, slot).mkdir(parents=True, exist_ok=True)

    def folder(self, day: str, slot: str) -> Path:
        return self.root / f"day={day}" / f"slot={slot}"

    def table(self, name: str, **parameters: str) -> Any:
        return hive.Table(
            tableName=name,
            dbName=DATABASE,
            owner="bench",
            createTime=1_700_000_000,
            lastAccessTime=0,
            retention=0,
            sd=_storage(self.root),
            partitionKeys=[_field("day", "string"), _field("slot", "int")],
            parameters={"EXTERNAL": "TRUE", "classification": "parquet", **parameters},
            tableType="EXTERNAL_TABLE",
        )

    def partition(self, table: str, day: str, slot: str) -> Any:
        return hive.Partition(
            values=[day, slot],
            dbName=DATABASE,
            tableName=table,
            createTime=1_700_000_000,
            lastAccessTime=0,
            sd=_storage(self.folder(day, slot)),
            parameters={"numRows": f"1{slot}", "totalSize": f"{day[1:]}{slot}"},
        )


@dataclass(frozen=True)
class Operation:
    """`work` is one call, numbered from 0; `least` and `most` are how often it is made (0: as time allows)."""

    name: str
    work: Callable[[int], object]
    least: int = 1
    most: int = 0


def prepare(client: Client, lake: Lake) -> None:
    client.call("create_database", hive.Database(name=DATABASE, locationUri=lake.root.as_uri(), parameters={}))
    client.call("create_table", lake.table("sales"))


def reading(client: Client) -> Iterator[Operation]:
    yield Operation("get_database", lambda _: client.call("get_database", DATABASE), least=200)
    yield Operation("get_database missing", lambda _: absent(lambda: client.call("get_database", "none")), least=200)
    yield Operation("get_table", lambda _: client.call("get_table", DATABASE, "sales"), least=200)
    yield Operation(
        "get_table missing", lambda _: absent(lambda: client.call("get_table", DATABASE, "none")), least=200
    )


def writing(client: Client, lake: Lake, prefix: str) -> Iterator[Operation]:
    yield Operation("create_table", lambda at: client.call("create_table", lake.table(f"{prefix}_{at}")), least=50)
    yield Operation(
        "alter_table",
        lambda at: client.call("alter_table", DATABASE, "sales", lake.table("sales", changed=f"{prefix} {at}")),
        least=50,
    )


def adding(client: Client, lake: Lake, table: str, size: int) -> Operation:
    """All of `size` partitions; each call adds a batch."""
    client.call("create_table", lake.table(table))
    values = _values(size)

    def batch(_: int) -> None:
        parts = [lake.partition(table, *each) for each in islice(values, BATCH)]
        assert client.call("add_partitions", parts) == BATCH

    return Operation(f"add_partitions 1,000 (to {size:,})", batch, least=size // BATCH, most=size // BATCH)


def listing(client: Client, table: str, size: int) -> Iterator[Operation]:
    days = size // PER_DAY

    def filtered(at: int) -> None:
        found = client.call("get_partitions_by_filter", DATABASE, table, f'day = "{_day(at * 7 % days)}"', -1)
        assert len(found) == PER_DAY

    def everything(_: int) -> None:
        assert len(client.call("get_partitions", DATABASE, table, -1)) == size

    yield Operation(f"filter, 100 of {size:,}", filtered, least=10)
    yield Operation(f"get_partitions, all {size:,}", everything)


def naming(client: Client, table: str, size: int) -> Iterator[Operation]:
    names = [f"day={day}/slot={slot}" for day, slot in islice(_values(size), 0, None, size // BATCH)]

    def all_names(_: int) -> None:
        assert len(client.call("get_partition_names", DATABASE, table, -1)) == size

    def by_names(_: int) -> None:
        assert len(client.call("get_partitions_by_names", DATABASE, table, names)) == BATCH

    yield Operation(f"get_partition_names, {size:,}", all_names)
    yield Operation(f"get_partitions_by_names, 1,000 of {size:,}", by_names)


def absent(work: Callable[[], object]) -> None:
    try:
        work()
    except hive.NoSuchObjectException:
        return
    raise AssertionError("it is there")


def _values(size: int) -> Iterator[tuple[str, str]]:
    return ((_day(at // PER_DAY), str(at % PER_DAY)) for at in range(size))


def _day(number: int) -> str:
    return f"d{number:05}"


def _field(name: str, kind: str) -> Any:
    return hive.FieldSchema(name=name, type=kind, comment=f"the {name}")


def _storage(place: Path) -> Any:
    return hive.StorageDescriptor(
        cols=[_field(f"column_{at:02}", _TYPES[at % len(_TYPES)]) for at in range(COLUMNS)],
        location=place.as_uri(),
        inputFormat=f"{_PARQUET}MapredParquetInputFormat",
        outputFormat=f"{_PARQUET}MapredParquetOutputFormat",
        compressed=False,
        numBuckets=-1,
        serdeInfo=hive.SerDeInfo(
            name=None, serializationLib=f"{_PARQUET}serde.ParquetHiveSerDe", parameters={"serialization.format": "1"}
        ),
        bucketCols=[],
        sortCols=[],
        parameters={},
    )
