"""What a crawl may do to what exists: policies, catalog targets, indexes, and the names that a definition asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.changes import AddColumn, AlterTable, SetParameters
from catalog.errors import InvalidInput, NotFound, VersionConflict
from catalog.model import Column, Database, Partition, PartitionIndex, StorageDescriptor, Table
from crawlers.crawl import crawl, survey
from crawlers.model import (
    CatalogTarget,
    ColumnNames,
    Configuration,
    Crawler,
    DeleteBehavior,
    SchemaChangePolicy,
    Target,
    UpdateBehavior,
)
from crawlers.report import Action, TableReport
from crawlers.validity import demand_valid
from tests.crawlers.lakes import crawler, only, parquet, partitions, put, types_of

SALES = "id,item,price\n1,pen,2.5\n2,ink,3\n"
MONTHS = {f"sales/month={month}/a.parquet": parquet(id=[1, 2]) for month in "12"}
LOG_ALL = SchemaChangePolicy(UpdateBehavior.LOG, DeleteBehavior.LOG)
DEPRECATED = "DEPRECATED_BY_CRAWLER"


def watching(*names: str, **changes: object) -> Crawler:
    """A crawler of tables that the catalog has."""
    return replace(Crawler("w", "", catalog_targets=(CatalogTarget("lake", names),)), **changes)  # type: ignore[arg-type]


def columns_of(partition: Partition) -> dict[str, str]:
    return {column.name: column.type for column in partition.storage.columns}


# ── partitions and their table ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("delete", [DeleteBehavior.LOG, DeleteBehavior.DEPRECATE_IN_DATABASE])
def test_a_retype_is_cascaded_to_partitions_whose_data_are_gone(
    lake: Path, catalog: Catalog, delete: DeleteBehavior
) -> None:
    put(lake, MONTHS)
    crawl(crawler(lake), catalog)
    (lake / "sales/month=1/a.parquet").unlink()
    put(lake, {"sales/month=2/a.parquet": parquet(id=["x"], item=["pen"])})
    crawl(crawler(lake, schema_change=SchemaChangePolicy(delete=delete)), catalog)
    assert types_of(catalog.get_table("lake", "sales")) == {"id": "string", "item": "string"}
    for partition in partitions(catalog, "sales").values():
        assert columns_of(partition) == {"id": "string", "item": "string"}
    gone = partitions(catalog, "sales")["1",]
    assert (DEPRECATED in gone.parameters) is (delete is DeleteBehavior.DEPRECATE_IN_DATABASE)


def test_new_partitions_inherit_from_a_table_that_may_not_be_updated(lake: Path, catalog: Catalog) -> None:
    put(lake, MONTHS)
    crawl(crawler(lake), catalog)
    put(lake, {"sales/month=3/a.parquet": parquet(id=[3], item=["pen"])})
    assert only(crawl(crawler(lake, schema_change=LOG_ALL), catalog)).action is Action.LOGGED
    assert columns_of(partitions(catalog, "sales")["3",]) == {"id": "bigint"}


def test_nested_fields_are_merged_and_nothing_of_them_is_retyped(lake: Path, catalog: Catalog) -> None:
    put(lake, {"events/a.json": '{"who": {"id": 1, "at": [{"x": 1}]}}\n'})
    crawl(crawler(lake), catalog)
    put(lake, {"events/a.json": '{"who": {"id": "a", "name": "ann", "at": [{"y": 2.5}]}}\n'})
    crawl(crawler(lake, configuration=Configuration(merge_new_columns=True)), catalog)
    assert types_of(catalog.get_table("lake", "events")) == {
        "who": "struct<id:int,at:array<struct<x:int,y:double>>,name:string>"
    }


def test_a_mark_of_deprecation_goes_when_the_data_are_back_whatever_the_update_policy(
    lake: Path, catalog: Catalog
) -> None:
    put(lake, MONTHS | {"stock.csv": SALES})
    crawl(crawler(lake), catalog)
    for name in ("sales/month=1/a.parquet", "stock.csv"):
        (lake / name).unlink()
    crawl(crawler(lake), catalog)
    marked = catalog.get_table("lake", "stock")
    assert marked.parameters[DEPRECATED] == marked.storage.parameters[DEPRECATED]
    assert DEPRECATED in partitions(catalog, "sales")["1",].storage.parameters
    put(lake, MONTHS | {"stock.csv": SALES})
    report = crawl(crawler(lake, schema_change=LOG_ALL), catalog)
    assert [table.action for table in report.tables] == [Action.UPDATED, Action.UPDATED]
    stock, month = catalog.get_table("lake", "stock"), partitions(catalog, "sales")["1",]
    for parameters in (stock.parameters, stock.storage.parameters, month.parameters, month.storage.parameters):
        assert DEPRECATED not in parameters
    assert crawl(crawler(lake, schema_change=LOG_ALL), catalog).written is False


def test_a_table_without_a_compression_type_is_one_without_compression(lake: Path, catalog: Catalog) -> None:
    put(lake, {"stock/a.csv": SALES})
    crawl(crawler(lake), catalog)
    catalog.apply([AlterTable("lake", "stock", (SetParameters({}, ("compressionType",), True),))])
    report = crawl(crawler(lake, configuration=Configuration(merge_new_columns=True)), catalog)
    assert only(report).action is not Action.DEPRECATED
    assert DEPRECATED not in catalog.get_table("lake", "stock").parameters


# ── partition indexes ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_partitioned_table_has_an_index_of_all_its_keys(lake: Path, catalog: Catalog) -> None:
    put(lake, {f"sales/year=2026/month={month}/a.csv": SALES for month in "12"} | {"stock/a.json": '{"x": 1}'})
    crawl(crawler(lake), catalog)
    [index] = catalog.list_partition_indexes("lake", "sales")
    assert (index.name, index.keys) == ("crawler_partition_index", ("year", "month"))
    assert list(catalog.list_partition_indexes("lake", "stock")) == []


def test_no_index_is_made_where_it_is_not_wanted(lake: Path, catalog: Catalog) -> None:
    put(lake, MONTHS)
    crawl(crawler(lake, configuration=Configuration(create_partition_index=False)), catalog)
    assert list(catalog.list_partition_indexes("lake", "sales")) == []


def test_an_index_follows_another_layout_of_the_folders(lake: Path, catalog: Catalog) -> None:
    put(lake, MONTHS)
    crawl(crawler(lake), catalog)
    for name in MONTHS:
        (lake / name).unlink()
    put(lake, {"sales/day=1/a.parquet": parquet(id=[1]), "sales/day=2/a.parquet": parquet(id=[1])})
    crawl(crawler(lake), catalog)
    [index] = catalog.list_partition_indexes("lake", "sales")
    assert index.keys == ("day",)
    assert set(partitions(catalog, "sales")) == {("1",), ("2",)}


def test_a_user_s_index_of_keys_that_go_stops_the_crawl_by_its_name(lake: Path, catalog: Catalog) -> None:
    put(lake, MONTHS)
    crawl(crawler(lake), catalog)
    catalog.create_partition_index("lake", "sales", PartitionIndex("mine", ("month",)))
    for name in MONTHS:
        (lake / name).unlink()
    put(lake, {"sales/day=1/a.parquet": parquet(id=[1]), "sales/day=2/a.parquet": parquet(id=[1])})
    with pytest.raises(InvalidInput, match="partition index mine names month; delete that first"):
        crawl(crawler(lake), catalog)
    assert set(partitions(catalog, "sales")) == {("1",), ("2",)}
    assert catalog.get_table("lake", "sales").key_names == ("month",)


# ── catalog targets ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_catalog_target_keeps_its_table_s_name_and_sees_new_columns_and_partitions(
    lake: Path, catalog: Catalog
) -> None:
    put(lake, {"sales/month=1/a.csv": SALES, "sales/month=2/a.csv": SALES})
    crawl(crawler(lake), catalog)
    catalog.rename_table("lake", "sales", "lake", "takings")
    wide = "id,item,price,tax\n1,pen,2.5,0.1\n2,ink,3,0.2\n"
    put(lake, {f"sales/month={month}/a.csv": wide for month in "123"})
    report = crawl(watching("takings"), catalog)
    assert [(table.database, table.name, table.action) for table in report.tables] == [
        ("lake", "takings", Action.UPDATED)
    ]
    assert set(partitions(catalog, "takings")) == {("1",), ("2",), ("3",)}
    assert list(types_of(catalog.get_table("lake", "takings"))) == ["id", "item", "price", "tax"]
    assert [table.name for table in catalog.iter_tables("lake")] == ["takings"]


def test_what_a_catalog_target_no_longer_has_is_only_logged(lake: Path, catalog: Catalog) -> None:
    put(lake, MONTHS)
    crawl(crawler(lake), catalog)
    (lake / "sales/month=1/a.parquet").unlink()
    policy = SchemaChangePolicy(delete=DeleteBehavior.DELETE_FROM_DATABASE)
    report = crawl(watching("sales", schema_change=policy), catalog)
    assert "1 partitions have no data any more" in only(report).notes
    assert set(partitions(catalog, "sales")) == {("1",), ("2",)}
    (lake / "sales/month=2/a.parquet").unlink()
    report = crawl(watching("sales", schema_change=policy), catalog)
    assert (report.tables, report.written) == ((), False)
    assert "no file of it was recognised, so it is left alone" in report.log[0]


def test_a_catalog_target_combines_what_else_would_be_many_tables(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a/x.json": '{"a": 1, "b": 1}\n', "t/b/x.json": '{"c": 1, "d": 1}\n'})
    keys = (Column("part", "string"),)
    catalog.create_table(Table("lake", "t", StorageDescriptor(location=f"file://{lake}/t/"), keys))
    report = crawl(watching("t"), catalog)
    assert [table.name for table in report.tables] == ["t"]
    assert set(types_of(catalog.get_table("lake", "t"))) == {"a", "b", "c", "d"}
    assert len(report.tables[0].partition_keys) == 1


def test_a_catalog_target_of_another_format_beside_its_files_is_told(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.csv": SALES, "t/b.csv": SALES, "t/c.json": '{"a": 1}\n'})
    catalog.create_table(Table("lake", "t", StorageDescriptor(location=f"file://{lake}/t/")))
    crawl(watching("t"), catalog)
    assert catalog.get_table("lake", "t").storage.location == f"file://{lake}/t/"


def test_catalog_targets_of_several_databases_are_one_crawl(lake: Path, catalog: Catalog) -> None:
    catalog.create_database(Database("other"))
    put(lake, {"a/x.csv": SALES, "b/x.csv": SALES})
    for database, name in (("lake", "a"), ("other", "b")):
        catalog.create_table(Table(database, name, StorageDescriptor(location=f"file://{lake}/{name}/")))
    crawl(Crawler("w", "", catalog_targets=(CatalogTarget("lake", ("a",)), CatalogTarget("other", ("b",)))), catalog)
    assert list(types_of(catalog.get_table("other", "b"))) == ["id", "item", "price"]
    assert list(types_of(catalog.get_table("lake", "a"))) == ["id", "item", "price"]


def test_a_table_that_is_not_there_or_has_no_location_is_named(lake: Path, catalog: Catalog) -> None:
    catalog.create_table(Table("lake", "view", table_type="VIRTUAL_VIEW"))
    report = crawl(watching("view"), catalog)
    assert [(note.place, note.reason) for note in report.files.failed.shown] == [
        ("lake.view", "the table has no location, so there is nothing to crawl")
    ]
    with pytest.raises(NotFound, match=r"Table lake\.none not found"):
        crawl(watching("none"), catalog)
    with pytest.raises(InvalidInput, match="catalog targets do not mix with targets of other kinds"):
        demand_valid(crawler(lake, catalog_targets=(CatalogTarget("lake", ("t",)),)))


# ── what a definition asks for ───────────────────────────────────────────────────────────────────────────────────────


def test_a_target_s_own_table_name_wins_over_the_folder_s_and_the_prefix(lake: Path, catalog: Catalog) -> None:
    put(lake, {"2026-01 export/a.csv": SALES})
    named = crawler(lake, targets=(Target(str(lake / "2026-01 export"), table_name="Takings"),), prefix="raw_")
    assert only(crawl(named, catalog)).name == "takings"


def test_a_table_name_for_a_place_of_many_tables_is_told_and_not_used(lake: Path, catalog: Catalog) -> None:
    put(lake, {"a.csv": SALES, "b.csv": "x;y\n1;2\n"})
    report = crawl(crawler(lake, targets=(Target(str(lake), table_name="takings"),)), catalog)
    assert {table.name for table in report.tables} == {"a", "b"}
    assert any("holds 2 tables, so none of them is called takings" in line for line in report.log)


def test_clean_names_are_given_where_columns_are_found_by_position(lake: Path, catalog: Catalog) -> None:
    put(
        lake,
        {
            "stock.csv": "Net Quantity,net-quantity,part\n1,2,3\n4,5,6\n",
            "rows.json": '{"net quantity": 1}\n',
            "sales/part=1/a.csv": "id,Unit Price\n1,2\n3,4\n",
            "sales/part=2/a.csv": "id,Unit Price\n1,2\n3,4\n",
        },
    )
    report = crawl(crawler(lake, configuration=Configuration(column_names=ColumnNames.CLEAN)), catalog)
    assert list(types_of(catalog.get_table("lake", "stock"))) == ["net_quantity", "net_quantity_1", "part"]
    assert list(types_of(catalog.get_table("lake", "rows"))) == ["net quantity"]
    assert list(columns_of(partitions(catalog, "sales")["1",])) == ["id", "unit_price"]
    told: dict[str, TableReport] = {table.name: table for table in report.tables}
    assert "json is read by name, so columns keep theirs: net quantity" in told["rows"].notes
    assert "column 'net-quantity' is called net_quantity: names are to be clean" in told["stock"].notes


def test_a_table_that_another_wrote_is_updated_at_its_place_but_never_removed(lake: Path, catalog: Catalog) -> None:
    put(lake, {"stock/a.csv": SALES, "other/a.json": '{"x": 1}'})
    catalog.create_table(Table("lake", "mine", StorageDescriptor(location=f"file://{lake}/stock/")))
    crawl(crawler(lake), catalog)
    assert list(types_of(catalog.get_table("lake", "mine"))) == ["id", "item", "price"]
    crawl(crawler(lake, name="second"), catalog)
    (lake / "stock/a.csv").unlink()
    crawl(crawler(lake), catalog)
    assert DEPRECATED not in catalog.get_table("lake", "mine").parameters


def test_a_table_with_the_asked_for_name_at_another_place_is_not_touched(lake: Path, catalog: Catalog) -> None:
    catalog.create_table(Table("lake", "stock", StorageDescriptor(location="s3://elsewhere/stock/")))
    catalog.apply([AlterTable("lake", "stock", (AddColumn(Column("x", "int")),))])
    put(lake, {"stock/a.csv": SALES, "other/a.json": '{"x": 1}'})
    made = crawl(crawler(lake), catalog).tables[1].name
    assert made.startswith("stock_")
    assert len(made) == len("stock_") + 32
    assert types_of(catalog.get_table("lake", "stock")) == {"x": "int"}


def remade(catalog: Catalog, name: str) -> Table:
    """Somebody deletes the table, and makes another one of that name."""
    catalog.delete_table("lake", name)
    return catalog.create_table(Table("lake", name, StorageDescriptor(location="s3://elsewhere/")))


@pytest.mark.parametrize("delete", list(DeleteBehavior)[:2])
def test_a_table_that_was_made_anew_during_a_crawl_is_neither_deleted_nor_marked(
    lake: Path, catalog: Catalog, delete: DeleteBehavior
) -> None:
    put(lake, {"stock/a.csv": SALES, "other/a.json": '{"x": 1}'})
    crawl(crawler(lake), catalog)
    (lake / "stock/a.csv").unlink()
    found = survey(crawler(lake, schema_change=SchemaChangePolicy(delete=delete)), catalog)
    new = remade(catalog, "stock")
    with pytest.raises(VersionConflict, match=r"Table lake\.stock is at version 0 of another table"):
        catalog.apply(found.changes)
    assert catalog.get_table("lake", "stock") == new


def test_partitions_do_not_come_to_a_table_that_was_written_during_the_crawl(lake: Path, catalog: Catalog) -> None:
    put(lake, MONTHS)
    crawl(crawler(lake), catalog)
    put(lake, {"sales/month=3/a.parquet": parquet(id=[1])})
    logging = crawler(lake, schema_change=LOG_ALL)
    found = survey(logging, catalog)
    catalog.apply([AlterTable("lake", "sales", (SetParameters({"owner": "me"}),))])
    with pytest.raises(VersionConflict):
        catalog.apply(found.changes)
    assert set(partitions(catalog, "sales")) == {("1",), ("2",)}
    crawl(logging, catalog)
    assert set(partitions(catalog, "sales")) == {("1",), ("2",), ("3",)}
