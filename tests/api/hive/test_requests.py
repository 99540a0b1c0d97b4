"""The methods of Hive 3 and 4, refusals by name, and partitions by their names."""

from __future__ import annotations

from typing import Any

import pytest
from thriftpy2.thrift import TApplicationException

from api.hive.bindings import Failure, hive
from api.hive.client import Client
from api.hive.refusals import REFUSED
from catalog.catalog import Catalog
from catalog.model import Column, Database, Partition, StorageDescriptor, Table

SHOP = {"dbName": "@hive#shop", "tblName": "Sales"}
NAMES = ["year=2023/city=Bonn", "year=2024/city=Bonn", "year=2024/city=a%2Fb"]


@pytest.fixture(autouse=True)
def shop(catalog: Catalog) -> None:
    storage = StorageDescriptor((Column("id", "bigint"),), "s3://lake/shop/sales/")
    keys = (Column("year", "int"), Column("city", "string"))
    catalog.create_database(Database("shop", "A shop", "s3://lake/shop/"))
    catalog.create_table(Table("shop", "sales", storage, keys, parameters={"table_type": "ICEBERG"}))
    catalog.create_table(Table("shop", "best", table_type="VIRTUAL_VIEW", owner="ada"))
    values = [("2023", "Bonn"), ("2024", "Bonn"), ("2024", "a/b")]
    catalog.create_partitions("shop", "sales", [Partition(each, StorageDescriptor()) for each in values])


def names(client: Client) -> Any:
    return client.call("get_partition_names", "shop", "sales", -1)


def cities(partitions: list[Any]) -> list[str]:
    return [partition.values[1] for partition in partitions]


def test_the_one_catalog_is_hive(client: Client) -> None:
    assert client.call("get_catalogs").names == ["hive"]
    found = client.call("get_catalog", hive.GetCatalogRequest(name="hive")).catalog
    assert (found.name, found.locationUri.rpartition("/")[2]) == ("hive", "warehouse")
    with pytest.raises(hive.NoSuchObjectException):
        client.call("get_catalog", hive.GetCatalogRequest(name="spark"))


def test_databases_by_request(client: Client, catalog: Catalog) -> None:
    new = hive.CreateDatabaseRequest(
        databaseName="Lab", description="A lab", locationUri="s3://l", parameters={"a": "1"}
    )
    client.call("create_database_req", new)
    found = client.call("get_database_req", hive.GetDatabaseRequest(name="@hive#LAB"))
    assert (found.name, found.description, found.parameters) == ("lab", "A lab", {"a": "1"})
    changed = hive.Database(name="lab", description="Another")
    client.call("alter_database_req", hive.AlterDatabaseRequest(oldDbName="lab", newDb=changed))
    assert catalog.get_database("lab").description == "Another"
    client.call("drop_database_req", hive.DropDatabaseRequest(name="lab", deleteData=False, cascade=False))
    client.call("drop_database_req", hive.DropDatabaseRequest(name="lab", ignoreUnknownDb=True))
    with pytest.raises(hive.NoSuchObjectException):
        client.call("drop_database_req", hive.DropDatabaseRequest(name="lab", ignoreUnknownDb=False))


def test_tables_by_request(client: Client, catalog: Catalog) -> None:
    storage = hive.StorageDescriptor(cols=[hive.FieldSchema(name="a", type="int")], location="s3://lake/t/")
    table = hive.Table(dbName="shop", tableName="T", sd=storage, tableType="EXTERNAL_TABLE")
    client.call("create_table_req", hive.CreateTableRequest(table=table))
    table.owner = "ada"
    changed = hive.AlterTableRequest(dbName="shop", tableName="t", table=table)
    assert isinstance(client.call("alter_table_req", changed), hive.AlterTableResponse)
    assert catalog.get_table("shop", "t").owner == "ada"
    assert [each.name for each in client.call("get_fields_req", hive.GetFieldsRequest(**SHOP)).fields] == ["id"]
    schema = client.call("get_schema_req", hive.GetSchemaRequest(**SHOP)).fields
    assert [each.name for each in schema] == ["id", "year", "city"]
    listed = client.call("get_tables_ext", hive.GetTablesExtRequest(database="shop", tableNamePattern="*", limit=2))
    assert [each.tblName for each in listed] == ["best", "sales"]
    client.call("drop_table_req", hive.DropTableRequest(dbName="shop", tableName="t", deleteData=False))
    assert catalog.find_table("shop", "t") is None


