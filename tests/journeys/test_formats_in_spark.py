"""What a crawl writes, an unmodified Spark reads: every row counted, every column selected, through the Hive face."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import struct
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import cramjam
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import orc
from pyspark.sql import SparkSession

from api.hive.server import HiveServer
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Database, Origin
from crawlers.crawl import crawl
from crawlers.model import Crawler, Target

COUNT = 40
NAMES = ("Id", "city", "note", "price", "day")
ROWS = [
    (place, f"city {place % 7}", f"a {place}", place + 0.5, f"2024-01-{place % 28 + 1:02}") for place in range(COUNT)
]
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]


def delimited(sign: str, quoted: bool = False, quote: str = '"') -> bytes:
    rows = [(*row[:2], f"{row[2]}{sign} b\nc" if quoted else row[2], *row[3:]) for row in ROWS]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sign, lineterminator="\n", quotechar=quote)
    writer.writerows([NAMES, *rows])
    return text.getvalue().encode()


def arrow() -> pa.Table:
    table = pa.Table.from_pylist(RECORDS)
    moments = [datetime(2024, 1, 2, 3, 4, place) for place in range(COUNT)]  # noqa: DTZ001 — as files have them
    return (
        table.append_column("amount", pa.array([Decimal("1.25")] * COUNT, pa.decimal128(9, 2)))
        .append_column("tags", pa.array([["a", "b"]] * COUNT))
        .append_column("place", pa.array([{"Zip": 1, "at": {"x": 1.5}}] * COUNT))
        .append_column("counts", pa.array([[("k", 1)]] * COUNT, pa.map_(pa.string(), pa.int32())))
        .append_column("moment", pa.array(moments, pa.timestamp("us")))
        .append_column("born", pa.array([date(2024, 1, 1)] * COUNT))
        .append_column("small", pa.array([1] * COUNT, pa.int8()))
        .append_column("flag", pa.array([True] * COUNT))
        .append_column("raw", pa.array([b"x"] * COUNT))
    )


def parquet(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def unsigned() -> pa.Table:
    columns = {f"u{bits}": pa.array([1] * COUNT, getattr(pa, f"uint{bits}")()) for bits in (8, 16, 32, 64)}
    others = {"texts": pa.array(["{}"] * COUNT, pa.json_()), "gone": pa.array([1] * COUNT, pa.duration("us"))}
    return pa.table({**columns, **others})


def rare() -> pa.Table:
    times = [time(1, 2, 3)] * COUNT
    return pa.table(
        {
            "number": pa.array(range(COUNT)),
            "uuid": pa.array([bytes(16)] * COUNT, pa.uuid()),
            "micros": pa.array(times, pa.time64("us")),
            "millis": pa.array(times, pa.time32("ms")),
        }
    )


def grown(kind: pa.DataType) -> pa.Table:
    ids = pa.array(range(20)).cast(kind)
    return pa.table({"id": ids, "a": ["x"] * 20, "b": [1.5] * 20, "c": [True] * 20})


def as_orc(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    orc.write_table(table, sink)
    return sink.getvalue()


def avro(extra: bool) -> bytes:
    fields: list[dict[str, Any]] = [
        {"name": "Id", "type": "long" if extra else "int"},
        {"name": "city", "type": ["null", "string"], "default": None},
        {"name": "price", "type": "double"},
        {"name": "born", "type": {"type": "int", "logicalType": "date"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "place", "type": {"type": "record", "name": "Place", "fields": [{"name": "zip", "type": "string"}]}},
    ]
    record = {
        "city": "x",
        "price": 1.5,
        "born": date(2024, 1, 1),
        "at": datetime(2024, 1, 1, tzinfo=UTC),
        "amount": Decimal("1.25"),
        "kind": "A",
        "tags": ["a"],
        "place": {"zip": "1"},
        "more": 1,
    }
    if extra:
        fields.append({"name": "more", "type": "int"})
    sink = io.BytesIO()
    schema = {"type": "record", "name": "Row", "fields": fields}
    fastavro.writer(sink, schema, [{**record, "Id": place} for place in range(COUNT // 2)])
    return sink.getvalue()


def xml() -> bytes:
    rows = "".join(
        f'<row number="{place}"><Name>n {place}</Name><price>{place}.5</price><tag>a</tag><tag>b</tag>'
        f"<place><zip>{place}</zip></place></row>"
        for place in range(COUNT)
    )
    return f'<?xml version="1.0"?><rows>{rows}</rows>'.encode()


def hadoop_snappy(data: bytes) -> bytes:
    packed = bytes(cramjam.snappy.compress_raw(data))
    return struct.pack(">II", len(data), len(packed)) + packed


LINES = b"".join(json.dumps({**each, "inner": {"Deep": [1]}, "odd": {"a b": 1}}).encode() + b"\n" for each in RECORDS)
COMMA = delimited(",")
FILES: dict[str, dict[str, bytes]] = {
    "comma": {"a.csv": COMMA},
    "tab": {"a.tsv": delimited("\t")},
    "pipe": {"a.txt": delimited("|")},
    "semicolon": {"a": delimited(";")},
    "control": {"a": delimited("\x01")},
    "quoted": {"a.csv": delimited(",", quoted=True)},
    "single_quoted": {"a.csv": b"id,note\n" + b"".join(b"%d,'a, %d'\n" % (place, place) for place in range(COUNT))},
    "escaped": {
        "a.csv": b"id,note\n" + b"".join(b'%d,"say \\"hi\\", %d"\n' % (place, place) for place in range(COUNT))
    },
    "bare": {"a.csv": COMMA.partition(b"\n")[2]},
    "marked": {"a.csv": b"\xef\xbb\xbf" + COMMA},
    "wide_le": {"a.csv": b"\xff\xfe" + COMMA.decode().encode("utf-16-le")},
    "latin": {"a.csv": COMMA.replace(b"city", "Zürich".encode("latin-1"))},
    "csv_gzip": {"a.csv.gz": gzip.compress(COMMA)},
    "csv_bzip2": {"a.csv.bz2": bz2.compress(COMMA)},
    "csv_zstd": {"a.csv.zst": bytes(cramjam.zstd.compress(COMMA))},
    "json_lines": {"a.json": LINES},
    "json_gzip": {"a.json.gz": gzip.compress(LINES)},
    "json_snappy": {"a.json.snappy": hadoop_snappy(LINES)},
    "json_pretty": {f"{place}.json": json.dumps(each, indent=2).encode() for place, each in enumerate(RECORDS)},
    "parquet": {"a.parquet": parquet(arrow())},
    "parquet_int96": {"a.parquet": parquet(arrow(), use_deprecated_int96_timestamps=True, compression="gzip")},
    "parquet_unsigned": {"a.parquet": parquet(unsigned())},
    "parquet_grown": {
        "a.parquet": parquet(grown(pa.int32())),
        "b.parquet": parquet(grown(pa.int64()).append_column("more", pa.array([1.5] * 20))),
    },
    "parquet_rare": {"a.parquet": parquet(rare())},
    "orc": {"a.orc": as_orc(arrow())},
    "orc_grown": {
        "a.orc": as_orc(grown(pa.int32())),
        "b.orc": as_orc(grown(pa.int64()).append_column("more", pa.array([1.5] * 20))),
    },
    "orc_mixed": {"a.orc": as_orc(grown(pa.int32())), "b.orc": as_orc(grown(pa.string()))},
    "avro": {"a.avro": avro(False), "b.avro": avro(True)},
    "xml": {"a.xml": xml()},
    "xml_gzip": {"a.xml.gz": gzip.compress(xml())},
}


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder = tmp_path_factory.mktemp("formats")
    for name, files in FILES.items():
        (folder / "lake" / name).mkdir(parents=True)
        for file, data in files.items():
            (folder / "lake" / name / file).write_bytes(data)
    engine = db.connect(db.sqlite_url(folder / "catalog.db"))
    catalog = Catalog(engine, Origin(face="test"))
    catalog.create_database(Database("lake"))
    targets = tuple(Target(str(folder / "lake" / name)) for name in FILES)
    crawl(Crawler("formats", "lake", targets), catalog)
    yield catalog
    engine.dispose()


@pytest.fixture(scope="module")
def spark(core: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    folder: Path = tmp_path_factory.mktemp("spark")
    server = HiveServer(core, "127.0.0.1", 0, f"file:{folder}/warehouse")
    server.start()
    if (other := SparkSession.getActiveSession()) is not None:
        other.stop()  # another test's: a process has one Spark, and that one has no Hive
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.hadoop.hive.metastore.uris", f"thrift://127.0.0.1:{server.port}")
        .config("spark.sql.warehouse.dir", f"file:{folder}/warehouse")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={folder}")
        .enableHiveSupport()
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
    server.stop()


@pytest.mark.parametrize("name", FILES)
def test_spark_counts_every_row_and_selects_every_column(spark: SparkSession, core: Catalog, name: str) -> None:
    table = core.get_table("lake", name)
    assert len(table.storage.columns) > 1
    counts = ", ".join(f"count(`{column.name}`)" for column in table.storage.columns)
    found = list(spark.sql(f"SELECT count(*), {counts} FROM lake.{name}").collect()[0])
    # Only one of two files has the column "more".
    assert found == [COUNT, *(COUNT // 2 if column.name == "more" else COUNT for column in table.storage.columns)]


def test_values_come_back_as_they_were_written(spark: SparkSession) -> None:
    first = "WHERE id = 3"
    assert spark.sql(f"SELECT note FROM lake.quoted {first}").collect()[0][0] == "a 3, b\nc"
    assert spark.sql("SELECT note FROM lake.single_quoted WHERE id = 3").collect()[0][0] == "a, 3"
    assert spark.sql("SELECT note FROM lake.escaped WHERE id = 3").collect()[0][0] == 'say "hi", 3'
    assert spark.sql("SELECT `_number`, name, tag[1], place.zip FROM lake.xml").collect()[3] == (3, "n 3", "b", 3)
    assert spark.sql(f"SELECT inner.deep[0] FROM lake.json_lines {first}").collect()[0][0] == 1
    assert spark.sql("SELECT sum(id), max(amount) FROM lake.avro").collect()[0] == (380, Decimal("1.25"))
    assert spark.sql(f"SELECT place.at.x, counts['k'] FROM lake.orc {first}").collect()[0] == (1.5, 1)
