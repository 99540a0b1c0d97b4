"""Databases, tables and partitions through the metastore's methods, over a real catalog."""

from __future__ import annotations

from typing import Any

import pytest

from api.hive.bindings import hive
from api.hive.client import Client
from catalog.catalog import Catalog
from catalog.model import MANAGED_TABLE, Column, Database, Partition, StorageDescriptor, Table


@pytest.fixture(autouse=True)
def shop(catalog: Catalog) -> None:
    """A database with a table of three partitions, a plain table, a view and a managed table."""
    catalog.create_database(Database("shop", "A shop", "s3://lake/shop/", {"team": "web"}))
    storage = StorageDescriptor((Column("id", "bigint", "key"),), "s3://lake/shop/sales/")
    keys = (Column("year", "int"), Column("city", "string"))
    catalog.create_table(Table("shop", "sales", storage, keys, owner="ada"))
    values = [("2023", "Bonn"), ("2024", "Bonn"), ("2024", "a/b c")]
    catalog.create_partitions("shop", "sales", [Partition(each, StorageDescriptor()) for each in values])
    catalog.create_table(Table("shop", "stock", storage))
    catalog.create_table(Table("shop", "best", table_type="VIRTUAL_VIEW", view_original_text="SELECT 1"))
    catalog.create_table(Table("shop", "own", storage, table_type=MANAGED_TABLE))


# ── databases ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_database_is_told_with_its_place_and_parameters(client: Client) -> None:
    found = client.call("get_database", "@hive#SHOP")
    assert (found.name, found.description, found.locationUri) == ("shop", "A shop", "s3://lake/shop/")
    assert found.parameters == {"team": "web"}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [("*", ["default", "lab", "shop"]), ("sh*", ["shop"]), ("L*|x", ["lab"]), ("@hive#.*b", ["lab"]), ("s", [])],
)
def test_databases_are_listed_by_pattern(client: Client, catalog: Catalog, pattern: str, names: list[str]) -> None:
    catalog.create_database(Database("lab"))
    assert client.call("get_databases", pattern) == names
    assert client.call("get_all_databases") == ["default", "lab", "shop"]


def test_a_database_is_created_changed_and_dropped(client: Client, catalog: Catalog) -> None:
    client.call("create_database", hive.Database(name="LAB", locationUri="s3://lake/lab"))
    with pytest.raises(hive.AlreadyExistsException):
        client.call("create_database", hive.Database(name="lab"))
    client.call("alter_database", "lab", hive.Database(name="lab", description="new"))
    assert catalog.get_database("lab").description == "new"
    client.call("drop_database", "lab", True, False)
    assert catalog.find_database("lab") is None


def test_a_database_is_not_dropped_with_tables_unless_that_is_asked_for(client: Client, catalog: Catalog) -> None:
    with pytest.raises(hive.InvalidOperationException):
        client.call("drop_database", "shop", False, False)
    client.call("drop_database", "shop", False, True)
    assert catalog.find_database("shop") is None


def test_renaming_a_database_is_refused_by_name(client: Client) -> None:
    with pytest.raises(hive.MetaException) as refused:
        client.call("alter_database", "shop", hive.Database(name="mall"))
    assert refused.value.message.startswith("Renaming a database is not supported by Isinglass")


# ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_is_told_whole(client: Client) -> None:
    found = client.call("get_table", "shop", "Sales")
    assert (found.dbName, found.tableName, found.owner, found.tableType) == ("shop", "sales", "ada", "EXTERNAL_TABLE")
    assert [(column.name, column.type, column.comment) for column in found.sd.cols] == [("id", "bigint", "key")]
    assert [key.name for key in found.partitionKeys] == ["year", "city"]
    changed_at = found.parameters.pop("transient_lastDdlTime")
    assert (found.parameters, int(changed_at)) == ({"EXTERNAL": "TRUE"}, found.createTime)
    assert found.sd.location == "s3://lake/shop/sales/"
    assert found.createTime > 1_700_000_000
    wrapped = client.call("get_table_req", hive.GetTableRequest(dbName="@hive#shop", tblName="sales"))
    assert wrapped.table.tableName == "sales"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get_database", ["mall"]),
        ("get_table", ["shop", "nothing"]),
        ("get_table", ["mall", "sales"]),
        ("get_partition", ["shop", "sales", ["2025", "Bonn"]]),
        ("get_partitions", ["shop", "nothing", -1]),
        ("drop_table", ["shop", "nothing", False]),
        ("drop_partition", ["shop", "sales", ["2025", "Bonn"], False]),
    ],
)
def test_what_is_missing_is_told_as_no_such_object(client: Client, name: str, arguments: list[object]) -> None:
    with pytest.raises(hive.NoSuchObjectException) as told:
        client.call(name, *arguments)
    assert "not found" in told.value.message


