"""An export, imported into an empty catalog, makes an equal one; and what is no whole export is refused by its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.moving.errors import FileRefused, NotAnExport
from api.moving.lines import read, written
from api.moving.records import AT_ONCE, Partitions, Record, wanted
from catalog.catalog import Catalog
from catalog.model import Column, Database, Partition, StorageDescriptor, Table
from tests.api.moving.conftest import PARTITIONS, exported, told

EVERYTHING = wanted([])


def test_an_export_imported_into_an_empty_catalog_exports_the_same(export: Path, catalog: Catalog) -> None:
    counts = told(catalog, read(export, EVERYTHING))
    assert counts == {
        ("database", "created"): 2,
        ("table", "created"): 2,
        ("function", "created"): 1,
        ("partition", "created"): PARTITIONS,
        ("column statistics", "created"): 15,
    }
    assert b"".join(exported(catalog)) == export.read_bytes()


def test_a_second_import_changes_nothing_and_makes_no_version(export: Path, catalog: Catalog) -> None:
    told(catalog, read(export, EVERYTHING))
    before = catalog.get_table("shop", "orders")
    counts = told(catalog, read(export, EVERYTHING))
    assert {action for _, action in counts} == {"unchanged"}
    assert catalog.get_table("shop", "orders") == before
    assert len(catalog.list_versions("shop", "orders").items) == 1
    assert len(catalog.list_versions("shop", "a_view").items) == 1


def test_an_export_tells_the_partitions_of_a_table_a_part_at_a_time(export: Path) -> None:
    sizes = [len(each.items) for each in read(export, EVERYTHING) if isinstance(each, Partitions)]
    assert max(sizes) <= AT_ONCE
    assert sum(sizes) == PARTITIONS


def test_patterns_choose_the_databases_to_import(export: Path, catalog: Catalog) -> None:
    told(catalog, read(export, wanted(["EMP*", "nothing"])))
    assert [database.name for database in catalog.iter_databases()] == ["empty"]


texts = st.text(st.characters(codec="utf-8"))


@given(st.dictionaries(texts, texts), texts, st.lists(texts, min_size=1, max_size=3))
def test_every_text_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, parameters: dict[str, str], text: str, values: list[str]
) -> None:
    storage = StorageDescriptor((Column("c", "int", text, parameters),), text, parameters=parameters)
    keys = tuple(Column(f"k{number}", "string") for number in range(len(values)))
    records: list[Record] = [
        Database("d", text, text, parameters),
        Table("d", "t", storage, keys, parameters=parameters, view_original_text=text),
        Partitions("d", "t", (Partition(tuple(values), replace(storage, location=text), parameters),)),
    ]
    path = tmp_path_factory.getbasetemp() / "texts.jsonl"
    path.write_bytes(b"".join(written(records)))
    assert list(read(path, EVERYTHING)) == records


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def without(number: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [*lines[: number - 1], *lines[number:]]


def changed(number: int, **members: object) -> Callable[[list[bytes]], list[bytes]]:
    def change(lines: list[bytes]) -> list[bytes]:
        line = {**json.loads(lines[number - 1]), **members}
        return [*lines[: number - 1], json.dumps(line).encode() + b"\n", *lines[number:]]

    return change


Spoiling = Callable[[list[bytes]], list[bytes]]
BAD: dict[str, tuple[Spoiling, int | None, str]] = {
    "nothing": (lambda lines: [], 1, "cut off"),
    "another tool's": (lambda lines: [b'{"Name": "d"}\n'], 1, "no line of an export"),
    "a picture": (lambda lines: [b"\x89PNG\r\n\x1a\n"], 1, "no line of an export"),
    "a later format's": (changed(1, format=2), 1, "format 2"),
    "cut between lines": (lambda lines: lines[:40], 41, "cut off"),
    "cut in a line": (lambda lines: [*lines[:40], lines[40][:30]], 41, "cut off"),
    "of a kind unknown": (changed(3, kind="sculpture"), 3, "sculpture"),
    "with a member unknown": (changed(3, colour="red"), 3, "colour"),
    "with a number for a text": (changed(7, table=5), 7, "table"),
    "with a line lost": (without(20), None, "not"),
    "with its head lost": (without(1), 1, "does not belong there"),
    "two in one": (lambda lines: [*lines, *lines], None, "does not belong there"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_whole_export_is_refused_by_its_line_and_nothing_is_imported(
    name: str, export: Path, tmp_path: Path
) -> None:
    spoil, line, why = BAD[name]
    whole = lines_of(export)
    spoiled = tmp_path / "spoiled.jsonl"
    spoiled.write_bytes(b"".join(spoil(whole)))
    with pytest.raises(NotAnExport) as refused:
        next(iter(read(spoiled, EVERYTHING)), None)
    expected = line if line is not None else len(whole) + (1 if name == "two in one" else -1)
    assert (refused.value.line, refused.value.file) == (expected, spoiled)
    assert why in str(refused.value)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"none\.jsonl cannot be read: No such file"):
        next(read(tmp_path / "none.jsonl", EVERYTHING))
