"""Sources: what a frame holds for the files and the plan it was made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue._missing import NotProvidedError
from awsglue._service import NoServiceError
from pyspark import SparkContext

from tests.engine.shim.peer import Peer, plan

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame


def catalog_csv(glue: GlueContext, peer: Peer, folder: Path, text: str, columns: str, **options: Any) -> DynamicFrame:
    file = folder / "in.csv"
    file.write_text(text)
    peer.give("POST", "read-plan", plan(([], folder, [file]), columns=columns, **options))
    return glue.create_dynamic_frame.from_catalog("db", "t")


def shown(frame: DynamicFrame) -> dict[str, str]:
    return {field.name: repr(field.dataType) for field in frame.schema().fields}


def rows(frame: DynamicFrame) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def test_catalog_csv_makes_a_choice_of_a_column_only_where_some_value_does_not_cast(
    glue: GlueContext, peer: Peer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "10001,1,x,2026-01-01\n10005,2,y,\nabc,,z,2026-02-30\n"
    frame = catalog_csv(glue, peer, tmp_path, text, "pid:bigint n:int bad:double day:date")
    frame.printSchema()
    assert capsys.readouterr().out.splitlines() == [
        "root",
        "|-- pid: choice",
        "|    |-- long",
        "|    |-- string",
        "|-- n: int",
        "|-- bad: string",
        "|-- day: choice",
        "|    |-- date",
        "|    |-- string",
        "",
    ]
    assert [row["pid"] for row in rows(frame)] == [
        {"long": 10001, "string": None},
        {"long": 10005, "string": None},
        {"long": None, "string": "abc"},
    ]
    assert rows(frame)[1]["day"] is None
    frame.show(2)
    assert capsys.readouterr().out.splitlines() == [
        '{"pid": 10001, "n": 1, "bad": "x", "day": "2026-01-01"}',
        '{"pid": 10005, "n": 2, "bad": "y", "day": null}',
    ]


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("a|b\n1|'x|y'\n", {"separator": "|", "quoteChar": "'", "withHeader": True}, ["1", "x|y"]),
        ('1,"say ""hi"""\n', {}, ["1", 'say "hi"']),
        ('1,"say \\"hi\\""\n', {"escaper": "\\"}, ["1", 'say "hi"']),
        ("a|x\\|y\n", {"separator": "|", "escaper": "\\"}, ["a", "x|y"]),
        ("^^,x^\tz^n\n", {"escaper": "^"}, ["^", "x\tz\n"]),
        ("x;;1\\;;2\n", {"separator": ";;", "escaper": "\\"}, ["x", "1;;2"]),
        ('head\\,\n1,"a\\nb"\n', {"withHeader": True, "escaper": "\\"}, ["1", "a\nb"]),
        ("a;;'b;;c'\n", {"separator": ";;", "quoteChar": "'"}, ["a", "b;;c"]),
        ('1,"x"\n', {"quoteChar": -1}, ["1", '"x"']),
        ('1,"x\ny"\n', {"multiline": "true"}, ["1", "x\ny"]),
        ("head\n1,2\n", {"skipFirst": "true"}, ["1", "2"]),
    ],
)
def test_csv_is_read_as_its_format_options_say(
    glue: GlueContext, peer: Peer, tmp_path: Path, text: str, options: dict[str, Any], expected: list[str]
) -> None:
    frame = catalog_csv(glue, peer, tmp_path, text, "a:string b:string", **options)
    assert [list(row.values()) for row in rows(frame)] == [expected]


def test_csv_by_paths_is_all_text_under_numbered_or_headed_names(glue: GlueContext, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,n\n1,2\n")
    options = {"paths": [f"file://{tmp_path}/"]}
    bare = glue.create_dynamic_frame.from_options("s3", options, "csv")
    headed = glue.create_dynamic_frame.from_options("s3", options, format="csv", format_options={"withHeader": True})
    assert rows(bare) == [{"col0": "id", "col1": "n"}, {"col0": "1", "col1": "2"}]
    assert rows(headed) == [{"id": "1", "n": "2"}]
    assert headed.name == str(tmp_path).replace("/", "")


@pytest.mark.parametrize("encoding", ["UTF-16", "ISO-8859-1", "utf-8-sig"])
@pytest.mark.parametrize(
    ("format", "text"),
    [("csv", "name\nZoë é\n"), ("json", '{"name": "Zoë é"}\r\n'), ("json", '[{"name":\n"Zoë é"}]')],
)
def test_files_are_read_in_the_encoding_that_is_said(
    glue: GlueContext, tmp_path: Path, encoding: str, format: str, text: str
) -> None:
    (tmp_path / f"in.{format}").write_bytes(text.encode(encoding))
    options = {"encoding": encoding, "withHeader": True, "multiLine": text.startswith("[")}
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [str(tmp_path)]}, format, options)
    assert rows(frame) == [{"name": "Zoë é"}]


