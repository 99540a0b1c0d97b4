"""Unbox: text in a field becomes what the text says."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastavro
import pytest
from awsglue._missing import NotProvidedError
from awsglue.gluetypes import Field, IntegerType, LongType, StringType, StructType
from awsglue.transforms import Unbox
from pyspark.sql import types as spark_types

from tests.engine.shim.frames import json_frame, kinds, rows, sql_frame

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame

ADDRESSES = """select * from values
    (1, '{"Street": "A", "No": 1, "tags": ["x"]}'), (2, '{"Street": "B", "No": "2b"}'), (3, null), (4, 'null')
    as t(id, address)"""


def texts(glue: GlueContext, *lines: str | None) -> DynamicFrame:
    from awsglue.dynamicframe import DynamicFrame

    frame = glue.spark_session.createDataFrame([(at, line) for at, line in enumerate(lines)], "id int, t string")
    return DynamicFrame.fromDF(frame.coalesce(1), glue)


def test_json_text_becomes_a_struct_with_the_types_of_all_texts(glue: GlueContext) -> None:
    opened = Unbox.apply(frame=sql_frame(glue, ADDRESSES), path="address", format="json")
    assert kinds(opened) == (
        "struct<id:int,address:struct<Street:string,No:struct<int:int,string:string>,tags:array<string>>>"
    )
    found = [row["address"] for row in rows(opened)]
    assert found[0] == {"Street": "A", "No": {"int": 1, "string": None}, "tags": ["x"]}
    assert found[1:] == [{"Street": "B", "No": {"int": None, "string": "2b"}, "tags": None}, None, None]
    assert opened.errorsCount() == 0


def test_text_that_cannot_be_read_makes_its_record_an_error_record(glue: GlueContext) -> None:
    opened = texts(glue, '{"a": 1}', '{"a":', '{"a": 2} and more', None, "").unbox("t", "json", info="boxes")
    assert rows(opened) == [{"id": 0, "t": {"a": 1}}, {"id": 3, "t": None}]
    assert (opened.count(), opened.errorsCount(), opened.stageErrorsCount()) == (2, 3, 3)
    [first, *_] = [row["error"] for row in rows(opened.errorsAsDynamicFrame())]
    assert (first["input"], first["source"], first["callsite"]) == ('{"a":', "t", {"site": "unbox", "info": "boxes"})
    assert first["dynamicRecord"] == {"id": 1, "t": '{"a":'}


@pytest.mark.parametrize(
    ("lines", "kind", "values"),
    [
        (["[1, 2]", "[]"], "array<int>", [[1, 2], []]),
        (["1", "2.5"], "struct<double:double,int:int>", [{"double": None, "int": 1}, {"double": 2.5, "int": None}]),
        (['"a"', None], "string", ["a", None]),
        (['[{"a": {"b": true}}]'], "array<struct<a:struct<b:boolean>>>", [[{"a": {"b": True}}]]),
        ([None, "null"], "void", [None, None]),
    ],
)
def test_json_text_may_hold_any_value(glue: GlueContext, lines: list[str | None], kind: str, values: Any) -> None:
    opened = texts(glue, *lines).unbox("t", "json")
    assert kinds(opened) == f"struct<id:int,t:{kind}>"
    assert [row["t"] for row in rows(opened)] == values


@pytest.mark.parametrize(
    "schema",
    [
        spark_types.StructType([spark_types.StructField("a", spark_types.LongType())]).json(),
        json.dumps(StructType([Field("a", LongType())]).jsonValue()),
    ],
)
def test_a_schema_saves_the_look_at_the_texts(glue: GlueContext, schema: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("awsglue.transforms.unbox.scan_json", None)
    opened = texts(glue, '{"a": 1, "b": 2}', "{}", '{"a": "x"}', "nonsense").unbox("t", "json", withSchema=schema)
    assert kinds(opened) == "struct<id:int,t:struct<a:bigint>>"
    assert [row["t"] for row in rows(opened)] == [{"a": 1}, {"a": None}]
    assert opened.errorsCount() == 2


@pytest.mark.parametrize(
    ("lines", "options", "values"),
    [
        (["1,x", "2"], {}, [{"col0": "1", "col1": "x"}, {"col0": "2", "col1": None}]),
        (["1|'a|b'"], {"separator": "|", "quoteChar": "'"}, [{"col0": "1", "col1": "a|b"}]),
        (["a,b\n1,2", None], {"withHeader": True}, [{"a": "1", "b": "2"}, None]),
        (["a,b\n1,2"], {"skipFirst": "true"}, [{"col0": "1", "col1": "2"}]),
    ],
)
def test_csv_text_becomes_a_struct_of_its_columns(
    glue: GlueContext, lines: list[str | None], options: dict[str, Any], values: Any
) -> None:
    assert [row["t"] for row in rows(texts(glue, *lines).unbox("t", "csv", **options))] == values


def test_csv_text_is_cast_to_a_schema(glue: GlueContext) -> None:
    schema = json.dumps(StructType([Field("n", IntegerType()), Field("t", StringType())]).jsonValue())
    opened = texts(glue, "1,x", "y,z").unbox("t", "csv", withSchema=schema)
    assert [row["t"] for row in rows(opened)] == [{"n": 1, "t": "x"}, {"n": None, "t": "z"}]


def test_avro_is_read_from_containers_and_with_a_schema(glue: GlueContext) -> None:
    schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}]}
    container, bare = io.BytesIO(), io.BytesIO()
    fastavro.writer(container, schema, [{"a": 1, "b": "x"}])
    fastavro.schemaless_writer(bare, schema, {"a": 2, "b": "y"})
    lines = [base64.b64encode(each.getvalue()).decode() for each in (container, bare)]
    opened = texts(glue, *lines, "AAAA", None).unbox("t", "avro", avroSchema=json.dumps(schema))
    assert [row["t"] for row in rows(opened)] == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, None]
    assert opened.errorsCount() == 1


def test_a_nested_field_of_self_describing_records_is_unboxed_in_place(glue: GlueContext, tmp_path: Path) -> None:
    frame = json_frame(glue, tmp_path, {"s": {"t": '{"a": 1}', "k": 1}}, {"s": {"k": 2}})
    opened = frame.unbox("s.t", "json")
    assert rows(opened) == [{"s": {"t": {"a": 1}, "k": 1}}, {"s": {"t": None, "k": 2}}]
    assert [row["s"]["k"] for row in rows(opened.filter(lambda r: "t" not in r["s"]))] == [2]


def test_what_cannot_be_unboxed_is_said(glue: GlueContext) -> None:
    frame = sql_frame(glue, "select 1 id, array('{}') l")
    with pytest.raises(NotProvidedError, match="xml"):
        frame.unbox("id", "xml")
    with pytest.raises(ValueError, match="id is int"):
        frame.unbox("id", "json").toDF()
    with pytest.raises(NotProvidedError, match=r"l\.\[\]"):
        frame.unbox("l[]", "json").toDF()
    assert kinds(frame.unbox("nowhere", "json")) == "struct<id:int,l:array<string>>"
