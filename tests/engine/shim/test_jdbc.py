"""Frames of PostgreSQL through its JDBC driver, which the operating system brings: reading, writing, connections."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue._jdbc import DatabaseError
from awsglue._missing import NotProvidedError
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection

from tests.conftest import Postgres
from tests.engine.shim.peer import Peer, plan
from tests.engine.shim.shop import JAR, Shop, open_shop

if TYPE_CHECKING:
    from awsglue.context import GlueContext

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def shop(postgres: Postgres) -> Iterator[Shop]:
    with open_shop(postgres) as opened:
        yield opened


def connection_of(peer: Peer, shop: Shop, **more: str) -> None:
    given = {"JDBC_CONNECTION_URL": shop.url, "USERNAME": "postgres", "PASSWORD": "canary-5d1c", **more}
    peer.give("GET", "connections/shop", {"name": "shop", "kind": "JDBC", "properties": given})


def ids(frame: DynamicFrame) -> list[int]:
    return sorted(row.id for row in frame.toDF().select("id").collect())


def test_a_table_is_read_with_its_driver_s_types(glue: GlueContext, shop: Shop) -> None:
    frame = glue.create_dynamic_frame.from_options("postgresql", shop.options)
    assert {field.name: field.dataType.typeName() for field in frame.schema().fields} == {
        "id": "long", "who": "string", "amount": "decimal", "day": "date", "Odd name": "int",
    }  # fmt: skip
    assert ids(frame) == list(range(1, 41))
    assert "canary" not in str(frame.toDF()._jdf.queryExecution())


@pytest.mark.parametrize("kind", ["jdbc", "custom.jdbc", "marketplace.jdbc"])
def test_the_url_says_which_database_a_general_connection_leads_to(glue: GlueContext, shop: Shop, kind: str) -> None:
    given = {**shop.options, "dbTable": shop.options["dbtable"], "className": "org.postgresql.Driver"}
    del given["dbtable"]
    frame = glue.create_dynamic_frame.from_options(kind, {**given, "filterPredicate": "id < 4"})
    assert ids(frame) == [1, 2, 3]
    glue.write_dynamic_frame.from_options(frame.select_fields(["id"]), kind, {**given, "dbTable": f"kept_{kind[0]}"})
    assert ids(glue.create_dynamic_frame.from_options(kind, {**given, "dbTable": f"kept_{kind[0]}"})) == [1, 2, 3]
    for option in ("secretId", "dataTypeMapping"):
        with pytest.raises(NotProvidedError, match=f"the option {option} of {kind}"):
            glue.create_dynamic_frame.from_options(kind, {**given, option: "x"})


@pytest.mark.parametrize(
    "given",
    [
        {"hashfield": "who"},
        {"hashfield": "Odd name", "hashpartitions": "3"},
        {"hashfield": "day", "hashpartitions": 1},
        {"hashexpression": '"Odd name"', "hashpartitions": "4"},
        {"hashexpression": "amount", "hashpartitions": "2"},
        {"hashexpression": "length(who)"},
        {"partitionColumn": "id", "lowerBound": "10", "upperBound": "20", "numPartitions": "3"},
    ],
)
def test_a_table_read_in_parts_has_each_row_once(glue: GlueContext, shop: Shop, given: dict[str, Any]) -> None:
    frame = glue.create_dynamic_frame.from_options("postgresql", {**shop.options, **given})
    assert ids(frame) == list(range(1, 41))
    wanted = int(given.get("hashpartitions") or given.get("numPartitions") or 7)
    assert frame.getNumPartitions() == wanted


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"dbtable": "(SELECT id FROM sales.orders WHERE id < 4) AS few"}, [1, 2, 3]),
        ({"dbtable": "SELECT id FROM sales.orders WHERE id < 4;"}, [1, 2, 3]),
        ({"query": "SELECT id FROM sales.orders WHERE id < 3", "hashexpression": "id"}, [1, 2]),
        ({"filterPredicate": "who IS NULL AND id < 20"}, [5, 10, 15]),
        ({"sampleQuery": "SELECT id FROM sales.orders WHERE id = 7"}, [7]),
        (
            {
                "sampleQuery": "SELECT id FROM sales.orders WHERE id < 9 AND",
                "enablePartitioningForSampleQuery": True,
                "hashfield": "who",
                "hashpartitions": "3",
            },
            [1, 2, 3, 4, 5, 6, 7, 8],
        ),
    ],
)
def test_a_query_is_read(glue: GlueContext, shop: Shop, given: dict[str, Any], found: list[int]) -> None:
    assert ids(glue.create_dynamic_frame.from_options("postgresql", {**shop.options, **given})) == found


def test_samples_have_as_many_rows_as_asked_for(glue: GlueContext, shop: Shop) -> None:
    asked = {"sampleQuery": "SELECT * FROM sales.orders WHERE", "enablePartitioningForSampleQuery": "true"}
    sized = {**shop.options, **asked, "hashexpression": "id", "sampleSize": "6"}
    assert glue.create_dynamic_frame.from_options("postgresql", sized).count() == 6
    assert glue.create_sample_dynamic_frame_from_options("postgresql", shop.options, 5).count() == 5


def test_a_crawled_table_is_read_and_written_through_its_connection(glue: GlueContext, shop: Shop, peer: Peer) -> None:
    connection_of(peer, shop)
    told = {
        **plan(format="postgresql", columns="id:bigint", connectionName="shop", hashfield="id"),
        "location": f"{shop.name}.sales.orders",
    }
    peer.give("POST", "read-plan", told)
    frame = glue.create_dynamic_frame.from_catalog("d", "orders", additional_options={"hashpartitions": "2"})
    assert (frame.name, ids(frame), frame.getNumPartitions()) == ("orders", list(range(1, 41)), 2)
    assert glue.create_sample_dynamic_frame_from_catalog("d", "orders", 3).count() == 3

    target = {"database": "d", "table": "copy", "location": f"{shop.name}.public.Copy", "format": "postgresql"}
    columns: dict[str, Any] = {"options": {"connectionName": "shop"}, "columns": [], "partition_keys": []}
    peer.give("GET", "tables/d/copy", {**target, **columns})
    glue.write_dynamic_frame.from_catalog(frame, "d", "copy")
    assert shop.ask('SELECT count(*) FROM public."Copy"') == [(40,)]


def test_rows_are_appended_through_a_connection_to_the_database_named(
    glue: GlueContext, shop: Shop, peer: Peer
) -> None:
    connection_of(peer, shop, JDBC_CONNECTION_URL=shop.url.rpartition("/")[0] + "/postgres")
    rows = glue.spark_session.createDataFrame([(1, "x"), (2, None)], "id int, name string")
    frame = DynamicFrame.fromDF(rows, glue, "made")
    options = {"database": shop.name, "dbtable": "made", "bulkSize": "2"}
    for _ in range(2):
        assert glue.write_dynamic_frame.from_jdbc_conf(frame, "shop", options) is None  # type: ignore[func-returns-value]
    assert shop.ask("SELECT id, name FROM made ORDER BY id") == [(1, "x"), (1, "x"), (2, None), (2, None)]
    by_properties = {"useConnectionProperties": "true", "connectionName": "shop", "dbtable": "made", **options}
    assert ids(glue.create_dynamic_frame.from_options("postgresql", by_properties)) == [1, 1, 2, 2]
    assert glue.extract_jdbc_conf("shop") == {
        "url": shop.url.rpartition("/")[0], "fullUrl": shop.url.rpartition("/")[0] + "/postgres", "user": "postgres",
        "password": "canary-5d1c", "vendor": "postgresql", "enforceSSL": "false", "customJDBCCert": "",
        "skipCustomJDBCCertValidation": "false", "customJDBCCertString": "",
    }  # fmt: skip


def test_a_collection_is_written_each_frame_to_a_table_of_its_name(glue: GlueContext, shop: Shop) -> None:
    frames = [DynamicFrame.fromDF(glue.spark_session.range(n), glue, f"part_{n}") for n in (1, 2)]
    glue.write_from_options(DynamicFrameCollection(frames, glue), "postgresql", shop.options)
    assert shop.ask("SELECT (SELECT count(*) FROM part_1), (SELECT count(*) FROM part_2)") == [(1, 2)]


def test_a_field_that_is_always_null_is_written_as_text_and_a_nested_one_is_refused(
    glue: GlueContext, shop: Shop
) -> None:
    nulls = DynamicFrame.fromDF(glue.spark_session.sql("SELECT 1 AS id, NULL AS nothing"), glue, "nulls")
    sink = glue.getSink("postgresql", **{**shop.options, "dbtable": "nulls"})
    sink.writeFrame(nulls)
    assert shop.ask("SELECT id, nothing FROM nulls") == [(1, None)]
    nested = DynamicFrame.fromDF(glue.spark_session.sql("SELECT named_struct('a', 1) AS s"), glue, "nested")
    with pytest.raises(NotProvidedError, match=r"nested column 's'.*unnest"):
        sink.writeFrame(nested)


def test_a_connection_that_demands_tls_is_refused_by_a_server_without(
    glue: GlueContext, shop: Shop, peer: Peer
) -> None:
    connection_of(peer, shop, JDBC_ENFORCE_SSL="true")
    with pytest.raises(DatabaseError, match="does not support SSL"):
        glue.create_dynamic_frame.from_options("postgresql", {"connectionName": "shop", "dbtable": "sales.orders"})


def test_a_driver_the_script_names_is_loaded(glue: GlueContext, shop: Shop, tmp_path: Path) -> None:
    jar = shutil.copy(JAR, tmp_path / "it's mine.jar")
    named = {"customJdbcDriverS3Path": str(jar), "customJdbcDriverClassName": "org.postgresql.Driver"}
    assert glue.create_dynamic_frame.from_options("postgresql", {**shop.options, **named}).count() == 40


def test_a_table_that_is_not_there_is_told_of_without_the_password(glue: GlueContext, shop: Shop) -> None:
    with pytest.raises(Exception, match='"nowhere" does not exist') as raised:
        glue.create_dynamic_frame.from_options("postgresql", {**shop.options, "dbtable": "nowhere"})
    assert "canary" not in str(raised.value)
