"""Reading XML, logs, Avro and Ion: what describes itself, and what does not fit."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastavro
import pytest
from awsglue._grok import GrokError, compile_grok
from awsglue._grok_patterns import PATTERNS
from awsglue._xml import CutRecordError
from awsglue.gluetypes import Field, LongType, StringType, StructType

from tests.engine.shim.peer import Peer, plan
from tests.engine.shim.test_reading import rows, shown

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame


def read(glue: GlueContext, folder: Path, format: str, options: dict[str, Any], **connection: Any) -> DynamicFrame:
    return glue.create_dynamic_frame.from_options("s3", {"paths": [str(folder)], **connection}, format, options)


BOOKS = """<?xml version="1.0" encoding="UTF-8"?>
<books>
  <book id="1"><title>A  </title><price>1.5</price><since>2020-01-01</since><tag>x</tag></book>
  <book id="2"><title lang="en"> B</title><price></price><tag>x</tag><tag>y</tag></book>
</books>"""


def test_xml_is_read_as_a_tree_of_elements_and_attributes(glue: GlueContext, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(BOOKS)
    frame = read(glue, tmp_path, "xml", {"rowtag": "book"})
    assert shown(frame) == {
        "_id": "LongType()",
        "price": "DoubleType()",
        "since": "StringType()",
        "tag": "ArrayType(StringType())",
        "title": shown(frame)["title"],
    }
    first, second = rows(frame)
    assert (first["_id"], first["title"], first["since"], first["tag"]) == (
        1,
        {"_VALUE": "A  ", "_lang": None},
        "2020-01-01",
        ["x"],
    )
    assert (second["title"], second["tag"]) == ({"_VALUE": " B", "_lang": "en"}, ["x", "y"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"excludeAttribute": "true", "ignoreSurroundingSpaces": "true"}, {"title": "B"}),
        ({"attributePrefix": "@", "valueTag": "text"}, {"@id": 2, "title": {"@lang": "en", "text": " B"}}),
        (
            {"withSchema": StructType([Field("_id", StringType()), Field("none", LongType())])},
            {"_id": "2", "none": None},
        ),
    ],
)
def test_xml_is_read_as_its_format_options_say(
    glue: GlueContext, tmp_path: Path, options: dict[str, Any], expected: dict[str, Any]
) -> None:
    import json

    (tmp_path / "a.xml").write_text(BOOKS)
    if "withSchema" in options:
        options = {"withSchema": json.dumps(options["withSchema"].jsonValue())}
    found = rows(read(glue, tmp_path, "xml", {"rowTag": "book", **options}))[1]
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("cut", ['<book id="4', "<book", "<boo", "<book id='4' at"])
def test_a_record_that_its_file_ends_in_before_its_start_tag_does_is_an_error_record(
    glue: GlueContext, tmp_path: Path, cut: str
) -> None:
    (tmp_path / "a.xml").write_text(f"<c><book><t>A</t></book>{cut}")
    frame = read(glue, tmp_path, "xml", {"rowTag": "book"})
    assert (frame.count(), frame.errorsCount()) == (1, 1)
    with pytest.raises(CutRecordError, match="start tag of a <book>"):
        read(glue, tmp_path, "xml", {"rowTag": "book", "isFailFast": True}).toDF()


def test_a_record_that_its_file_ends_in_later_is_one_error_record(glue: GlueContext, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text('<c><book a="x"/><book><t>A</t></book><book><t>B</t><bo')
    assert read(glue, tmp_path, "xml", {"rowTag": "book"}).errorsCount() == 1


def test_broken_xml_is_an_error_record_and_the_rest_is_read(glue: GlueContext, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text('<c><book id="3"><t>C</t></book><book id="4"><t>bad</book></c>')
    frame = read(glue, tmp_path, "xml", {"rowTag": "book"})
    assert (frame.count(), frame.errorsCount()) == (1, 1)
    assert rows(frame) == [{"_id": 3, "t": "C"}]
    with pytest.raises(ValueError, match="rowTag"):
        read(glue, tmp_path, "xml", {}).toDF()


LOG = """127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326