def test_json_tells_every_mixture_apart_and_reads_it_exactly(
    glue: GlueContext, peer: Peer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "day=2" / "in.json"
    file.parent.mkdir()
    file.write_text(
        '{"id":1,"mix":"1","price":1,"deep":{"l":[1,"x",{"q":1.50}]},"n":null,"f":true}\n'
        '{"id":3000000000,"mix":{"a":1},"price":1.5,"deep":{"l":[null,2]},"n":null}\n'
        "not json\n\n"
        '{"id":null,"price":2e3,"mix":"s","deep":null}\n'
    )
    peer.give(
        "POST",
        "read-plan",
        plan((["2"], file.parent, [file]), format="json", columns="id:int", keys="day:int", location=tmp_path),
    )
    frame = glue.create_dynamic_frame.from_catalog("db", "t")
    frame.printSchema()
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "root",
        "|-- id: choice",
        "|    |-- int",
        "|    |-- long",
        "|-- mix: choice",
        "|    |-- string",
        "|    |-- struct",
        "|    |    |-- a: int",
        "|-- price: choice",
        "|    |-- double",
        "|    |-- int",
        "|-- deep: struct",
        "|    |-- l: array",
        "|    |    |-- element: choice",
        "|    |    |    |-- int",
        "|    |    |    |-- string",
        "|    |    |    |-- struct",
        "|    |    |    |    |-- q: double",
        "|-- n: null",
        "|-- f: boolean",
        "|-- day: string",
        "",
    ]
    assert frame.errorsCount() == 1
    first, second, third = rows(frame)
    assert (first["id"], second["id"], third["id"]) == (
        {"int": 1, "long": None},
        {"int": None, "long": 3000000000},
        None,
    )
    assert (first["mix"]["string"], second["mix"]["struct"]) == ("1", {"a": 1})
    assert [row["price"] for row in (first, second, third)] == [
        {"double": None, "int": 1},
        {"double": 1.5, "int": None},
        {"double": 2000.0, "int": None},
    ]
    assert [next(v for v in item.values() if v is not None) for item in first["deep"]["l"]] == [1, "x", {"q": 1.5}]
    assert second["deep"]["l"][0] is None
    assert (first["f"], third["f"], third["deep"], third["day"]) == (True, None, None, "2")
    assert frame.count() == 3
    frame.show(1)
    assert capsys.readouterr().out == (
        '{"id": 1, "mix": "1", "price": 1, "deep": {"l": [1, "x", {"q": 1.5}]}, "f": true, "day": "2"}\n'
    )


