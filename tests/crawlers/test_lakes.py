"""Tables that bring their own log: Delta and Iceberg are registered from it, and no data file is opened."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import StaticTable
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import DecimalType, ListType, LongType, NestedField, StringType, StructType, TimestamptzType

from catalog.catalog import Catalog
from catalog.model import Column, Table
from crawlers.crawl import crawl
from crawlers.errors import DriverMissing, PlaceNotFound
from crawlers.listing import Listed
from crawlers.logs import Lake, LakeFormat, find_lakes, newest_metadata
from crawlers.model import Crawler, DeltaTarget, IcebergTarget, Target
from crawlers.places import FileEntry
from crawlers.report import Report
from tests.object_store import Bucket

ROWS = pa.table(
    {
        "Id": pa.array([1, 2, 3], pa.int64()),
        "who": pa.array([{"name": "ann"}, {"name": "bob"}, None], pa.struct([("name", pa.string())])),
        "price": pa.array([1, 2, 3], pa.decimal128(9, 2)),
        "tags": pa.array([["a"], [], None], pa.list_(pa.string())),
        "at": pa.array([0, 1, 2], pa.timestamp("us", "UTC")),
        "day": pa.array(["mon", "mon", "tue"]),
    }
)


def make_delta(place: str, options: dict[str, str] | None = None) -> None:
    """A table of three rows, of which one was deleted: its file still lies there."""
    write_deltalake(place, ROWS, partition_by=["day"], storage_options=options)
    DeltaTable(place, storage_options=options).delete("day = 'tue'")


@pytest.fixture
def warehouse(lake: Path) -> Iterator[SqlCatalog]:
    opened = SqlCatalog("local", uri="sqlite://", warehouse=f"file://{lake}")
    opened.create_namespace("shop")
    yield opened
    opened.close()


def make_iceberg(warehouse: SqlCatalog, name: str) -> None:
    fields = (
        NestedField(1, "Id", LongType(), required=True, doc="the number"),
        NestedField(2, "who", StructType(NestedField(5, "Name", StringType(), required=False)), required=False),
        NestedField(3, "price", DecimalType(9, 2), required=False),
        NestedField(4, "tags", ListType(6, StringType(), element_required=False), required=False),
        NestedField(7, "at", TimestamptzType(), required=False),
        NestedField(8, "day", StringType(), required=False),
    )
    spec = PartitionSpec(PartitionField(8, 1000, IdentityTransform(), "day"))
    arrow = ROWS.cast(
        pa.schema([field if field.name != "Id" else field.with_nullable(False) for field in ROWS.schema])
    ).set_column(1, "who", pa.array([{"Name": "ann"}, {"Name": "bob"}, None], pa.struct([("Name", pa.string())])))
    warehouse.create_table(f"shop.{name}", Schema(*fields), partition_spec=spec).append(arrow)


def spoil(lake: Path) -> None:
    """No data file can be read any more."""
    files = list(lake.rglob("*.parquet"))
    assert files
    for file in files:
        if "_delta_log" not in file.parts:
            file.write_bytes(b"\0" * file.stat().st_size)


def columns(table: Table) -> dict[str, str]:
    return {column.name: column.type for column in table.storage.columns}


def crawled(catalog: Catalog, *places: str, **targets: object) -> Report:
    made = Crawler("c", "lake", tuple(Target(place) for place in places), **targets)  # type: ignore[arg-type]
    return crawl(made, catalog)


COLUMNS = {
    "id": "bigint",
    "who": "struct<name:string>",
    "price": "decimal(9,2)",
    "tags": "array<string>",
    "at": "timestamp",
}


def test_a_delta_table_has_the_schema_keys_and_figures_of_its_log(lake: Path, catalog: Catalog) -> None:
    make_delta(f"{lake}/sales")
    (lake / "other").mkdir()
    (lake / "other/a.csv").write_text("a,b\n1,2\n")
    spoil(lake)
    report = crawled(catalog, str(lake))
    assert [table.name for table in report.tables] == ["other", "sales"]
    assert report.files.failed.total == 0
    table = catalog.get_table("lake", "sales")
    assert columns(table) == COLUMNS
    assert table.partition_keys == (Column("day", "string"),)
    assert table.storage.location == f"file://{lake}/sales/"
    expected = {
        "classification": "delta",
        "table_type": "delta",
        "spark.sql.sources.provider": "delta",
        "objectCount": "1",
        "recordCount": "2",
        "delta.lastUpdateVersion": "1",
    }
    assert expected.items() <= table.parameters.items()
    assert any("delta-spark" in note for note in report.tables[1].notes)


def test_a_delta_table_that_has_not_changed_is_left_alone(lake: Path, catalog: Catalog) -> None:
    make_delta(f"{lake}/sales")
    crawled(catalog, str(lake))
    assert [table.action for table in crawled(catalog, str(lake)).tables] == ["unchanged"]
    write_deltalake(f"{lake}/sales", ROWS.append_column("new", pa.array([1, 2, 3])), mode="append", schema_mode="merge")
    assert [table.action for table in crawled(catalog, str(lake)).tables] == ["updated"]
    assert columns(catalog.get_table("lake", "sales")) == COLUMNS | {"new": "bigint"}


def test_a_delta_target_is_one_table_and_needs_a_log(lake: Path, catalog: Catalog) -> None:
    make_delta(f"{lake}/sales")
    crawled(catalog, delta_targets=(DeltaTarget(f"{lake}/sales", table_name="Orders"),))
    assert catalog.get_table("lake", "orders").storage.location == f"file://{lake}/sales/"
    with pytest.raises(PlaceNotFound, match="no Delta log"):
        crawled(catalog, delta_targets=(DeltaTarget(str(lake)),))


def test_a_delta_table_for_other_readers_is_the_list_of_its_files(lake: Path, catalog: Catalog) -> None:
    make_delta(f"{lake}/sales")
    target = DeltaTarget(f"{lake}/sales", native=False, manifest=True)
    crawl(Crawler("c", "lake", delta_targets=(target,)), catalog, dry_run=True)
    assert not (lake / "sales/_symlink_format_manifest").exists()
    crawled(catalog, delta_targets=(target,))
    table = catalog.get_table("lake", "sales")
    assert table.storage.input_format == "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat"
    assert "spark.sql.sources.provider" not in table.parameters
    (partition,) = catalog.iter_partitions("lake", "sales")
    folder = f"{lake}/sales/_symlink_format_manifest/day=mon/"
    assert (partition.values, partition.storage.location) == (("mon",), f"file://{folder}")
    (named,) = Path(folder, "manifest").read_text().split()
    assert f"{lake}/sales/day=mon/" in named


def test_a_log_that_is_damaged_is_a_failure_of_its_own(lake: Path, catalog: Catalog) -> None:
    make_delta(f"{lake}/sales")
    crawled(catalog, str(lake))
    for file in (lake / "sales/_delta_log").glob("*.json"):
        file.write_text("{")
    report = crawled(catalog, str(lake))
    assert [note.place for note in report.files.failed.shown] == [f"file://{lake}/sales/"]
    assert "DEPRECATED_BY_CRAWLER" not in catalog.get_table("lake", "sales").parameters


def test_without_the_library_a_delta_table_names_the_extra(
    lake: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_delta(f"{lake}/sales")
    monkeypatch.setitem(sys.modules, "deltalake", None)
    with pytest.raises(DriverMissing, match=r"isinglass\[delta\]"):
        crawled(catalog, delta_targets=(DeltaTarget(f"{lake}/sales"),))
    (note,) = crawled(catalog, str(lake)).files.failed.shown
    assert "isinglass[delta]" in note.reason


def test_an_iceberg_table_has_the_schema_and_figures_of_its_newest_metadata(
    lake: Path, catalog: Catalog, warehouse: SqlCatalog
) -> None:
    make_iceberg(warehouse, "sales")
    spoil(lake)
    report = crawled(catalog, str(lake))
    assert [(table.name, table.format, table.records) for table in report.tables] == [("sales", "iceberg", 3)]
    table = catalog.get_table("lake", "sales")
    assert columns(table) == COLUMNS | {"day": "string"}
    assert table.storage.columns[0].comment == "the number"
    assert table.partition_keys == ()
    assert table.parameters["table_type"] == "ICEBERG"
    assert table.parameters["metadata_location"] == warehouse.load_table("shop.sales").metadata_location
    assert StaticTable.from_metadata(table.parameters["metadata_location"]).schema().find_field("Id").field_id == 1


def test_iceberg_targets_go_as_deep_as_they_may(lake: Path, catalog: Catalog, warehouse: SqlCatalog) -> None:
    make_iceberg(warehouse, "sales")
    (lake / "loose.csv").write_text("a,b\n1,2\n")
    with pytest.raises(PlaceNotFound, match="no table of Iceberg lies in it, down to 1 folders below"):
        crawled(catalog, iceberg_targets=(IcebergTarget(str(lake), max_depth=1),))
    deep = crawled(catalog, iceberg_targets=(IcebergTarget(str(lake), max_depth=2),))
    assert [table.name for table in deep.tables] == ["sales"]


def test_metadata_that_are_packed_or_broken(lake: Path, catalog: Catalog, warehouse: SqlCatalog) -> None:
    make_iceberg(warehouse, "sales")
    newest = Path(warehouse.load_table("shop.sales").metadata_location.removeprefix("file://"))
    newest.with_name(newest.name.replace(".metadata", ".gz.metadata")).write_bytes(gzip.compress(newest.read_bytes()))
    newest.unlink()
    assert [table.records for table in crawled(catalog, str(lake)).tables] == [3]
    for file in newest.parent.glob("*.json"):
        file.write_text('{"schemas": [], "current-schema-id": 0}')
    (note,) = crawled(catalog, str(lake)).files.failed.shown
    assert "cannot be read" in note.reason


HOSTILE = (
    b'{"schema": {"fields": []}, "snapshots": 5}',
    b'{"schema": {"fields": []}, "current-snapshot-id": 1, "snapshots": [[]]}',
    b'{"schema": {"fields": [{"id": 1, "name": "a", "required": true, "type": "decimal(x)"}]}}',
    b"[" * 100_000,
    gzip.compress(bytes(70_000_000), mtime=0),
    bytes(70_000_000),
    b"not JSON at all",
    b"[]",
    b'{"current-schema-id": 1, "schemas": [{"schema-id": 1, "fields": null}]}',
    b'{"current-schema-id": 9, "schemas": []}',
    gzip.compress(b"{}", mtime=0)[:-9] + b"damaged!!",
)


@pytest.mark.parametrize("metadata", HOSTILE, ids=range(len(HOSTILE)))
def test_metadata_that_hold_anything_fail_alone(metadata: bytes, lake: Path, catalog: Catalog) -> None:
    for file, data in (("bad/metadata/v1.metadata.json", metadata), ("good/a.csv", b"a,b\n1,2\n3,4\n")):
        (lake / file).parent.mkdir(parents=True)
        (lake / file).write_bytes(data)
    report = crawled(catalog, str(lake))
    assert [table.name for table in report.tables] == ["good"]
    (note,) = report.files.failed.shown
    assert "cannot be read" in note.reason


@pytest.mark.parametrize(
    ("names", "hint", "newest"),
    [
        (["v1.metadata.json", "v2.metadata.json", "v10.metadata.json"], None, "v10.metadata.json"),
        (["v1.metadata.json", "v2.metadata.json", "v4.metadata.json"], 1, "v2.metadata.json"),
        (["00001-b.metadata.json", "00002-a.metadata.json"], None, "00002-a.metadata.json"),
        (["v1.metadata.json"], 7, "v1.metadata.json"),
        (["00001-b.metadata.json", "00001-a.metadata.json"], None, "00001-b.metadata.json"),
    ],
)
def test_the_newest_metadata_are_told_by_number_and_hint(names: list[str], hint: int | None, newest: str) -> None:
    assert newest_metadata([FileEntry(name, 1) for name in names], hint).name == newest


def test_only_the_outermost_log_rules_a_folder() -> None:
    inner = Listed(("t", "x", "metadata"), (FileEntry("v1.metadata.json", 1),), (), ())
    other = Listed(("u", "metadata"), (FileEntry("notes.json", 1),), (), ())
    assert find_lakes([inner, other], [("t", "_delta_log")]) == [Lake(("t",), LakeFormat.DELTA)]


def test_a_hudi_table_is_named_as_not_available(lake: Path, catalog: Catalog) -> None:
    (lake / "trips/.hoodie").mkdir(parents=True)
    (lake / "trips/.hoodie/hoodie.properties").write_text("hoodie.table.name=trips\n")
    (lake / "trips/a.csv").write_text("a,b\n1,2\n")
    report = crawled(catalog, str(lake))
    assert report.tables == ()
    (note,) = report.files.skipped.shown
    assert "Hudi" in note.reason


def test_logs_are_read_in_s3_too(bucket: Bucket, catalog: Catalog, lake: Path, warehouse: SqlCatalog) -> None:
    make_iceberg(warehouse, "sales")
    bucket.put({f"lake/{file.relative_to(lake)}": file.read_bytes() for file in lake.rglob("*.*") if file.is_file()})
    make_delta(bucket.uri("lake/orders"), options(bucket))
    report = crawled(catalog, bucket.uri("lake"))
    assert [(table.name, table.format, table.records) for table in report.tables] == [
        ("orders", "delta", 2),
        ("sales", "iceberg", 3),
    ]
    location = catalog.get_table("lake", "sales").parameters["metadata_location"]
    assert location.startswith(bucket.uri("lake/shop/sales/metadata/00001-"))


def options(bucket: Bucket) -> dict[str, str]:
    """The bucket's owner, in the words of Delta's library."""
    return {
        "aws_endpoint": bucket.endpoint,
        "aws_access_key_id": "owner",
        "aws_secret_access_key": "owner-secret",
        "aws_region": "us-east-1",
        "aws_allow_http": "true",
    }
