"""Databases without one: URLs, and the queries that Glue's options become."""

from __future__ import annotations

import re
from typing import Any

import pytest
from awsglue._jdbc import Database, database_of, table_at, without_secrets
from awsglue._jdbc_queries import Queries, queries_of
from awsglue._jdbc_vendors import VENDORS, server_of, shown_server, vendor_of, with_database
from awsglue._missing import NotProvidedError
from awsglue._service import NoServiceError

POSTGRESQL, MYSQL = VENDORS["postgresql"], VENDORS["mysql"]


@pytest.mark.parametrize(
    ("url", "vendor", "server", "elsewhere"),
    [
        ("jdbc:postgresql://h:5432/db?ssl=true", "postgresql", "jdbc:postgresql://h:5432", "jdbc:postgresql://h:5432/x?ssl=true"),
        ("jdbc:postgresql://h", "postgresql", "jdbc:postgresql://h", "jdbc:postgresql://h/x"),
        ("jdbc:mysql://h:3306/", "mysql", "jdbc:mysql://h:3306", "jdbc:mysql://h:3306/x"),
        ("jdbc:sqlserver://h:1433;databaseName=db;encrypt=true", "sqlserver", "jdbc:sqlserver://h:1433",
         "jdbc:sqlserver://h:1433;databaseName=x;encrypt=true"),
        ("jdbc:oracle:thin:@//h:1521/ORCL", "oracle", "jdbc:oracle:thin:@//h:1521", "jdbc:oracle:thin:@//h:1521/x"),
        ("jdbc:oracle:thin:@h:1521:SID", "oracle", "jdbc:oracle:thin:@h:1521", "jdbc:oracle:thin:@h:1521/x"),
    ],
)  # fmt: skip
def test_a_url_tells_its_vendor_and_server_and_takes_another_database(
    url: str, vendor: str, server: str, elsewhere: str
) -> None:
    assert vendor_of(url).name == vendor
    assert server_of(url) == server
    assert with_database(url, "x") == elsewhere
    assert with_database(url, None) == url
    assert shown_server(url) == server


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("jdbc:mysql://root:canary@h:3306/db", "jdbc:mysql://h:3306"),
        ("jdbc:mysql://root:canary@h:3306", "jdbc:mysql://h:3306"),
        ("jdbc:oracle:thin:scott/canary@//h:1521/x", "jdbc:oracle:thin:@//h:1521"),
        ("JDBC:ORACLE:thin:scott/canary@h:1:x", "JDBC:ORACLE"),
        ("jdbc:mysql:replication://h/db?password=canary", "jdbc:mysql"),
        ("jdbc:postgresql:db?user=u&password=canary", "jdbc:postgresql"),
        ("jdbc:mysql://address=(host=h)(password=canary)/db", "jdbc:mysql"),
        ("jdbc:sqlserver://h:1433;databaseName=x;Password=canary;encrypt=true", "jdbc:sqlserver://h:1433"),
    ],
)
def test_a_password_in_a_url_is_not_shown_whatever_the_driver_repeats(url: str, shown: str) -> None:
    assert shown_server(url) == shown
    database = Database(vendor_of(url.lower()), url)
    assert "canary" not in repr(database)
    assert "canary" not in without_secrets(f"cannot connect to {url} as u with canary", database)


@pytest.mark.parametrize("url", ["jdbc:redshift://h/db", "jdbc:snowflake://h", "postgresql+psycopg://h/db", "h"])
def test_a_url_of_another_vendor_is_refused_by_name(url: str) -> None:
    with pytest.raises(NotProvidedError, match=re.escape(url.split(":")[1 if url.startswith("jdbc") else 0])):
        vendor_of(url)


def rows(given: dict[str, Any], vendor: str = "postgresql") -> Queries:
    return queries_of(VENDORS[vendor], {name.lower(): value for name, value in given.items()})


@pytest.mark.parametrize(
    ("given", "table"),
    [
        ({"dbtable": "sales.orders"}, "sales.orders"),
        ({"dbtable": "(SELECT 1) AS one"}, "(SELECT 1) AS one"),
        ({"dbtable": "select id from orders;"}, "(select id from orders) isinglass_rows"),
        ({"query": "SELECT 1;", "dbtable": "x"}, "(SELECT 1) isinglass_rows"),
        ({"dbtable": "t", "filterPredicate": "a > 1"}, "(SELECT * FROM t WHERE a > 1) isinglass_rows"),
        ({"sampleQuery": "SELECT * FROM t LIMIT 5"}, "(SELECT * FROM t LIMIT 5) isinglass_rows"),
    ],
)
def test_a_source_is_a_table_or_a_query(given: dict[str, Any], table: str) -> None:
    assert rows(given) == Queries((table,), options={"fetchsize": "10000"})


