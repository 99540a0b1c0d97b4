"""GlueContext's own rules: names, readers that can be patched, sources and sinks set up by hand, samples, RDDs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue._jdbc_drivers import DriverMissingError
from awsglue._missing import NotProvidedError
from awsglue.dataframereader import DataFrameReader
from awsglue.dataframewriter import DataFrameWriter
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection, DynamicFrameReader, DynamicFrameWriter
from pyspark.sql import Row

from tests.engine.shim.peer import Peer, plan

if TYPE_CHECKING:
    from awsglue.context import GlueContext


def rows(frame: DynamicFrame) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def lines(folder: Path, *records: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "in.json").write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"database": "d", "name_space": "d", "table_name": "t"}, "both specified, choose one"),
        ({"table_name": "t"}, "missing"),
        ({"database": "d", "tableName": "t"}, "Parameter table_name is missing."),
    ],
)
def test_a_table_is_named_once(glue: GlueContext, given: dict[str, Any], words: str) -> None:
    for read in (
        glue.create_dynamic_frame.from_catalog,
        glue.create_data_frame.from_catalog,
        glue.create_sample_dynamic_frame_from_catalog,
        glue.get_catalog_schema_as_spark_schema,
    ):
        with pytest.raises(Exception, match=words):
            read(**given)


@pytest.mark.parametrize("kind", ["delta", "iceberg", "hudi"])
def test_a_lake_without_its_jars_is_refused_with_the_argument_that_brings_it(glue: GlueContext, kind: str) -> None:
    with pytest.raises(NotProvidedError, match=f"{kind} without Spark's source.*--datalake-formats {kind}"):
        glue.create_data_frame.from_options("s3", {"paths": ["file:///nowhere"]}, kind)


@pytest.mark.parametrize(
    "kind", ["redshift", "dynamodb", "mongodb", "snowflake", "kinesis", "custom.spark", "marketplace.spark", "kafka"]
)
def test_a_connection_type_that_is_not_read_or_written_is_refused_by_name(glue: GlueContext, kind: str) -> None:
    with pytest.raises(NotProvidedError, match=f"'{kind}'"):
        glue.create_dynamic_frame.from_options(kind, {"dbtable": "t"})
    with pytest.raises(NotProvidedError, match=f"'{kind}'"):
        glue.getSink(kind, path="p")


@pytest.mark.parametrize(
    ("lake", "told"),
    [
        ("delta", "--datalake-formats delta"),
        ("iceberg", "glue_catalog"),
        ("csv", "no plain files"),
    ],
)
def test_a_table_of_a_lake_is_met_as_sparks_frame_by_the_jars_that_the_job_brings(
    glue: GlueContext, peer: Peer, lake: str, told: str
) -> None:
    refused = {"error": {"code": "NOT_SUPPORTED", "message": "no plain files"}}
    table = {"database": "d", "table": "t", "location": "file:///nowhere", "options": {}}
    peer.give("POST", "read-plan", refused, status=400)
    peer.give("GET", "tables/d/t", {**table, "format": lake, "columns": [], "partition_keys": []})
    with pytest.raises(Exception, match=told):
        glue.create_data_frame.from_catalog("d", "t", additional_options={"useSparkDataSource": True})
    with pytest.raises(Exception, match="no plain files"):
        glue.create_dynamic_frame.from_catalog("d", "t")
    if lake != "csv":
        with pytest.raises(Exception, match=told):
            glue.write_data_frame.from_catalog(glue.spark_session.range(1), "d", "t", additional_options={})


def test_a_database_without_a_driver_is_told_with_the_ways_out(glue: GlueContext) -> None:
    with pytest.raises(DriverMissingError, match=r"SQLServerDriver.*ISINGLASS_JARS.*--extra-jars.*customJdbcDriver"):
        glue.create_dynamic_frame.from_options("sqlserver", {"url": "jdbc:sqlserver://h", "dbtable": "t"})


@pytest.mark.parametrize("kind", ["kafka", "kinesis"])
def test_a_stream_that_cannot_be_read_is_refused_by_name(glue: GlueContext, kind: str) -> None:
    with pytest.raises(NotProvidedError, match=f"(?i){kind}"):
        glue.create_data_frame.from_options(kind, {"topicName": "t", "bootstrap.servers": "h:9092"})


def test_readers_and_writers_can_be_patched_on_their_classes(
    glue: GlueContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, object]] = []
    for owner in (DynamicFrameReader, DynamicFrameWriter, DataFrameReader, DataFrameWriter):
        for name in ("from_catalog", "from_options"):
            if hasattr(owner, name):
                told = f"{owner.__name__}.{name}"
                monkeypatch.setattr(owner, name, lambda self, told=told: calls.append((told, self._glue_context)))
    readers: list[Any] = [glue.create_dynamic_frame, glue.write_dynamic_frame, glue.create_data_frame]
    for each in readers:
        each.from_catalog()
        each.from_options()
    writer: Any = glue.write_data_frame
    writer.from_catalog()
    assert [told for told, _ in calls] == [
        "DynamicFrameReader.from_catalog", "DynamicFrameReader.from_options", "DynamicFrameWriter.from_catalog",
        "DynamicFrameWriter.from_options", "DataFrameReader.from_catalog", "DataFrameReader.from_options",
        "DataFrameWriter.from_catalog",
    ]  # fmt: skip
    assert all(context is glue for _, context in calls)


def test_a_fixture_may_read_a_file_in_place_of_a_table(
    glue: GlueContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = lines(tmp_path / "t", {"a": 1})

    def from_catalog(self: DynamicFrameReader, **given: Any) -> DynamicFrame:
        options = {"paths": [f"file://{folder}"]}
        return self._glue_context.create_dynamic_frame_from_options("s3", options, "json")

    monkeypatch.setattr(DynamicFrameReader, "from_catalog", from_catalog)
    assert rows(glue.create_dynamic_frame.from_catalog(database="d", table_name="t")) == [{"a": 1}]


def test_a_source_set_up_by_hand_gives_frames_samples_and_spark_s_frame(glue: GlueContext, tmp_path: Path) -> None:
    folder = lines(tmp_path / "t", {"a": 1}, {"a": 2}, {"a": 3})
    source = glue.getSource("file", paths=[f"file://{folder}"])
    with pytest.raises(ValueError, match="needs a format"):
        source.getFrame()
    source.setFormat("json")
    assert source.getFrame(minPartitions=2).count() == 3
    assert source.getSampleFrame(2).count() == 2
    assert sorted(row.a for row in source.getDataFrame().collect()) == [1, 2, 3]
    assert glue.getSource("s3", "json", paths=[f"file://{folder}"]).getFrame().count() == 3


def test_format_options_of_parquet_are_not_applied(glue: GlueContext, tmp_path: Path) -> None:
    glue.spark_session.range(2).write.parquet(f"file://{tmp_path}/p")
    options = {"paths": [f"file://{tmp_path}/p"]}
    for kind, form in (("s3", "parquet"), ("parquet", None), ("parquet", "parquet")):
        frame = glue.create_dynamic_frame.from_options(kind, options, form, {"mergeSchema": "nonsense"})
        assert frame.count() == 2
    assert glue.create_data_frame.from_options("parquet", options).count() == 2


def test_a_sample_looks_at_few_files_of_few_partitions_and_moves_no_bookmark(
    glue: GlueContext, peer: Peer, tmp_path: Path
) -> None:
    days = [lines(tmp_path / f"day={day}", *({"a": number} for number in range(5))) for day in range(3)]
    groups = [([str(at)], day, [day / "in.json"]) for at, day in enumerate(days)]
    peer.give("POST", "read-plan", plan(*groups, format="json", keys="day:int", location=tmp_path))
    options = {"maxSamplePartitions": "2", "maxSampleFilesPerPartition": 1}
    sample = glue.create_sample_dynamic_frame_from_catalog("d", "t", 7, options, transformation_ctx="ctx")
    whole = glue.create_sample_dynamic_frame_from_catalog("d", "t", sample_options=options)
    assert (sample.count(), whole.count(), sample.name) == (7, 10, "t")
    assert {body["transformation_ctx"] for body in peer.bodies("read-plan")} == {""}
    with pytest.raises(ValueError, match="maxSamplePartitions"):
        glue.create_sample_dynamic_frame_from_catalog("d", "t", 7, {"maxSamplePartitions": 0})


def test_a_sample_of_paths_has_as_many_records_as_asked_for(glue: GlueContext, tmp_path: Path) -> None:
    folder = lines(tmp_path / "t", *({"a": number} for number in range(5)))
    frame = glue.create_sample_dynamic_frame_from_options("s3", {"paths": [f"file://{folder}"]}, 3, {}, "json")
    assert frame.count() == 3


def test_a_frame_is_made_of_an_rdd(glue: GlueContext) -> None:
    data = glue.spark_session.sparkContext.parallelize([Row(a=1, b="x"), Row(a=2, b=None)])
    found = glue.create_dynamic_frame.from_rdd(data, "pairs")
    assert found.name == "pairs"
    assert rows(found) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert [field.name for field in glue.create_dynamic_frame.from_rdd(data, "p", found.schema()).schema().fields] == [
        "a",
        "b",
    ]


def test_a_collection_is_written_each_frame_in_a_folder_of_its_name(glue: GlueContext, tmp_path: Path) -> None:
    made = [DynamicFrame.fromDF(glue.spark_session.range(n), glue, f"f{n}") for n in (1, 2)]
    collection = DynamicFrameCollection({frame.name: frame for frame in made}, glue)
    errors = glue.write_from_options(collection, "s3", {"path": f"file://{tmp_path}/out"}, "json")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["f1", "f2"]
    assert glue.spark_session.read.json(f"file://{tmp_path}/out/f2").count() == 2
    assert sorted(errors.keys()) == ["f1_errors", "f2_errors"]
    one = glue.write_dynamic_frame.from_options(made[0], "s3", {"path": f"file://{tmp_path}/one"}, "json")
    assert (one.name, one.count()) == ("f1_errors", 0)


@pytest.mark.parametrize("given", ["frame", None, ["frame"]])
def test_anything_but_a_frame_or_a_collection_is_a_type_error(glue: GlueContext, tmp_path: Path, given: Any) -> None:
    with pytest.raises(TypeError, match="DynamicFrame"):
        glue.write_from_options(given, "s3", {"path": f"file://{tmp_path}/out"}, "json")
    assert list(tmp_path.iterdir()) == []


def test_spark_s_frame_is_written_to_a_table_of_the_catalog(glue: GlueContext, peer: Peer, tmp_path: Path) -> None:
    table = {"database": "d", "table": "t", "location": f"file://{tmp_path}/t/", "format": "json", "options": {}}
    columns = {"columns": [{"name": "id", "type": "bigint"}], "partition_keys": []}
    peer.give("GET", "tables/d/t", {**table, **columns})
    errors = glue.write_data_frame.from_catalog(glue.spark_session.range(2), "d", table_name="t")
    assert errors.name == "t_errors"
    assert glue.spark_session.read.json(f"file://{tmp_path}/t").count() == 2
    assert peer.bodies("written")[0]["table"] == "t"


@pytest.mark.parametrize(
    ("granularity", "names"),
    [
        ("day", "year month day"),
        ("hour", "year month day hour"),
        ("minute", "year month day hour minute"),
    ],
)
def test_the_time_of_ingestion_is_added_down_to_the_granularity(
    glue: GlueContext, granularity: str, names: str
) -> None:
    added = glue.add_ingestion_time_columns(glue.spark_session.range(1), granularity)
    assert added.columns == ["id", *(f"ingest_{name}" for name in names.split())]
    assert added.collect()[0].ingest_year >= 2025


def test_a_granularity_that_is_none_is_refused(glue: GlueContext) -> None:
    with pytest.raises(ValueError, match="day, hour or minute"):
        glue.add_ingestion_time_columns(glue.spark_session.range(1), "week")


def test_transactions_are_accepted_and_do_nothing(glue: GlueContext) -> None:
    begun = glue.start_transaction(False)
    assert glue.commit_transaction(begun) is True
    glue.cancel_transaction(glue.start_transaction(read_only=True))


def test_java_s_side_can_be_reached(glue: GlueContext) -> None:
    java: Any = glue
    assert java._jvm.java.lang.Math.abs(-1) == 1
    assert java._sc is glue.spark_session.sparkContext
    assert java._glue_scala_context.sql("select 1").count() == 1
