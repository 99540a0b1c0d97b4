"""What is promised of changes that are made together: all of them, or none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.changes import (
    AddColumn,
    AlterTable,
    CatalogChange,
    CreateTable,
    DeletePartitions,
    DeleteTable,
    DropColumn,
    ExpectTable,
    PutPartitions,
    RetypeColumn,
    SetParameters,
)
from catalog.errors import AlreadyExists, DomainError, InvalidInput, NotFound, VersionConflict
from catalog.model import Column, Partition, StorageDescriptor, Table
from tests.conftest import NOON, Clock
from tests.promises.faces import Face, over

pytestmark = over("apply", "get_table", "list_partitions")

GOOD: list[CatalogChange] = [
    CreateTable(Table("travel", "planes"), ()),
    AlterTable("travel", "flights", (AddColumn(Column("gate", "string")), RetypeColumn("delay", "bigint")), 0),
    PutPartitions("travel", "flights", (Partition(("2014", "JFK")), Partition(("2013", "JFK"), parameters={"a": "1"}))),
    DeletePartitions("travel", "flights", (("2013", "EWR"),)),
]


@pytest.fixture
def kept(face: Face, flights: Table) -> tuple[Table, list[Partition]]:
    face.create_partitions("travel", "flights", [Partition(("2013", "JFK")), Partition(("2013", "EWR"))])
    return flights, face.list_partitions("travel", "flights")


def test_changes_that_are_all_good_are_all_made(face: Face, kept: tuple[Table, list[Partition]]) -> None:
    face.apply(GOOD)
    assert face.list_tables("travel") == ["flights", "planes"]
    found = face.get_table("travel", "flights")
    assert [(column.name, column.type) for column in found.storage.columns] == [
        ("carrier", "string"),
        ("delay", "bigint"),
        ("gate", "string"),
    ]
    assert (found.version, found.token) == (1, 1)
    partitions = face.list_partitions("travel", "flights")
    assert [(each.values, each.parameters) for each in partitions] == [
        (("2013", "JFK"), {"a": "1"}),
        (("2014", "JFK"), {}),
    ]


@pytest.mark.parametrize(
    ("bad", "failure"),
    [
        (CreateTable(Table("travel", "FLIGHTS")), AlreadyExists),
        (CreateTable(Table("ghosts", "t")), NotFound),
        (CreateTable(Table("travel", "t"), (Partition(("1",)),)), InvalidInput),
        (AlterTable("travel", "ghost", ()), NotFound),
        (AlterTable("travel", "flights", (DropColumn("ghost"),)), InvalidInput),
        (AlterTable("travel", "flights", (AddColumn(Column("YEAR", "int")),)), InvalidInput),
        (AlterTable("travel", "flights", (SetParameters({"a": "1"}),), 7), VersionConflict),
        (PutPartitions("travel", "ghost", ()), NotFound),
        (PutPartitions("travel", "flights", (Partition(("2013",)),)), InvalidInput),
        (DeletePartitions("travel", "flights", (("2013",),)), InvalidInput),
        (DeleteTable("travel", "ghost"), NotFound),
        (ExpectTable("travel", "ghost", 0, NOON), NotFound),
        (ExpectTable("travel", "flights", 0, NOON), VersionConflict),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, type) else value.__name__,
)
def test_one_change_that_is_refused_undoes_them_all(
    face: Face, kept: tuple[Table, list[Partition]], bad: CatalogChange, failure: type[DomainError]
) -> None:
    with pytest.raises(failure):
        face.apply([*GOOD, bad])
    assert face.list_tables("travel") == ["flights"]
    assert (face.get_table("travel", "flights"), face.list_partitions("travel", "flights")) == kept
    assert len(face.list_versions("travel", "flights")) == 1


def test_a_created_table_comes_with_its_partitions(face: Face, flights: Table) -> None:
    members = tuple(Partition((str(year), "JFK")) for year in range(2000, 2010))
    face.apply([CreateTable(replace(flights, name="Copy"), members)])
    assert [each.values for each in face.list_partitions("travel", "copy")] == [each.values for each in members]


def test_a_table_deleted_and_created_again_at_once_has_nothing_of_the_old(
    face: Face, kept: tuple[Table, list[Partition]]
) -> None:
    face.apply([DeleteTable("travel", "flights"), CreateTable(kept[0])])
    assert face.list_partitions("travel", "flights") == []
    assert face.get_table("travel", "flights").token == 0


@pytest.mark.parametrize(
    "change",
    [
        DeleteTable("travel", "flights"),
        DeletePartitions("travel", "flights", (("2013", "JFK"),)),
        PutPartitions("travel", "flights", (Partition(("2014", "JFK")),)),
    ],
    ids=lambda change: type(change).__name__,
)
def test_a_change_is_refused_to_a_table_that_was_deleted_and_made_anew(
    face: Face, kept: tuple[Table, list[Partition]], clock: Clock, change: CatalogChange
) -> None:
    expected = ExpectTable.of(face.get_table("travel", "flights"))
    clock.advance(seconds=1)
    face.apply([DeleteTable("travel", "flights"), CreateTable(kept[0], (Partition(("2013", "JFK")),))])
    with pytest.raises(VersionConflict, match=r"is at version 0 of another table, created at .*, not 0: someone"):
        face.apply([expected, change])
    assert [each.values for each in face.list_partitions("travel", "flights")] == [("2013", "JFK")]


def test_what_is_expected_of_a_table_holds_for_all_changes_that_follow(
    face: Face, kept: tuple[Table, list[Partition]]
) -> None:
    expected = ExpectTable.of(face.get_table("travel", "flights"))
    face.apply([expected, *GOOD])
    assert face.list_tables("travel") == ["flights", "planes"]


def test_a_partition_put_again_keeps_its_age_and_takes_the_new_content(
    face: Face, kept: tuple[Table, list[Partition]], clock: Clock
) -> None:
    clock.advance(hours=1)
    moved = Partition(("2013", "JFK"), StorageDescriptor(location="s3://new/"))
    face.apply([PutPartitions("travel", "flights", (moved,))])
    assert replace(moved, created_at=NOON) in face.list_partitions("travel", "flights")


def test_an_alteration_that_changes_nothing_makes_no_version(face: Face, flights: Table) -> None:
    face.apply([AlterTable("travel", "flights", ()), AlterTable("travel", "flights", (RetypeColumn("delay", "int"),))])
    assert face.get_table("travel", "flights") == flights


def test_a_change_names_a_column_in_any_case(face: Face, flights: Table) -> None:
    face.apply([AlterTable("travel", "flights", (RetypeColumn("DELAY", "bigint"), DropColumn("Carrier")))])
    columns = face.get_table("travel", "flights").storage.columns
    assert [(column.name, column.type) for column in columns] == [("delay", "bigint")]
