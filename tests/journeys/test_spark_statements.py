"""An unmodified Spark does everything: chapters of statements against the service, managed tables and all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from api.hive.server import HiveServer
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Origin
from tests.journeys.spark_statements import CHAPTERS, Refused


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="module")
def core(folder: Path) -> Iterator[Catalog]:
    engine = db.connect(db.sqlite_url(folder / "catalog.db"))
    yield Catalog(engine, Origin(face="test"))
    engine.dispose()


@pytest.fixture(scope="module")
def spark(core: Catalog, folder: Path) -> Iterator[SparkSession]:
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
        .config("spark.hadoop.hive.exec.dynamic.partition.mode", "nonstrict")
        .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={folder}")
        .enableHiveSupport()
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
    server.stop()


def answer(spark: SparkSession, statement: str) -> object:
    """The rows; or the class and message of the refusal."""
    try:
        return [tuple(row) for row in spark.sql(statement).collect()]
    except PySparkException as error:
        return f"{error.getCondition()} {error}"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_statement_of_the_chapter_does_what_it_says(spark: SparkSession, folder: Path, chapter: str) -> None:
    database = re.sub("[^a-z]+", "_", chapter)
    names = {"{db}": database, "{root}": str(folder / database)}
    spark.sql(f"CREATE DATABASE {database}")
    wrong = []
    for text, expected in CHAPTERS[chapter]:
        statement = filled(text, names)
        found = answer(spark, statement)
        if isinstance(expected, Refused):
            right = isinstance(found, str) and expected.condition in found
        else:
            right = found == [
                tuple(filled(each, names) if isinstance(each, str) else each for each in row) for row in expected
            ]
        if not right:
            wrong.append(f"{statement[:200]}\n    gave {str(found)[:400]}\n    not {expected}")
    assert not wrong, "\n".join(wrong)
    spark.sql(f"DROP DATABASE {database} CASCADE")
    assert not (folder / f"warehouse/{database}.db").exists(), "nothing is left of what was managed"


def filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


def test_sessions_write_at_once(spark: SparkSession, core: Catalog) -> None:
    spark.sql("CREATE DATABASE together")
    spark.sql("CREATE TABLE together.t (a INT, p INT) USING parquet PARTITIONED BY (p)")

    def work(number: int) -> None:
        session = spark.newSession()
        session.sql(f"CREATE TABLE together.own_{number} AS SELECT {number} AS a")
        session.sql(f"ALTER TABLE together.t ADD PARTITION (p = {number})")
        session.sql(f"INSERT INTO together.own_{number} VALUES ({number})")
        session.sql(f"ALTER TABLE together.own_{number} RENAME TO together.new_{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    for number in range(4):
        assert answer(spark, f"SELECT a FROM together.new_{number}") == [(number,), (number,)]
    assert core.count_partitions("together", "t") == 4
    assert len(list(core.iter_tables("together"))) == 5


def test_there_are_two_hundred_statements() -> None:
    assert sum(map(len, CHAPTERS.values())) >= 200
