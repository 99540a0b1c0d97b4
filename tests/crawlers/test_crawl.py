"""A first crawl, from files to the catalog; and what a crawl refuses."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from catalog.catalog import Catalog
from catalog.errors import NotFound
from catalog.model import Column, SerDe
from crawlers.crawl import Progress, crawl
from crawlers.errors import CrawlStopped, PlaceNotFound, TooManyTables
from crawlers.model import (
    Configuration,
    Target,
)
from crawlers.report import Action, Report
from tests.crawlers.lakes import EVENTS, FLIGHTS, SALES, crawler, only, parquet, partitions, put, types_of

# ── a first crawl ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_files_of_their_own_in_one_folder_become_tables_of_their_names(lake: Path, catalog: Catalog) -> None:
    put(
        lake,
        {
            "airlines.csv": "carrier,name\nAA,American\nB6,JetBlue\n",
            "airports.csv": "faa,name,lat\nJFK,Kennedy,40.6\nEWR,Newark,40.7\n",
            "planes.parquet": parquet(tailnum=["N1"], seats=pa.array([4], pa.int32())),
        },
    )
    report = crawl(crawler(lake), catalog)
    assert [(table.name, table.location) for table in report.tables] == [
        ("airlines", f"file://{lake}/airlines.csv"),
        ("airports", f"file://{lake}/airports.csv"),
        ("planes", f"file://{lake}/planes.parquet"),
    ]
    assert types_of(catalog.get_table("lake", "airports")) == {"faa": "string", "name": "string", "lat": "double"}
    assert types_of(catalog.get_table("lake", "planes")) == {"tailnum": "string", "seats": "int"}


def test_a_csv_table_is_written_as_glue_writes_it(lake: Path, catalog: Catalog) -> None:
    put(lake, {"sales/a.csv": SALES, "sales/b.csv": SALES})
    crawl(crawler(lake), catalog, run_id="run-1")
    table = catalog.get_table("lake", "sales")
    assert table.table_type == "EXTERNAL_TABLE"
    assert table.storage.location == f"file://{lake}/sales/"
    assert table.storage.input_format == "org.apache.hadoop.mapred.TextInputFormat"
    assert table.storage.output_format == "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
    assert table.storage.serde == SerDe("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"field.delim": ","})
    assert table.parameters == {
        "CrawlerSchemaSerializerVersion": "1.0",
        "CrawlerSchemaDeserializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": "c",
        "CRAWL_RUN_ID": "run-1",
        "classification": "csv",
        "compressionType": "none",
        "typeOfData": "file",
        "recordCount": "4",
        "averageRecordSize": "16",
        "objectCount": "2",
        "sizeKey": str(2 * len(SALES)),
        "delimiter": ",",
        "areColumnsQuoted": "false",
        "columnsOrdered": "true",
        "skip.header.line.count": "1",
    }
    assert table.storage.parameters == table.parameters


def test_json_and_parquet_tables_have_their_readers(lake: Path, catalog: Catalog) -> None:
    put(lake, {"events/a.json": gzip.compress(EVENTS.encode()), **FLIGHTS})
    crawl(crawler(lake, prefix="raw_"), catalog)
    events, flights = catalog.get_table("lake", "raw_events"), catalog.get_table("lake", "raw_flights")
    assert events.storage.serde == SerDe("org.openx.data.jsonserde.JsonSerDe", {"paths": "id,tags,who"})
    assert events.storage.compressed
    assert events.parameters["compressionType"] == "gzip"
    assert types_of(events) == {"id": "int", "who": "struct<name:string>", "tags": "array<string>"}
    assert flights.storage.serde.library == "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    assert flights.parameters["classification"] == "parquet"
    assert flights.parameters["recordCount"] == "8"


def test_hive_partitions_have_unescaped_values_and_escaped_locations(lake: Path, catalog: Catalog) -> None:
    put(lake, {f"t/day={day}/a.json": EVENTS for day in ("2024-01-01 10%3A00", "a%2Fb", "__HIVE_DEFAULT_PARTITION__")})
    report = crawl(crawler(lake), catalog)
    table = catalog.get_table("lake", "t")
    found = partitions(catalog, "t")
    assert table.partition_keys == (Column("day", "string"),)
    assert set(found) == {("2024-01-01 10:00",), ("a/b",), ("__HIVE_DEFAULT_PARTITION__",)}
    assert found[("a/b",)].storage.location == f"file://{lake}/t/day=a%2Fb/"
    assert found[("a/b",)].storage.columns == table.storage.columns
    assert found[("a/b",)].parameters["objectCount"] == "1"
    assert only(report).partitions == 3


def test_plain_folders_become_numbered_partition_keys(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/eu/2024/a.csv": SALES, "t/us/2024/a.csv": SALES})
    crawl(crawler(lake), catalog)
    assert catalog.get_table("lake", "t").key_names == ("partition_0", "partition_1")
    assert set(partitions(catalog, "t")) == {("eu", "2024"), ("us", "2024")}


def test_a_partition_key_that_is_a_column_too_is_told(lake: Path, catalog: Catalog) -> None:
    put(lake, {"p/year=1/a.parquet": parquet(year=[1], id=[2]), "q/year=1/a.csv": "id,year,x\n1,1,1.5\n2,1,2.5\n"})
    report = crawl(crawler(lake), catalog)
    assert types_of(catalog.get_table("lake", "p")) == {"id": "bigint"}
    assert types_of(catalog.get_table("lake", "q")) == {"id": "bigint", "year_1": "bigint", "x": "double"}
    assert all("partition key" in " ".join(table.notes) for table in report.tables)


def test_a_single_file_can_be_a_target(lake: Path, catalog: Catalog) -> None:
    put(lake, {"sales.csv": SALES, "other.csv": SALES})
    report = crawl(crawler(lake, targets=(Target(str(lake / "sales.csv")),)), catalog)
    assert (only(report).name, only(report).location) == ("sales", f"file://{lake}/sales.csv")


def test_damaged_files_are_reported_and_the_others_crawled(lake: Path, catalog: Catalog) -> None:
    whole = parquet(id=list(range(100)))
    put(
        lake,
        {
            "t/day=1/a.parquet": whole,
            "t/day=2/a.parquet": whole[: len(whole) // 2],
            "u/a.csv.gz": gzip.compress(SALES.encode())[:-12],
            "u/b.csv": SALES,
            "u/readme.txt": "just a word\n",
        },
    )
    report = crawl(crawler(lake), catalog)
    assert {Path(note.place).name for note in report.files.failed.shown} == {"a.parquet", "a.csv.gz"}
    assert [Path(note.place).name for note in report.files.skipped.shown] == ["readme.txt"]
    assert [table.name for table in report.tables] == ["t", "u"]
    assert set(partitions(catalog, "t")) == {("1",)}
    assert any("day=2/a.parquet: it begins as Parquet but" in line for line in report.log)


def test_files_above_the_partitions_are_reported_and_not_counted(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/stray.json": EVENTS, "t/k=1/a.json": EVENTS})
    report = crawl(crawler(lake), catalog)
    assert only(report).files == 1
    assert "lies above its table's partition folders" in report.files.skipped.shown[0].reason


def test_a_name_that_another_place_has_gets_a_hash_that_stays(lake: Path, catalog: Catalog) -> None:
    put(lake, {"a/sales/x.csv": SALES, "b/sales/x.json": EVENTS})
    both = crawler(lake, targets=(Target(str(lake / "a" / "sales")), Target(str(lake / "b" / "sales"))))
    first = [table.name for table in crawl(both, catalog).tables]
    assert first[0] == "sales"
    assert first[1].startswith("sales_")
    assert [table.name for table in crawl(both, catalog).tables] == first


def test_exclusions_are_left_out_and_kept_on_the_table(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.csv": SALES, "t/b.json": EVENTS})
    crawl(crawler(lake, targets=(Target(str(lake), ("**.json",)),)), catalog)
    assert catalog.get_table("lake", "t").parameters["exclusions"] == '["**.json"]'


def test_sampling_reads_some_files_and_counts_all(lake: Path, catalog: Catalog) -> None:
    put(lake, {f"t/k={part}/{number}.csv": SALES for part in "ab" for number in range(5)})
    report = crawl(crawler(lake, targets=(Target(str(lake), sample_size=1),)), catalog)
    assert (report.files.seen, report.files.read) == (10, 2)
    assert (only(report).files, only(report).records, only(report).records_sampled) == (10, 20, 4)


def test_files_outside_the_sample_of_a_mixed_folder_are_told(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.csv": SALES, "t/b.json": EVENTS, "t/c.parquet": parquet(z=[1])})
    report = crawl(crawler(lake, targets=(Target(str(lake), sample_size=2),)), catalog)
    assert report.table_counts.added == 2
    assert "it is not in the sample" in report.files.skipped.shown[0].reason


def test_two_folders_of_one_value_are_one_partition_and_told(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/k=A/x.csv": SALES, "t/k=%41/x.csv": SALES})
    report = crawl(crawler(lake), catalog)
    assert set(partitions(catalog, "t")) == {("A",)}
    assert only(report).notes == ("1 folders repeat the values of another, which alone is kept",)


def test_a_name_that_is_not_text_is_a_fault_of_that_file_alone(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.csv": SALES})
    Path(os.fsdecode(bytes(lake) + b"/t/b\xff.csv")).write_text(SALES)
    report = crawl(crawler(lake), catalog)
    assert [Path(note.place).name for note in report.files.failed.shown] == ["b\\udcff.csv"]
    assert only(report).files == 1


# ── what a crawl refuses ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_reports_everything_and_writes_nothing(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.csv": SALES})
    report = crawl(crawler(lake), catalog, dry_run=True)
    assert (only(report).action, report.written, report.table_counts.added) == (Action.CREATED, False, 1)
    assert list(catalog.iter_tables("lake")) == []


def test_more_tables_than_the_threshold_fail_and_write_nothing(lake: Path, catalog: Catalog) -> None:
    put(lake, {"a/x.csv": SALES, "b/x.json": EVENTS})
    with pytest.raises(TooManyTables, match="2 tables were found, 1 are allowed"):
        crawl(crawler(lake, configuration=Configuration(table_threshold=1)), catalog)
    assert list(catalog.iter_tables("lake")) == []


def test_a_crawl_that_is_stopped_writes_nothing(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.csv": SALES})
    with pytest.raises(CrawlStopped):
        crawl(crawler(lake), catalog, stop=lambda: True)
    assert list(catalog.iter_tables("lake")) == []


def test_a_missing_place_or_database_is_named(lake: Path, catalog: Catalog) -> None:
    with pytest.raises(PlaceNotFound, match="nowhere"):
        crawl(crawler(lake / "nowhere"), catalog)
    with pytest.raises(NotFound, match="Database other not found"):
        crawl(crawler(lake, database="other"), catalog)


def test_progress_is_told_by_stages(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.csv": SALES, "t/b.csv": SALES})
    told: list[Progress] = []
    crawl(crawler(lake), catalog, progress=told.append)
    assert told[-1] == Progress("read", 2, 2)
    assert told[0].stage == "list"


def test_a_report_survives_json(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.csv": SALES, "t/b.json": "{"})
    report = crawl(crawler(lake), catalog)
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
