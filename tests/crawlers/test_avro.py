"""Avro: Hive types from the schema in the header, and one schema that reads files of several."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import fastavro
import pytest

from crawlers.errors import Unreadable
from crawlers.formats.avro import conflict, storage
from crawlers.formats.avro_schemas import united
from crawlers.inference import merge
from tests.crawlers.examining import columns, examine, found

NODE: dict[str, Any] = {"type": "record", "name": "Node", "fields": [{"name": "next", "type": ["null", "Node"]}]}
CASES: list[tuple[Any, str, Any]] = [
    ("boolean", "boolean", True),
    ("int", "int", 1),
    ("long", "bigint", 1),
    ("float", "float", 1.5),
    ("double", "double", 1.5),
    ("string", "string", "x"),
    ("bytes", "binary", b"x"),
    ("null", "void", None),
    (["null", "long"], "bigint", 1),
    (["int", "null"], "int", 1),
    (["int", "long"], "bigint", 1),
    (["null", "int", "string"], "string", 1),
    ({"type": "fixed", "name": "F", "size": 2}, "binary", b"xy"),
    ({"type": "enum", "name": "E", "symbols": ["A"]}, "string", "A"),
    ({"type": "array", "items": "int"}, "array<int>", [1]),
    ({"type": "map", "values": ["null", "double"]}, "map<string,double>", {"k": 1.5}),
    ({"type": "int", "logicalType": "date"}, "date", 1),
    ({"type": "long", "logicalType": "timestamp-micros"}, "timestamp", 1),
    ({"type": "long", "logicalType": "local-timestamp-millis"}, "timestamp", 1),
    ({"type": "long", "logicalType": "time-micros"}, "bigint", 1),
    ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, "decimal(9,2)", b"\x01"),
    ({"type": "bytes", "logicalType": "decimal", "precision": 50, "scale": 2}, "binary", b"\x01"),
    ({"type": "string", "logicalType": "uuid"}, "string", "8c2a3f2e-0f6a-4c43-9d5e-2f3a1b4c5d6e"),
    (NODE, "struct<next:string>", {"next": None}),
]


def avro(fields: dict[str, Any], records: list[dict[str, Any]], **options: Any) -> bytes:
    members = [{"name": name, "type": kind} for name, kind in fields.items()]
    sink = io.BytesIO()
    fastavro.writer(sink, {"type": "record", "name": "Row", "namespace": "a.b", "fields": members}, records, **options)
    return sink.getvalue()


@pytest.mark.parametrize(("kind", "hive", "value"), CASES)
def test_an_avro_type_becomes_its_hive_type(kind: Any, hive: str, value: Any, tmp_path: Path) -> None:
    finding = found(tmp_path, avro({"v": kind}, [{"v": value}] * 3))
    assert columns(finding) == {"v": hive}
    assert (finding.schema.format, finding.records) == ("avro", 3)


def test_a_union_of_two_shapes_is_string_and_the_log_says_so(tmp_path: Path) -> None:
    finding = found(tmp_path, avro({"v": ["null", "int", "string"]}, [{"v": 1}]))
    assert finding.notes == ("a union of int, string is declared as string",)


def test_records_are_counted_from_the_blocks_without_unpacking_them(tmp_path: Path) -> None:
    rows = [{"v": f"row {number}"} for number in range(50_000)]
    data = avro({"v": "string"}, rows, codec="deflate", sync_interval=4_000)
    finding = found(tmp_path, data)
    assert finding.stored < len(data)
    assert finding.records * len(data) / finding.stored == pytest.approx(50_000, rel=0.05)


@pytest.mark.parametrize("lost", [1, 20, 100])
def test_a_file_cut_short_is_unreadable(lost: int, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cut short"):
        examine(tmp_path, avro({"v": "string"}, [{"v": "x" * 60}])[:-lost])


def container(schema: bytes) -> bytes:
    """A file with this text as its schema, and no block."""

    def text(data: bytes) -> bytes:
        length, spelled = len(data) << 1, b""
        while length > 127:
            spelled, length = spelled + bytes([length & 127 | 128]), length >> 7
        return spelled + bytes([length]) + data

    return b"Obj\x01\x02" + text(b"avro.schema") + text(schema) + b"\0" + b"s" * 16


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (b"nope", "Expecting value"),
        (b'{"type":"record","name":"r","fields":[{"name":"a","type":"nothing"}]}', "nothing"),
        (b'{"type":"record","name":"r"}', "fields"),
        (
            b'{"type":"record","name":"r","fields":[{"name":"a","type":%s}]}'
            % (b'{"type":"array","items":' * 3_000 + b'"int"' + b"}" * 3_000),
            "nested too deep",
        ),
    ],
)
def test_a_schema_that_is_none_is_unreadable_with_its_reason(schema: bytes, why: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=why):
        examine(tmp_path, container(schema))


def test_a_schema_that_doubles_at_each_level_is_given_up_on(tmp_path: Path) -> None:
    kind: dict[str, Any] = {"type": "record", "name": "R0", "fields": [{"name": "x", "type": "int"}]}
    for level in range(1, 30):
        fields = [{"name": "a", "type": kind}, {"name": "b", "type": f"R{level - 1}"}]
        kind = {"type": "record", "name": f"R{level}", "fields": fields}
    with pytest.raises(Unreadable, match="more than 100000 parts"):
        examine(tmp_path, container(json.dumps(kind).encode()))


def test_the_schema_stands_on_the_table_and_on_its_serde(tmp_path: Path) -> None:
    layout = storage(found(tmp_path, avro({"v": "int"}, [])).schema)
    literal = layout.parameters["avro.schema.literal"]
    assert json.loads(literal)["fields"] == [{"name": "v", "type": "int"}]
    assert layout.serde_parameters == {"avro.schema.literal": literal, "serialization.format": "1"}


def test_the_table_s_schema_reads_the_files_of_every_schema(tmp_path: Path) -> None:
    files = [
        avro({"id": "int", "gone": "string"}, [{"id": 1, "gone": "x"}]),
        avro({"id": ["null", "long"], "new": {"type": "array", "items": "int"}}, [{"id": 2, "new": [1]}]),
    ]
    schemas = [found(tmp_path, data).schema for data in files]
    assert conflict(*schemas) is None
    reader = json.loads(storage(merge(schemas)).parameters["avro.schema.literal"])
    rows = [row for data in files for row in fastavro.reader(io.BytesIO(data), reader)]
    assert rows == [{"id": 1, "gone": "x", "new": None}, {"id": 2, "gone": None, "new": [1]}]


def test_what_avro_does_not_convert_is_two_tables(tmp_path: Path) -> None:
    schemas = [found(tmp_path, avro({"v": kind}, [])).schema for kind in ("int", "string")]
    assert "which Avro does not convert" in (conflict(*schemas) or "")


def test_schemas_that_use_one_name_twice_stay_as_the_first() -> None:
    def source(field: str) -> str:
        inner = {"type": "record", "name": "Same", "fields": [{"name": field, "type": "int"}]}
        return json.dumps({"type": "record", "name": "r", "fields": [{"name": field, "type": inner}]})

    assert united([source("a"), source("b")]) == source("a")