def test_a_method_without_no_such_object_tells_it_as_one_that_it_declares(client: Client) -> None:
    with pytest.raises(hive.MetaException):
        client.call("get_partition_names", "shop", "nothing", -1)
    with pytest.raises(hive.InvalidOperationException):
        client.call("alter_table", "shop", "nothing", hive.Table(dbName="shop", tableName="nothing"))
    with pytest.raises(hive.UnknownTableException):
        client.call("get_fields", "shop", "nothing")
    with pytest.raises(hive.UnknownDBException):
        client.call("get_table_objects_by_name", "mall", ["sales"])
    with pytest.raises(hive.InvalidObjectException):
        client.call("create_table", external("mall", "t"))


def test_lists_leave_out_what_is_missing(client: Client) -> None:
    assert client.call("get_all_tables", "mall") == []
    assert client.call("get_functions", "mall", "*") == []
    found = client.call("get_table_objects_by_name", "shop", ["stock", "nothing", "SALES"])
    assert [table.tableName for table in found] == ["stock", "sales"]


def test_tables_are_listed_by_pattern_and_type(client: Client) -> None:
    assert client.call("get_all_tables", "shop") == ["best", "own", "sales", "stock"]
    assert client.call("get_tables", "shop", "s*") == ["sales", "stock"]
    assert client.call("get_tables", "shop", "S.*k|best") == ["best", "stock"]
    assert client.call("get_tables_by_type", "shop", "*", "VIRTUAL_VIEW") == ["best"]
    found = client.call("get_table_meta", "*", "s*", ["EXTERNAL_TABLE"])
    assert [(table.dbName, table.tableName) for table in found] == [("shop", "sales"), ("shop", "stock")]


def test_a_schema_is_the_fields_and_the_partition_keys(client: Client) -> None:
    assert [field.name for field in client.call("get_fields", "shop", "sales")] == ["id"]
    assert [field.name for field in client.call("get_schema", "shop", "sales")] == ["id", "year", "city"]


def test_an_external_table_is_created_without_the_parameter_that_says_so(client: Client, catalog: Catalog) -> None:
    table = external("shop", "New")
    table.tableType, table.parameters = MANAGED_TABLE, {"EXTERNAL": "TRUE", "a": "b"}
    client.call("create_table_with_environment_context", table, None)
    created = catalog.get_table("shop", "new")
    assert (created.table_type, created.parameters) == ("EXTERNAL_TABLE", {"a": "b"})
    with pytest.raises(hive.AlreadyExistsException):
        client.call("create_table", table)


def test_a_table_is_dropped(client: Client, catalog: Catalog) -> None:
    client.call("drop_table_with_environment_context", "shop", "stock", True, None)
    assert catalog.find_table("shop", "stock") is None
    client.call("drop_table", "shop", "own", False)
    assert catalog.find_table("shop", "own") is None


def test_a_table_is_renamed_with_its_partitions(client: Client, catalog: Catalog) -> None:
    table = client.call("get_table", "shop", "sales")
    table.tableName = "Deals"
    client.call("alter_table", "shop", "sales", table)
    assert catalog.find_table("shop", "sales") is None
    assert catalog.count_partitions("shop", "deals") == 3


def test_the_partition_keys_of_a_table_with_partitions_stay(client: Client) -> None:
    table = client.call("get_table", "shop", "sales")
    table.partitionKeys = table.partitionKeys[:1]
    with pytest.raises(hive.InvalidOperationException):
        client.call("alter_table", "shop", "sales", table)


def test_a_demanded_parameter_value_guards_the_change(client: Client, catalog: Catalog) -> None:
    def commit(expected: str, new: str) -> None:
        table = client.call("get_table", "shop", "stock")
        table.parameters["metadata_location"] = new
        demands = {"expected_parameter_key": "metadata_location", "expected_parameter_value": expected}
        context = hive.EnvironmentContext(properties=demands)
        client.call("alter_table_with_environment_context", "shop", "stock", table, context)

    table = client.call("get_table", "shop", "stock")
    table.parameters["metadata_location"] = "one"
    client.call("alter_table", "shop", "stock", table)
    commit("one", "two")
    with pytest.raises(hive.MetaException) as lost:
        commit("one", "three")
    assert "The table has been modified. The parameter value for key 'metadata_location' is 'two'" in lost.value.message
    assert catalog.get_table("shop", "stock").parameters["metadata_location"] == "two"


