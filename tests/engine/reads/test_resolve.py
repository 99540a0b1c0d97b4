"""From a table and its files to a read plan, and from what was written to the catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.catalog import Catalog
from catalog.changes import AddColumn, AlterTable, CreateTable, PutPartitions, RetypeColumn
from catalog.model import Column, Database, SerDe, StorageDescriptor, Table
from engine.errors import UnsupportedSource
from engine.jobs.source_options import parse_options
from engine.reads.resolve import Group, Written, bounds_of, by_place, catalog_changes, plan_read, source_name
from engine.reads.selection import Bounds, FileSeen
from engine.reads.table_formats import reader_of, stored_as

LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"


def table(serde: str | None, settings: dict[str, str] | None = None, **parameters: str) -> Table:
    storage = StorageDescriptor(
        (Column("a", "int"),), "s3://lake/t/", serde=SerDe(serde, settings or {}), number_of_buckets=3
    )
    return Table("d", "t", storage, (Column("year", "int"),), parameters=parameters, token=4)


@pytest.mark.parametrize(
    ("of", "kind", "options"),
    [
        (table("org.openx.data.jsonserde.JsonSerDe"), "json", {}),
        (table("org.apache.hive.hcatalog.data.JsonSerDe"), "json", {}),
        (table("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"), "parquet", {}),
        (table("org.apache.hadoop.hive.ql.io.orc.OrcSerde"), "orc", {}),
        (table(LAZY, {"field.delim": ","}), "csv", {"separator": ",", "quoteChar": '"', "withHeader": False}),
        (table(LAZY, {"field.delim": "|"}, **{"skip.header.line.count": "1"}), "csv", {"withHeader": True}),
        (table(LAZY, {"field.delim": ","}, **{"skip.header.line.count": "0"}), "csv", {"withHeader": False}),
        (table(LAZY, {"field.delim": ",", "serialization.format": "\t"}), "csv", {"separator": ","}),
        (table(LAZY, {"serialization.format": "\t"}), "csv", {"separator": "\t"}),
        (table(LAZY, {"serialization.format": "1"}), "csv", {"separator": "\x01"}),
        (table(LAZY, {"field.delim": "9"}), "csv", {"separator": "\t"}),
        (table(LAZY, {"field.delim": "", "serialization.format": "44"}), "csv", {"separator": ","}),
        (table(LAZY), "csv", {"separator": "\x01", "escaper": None}),
        (table(LAZY, {"escape.delim": "\\"}), "csv", {"escaper": "\\"}),
        (table(OPEN_CSV), "csv", {"separator": ",", "quoteChar": '"', "escaper": None, "withHeader": False}),
        (
            table(OPEN_CSV, {"separatorChar": ";", "quoteChar": "'", "escapeChar": "\\"}),
            "csv",
            {"separator": ";", "quoteChar": "'", "escaper": None},
        ),
        (table(OPEN_CSV, {"escapeChar": "\\", "escape": "\\"}), "csv", {"escaper": "\\"}),
        (table(OPEN_CSV, {"escapeChar": "^"}), "csv", {"escaper": "^"}),
        (table(OPEN_CSV.replace("Serde", "SerDe"), multiLine="true"), "csv", {"multiLine": "true"}),
        (
            table(LAZY, {"serialization.encoding": "ISO-8859-1", "serialization.null.format": "-"}),
            "csv",
            {"encoding": "ISO-8859-1", "nullValue": "-"},
        ),
        (table("org.openx.data.jsonserde.JsonSerDe", jsonPath="$.a[*]"), "json", {"jsonPath": "$.a[*]"}),
        (table(None, classification="json"), "json", {}),
        (table(None, classification="csv"), "csv", {}),
        (table(None, classification="csv", delimiter="|"), "csv", {"separator": "|", "withHeader": False}),
        (table(None, {"rowTag": "book", "attributePrefix": "@"}, classification="xml"), "xml", {"rowTag": "book"}),
        (table(LAZY, {"rowTag": "book"}, classification="xml", rowTag="other"), "xml", {"rowTag": "book"}),
        (table("org.apache.hadoop.hive.serde2.avro.AvroSerDe"), "avro", {"version": "1.8"}),
        (
            table(
                "com.amazonaws.glue.serde.GrokSerDe",
                {"input.format": "%{WORD:w}", "input.grokCustomPatterns": "X y"},
                classification="apache",
            ),
            "grokLog",
            {"logFormat": "%{WORD:w}", "customPatterns": "X y"},
        ),
        (table("com.amazon.ionhiveserde.IonHiveSerDe"), "ion", {}),
    ],
)
def test_a_tables_serde_says_how_its_files_are_read(of: Table, kind: str, options: dict[str, object]) -> None:
    found, read_with = reader_of(of)
    assert found == kind
    assert {name: read_with[name] for name in options} == options


@pytest.mark.parametrize("serde", [None, "", "org.apache.hadoop.hive.serde2.RegexSerDe"])
def test_a_serde_that_jobs_do_not_read_is_named(serde: str | None) -> None:
    with pytest.raises(UnsupportedSource, match=r"table d\.t is not supported here: jobs do not read SerDe"):
        reader_of(table(serde))


@pytest.mark.parametrize("parameters", [{"table_type": "ICEBERG"}, {"spark.sql.sources.provider": "delta"}])
def test_a_table_whose_log_says_which_files_count_is_not_read_as_files(parameters: dict[str, str]) -> None:
    of = replace(PARQUET, parameters=parameters)
    with pytest.raises(UnsupportedSource, match=r"Read it as a DataFrame .* --datalake-formats (iceberg|delta)"):
        plan_read(of, GROUPS, None, tracked=False)


@pytest.mark.parametrize("kind", ["kinesis", "kafka"])
def test_a_table_that_describes_a_stream_is_not_read_as_files(kind: str) -> None:
    of = replace(PARQUET, storage=replace(PARQUET.storage, location="clicks", parameters={"typeOfData": kind}))
    with pytest.raises(UnsupportedSource, match=f"it is a stream of {kind}"):
        plan_read(of, GROUPS, None, tracked=False)


@pytest.mark.parametrize("lake", ["delta", "hudi", "iceberg"])
def test_a_table_of_a_lake_is_of_its_format_whatever_its_serde(lake: str) -> None:
    assert reader_of(replace(PARQUET, parameters={"table_type": lake.upper()})) == (lake, {})
    assert reader_of(replace(table(None), parameters={"spark.sql.sources.provider": lake})) == (lake, {})


FILES = [FileSeen(f"s3://lake/t/year={year}/f", 1, year) for year in (2011, 2012, 2013)]
GROUPS = [Group((str(file.modified_ms),), f"s3://lake/t/year={file.modified_ms}/", (file,)) for file in FILES]
PARQUET = table("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")


def test_an_untracked_read_takes_every_file() -> None:
    plan = plan_read(PARQUET, GROUPS, None, tracked=False)
    assert (plan.selected, plan.skipped, plan.tracked) == (3, 0, False)
    assert plan.groups == tuple(GROUPS)
    assert (plan.format, plan.columns, plan.partition_keys) == (
        "parquet",
        PARQUET.storage.columns,
        PARQUET.partition_keys,
    )


def test_a_tracked_read_takes_the_wanted_files_only_and_leaves_out_groups_without_any() -> None:
    plan = plan_read(PARQUET, GROUPS, {FILES[2].path}, tracked=True)
    assert [group.values for group in plan.groups] == [("2013",)]
    assert (plan.selected, plan.skipped) == (1, 2)
    assert plan_read(PARQUET, GROUPS, set(), tracked=True).groups == ()


def test_a_bookmark_knows_a_table_by_its_location_and_a_bare_place_by_its_path() -> None:
    assert by_place(PARQUET, GROUPS) == {"s3://lake/t": FILES}
    bare = replace(PARQUET, database="", name="t", partition_keys=())
    assert source_name(bare) == "s3://lake/t/"
    assert by_place(bare, GROUPS[:2]) == {"s3://lake/t/year=2011": FILES[:1], "s3://lake/t/year=2012": FILES[1:2]}


@pytest.mark.parametrize(
    ("parameters", "asked", "files", "size"),
    [
        ({}, {}, None, None),
        ({"boundedFiles": "3"}, {}, 3, None),
        ({"boundedFiles": "3"}, {"boundedSize": "70"}, None, 70),
        ({"boundedSize": "5"}, {"boundedfiles": 2}, 2, None),
    ],
)
def test_a_table_s_bounds_hold_where_the_script_asks_for_none(
    parameters: dict[str, str], asked: dict[str, Any], files: int | None, size: int | None
) -> None:
    bounds = bounds_of(replace(PARQUET, parameters=parameters), parse_options(asked))
    assert (bounds.files, bounds.size, bounds.band_ms) == (files, size, 900_000)


def test_a_band_is_never_shorter_than_a_store_s_clock_ticks() -> None:
    assert bounds_of(PARQUET, parse_options({"maxBand": "0", "maxFilesInBand": "7"})) == Bounds(None, None, 1_000, 7)


WRITTEN = Written(
    "d",
    "out",
    "s3://lake/out/",
    "parquet",
    (Column("Carrier", "string"), Column("delay", "bigint")),
    (Column("year", "int"),),
    ((("2013",), "s3://lake/out/year=2013/"), (("2014",), "s3://lake/out/year=2014/")),
)


@pytest.mark.parametrize(
    ("options", "header", "separator"),
    [
        ({}, "1", ","),
        ({"writeHeader": False, "separator": "|"}, "0", "|"),
        ({"separator": None}, "1", ","),
        ({"writeheader": "false", "Separator": ";"}, "0", ";"),
    ],
)
def test_a_csv_that_was_written_can_be_read_back_by_what_the_catalog_says(
    options: dict[str, Any], header: str, separator: str
) -> None:
    (change,) = catalog_changes(replace(WRITTEN, format="csv", options=options), None)
    assert isinstance(change, CreateTable)
    assert change.table.parameters["skip.header.line.count"] == header
    kind, read_with = reader_of(change.table)
    assert (kind, read_with["separator"], read_with["withHeader"]) == ("csv", separator, header == "1")


@pytest.mark.parametrize("kind", ["avro", "csv", "json", "parquet", "orc"])
def test_what_is_written_in_a_format_is_read_in_that_format(kind: str) -> None:
    (change,) = catalog_changes(replace(WRITTEN, format=kind), None)
    assert isinstance(change, CreateTable)
    assert reader_of(change.table)[0] == kind


def test_a_format_that_the_catalog_does_not_take_in_is_named() -> None:
    with pytest.raises(UnsupportedSource, match=r"format xml is not supported here: .* takes in avro, csv"):
        stored_as("xml")


def test_a_new_table_comes_with_its_partitions(catalog: Catalog) -> None:
    catalog.create_database(Database("d"))
    catalog.apply(catalog_changes(WRITTEN, None))
    found = catalog.get_table("d", "out")
    assert [(column.name, column.type) for column in found.all_columns] == [
        ("carrier", "string"),
        ("delay", "bigint"),
        ("year", "int"),
    ]
    partitions = list(catalog.iter_partitions("d", "out"))
    assert [(each.values, each.storage.location) for each in partitions] == list(WRITTEN.partitions)
    assert {each.storage.serde.library for each in partitions} == {found.storage.serde.library}


def test_the_same_write_again_changes_nothing_of_the_table(catalog: Catalog) -> None:
    catalog.create_database(Database("d"))
    catalog.apply(catalog_changes(WRITTEN, None))
    before = catalog.get_table("d", "out")
    changes = catalog_changes(WRITTEN, before)
    assert [type(change) for change in changes] == [PutPartitions]
    catalog.apply(changes)
    assert catalog.get_table("d", "out") == before


def test_new_columns_and_types_come_into_an_existing_table_and_its_new_partitions(catalog: Catalog) -> None:
    catalog.create_database(Database("d"))
    catalog.apply(catalog_changes(WRITTEN, None))
    later = replace(
        WRITTEN,
        columns=(Column("Gate", "string"), Column("DELAY", "double")),
        partitions=((("2015",), "s3://lake/out/year=2015/"),),
    )
    changes = catalog_changes(later, catalog.get_table("d", "out"))
    assert changes[0] == AlterTable(
        "d", "out", (AddColumn(Column("Gate", "string")), RetypeColumn("delay", "double")), 0
    )
    catalog.apply(changes)
    found = catalog.get_table("d", "out")
    assert [(column.name, column.type) for column in found.storage.columns] == [
        ("carrier", "string"),
        ("delay", "double"),
        ("gate", "string"),
    ]
    assert found.version == 1
    newest = catalog.get_partition("d", "out", ("2015",))
    assert [column.name.lower() for column in newest.storage.columns] == ["carrier", "delay", "gate"]
    assert [column.type for column in newest.storage.columns] == ["string", "double", "string"]
    oldest = catalog.get_partition("d", "out", ("2013",))
    assert len(oldest.storage.columns) == 2


def test_a_write_that_must_not_update_the_schema_adds_only_partitions_without_new_columns(catalog: Catalog) -> None:
    catalog.create_database(Database("d"))
    catalog.apply(catalog_changes(WRITTEN, None))
    before = catalog.get_table("d", "out")
    later = replace(
        WRITTEN,
        columns=(Column("gate", "string"),),
        partitions=((("2015",), "s3://lake/out/year=2015/"),),
        update_schema=False,
    )
    catalog.apply(catalog_changes(later, before))
    assert catalog.get_table("d", "out") == before
    assert [each.values for each in catalog.iter_partitions("d", "out")] == [("2013",), ("2014",)]
    catalog.apply(catalog_changes(replace(later, columns=(Column("delay", "bigint"),)), before))
    assert catalog.get_table("d", "out") == before
    assert catalog.get_partition("d", "out", ("2015",)).storage.columns == before.storage.columns