def test_partitions_are_read_by_request(client: Client) -> None:
    one = client.call("get_partition_req", hive.GetPartitionRequest(**SHOP, partVals=["2024", "a/b"])).partition
    assert (one.values, [column.name for column in one.sd.cols]) == (["2024", "a/b"], ["id"])
    assert (
        cities(client.call("get_partitions_req", hive.PartitionsRequest(**SHOP, maxParts=2)).partitions) == ["Bonn"] * 2
    )
    filtered = hive.GetPartitionsByFilterRequest(**SHOP, filter="year > 2023", maxParts=-1)
    assert cities(client.call("get_partitions_by_filter_req", filtered)) == ["Bonn", "a/b"]
    named = hive.GetPartitionsByNamesRequest(db_name="shop", tbl_name="sales", names=[NAMES[2], "none"])
    assert cities(client.call("get_partitions_by_names_req", named).partitions) == ["a/b"]
    like = hive.GetPartitionsPsWithAuthRequest(**SHOP, partVals=["", "Bonn"], maxParts=-1)
    assert len(client.call("get_partitions_ps_with_auth_req", like).partitions) == 2
    begun = hive.GetPartitionNamesPsRequest(**SHOP, partValues=["2024"], maxParts=-1)
    assert client.call("get_partition_names_ps_req", begun).names == NAMES[1:]
    assert client.call("get_partition_names_req", hive.PartitionsByExprRequest(**SHOP, maxParts=-1)) == NAMES


def test_partitions_are_changed_by_request(client: Client, catalog: Catalog) -> None:
    of = {"dbName": "shop", "tableName": "sales"}
    changed = client.call("get_partition", "shop", "sales", ["2024", "Bonn"])
    changed.parameters["numRows"] = "1"
    client.call("alter_partitions_req", hive.AlterPartitionsRequest(**of, partitions=[changed]))
    assert catalog.get_partition("shop", "sales", ("2024", "Bonn")).parameters["numRows"] == "1"
    changed.values = ["2024", "Köln"]
    client.call("rename_partition_req", hive.RenamePartitionRequest(**of, partVals=["2024", "Bonn"], newPart=changed))
    appended = client.call("append_partition_req", hive.AppendPartitionsRequest(**of, name="city=x/year=1"))
    assert (appended.values, appended.sd.location) == (["1", "x"], "s3://lake/shop/sales/year=1/city=x")
    assert client.call("drop_partition_req", hive.DropPartitionRequest(**SHOP, partName="year=1/city=x")) is True
    assert client.call("drop_partition_req", hive.DropPartitionRequest(**SHOP, partVals=["2024", "Köln"])) is True
    assert names(client) == [NAMES[0], NAMES[2]]


def test_partitions_are_dropped_all_or_none(client: Client) -> None:
    def drop(if_exists: bool, *wanted: str) -> Any:
        parts = hive.RequestPartsSpec(names=wanted)
        return client.call("drop_partitions_req", hive.DropPartitionsRequest(**SHOP, parts=parts, ifExists=if_exists))

    with pytest.raises(hive.NoSuchObjectException, match="year=1/city=x"):
        drop(False, NAMES[0], "year=1/city=x")
    assert names(client) == NAMES
    assert cities(drop(True, NAMES[2], "year=1/city=x").partitions) == ["a/b"]
    expressed = hive.RequestPartsSpec(exprs=[hive.DropPartitionsExpr(expr=b"\x01")])
    with pytest.raises(hive.MetaException, match="is not supported by Isinglass"):
        client.call("drop_partitions_req", hive.DropPartitionsRequest(**SHOP, parts=expressed))


