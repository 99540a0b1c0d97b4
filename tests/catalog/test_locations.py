"""Which tables lie below a place: what keeps one table's folder when another's is dropped."""

from __future__ import annotations

import pytest

from catalog import db
from catalog.catalog import Catalog
from catalog.locations import spellings
from catalog.model import Column, Database, Origin, Partition, StorageDescriptor, Table
from tests.conftest import Postgres

PLACES = {
    "at": "s3://lake/sales",
    "slashed": "s3a://lake/sales/",
    "inside": "s3://lake/sales/2024/x",
    "beside": "s3://lake/sales2",
    "above": "s3://lake",
    "local": "file:/lake/a",
    "plain": "/lake/a/b",
    "none": None,
}


@pytest.fixture
def lake(catalog: Catalog) -> Catalog:
    catalog.create_database(Database("d"))
    for name, place in PLACES.items():
        catalog.create_table(Table("d", name, StorageDescriptor(location=place)))
    return catalog


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("s3://lake/sales", {"at", "slashed", "inside"}),
        ("s3n://lake/sales//", {"at", "slashed", "inside"}),
        ("s3://lake/sales/2024", {"inside"}),
        ("s3://lake", {"at", "slashed", "inside", "beside", "above"}),
        ("s3://lak", set()),
        ("gs://lake/sales", set()),
        ("/lake/a", {"local", "plain"}),
        ("file:///lake/a/", {"local", "plain"}),
        ("file:/lake/a/b", {"plain"}),
    ],
)
def test_tables_at_a_place_and_below_it_are_found_however_it_is_spelled(
    lake: Catalog, place: str, found: set[str]
) -> None:
    assert {name for _, name in lake.locations_below(place)} == found


def test_the_table_that_is_asked_for_can_be_left_out(lake: Catalog) -> None:
    found = lake.locations_below("s3://lake/sales", excluding={("d", "at"), ("d", "slashed")})
    assert found == {("d", "inside"): "s3://lake/sales/2024/x"}


def test_a_place_of_another_scheme_is_spelled_in_one_way() -> None:
    assert spellings("hdfs://host/a/") == ["hdfs://host/a"]
    assert spellings("file://host/a") == ["file://host/a"]


def test_descriptors_that_no_partition_refers_to_are_pruned_and_others_kept(lake: Catalog) -> None:
    lake.create_table(Table("d", "days", partition_keys=(Column("day", "date"),)))
    for at in range(3):
        storage = StorageDescriptor(columns=(Column(f"c{at}", "int"),), location=f"/{at}")
        lake.create_partitions("d", "days", [Partition((f"2024-01-0{at + 1}",), storage)])
    lake.delete_partitions("d", "days", [("2024-01-01",), ("2024-01-02",)])
    assert (lake.prune_storages(), lake.prune_storages()) == (2, 0)
    (left,) = lake.iter_partitions("d", "days")
    assert left.storage.columns == (Column("c2", "int"),)


def test_nothing_is_pruned_while_another_reads_or_writes_partitions(postgres: Postgres) -> None:
    url = postgres.create("migrated")
    store = db.connect(url)
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d"))
    catalog.create_table(Table("d", "days", partition_keys=(Column("day", "date"),)))
    catalog.create_partitions("d", "days", [Partition(("2024-01-01",))])
    catalog.delete_partitions("d", "days", [("2024-01-01",)])
    with db.reading(store) as other:
        other.exec_driver_sql("SELECT id FROM storage_descriptors")
        assert catalog.prune_storages() == 0
    assert catalog.prune_storages() == 1
    store.dispose()
    postgres.drop(url)
