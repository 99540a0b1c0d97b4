"""Two Sparks in processes of their own, GraphQL, and a table of 100,000 partitions, on one catalog."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from api.hive.server import HiveServer
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Origin, Partition
from engine.engine import Engine
from tests.api.graphql.conftest import Client as GraphQL
from tests.api.hive.conftest import Calls, calls  # noqa: F401 - a fixture
from tests.journeys import second_spark

DAYS, SLOTS = 100, 1_000


@dataclass
class Other:
    """The Spark of the other process."""

    process: subprocess.Popen[str]

    def sql(self, statement: str) -> Any:
        """The rows, or what the refusal says."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(statement) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("together")


@pytest.fixture(scope="module")
def graphql(folder: Path) -> Iterator[GraphQL]:
    store = db.connect(db.sqlite_url(folder / "catalog.db"))
    yield GraphQL(Catalog(store, Origin("graphql", "console")), Engine(store), folder / "runs")
    store.dispose()


@pytest.fixture(scope="module")
def uri(graphql: GraphQL, folder: Path) -> Iterator[str]:
    server = HiveServer(graphql.catalog, "127.0.0.1", 0, f"file:{folder}/warehouse")
    server.start()
    yield f"thrift://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture(scope="module")
def starting(uri: str, folder: Path) -> Iterator[Other]:
    """The other Spark, which starts while the first one does."""
    own = folder / "other"
    own.mkdir()
    command = [sys.executable, second_spark.__file__, uri, str(own)]
    with (own / "log").open("w") as log:
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, cwd=own, stdin=pipe, stdout=pipe, stderr=log, text=True)
    yield Other(process)
    process.communicate(timeout=60)


@pytest.fixture(scope="module")
def spark(starting: Other, uri: str, folder: Path) -> Iterator[SparkSession]:
    if (active := SparkSession.getActiveSession()) is not None:
        active.stop()  # another test's: a process has one Spark, and that one has another catalog
    session = second_spark.session(uri, str(folder))
    session.sql("CREATE DATABASE both")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def other(starting: Other, spark: SparkSession) -> Other:
    assert starting.answer() == "ready"
    return starting


def rows(spark: SparkSession, statement: str) -> list[list[object]]:
    return [list(row) for row in spark.sql(statement).collect()]


def test_each_spark_sees_at_once_what_the_other_did(spark: SparkSession, other: Other) -> None:
    spark.sql("CREATE TABLE both.t (a INT, p INT) USING parquet PARTITIONED BY (p)")
    assert other.sql("SELECT * FROM both.t") == []
    other.sql("INSERT INTO both.t VALUES (1, 1)")
    spark.sql("REFRESH TABLE both.t")  # files, not definitions: every Spark keeps lists of them
    assert rows(spark, "SELECT * FROM both.t") == [[1, 1]]
    spark.sql("ALTER TABLE both.t ADD COLUMNS (b STRING)")
    assert [row[0] for row in other.sql("SHOW COLUMNS IN both.t")] == ["a", "b", "p"]
    other.sql("ALTER TABLE both.t ADD PARTITION (p = 7)")
    assert rows(spark, "SHOW PARTITIONS both.t") == [["p=1"], ["p=7"]]
    spark.sql("ALTER TABLE both.t DROP PARTITION (p = 1)")
    assert other.sql("SHOW PARTITIONS both.t") == [["p=7"]]
    other.sql("ALTER TABLE both.t SET TBLPROPERTIES ('by' = 'the other')")
    assert rows(spark, "SHOW TBLPROPERTIES both.t ('by')") == [["by", "the other"]]
    spark.sql("ALTER TABLE both.t RENAME TO both.u")
    assert other.sql("SELECT count(*) FROM both.t").startswith("TABLE_OR_VIEW_NOT_FOUND")
    other.sql("CREATE VIEW both.v AS SELECT a FROM both.u")
    assert rows(spark, "SELECT * FROM both.v") == []
    spark.sql("DROP VIEW both.v")
    spark.sql("DROP TABLE both.u")
    assert other.sql("SHOW TABLES IN both") == []


