"""What every face promises of tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from catalog.errors import AlreadyExists, InvalidInput, InvalidPageToken, NotFound
from catalog.model import (
    VIRTUAL_VIEW,
    Column,
    Database,
    Partition,
    SerDe,
    SortColumn,
    StorageDescriptor,
    Table,
)
from tests.promises.faces import Face, over

pytestmark = over("create_table", "get_table", "list_tables", "update_table", "delete_table")

EVERYTHING = Table(
    "travel",
    "all",
    StorageDescriptor(
        columns=(Column("a", "array<struct<x:int>>", 'it\'s "odd" — ünï\n☃', {"k": "v"}), Column("b c", "char(3)")),
        location="s3://lake/b%2Fc/it's here/",
        input_format="in",
        output_format="out",
        serde=SerDe("org.example.SerDe", {"field.delim": "\x01", "quote": '"'}, "named"),
        compressed=True,
        number_of_buckets=4,
        bucket_columns=("a",),
        sort_columns=(SortColumn("b c", ascending=False),),
        parameters={"p": "1"},
        stored_as_sub_directories=True,
    ),
    partition_keys=(Column("day", "date", "of departure"),),
    table_type=VIRTUAL_VIEW,
    parameters={"long": "x" * 100_000, "EXTERNAL": "TRUE", "": "empty name"},
    description="everything",
    owner="eva",
    retention=7,
    view_original_text="select 1",
    view_expanded_text="select 1 as one",
    last_accessed_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
)


def bare(table: Table) -> Table:
    return replace(table, version=0, token=0, created_at=None, updated_at=None)


def test_a_table_is_read_as_it_was_created(face: Face) -> None:
    face.create_database(Database("travel"))
    face.create_table(EVERYTHING)
    found = face.get_table("travel", "all")
    assert bare(found) == EVERYTHING
    assert (found.version, found.token) == (0, 0)


def test_the_names_of_tables_columns_and_keys_fold_to_lower_case(face: Face) -> None:
    face.create_database(Database("travel"))
    columns = (Column("TailNum", "string"), Column("ÉTÉ", "string"))
    face.create_table(
        Table("TRAVEL", "Planes", StorageDescriptor(columns), (Column("Year", "int"),), parameters={"Kept": "As Is"})
    )
    found = face.get_table("Travel", "PLANES")
    assert (found.database, found.name) == ("travel", "planes")
    assert [column.name for column in found.all_columns] == ["tailnum", "été", "year"]
    assert found.parameters == {"Kept": "As Is"}


def test_a_table_cannot_be_created_twice_whatever_its_case(face: Face, flights: Table) -> None:
    with pytest.raises(AlreadyExists, match=r"Table travel.flights already exists"):
        face.create_table(Table("Travel", "FLIGHTS"))
    assert face.get_table("travel", "flights") == flights


def test_the_same_name_may_stand_in_two_databases(face: Face, flights: Table) -> None:
    face.create_database(Database("other"))
    face.create_table(replace(flights, database="other"))
    face.delete_table("other", "flights")
    assert face.get_table("travel", "flights") == flights


def test_a_table_needs_its_database(face: Face) -> None:
    with pytest.raises(NotFound, match="Database ghosts not found"):
        face.create_table(Table("ghosts", "t"))
    with pytest.raises(NotFound, match="Database ghosts not found"):
        face.get_table("ghosts", "t")
    with pytest.raises(NotFound, match="Database ghosts not found"):
        face.list_tables("ghosts")


@pytest.mark.parametrize(
    "verb",
    [
        lambda face: face.get_table("travel", "ghost"),
        lambda face: face.update_table(Table("travel", "ghost")),
        lambda face: face.delete_table("travel", "ghost"),
    ],
    ids=["get", "update", "delete"],
)
def test_a_table_that_is_not_there_is_not_found(face: Face, verb: Callable[[Face], object]) -> None:
    face.create_database(Database("travel"))
    with pytest.raises(NotFound, match=r"Table travel.ghost not found"):
        verb(face)


@pytest.mark.parametrize(
    ("columns", "keys"),
    [(["a", "A"], []), (["a"], ["A"]), (["a", "b", "a"], []), ([""], []), (["a\tb"], [])],
)
def test_columns_that_clash_or_have_no_name_are_refused(face: Face, columns: list[str], keys: list[str]) -> None:
    face.create_database(Database("travel"))
    storage = StorageDescriptor(tuple(Column(name, "int") for name in columns))
    with pytest.raises(InvalidInput):
        face.create_table(Table("travel", "t", storage, tuple(Column(name, "int") for name in keys)))
    assert face.list_tables("travel") == []


def test_tables_are_listed_by_name(face: Face) -> None:
    face.create_database(Database("travel"))
    for name in ("planes", "airports", "flights"):
        face.create_table(Table("travel", name))
    assert face.list_tables("travel") == ["airports", "flights", "planes"]


@over("page_tables", "create_table")
def test_pages_of_tables_skip_and_repeat_nothing_while_tables_are_created(face: Face) -> None:
    face.create_database(Database("travel"))
    first = [f"t{number:02}" for number in range(0, 40, 2)]
    for name in first:
        face.create_table(Table("travel", name))
    seen: list[str] = []
    token = None
    while True:
        page = face.page_tables("travel", 3, token)
        assert len(page.items) <= 3
        seen += [table.name for table in page.items]
        token = page.next_token
        if token is None:
            break
        face.create_table(Table("travel", f"{seen[-1]}before" if len(seen) % 2 else f"a{len(seen)}"))
    assert len(seen) == len(set(seen))
    assert set(first) <= set(seen)


@over("page_tables")
def test_a_token_that_no_list_gave_is_refused(face: Face, flights: Table) -> None:
    for token in ("", "nonsense", "bm90IG91cnM=", "…"):
        with pytest.raises(InvalidPageToken):
            face.page_tables("travel", 3, token)


@over("rename_table", "list_versions", "list_partitions")
def test_a_renamed_table_keeps_its_versions_and_partitions(face: Face, flights: Table) -> None:
    face.create_partitions("travel", "flights", [Partition(("2013", "JFK"))])
    face.update_table(replace(flights, description="changed"))
    face.create_database(Database("archive"))
    face.rename_table("travel", "flights", "Archive", "Old_Flights")
    assert face.list_tables("travel") == []
    moved = face.get_table("archive", "old_flights")
    assert (moved.version, moved.token) == (1, 2)
    assert [version.version for version in face.list_versions("archive", "old_flights")] == [1, 0]
    assert {version.table.name for version in face.list_versions("archive", "old_flights")} == {"old_flights"}
    assert [each.values for each in face.list_partitions("archive", "old_flights")] == [("2013", "JFK")]


@over("rename_table")
def test_a_table_cannot_take_a_name_that_is_taken_or_a_database_that_is_not_there(face: Face, flights: Table) -> None:
    face.create_table(replace(flights, name="planes"))
    with pytest.raises(AlreadyExists):
        face.rename_table("travel", "flights", "travel", "PLANES")
    with pytest.raises(NotFound, match="Database ghosts not found"):
        face.rename_table("travel", "flights", "ghosts", "flights")
    assert face.get_table("travel", "flights") == flights


@over("delete_table", "list_versions", "list_partitions")
def test_a_deleted_table_takes_its_partitions_and_versions_with_it(face: Face, flights: Table) -> None:
    face.create_partitions("travel", "flights", [Partition(("2013", "JFK")), Partition(("2013", "EWR"))])
    face.update_table(replace(flights, description="changed"))
    face.delete_table("TRAVEL", "FLIGHTS")
    with pytest.raises(NotFound):
        face.list_partitions("travel", "flights")
    face.create_table(flights)
    assert face.list_partitions("travel", "flights") == []
    assert [version.version for version in face.list_versions("travel", "flights")] == [0]
    assert face.get_table("travel", "flights").token == 0


@over("update_table", "create_partitions")
def test_the_keys_that_partitions_are_named_by_cannot_change_while_there_are_partitions(
    face: Face, flights: Table
) -> None:
    changed = replace(flights, partition_keys=(Column("year", "int"), Column("airport", "string")))
    face.create_partitions("travel", "flights", [Partition(("2013", "JFK"))])
    with pytest.raises(InvalidInput, match="delete these first"):
        face.update_table(changed)
    retyped = (Column("year", "bigint"), Column("origin", "string"))
    face.update_table(replace(flights, partition_keys=retyped))
    face.delete_partitions("travel", "flights", [("2013", "JFK")])
    face.update_table(changed)
    assert face.get_table("travel", "flights").key_names == ("year", "airport")