this is no such line
::1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 304 -
"""


def test_a_log_is_taken_apart_by_its_pattern_and_other_lines_are_error_records(
    glue: GlueContext, tmp_path: Path
) -> None:
    (tmp_path / "a.log").write_text(LOG)
    pattern = '%{IPORHOST:ip} %{DASH:ident} %{NOTSPACE:who} .*" %{NUMBER:status:int} %{NOTSPACE:size:int}'
    frame = read(glue, tmp_path, "grokLog", {"logFormat": pattern, "customPatterns": "# own\nDASH -+"})
    assert shown(frame)["status"] == "IntegerType()"
    assert rows(frame) == [
        {"ip": "127.0.0.1", "ident": None, "who": "frank", "status": 200, "size": 2326},
        {"ip": "::1", "ident": None, "who": None, "status": 304, "size": None},
    ]
    assert frame.errorsCount() == 1
    [error] = rows(frame.errorsAsDynamicFrame())
    assert error["error"]["input"] == "this is no such line"
    strict = read(glue, tmp_path, "groklog", {"logFormat": pattern, "customPatterns": "DASH -+", "StrictMode": "true"})
    assert set(shown(strict).values()) == {"StringType()"}


def test_a_table_of_a_log_has_its_declared_columns(glue: GlueContext, peer: Peer, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("7 x\nseven y\n")
    answer = plan(
        (["1"], tmp_path, [tmp_path / "a.log"]),
        format="grokLog",
        columns="n:bigint name:string more:string",
        keys="day:int",
        logFormat="%{NOTSPACE:N} %{GREEDYDATA:name}",
    )
    peer.give("POST", "read-plan", answer)
    frame = glue.create_dynamic_frame.from_catalog("db", "t")
    assert rows(frame) == [
        {"n": {"long": 7, "string": None}, "name": "x", "more": None, "day": 1},
        {"n": {"long": None, "string": "seven"}, "name": "y", "more": None, "day": 1},
    ]


def test_the_crawler_s_and_the_job_s_patterns_are_the_same() -> None:
    from crawlers.grok_patterns import PATTERNS as CRAWLED

    assert PATTERNS == CRAWLED


@pytest.mark.parametrize(
    ("pattern", "custom", "named"),
    [
        ("%{NOSUCH:x}", "", "no pattern NOSUCH"),
        ("%{A:x}", "A %{B}\nB %{A}", "refers to itself"),
        ("%{WORD:x:date}", "", "date is no type"),
        ("plain", "", "names no field"),
        ("%{WORD:x}", "one-word", "a custom pattern is a name"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_named(pattern: str, custom: str, named: str) -> None:
    with pytest.raises(GrokError, match=named):
        compile_grok(pattern, custom)


def test_every_known_pattern_is_one_that_java_compiles(glue: GlueContext) -> None:
    jvm: Any = glue.spark_session._jvm
    for name in PATTERNS:
        found = compile_grok(f"%{{{name}:value}}")
        assert jvm.java.util.regex.Pattern.compile(found.expression).pattern() == found.expression


SCHEMA = {
    "type": "record",
    "name": "r",
    "fields": [
        {"name": "mixed", "type": ["null", "string", "int"]},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}},
        {"name": "counts", "type": {"type": "map", "values": "long"}},
        {"name": "parts", "type": {"type": "array", "items": ["null", "double", "string"]}},
    ],
}


def avro(file: Path, schema: dict[str, Any], records: Iterable[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        fastavro.writer(out, schema, records)


def sold(mixed: object) -> dict[str, Any]:
    day, price = datetime.date(2020, 1, 2), decimal.Decimal("1.25")
    return {"mixed": mixed, "day": day, "price": price, "counts": {"k": 1}, "parts": [1.5, "x", None]}


def test_avro_has_choices_for_unions_and_logical_types_from_version_1_8_on(glue: GlueContext, tmp_path: Path) -> None:
    avro(tmp_path / "a.avro", SCHEMA, [sold("x"), sold(5), sold(None)])
    raw = read(glue, tmp_path, "avro", {})
    assert (shown(raw)["day"], shown(raw)["price"]) == ("IntegerType()", "BinaryType()")
    assert rows(raw)[0]["day"] == 18263
    logical = read(glue, tmp_path, "avro", {"version": "1.8"})
    first, second, third = rows(logical)
    assert (first["day"], first["price"]) == (datetime.date(2020, 1, 2), decimal.Decimal("1.25"))
    assert (first["mixed"], second["mixed"], third["mixed"]) == (
        {"int": None, "string": "x"},
        {"int": 5, "string": None},
        None,
    )
    assert first["parts"] == [{"double": 1.5, "string": None}, {"double": None, "string": "x"}, None]


def test_an_avro_table_has_its_partition_keys_and_columns_that_files_lack(
    glue: GlueContext, peer: Peer, tmp_path: Path
) -> None:
    schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}]}
    file = tmp_path / "k=7" / "a.avro"
    avro(file, schema, [{"a": 1}])
    answer = plan(
        (["7"], file.parent, [file]),
        format="avro",
        columns="a:int late:date",
        keys="k:int",
        location=tmp_path,
        version="1.8",
    )
    peer.give("POST", "read-plan", answer)
    assert rows(glue.create_dynamic_frame.from_catalog("db", "t")) == [{"a": 1, "late": None, "k": 7}]


def test_ion_values_are_records_and_describe_themselves(glue: GlueContext, tmp_path: Path) -> None:
    (tmp_path / "a.ion").write_text(
        '{a: 1, b: [1, 2], sym: blue, at: 2020-01-01T10:00:00Z, price: 1.5, big: 1e0, none: null, in: {x: "s"}}\n'
        '{a: "text", ok: true, b: null.list}\n7'
    )
    frame = read(glue, tmp_path, "ion", {})
    first, second = rows(frame)
    assert first == {
        "a": {"int": 1, "string": None},
        "b": [1, 2],
        "sym": "blue",
        "at": datetime.datetime.fromisoformat("2020-01-01T10:00"),
        "price": decimal.Decimal("1.5"),
        "big": 1.0,
        "none": None,
        "in": {"x": "s"},
        "ok": None,
    }
    assert (second["a"], second["ok"], second["b"]) == ({"int": None, "string": "text"}, True, None)
    (tmp_path / "b.ion").write_text("{a: ")
    with pytest.raises(Exception, match=r"b\.ion cannot be read as ion"):
        read(glue, tmp_path, "ion", {}).toDF()
