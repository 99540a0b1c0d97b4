"""Views through the metastore, as Spark and Trino keep them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.hive.bindings import hive
from api.hive.client import Client
from catalog.catalog import Catalog


@pytest.fixture(autouse=True)
def shop(client: Client) -> None:
    client.call("create_database", hive.Database(name="shop"))


def create(client: Client, text: str, columns: str = "a:int", **parameters: str) -> None:
    fields = [hive.FieldSchema(name=name, type=kind) for name, kind in (each.split(":") for each in columns.split())]
    view = hive.Table(
        dbName="shop", tableName="Best", sd=hive.StorageDescriptor(cols=fields, serdeInfo=hive.SerDeInfo()),
        tableType="VIRTUAL_VIEW", viewOriginalText=text, viewExpandedText=text, parameters=parameters,
    )  # fmt: skip
    client.call("create_table_with_environment_context", view, None)


def read(client: Client) -> Any:
    return client.call("get_table", "shop", "best")


def test_a_view_has_its_text_and_columns_and_no_folder(client: Client, tmp_path: Path) -> None:
    create(client, "SELECT 1 AS a -- ünï", "a:int b:array<string>", **{"view.query.out.col.0": "a"})
    found = read(client)
    assert (found.tableType, found.viewOriginalText) == ("VIRTUAL_VIEW", "SELECT 1 AS a -- ünï")
    assert found.viewExpandedText == found.viewOriginalText
    assert [(each.name, each.type) for each in found.sd.cols] == [("a", "int"), ("b", "array<string>")]
    assert (found.sd.location, found.parameters["view.query.out.col.0"]) == (None, "a")
    assert not (tmp_path / "warehouse/shop.db/best").exists()
    assert client.call("get_tables_by_type", "shop", "*", "VIRTUAL_VIEW") == ["best"]


def test_a_view_is_replaced_by_dropping_and_creating_it_as_spark_does(client: Client) -> None:
    create(client, "SELECT 1 AS a")
    client.call("drop_table_with_environment_context", "shop", "best", True, None)
    create(client, "SELECT 'x' AS b", "b:string")
    assert (read(client).viewOriginalText, read(client).sd.cols[0].name) == ("SELECT 'x' AS b", "b")


def test_a_view_is_replaced_by_altering_it_as_trino_does_whatever_its_columns_were(
    client: Client, catalog: Catalog
) -> None:
    create(client, "SELECT 'x' AS a", "a:string")
    view = read(client)
    view.viewOriginalText, view.sd.cols = "SELECT 1 AS a", [hive.FieldSchema(name="a", type="int")]
    client.call("alter_table", "shop", "best", view)
    assert (read(client).viewOriginalText, read(client).sd.cols[0].type) == ("SELECT 1 AS a", "int")
    assert [each.version for each in catalog.list_versions("shop", "best").items] == [1, 0]


def test_a_view_is_renamed_and_cannot_be_truncated(client: Client) -> None:
    create(client, "SELECT 1")
    view = read(client)
    view.tableName = "better"
    client.call("alter_table", "shop", "best", view)
    assert client.call("get_all_tables", "shop") == ["better"]
    with pytest.raises(hive.MetaException, match="Truncating VIRTUAL_VIEW"):
        client.call("truncate_table", "shop", "better", None)
