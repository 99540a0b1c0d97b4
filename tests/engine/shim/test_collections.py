"""Collections of frames, and what every transform says of itself."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from awsglue import transforms
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.transforms import (
    ApplyMapping,
    ErrorsAsDynamicFrame,
    FlatMap,
    MapToCollection,
    SelectFromCollection,
    SplitFields,
)
from pyspark.sql.functions import col, lit

from tests.engine.shim.frames import kinds, rows, sql_frame

if TYPE_CHECKING:
    from awsglue.context import GlueContext


@pytest.fixture
def pair(glue: GlueContext) -> DynamicFrameCollection:
    first, second = sql_frame(glue, "select 1 id, 2 n", "first"), sql_frame(glue, "select 'x' id", "second")
    return DynamicFrameCollection({"a": first, "b": second}, glue)


def test_a_collection_gives_its_frames_by_key(glue: GlueContext, pair: DynamicFrameCollection) -> None:
    assert (len(pair), list(pair.keys())) == (2, ["a", "b"])
    assert [frame.name for frame in pair.values()] == ["first", "second"]
    assert pair["a"] is SelectFromCollection.apply(dfc=pair, key="a")
    missing = pair.select("c")
    assert (missing.count(), kinds(missing)) == (0, "struct<>")
    with pytest.raises(KeyError):
        pair["c"]
    named = DynamicFrameCollection(list(pair.values()), glue)
    assert list(named.keys()) == ["first", "second"]


@pytest.mark.parametrize("frames", ["text", None, 1, ()])
def test_a_collection_is_made_of_a_dict_or_a_list(glue: GlueContext, frames: Any) -> None:
    with pytest.raises(TypeError, match="dict or a list"):
        DynamicFrameCollection(frames, glue)


def test_map_calls_the_function_with_each_frame_and_a_context_of_its_own(pair: DynamicFrameCollection) -> None:
    contexts = []

    def select(frame: DynamicFrame, context: str) -> DynamicFrame:
        contexts.append(context)
        return frame.select_fields(["id"])

    mapped = MapToCollection.apply(dfc=pair, callable=select, transformation_ctx="m")
    assert contexts == ["m:a", "m:b"]
    assert (list(mapped.keys()), rows(mapped["a"])) == (["a", "b"], [{"id": 1}])
    with pytest.raises(TypeError, match="NoneType of 'a'"):
        pair.map(lambda frame, context: None)  # type: ignore[arg-type,return-value]


def test_flatmap_puts_frames_and_collections_into_one(glue: GlueContext, pair: DynamicFrameCollection) -> None:
    contexts = []

    def change(frame: DynamicFrame, context: str) -> DynamicFrame | DynamicFrameCollection:
        contexts.append(context)
        return frame if frame.name == "second" else SplitFields.apply(frame, ["id"], "left", "right")

    assert list(pair.flatmap(change, "f").keys()) == ["left", "right", "second"]
    assert contexts == ["f:first", "f:second"]
    with pytest.raises(TypeError, match="int of 'first'"):
        pair.flatmap(lambda frame, context: 1)  # type: ignore[arg-type,return-value]


def test_flat_map_applies_a_transform_to_each_frame(pair: DynamicFrameCollection) -> None:
    mapped = FlatMap.apply(
        dfc=pair, BaseTransform=ApplyMapping, frame_name="frame", mappings=[("id", "string", "key", "string")]
    )
    assert [rows(frame) for frame in mapped.values()] == [[{"key": "1"}], [{"key": "x"}]]


def test_errors_are_a_frame_too(pair: DynamicFrameCollection) -> None:
    failing = pair["a"].map(lambda record: 1 / 0)
    [row] = rows(ErrorsAsDynamicFrame.apply(failing))
    assert "division by zero" in row["error"]["msg"]


@pytest.mark.parametrize("transform", sorted(transforms.get_transforms(), key=str))
def test_every_transform_describes_itself(transform: type[transforms.GlueTransform]) -> None:
    told: Any = transforms.describe_transform(transform.name().upper())
    described = told["transform"]
    assert transforms.get_transform(transform.name().lower()) is transform
    assert described["name"] == transform.__name__
    assert described["description"]
    assert {"name", "type", "optional", "defaultValue"} == set(described["args"][0])
    assert described["returns"]["type"] in ("DynamicFrame", "DynamicFrameCollection")
    assert described["raises"] == []


def test_an_unknown_transform_is_none() -> None:
    assert (transforms.get_transform("nothing"), transforms.describe_transform("nothing")) == (None, None)


def test_a_star_import_brings_every_transform_and_nothing_that_is_missing() -> None:
    names: dict[str, Any] = {}
    exec("from awsglue.transforms import *", names)
    assert {found.name() for found in transforms.get_transforms()} <= names.keys()
    assert len(transforms.get_transforms()) == 22


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("from awsglue.transforms import FindMatches", "FindMatches"),
        ("from awsglue.transforms import EvaluateDataQuality", "EvaluateDataQuality"),
        ("from awsglueml.transforms import FillMissingValues", "FillMissingValues"),
        ("from awsgluedi.transforms import *", "awsgluedi"),
    ],
)
def test_what_runs_on_aws_only_fails_at_its_import_by_name_and_says_what_to_do(statement: str, named: str) -> None:
    with pytest.raises(ImportError, match=rf"does not provide .*{named}.*\. [A-Z]"):
        exec(statement, {})


def test_other_names_are_simply_not_there() -> None:
    with pytest.raises(ImportError, match="cannot import name 'Nothing'"):
        exec("from awsglue.transforms import Nothing", {})


@pytest.mark.parametrize("module", ["devutils", "dataframe_transforms", "glue_shell", "functions"])
def test_modules_that_scripts_import_are_there(module: str) -> None:
    assert importlib.import_module(f"awsglue.{module}").__doc__


def test_a_shell_begins_with_contexts(glue: GlueContext) -> None:
    from awsglue.glue_shell import start

    names = start()
    assert names["spark"].range(2).count() == 2
    assert names["glueContext"].spark_session is names["spark"]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (lambda f: f.namedStruct("a", "n", lit("b"), lit("x")), {"a": 5, "b": "x"}),
        (lambda f: f.replaceArrayElement("l", lit(9), 1), [1, 9, 3]),
        (lambda f: f.replaceArrayElement(col("l"), "n", 0), [5, 2, 3]),
        (lambda f: f.replaceArrayElement("l", lit(9), 7), [1, 2, 3]),
    ],
)
def test_functions_make_columns(glue: GlueContext, column: Callable[[Any], Any], expected: Any) -> None:
    from awsglue import functions

    frame = glue.spark_session.sql("select 5 n, array(1, 2, 3) l")
    [row] = frame.select(column(functions).alias("v")).collect()
    assert row.asDict(recursive=True)["v"] == expected


def test_explode_with_index_numbers_the_elements(glue: GlueContext) -> None:
    from awsglue.functions import explodeWithIndex, namedStruct

    found = glue.spark_session.sql("select array('a', 'b') l").select(explodeWithIndex("l"))
    assert [row.asDict() for row in found.collect()] == [{"index": 0, "val": "a"}, {"index": 1, "val": "b"}]
    with pytest.raises(ValueError, match="names and values"):
        namedStruct("a")
