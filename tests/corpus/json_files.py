"""JSON as services, programs and people write it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pandas

from tests.corpus.case import Case
from tests.corpus.delimited import text
from tests.corpus.tables import SHAPES, Made, make


def cases() -> Iterator[Case]:
    yield from _shapes()
    yield from _values()
    yield from _odd()


def records(made: Made) -> list[dict[str, Any]]:
    plain = (bool, int, float, str)
    return [
        {
            name: (value if isinstance(value, plain) else float(value) if kind == "money" else text(value))
            for (name, kind), value in zip(made.columns, row, strict=True)
            if value is not None
        }
        for row in made.rows
    ]


def lines(found: list[Any], **dialect: Any) -> str:
    return "".join(json.dumps(record, ensure_ascii=False, **dialect) + "\n" for record in found)


def _case(name: str, data: str | bytes, columns: dict[str, str], ending: str = ".json") -> Case:
    return Case(f"json_{name}", data.encode() if isinstance(data, str) else data, "json", columns, ending)


def _shapes() -> Iterator[Case]:
    for shape in SHAPES:
        made = make(shape, 11, missing=0.1)
        found, truth = records(made), made.truth("json")
        yield _case(f"lines_{shape}", lines(found), truth, ".jsonl")
        yield _case(f"pretty_{shape}", "\n".join(json.dumps(record, indent=2) for record in found), truth)
        yield _case(f"concatenated_{shape}", "".join(json.dumps(record) for record in found), truth)
        yield _case(f"bom_{shape}", b"\xef\xbb\xbf" + lines(found).encode(), truth)
        yield _case(f"crlf_{shape}", lines(found).replace("\n", "\r\n"), truth, ".txt")
        yield _case(f"wrong_ending_{shape}", lines(found), truth, ".csv")
        fields = ",".join(f"{name}:{kind}" for name, kind in zip(made.names, truth.values(), strict=True))
        yield _case(f"array_{shape}", json.dumps(found), {"array": f"array<struct<{fields}>>"})
        yield _case(f"pretty_array_{shape}", json.dumps(found, indent=4), {"array": f"array<struct<{fields}>>"})
    for shape in ("places", "words_only", "numbers_only"):
        made = make(shape, 12)
        frame = pandas.DataFrame(records(made))
        written = frame.to_json(orient="records", lines=True)
        yield _case(f"pandas_{shape}", written, made.truth("json"))
        duck = duckdb.execute("select to_json(frame)::varchar from frame").fetchall()
        yield _case(f"duckdb_{shape}", "".join(f"{row[0]}\n" for row in duck), made.truth("json"))


def _values() -> Iterator[Case]:
    columns: dict[str, tuple[str, list[Any]]] = {
        "int": ("int", [1, 2, 2147483647]),
        "long": ("bigint", [1, 2147483648, 3]),
        "beyond": ("string", [1, 2**70, 3]),
        "mixed_numbers": ("double", [1, 2.5, 3]),
        "number_or_text": ("string", [1, "two", 3]),
        "flag_or_number": ("string", [True, 2, 3]),
        "only_null": ("string", [None, None, None]),
        "late": ("int", [None, None, 7]),
        "strings": ("array<string>", [["a"], [], ["b", "c"]]),
        "empty_array": ("array<string>", [[], [], []]),
        "numbers": ("array<double>", [[1], [2.5], []]),
        "nested_arrays": ("array<array<int>>", [[[1]], [[2, 3]], [[]]]),
        "mixed_array": ("array<string>", [[1, "a"], [2], ["b"]]),
        "object": ("struct<a:int,b:string>", [{"a": 1, "b": "x"}, {"a": 2}, {"b": "y"}]),
        "objects": ("array<struct<k:string,v:double>>", [[{"k": "a", "v": 1}], [{"k": "b", "v": 2.5}], []]),
        "deep": ("struct<a:struct<b:struct<c:int>>>", [{"a": {"b": {"c": at}}} for at in range(3)]),
        "object_or_text": ("string", [{"a": 1}, "text", {"a": 2}]),
        "array_or_scalar": ("string", [[1], 2, [3]]),
        "dates_are_text": ("string", ["2024-01-01", "2024-02-01", "2024-03-01"]),
        "numeric_text": ("string", ["1", "2", "3"]),
        "exponent": ("double", [1e300, 2e-5, 3.0]),
        "unicode": ("string", ["żółć", "日本語", "🙂"]),
        "escaped": ("string", ['a "quoted" word', "line\nbreak", "tab\there"]),
    }
    for name, (kind, values) in columns.items():
        found = [{"id": at, name: value} for at, value in enumerate(values * 4, 1)]
        yield _case(f"values_{name}", lines(found), {"id": "int", name: kind})


def _odd() -> Iterator[Case]:
    events = [
        {"type": "push", "actor": {"id": at, "login": f"user{at}"}, "payload": {"size": at, "commits": [{"sha": "ab"}]}}
        if at % 2
        else {"type": "fork", "actor": {"id": at, "login": f"user{at}"}, "payload": {"forkee": {"name": "x"}}}
        for at in range(30)
    ]
    payload = "struct<forkee:struct<name:string>,size:int,commits:array<struct<sha:string>>>"
    truth = {"type": "string", "actor": "struct<id:int,login:string>", "payload": payload}
    yield _case("events", lines(events), truth)
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [at / 7, -at / 3]}, "properties": {"n": at}}
        for at in range(1, 20)
    ]
    geometry = "struct<type:string,coordinates:array<double>>"
    yield _case("geo", lines(features), {"type": "string", "geometry": geometry, "properties": "struct<n:int>"})
    grown = [{"id": at} | ({"added": "x"} if at > 40 else {}) for at in range(60)]
    yield _case("late_field", lines(grown), {"id": "int", "added": "string"})
    yield _case(
        "case_of_keys", lines([{"Id": 1, "NAME": "a"}, {"id": 2, "name": "b"}] * 5), {"id": "int", "name": "string"}
    )
    yield _case("no_spaces", lines(grown, separators=(",", ":")), {"id": "int", "added": "string"})
    yield _case("one_record", json.dumps({"a": 1, "b": "x"}), {"a": "int", "b": "string"})
    spoiled = lines([{"id": at, "v": "x"} for at in range(50)]).splitlines(keepends=True)
    spoiled[20] = '{"id": 20, "v": \n'
    yield _case("one_broken_line", "".join(spoiled), {"id": "int", "v": "string"})
