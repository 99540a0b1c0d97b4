"""A small lake as crawled: files below a folder, and the tables that a crawler makes of them.

Every table holds what a crawler really meets: a column that older files lack, a type that was widened, quoted
delimiters, keys in mixed case, compression, partitions.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.catalog import Catalog
from catalog.model import Column, Database, Parameters, Partition, SerDe, StorageDescriptor, Table

TEXT = ("org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat")
PARQUET = (
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
)
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
OPENX = "org.openx.data.jsonserde.JsonSerDe"
PARQUET_SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


def build(catalog: Catalog, root: Path) -> None:
    catalog.create_database(Database("shop", "A small shop", location=f"file://{root}/"))
    orders(catalog, root / "orders")
    events(catalog, root / "events")
    visits(catalog, root / "visits")
    notes(catalog, root / "notes")
    customers(catalog, root / "customers")
    books(catalog, root / "books")


def columns(text: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in (word.split(":", 1) for word in text.split()))


def write(place: Path, data: str | bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data if isinstance(data, bytes) else data.encode())


def crawled(
    name: str, place: Path, text: str, formats: tuple[str, str], serde: SerDe, keys: str = "", **parameters: str
) -> Table:
    """A table with the parameters that a crawler writes, on the table and on its storage alike."""
    all_parameters: Parameters = {
        "CrawlerSchemaSerializerVersion": "1.0", "UPDATED_BY_CRAWLER": "nightly", "compressionType": "none",
        "typeOfData": "file", "recordCount": "5", "objectCount": "3", "sizeKey": "321", **parameters,
    }  # fmt: skip
    compressed = all_parameters["compressionType"] != "none"
    storage = StorageDescriptor(
        columns(text), f"file://{place}/", *formats, serde, compressed=compressed, parameters=all_parameters
    )
    return Table("shop", name, storage, columns(keys), parameters=all_parameters, owner="owner")


def partition(table: Table, text: str, *values: str) -> Partition:
    """The partition in the folder of its name, with the columns that it had when it was crawled."""
    bare = Partition(values)
    storage = StorageDescriptor(
        columns(text),
        f"{table.storage.location}{bare.name(table)}/",
        table.storage.input_format,
        table.storage.output_format,
        table.storage.serde,
        parameters=table.storage.parameters,
    )
    return Partition(values, storage, {"recordCount": "2"})


def orders(catalog: Catalog, place: Path) -> None:
    """csv with a header; the year is an int key, the month a string; January's file is older than the column `note`."""
    write(place / "year=2024/month=01/a.csv", "id,price,day,note\n1,1.5,2024-01-01,first\n2,2.5,2024-01-02,\n")
    write(place / "year=2024/month=02/a.csv", 'id,price,day,note\n3,3.5,2024-02-01,"a, b"\n')
    write(place / "year=2023/month=12/a.csv", "id,price,day\n4,4.5,2023-12-30\n9000000000,5.5,2023-12-31\n")
    old, new = "id:bigint price:double day:date", "id:bigint price:double day:date note:string"
    serde = SerDe(LAZY, {"field.delim": ","})
    table = crawled(
        "orders", place, new, TEXT, serde, "year:int month:string",
        classification="csv", delimiter=",", areColumnsQuoted="false", columnsOrdered="true",
        **{"skip.header.line.count": "1"},
    )  # fmt: skip
    catalog.create_table(table)
    parts = [
        partition(table, new, "2024", "01"),
        partition(table, new, "2024", "02"),
        partition(table, old, "2023", "12"),
    ]
    catalog.create_partitions("shop", "orders", parts)


def events(catalog: Catalog, place: Path) -> None:
    """JSON lines with nested values; a key in mixed case; partitioned by an int month and a date."""
    first = [
        {"userId": 1, "tags": ["a", "b"], "device": {"os": "linux", "screen": {"width": 800, "height": 600}}},
        {"userId": 2, "tags": [], "device": {"os": "mac", "screen": None}},
    ]
    second = [{"userId": 3, "tags": None, "device": None, "score": 0.5}]
    write(place / "month=1/dt=2024-01-05/a.json", "".join(json.dumps(row) + "\n" for row in first))
    write(place / "month=2/dt=2024-02-05/a.json", "".join(json.dumps(row) + "\n" for row in second))
    write(place / "month=10/dt=2024-10-05/a.json", json.dumps({"userId": 4}) + "\n")
    text = "userid:int tags:array<string> device:struct<os:string,screen:struct<width:int,height:int>> score:double"
    serde = SerDe(OPENX, {"paths": "device,score,tags,userId"})
    table = crawled("events", place, text, TEXT, serde, "month:int dt:date", classification="json")
    catalog.create_table(table)
    keys = [("1", "2024-01-05"), ("2", "2024-02-05"), ("10", "2024-10-05")]
    catalog.create_partitions("shop", "events", [partition(table, text, *values) for values in keys])


def visits(catalog: Catalog, place: Path) -> None:
    """Parquet below padded month numbers; the older file has int32 under the bigint column, and no `agent`."""
    (place / "month=01").mkdir(parents=True)
    (place / "month=02").mkdir(parents=True)
    pq.write_table(pa.table({"id": pa.array([1, 2], pa.int32()), "page": ["/", "/a"]}), place / "month=01/a.parquet")
    new = pa.table({"id": pa.array([3, 9000000000], pa.int64()), "page": ["/b", None], "agent": ["x", "y"]})
    pq.write_table(new, place / "month=02/a.parquet")
    serde = SerDe(PARQUET_SERDE, {"serialization.format": "1"})
    table = crawled(
        "visits", place, "id:bigint page:string agent:string", PARQUET, serde, "month:int", classification="parquet"
    )
    catalog.create_table(table)
    parts = [partition(table, "id:int page:string", "01"), partition(table, "id:bigint page:string agent:string", "02")]
    catalog.create_partitions("shop", "visits", parts)


def notes(catalog: Catalog, place: Path) -> None:
    """Semicolons between quoted texts that hold semicolons, quotes and backslashes."""
    write(place / "a.csv", '"id";"text"\n"1";"a;b"\n"2";"say ""hi""; bye"\n"3";"C:\\temp"\n')
    serde = SerDe(OPEN_CSV, {"separatorChar": ";", "quoteChar": '"', "escapeChar": "\\"})
    catalog.create_table(
        crawled(
            "notes",
            place,
            "id:string text:string",
            TEXT,
            serde,
            classification="csv",
            **{"skip.header.line.count": "1"},
        )
    )


def customers(catalog: Catalog, place: Path) -> None:
    """A gzipped csv without a header, tabs between its values."""
    write(place / "customers.csv.gz", gzip.compress(b"1\tAda\ttrue\t2024-01-01 10:00:00\n2\tBob\tfalse\t\n"))
    serde = SerDe(LAZY, {"field.delim": "\t"})
    text = "id:bigint name:string active:boolean joined:timestamp"
    catalog.create_table(crawled("customers", place, text, TEXT, serde, classification="csv", compressionType="gzip"))


def books(catalog: Catalog, place: Path) -> None:
    """XML, for which Hive has no SerDe: only its row tag is known."""
    write(place / "a.xml", "<books><book><id>1</id><title>A &amp; B</title></book><book><id>2</id></book></books>")
    serde = SerDe(None, {"rowTag": "book"})
    catalog.create_table(crawled("books", place, "id:bigint title:string", TEXT, serde, classification="xml"))