@pytest.mark.parametrize(
    ("vendor", "given", "first", "second"),
    [
        ("postgresql", {"hashfield": "a", "hashpartitions": "3"},
         '(ABS(MOD(HASHTEXT(CAST("a" AS TEXT)), 3)) NOT IN (1, 2) OR ABS(MOD(HASHTEXT(CAST("a" AS TEXT)), 3)) IS NULL)',
         'ABS(MOD(HASHTEXT(CAST("a" AS TEXT)), 3)) = 1'),
        ("mysql", {"hashfield": "the name", "hashpartitions": 2},
         "(ABS(MOD(CRC32(`the name`), 2)) NOT IN (1) OR ABS(MOD(CRC32(`the name`), 2)) IS NULL)",
         "ABS(MOD(CRC32(`the name`), 2)) = 1"),
        ("sqlserver", {"hashexpression": "id + 1", "hashpartitions": 2},
         "(ABS(((id + 1)) % 2) NOT IN (1) OR ABS(((id + 1)) % 2) IS NULL)", "ABS(((id + 1)) % 2) = 1"),
        ("oracle", {"hashfield": "ID", "hashpartitions": 2},
         "(ABS(MOD(ORA_HASH(ID), 2)) NOT IN (1) OR ABS(MOD(ORA_HASH(ID), 2)) IS NULL)",
         "ABS(MOD(ORA_HASH(ID), 2)) = 1"),
    ],
)  # fmt: skip
def test_a_hash_splits_a_table_into_one_query_a_bucket(
    vendor: str, given: dict[str, Any], first: str, second: str
) -> None:
    assert rows({"dbtable": "t", **given}, vendor).predicates[:2] == (first, second)


def test_seven_queries_are_made_unless_told_otherwise() -> None:
    assert len(rows({"dbtable": "t", "hashexpression": "id"}).predicates) == 7
    assert rows({"dbtable": "t", "hashexpression": "id", "hashpartitions": 1}).predicates == ("1 = 1",)
    assert rows({"dbtable": "t", "hashpartitions": 5}).predicates == ()


def test_ranges_of_a_column_are_spark_s_own_and_go_before_a_hash() -> None:
    ranges = {"partitionColumn": "id", "lowerBound": "1", "upperBound": 9, "numPartitions": 2}
    found = rows({"dbtable": "t", **ranges, "hashfield": "id", "fetchsize": 5})
    assert found.predicates == ()
    assert found.options == {"fetchsize": "5", **{name: str(value) for name, value in ranges.items()}}


def test_a_sample_query_is_split_and_bounded_as_asked() -> None:
    given = {"sampleQuery": "SELECT * FROM t WHERE", "enablePartitioningForSampleQuery": "true", "hashpartitions": 2}
    found = rows({**given, "hashexpression": "id", "sampleSize": "10"})
    assert found.limit == 10
    assert found.tables[1] == (
        "(SELECT * FROM (SELECT * FROM t WHERE ABS(MOD((id), 2)) = 1) isinglass_rows LIMIT 10) isinglass_rows"
    )
    assert rows(given).tables == ("(SELECT * FROM t WHERE 1 = 1) isinglass_rows",)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "dbtable"),
        ({"sampleQuery": "SELECT 1", "enablePartitioningForSampleQuery": True}, "must end in WHERE or AND"),
        ({"dbtable": "t", "hashfield": "a", "hashpartitions": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_asked_is_told(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rows(given)


def test_the_first_rows_are_asked_for_in_each_vendor_s_words() -> None:
    found = {name: rows({"dbtable": "t"}, name).first(3, vendor).tables[0] for name, vendor in VENDORS.items()}
    assert found == {
        "mysql": "(SELECT * FROM t LIMIT 3) isinglass_rows",
        "postgresql": "(SELECT * FROM t LIMIT 3) isinglass_rows",
        "sqlserver": "(SELECT TOP 3 * FROM t) isinglass_rows",
        "oracle": "(SELECT * FROM t FETCH FIRST 3 ROWS ONLY) isinglass_rows",
    }


@pytest.mark.parametrize(
    ("vendor", "location", "found"),
    [
        ("postgresql", "db.sales.order", ("db", '"sales"."order"')),
        ("oracle", "db.sales.orders", ("db", "sales.orders")),
        ("postgresql", "db.Sales.the orders", ("db", '"Sales"."the orders"')),
        ("mysql", "db.orders.2026", ("db", "`orders.2026`")),
    ],
)
def test_a_table_s_location_says_its_database_and_name(vendor: str, location: str, found: tuple[str, str]) -> None:
    assert table_at(VENDORS[vendor], location) == found


def test_a_location_without_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"database\.schema\.table"):
        table_at(POSTGRESQL, "orders")


def test_options_lead_to_a_database_and_the_rest_is_for_its_driver() -> None:
    given = {"URL": "jdbc:mariadb://h/db", "user": "u", "password": "canary", "database": "x", "dbTable": "t"}
    found = database_of("mysql", {**given, "sslMode": "trust", "hashfield": "id"})
    assert found == Database(MYSQL, "jdbc:mysql://h/x", "u", "canary", settings={"sslMode": "trust"})
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("kind", "given", "error", "words"),
    [
        ("mysql", {}, ValueError, "needs the option url"),
        ("mysql", {"url": "jdbc:postgresql://h/db"}, ValueError, "the connection type is mysql"),
        ("mysql", {"connectionName": "shop"}, NoServiceError, "The connection shop"),
    ],
)
def test_options_that_lead_nowhere_are_told(
    kind: str, given: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        database_of(kind, given)
