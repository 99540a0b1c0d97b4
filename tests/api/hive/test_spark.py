"""An unmodified Spark with Hive support reads crawled tables through the Hive face."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from api.hive.server import HiveServer
from api.hive.spark_view import SCHEMA
from catalog import db
from catalog.catalog import Catalog
from catalog.changes import diff
from catalog.model import Column, Origin
from tests.api.hive import lake
from tests.api.hive.conftest import Calls


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    root = tmp_path_factory.mktemp("lake")
    engine = db.connect(db.sqlite_url(root / "catalog.db"))
    catalog = Catalog(engine, Origin(face="test"))
    lake.build(catalog, root)
    yield catalog
    engine.dispose()


@pytest.fixture(scope="module")
def spark(crawled: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    home = tmp_path_factory.mktemp("spark")
    server = HiveServer(crawled, "127.0.0.1", 0, f"file:{home}/warehouse")
    server.start()
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.hadoop.hive.metastore.uris", f"thrift://127.0.0.1:{server.port}")
        .config("spark.sql.warehouse.dir", str(home / "warehouse"))
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={home}")
        .enableHiveSupport()
        .getOrCreate()
    )
    yield session
    session.stop()
    server.stop()


def rows(spark: SparkSession, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in spark.sql(statement).collect()]


def test_the_catalog_s_databases_tables_and_partitions_are_listed(spark: SparkSession) -> None:
    assert ("shop",) in rows(spark, "SHOW DATABASES")
    names = ["books", "customers", "events", "notes", "orders", "visits"]
    assert rows(spark, "SHOW TABLES IN shop") == [("shop", name, False) for name in names]
    assert rows(spark, "SHOW TABLES IN shop LIKE 'v*|o*'") == [("shop", name, False) for name in ("orders", "visits")]
    assert rows(spark, "SHOW PARTITIONS shop.orders PARTITION (year=2024)") == [
        ("year=2024/month=01",),
        ("year=2024/month=02",),
    ]
    assert [row[0] for row in rows(spark, "SHOW PARTITIONS shop.events")] == [
        "month=1/dt=2024-01-05",
        "month=10/dt=2024-10-05",
        "month=2/dt=2024-02-05",
    ]


def test_describe_shows_data_columns_then_partition_keys(spark: SparkSession) -> None:
    described = rows(spark, "DESCRIBE shop.orders")
    assert [row[:2] for row in described[:6]] == [
        ("id", "bigint"),
        ("price", "double"),
        ("day", "date"),
        ("note", "string"),
        ("year", "int"),
        ("month", "string"),
    ]


@pytest.mark.parametrize(
    ("table", "count"), [("orders", 5), ("events", 4), ("visits", 4), ("notes", 3), ("customers", 2), ("books", 2)]
)
def test_rows_are_counted_without_header_lines(spark: SparkSession, table: str, count: int) -> None:
    assert rows(spark, f"SELECT count(*) FROM shop.{table}") == [(count,)]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("id", [1, 2, 3, 4, 9000000000]),
        ("price", [1.5, 2.5, 3.5, 4.5, 5.5]),
        ("day", [date(2024, 1, 1), date(2024, 1, 2), date(2024, 2, 1), date(2023, 12, 30), date(2023, 12, 31)]),
        ("note", ["first", None, "a, b", None, None]),
        ("year", [2024, 2024, 2024, 2023, 2023]),
        ("month", ["01", "01", "02", "12", "12"]),
    ],
)
def test_each_column_of_a_csv_table_reads_also_where_older_files_lack_it(
    spark: SparkSession, column: str, values: list[object]
) -> None:
    assert sorted_column(spark, "orders", column, "price") == values


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("userid", [1, 2, 3, 4]),
        ("get(tags, 1)", ["b", None, None, None]),
        ("device.os", ["linux", "mac", None, None]),
        ("device.screen.width", [800, None, None, None]),
        ("score", [None, None, 0.5, None]),
        ("month", [1, 1, 2, 10]),
        ("dt", [date(2024, 1, 5), date(2024, 1, 5), date(2024, 2, 5), date(2024, 10, 5)]),
    ],
)
def test_each_column_of_a_json_table_reads_nested_or_in_mixed_case(
    spark: SparkSession, column: str, values: list[object]
) -> None:
    assert sorted_column(spark, "events", column, "userid") == values


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("id", [1, 2, 3, 9000000000]),
        ("page", ["/", "/a", "/b", None]),
        ("agent", [None, None, "x", "y"]),
        ("month", [1, 1, 2, 2]),
    ],
)
def test_each_column_of_a_parquet_table_reads_though_it_was_added_or_widened_later(
    spark: SparkSession, column: str, values: list[object]
) -> None:
    assert sorted_column(spark, "visits", column, "id") == values


def test_quoted_delimiters_and_doubled_quotes_stay_inside_their_value(spark: SparkSession) -> None:
    assert rows(spark, "SELECT * FROM shop.notes ORDER BY id") == [
        ("1", "a;b"),
        ("2", 'say "hi"; bye'),
        ("3", "C:\\temp"),
    ]


def test_a_gzipped_csv_without_header_and_an_xml_table_read(spark: SparkSession) -> None:
    assert rows(spark, "SELECT * FROM shop.customers ORDER BY id") == [
        (1, "Ada", True, datetime(2024, 1, 1, 10)),  # noqa: DTZ001 - Spark's timestamps come as local time
        (2, "Bob", False, None),
    ]
    assert rows(spark, "SELECT * FROM shop.books ORDER BY id") == [(1, "A & B"), (2, None)]


def test_tables_of_different_formats_join(spark: SparkSession) -> None:
    joined = "shop.customers c JOIN shop.visits v ON v.id = c.id JOIN shop.events e ON e.userid = c.id"
    assert rows(spark, f"SELECT c.name, v.page, e.device.os FROM {joined} ORDER BY c.id") == [
        ("Ada", "/", "linux"),
        ("Bob", "/a", "mac"),
    ]


@pytest.mark.parametrize(
    ("query", "filter", "found"),
    [
        ("SELECT id FROM shop.visits WHERE month = 1", "month = 1", [1, 2]),
        ("SELECT userid FROM shop.events WHERE month IN (1, 10)", "(month) in (1, 10)", [1, 2, 4]),
        ("SELECT userid FROM shop.events WHERE month > 1 AND month < 10", "month > 1 and month < 10", [3]),
        ("SELECT userid FROM shop.events WHERE dt >= DATE'2024-02-01'", 'dt >= "2024-02-01"', [3, 4]),
        ("SELECT id FROM shop.orders WHERE month = '02'", 'month = "02"', [3]),
        ("SELECT id FROM shop.orders WHERE month LIKE '1%'", 'month like "1.*"', [4, 9000000000]),
        ("SELECT id FROM shop.orders WHERE year = 2024 AND (month = '01' OR month = '12')", "year = 2024", [1, 2]),
        ("SELECT id FROM shop.orders WHERE year != 2024", "year != 2024", [4, 9000000000]),
    ],
)
def test_a_partition_filter_is_answered_by_the_server(
    spark: SparkSession, calls: Calls, query: str, filter: str, found: list[int]
) -> None:
    assert {row[0] for row in rows(spark, query)} == set(found)
    asked = [call.filter for call in calls.of("get_partitions_by_filter")]
    assert len(asked) == 1
    assert filter in asked[0]
    assert not calls.of("get_partitions")


def sorted_column(spark: SparkSession, table: str, column: str, order: str) -> list[object]:
    """The column as SELECT alone delivers it, in the order of another."""
    alone = [row[0] for row in rows(spark, f"SELECT {column} FROM shop.{table}")]
    ordered = [row[0] for row in rows(spark, f"SELECT {column} FROM shop.{table} ORDER BY {order}")]
    assert sorted(map(repr, alone)) == sorted(map(repr, ordered))
    return ordered


# ── what Spark writes ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("table", ["orders", "events", "visits", "notes", "customers", "books"])
def test_statistics_make_no_version_and_leave_nothing_of_spark_s_in_the_definition(
    spark: SparkSession, crawled: Catalog, table: str
) -> None:
    before = crawled.get_table("shop", table)
    spark.sql(f"ANALYZE TABLE shop.{table} COMPUTE STATISTICS")
    after = crawled.get_table("shop", table)
    assert (after.version, after.storage) == (before.version, before.storage)
    added = after.parameters.items() - before.parameters.items()
    assert {name for name, _ in added} == {"spark.sql.statistics.numRows", "spark.sql.statistics.totalSize"}


def test_a_property_set_in_spark_is_the_whole_difference(spark: SparkSession, crawled: Catalog) -> None:
    for table in ("orders", "events", "visits", "notes", "customers"):
        before = crawled.get_table("shop", table)
        spark.sql(f"ALTER TABLE shop.{table} SET TBLPROPERTIES ('team' = 'web')")
        after = crawled.get_table("shop", table)
        assert [change.path for change in diff(before, after)] == ["parameters.team"]
        assert after.storage == before.storage


def test_rows_inserted_by_spark_lie_in_a_partition_of_the_catalog(spark: SparkSession, crawled: Catalog) -> None:
    written = copy(crawled, "orders")
    spark.sql(f"INSERT INTO shop.{written} VALUES (7, 1.25, DATE'2025-03-03', 'x, \"y\"', 2025, '03')")
    assert rows(spark, f"SELECT id, note FROM shop.{written} WHERE year = 2025") == [(7, 'x, "y"')]
    [added] = crawled.iter_partitions("shop", written)
    table = crawled.get_table("shop", written)
    assert added.values == ("2025", "03")
    assert added.storage.serde == table.storage.serde


def test_a_column_added_in_spark_is_a_column_of_the_catalog(spark: SparkSession, crawled: Catalog) -> None:
    for table in ("orders", "events", "visits"):
        written = copy(crawled, table)
        spark.sql(f"ALTER TABLE shop.{written} ADD COLUMNS (extra DECIMAL(10,2) COMMENT 'new', word VARCHAR(3))")
        before, after = crawled.get_table("shop", table), crawled.get_table("shop", written)
        assert after.storage.columns == (
            *before.storage.columns,
            Column("extra", "decimal(10,2)", "new"),
            Column("word", "varchar(3)"),
        )
        assert not any(name.startswith("spark.sql.sources") for name in after.parameters)
        assert rows(spark, f"SELECT extra, word FROM shop.{written}") == []


def test_tables_and_views_made_in_spark_are_kept_as_spark_wrote_them(
    spark: SparkSession, crawled: Catalog, tmp_path: Path
) -> None:
    spark.sql(f"CREATE TABLE shop.made (Id INT, tags ARRAY<STRING>) USING json LOCATION 'file://{tmp_path}/made'")
    spark.sql("INSERT INTO shop.made VALUES (1, ARRAY('a'))")
    spark.sql("CREATE VIEW shop.seen AS SELECT id FROM shop.made")
    assert rows(spark, "SELECT * FROM shop.seen") == [(1,)]
    assert (
        json.loads(crawled.get_table("shop", "made").parameters[SCHEMA]) == spark.table("shop.made").schema.jsonValue()
    )
    spark.sql("ALTER TABLE shop.made RENAME TO shop.renamed")
    assert [row["Id"] for row in spark.table("shop.renamed").collect()] == [1]
    spark.sql("DROP VIEW shop.seen")
    spark.sql("DROP TABLE shop.renamed")
    assert list(tmp_path.glob("made/*.json")), "an external table's files stay"


def copy(catalog: Catalog, table: str) -> str:
    """A table of its own for a test that writes: defined as `table`, at an empty place."""
    found = catalog.get_table("shop", table)
    name = f"written_{table}_{len(list(catalog.iter_tables('shop')))}"
    place = Path(f"{found.storage.location}".removeprefix("file://")).with_name(name)
    place.mkdir()
    catalog.create_table(replace(found, name=name, storage=replace(found.storage, location=f"file://{place}/")))
    return name


def test_functions_of_java_and_of_sql_are_created_called_replaced_and_dropped(
    spark: SparkSession, crawled: Catalog
) -> None:
    spark.sql("CREATE FUNCTION shop.Hexed AS 'org.apache.hadoop.hive.ql.udf.UDFHex'")
    spark.sql("CREATE FUNCTION shop.twice(x INT) RETURNS INT COMMENT 'é' RETURN x * 2")
    assert rows(spark, "SELECT shop.hexed(17), shop.TWICE(4)") == [("11", 8)]
    assert [function.name for function in crawled.iter_functions("shop")] == ["hexed", "twice"]
    spark.sql("CREATE OR REPLACE FUNCTION shop.twice(x INT) RETURNS INT RETURN x + x + 0")
    assert rows(spark, "SELECT shop.twice(5)") == [(10,)]
    names = [row[0].rpartition(".")[2] for row in spark.sql("SHOW USER FUNCTIONS IN shop").collect()]
    assert names == ["hexed", "twice"]
    for name in names:
        spark.sql(f"DROP FUNCTION shop.{name}")
        spark.sql(f"DROP FUNCTION IF EXISTS shop.{name}")
    assert list(crawled.iter_functions("shop")) == []
