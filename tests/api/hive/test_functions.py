"""User-defined functions through the metastore's methods, over a real catalog."""

from __future__ import annotations

from typing import Any

import pytest

from api.hive.bindings import hive
from api.hive.client import Client
from catalog.catalog import Catalog
from catalog.model import Database, Function, Resource

BODY = "spark.sql.udf:" + "RETURN '\u00e9' || x -- \t\U0001f600\n" * 10_000


@pytest.fixture(autouse=True)
def shop(catalog: Catalog) -> None:
    catalog.create_database(Database("shop"))


def function(name: str | None = "tax", **others: object) -> Any:
    given: dict[str, object] = {
        "functionName": name,
        "dbName": "@hive#Shop",
        "className": "org.example.Tax",
        "ownerName": "ada",
        "ownerType": 2,
        "functionType": 1,
        "resourceUris": [
            hive.ResourceUri(resourceType=3, uri="file:/a.zip"),
            hive.ResourceUri(resourceType=2, uri=BODY),
        ],
    }
    return hive.Function(**{**given, **others})


def test_a_function_is_created_told_whole_and_dropped(client: Client, catalog: Catalog) -> None:
    client.call("create_function", function("Tax"))
    stored = catalog.get_function("shop", "tax")
    assert stored == Function(
        "shop",
        "tax",
        "org.example.Tax",
        owner="ada",
        owner_type="ROLE",
        resources=(Resource("ARCHIVE", "file:/a.zip"), Resource("FILE", BODY)),
        created_at=stored.created_at,
    )
    found = client.call("get_function", "shop", "TAX")
    assert (found.functionName, found.dbName, found.className) == ("tax", "shop", "org.example.Tax")
    assert (found.ownerName, found.ownerType, found.functionType) == ("ada", 2, 1)
    assert [(each.resourceType, each.uri) for each in found.resourceUris] == [(3, "file:/a.zip"), (2, BODY)]
    assert found.createTime > 1_700_000_000
    client.call("drop_function", "@hive#shop", "TAX")
    assert client.call("get_functions", "shop", "*") == []


def test_functions_of_all_databases_are_told_together(client: Client, catalog: Catalog) -> None:
    assert client.call("get_all_functions").functions == []
    catalog.create_database(Database("lab"))
    client.call("create_function", function("b"))
    client.call("create_function", function("a", dbName="lab"))
    told = client.call("get_all_functions").functions
    assert [(each.dbName, each.functionName) for each in told] == [("lab", "a"), ("shop", "b")]


@pytest.mark.parametrize("name", ["a b", "", "a.b", "a-b", None])
def test_a_name_that_no_sql_could_call_is_refused(client: Client, name: str | None) -> None:
    with pytest.raises(hive.InvalidObjectException, match="is not valid: it is none that a statement could call"):
        client.call("create_function", function(name))


def test_a_function_that_is_missing_cannot_be_dropped_or_altered(client: Client) -> None:
    for name in ("get_function", "drop_function"):
        with pytest.raises(hive.NoSuchObjectException, match=r"Function shop\.Tax does not exist"):
            client.call(name, "@hive#Shop", "Tax")
        with pytest.raises(hive.NoSuchObjectException, match=r"Function none\.tax does not exist"):
            client.call(name, "none", "tax")
    with pytest.raises(hive.MetaException, match=r"Function shop\.tax does not exist"):
        client.call("alter_function", "shop", "tax", function())


def test_a_function_is_altered(client: Client) -> None:
    client.call("create_function", function())
    client.call("alter_function", "shop", "TAX", function(className="org.example.Other", resourceUris=None))
    found = client.call("get_function", "shop", "tax")
    assert (found.className, found.resourceUris) == ("org.example.Other", [])


def test_a_database_with_a_function_is_dropped_only_by_cascade(client: Client) -> None:
    client.call("create_function", function())
    with pytest.raises(hive.InvalidOperationException, match="still holds 1 function"):
        client.call("drop_database", "shop", False, False)
    client.call("drop_database", "shop", False, True)
