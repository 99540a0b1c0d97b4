"""Databases, tables, versions and partitions through GraphQL."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.model import Column, Database, Partition, StorageDescriptor
from tests.api.graphql.conftest import Client, orders

TABLE: dict[str, Any] = {
    "description": "Every order",
    "owner": "ada",
    "retention": 7,
    "tableType": "EXTERNAL_TABLE",
    "parameters": [{"name": "classification", "value": "parquet"}],
    "partitionKeys": [{"name": "day", "type": "date", "comment": "of sale"}],
    "storage": {
        "columns": [{"name": "id", "type": "bigint"}, {"name": "tags", "type": "array<struct<a:int>>"}],
        "location": "s3://shop/orders",
        "inputFormat": "in",
        "outputFormat": "out",
        "serde": {"library": "serde", "name": "s", "parameters": [{"name": "a", "value": ""}]},
        "compressed": True,
        "numberOfBuckets": 4,
        "bucketColumns": ["id"],
        "sortColumns": [{"name": "id", "ascending": False}],
        "parameters": [{"name": "b", "value": "2"}],
        "storedAsSubDirectories": True,
    },
}
WHOLE_TABLE = """fragment whole on Table {
  name database version description owner retention tableType parameters { name value }
  columns { name type comment } partitionKeys { name type comment }
  storage {
    columns { name type } location inputFormat outputFormat serde { library name parameters { name value } }
    compressed numberOfBuckets bucketColumns sortColumns { name ascending } parameters { name value }
    storedAsSubDirectories
  }
}"""


def code(payload: Any) -> tuple[str, list[str] | None]:
    """The one failure in a payload: what it is and where."""
    (error,) = payload["userErrors"]
    assert error["message"]
    return error["code"], error["field"]


def test_a_database_is_created_asked_for_updated_and_deleted(client: Client) -> None:
    made = client.change(
        "createDatabase",
        "database { name description }",
        name="Shop",
        database={"description": "d"},
        clientMutationId="7",
    )
    assert made == {"database": {"name": "shop", "description": "d"}, "userErrors": [], "clientMutationId": "7"}
    changed = {"location": "s3://shop", "parameters": [{"name": "team", "value": "sales"}]}
    client.change("updateDatabase", "database { name }", name="shop", database=changed)
    found = client.ask('{ database(name: "SHOP") { name description location parameters { name value } createdAt } }')
    assert found["database"].pop("createdAt").endswith("+00:00")
    assert found["database"] == {"name": "shop", "description": None, **changed}
    gone = client.change("deleteDatabase", "database { name } tableNames", name="shop")
    assert (gone["database"], gone["tableNames"]) == ({"name": "shop"}, [])
    assert client.ask('{ database(name: "shop") { name } }') == {"database": None}


def test_a_table_keeps_everything_that_its_input_says(client: Client) -> None:
    client.change("createDatabase", "database { name }", name="shop")
    made = client.change("createTable", "table { version }", database="shop", name="Orders", table=TABLE)
    assert (made["table"], made["userErrors"]) == ({"version": 0}, [])
    found = client.ask('{ table(database: "shop", name: "orders") { ...whole } }' + WHOLE_TABLE)["table"]
    columns = [{**column, "comment": None} for column in TABLE["storage"]["columns"]]
    assert found == {**TABLE, "name": "orders", "database": "shop", "version": 0, "columns": columns}


def test_an_update_makes_a_version_that_says_through_which_face_it_came(shop: Client) -> None:
    changed = {**TABLE, "storage": {**TABLE["storage"], "columns": [{"name": "id", "type": "int"}]}}
    payload = shop.change(
        "updateTable", "table { version }", database="shop", name="orders", expectedVersion=0, table=changed
    )
    assert payload["table"] == {"version": 1}
    found = shop.ask("""{ table(database: "shop", name: "orders") {
      origin { face principal runId }
      versions { edges { node { version createdAt origin { face } columns { name type } } } }
      diff(from: 0) { breaking differences { path old new breaking } }
    } }""")["table"]
    assert found["origin"] == {"face": "graphql", "principal": "local", "runId": None}
    newest, oldest = (edge["node"] for edge in found["versions"]["edges"])
    assert (newest["version"], newest["origin"], newest["columns"]) == (
        1,
        {"face": "graphql"},
        [{"name": "id", "type": "int"}],
    )
    assert (oldest["version"], oldest["origin"]) == (0, {"face": "test"})
    assert found["diff"]["breaking"] is True
    assert {"path": "columns.id", "old": "bigint", "new": "int", "breaking": True} in found["diff"]["differences"]


def test_a_version_is_restored_as_a_new_one_and_a_time_tells_what_stood_then(shop: Client) -> None:
    shop.catalog.update_table(orders(Column("paid", "boolean")))
    first = shop.catalog.get_version("shop", "orders", 0)
    restored = shop.change("restoreTableVersion", "table { version }", database="shop", name="orders", version=0)
    assert (restored["table"], restored["userErrors"]) == ({"version": 2}, [])
    found = shop.ask(f"""{{ table(database: "shop", name: "orders") {{
      versions {{ edges {{ node {{ version restoredFrom origin {{ face }} }} }} }}
      then: asOf(instant: "{first.created_at.isoformat()}") {{ version }}
      now: asOf(instant: "2999-01-01T00:00:00Z") {{ version }}
      before: asOf(instant: "1999-01-01T00:00:00Z") {{ version }}
    }} }}""")["table"]
    assert found["versions"]["edges"][0]["node"] == {"version": 2, "restoredFrom": 0, "origin": {"face": "graphql"}}
    assert [found[each] for each in ("then", "now", "before")] == [{"version": 0}, {"version": 2}, None]


def test_a_version_that_is_missing_or_unexpected_is_not_restored(shop: Client) -> None:
    missing = shop.change("restoreTableVersion", "table { version }", database="shop", name="orders", version=9)
    assert code(missing) == ("NOT_FOUND", ["version"])
    late = shop.change(
        "restoreTableVersion", "table { version }", database="shop", name="orders", version=0, expectedVersion=7
    )
    assert code(late) == ("CONFLICT", ["expectedVersion"])
    assert late["table"] == {"version": 0}


def test_an_update_of_a_version_that_is_not_there_any_more_answers_what_is_there_now(shop: Client) -> None:
    shop.catalog.update_table(orders(Column("paid", "boolean")))
    payload = shop.change(
        "updateTable",
        "table { version columns { name } }",
        database="shop",
        name="orders",
        expectedVersion=0,
        table=TABLE,
    )
    assert code(payload) == ("CONFLICT", ["expectedVersion"])
    assert payload["table"] == {"version": 1, "columns": [{"name": "id"}, {"name": "price"}, {"name": "paid"}]}


def test_an_update_of_a_database_that_was_changed_meanwhile_answers_what_is_there_now(shop: Client) -> None:
    shop.catalog.update_database(Database("shop", "Theirs"))
    ours = {"name": "shop", "database": {"description": "Ours"}}
    refused = shop.change("updateDatabase", "database { version description }", expectedVersion=0, **ours)
    assert code(refused) == ("CONFLICT", ["expectedVersion"])
    assert refused["database"] == {"version": 1, "description": "Theirs"}
    made = shop.change("updateDatabase", "database { version description }", expectedVersion=1, **ours)
    assert made["database"] == {"version": 2, "description": "Ours"}


@pytest.mark.parametrize(
    ("mutation", "given", "expected"),
    [
        ("createDatabase", {"name": "shop"}, ("ALREADY_EXISTS", ["name"])),
        ("createDatabase", {"name": ""}, ("INVALID_INPUT", None)),
        ("updateDatabase", {"name": "gone", "database": {}}, ("NOT_FOUND", ["name"])),
        ("deleteDatabase", {"name": "shop"}, ("NOT_EMPTY", None)),
        ("deleteDatabase", {"name": "shop", "dryRun": True}, ("NOT_EMPTY", None)),
        ("createTable", {"database": "shop", "name": "orders", "table": {}}, ("ALREADY_EXISTS", ["name"])),
        ("createTable", {"database": "gone", "name": "orders", "table": {}}, ("NOT_FOUND", ["database"])),
        ("updateTable", {"database": "shop", "name": "gone", "table": {}}, ("NOT_FOUND", ["name"])),
        ("deleteTable", {"database": "shop", "name": "gone"}, ("NOT_FOUND", ["name"])),
        (
            "createTable",
            {
                "database": "shop",
                "name": "two",
                "table": {"parameters": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]},
            },
            ("INVALID_INPUT", None),
        ),
        ("deletePartition", {"database": "shop", "table": "orders", "values": ["1", "2"]}, ("NOT_FOUND", ["values"])),
        ("deletePartition", {"database": "shop", "table": "orders", "values": ["1"]}, ("INVALID_INPUT", None)),
    ],
)
def test_what_is_refused_is_data_and_changes_nothing(
    shop: Client, mutation: str, given: dict[str, Any], expected: tuple[str, list[str] | None]
) -> None:
    assert code(shop.change(mutation, "__typename", **given)) == expected
    assert [table.name for table in shop.catalog.iter_tables("shop")] == ["orders"]
    assert shop.catalog.get_table("shop", "orders").token == 0


def test_a_dry_run_says_what_would_go_and_leaves_it(shop: Client) -> None:
    shop.catalog.create_partitions("shop", "orders", [Partition(("2024", "1")), Partition(("2024", "2"))])
    shop.catalog.update_table(orders(Column("paid", "boolean")))
    table = shop.change(
        "deleteTable",
        "table { name } partitionCount versionCount",
        database="shop",
        name="orders",
        dryRun=True,
    )
    assert (table["table"], table["partitionCount"], table["versionCount"]) == ({"name": "orders"}, 2, 2)
    database = shop.change("deleteDatabase", "tableNames", name="shop", cascade=True, dryRun=True)
    assert database["tableNames"] == ["orders"]
    partition = shop.change(
        "deletePartition", "partition { values }", database="shop", table="orders", values=["2024", "1"], dryRun=True
    )
    assert partition["partition"] == {"values": ["2024", "1"]}
    assert shop.catalog.count_partitions("shop", "orders") == 2
    real = shop.change("deleteTable", "partitionCount", database="shop", name="orders")
    assert real["partitionCount"] == 2
    assert shop.catalog.find_table("shop", "orders") is None


def test_partitions_are_created_found_by_filter_and_deleted(shop: Client) -> None:
    new = [
        {"values": [str(year), str(month)], "storage": {"location": f"s3://shop/orders/{year}/{month}"}}
        for year in (2023, 2024)
        for month in (1, 2, 10)
    ]
    made = shop.change("batchCreatePartition", "partitions { values }", database="shop", table="orders", partitions=new)
    assert len(made["partitions"]) == 6
    again = shop.change(
        "batchCreatePartition", "partitions { values }", database="shop", table="orders", partitions=new[:1]
    )
    assert code(again) == ("ALREADY_EXISTS", ["partitions"])
    found = shop.ask(
        """query ($filter: String) { table(database: "shop", name: "orders") {
          partitionCount
          partitions(filter: $filter) { edges { node { values storage { location } parameters { name } } } }
        } }""",
        filter="year = 2024 AND month > 1",
    )["table"]
    assert found["partitionCount"] == 6
    nodes = [edge["node"] for edge in found["partitions"]["edges"]]
    assert [node["values"] for node in nodes] == [["2024", "10"], ["2024", "2"]]
    assert nodes[0]["storage"] == {"location": "s3://shop/orders/2024/10"}
    shop.change("deletePartition", "partition { values }", database="shop", table="orders", values=["2024", "2"])
    left = shop.ask("""{
      a: partition(database: "shop", table: "orders", values: ["2024", "2"]) { createdAt }
      b: partition(database: "shop", table: "orders", values: ["2024", "10"]) { createdAt }
    }""")
    assert left["a"] is None
    assert left["b"]["createdAt"]


@pytest.mark.parametrize(
    "query",
    [
        'database(name: "gone") { name }',
        'tables(database: "gone") { edges { cursor } }',
        'table(database: "gone", name: "orders") { name }',
        'table(database: "shop", name: "gone") { name }',
        'tableVersion(database: "shop", table: "orders", version: 9) { version }',
        'tableVersion(database: "shop", table: "orders", version: -1) { version }',
        'partition(database: "shop", table: "orders", values: ["1", "1"]) { values }',
        'partition(database: "shop", table: "gone", values: []) { values }',
        'job(name: "gone") { name }',
        'crawler(name: "gone") { name }',
        'bookmark(job: "gone") { version }',
        'run(runId: "jr_gone") { state }',
    ],
)
def test_what_is_absent_is_null(shop: Client, query: str) -> None:
    (answer,) = shop.ask(f"{{ {query} }}").values()
    assert answer is None


def test_a_list_of_tables_takes_as_many_statements_as_one_table(shop: Client) -> None:
    query = """{ tables(database: "shop", first: 200) { edges { node {
      name version origin { face runId } partitionCount columns { name type }
    } } } }"""
    with shop.statements() as few:
        shop.ask(query)
    for number in range(40):
        table = orders()
        shop.catalog.create_table(type(table)("shop", f"t{number}", StorageDescriptor(columns=table.storage.columns)))
    with shop.statements() as many:
        tables = shop.ask(query)["tables"]["edges"]
    assert len(tables) == 41
    assert {edge["node"]["origin"]["face"] for edge in tables} == {"test"}
    assert len(many) == len(few)
