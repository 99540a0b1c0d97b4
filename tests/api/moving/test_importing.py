"""Things are created, updated or left; what one refuses does not stop the rest; a dry run does nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from api.moving.catalog_source import read_catalog
from api.moving.importing import Importing, Outcome
from api.moving.records import Partitions, PartitionStatistics, Record, TableStatistics, Untold
from catalog import statistics as kinds
from catalog.catalog import Catalog
from catalog.model import Column, Database, Function, Origin, Partition, StorageDescriptor, Table
from catalog.statistics import ColumnStatistics
from tests.api.moving.conftest import exported, told

KEYS = (Column("p", "int"),)
STORAGE = StorageDescriptor((Column("a", "int"),), "s3://lake/t")
TABLE = Table("d", "t", STORAGE, KEYS, parameters={"x": "1"})
FUNCTION = Function("d", "f", "F")
COUNTED = ColumnStatistics("a", "int", kinds.LongValues(1, 2, 0, 2))


def some(*values: str, **parameters: str) -> Partitions:
    return Partitions("d", "t", tuple(Partition((value,), STORAGE, parameters) for value in values))


def outcomes(catalog: Catalog, records: Iterable[Record], dry_run: bool = False) -> list[Outcome]:
    return list(Importing(catalog, dry_run).take(records))


EVERYTHING: list[Record] = [
    Database("d"),
    FUNCTION,
    TABLE,
    some("1", "2"),
    TableStatistics("d", "t", (COUNTED,)),
    PartitionStatistics("d", "t", (("p=1", COUNTED), ("p=2", COUNTED))),
]
LATER: list[Record] = [
    Database("d", "now described"),
    replace(FUNCTION, class_name="G"),
    replace(TABLE, parameters={"x": "2"}),
    some("2", "3", rows="7"),
    TableStatistics("d", "t", (replace(COUNTED, values=kinds.LongValues(1, 3, 0, 3)),)),
    PartitionStatistics("d", "t", (("p=1", COUNTED), ("p=3", COUNTED))),
]


def test_what_differs_is_updated_and_what_the_source_lacks_stays(catalog: Catalog) -> None:
    outcomes(catalog, EVERYTHING)
    assert outcomes(catalog, LATER) == [
        Outcome("database", "d", "updated"),
        Outcome("function", "d.f", "updated"),
        Outcome("table", "d.t", "updated"),
        Outcome("partition", "d.t", "created"),
        Outcome("partition", "d.t", "updated"),
        Outcome("column statistics", "d.t", "updated"),
        Outcome("column statistics", "d.t", "created"),
        Outcome("column statistics", "d.t", "unchanged"),
    ]
    assert [each.values for each in catalog.iter_partitions("d", "t")] == [("1",), ("2",), ("3",)]
    assert catalog.get_partition("d", "t", ("2",)).parameters == {"rows": "7"}
    assert catalog.get_function("d", "f").class_name == "G"


def test_versions_tell_that_an_import_made_them(catalog: Catalog) -> None:
    outcomes(catalog.acting_as(Origin("import")), EVERYTHING)
    assert [each.origin.face for each in catalog.list_versions("d", "t").items] == ["import"]


@pytest.mark.parametrize("before", [[], EVERYTHING], ids=["nothing", "an older state"])
def test_a_dry_run_says_what_an_import_then_does_and_changes_nothing(catalog: Catalog, before: list[Record]) -> None:
    outcomes(catalog, before)
    found = exported(catalog)
    foreseen = told(catalog, LATER if before else EVERYTHING, dry_run=True)
    assert exported(catalog) == found
    assert told(catalog, LATER if before else EVERYTHING) == foreseen


def test_a_dry_run_of_a_whole_catalog_foresees_it(full: Catalog, catalog: Catalog) -> None:
    foreseen = told(catalog, read_catalog(full, lambda _: True), dry_run=True)
    assert list(catalog.iter_databases()) == []
    assert told(catalog, read_catalog(full, lambda _: True)) == foreseen


@pytest.mark.parametrize("dry_run", [False, True], ids=["import", "dry run"])
def test_a_name_that_cannot_be_is_a_failure_of_that_thing_alone(catalog: Catalog, dry_run: bool) -> None:
    records: list[Record] = [Database("d"), replace(TABLE, name="a/b"), TABLE, replace(FUNCTION, name=" "), FUNCTION]
    found = outcomes(catalog, records, dry_run)
    assert [(each.kind, each.action) for each in found] == [
        ("database", "created"),
        ("table", "failed"),
        ("table", "created"),
        ("function", "failed"),
        ("function", "created"),
    ]
    assert "it holds '/'" in (found[1].why or "")


def test_what_is_in_a_thing_that_failed_is_skipped_and_says_why(catalog: Catalog) -> None:
    outcomes(catalog, EVERYTHING)
    rekeyed = replace(TABLE, partition_keys=(Column("q", "int"),))
    failed, *rest = outcomes(catalog, [rekeyed, some("9"), TableStatistics("d", "t", (COUNTED,))])
    assert failed.action == "failed"
    assert "has partitions" in (failed.why or "")
    assert [(each.action, each.why) for each in rest] == [("skipped", "table d.t was not imported")] * 2
    found = outcomes(
        catalog, [Untold("database", "e", "no"), replace(TABLE, database="E"), replace(some("1"), database="e")]
    )
    assert [each.action for each in found] == ["failed", "skipped", "skipped"]
    assert found[1].why == "database E was not imported"


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_function_and_a_table_of_one_name_are_two_things(catalog: Catalog, dry_run: bool) -> None:
    outcomes(catalog, [Database("d"), TABLE, some("1")])
    found = outcomes(catalog, [Function("d", "t", "F"), TABLE, some("1")], dry_run)
    assert [each.action for each in found] == ["created", "unchanged", "unchanged"]


def test_one_partition_that_is_refused_leaves_the_others_imported(catalog: Catalog) -> None:
    bad = Partitions(
        "d", "t", (*some("1").items, Partition(("2", "x"), STORAGE), Partition(("a\0b",)), *some("3").items)
    )
    found = outcomes(catalog, [Database("d"), TABLE, bad])
    assert [(each.action, each.name) for each in found[2:]] == [
        ("created", "d.t"),
        ("failed", "d.t 2/x"),
        ("failed", "d.t a\0b"),
        ("created", "d.t"),
    ]
    assert [each.values for each in catalog.iter_partitions("d", "t")] == [("1",), ("3",)]


def test_statistics_of_a_missing_column_or_partition_fail_by_name_alone(catalog: Catalog) -> None:
    outcomes(catalog, [Database("d"), TABLE, some("1")])
    lost = replace(COUNTED, column="z")
    records: list[Record] = [
        TableStatistics("d", "t", (lost, COUNTED)),
        PartitionStatistics("d", "t", (("p=1", COUNTED), ("p=8", COUNTED))),
    ]
    found = outcomes(catalog, records)
    assert [(each.action, each.name) for each in found] == [
        ("failed", "d.t z"),
        ("created", "d.t"),
        ("created", "d.t"),
        ("failed", "d.t p=8 a"),
    ]


def test_a_bound_that_is_no_number_is_unchanged_the_second_time(catalog: Catalog) -> None:
    endless = ColumnStatistics("a", "int", kinds.DoubleValues(float("nan"), float("inf"), 0, 1))
    records: list[Record] = [Database("d"), TABLE, TableStatistics("d", "t", (endless,))]
    assert told(catalog, records)["column statistics", "created"] == 1
    assert told(catalog, records)["column statistics", "unchanged"] == 1


def test_a_partition_of_another_spelling_is_the_same_partition(catalog: Catalog) -> None:
    null = Partitions("d", "t", (Partition(("__HIVE_DEFAULT_PARTITION__",), STORAGE),))
    told(catalog, [Database("d"), TABLE, Partitions("d", "t", (Partition(("",), STORAGE),))])
    assert told(catalog, [null]) == {("partition", "updated"): 1}
    assert told(catalog, [null]) == {("partition", "unchanged"): 1}
