"""Iceberg's own GlueCatalog, the one in Java that Spark, Flink and Trino load, works on the service."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyspark
import pytest
from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway
from py4j.protocol import Py4JJavaError
from pyiceberg.catalog.glue import GlueCatalog

from tests.jars import iceberg_jars
from tests.journeys.installation import Installation

WRITERS, COMMITS = 8, 4
SPARK_JARS = Path(pyspark.__file__).parent / "jars"


@dataclass
class Iceberg:
    """`catalog` is an org.apache.iceberg.aws.glue.GlueCatalog; `java` reaches its classes."""

    gateway: JavaGateway
    catalog: Any
    endpoint: str
    key: dict[str, str]

    @property
    def java(self) -> Any:
        return self.gateway.jvm

    def namespace(self, name: str) -> Any:
        names = self.gateway.new_array(self.java.String, 1)
        names[0] = name
        return self.java.org.apache.iceberg.catalog.Namespace.of(names)

    def table(self, database: str, name: str) -> Any:
        return self.java.org.apache.iceberg.catalog.TableIdentifier.of(self.namespace(database), name)

    def data_file(self, table: Any, name: str) -> Any:
        """A file of one row that nobody reads: what is tried here are the commits."""
        files = self.java.org.apache.iceberg.DataFiles.builder(table.spec())
        return files.withPath(f"/data/{name}.parquet").withFileSizeInBytes(10).withRecordCount(1).build()

    def append(self, table: Any, name: str) -> None:
        table.newFastAppend().appendFile(self.data_file(table, name)).commit()


@pytest.fixture
def iceberg(installation: Installation) -> Iterator[Iceberg]:
    service = installation.serve(auth="on")
    made = installation.json("access-key", "create", "lakes", "--role", "editor")
    key = {"id": made["access_key"]["key_id"], "secret": made["secret"]}
    [py4j] = SPARK_JARS.glob("py4j-*.jar")
    java = Path(os.environ["JAVA_HOME"]) / "bin" / "java"
    classpath = f"{iceberg_jars()}/*:{SPARK_JARS}/*"
    port, process = launch_gateway(
        jarpath=str(py4j), classpath=classpath, die_on_exit=True, java_path=str(java), return_proc=True
    )
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auto_convert=True))
    gateway.jvm.System.setProperty("aws.accessKeyId", key["id"])
    gateway.jvm.System.setProperty("aws.secretAccessKey", key["secret"])
    catalog = gateway.jvm.org.apache.iceberg.aws.glue.GlueCatalog()
    catalog.setConf(gateway.jvm.org.apache.hadoop.conf.Configuration())
    properties = {
        "glue.endpoint": service.endpoint,
        "client.region": "us-east-1",
        "warehouse": f"file://{installation.folder}/warehouse",
        "io-impl": "org.apache.iceberg.hadoop.HadoopFileIO",
    }
    catalog.initialize("glue", properties)
    yield Iceberg(gateway, catalog, service.endpoint, key)
    catalog.close()
    gateway.shutdown()
    process.stdin.close()
    process.wait(30)


def schema(iceberg: Iceberg) -> Any:
    types = iceberg.java.org.apache.iceberg.types.Types
    fields = [
        types.NestedField.required(1, "id", types.LongType.get(), "of the order"),
        types.NestedField.optional(2, "at", types.TimestampType.withZone()),
    ]
    return iceberg.java.org.apache.iceberg.Schema(iceberg.gateway.jvm.java.util.ArrayList(fields))


def refusal(attempt: Any, *arguments: Any) -> str:
    """The class of the Java error."""
    with pytest.raises(Py4JJavaError) as refused:
        attempt(*arguments)
    name: str = refused.value.java_exception.getClass().getSimpleName()
    return name


def test_tables_live_their_whole_life_and_commits_at_once_lose_nothing(
    iceberg: Iceberg, installation: Installation
) -> None:
    catalog, shop, orders = iceberg.catalog, iceberg.namespace("shop"), iceberg.table("shop", "orders")
    catalog.createNamespace(shop, {"comment": "A shop", "team": "web"})
    assert refusal(catalog.createNamespace, shop, {}) == "AlreadyExistsException"
    assert refusal(catalog.loadNamespaceMetadata, iceberg.namespace("gone")) == "NoSuchNamespaceException"
    catalog.setProperties(shop, {"team": "data"})
    assert dict(catalog.loadNamespaceMetadata(shop))["team"] == "data"

    catalog.createTable(orders, schema(iceberg))
    assert refusal(catalog.createTable, orders, schema(iceberg)) == "AlreadyExistsException"
    assert refusal(catalog.loadTable, iceberg.table("shop", "gone")) == "NoSuchTableException"
    table = catalog.loadTable(orders)
    types = iceberg.java.org.apache.iceberg.types.Types
    table.updateSchema().addColumn("amount", types.DoubleType.get()).commit()
    table.updateProperties().set("commit.retry.num-retries", "50").set("commit.retry.min-wait-ms", "10").commit()
    columns = installation.catalog.get_table("shop", "orders").storage.columns
    assert [(column.name, column.type) for column in columns] == [
        ("id", "bigint"),
        ("at", "timestamp"),
        ("amount", "double"),
    ]

    def write(writer: int) -> None:
        for number in range(COMMITS):
            iceberg.append(catalog.loadTable(orders), f"{writer}-{number}")

    with ThreadPoolExecutor(WRITERS) as pool:
        assert list(pool.map(write, range(WRITERS))) == [None] * WRITERS
    assert catalog.loadTable(orders).currentSnapshot().summary()["total-records"] == str(WRITERS * COMMITS)

    renamed = iceberg.table("shop", "sales")
    catalog.renameTable(orders, renamed)
    assert [each.name() for each in catalog.listTables(shop)] == ["sales"]
    assert refusal(catalog.dropNamespace, shop) == "NamespaceNotEmptyException"
    properties = {
        "glue.endpoint": iceberg.endpoint,
        "glue.region": "us-east-1",
        "glue.access-key-id": iceberg.key["id"],
        "glue.secret-access-key": iceberg.key["secret"],
    }
    python = GlueCatalog("glue", **properties).load_table("shop.sales")
    seen = python.current_snapshot()
    assert seen is not None
    assert seen.snapshot_id == catalog.loadTable(renamed).currentSnapshot().snapshotId()
    assert (catalog.dropTable(renamed, True), catalog.dropTable(renamed, True)) == (True, False)
    assert catalog.dropNamespace(shop)