def test_functions_of_one_spark_are_called_in_the_other(spark: SparkSession, other: Other, graphql: GraphQL) -> None:
    spark.sql("CREATE FUNCTION both.twice(x INT) RETURNS INT RETURN x * 2")
    other.sql("CREATE FUNCTION both.far AS 'org.apache.hadoop.hive.ql.udf.generic.GenericUDFLevenshtein'")
    assert other.sql("SELECT both.twice(21)") == [[42]]
    assert rows(spark, "SELECT both.far('kitten', 'sitting')") == [[3]]
    found = {function.name: function.class_name for function in graphql.catalog.iter_functions("both")}
    assert sorted(found) == ["far", "twice"]
    assert found["far"] == "org.apache.hadoop.hive.ql.udf.generic.GenericUDFLevenshtein"
    other.sql("DROP FUNCTION both.twice")
    spark.sql("DROP FUNCTION both.far")
    assert not list(graphql.catalog.iter_functions("both"))


def test_nothing_is_lost_when_both_change_one_table_at_once(
    spark: SparkSession, other: Other, graphql: GraphQL
) -> None:
    spark.sql("CREATE TABLE both.busy (a INT, p INT) USING parquet PARTITIONED BY (p)")
    sides = {"first": lambda text: rows(spark, text), "other": other.sql}

    def work(side: str) -> list[object]:
        answers: list[object] = []
        for number in range(15):
            value = number * 2 + (side == "other")
            answers.append(sides[side](f"ALTER TABLE both.busy ADD PARTITION (p = {value})"))
            answers.append(sides[side](f"CREATE TABLE both.{side}_{number} (a INT) USING parquet"))
            answers.append(sides[side](f"INSERT INTO both.{side}_{number} VALUES ({number})") if number < 2 else [])
        return answers

    with ThreadPoolExecutor(2) as pool:
        assert all(answer == [] for answers in pool.map(work, sides) for answer in answers)
    assert {part.values for part in graphql.catalog.iter_partitions("both", "busy")} == {(f"{n}",) for n in range(30)}
    assert rows(spark, "SELECT * FROM both.other_1") == other.sql("SELECT * FROM both.first_1") == [[1]]
    assert len(other.sql("SHOW TABLES IN both")) == 31


def test_what_spark_wrote_is_in_graphql_at_once_with_who_and_by_which_face(
    spark: SparkSession, other: Other, graphql: GraphQL
) -> None:
    spark.sql("CREATE TABLE both.seen (a INT) USING parquet")
    other.sql("ALTER TABLE both.seen ADD COLUMNS (b STRING COMMENT 'new')")
    spark.sql("ALTER TABLE both.seen SET TBLPROPERTIES ('team' = 'web')")
    seen = graphql.ask(
        '{ table(database: "both", name: "seen") { columns { name type comment } versions { edges { node {'
        " version createdAt origin { face principal } columns { name } } } } } }"
    )["table"]
    assert seen["columns"][1] == {"name": "b", "type": "string", "comment": "new"}
    versions = [edge["node"] for edge in seen["versions"]["edges"]]
    assert [(each["version"], len(each["columns"])) for each in versions] == [(2, 2), (1, 2), (0, 1)]
    user = spark.sparkContext.sparkUser()
    assert all(each["origin"] == {"face": "hive", "principal": user} for each in versions)
    assert sorted(each["createdAt"] for each in versions) == [each["createdAt"] for each in reversed(versions)]


