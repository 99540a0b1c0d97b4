"""What a predicate is sent of a record: the fields its bytecode proves it can look at, or all; never too little."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue._touched import fields_touched
from awsglue.gluetypes import DynamicRecord

from tests.engine.shim.frames import json_frame, rows

if TYPE_CHECKING:
    from awsglue.context import GlueContext

NAME = "a"


def _is_filled(value: Any) -> bool:
    return value is not None


def _catches(record: Any) -> Any:
    try:
        return record["a"] > 1
    except KeyError:
        return record["b"]


def _writes(record: Any) -> Any:
    record["a"] += 1
    return record["a"]


def _yields(record: Any) -> Any:
    yield record["a"]


class _Callable:
    def __call__(self, record: Any) -> Any:
        return record["a"]


@pytest.mark.parametrize(
    ("function", "fields"),
    [
        (lambda r: r["a"] > 100 and r["b"] != "Hull", "a b"),
        (lambda r: r.a and str(r.b).lower() in ("x", "y"), "a b"),
        (lambda r: r.get("a") == r.get("b", None), "a b"),
        (lambda r: "a" in r and "b" not in r, "a b"),
        (lambda r: r["a"]["b"]["c"] > 1, "a"),
        (lambda r: _is_filled(r["a"]), "a"),
        (lambda r: any(part == NAME for part in r["a"].split()), "a"),
        (lambda r, least=3: r["a"] > least, "a"),
        (lambda r: f"{r['a']}-{r['b']}" == "1-2", "a b"),
        (_catches, "a b"),
        (lambda _: True, ""),
    ],
)
def test_plain_looks_at_named_fields_are_all_a_function_can_see(function: Callable[[Any], Any], fields: str) -> None:
    assert fields_touched(function) == frozenset(fields.split())


@pytest.mark.parametrize(
    "function",
    [
        lambda r: r,
        lambda r: len(r) > 1,
        lambda r: r == {"a": 1},
        lambda r: {**r} == {},
        lambda r: r[NAME],
        lambda r: r.get(NAME),
        lambda r: r.get("a" + NAME),
        lambda r: r.get("a", NAME),
        lambda r: r.keys() or r["a"],
        lambda r: r.pop("a"),
        lambda r: r["a"] in r,
        lambda r: getattr(r, "a"),  # noqa: B009 - what a script may well write
        lambda r: _is_filled(r),
        lambda r: [r for _ in "ab"],
        lambda r: any(r["a"] == each for each in r["b"]),
        lambda r: (lambda: r["a"])(),
        lambda r: locals()["r"]["a"],
        lambda *r: r[0]["a"],
        lambda r: r.__dict__,
        _writes,
        _yields,
        _Callable(),
        _Callable().__call__,
        str,
    ],
)
def test_whatever_else_a_function_does_with_its_record_makes_it_see_all(function: Callable[[Any], Any]) -> None:
    touched = fields_touched(function)
    assert touched is None or (sys.version_info >= (3, 12) and touched == frozenset("ab"))  # comprehensions are inlined


def test_a_filter_keeps_what_the_function_keeps_of_whole_records(glue: GlueContext, tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"id": 1, "city": "Bergen", "note": "x", "amount": 1},
        {"id": 2, "city": "Bergen", "what.else": 1, "amount": "two"},
        {"id": 3, "city": "Hull", "in": {"x": 2}, "amount": 2},
        {"id": 4, "in": {"y": 2}},
        {"id": 5, "note": "y", "in": {}},
    ]
    frame = json_frame(glue, tmp_path, *records)
    for predicate in PREDICATES:
        kept = frame.filter(predicate).select_fields(["id"])
        expected = [record["id"] for record in records if _accepts(predicate, record)]
        assert sorted(row["id"] for row in rows(kept)) == expected, PREDICATES.index(predicate)


def _accepts(predicate: Callable[[Any], Any], record: dict[str, Any]) -> bool:
    try:
        return bool(predicate(DynamicRecord(record)))
    except (KeyError, TypeError, ValueError):
        return False


PREDICATES: list[Callable[[Any], Any]] = [
    lambda r: r["city"] == "Bergen",
    lambda r: r.get("note") is None,
    lambda r: "note" in r,
    lambda r: "note" not in r and r.amount,
    lambda r: r.note.startswith("x"),
    lambda r: r["what.else"] == 1,
    lambda r: True,
    lambda r: len(r) == 3,
    lambda r: r["in"]["x"] > 1,
    lambda r: "x" in r["in"],
    lambda r: r.amount > 1,
]
