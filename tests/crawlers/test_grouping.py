"""Files to tables to partition keys, on names and schemas alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import types
from crawlers.formats import Field, Schema
from crawlers.grouping import Group, Leaf, Rules, group
from crawlers.inference import key_names
from crawlers.places import FileEntry

DEFAULT = Rules()


def schema(columns: str, form: str = "json", compression: str = "none") -> Schema:
    """`a b:int` is two columns, a string and an int."""
    fields = (word.partition(":") for word in columns.split())
    return Schema(
        form,
        (("compression", compression),),
        tuple(Field(name, types.parse(kind or "string")) for name, _, kind in fields),
    )


def grouped(files: dict[str, Schema], rules: Rules = DEFAULT) -> list[Group]:
    folders: dict[tuple[str, ...], dict[str, Schema]] = {}
    for path, found in files.items():
        *folder, name = path.split("/")
        folders.setdefault(tuple(folder), {})[name] = found
    leaves = [Leaf(path, tuple(FileEntry(name, 1) for name in sorted(named)), named) for path, named in folders.items()]
    return group(leaves, rules)


def tables(files: dict[str, Schema], rules: Rules = DEFAULT) -> dict[str, tuple[str, ...]]:
    """Each table's place below the target, and its partition keys."""
    return {"/".join((*found.root, found.file or "")): key_names(found.keys) for found in grouped(files, rules)}


FIVE = schema("a b c d e")


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["x.json"], {"": ()}),
        (["x.json", "y.json"], {"": ()}),
        (["year=2023/x", "year=2024/x"], {"": ("year",)}),
        (["year=2024/month=1/x"], {"": ("year", "month")}),
        (["zone=1/area=2/x", "zone=2/area=1/x"], {"": ("zone", "area")}),
        (["t/year=2024/x"], {"t/": ("year",)}),
        (["2024/01/05/x"], {"": ("partition_0", "partition_1", "partition_2")}),
        (["sales/x"], {"sales/": ()}),
        (["sales/2024/x"], {"sales/": ("partition_0",)}),
        (["t/one/p1/x", "t/one/p2/x", "t/two/p3/x"], {"t/": ("partition_0", "partition_1")}),
        (["eu/year=1/x", "us/year=1/x"], {"": ("partition_0", "year")}),
        (["year=1/eu/x", "year=1/us/x"], {"": ("year", "partition_0")}),
        (["Year=1/x", "year=2/x"], {"": ("year",)}),
        (["year=1/year=2/x"], {"": ("year", "year_1")}),
        (["a=1/x", "b=1/x"], {"a=1/": (), "b=1/": ()}),
        (["a/x", "b/c/x", "b/d/x"], {"a/": (), "b/": ("partition_0",)}),
        (["year=1/x", "year=2/month=1/x"], {"": ("year", "month")}),
        (["t/x", "u/year=1/x"], {"t/": (), "u/": ("year",)}),
        (["x", "year=1/x"], {"": ("year",)}),
        (["k=/x", "k=a=b/x"], {"": ("k",)}),
    ],
)
def test_files_of_one_schema_become_tables_by_their_folders(
    paths: list[str], expected: dict[str, tuple[str, ...]]
) -> None:
    assert tables(dict.fromkeys(paths, FIVE)) == expected


def test_different_files_in_one_folder_are_a_table_each() -> None:
    files = {"airlines.csv": schema("carrier name"), "airports.csv": schema("faa name lat lon"), "planes": FIVE}
    assert tables(files) == {"airlines.csv": (), "airports.csv": (), "planes": ()}


def test_glues_own_example_of_unlike_partitions_is_two_tables_unless_combined() -> None:
    files = {"year=2017/x": schema("a b"), "year=2018/x": schema("c d")}
    assert tables(files) == {"year=2017/": (), "year=2018/": ()}
    (combined,) = grouped(files, Rules(combine=True))
    assert [field.name for field in combined.schema.fields] == ["a", "b", "c", "d"]
    assert combined.keys == ("year",)


@pytest.mark.parametrize(("one", "two", "together"), [("a b c", "a b c d", True), ("a b", "a b c", False)])
def test_over_seventy_percent_of_the_larger_schema_must_be_shared(one: str, two: str, together: bool) -> None:
    assert (len(tables({"k=1/x": schema(one), "k=2/x": schema(two)})) == 1) is together


def test_a_schema_that_drifts_step_by_step_stays_one_table() -> None:
    names = [f"c{number}" for number in range(30)]
    files = {f"day={day:02}/x": schema(" ".join(names[: 4 + day])) for day in range(20)}
    assert tables(files) == {"": ("day",)}


def test_a_schema_that_grows_does_not_split_a_table_that_exists() -> None:
    files = {"t/x": schema("a b"), "t/y": schema("a b c")}
    assert len(tables(files)) == 2
    assert tables(files, Rules(known=frozenset({("t",)}))) == {"t/": ()}


