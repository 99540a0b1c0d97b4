"""What GraphQL itself adds to the nouns beside tables; what it shares with other faces is in tests/promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.graphql.statistics import StatisticsKind
from catalog.model import Column, Connection, Function, Partition, PartitionIndex
from catalog.statistics import KINDS, ColumnStatistics, LongValues
from tests.api.graphql.conftest import Client, orders
from tests.api.graphql.test_catalog import code

AT = {"database": "shop", "table": "orders"}
SECRET = "hunter2-0ad5"
ID = {"column": "id", "type": "bigint", "kind": "LONG", "low": "-9223372036854775808", "high": "9", "nulls": 0}
GIVEN = {**ID, "distinct": 5}


@pytest.fixture
def full(shop: Client) -> Client:
    """One of each noun, four partitions and two versions."""
    shop.catalog.create_partitions("shop", "orders", [Partition(("2024", str(month))) for month in range(1, 5)])
    shop.catalog.update_table(orders(Column("paid", "boolean")))
    shop.catalog.create_function(Function("shop", "tax", "org.example.Tax"))
    shop.catalog.create_connection(Connection("till"), {"PASSWORD": SECRET})
    shop.catalog.create_partition_index("shop", "orders", PartitionIndex("by month", ("month",)))
    known = ColumnStatistics("id", "bigint", LongValues(1, 2, 0, 2))
    shop.catalog.put_table_statistics("shop", "orders", [known])
    shop.catalog.put_partition_statistics("shop", "orders", {f"year=2024/month={at}": [known] for at in (1, 2)})
    return shop


DELETIONS: list[tuple[str, dict[str, Any], str, Any]] = [
    ("deleteConnection", {"name": "till"}, "connection { name secrets }", {"name": "till", "secrets": ["PASSWORD"]}),
    ("deleteUserDefinedFunction", {"database": "shop", "name": "tax"}, "function { name }", {"name": "tax"}),
    ("deletePartitionIndex", {**AT, "name": "by month"}, "partitionIndex { keys }", {"keys": ["month"]}),
    ("deleteColumnStatisticsForTable", AT, "deletedCount", 1),
    ("deleteColumnStatisticsForPartition", {**AT, "values": ["2024", "1"]}, "deletedCount", 1),
    ("batchDeleteTableVersion", {**AT, "versions": [0, 7]}, "deletedCount", 1),
    ("batchDeletePartition", {**AT, "values": [["2024", "1"], ["2024", "9"]]}, "deletedCount", 1),
    ("batchDeletePartition", {**AT, "filter": "month > 2"}, "deletedCount", 2),
]


@pytest.mark.parametrize(("mutation", "given", "wanted", "told"), DELETIONS)
def test_a_deletion_tells_what_goes_and_as_a_dry_run_leaves_it(
    full: Client, mutation: str, given: dict[str, Any], wanted: str, told: Any
) -> None:
    name = wanted.partition(" ")[0]
    for dry in (True, True, False):
        assert full.change(mutation, wanted, **given, dryRun=dry)[name] == told
    again = full.change(mutation, wanted, **given)
    assert again["userErrors"] or again[name] == 0


REFUSALS: list[tuple[str, dict[str, Any], tuple[str, list[str] | None]]] = [
    ("createConnection", {"name": "till", "connection": {}}, ("ALREADY_EXISTS", ["name"])),
    ("updateConnection", {"name": "none", "connection": {}}, ("NOT_FOUND", ["name"])),
    ("updateConnection", {"name": "till", "connection": {}, "expectedVersion": 4}, ("CONFLICT", ["expectedVersion"])),
    ("deleteConnection", {"name": "none"}, ("NOT_FOUND", ["name"])),
    ("createPartitionIndex", {**AT, "name": "by month", "keys": ["month"]}, ("ALREADY_EXISTS", ["name"])),
    ("createPartitionIndex", {**AT, "name": "x", "keys": ["price"]}, ("INVALID_INPUT", None)),
    ("batchDeleteTableVersion", {**AT, "versions": [0, 1]}, ("INVALID_INPUT", None)),
    ("batchDeletePartition", AT, ("INVALID_INPUT", None)),
    ("batchDeletePartition", {**AT, "values": [], "filter": "month = 1"}, ("INVALID_INPUT", None)),
    ("batchDeletePartition", {**AT, "filter": "price = 1"}, ("INVALID_INPUT", None)),
    (
        "batchUpdatePartition",
        {**AT, "partitions": [{"values": ["2024", "9"], "storage": {}}]},
        ("NOT_FOUND", ["partitions"]),
    ),
    ("updateColumnStatisticsForTable", {**AT, "statistics": [{**GIVEN, "nulls": None}]}, ("INVALID_INPUT", None)),
    ("updateColumnStatisticsForTable", {**AT, "statistics": [{**GIVEN, "trues": 1}]}, ("INVALID_INPUT", None)),
    ("updateColumnStatisticsForTable", {**AT, "statistics": [{**GIVEN, "low": "x"}]}, ("INVALID_INPUT", None)),
    (
        "updateColumnStatisticsForTable",
        {**AT, "statistics": [{**GIVEN, "column": "none"}]},
        ("NOT_FOUND", ["statistics"]),
    ),
    (
        "updateColumnStatisticsForPartition",
        {**AT, "partitions": [{"values": ["2024"], "statistics": [GIVEN]}]},
        ("INVALID_INPUT", None),
    ),
]


@pytest.mark.parametrize(("mutation", "given", "expected"), REFUSALS)
def test_what_is_refused_is_data(
    full: Client, mutation: str, given: dict[str, Any], expected: tuple[str, list[str] | None]
) -> None:
    assert code(full.change(mutation, "__typename", **given)) == expected


def test_a_secret_goes_in_and_no_document_brings_it_out(client: Client) -> None:
    given = {"properties": [{"name": "PASSWORD", "value": SECRET}], "secrets": [{"name": "note", "value": SECRET}]}
    whole = "name kind properties { name value } secrets version"
    made = client.change("createConnection", f"connection {{ {whole} }}", name="till", connection=given)
    again = client.change(
        "updateConnection", f"connection {{ {whole} }}", name="till", connection={**given, "kind": "NETWORK"}
    )
    asked = client.ask(f'{{ connection(name: "till") {{ {whole} }} connections {{ edges {{ node {{ {whole} }} }} }} }}')
    assert asked["connection"]["secrets"] == ["PASSWORD", "note"]
    assert SECRET not in str([made, again, asked])
    assert client.catalog.unsealed_connection("till")[1] == {"PASSWORD": SECRET, "note": SECRET}


@pytest.mark.parametrize(
    ("connection", "why"),
    [
        ({"secrets": {"name": "PIN", "value": SECRET, "typo": 1}}, "not to include unknown field 'typo'."),
        ({"secrets": [{"name": "PIN", "value": [SECRET]}]}, "cannot represent a non string value."),
        ({"secrets": SECRET}, "Expected value of type 'ParameterInput' to be an object."),
        ({"kind": {"PASSWORD": SECRET}}, "cannot represent a non string value."),
    ],
)
def test_a_value_that_does_not_fit_is_not_repeated(client: Client, connection: Any, why: str) -> None:
    document = "mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename } }"
    (only,) = client.post(document, input={"name": "till", "connection": connection})["errors"]
    assert only["message"].endswith(why)
    assert SECRET not in str(only)


def test_a_literal_that_does_not_fit_is_not_repeated(client: Client) -> None:
    secrets = '[{name: "PIN", value: 123456789}]'
    document = (
        f'mutation {{ createConnection(input: {{name: "t", connection: {{secrets: {secrets}}}}}) {{ __typename }} }}'
    )
    (only,) = client.post(document)["errors"]
    assert only["message"] == "String cannot represent a non string value."


def test_connections_are_listed_by_kind(full: Client) -> None:
    full.catalog.create_connection(Connection("net", "NETWORK"))
    found = full.ask('{ connections(kind: "NETWORK") { edges { node { name } } } }')["connections"]["edges"]
    assert found == [{"node": {"name": "net"}}]


def test_statistics_are_exact_past_what_a_float_can_hold(full: Client) -> None:
    full.change("updateColumnStatisticsForTable", "statistics { column }", **AT, statistics=[GIVEN])
    wanted = "column type kind low high nulls distinct trues averageLength"
    found = full.ask(f'{{ table(database: "shop", name: "orders") {{ columnStatistics {{ {wanted} }} }} }}')
    assert found["table"]["columnStatistics"] == [{**GIVEN, "trues": None, "averageLength": None}]


def test_every_kind_of_statistics_has_its_name() -> None:
    assert [kind.value for kind in StatisticsKind] == list(KINDS)


def test_the_statistics_of_a_list_of_partitions_take_as_many_statements_as_of_one(full: Client) -> None:
    query = """query ($first: Int!) { table(database: "shop", name: "orders") { partitions(first: $first) {
      edges { node { values columnStatistics(columns: ["id"]) { column high } } } } } }"""
    with full.statements() as few:
        full.ask(query, first=1)
    with full.statements() as many:
        found = full.ask(query, first=4)["table"]["partitions"]["edges"]
    figures = [{"column": "id", "high": "2"}]
    assert [edge["node"]["columnStatistics"] for edge in found] == [figures, figures, [], []]
    assert len(many) == len(few)


def test_any_two_versions_can_be_compared_in_either_direction(full: Client) -> None:
    full.catalog.update_table(orders(Column("paid", "boolean"), Column("note", "string")))
    found = full.ask("""{ table(database: "shop", name: "orders") {
      onward: diff(from: 0, to: 1) { breaking differences { path old new } }
      back: diff(from: 2, to: 1) { breaking differences { path old new } }
      gone: diff(from: 0, to: 9) { breaking }
    } }""")["table"]
    assert found["onward"] == {
        "breaking": False,
        "differences": [{"path": "columns.paid", "old": None, "new": "boolean"}],
    }
    assert found["back"] == {"breaking": True, "differences": [{"path": "columns.note", "old": "string", "new": None}]}
    assert found["gone"] is None


def test_a_connection_is_really_tried(client: Client, tmp_path: Path) -> None:
    (tmp_path / "till.db").touch()
    for name, url in (("till", f"jdbc:sqlite:{tmp_path}/till.db"), ("away", "jdbc:postgresql://127.0.0.1:9/shop")):
        client.catalog.create_connection(Connection(name, properties={"JDBC_CONNECTION_URL": url}))
    assert client.change("testConnection", "reached", name="till")["reached"] == f"sqlite:///{tmp_path}/till.db"
    away = client.change("testConnection", "reached", name="away")
    assert code(away)[0] == "PLACE_NOT_FOUND"
    assert "127.0.0.1:9" in away["userErrors"][0]["message"]
