"""A later crawl: what it changes of what an earlier one made, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from catalog.catalog import Catalog
from catalog.model import Column, Database, Table
from crawlers.crawl import crawl, survey
from crawlers.model import (
    Configuration,
    DeleteBehavior,
    RecrawlBehavior,
    SchemaChangePolicy,
    UpdateBehavior,
)
from crawlers.report import Action
from tests.crawlers.lakes import EVENTS, FLIGHTS, SALES, crawler, only, parquet, partitions, put, types_of


def test_an_unchanged_crawl_writes_nothing(lake: Path, catalog: Catalog) -> None:
    put(lake, {"sales/a.csv": SALES, "events/a.json": EVENTS, **FLIGHTS})
    crawl(crawler(lake), catalog, run_id="one")
    before = list(catalog.iter_tables("lake"))
    report = crawl(crawler(lake), catalog, run_id="two")
    assert not report.written
    assert {table.action for table in report.tables} == {Action.UNCHANGED}
    assert list(catalog.iter_tables("lake")) == before


def test_a_new_partition_is_added_and_only_that(lake: Path, catalog: Catalog) -> None:
    put(lake, FLIGHTS)
    crawl(crawler(lake), catalog)
    put(lake, {"flights/year=2015/month=1/part-0.parquet": parquet(id=[9], delay=[1.0])})
    report = crawl(crawler(lake), catalog)
    assert (report.partition_counts.added, report.partition_counts.updated) == (1, 0)
    assert catalog.get_table("lake", "flights").version == 0
    assert catalog.get_table("lake", "flights").parameters["objectCount"] == "5"


def test_a_new_column_is_appended_and_makes_a_version(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/k=1/a.json": '{"b": 1, "c": {"x": 1}, "d": 1}\n'})
    crawl(crawler(lake), catalog)
    put(lake, {"t/k=0/a.json": '{"a": 1, "b": 1, "c": {"w": 1, "x": 1}, "d": 1}\n'})
    report = crawl(crawler(lake), catalog)
    table = catalog.get_table("lake", "t")
    assert types_of(table) == {"b": "int", "c": "struct<x:int,w:int>", "d": "int", "a": "int"}
    assert table.version == 1
    assert {difference.path for difference in only(report).differences} == {
        "columns.a", "columns.c", "serde.parameters.paths",
    }  # fmt: skip


def test_a_retyped_column_is_cascaded_to_every_partition(lake: Path, catalog: Catalog) -> None:
    small = pa.array([1], pa.int32())
    put(lake, {"t/k=1/a.parquet": parquet(id=small, n=["x"], m=["y"], o=["z"])})
    crawl(crawler(lake), catalog)
    put(lake, {"t/k=2/a.parquet": parquet(id=[1], n=["x"], m=["y"], o=["z"])})
    report = crawl(crawler(lake), catalog)
    assert types_of(catalog.get_table("lake", "t"))["id"] == "bigint"
    assert {found.storage.columns[0].type for found in partitions(catalog, "t").values()} == {"bigint"}
    assert (report.partition_counts.added, report.partition_counts.updated) == (1, 1)


def test_csv_columns_follow_the_file_by_position(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.csv": "a,b,c\n1,2,3\n4,5,6\n"})
    crawl(crawler(lake), catalog)
    put(lake, {"t/a.csv": "a,x,b,c\n1,2,3,4\n4,5,6,7\n"})
    crawl(crawler(lake), catalog)
    assert list(types_of(catalog.get_table("lake", "t"))) == ["a", "x", "b", "c"]


def test_what_users_added_to_a_table_stays(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.json": '{"a": 1, "b": 1, "c": 1, "d": 1}\n'})
    crawl(crawler(lake), catalog)
    table = catalog.get_table("lake", "t")
    columns = (replace(table.storage.columns[0], comment="the first"), *table.storage.columns[1:])
    parameters = {**table.parameters, "owner": "ann"}
    catalog.update_table(replace(table, parameters=parameters, description="ours").with_columns(columns))
    put(lake, {"t/b.json": '{"a": 1.5, "b": 1, "c": 1, "d": 1}\n'})
    crawl(crawler(lake), catalog)
    after = catalog.get_table("lake", "t")
    assert after.storage.columns[0] == Column("a", "double", "the first")
    assert (after.parameters["owner"], after.description) == ("ann", "ours")


def test_with_merge_new_columns_nothing_is_retyped_or_removed(lake: Path, catalog: Catalog) -> None:
    merging = crawler(lake, configuration=Configuration(merge_new_columns=True))
    put(lake, {"t/a.json": '{"a": 1, "b": {"x": 1}, "c": 1, "d": 1}\n'})
    crawl(merging, catalog)
    put(lake, {"t/a.json": '{"a": 1.5, "b": {"y": 1}, "d": 1, "e": 1}\n'})
    crawl(merging, catalog)
    assert types_of(catalog.get_table("lake", "t")) == {
        "a": "int", "b": "struct<x:int,y:int>", "c": "int", "d": "int", "e": "int",
    }  # fmt: skip


def test_with_merge_new_columns_another_format_deprecates_the_table(lake: Path, catalog: Catalog) -> None:
    merging = crawler(lake, configuration=Configuration(merge_new_columns=True))
    put(lake, {"t/a": EVENTS})
    crawl(merging, catalog)
    put(lake, {"t/a": SALES})
    report = crawl(merging, catalog)
    assert only(report).action is Action.DEPRECATED
    assert "classification was 'json' and is 'csv'" in only(report).notes[0]


def test_with_the_update_policy_log_a_table_stays_and_new_partitions_come(lake: Path, catalog: Catalog) -> None:
    logging = crawler(lake, schema_change=SchemaChangePolicy(update=UpdateBehavior.LOG))
    put(lake, {"t/k=1/a.json": '{"a": 1, "b": 1, "c": 1}\n'})
    crawl(logging, catalog)
    before = catalog.get_table("lake", "t")
    put(lake, {"t/k=2/a.json": '{"a": 1, "b": 1, "c": 1, "d": 1}\n'})
    report = crawl(logging, catalog)
    assert catalog.get_table("lake", "t") == before
    assert only(report).action is Action.LOGGED
    assert partitions(catalog, "t")[("2",)].storage.columns == before.storage.columns


@pytest.mark.parametrize("behavior", DeleteBehavior)
def test_data_that_are_gone_are_treated_by_the_delete_policy(
    behavior: DeleteBehavior, lake: Path, catalog: Catalog
) -> None:
    deleting = crawler(lake, schema_change=SchemaChangePolicy(delete=behavior))
    put(lake, {"t/a.csv": SALES, "u/k=1/a.json": EVENTS, "u/k=2/a.json": EVENTS})
    crawl(deleting, catalog)
    (lake / "t" / "a.csv").unlink()
    (lake / "u" / "k=2" / "a.json").unlink()
    crawl(deleting, catalog)
    table, second = catalog.find_table("lake", "t"), partitions(catalog, "u").get(("2",))
    if behavior is DeleteBehavior.DELETE_FROM_DATABASE:
        assert (table, second) == (None, None)
        return
    assert table is not None
    assert second is not None
    marked = behavior is DeleteBehavior.DEPRECATE_IN_DATABASE
    for parameters in (table.parameters, table.storage.parameters, second.parameters, second.storage.parameters):
        assert ("DEPRECATED_BY_CRAWLER" in parameters) is marked
    assert not crawl(deleting, catalog).written


def test_a_deprecated_table_is_whole_again_when_its_data_are_back(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/k=1/a.csv": SALES, "t/k=2/a.csv": SALES})
    crawl(crawler(lake), catalog)
    for folder in ("k=1", "k=2"):
        (lake / "t" / folder / "a.csv").unlink()
    crawl(crawler(lake), catalog)
    assert "DEPRECATED_BY_CRAWLER" in catalog.get_table("lake", "t").parameters
    put(lake, {"t/k=1/a.csv": SALES, "t/k=2/a.csv": SALES})
    crawl(crawler(lake), catalog)
    table = catalog.get_table("lake", "t")
    assert "DEPRECATED_BY_CRAWLER" not in table.parameters
    assert "DEPRECATED_BY_CRAWLER" not in table.storage.parameters
    assert len(partitions(catalog, "t")) == 2


def test_data_that_cannot_be_read_now_are_not_gone(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.parquet": FLIGHTS["flights/year=2013/month=1/part-0.parquet"], **FLIGHTS})
    crawl(crawler(lake), catalog)
    put(lake, {"t/a.parquet": b"PAR1 cut", "flights/year=2013/month=1/part-0.parquet": b"PAR1 cut"})
    report = crawl(crawler(lake), catalog)
    by_name = {table.name: table for table in report.tables}
    assert by_name["t"].action is Action.UNCHANGED
    assert "DEPRECATED_BY_CRAWLER" not in partitions(catalog, "flights")[("2013", "1")].parameters
    assert any("could not be read" in note for note in by_name["flights"].notes)


def test_columns_and_types_that_a_file_gave_stay_while_it_cannot_be_read(lake: Path, catalog: Catalog) -> None:
    wide = parquet(id=[1], name=["x"], city=["y"], price=[0.5], more=[1])
    small = parquet(id=[1], name=["x"], city=["y"], price=pa.array([1], pa.int32()))
    put(lake, {"t/a.parquet": small, "t/b.parquet": wide})
    crawl(crawler(lake), catalog)
    before = catalog.get_table("lake", "t").storage.columns
    put(lake, {"t/b.parquet": b"PAR1 cut"})
    crawl(crawler(lake), catalog)
    assert catalog.get_table("lake", "t").storage.columns == before


def test_another_layout_replaces_keys_and_partitions(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/k=1/a.csv": SALES})
    crawl(crawler(lake), catalog)
    (lake / "t" / "k=1" / "a.csv").unlink()
    put(lake, {"t/k=1/m=2/a.csv": SALES})
    crawl(crawler(lake), catalog)
    assert catalog.get_table("lake", "t").key_names == ("k", "m")
    assert set(partitions(catalog, "t")) == {("1", "2")}


def test_tables_of_other_crawlers_and_places_are_left_alone(lake: Path, catalog: Catalog) -> None:
    put(lake, {"a/t/x.csv": SALES, "b/u/x.csv": SALES})
    crawl(crawler(lake / "a"), catalog)
    crawl(crawler(lake / "b", name="other"), catalog)
    (lake / "a" / "t" / "x.csv").unlink()
    report = crawl(crawler(lake / "b"), catalog)
    assert [table.name for table in report.tables] == ["u"]


def test_a_table_that_exists_at_the_place_keeps_its_name(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.csv": SALES})
    catalog.create_table(Table("lake", "mine", replace(Table("lake", "x").storage, location=f"{lake}/t")))
    crawl(crawler(lake), catalog)
    assert [table.name for table in catalog.iter_tables("lake")] == ["mine"]
    assert types_of(catalog.get_table("lake", "mine")) == {"id": "bigint", "item": "string", "price": "double"}


def test_a_second_database_is_not_looked_at(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/a.csv": SALES})
    catalog.create_database(Database("second"))
    crawl(crawler(lake), catalog)
    crawl(crawler(lake, database="second"), catalog)
    assert [table.name for table in catalog.iter_tables("second")] == ["t"]


def test_a_crawler_that_goes_on_with_another_s_table_says_so(lake: Path, catalog: Catalog) -> None:
    put(lake, {"sales/a.csv": SALES})
    crawl(replace(crawler(lake), name="first"), catalog)
    [table] = crawl(replace(crawler(lake), name="second"), catalog).tables
    assert "crawler first made it, and second goes on with it" in table.notes


def test_other_keys_take_no_partition_that_could_not_be_read(lake: Path, catalog: Catalog) -> None:
    put(lake, {f"sales/month={month}/a.parquet": parquet(id=[1, 2]) for month in "123"})
    crawl(crawler(lake), catalog)
    before = partitions(catalog, "sales")
    for month in "12":
        (lake / f"sales/month={month}").rename(lake / f"sales/year={month}")
    (lake / "sales/month=3/a.parquet").write_bytes(b"PAR1 no more")
    report = only(crawl(crawler(lake), catalog))
    assert (report.action, partitions(catalog, "sales")) == (Action.LOGGED, before)
    assert any("1 of its partitions could not be read" in note for note in report.notes)
    (lake / "sales/month=3/a.parquet").unlink()
    crawl(crawler(lake), catalog)
    assert catalog.get_table("lake", "sales").key_names == ("year",)


def test_a_new_folder_with_a_wider_type_is_no_partition(lake: Path, catalog: Catalog) -> None:
    def ints(kind: pa.DataType) -> bytes:
        return parquet(id=pa.array([1, 2], kind), name=["a", "b"])

    put(lake, {"t/k=1/a.parquet": ints(pa.int32())})
    newcomers = crawler(lake, recrawl=RecrawlBehavior.CRAWL_NEW_FOLDERS_ONLY)
    first = survey(newcomers, catalog)
    catalog.apply(first.changes)
    put(lake, {"t/k=2/a.parquet": ints(pa.int64()), "t/k=3/a.parquet": ints(pa.int16())})
    report = survey(newcomers, catalog, recalled=first.remembered).report
    assert report.partition_counts.added == 1
    (note,) = report.files.skipped.shown
    assert note.place == f"file://{lake}/t/k=2/"
    assert "its column id is bigint, which int does not hold" in note.reason
