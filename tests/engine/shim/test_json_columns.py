"""The look at columns learns of JSON texts what the look at records does, and hands back what it cannot tell."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from awsglue._json import _all_records
from awsglue._json_columns import see_columns
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
    by_records(parted, see_columns(parted, texts))
    assert repr(parted.type()) == repr(whole.type())


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
    assert see_columns(Shape(), given).equals(given)


def test_only_the_texts_with_an_absent_field_or_a_whole_double_come_back() -> None:
    texts = [b'{"a": 1.5, "b": [{"c": 1}]}', b'{"a": 2, "b": []}', b'{"a": 2.5}', b'{"a": 3.5, "b": [{"c": null}]}']
    assert see_columns(Shape(), pa.array(texts, pa.binary())).to_pylist() == texts[1:]