def test_whole_json_files_are_read_with_multi_line(glue: GlueContext, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('[\n{"a": 1},\n{"a": "x"}\n]')
    options = {"paths": [str(tmp_path)]}
    frame = glue.create_dynamic_frame.from_options("s3", options, "json", {"multiline": True})
    assert rows(frame) == [{"a": {"int": 1, "string": None}}, {"a": {"int": None, "string": "x"}}]


@pytest.mark.parametrize("format", ["csv", "json", "parquet", "orc"])
@pytest.mark.parametrize("moved", [False, True])
def test_partition_values_follow_the_data_columns_wherever_the_folders_lie(
    glue: GlueContext, peer: Peer, tmp_path: Path, format: str, moved: bool
) -> None:
    groups = []
    for at, (code, escaped) in enumerate([("007", "007"), ("a+b:c d", "a+b%3Ac d"), (None, None)]):
        value = code or "__HIVE_DEFAULT_PARTITION__"
        folder = tmp_path / (f"[moved] {at}" if moved else f"code={escaped or value}")
        data = glue.spark_session.range(at, at + 1).selectExpr("cast(id as int) id", "'x' s").coalesce(1)
        data.write.format(format).save(str(folder))
        groups.append(([value], folder, sorted(folder.glob(f"part-*.{format}"))))
    answer = plan(*groups, format=format, columns="id:int s:string", keys="code:string", location=tmp_path)
    peer.give("POST", "read-plan", answer)
    frame = glue.create_dynamic_frame.from_catalog("db", "t")
    found = sorted(rows(frame), key=lambda row: row["id"])
    assert found == [
        {"id": 0, "s": "x", "code": "007"},
        {"id": 1, "s": "x", "code": "a+b:c d"},
        {"id": 2, "s": "x", "code": None},
    ]


def test_a_plan_without_files_gives_the_declared_columns_and_no_rows(glue: GlueContext, peer: Peer) -> None:
    peer.give("POST", "read-plan", plan(columns="id:int", keys="day:date"))
    frame = glue.create_dynamic_frame.from_catalog("db", "t")
    assert shown(frame) == {"id": "IntegerType()", "day": "DateType()"}
    assert frame.count() == 0


def test_an_array_declared_for_csv_stays_text(glue: GlueContext, peer: Peer, tmp_path: Path) -> None:
    assert rows(catalog_csv(glue, peer, tmp_path, "[1]\n", "l:array<int>")) == [{"l": "[1]"}]


def test_jobs_run_to_learn_a_schema_say_so_and_no_others_do(
    glue: GlueContext, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = catalog_csv(glue, peer, tmp_path, "1\nx\n", "a:int")
    frame.count()  # which looks whether the file is UTF-8
    set_property, seen = SparkContext.setLocalProperty, []

    def note(context: SparkContext, key: str, value: str) -> None:
        seen.append((key, value))
        set_property(context, key, value)

    monkeypatch.setattr(SparkContext, "setLocalProperty", note)
    frame.count()
    assert seen == []
    frame.schema()
    frame.toDF().collect()
    assert seen == [("isinglass.purpose", "schema"), ("isinglass.purpose", None)]


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"database": "d", "name_space": "d", "table_name": "t"}, "both specified, choose one"),
        ({"table_name": "t"}, "database is missing"),
        ({"database": "d", "tableName": "t"}, "Parameter table_name is missing."),
    ],
)
def test_table_names_are_checked_as_scripts_expect(glue: GlueContext, kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        glue.create_dynamic_frame.from_catalog(**kwargs)


def test_a_catalog_read_without_the_service_says_what_to_do(glue: GlueContext) -> None:
    with pytest.raises(NoServiceError, match="ISINGLASS_RUN_FILE is not set"):
        glue.create_dynamic_frame.from_catalog("db", "t")


@pytest.mark.parametrize(
    ("connection", "options", "format", "format_options", "named"),
    [
        ("mongodb", {"paths": ["x"]}, None, {}, "mongodb"),
        ("s3", {"paths": ["x"]}, "hudi", {}, "hudi"),
        ("s3", {"paths": ["x"]}, "csv", {"skipFirst": True, "withHeader": True}, "skipFirst"),
        ("s3", {"paths": ["x"]}, "grokLog", {"logFormat": "%{WORD:w}", "LineCount": "2"}, "LineCount"),
    ],
)
def test_what_is_not_provided_fails_by_name(
    glue: GlueContext,
    connection: str,
    options: dict[str, Any],
    format: str | None,
    format_options: dict[str, Any],
    named: str,
) -> None:
    with pytest.raises(NotProvidedError, match=named):
        glue.create_dynamic_frame.from_options(connection, options, format, format_options).toDF()


def test_what_only_the_service_can_do_says_so_without_it(glue: GlueContext, tmp_path: Path) -> None:
    options = {"paths": [str(tmp_path)], "boundedFiles": "1"}
    with pytest.raises(NotProvidedError, match="boundedFiles"):
        glue.create_dynamic_frame.from_options("s3", options, "csv").toDF()
    with pytest.raises(NoServiceError, match="push_down_predicate"):
        glue.create_dynamic_frame.from_options("s3", options, "csv", push_down_predicate="k = 1")


def test_a_read_by_paths_under_the_service_goes_through_a_plan(glue: GlueContext, peer: Peer, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("1;2\n")
    peer.give("POST", "read-plan", plan(([], tmp_path, [tmp_path / "in.csv"])))
    options = {"paths": ["s3://b/k"], "recurse": True}
    frame = glue.create_dynamic_frame.from_options("s3", options, "csv", {"separator": ";"}, transformation_ctx="c")
    assert rows(frame) == [{"col0": "1", "col1": "2"}]
    [request] = peer.bodies("read-plan")
    assert (request["paths"], request["format"], request["options"]) == (["s3://b/k"], "csv", {"recurse": True})
    assert (request["transformation_ctx"], request["table"]) == ("c", None)
