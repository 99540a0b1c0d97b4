"""Changes as data: what each does, and what the difference of two definitions says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.changes import (
    AddColumn,
    Change,
    Difference,
    DropColumn,
    RetypeColumn,
    SetParameters,
    SetPartitionKeys,
    SetStorage,
    apply,
    apply_all,
    diff,
    widens,
)
from catalog.errors import InvalidInput
from catalog.model import Column, SerDe, SortColumn, StorageDescriptor, Table
from catalog.tables import is_same_definition

BASE = Table(
    "travel",
    "flights",
    StorageDescriptor((Column("a", "int"), Column("b", "string", "text")), "s3://here/", parameters={"p": "1"}),
    partition_keys=(Column("year", "int"), Column("month", "int")),
    parameters={"p": "1", "q": "2"},
)
A, B = BASE.storage.columns


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (AddColumn(Column("c", "date")), BASE.with_columns((A, B, Column("c", "date")))),
        (DropColumn("a"), BASE.with_columns((B,))),
        (DropColumn("A"), BASE.with_columns((B,))),
        (RetypeColumn("b", "date"), BASE.with_columns((A, Column("b", "date", "text")))),
        (SetParameters({"q": "3", "r": "4"}, ("p",)), replace(BASE, parameters={"q": "3", "r": "4"})),
        (
            SetParameters({"r": "4"}, ("p",), on_storage=True),
            replace(BASE, parameters={"q": "2", "r": "4"}, storage=replace(BASE.storage, parameters={"r": "4"})),
        ),
        (
            SetStorage(StorageDescriptor((Column("ignored", "int"),), "s3://there/")),
            replace(BASE, storage=StorageDescriptor((A, B), "s3://there/")),
        ),
        (SetPartitionKeys((Column("day", "date"),)), replace(BASE, partition_keys=(Column("day", "date"),))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_change_changes_what_it_says_and_nothing_else(change: Change, after: Table) -> None:
    assert apply(BASE, change) == after


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (AddColumn(Column("a", "int")), "has it already"),
        (AddColumn(Column("B", "int")), "has it already"),
        (AddColumn(Column("year", "int")), "has it already"),
        (DropColumn("year"), "has no such column"),
        (RetypeColumn("ghost", "int"), "has no such column"),
    ],
)
def test_a_change_of_a_column_that_is_not_there_or_there_already_is_refused(change: Change, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        apply(BASE, change)


@pytest.mark.parametrize(
    ("new", "differences"),
    [
        (BASE.with_columns((A,)), [Difference("columns.b", "string", None, breaking=True)]),
        (BASE.with_columns((A, B, Column("c", "int"))), [Difference("columns.c", None, "int", breaking=False)]),
        (BASE.with_columns((Column("a", "bigint"), B)), [Difference("columns.a", "int", "bigint", breaking=False)]),
        (BASE.with_columns((Column("a", "string"), B)), [Difference("columns.a", "int", "string", breaking=True)]),
        (
            BASE.with_columns((A, Column("b", "string"))),
            [Difference("columns.b.comment", "text", None, breaking=False)],
        ),
        (BASE.with_columns((B, A)), [Difference("columns", "a, b", "b, a", breaking=True)]),
        (
            BASE.with_columns((replace(A, parameters={"x": "1"}), B)),
            [Difference("columns.a.parameters.x", None, "1", breaking=False)],
        ),
        (
            replace(BASE, partition_keys=(*BASE.partition_keys, Column("day", "int"))),
            [Difference("partitionKeys.day", None, "int", breaking=True)],
        ),
        (
            replace(BASE, partition_keys=BASE.partition_keys[::-1]),
            [Difference("partitionKeys", "year, month", "month, year", breaking=True)],
        ),
        (replace(BASE, parameters={"p": "1", "q": "3"}), [Difference("parameters.q", "2", "3", breaking=False)]),
        (replace(BASE, parameters=BASE.parameters | {"numRows": "7", "spark.sql.statistics.x": "1"}), []),
        (
            replace(BASE, description="d", version=4, token=9, name="other"),
            [Difference("description", None, "d", False)],
        ),
    ],
)
def test_a_difference_says_what_changed_and_whether_it_can_break_a_reader(
    new: Table, differences: list[Difference]
) -> None:
    assert list(diff(BASE, new)) == differences


@pytest.mark.parametrize(
    ("new", "path", "breaking"),
    [
        (replace(BASE, storage=replace(BASE.storage, location="s3://there/")), "location", True),
        (replace(BASE, storage=replace(BASE.storage, input_format="i")), "inputFormat", True),
        (replace(BASE, storage=replace(BASE.storage, output_format="o")), "outputFormat", False),
        (replace(BASE, storage=replace(BASE.storage, serde=SerDe("lib"))), "serde", True),
        (replace(BASE, storage=replace(BASE.storage, serde=SerDe(None, {"d": ","}))), "serde.parameters.d", True),
        (replace(BASE, storage=replace(BASE.storage, serde=SerDe(name="n"))), "serde.name", False),
        (replace(BASE, storage=replace(BASE.storage, compressed=True)), "compressed", False),
        (replace(BASE, storage=replace(BASE.storage, number_of_buckets=2)), "numberOfBuckets", True),
        (replace(BASE, storage=replace(BASE.storage, bucket_columns=("a",))), "bucketColumns", True),
        (replace(BASE, storage=replace(BASE.storage, sort_columns=(SortColumn("a"),))), "sortColumns", True),
        (replace(BASE, storage=replace(BASE.storage, stored_as_sub_directories=True)), "storedAsSubDirectories", True),
        (replace(BASE, storage=replace(BASE.storage, parameters={})), "storage.parameters.p", False),
        (replace(BASE, table_type="VIRTUAL_VIEW"), "tableType", True),
        (replace(BASE, owner="eva"), "owner", False),
        (replace(BASE, retention=3), "retention", False),
        (replace(BASE, view_original_text="select 1"), "viewText", True),
        (replace(BASE, view_expanded_text="select 1"), "viewExpandedText", True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_part_of_a_definition_has_its_place_in_a_difference(new: Table, path: str, breaking: bool) -> None:
    (found,) = diff(BASE, new)
    assert (found.path, found.breaking) == (path, breaking)


NAMES = st.sampled_from(["a", "b", "c", "d", "year"])
KINDS = st.sampled_from(["int", "bigint", "string"])
PARAMETERS = st.dictionaries(st.sampled_from(["p", "q", "numRows"]), st.sampled_from(["1", "2"]))
STORAGES = st.builds(
    StorageDescriptor,
    location=st.sampled_from([None, "s3://here/", "s3://there/"]),
    serde=st.builds(SerDe, st.sampled_from([None, "lib"]), PARAMETERS),
    compressed=st.booleans(),
    number_of_buckets=st.sampled_from([-1, 4]),
    sort_columns=st.sampled_from([(), (SortColumn("a"),), (SortColumn("a", ascending=False),)]),
    parameters=PARAMETERS,
)
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(AddColumn, st.builds(Column, NAMES, KINDS)),
    st.builds(DropColumn, NAMES),
    st.builds(RetypeColumn, NAMES, KINDS),
    st.builds(SetParameters, PARAMETERS, st.lists(st.sampled_from(["p", "q"])).map(tuple), st.booleans()),
    st.builds(SetStorage, STORAGES),
    st.permutations(BASE.partition_keys).map(lambda keys: SetPartitionKeys(tuple(keys))),
)


@given(st.lists(CHANGES, max_size=6))
def test_a_difference_is_empty_if_and_only_if_the_changes_make_no_version(changes: list[Change]) -> None:
    after = BASE
    for change in changes:
        try:
            after = apply(after, change)
        except InvalidInput:
            continue
    assert (diff(BASE, after) == ()) == is_same_definition(BASE, after)


@given(st.lists(CHANGES, max_size=6))
def test_changes_made_one_by_one_are_the_changes_made_at_once(changes: list[Change]) -> None:
    done: list[Change] = []
    after = BASE
    for change in changes:
        try:
            after = apply(after, change)
        except InvalidInput:
            continue
        done.append(change)
    assert apply_all(BASE, done) == after


@pytest.mark.parametrize(
    ("old", "new", "safe"),
    [
        ("int", "int", True),
        ("integer", "INT", True),
        ("tinyint", "bigint", True),
        ("int", "bigint", True),
        ("bigint", "int", False),
        ("bigint", "double", False),
        ("int", "float", False),
        ("float", "double", True),
        ("int", "string", False),
        ("decimal(5,2)", "decimal(7,2)", True),
        ("decimal(5,2)", "decimal(7,4)", True),
        ("decimal(5,2)", "decimal(6,4)", False),
        ("varchar(5)", "varchar(9)", True),
        ("varchar(9)", "varchar(5)", False),
        ("char(5)", "string", True),
        ("array<int>", "array<bigint>", True),
        ("map<string,int>", "map<string,string>", False),
        ("struct<a:int>", "struct<a:bigint,b:int>", True),
        ("struct<a:int>", "struct<A:int>", True),
        ("struct<a:int,b:int>", "struct<a:int>", False),
        ("geometry", "geometry", True),
        ("geometry", "string", False),
    ],
)
def test_a_type_widens_only_where_every_value_can_still_be_read(old: str, new: str, safe: bool) -> None:
    assert widens(old, new) is safe