# ── partitions ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_partitions_are_listed_filtered_and_counted(client: Client) -> None:
    assert cities(client.call("get_partitions", "shop", "sales", -1)) == ["Bonn", "Bonn", "a/b c"]
    assert cities(client.call("get_partitions_with_auth", "shop", "sales", 1, "ada", [])) == ["Bonn"]
    assert cities(client.call("get_partitions_by_filter", "shop", "sales", "year > 2023", -1)) == ["Bonn", "a/b c"]
    assert cities(client.call("get_partitions_by_filter", "shop", "sales", "", -1)) == ["Bonn", "Bonn", "a/b c"]
    assert client.call("get_num_partitions_by_filter", "shop", "sales", 'city = "Bonn"') == 2
    with pytest.raises(hive.MetaException):
        client.call("get_partitions_by_filter", "shop", "sales", "nothing = 1", -1)


def test_partitions_are_found_by_leading_values_with_gaps(client: Client) -> None:
    assert cities(client.call("get_partitions_ps", "shop", "sales", ["2024"], -1)) == ["Bonn", "a/b c"]
    found = client.call("get_partitions_ps_with_auth", "shop", "sales", ["", "Bonn"], -1, "ada", [])
    assert [partition.values for partition in found] == [["2023", "Bonn"], ["2024", "Bonn"]]
    names = client.call("get_partition_names_ps", "shop", "sales", ["2024", "a/b c"], -1)
    assert names == ["year=2024/city=a%2Fb c"]
    with pytest.raises(hive.MetaException):
        client.call("get_partitions_ps", "shop", "sales", ["1", "2", "3"], -1)


def test_partitions_are_found_by_name_and_values(client: Client) -> None:
    names = client.call("get_partition_names", "shop", "sales", -1)
    assert names == ["year=2023/city=Bonn", "year=2024/city=Bonn", "year=2024/city=a%2Fb c"]
    found = client.call("get_partitions_by_names", "shop", "sales", [names[2], "year=1/city=x"])
    assert cities(found) == ["a/b c"]
    assert client.call("get_partition_by_name", "shop", "sales", names[0]).values == ["2023", "Bonn"]
    one = client.call("get_partition_with_auth", "shop", "sales", ["2024", "Bonn"], "ada", [])
    assert [column.name for column in one.sd.cols] == ["id"], "a partition without columns has the table's"


def test_partitions_are_added_in_the_folder_of_their_name(client: Client, catalog: Catalog) -> None:
    new = [partition("2025", "x=y"), partition("2024", "Bonn")]
    request = hive.AddPartitionsRequest(dbName="shop", tblName="sales", parts=new, ifNotExists=True, needResult=True)
    added = client.call("add_partitions_req", request)
    assert cities(added.partitions) == ["x=y"], "only those really added are told"
    [stored] = catalog.get_partitions("shop", "sales", [("2025", "x=y")])
    assert stored.storage.location == "s3://lake/shop/sales/year=2025/city=x%3Dy"
    with pytest.raises(hive.AlreadyExistsException):
        client.call("add_partitions", new)
    with pytest.raises(hive.MetaException):
        client.call("add_partition", partition("2025"))


def test_partitions_are_changed_and_dropped(client: Client, catalog: Catalog) -> None:
    changed = client.call("get_partition", "shop", "sales", ["2024", "Bonn"])
    changed.sd.location, changed.parameters = "file:///elsewhere", {"numRows": "1"}
    client.call("alter_partitions", "shop", "sales", [changed])
    stored = catalog.get_partition("shop", "sales", ("2024", "Bonn"))
    assert (stored.storage.location, stored.parameters["numRows"]) == ("file:///elsewhere", "1")
    with pytest.raises(hive.InvalidOperationException):
        client.call("alter_partition", "shop", "sales", partition("1", "x"))
    assert client.call("drop_partition", "shop", "sales", ["2024", "Bonn"], True) is True
    assert catalog.count_partitions("shop", "sales") == 2


def cities(partitions: list[Any]) -> list[str]:
    return [partition.values[1] for partition in partitions]


def partition(*values: str) -> Any:
    return hive.Partition(values=list(values), dbName="shop", tableName="sales", sd=hive.StorageDescriptor(cols=[]))


def external(database: str, name: str) -> Any:
    storage = hive.StorageDescriptor(cols=[hive.FieldSchema(name="a", type="int")], location="s3://lake/t/")
    return hive.Table(dbName=database, tableName=name, sd=storage, tableType="EXTERNAL_TABLE")
