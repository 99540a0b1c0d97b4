"""Sinks: what they refuse before they write, and how values stand in their files."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastavro
import pyarrow.parquet as pq
import pytest
from awsglue._missing import NotProvidedError
from awsglue._writable import UnwritableError, UnwritableFrameError
from awsglue.dynamicframe import DynamicFrame

from tests.engine.shim.test_writing import files, frame, text

if TYPE_CHECKING:
    from awsglue.context import GlueContext


def write(
    glue: GlueContext, of: DynamicFrame, out: Path, format: str, options: dict[str, Any] | None = None, **more: Any
) -> None:
    glue.write_dynamic_frame.from_options(of, "s3", {"path": str(out), **more}, format, options or {})


@pytest.mark.parametrize(
    ("query", "format", "keys", "named"),
    [
        ("select binary('x') raw, 1 a", "csv", [], r"'raw' of type binary: csv is text. .*cast it"),
        ("select 1 a, array(1) l", "json", ["l"], r"'l' of type array<int>: a partition key is one plain value"),
        ("select 1 a, named_struct('x', 1) s", "parquet", ["s"], r"'s' of type struct<x:int>"),
        ("select 1 a, map(1, 2) m", "avro", [], r"'m' of type map<int,int>: keys of a map are strings in avro"),
        ("select 1 `first name`", "avro", [], r"'first name' of type int: it is no name in avro. .*rename_field"),
        ("select array(named_struct('a.b', 1)) l", "avro", [], r"'l\[\]\.a\.b'"),
    ],
)
def test_a_field_that_a_sink_cannot_write_is_named_and_nothing_is_written(
    glue: GlueContext, tmp_path: Path, query: str, format: str, keys: list[str], named: str
) -> None:
    with pytest.raises(UnwritableError, match=f"(?i){named}") as found:
        write(glue, frame(glue, query), tmp_path / "out", format, partitionKeys=keys)
    assert str(tmp_path / "out") in str(found.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format", ["parquet", "orc", "avro"])
def test_a_struct_without_members_is_refused_by_formats_that_have_none(
    glue: GlueContext, tmp_path: Path, format: str
) -> None:
    (tmp_path / "a.json").write_text('{"a": 1, "s": {"t": {}}}')
    read = glue.create_dynamic_frame.from_options("s3", {"paths": [str(tmp_path / "a.json")]}, "json")
    with pytest.raises(UnwritableError, match=r"'s\.t' .* drop_fields"):
        write(glue, read, tmp_path / "out", format)


def test_a_frame_that_no_sink_can_write_is_refused(glue: GlueContext, tmp_path: Path) -> None:
    with pytest.raises(UnwritableFrameError, match="two fields are named 'a'"):
        write(glue, frame(glue, "select 1 a, 2 b").rename_field("b", "A"), tmp_path / "out", "json")
    with pytest.raises(UnwritableFrameError, match="all its fields are partition keys"):
        write(glue, frame(glue, "select 1 a"), tmp_path / "out", "json", partitionKeys=["a"])
    for kind, codec in (("csv", "zlib"), ("parquet", "bzip2"), ("avro", "gzip"), ("glueparquet", "deflate")):
        with pytest.raises(NotProvidedError, match=f"compression '{codec}'"):
            write(glue, frame(glue, "select 1 a"), tmp_path / "out", kind, compression=codec)


def test_avro_is_written_with_logical_types_from_version_1_8_on(glue: GlueContext, tmp_path: Path) -> None:
    query = (
        "select 1 id, date'2020-01-01' d, 1.50BD n, null z, timestamp'2020-01-01 10:00:00' t, "
        "array(named_struct('x', 1)) l"
    )
    found = {}
    for version in ("1.7", "1.8"):
        write(glue, frame(glue, query), tmp_path / version, "avro", {"version": version}, partitionKeys=["id"])
        [file] = files(tmp_path / version / "id=1")
        assert file.suffix == ".avro"
        with file.open("rb") as opened:
            [found[version]] = list(fastavro.reader(opened))
    assert found["1.7"] == {"d": "2020-01-01", "n": "1.50", "t": "2020-01-01 10:00:00", "l": [{"x": 1}], "z": None}
    day, price = datetime.date(2020, 1, 1), decimal.Decimal("1.50")
    at = datetime.datetime(2020, 1, 1, 10, tzinfo=datetime.UTC)
    assert found["1.8"] == {"d": day, "n": price, "t": at, "l": [{"x": 1}], "z": None}


@pytest.mark.parametrize(
    ("query", "options", "expected"),
    [
        ("select ' x ' a, '' b, null c", {}, 'a,b,c\n x ,"",\n'),
        ("select 'a,b' a, null b, '' c", {"quoteChar": -1}, "a,b,c\na,b,,\n"),
        ("select 'a;b' a, 'c\\\\d' b", {"quoteChar": "-1", "separator": ";", "escaper": "\\"}, "a;b\na\\;b;c\\\\d\n"),
        ("select 'x''y' a, 'p,q' b", {"quoteChar": "'", "escaper": "\\"}, "a,b\n'x\\'y','p,q'\n"),
        ("select 1 a", {"strictCheckForQuoting": "true", "optimizePerformance": True}, "a\n1\n"),
    ],
)
def test_csv_values_stand_in_the_file_as_the_options_say(
    glue: GlueContext, tmp_path: Path, query: str, options: dict[str, Any], expected: str
) -> None:
    write(glue, frame(glue, query), tmp_path / "out", "csv", options)
    assert text(tmp_path / "out") == expected


def test_unquoted_csv_is_partitioned_and_compressed_too(glue: GlueContext, tmp_path: Path) -> None:
    options = {"quoteChar": -1, "writeHeader": "false"}
    write(glue, frame(glue, "select 'a,b' a, 'k' k"), tmp_path / "out", "csv", options, partitionKeys=["k"])
    assert text(tmp_path / "out" / "k=k") == "a,b\n"


def test_row_groups_are_as_large_as_asked(glue: GlueContext, tmp_path: Path) -> None:
    of = DynamicFrame.fromDF(glue.spark_session.range(0, 400_000, 1, 1).selectExpr("uuid() u"), glue, "f")
    for size, name in ((None, "large"), ("1048576", "small")):
        options = {"useGlueParquetWriter": "true", **({"blockSize": size, "pageSize": "65536"} if size else {})}
        write(glue, of, tmp_path / name, "parquet" if size is None else "glueparquet", options)
    groups = {name: pq.ParquetFile(files(tmp_path / name)[0]).num_row_groups for name in ("large", "small")}
    assert groups["large"] == 1
    assert groups["small"] > 1


def test_members_of_a_collection_are_written_under_their_names(glue: GlueContext, tmp_path: Path) -> None:
    from awsglue.dynamicframe import DynamicFrameCollection

    made = [DynamicFrame.fromDF(glue.spark_session.range(1), glue, name) for name in ("one", "two")]
    glue.write_from_options(DynamicFrameCollection(made, glue), "s3", {"path": str(tmp_path / "out")}, "json")
    written = {str(path.parent.relative_to(tmp_path / "out")): path.read_text() for path in files(tmp_path / "out")}
    assert written == {"one": '{"id":0}\n', "two": '{"id":0}\n'}


def test_what_a_frame_made_of_an_empty_data_frame_writes_is_nothing(glue: GlueContext, tmp_path: Path) -> None:
    empty = glue.spark_session.createDataFrame([], "a int, k string")
    for kind in ("parquet", "csv", "avro"):
        write(glue, DynamicFrame.fromDF(empty, glue, "e"), tmp_path / "out", kind, partitionKeys=["k"])
        write(glue, DynamicFrame.fromDF(empty, glue, "e"), tmp_path / "out", kind)
    assert files(tmp_path / "out") == []