def test_what_graphql_wrote_is_in_every_spark_at_once(
    spark: SparkSession, other: Other, graphql: GraphQL, folder: Path
) -> None:
    lines = folder / "lines" / "p=1"
    lines.mkdir(parents=True)
    (lines / "a.csv").write_text("1,x\n2,y\n")
    storage: dict[str, Any] = {
        "columns": [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}],
        "location": f"file:{folder}/lines",
        "inputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "outputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "serde": {
            "library": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "parameters": [{"name": "field.delim", "value": ","}],
        },
    }
    table = {"storage": storage, "partitionKeys": [{"name": "p", "type": "int"}]}
    made = graphql.change("createTable", "table { name }", database="both", name="lines", table=table)
    assert not made["userErrors"]
    part = {"values": ["1"], "storage": storage | {"location": f"file:{lines}"}}
    added = graphql.change(
        "batchCreatePartition", "partitions { values }", database="both", table="lines", partitions=[part]
    )
    assert not added["userErrors"]
    assert rows(spark, "SELECT * FROM both.lines WHERE p = 1 ORDER BY a") == [[1, "x", 1], [2, "y", 1]]
    assert other.sql("SELECT sum(a) FROM both.lines") == [[3]]
    storage["columns"].append({"name": "c", "type": "double"})
    changed = graphql.change("updateTable", "table { version }", database="both", name="lines", table=table)
    assert changed["table"] == {"version": 1}
    assert [row[0] for row in other.sql("SHOW COLUMNS IN both.lines")] == ["a", "b", "c", "p"]
    graphql.change("deleteTable", "clientMutationId", database="both", name="lines")
    assert other.sql("SELECT * FROM both.lines").startswith("TABLE_OR_VIEW_NOT_FOUND")
    assert (lines / "a.csv").exists()


def test_a_table_of_a_hundred_thousand_partitions(
    spark: SparkSession,
    other: Other,
    graphql: GraphQL,
    calls: Calls,  # noqa: F811
) -> None:
    catalog = graphql.catalog
    spark.sql("CREATE TABLE both.big (a INT, day STRING, slot INT) USING parquet PARTITIONED BY (day, slot)")
    spark.sql("INSERT INTO both.big VALUES (1, 'd050', 7), (2, 'd050', 7), (3, 'd051', 7)")
    stored = catalog.get_partition("both", "big", ("d050", "7")).storage
    place = catalog.get_table("both", "big").storage.location
    for ten in range(0, DAYS, 10):
        values = [(f"d{day:03}", f"{slot}") for day in range(ten, ten + 10) for slot in range(SLOTS)]
        places = [replace(stored, location=f"{place}/day={day}/slot={slot}") for day, slot in values]
        catalog.create_partitions("both", "big", list(map(Partition, values, places)), if_not_exists=True)
    assert catalog.count_partitions("both", "big") == DAYS * SLOTS
    calls.made.clear()
    assert rows(spark, "SELECT count(*), sum(a) FROM both.big WHERE day = 'd050' AND slot = 7") == [[2, 3]]
    assert other.sql("SELECT count(*) FROM both.big WHERE slot = 7 AND day BETWEEN 'd040' AND 'd060'") == [[3]]
    assert len(calls.of("get_partitions_by_filter")) == 2
    assert not calls.of("get_partitions")
    assert len(rows(spark, "SHOW PARTITIONS both.big PARTITION (day = 'd099')")) == SLOTS
    assert len(rows(spark, "SHOW PARTITIONS both.big")) == DAYS * SLOTS
    spark.sql("ALTER TABLE both.big ADD PARTITION (day = 'new', slot = 1) PARTITION (day = 'new', slot = 2)")
    other.sql("ALTER TABLE both.big DROP PARTITION (day = 'new', slot = 1), PARTITION (day = 'd000', slot = 999)")
    assert rows(spark, "SHOW PARTITIONS both.big PARTITION (day = 'new')") == [["day=new/slot=2"]]
    assert catalog.count_partitions("both", "big") == DAYS * SLOTS
    spark.sql("ANALYZE TABLE both.big PARTITION (day = 'd050', slot = 7) COMPUTE STATISTICS")
    counted = catalog.get_partition("both", "big", ("d050", "7")).parameters
    assert counted["spark.sql.statistics.numRows"] == "2"
    spark.sql("ALTER TABLE both.big RENAME TO both.bigger")
    assert other.sql("SELECT sum(a) FROM both.bigger WHERE day = 'd051' AND slot < 8") == [[3]]
    spark.sql("DROP TABLE both.bigger")
    assert not [table.name for table in catalog.iter_tables("both") if table.name.startswith("big")]
