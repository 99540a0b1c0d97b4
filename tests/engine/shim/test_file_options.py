"""What connection and format options do to a read of files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue._decodable import UnparsableFileError
from awsglue._json_files import BrokenInputError
from awsglue._listing import exclusions
from awsglue._missing import NotProvidedError
from awsglue._plans import Declared
from awsglue._pruning import PredicateError, selected
from py4j.protocol import Py4JJavaError

from tests.engine.shim.peer import Peer, declared, plan
from tests.engine.shim.test_reading import rows

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame


def read(
    glue: GlueContext, folder: Path, format: str, options: dict[str, Any] | None = None, **connection: Any
) -> DynamicFrame:
    return glue.create_dynamic_frame.from_options("s3", {"paths": [str(folder)], **connection}, format, options or {})


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["1", "2"]),
        ({"recurse": "true"}, ["1", "2", "3"]),
        ({"recurse": True, "exclusions": '["b*"]'}, ["1", "3"]),
        ({"recurse": True, "exclusions": '["sub/**", "**/in/b.csv"]'}, ["1"]),
        ({"exclusions": ["*.csv"]}, []),
    ],
)
def test_paths_are_read_without_what_is_excluded(
    glue: GlueContext, tmp_path: Path, options: dict[str, Any], expected: list[str]
) -> None:
    write(tmp_path / "in", a_csv="1\n", b_csv="2\n", sub__c_csv="3\n")
    found = rows(read(glue, tmp_path / "in", "csv", **options))
    assert sorted(row["col0"] for row in found) == expected


def test_exclusions_that_are_no_list_of_globs_are_refused() -> None:
    assert exclusions(None) == []
    for text in ("**.pdf", '{"a": 1}'):
        with pytest.raises(ValueError, match="JSON list of globs"):
            exclusions(text)


@pytest.mark.parametrize("format", ["csv", "json", "parquet"])
def test_records_may_tell_their_file_and_its_time(glue: GlueContext, tmp_path: Path, format: str) -> None:
    folder = tmp_path / "a b"
    glue.spark_session.sql("select 1 a").coalesce(1).write.format(format).save(str(folder))
    [file] = folder.glob(f"part-*.{format}")
    os.utime(file, (1_700_000_000, 1_700_000_000))
    [row] = rows(read(glue, folder, format, attachFilename="file", attachTimestamp="at"))
    assert (row["file"], row["at"].isoformat()) == (f"file:{file}", "2023-11-14T22:13:20")


def test_a_table_s_records_may_tell_their_file_too(glue: GlueContext, peer: Peer, tmp_path: Path) -> None:
    write(tmp_path, d1__a_csv="1\n", d2__a_csv="2\n")
    groups = [([str(at)], tmp_path / f"d{at}", [tmp_path / f"d{at}" / "a.csv"]) for at in (1, 2)]
    peer.give("POST", "read-plan", plan(*groups, columns="a:int", keys="k:int", location=tmp_path))
    frame = glue.create_dynamic_frame.from_catalog("db", "t", additional_options={"attachFilename": "file"})
    assert sorted((row["a"], row["file"], row["k"]) for row in rows(frame)) == [
        (at, f"file:{tmp_path}/d{at}/a.csv", at) for at in (1, 2)
    ]


def test_many_small_files_are_grouped_into_few_tasks(glue: GlueContext, tmp_path: Path) -> None:
    write(tmp_path, **{f"f{at}_csv": "1\n" * 50 for at in range(6)})
    counts = [
        read(glue, tmp_path, "csv", **options).getNumPartitions()
        for options in (
            {"groupFiles": "inPartition", "groupSize": "200"},
            {"groupFiles": "inPartition", "groupSize": 10_000_000},
        )
    ]
    assert (counts[0] > 1, counts[1]) == (True, 1)
    assert read(glue, tmp_path, "csv", groupFiles="none").count() == 300
    with pytest.raises(ValueError, match="groupFiles='always'"):
        read(glue, tmp_path, "csv", groupFiles="always").toDF()


def test_files_are_unpacked_by_the_end_of_their_name_and_others_are_refused(glue: GlueContext, tmp_path: Path) -> None:
    write(tmp_path, a_csv="1\n")
    with pytest.raises(NotProvidedError, match=r"gzip for .*a\.csv"):
        read(glue, tmp_path, "csv", compressionType="gzip").toDF()
    with pytest.raises(NotProvidedError, match="lzo"):
        read(glue, tmp_path, "csv", compressionType="lzo").toDF()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.rows[*]", [{"a": {"int": 1, "string": None}}, {"a": {"int": None, "string": "x"}}]),
        ("$.meta", [{"b": 1.5}]),
        ("$['meta']", [{"b": 1.5}]),
        ("$.nothing", []),
    ],
)
def test_a_json_path_finds_the_records_in_a_document(
    glue: GlueContext, tmp_path: Path, path: str, expected: list[dict[str, Any]]
) -> None:
    write(tmp_path, a_json='{"rows": [{"a": 1},\n {"a": "x"}], "meta": {"b": 1.5}}')
    assert rows(read(glue, tmp_path, "json", {"jsonPath": path, "multiline": "true"})) == expected


def test_a_json_path_that_is_not_known_is_refused(glue: GlueContext, tmp_path: Path) -> None:
    write(tmp_path, a_json="{}")
    with pytest.raises(NotProvidedError, match=r"\$\.\.a"):
        read(glue, tmp_path, "json", {"jsonPath": "$..a"}).toDF()


def test_broken_lines_are_error_records_with_their_source_unless_reading_is_to_fail_fast(
    glue: GlueContext, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_bytes(b'{"a": 1}\nbroken\n{"a": "\xff"}\n{"a": 2}\n')
    frame = read(glue, tmp_path, "json")
    assert (sorted(row["a"] for row in rows(frame)), frame.errorsCount()) == ([1, 2], 2)
    with pytest.raises(BrokenInputError, match="2 texts are not JSON records"):
        read(glue, tmp_path, "json", isFailFast="true").toDF()


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (b"id,n\xe9me\n1,a\n", {"withHeader": True}),  # the first line shows it
        ("id,name\n1,a\n".encode("utf-16"), {}),
        (b"id,name\n1,caf\xe9\n", {"withHeader": True}),
        (b"id,name\n1,caf\xe9\n", {"multiLine": True}),
    ],
)
def test_a_csv_that_is_not_utf8_fails_by_its_files_name_as_in_glue(
    glue: GlueContext, tmp_path: Path, text: bytes, how: dict[str, Any]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.csv").write_bytes(text)
    with pytest.raises(UnparsableFileError, match=r"Unable to parse file: b\.csv\. .* not UTF-8\. Name its") as raised:
        read(glue, tmp_path / "in", "csv", how).toDF()
    assert isinstance(raised.value, Py4JJavaError)
    assert "FatalException: Unable to parse file" in raised.value.java_exception.toString()


@pytest.mark.parametrize(("bound", "most"), [("_BY_THE_WAY_BYTES", 3), ("_BY_THE_WAY_FILES", 0)])
def test_a_csv_too_large_for_a_look_by_the_way_fails_if_it_is_to_fail_fast(
    glue: GlueContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(f"awsglue._decodable.{bound}", most)
    (tmp_path / "a.csv").write_bytes(b"1,tea\n2,caf\xe9\n")
    assert rows(read(glue, tmp_path, "csv"))[1] == {"col0": "2", "col1": "caf\ufffd"}
    with pytest.raises(UnparsableFileError, match=r"a\.csv"):
        read(glue, tmp_path, "csv", isFailFast="true").toDF()


def test_a_large_csv_of_a_table_fails_where_its_types_are_looked_at(
    glue: GlueContext, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awsglue._decodable._BY_THE_WAY_BYTES", 3)
    file = tmp_path / "a.csv"
    file.write_bytes(b"1,tea\n2,caf\xe9\n")
    peer.give("POST", "read-plan", plan(([], tmp_path, [file]), columns="id:int name:string"))
    frame = glue.create_dynamic_frame.from_catalog("db", "t")
    with pytest.raises(UnparsableFileError, match=r"a\.csv"):
        frame.toDF()


def test_signs_that_stand_for_lost_bytes_are_read_as_they_are_in_utf8(glue: GlueContext, tmp_path: Path) -> None:
    write(tmp_path, a_csv="id,na\ufffdme\n1,caf\ufffd\n")
    expected = [{"id": "1", "na\ufffdme": "caf\ufffd"}]
    assert rows(read(glue, tmp_path, "csv", {"withHeader": True}, isFailFast=True)) == expected
    (tmp_path / "a.csv").write_bytes(b"id,name\n1,caf\xe9\n")
    latin = {"withHeader": True, "encoding": "ISO-8859-1"}
    assert rows(read(glue, tmp_path, "csv", latin, isFailFast=True)) == [{"id": "1", "name": "caf\xe9"}]


def test_csv_files_whose_headers_differ_fail_instead_of_swapping_columns(glue: GlueContext, tmp_path: Path) -> None:
    write(tmp_path, a_csv="a,b\n1,2\n", b_csv="b,a\n3,4\n")
    with pytest.raises(Exception, match=r"FAILED_READ_FILE.*b\.csv"):
        read(glue, tmp_path, "csv", {"withHeader": True}).toDF().collect()


@pytest.mark.parametrize("header", ["a,a", "a,,b", "a,b"])
def test_a_header_with_blank_or_repeated_names_is_read(glue: GlueContext, tmp_path: Path, header: str) -> None:
    values = ",".join(str(at) for at in range(header.count(",") + 1))
    write(tmp_path, a_csv=f"{header}\n{values}\n", b_csv=f"{header}\n{values}\n")
    found = [list(row.values()) for row in rows(read(glue, tmp_path, "csv", {"withHeader": True}))]
    assert found == [values.split(",")] * 2


def test_a_column_that_only_later_files_have_is_read_by_its_declaration(
    glue: GlueContext, peer: Peer, tmp_path: Path
) -> None:
    for name, query in (("a", "select 1 id"), ("b", "select 2 id, 'new' late")):
        glue.spark_session.sql(query).coalesce(1).write.parquet(str(tmp_path / name))
    files = [next((tmp_path / name).glob("part-*.parquet")) for name in ("a", "b")]
    peer.give("POST", "read-plan", plan(([], tmp_path, files), format="parquet", columns="id:int late:string no:date"))
    found = rows(glue.create_dynamic_frame.from_catalog("db", "t"))
    assert sorted(found, key=lambda row: row["id"]) == [
        {"id": 1, "late": None, "no": None},
        {"id": 2, "late": "new", "no": None},
    ]


@pytest.mark.parametrize("format", ["csv", "json", "parquet"])
def test_a_file_that_is_gone_since_it_was_listed_is_named(
    glue: GlueContext, peer: Peer, tmp_path: Path, format: str
) -> None:
    answer = plan(([], tmp_path, [tmp_path / "gone.file"]), format=format, columns="a:int")
    peer.give("POST", "read-plan", answer)
    with pytest.raises(Exception, match=r"gone\.file"):
        glue.create_dynamic_frame.from_catalog("db", "t").toDF().collect()


@pytest.mark.parametrize("format", ["parquet", "orc", "avro"])
def test_a_file_that_is_not_of_its_format_is_named_with_its_source(
    glue: GlueContext, peer: Peer, tmp_path: Path, format: str
) -> None:
    write(tmp_path, broken_bin="no such bytes")
    peer.give("POST", "read-plan", plan(([], tmp_path, [tmp_path / "broken.bin"]), format=format, version="1.8"))
    with pytest.raises(Exception, match=r"broken\.bin") as found:
        glue.create_dynamic_frame.from_catalog("db", "t").toDF()
    assert "This is the source table" in str(found.value.__notes__)


KEYS = (Declared("year", "string"), Declared("month", "int"))
PARTITIONS = [["2020", "1"], ["2021", "12"], ["__HIVE_DEFAULT_PARTITION__", "3"]]


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        ("to_date(concat(year, '-', lpad(month, 2, '0'), '-01')) >= date'2020-06-01'", PARTITIONS[1:2]),
        ("year is null", PARTITIONS[2:]),
        ("month % 2 = 1 and year > 2000", PARTITIONS[:1]),
        ("false", []),
    ],
)
def test_any_expression_of_spark_s_selects_partitions(
    glue: GlueContext, predicate: str, expected: list[list[str]]
) -> None:
    assert selected(KEYS, PARTITIONS, predicate) == expected


def test_a_predicate_that_the_service_does_not_know_is_evaluated_before_any_file_is_listed(
    glue: GlueContext, peer: Peer, tmp_path: Path
) -> None:
    write(tmp_path, a_csv="1\n")
    told = {"partition_keys": declared("year:string month:int"), "to_select": PARTITIONS}
    found = plan((["2021", "12"], tmp_path, [tmp_path / "a.csv"]), columns="a:int", keys="year:string month:int")
    peer.give("POST", "read-plan", told, found)
    frame = glue.create_dynamic_frame.from_catalog("db", "t", push_down_predicate="month % 2 = 0")
    assert rows(frame) == [{"a": 1, "year": "2021", "month": 12}]
    first, second = peer.bodies("read-plan")
    assert (first["push_down_predicate"], second["push_down_predicate"]) == ("month % 2 = 0", "")
    assert second["partitions"] == [["2021", "12"]]
    with pytest.raises(PredicateError, match=r"partition columns: \[year, month\]"):
        selected(KEYS, PARTITIONS, "page = 'home'")
