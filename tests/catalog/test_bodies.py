"""What the database keeps of a table's definition is the definition."""

from __future__ import annotations

import msgspec
import pytest

from catalog import bodies
from catalog.bodies import UNNAMED, body_of, table_of, with_fields
from catalog.model import Column, SerDe, SortColumn, StorageDescriptor, Table
from catalog.once import Once

COLUMNS = (Column("a", "int"), Column("b", "struct<x:string>", "a \u00e9\nremark", {"k": "v"}))
STORAGE = StorageDescriptor(
    columns=COLUMNS, location="/x", serde=SerDe("lib", {"sep": ","}), sort_columns=(SortColumn("a", False),)
)
TABLES = [Table("d", "t"), Table("d", "t", STORAGE, (Column("day", "date"),), parameters={"k": "v"}, retention=3)]


@pytest.mark.parametrize("table", TABLES)
def test_a_definition_is_read_as_it_was_written(table: Table) -> None:
    body = body_of(table)
    named = {name: getattr(table, name) for name in UNNAMED}
    assert table_of(body, **named) == table
    bodies._lists.clear()
    assert table_of(body, **named) == table


@pytest.mark.parametrize("table", TABLES)
def test_a_body_is_the_whole_definition_in_json_without_names(table: Table) -> None:
    assert body_of(table).encode() == msgspec.json.encode(with_fields(table, **UNNAMED))


def test_columns_that_many_definitions_have_are_one_object() -> None:
    one, other = (table_of(body_of(Table("d", name, STORAGE))) for name in ("one", "other"))
    assert one.storage.columns is other.storage.columns


def test_a_body_of_a_release_that_knew_fewer_fields_is_read() -> None:
    assert table_of('{"database":"","name":"","owner":"me"}') == Table("", "", owner="me")


def test_what_is_remembered_of_objects_is_bounded_and_never_another_s() -> None:
    doubled: Once[tuple[int, ...], list[int]] = Once(lambda given: [*given, *given])
    for number in range(200):
        given = (number,)
        assert doubled(given) == [number, number]
        assert doubled(given) is doubled(given)
    assert len(doubled._made) <= 32
    long = tuple(range(1000))
    assert doubled(long) is not doubled(long)
