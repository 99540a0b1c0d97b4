"""An unmodified Spark with Hive support reads crawled tables through the Hive face."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from api.hive.server import HiveServer
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Origin
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
    server = HiveServer(crawled, "127.0.0.1", 0)
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
