"""Sinks: the files they leave, and what they tell the service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue._missing import NotProvidedError
from awsglue._service import NoServiceError
from awsglue.dynamicframe import DynamicFrame

from tests.engine.shim.peer import Peer, declared

if TYPE_CHECKING:
    from awsglue.context import GlueContext


def frame(glue: GlueContext, query: str) -> DynamicFrame:
    return DynamicFrame.fromDF(glue.spark_session.sql(query).coalesce(1), glue, "f")


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def text(folder: Path) -> str:
    return "".join(path.read_text() for path in files(folder))


@pytest.mark.parametrize("format", ["csv", "json", "parquet", "orc", "glueparquet", "avro"])
def test_rows_are_appended_in_every_format(glue: GlueContext, tmp_path: Path, format: str) -> None:
    out = tmp_path / "out"
    for _ in range(2):
        glue.write_dynamic_frame.from_options(frame(glue, "select 1 a, 'x' b"), "s3", {"path": str(out)}, format)
    assert len(files(out)) == 2
    options = {"withHeader": True}
    back = glue.create_dynamic_frame.from_options("s3", {"paths": [str(out)]}, format.removeprefix("glue"), options)
    assert [(str(row["a"]), row["b"]) for row in back.toDF().collect()] == [("1", "x")] * 2


@pytest.mark.parametrize(
    ("format", "keys"), [("csv", []), ("json", ["a"]), ("parquet", []), ("glueparquet", ["a"]), ("avro", [])]
)
def test_a_frame_without_rows_leaves_no_file(
    glue: GlueContext, peer: Peer, tmp_path: Path, format: str, keys: list[str]
) -> None:
    out = tmp_path / "out"
    options = {"path": f"file://{out}", "partitionKeys": keys}
    written = glue.write_dynamic_frame.from_options(
        frame(glue, "select 1 a, 'x' b where false"), connection_type="s3", connection_options=options, format=format
    )
    assert (written.name, written.count(), files(out)) == ("f_errors", 0, [])
    assert [(body["rows"], body["partitions"]) for body in peer.bodies("written")] == [(0, [])]


def test_partition_values_become_folders_and_leave_the_files(glue: GlueContext, peer: Peer, tmp_path: Path) -> None:
    out = tmp_path / "out"
    query = "select * from values ('a:b/c', 1, 1), (null, 1, 2), ('', 1, 3), ('z', 2, 4) as t(`k`, n, v)"
    sink = glue.getSink("s3", format="json", path=str(out), partitionKeys=["k", "n"])
    sink.writeFrame(frame(glue, query))
    assert sorted(str(path.parent.relative_to(out)) for path in files(out)) == [
        "k=__HIVE_DEFAULT_PARTITION__/n=1",
        "k=a%3Ab%2Fc/n=1",
        "k=z/n=2",
    ]
    assert '"k"' not in text(out)
    [body] = peer.bodies("written")
    assert body["partitions"] == [
        {"values": ["__HIVE_DEFAULT_PARTITION__", "1"], "location": f"{out}/k=__HIVE_DEFAULT_PARTITION__/n=1/"},
        {"values": ["a:b/c", "1"], "location": f"{out}/k=a%3Ab%2Fc/n=1/"},
        {"values": ["z", "2"], "location": f"{out}/k=z/n=2/"},
    ]
    assert (body["columns"], body["partition_keys"]) == (declared("v:int"), declared("k:string n:int"))
    assert (body["rows"], body["update_catalog"], body["database"]) == (4, False, None)
    assert all(path.name.startswith("run-jr_1-") for path in files(out))


@pytest.mark.parametrize(
    ("query", "options", "expected"),
    [
        ("select 1 a, 'x,y' b", {}, 'a,b\n1,"x,y"\n'),
        ("select 1 a, 'x' b", {"separator": "|", "writeHeader": False}, "1|x\n"),
        ("select 'say \"hi\"' a", {"writeHeader": "false"}, '"say ""hi"""\n'),
        ("select 'x,y' a, 'b' b", {"quoteChar": -1, "writeheader": False, "separator": ";"}, "x,y;b\n"),
        (
            "select array(1,2) a, timestamp'2026-01-01 10:00:00' t",
            {"writeHeader": False},
            '"[1,2]",2026-01-01 10:00:00\n',
        ),
        ("select null n, 1 a", {"writeHeader": False}, ",1\n"),
    ],
)
def test_csv_is_written_as_its_format_options_say(
    glue: GlueContext, tmp_path: Path, query: str, options: dict[str, Any], expected: str
) -> None:
    out = tmp_path / "out"
    glue.write_dynamic_frame.from_options(
        frame=frame(glue, query),
        connection_type="s3",
        connection_options={"path": str(out)},
        format="csv",
        format_options=options,
    )
    assert text(out) == expected


