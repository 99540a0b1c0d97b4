"""Column statistics through the metastore's methods, over a real catalog."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from api.hive.bindings import hive
from api.hive.client import Client
from catalog import statistics
from catalog.catalog import Catalog
from catalog.model import Column, Database, Partition, StorageDescriptor, Table

COLUMNS = ["ok:boolean", "id:bigint", "price:double", "name:string", "blob:binary", "cost:decimal(38,3)", "day:date"]
DATA: dict[str, tuple[Any, statistics.Values]] = {
    "ok": (
        hive.ColumnStatisticsData(booleanStats=hive.BooleanColumnStatsData(numTrues=1, numFalses=2, numNulls=3)),
        statistics.BooleanValues(1, 2, 3),
    ),
    "id": (
        hive.ColumnStatisticsData(
            longStats=hive.LongColumnStatsData(lowValue=-(2**63), highValue=2**63 - 1, numNulls=0, numDVs=5)
        ),
        statistics.LongValues(-(2**63), 2**63 - 1, 0, 5),
    ),
    "price": (
        hive.ColumnStatisticsData(doubleStats=hive.DoubleColumnStatsData(lowValue=0.5, numNulls=9, numDVs=0)),
        statistics.DoubleValues(0.5, None, 9, 0),
    ),
    "name": (
        hive.ColumnStatisticsData(
            stringStats=hive.StringColumnStatsData(maxColLen=9, avgColLen=2.5, numNulls=1, numDVs=3)
        ),
        statistics.StringValues(9, 2.5, 1, 3),
    ),
    "blob": (
        hive.ColumnStatisticsData(binaryStats=hive.BinaryColumnStatsData(maxColLen=9, avgColLen=2.5, numNulls=1)),
        statistics.BinaryValues(9, 2.5, 1),
    ),
    "cost": (
        hive.ColumnStatisticsData(
            decimalStats=hive.DecimalColumnStatsData(
                lowValue=hive.Decimal(unscaled=b"\xff\x7f", scale=2),
                highValue=hive.Decimal(unscaled=b"\x00\x80", scale=0),
                numNulls=0,
                numDVs=2,
            )
        ),
        statistics.DecimalValues(Decimal("-1.29"), Decimal(128), 0, 2),
    ),
    "day": (
        hive.ColumnStatisticsData(
            dateStats=hive.DateColumnStatsData(
                lowValue=hive.Date(daysSinceEpoch=-1), highValue=hive.Date(daysSinceEpoch=19_000), numNulls=0, numDVs=7
            )
        ),
        statistics.DateValues(-1, 19_000, 0, 7),
    ),
}
NAME, OTHER = "year=2024/city=a%2Fb", "year=2024/city=Bonn"


@pytest.fixture(autouse=True)
def sales(catalog: Catalog) -> None:
    catalog.create_database(Database("shop"))
    columns = tuple(Column(name, kind) for name, kind in (text.split(":", 1) for text in COLUMNS))
    keys = (Column("year", "int"), Column("city", "string"))
    catalog.create_table(Table("shop", "sales", StorageDescriptor(columns, "file:///lake/sales"), keys))
    catalog.create_partitions("shop", "sales", [Partition(("2024", "a/b")), Partition(("2024", "Bonn"))])


def of(partition: str | None = None, *columns: str, table: str = "Sales") -> Any:
    desc = hive.ColumnStatisticsDesc(
        isTblLevel=partition is None, dbName="@hive#SHOP", tableName=table, partName=partition
    )
    objects = [
        hive.ColumnStatisticsObj(colName=column.upper(), colType=kind, statsData=DATA[column][0])
        for column, kind in (text.split(":", 1) for text in COLUMNS)
        if column in columns
    ]
    return hive.ColumnStatistics(statsDesc=desc, statsObj=objects)


def plain(value: Any) -> Any:
    if isinstance(value, bytes | str | int | float | None):
        return value
    return {name: plain(each) for name, each in vars(value).items() if each is not None}


def test_statistics_of_every_kind_come_back_as_they_were_sent(client: Client, catalog: Catalog) -> None:
    assert client.call("update_table_column_statistics", of(None, *DATA)) is True
    stored = {each.column: each.values for each in catalog.get_table_statistics("shop", "sales")}
    assert stored == {column: values for column, (_, values) in DATA.items()}
    for column, (sent, _) in DATA.items():
        found = client.call("get_table_column_statistics", "shop", "sales", column.upper())
        assert (found.statsDesc.isTblLevel, found.statsDesc.dbName, found.statsDesc.tableName) == (
            True,
            "shop",
            "sales",
        )
        assert found.statsDesc.lastAnalyzed > 1_700_000_000
        assert [each.colName for each in found.statsObj] == [column]
        assert plain(found.statsObj[0].statsData) == plain(sent)


def test_statistics_of_some_columns_are_told_of_those_that_have_some(client: Client) -> None:
    client.call("update_table_column_statistics", of(None, "id", "name"))
    request = hive.TableStatsRequest(dbName="shop", tblName="sales", colNames=["name", "id", "day", "none"])
    assert [each.colName for each in client.call("get_table_statistics_req", request).tableStats] == ["id", "name"]
    assert client.call("get_table_column_statistics", "shop", "sales", "day") is None


def test_partitions_have_statistics_of_their_own(client: Client) -> None:
    assert client.call("update_partition_column_statistics", of(NAME, "id", "day")) is True
    found = client.call("get_partition_column_statistics", "shop", "sales", NAME, "day")
    assert (found.statsDesc.isTblLevel, found.statsDesc.partName) == (False, NAME)
    assert plain(found.statsObj[0].statsData) == plain(DATA["day"][0])
    assert client.call("get_partition_column_statistics", "shop", "sales", OTHER, "day") is None
    assert client.call("set_aggr_stats_for", hive.SetPartitionsStatsRequest(colStats=[of(OTHER, "id"), of(None, "ok")]))
    request = hive.PartitionsStatsRequest(
        dbName="shop", tblName="sales", colNames=["id", "day"], partNames=[NAME, OTHER, "year=1/city=x", "none"]
    )
    told = client.call("get_partitions_statistics_req", request).partStats
    assert {name: [each.colName for each in found] for name, found in told.items()} == {
        NAME: ["day", "id"],
        OTHER: ["id"],
    }
    assert client.call("get_table_column_statistics", "shop", "sales", "ok") is not None


def test_a_renamed_partition_keeps_its_statistics(client: Client) -> None:
    client.call("update_partition_column_statistics", of(NAME, "id"))
    renamed = hive.Partition(values=["2025", "Ulm"], dbName="shop", tableName="sales", sd=hive.StorageDescriptor())
    client.call("rename_partition", "shop", "sales", ["2024", "a/b"], renamed)
    request = hive.PartitionsStatsRequest(
        dbName="shop", tblName="sales", colNames=["id"], partNames=[NAME, "year=2025/city=Ulm"]
    )
    assert list(client.call("get_partitions_statistics_req", request).partStats) == ["year=2025/city=Ulm"]


def test_statistics_are_deleted_and_then_missing(client: Client) -> None:
    client.call("update_table_column_statistics", of(None, "id", "name"))
    client.call("update_partition_column_statistics", of(NAME, "id"))
    assert client.call("delete_table_column_statistics", "shop", "sales", "ID") is True
    assert client.call("delete_partition_column_statistics", "shop", "sales", NAME, "id") is True
    with pytest.raises(hive.NoSuchObjectException):
        client.call("delete_table_column_statistics", "shop", "sales", "id")
    with pytest.raises(hive.NoSuchObjectException):
        client.call("delete_partition_column_statistics", "shop", "sales", NAME, "id")
    assert client.call("get_table_column_statistics", "shop", "sales", "name") is not None


def test_what_is_missing_or_says_nothing_is_refused(client: Client) -> None:
    with pytest.raises(hive.NoSuchObjectException):
        client.call("update_table_column_statistics", of(None, "id", table="none"))
    with pytest.raises(hive.NoSuchObjectException):
        client.call("update_partition_column_statistics", of("year=1/city=x", "id"))
    with pytest.raises(hive.NoSuchObjectException):
        client.call("update_partition_column_statistics", of("none", "id"))
    lost = of(None, "id")
    lost.statsObj[0].colName = "none"
    with pytest.raises(hive.MetaException, match=r"Column none of table shop\.sales not found"):
        client.call("update_table_column_statistics", lost)
    lost.statsObj[0].statsData = hive.ColumnStatisticsData()
    with pytest.raises(hive.InvalidObjectException, match="of no known kind"):
        client.call("update_table_column_statistics", lost)
    merging = hive.SetPartitionsStatsRequest(colStats=[of(NAME, "id")], needMerge=True)
    with pytest.raises(hive.MetaException, match="Merging column statistics is not supported by Isinglass"):
        client.call("set_aggr_stats_for", merging)