def test_the_values_of_keys_are_told_in_the_order_that_is_asked_for(client: Client) -> None:
    def values(**others: object) -> Any:
        request = hive.PartitionValuesRequest(**SHOP, **others)
        return [row.row for row in client.call("get_partition_values", request).partitionValues]

    year, city = (hive.FieldSchema(name=name, type="string") for name in ("Year", "city"))
    assert values(partitionKeys=[year]) == [["2023"], ["2024"]]
    assert values(partitionKeys=[city, year], partitionOrder=[year], ascending=False, maxParts=2) == [
        ["Bonn", "2024"],
        ["a/b", "2024"],
    ]
    assert values(partitionKeys=[year], applyDistinct=False) == [["2023"], ["2024"], ["2024"]]
    with pytest.raises(hive.MetaException, match="no partition key 'id'"):
        values(partitionKeys=[hive.FieldSchema(name="id")])


def test_tables_are_found_by_what_their_parameters_say(client: Client) -> None:
    def found(filter: str, most: int = -1) -> Any:
        return client.call("get_table_names_by_filter", "shop", filter, most)

    assert found('hive_filter_field_params__table_type = "ICEBERG"') == ["sales"]
    assert found('hive_filter_field_params__table_type LIKE "ICE.*"') == ["sales"]
    assert found('hive_filter_field_owner__ = "ada" and hive_filter_field_last_access__ = 0') == ["best"]
    assert found("", 1) == ["best"]
    with pytest.raises(hive.MetaException, match=r"at character 27, the end: "):
        found("hive_filter_field_owner__ =")
    for refused in ("hive_filter_field_params__a > 'b'", "hive_filter_field_last_access__ like 'a'"):
        with pytest.raises(hive.MetaException, match="compared by"):
            found(refused)


def test_a_filter_that_cannot_be_read_is_told_with_the_place_where_it_fails(client: Client) -> None:
    with pytest.raises(hive.MetaException, match=r"at character 12, near '\+ 1': '\+ 1' was not expected"):
        client.call("get_partitions_by_filter", "shop", "sales", "year = 2024 + 1", -1)


def test_a_table_has_no_constraints_and_one_that_comes_with_some_is_refused(client: Client) -> None:
    request = hive.PrimaryKeysRequest(db_name="shop", tbl_name="sales")
    assert client.call("get_primary_keys", request).primaryKeys == []
    found = client.call("get_all_table_constraints", hive.AllTableConstraintsRequest(dbName="shop", tblName="sales"))
    assert list(vars(found.allTableConstraints).values()) == [[]] * 6
    table = hive.Table(dbName="shop", tableName="t", sd=hive.StorageDescriptor(cols=[]))
    constrained = hive.CreateTableRequest(table=table, notNullConstraints=[hive.SQLNotNullConstraint()])
    with pytest.raises(hive.MetaException, match=r"constraints .* is not supported by Isinglass: none are kept"):
        client.call("create_table_req", constrained)


def test_what_is_not_supported_says_so_in_an_exception_that_the_method_declares(client: Client) -> None:
    for name, (exceptions, _) in REFUSED.items():
        with pytest.raises((Failure, TApplicationException), match=f"{name} is not supported by Isinglass: ") as told:
            client.receive(name, client.send(name, hive.EnvironmentContext(properties={"a": "b"})))
        assert isinstance(told.value, Failure) == bool(exceptions)
    assert client.call("getStatus") == 2


@pytest.mark.parametrize(
    ("name", "arguments", "missing"),
    [
        ("get_partitions_req", [None], "req"),
        ("get_table", ["shop", None], "tbl_name"),
        ("get_fields", [None, "sales"], "db_name"),
        ("create_table", [None], "tbl"),
        ("alter_partition", ["shop", "sales", None], "new_part"),
        ("lock", [None], "rqst"),
    ],
)
def test_an_argument_that_is_missing_is_told(client: Client, name: str, arguments: list[object], missing: str) -> None:
    with pytest.raises((Failure, TApplicationException), match=f"The argument {missing} of {name} is missing"):
        client.call(name, *arguments)
