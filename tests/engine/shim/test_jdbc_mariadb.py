"""Frames of MariaDB through its JDBC driver; both are the operating system's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue._jdbc import DatabaseError
from awsglue.dynamicframe import DynamicFrame

from tests import mariadb
from tests.engine.shim.peer import Peer

if TYPE_CHECKING:
    from awsglue.context import GlueContext

pytestmark = pytest.mark.system

JAR = Path("/usr/share/java/mariadb-java-client.jar")
INSTALL = "apt-get install libmariadb-java"
PASSWORD = "canary-77ab"
ORDERS = (
    "CREATE TABLE shop.orders (id BIGINT PRIMARY KEY, `the who` VARCHAR(9), price DECIMAL(8, 2), yes BOOLEAN)",
    """INSERT INTO shop.orders SELECT seq, IF(MOD(seq, 4) <> 0, CONCAT('w', seq), NULL), seq / 2, MOD(seq, 2)
    FROM seq_1_to_20""",
    "COMMIT",
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if not JAR.exists():
        pytest.fail(f"MariaDB's JDBC driver is not there; install it: {INSTALL}", pytrace=False)
    with mariadb.running(tmp_path_factory.mktemp("mariadb")) as port:
        with mariadb.root(port) as connection:
            for statement in (
                "CREATE DATABASE shop",
                f"CREATE USER writer@localhost IDENTIFIED BY '{PASSWORD}'",
                "GRANT ALL ON shop.* TO writer@localhost",
                "USE shop",
                *ORDERS,
            ):
                connection.exec_driver_sql(statement)
        yield port


def options(port: int, table: str = "orders", scheme: str = "mysql", password: str = PASSWORD) -> dict[str, Any]:
    url = f"jdbc:{scheme}://127.0.0.1:{port}/shop?useSSL=false"
    return {"url": url, "user": "writer", "password": password, "dbtable": table}


@pytest.mark.parametrize("scheme", ["mysql", "mariadb"])
@pytest.mark.parametrize("given", [{}, {"hashfield": "the who"}, {"hashexpression": "price", "hashpartitions": "3"}])
def test_a_table_has_each_row_once_with_its_driver_s_types(
    glue: GlueContext, port: int, scheme: str, given: dict[str, str]
) -> None:
    frame = glue.create_dynamic_frame.from_options("mysql", {**options(port, scheme=scheme), **given})
    assert {field.name: field.dataType.typeName() for field in frame.schema().fields} == {
        "id": "long", "the who": "string", "price": "decimal", "yes": "boolean",
    }  # fmt: skip
    rows = sorted(frame.toDF().collect())
    assert [row.id for row in rows] == list(range(1, 21))
    assert (rows[2]["the who"], str(rows[2].price), rows[2].yes) == ("w3", "1.50", True)


def test_rows_are_appended_to_a_table_that_is_made(glue: GlueContext, port: int) -> None:
    frame = DynamicFrame.fromDF(glue.spark_session.sql("SELECT 1 AS id, 'é' AS `the name`"), glue, "made")
    for _ in range(2):
        glue.write_dynamic_frame.from_options(frame, "mysql", options(port, "made"))
    read = glue.create_dynamic_frame.from_options("mysql", options(port, "made"))
    assert [tuple(row) for row in read.toDF().collect()] == [(1, "é"), (1, "é")]


@pytest.mark.parametrize("table", ["numbered", "`shop`.numbered"])
def test_without_keys_the_primary_key_tells_the_rows_where_the_database_numbers_it(
    glue: GlueContext, port: int, peer: Peer, table: str
) -> None:
    with mariadb.root(port) as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS shop.numbered (id INT AUTO_INCREMENT PRIMARY KEY)")
        connection.exec_driver_sql("REPLACE INTO shop.numbered VALUES (1), (2)")
        connection.exec_driver_sql("COMMIT")
    peer.give("POST", "bookmark/key-plan", {"tracked": True, "after": ["long:1"], "upto": None})
    frame = glue.create_dynamic_frame.from_options("mysql", options(port, table), transformation_ctx="c")
    assert [row.id for row in frame.toDF().collect()] == [2]
    assert peer.bodies("bookmark/keys-read")[-1]["keys"] == ["`id`"]
    given = glue.create_dynamic_frame.from_options("mysql", options(port), transformation_ctx="d")
    assert given.count() == 20  # its primary key is the script's own to number


def test_a_wrong_password_is_told_without_it(glue: GlueContext, port: int) -> None:
    with pytest.raises(DatabaseError, match=r"mysql at jdbc:mysql://127\.0\.0\.1:\d+: .*Access denied") as raised:
        glue.create_dynamic_frame.from_options("mysql", options(port, password="wrong-canary"))
    assert "canary" not in str(raised.value)