def test_an_unresolved_choice_is_written_as_the_struct_to_df_shows(
    glue: GlueContext, peer: Peer, tmp_path: Path
) -> None:
    mixed = frame(glue, "select explode(array(1, 2)) a").map(lambda r: {"a": r["a"] if r["a"] == 1 else "two"})
    out = tmp_path / "out"
    glue.write_from_options(mixed, "s3", {"path": str(out), "compression": "gzip"}, "json")
    assert all(path.name.endswith(".json.gz") for path in files(out))
    back = glue.spark_session.read.json(str(out)).select("a.*").collect()
    assert sorted(tuple(row) for row in back if row["int"]) == [(1, None)]
    assert peer.bodies("written")[0]["columns"] == declared("a:struct<int:int,string:string>")


@pytest.mark.parametrize(
    ("format", "format_options", "options", "suffix"),
    [
        ("glueparquet", {"compression": "gzip"}, {}, ".gz.parquet"),
        ("parquet", {}, {"compression": "zstd"}, ".zstd.parquet"),
        ("glueparquet", {}, {}, ".snappy.parquet"),
        ("csv", {}, {"compression": "bzip2"}, ".csv.bz2"),
    ],
)
def test_files_are_compressed_as_asked(
    glue: GlueContext, tmp_path: Path, format: str, format_options: dict[str, Any], options: dict[str, Any], suffix: str
) -> None:
    options = {**options, "path": str(tmp_path / "out")}
    frame(glue, "select 1 a").write("s3", options, format, format_options)
    assert files(tmp_path / "out")[0].name.endswith(suffix)


def table(out: Path, **changed: Any) -> dict[str, Any]:
    plain = {
        "database": "db",
        "table": "t",
        "location": f"file://{out}",
        "format": "csv",
        "options": {"separator": "|"},
    }
    return {**plain, "columns": declared("a:int"), "partition_keys": declared("k:string"), **changed}


def test_writing_to_a_table_follows_the_table(glue: GlueContext, peer: Peer, tmp_path: Path) -> None:
    out = tmp_path / "out"
    peer.give("GET", "tables/db/t", table(out))
    glue.write_dynamic_frame.from_catalog(
        frame(glue, "select 1 a, 2 b, 'x' k"),
        name_space="db",
        table_name="t",
        transformation_ctx="s",
        additional_options={"enableUpdateCatalog": "true", "updateBehavior": "LOG"},
    )
    assert [(str(path.parent.name), path.read_text()) for path in files(out)] == [("k=x", "1|2\n")]
    [body] = peer.bodies("written")
    assert (body["database"], body["table"], body["update_catalog"]) == ("db", "t", True)
    assert (body["update_behavior"], body["format"], body["transformation_ctx"]) == ("LOG", "csv", "s")


def test_partition_keys_other_than_the_tables_are_refused(glue: GlueContext, peer: Peer, tmp_path: Path) -> None:
    peer.give("GET", "tables/db/t", table(tmp_path))
    with pytest.raises(ValueError, match="are not those of the table"):
        glue.write_dynamic_frame.from_catalog(
            frame(glue, "select 1 a"), "db", "t", additional_options={"partitionKeys": ["a"]}
        )


def test_a_tables_declaration_is_a_spark_schema(glue: GlueContext, peer: Peer, tmp_path: Path) -> None:
    peer.give("GET", "tables/db/t", table(tmp_path, columns=declared("a:bigint l:array<varchar(3)>")))
    schema = glue.get_catalog_schema_as_spark_schema("db", "t")
    assert schema.simpleString() == "struct<a:bigint,l:array<string>,k:string>"


def test_what_a_sink_cannot_do_is_refused_by_name(glue: GlueContext, tmp_path: Path) -> None:
    with pytest.raises(NotProvidedError, match="xml"):
        glue.write_dynamic_frame.from_options(frame(glue, "select 1 a"), "s3", {"path": str(tmp_path)}, "xml")
    with pytest.raises(NotProvidedError, match="lzo"):
        glue.getSink("s3", path="p", compression="lzo")
    with pytest.raises(NotProvidedError, match="redshift"):
        glue.getSink("redshift", path="p")
    with pytest.raises(ValueError, match="path"):
        glue.getSink("s3")
    with pytest.raises(TypeError, match="DynamicFrame"):
        glue.write_from_options("frame", "s3", {"path": str(tmp_path)}, "json")  # type: ignore[type-var]
    with pytest.raises(KeyError, match="nowhere"):
        glue.getSink("s3", "json", path=str(tmp_path), partitionKeys="nowhere").writeFrame(frame(glue, "select 1 a"))
    sink = glue.getSink("s3", "json", path=str(tmp_path), enableUpdateCatalog=True)
    with pytest.raises(NoServiceError, match="enableUpdateCatalog"):
        sink.writeFrame(frame(glue, "select 1 a"))