def test_nested_paths_count_as_columns() -> None:
    wide = "struct<" + ",".join(f"f{number}:int" for number in range(8)) + ">"
    files = {"k=1/x": schema(f"a s:{wide}"), "k=2/x": schema(f"b s:{wide}")}
    assert tables(files) == {"": ("k",)}


@pytest.mark.parametrize(
    "odd", [schema("a b c d e", "parquet"), schema("a b c d e", compression="gzip")], ids=["format", "compression"]
)
def test_a_minority_that_cannot_be_read_with_the_rest_is_a_table_of_its_own(odd: Schema) -> None:
    files = {f"day={day}/x": FIVE for day in range(5)} | {"day=9/x": odd}
    assert tables(files) == {"": ("day",), "day=9/": ()}
    assert tables({"day=1/x": FIVE, "day=9/x": odd}) == {"day=1/": (), "day=9/": ()}


def test_why_a_table_stands_alone_names_the_folders_and_the_reason() -> None:
    files = {"day=1/x": FIVE, "day=9/x": schema("a b c d e", "parquet")}
    (one, _) = grouped(files)
    assert "day=1 and day=9 cannot be one table: the format is json in one and parquet in the other" in one.why

    assert one.why.endswith("(day=1/x and day=9/x).")


def test_why_two_folders_did_not_become_one_table_names_two_files_and_how_alike_they_are() -> None:
    one, two = grouped({"year=2017/x": schema("a b c"), "year=2018/x": schema("c d e")})
    for found in (one, two):
        assert "50% of the schemas are alike, in 2 clusters, and over 70% in at most 5 are needed" in found.why
        assert "year=2018/x shares 33% of its columns with year=2017/x" in found.why
    (both,) = grouped({"year=2017/x": schema("a b c"), "year=2018/x": schema("c d e")}, Rules(combine=True))
    assert "in 2 partition folders by year, with schemas at least 33% alike" in both.why


def test_files_above_the_partition_folders_are_set_apart() -> None:
    (found,) = grouped({"x": FIVE, "year=1/x": FIVE, "year=2/y": FIVE})
    assert [leaf.path for leaf in found.shallow] == [()]
    assert [leaf.path for leaf in found.leaves] == [("year=1",), ("year=2",)]


def test_a_plain_folder_beside_partitions_is_a_table_of_its_own() -> None:
    files = {"year=1/x": FIVE, "year=2/x": FIVE, "archive/x": FIVE}
    assert tables(files) == {"": ("year",), "archive/": ()}


def test_the_table_level_fixes_the_folder_of_a_table() -> None:
    files = {"a/b/c=1/x": FIVE, "a/b/c=2/x": schema("p q"), "a/d/c=1/x": FIVE}
    assert tables(files, Rules(table_depth=2)) == {"a/b/": ("c",), "a/d/": ("c",)}
    assert tables(files, Rules(table_depth=1)) == {"a/": ("partition_0", "c")}


def test_more_than_five_clusters_are_never_one_table() -> None:
    files = {f"k={number:02}/x": FIVE for number in range(40)}
    files |= {f"k=9{number}/x": schema(f"p{number} q{number}") for number in range(6)}
    assert len(tables(files)) == 46


@given(st.permutations(["k=1/x", "k=2/x", "k=3/y", "k=3/z", "k=4/x"]))
def test_the_order_of_listing_changes_nothing(paths: list[str]) -> None:
    schemas = {path: schema("a b c d" + (" e:int" if path > "k=2" else " e:bigint")) for path in paths}
    (found,) = grouped(schemas)
    assert str(found.schema.fields[-1].type) == "bigint"
    assert [leaf.path[0] for leaf in found.leaves] == ["k=1", "k=2", "k=3", "k=4"]


def test_thousands_of_partitions_are_grouped_at_once() -> None:
    files = {f"y={number // 365}/d={number % 365}/x": FIVE for number in range(20_000)}
    (found,) = grouped(files)
    assert len(found.leaves) == 20_000


def test_csv_with_a_column_in_the_middle_is_another_table() -> None:
    files = {
        "k=1/x": schema("a b c d", "csv"),
        "k=2/x": schema("a b x c d", "csv"),
    }
    (one, _) = grouped(files)
    assert "CSV is read by position" in one.why
    assert tables({"k=1/x": schema("a b c d", "csv"), "k=2/x": schema("a b c d e", "csv")}) == {"": ("k",)}


def test_parquet_files_that_no_type_reads_together_are_two_tables() -> None:
    files = {"k=1/x": schema("a:bigint b c d", "parquet"), "k=2/x": schema("a:double b c d", "parquet")}
    assert len(tables(files)) == 2
    assert len(tables({**files, "k=2/x": schema("a:int b c d", "parquet")})) == 1
