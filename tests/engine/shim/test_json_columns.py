"""The look at columns learns of JSON texts what the look at records does, and hands back what it cannot tell."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from awsglue._json import _all_records
from awsglue._json_columns import Columns
from awsglue._json_structs import alike_to
from awsglue._shapes import Shape
from hypothesis import given, settings
from hypothesis import strategies as some

_PLAIN = some.one_of(
    some.integers(-(2**65), 2**65),
    some.integers(-3, 3),
    some.sampled_from([1.5, 2.0, -0.0, 1e300]),
    some.sampled_from(["", "x", "é\n", "}\n{", "2026-01-01 00:00:00"]),
    some.booleans(),
    some.none(),
)
_NAMES = some.sampled_from("abc")
_VALUES = some.recursive(_PLAIN, lambda of: some.lists(of, max_size=2) | some.dictionaries(_NAMES, of), max_leaves=4)
_RECORDS = some.dictionaries(_NAMES, _VALUES)


def by_records(shape: Shape, texts: pa.Array[Any]) -> int:
    records, broken, _ = _all_records(texts)
    shape.see(records)
    return broken


@settings(max_examples=150, deadline=None)
@given(some.lists(_RECORDS, min_size=1, max_size=5), some.booleans())
def test_both_looks_find_the_same_types_in_the_same_order(records: list[dict[str, Any]], plain: bool) -> None:
    texts = pa.array([json.dumps(record, ensure_ascii=plain).encode() for record in records] * 2, pa.binary())
    whole, parted = Shape(), Shape()
    by_records(whole, texts)
    by_records(parted, Columns(parted).see(texts))
    assert repr(parted.type()) == repr(whole.type())


_ALIKE = some.fixed_dictionaries(
    {
        "a": some.integers(-3, 3),
        "b c": some.text(max_size=2),
        "d": some.sampled_from([1.5, 2.5, -0.25]),
        "e": some.fixed_dictionaries({"f": some.booleans(), "g": some.sampled_from([0.5, 1e300])}),
    }
)
_ODD = some.one_of(
    _ALIKE,
    some.builds(lambda record, name, value: {**record, name: value}, _ALIKE, some.sampled_from("adefx"), _PLAIN),
    some.builds(lambda record, name: {each: record[each] for each in record if each != name}, _ALIKE, _NAMES),
)


@settings(max_examples=150, deadline=None)
@given(some.lists(_ALIKE, min_size=1, max_size=3), some.lists(some.lists(_ODD, min_size=1, max_size=4), max_size=4))
def test_batch_after_batch_both_looks_find_the_same(
    first: list[dict[str, Any]], others: list[list[dict[str, Any]]]
) -> None:
    whole, parted = Shape(), Shape()
    columns = Columns(parted)
    for batch in (first, *others):
        texts = pa.array([json.dumps(record).encode() for record in batch], pa.binary())
        by_records(whole, texts)
        by_records(parted, columns.see(texts))
    assert repr(parted.type()) == repr(whole.type())


def test_further_texts_of_the_known_types_are_told_by_the_struct_that_they_are() -> None:
    shape = Shape()
    columns = Columns(shape)
    first = pa.array([b'{"a": 1, "b": {"c": 1.5}}'], pa.binary())
    assert len(columns.see(first)) == 0
    alike = alike_to(shape)
    assert alike is not None
    lines = b'{"a": 2, "b": {"c": 2.5}}\n{"b": {"c": 3.0}, "a": 3}'
    found = alike.see(lines, 2)
    assert found is not None
    assert found.to_pylist() == [False, True]
    assert (shape.structs, shape.fields["a"].seen, shape.fields["b"].fields["c"].seen) == (2, 2, 2)


@pytest.mark.parametrize(
    "lines",
    [
        b'{"a": 2147483648, "b": "x"}',
        b'{"a": 1.0, "b": "x"}',
        b'{"a": null, "b": "x"}',
        b'{"a": 1}',
        b'{"a": 1, "b": "x", "c": 1}',
        b'{"a": 1, "b": "\xff"}',
        b'{"a": 1, "b": "\\ud800"}',
        b'{"a": 1, "b": "x"} {"a": 1, "b": "x"}',
        b'{"a": 1, "b": "x"}\n{"a": 1, "b": "x"}',
        b"{" * 5_000,
    ],
)
def test_what_is_not_just_of_the_known_types_is_left_to_others(lines: bytes) -> None:
    shape = Shape()
    shape.see([{"a": 1, "b": "x"}])
    alike = alike_to(shape)
    assert alike is not None
    assert alike.see(lines, 1) is None
    assert shape.structs == 1


@pytest.mark.parametrize("record", [{"a": None}, {"a": [1]}, {"a": {}}, {}, {"a": 2**40}])
def test_records_with_lists_nulls_or_long_numbers_have_no_such_struct(record: dict[str, Any]) -> None:
    shape = Shape()
    shape.see([record])
    assert alike_to(shape) is None


@pytest.mark.parametrize(
    "texts",
    [
        [b'{"a": 1', b'"b": 2}'],
        [b'{"a": 1}{"a": 2}', b'{"a": "', b'"}'],
        [b'{"a": 1}{"a": 2}', b'{"a": {}', b"}"],
        [b'{"a": 1, "a": "x"}'],
        [b'{"a": "\xff"}'],
        [b'{"a": 1}', b""],
        [b'{"a": 1}', b"7"],
        [b'{"a": [null, null]}', b'{"a": [null]}'],
        [b"{}"],
    ],
)
def test_texts_that_are_not_one_plain_object_each_come_back(texts: list[bytes]) -> None:
    given = pa.array(texts, pa.binary())
    assert Columns(Shape()).see(given).equals(given)


def test_only_the_texts_with_an_absent_field_or_a_whole_double_come_back() -> None:
    texts = [b'{"a": 1.5, "b": [{"c": 1}]}', b'{"a": 2, "b": []}', b'{"a": 2.5}', b'{"a": 3.5, "b": [{"c": null}]}']
    assert Columns(Shape()).see(pa.array(texts, pa.binary())).to_pylist() == texts[1:]
