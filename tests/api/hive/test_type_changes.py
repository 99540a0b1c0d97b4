"""Which changes of columns' types a metastore takes."""

from __future__ import annotations

import pytest

from api.hive.type_changes import lossy_changes, turns_into
from catalog.model import Column, StorageDescriptor, Table


@pytest.mark.parametrize(
    ("old", "new", "fits"),
    [
        ("int", "bigint", True),
        ("bigint", "int", False),
        ("tinyint", "decimal(3,0)", True),
        ("int", "string", True),
        ("string", "int", False),
        ("string", "double", True),
        ("string", "varchar(3)", True),
        ("float", "decimal(10,2)", False),
        ("decimal(12,2)", "decimal(10,2)", True),
        ("decimal(10,2)", "bigint", False),
        ("date", "string", True),
        ("int", "date", False),
        ("timestamp", "date", False),
        ("binary", "string", False),
        ("void", "date", True),
        ("array<int>", "array<bigint>", True),
        ("array<bigint>", "array<int>", False),
        ("struct<a:int>", "struct<a:int,b:string>", True),
        ("struct<a:int,b:string>", "struct<a:int>", False),
        ("integer", "INT", True),
        ("nonsense", "int", True),
        ("int", "nonsense", False),
    ],
)
def test_a_type_turns_into_one_that_can_read_what_was_written(old: str, new: str, fits: bool) -> None:
    assert turns_into(old, new) is fits


def test_columns_are_compared_by_name_and_new_and_dropped_ones_are_free() -> None:
    def table(*columns: Column, **others: str) -> Table:
        return Table("d", "t", StorageDescriptor(columns), parameters=others)

    before = table(Column("a", "string"), Column("b", "int"))
    assert lossy_changes(before, table(Column("b", "int"), Column("c", "date"))) == []
    assert lossy_changes(before, table(Column("A", "int"), Column("b", "int"))) == ["A from string to int"]
    assert lossy_changes(before, table(Column("a", "int"), table_type="ICEBERG")) == []
