"""The public methods of GlueContext, its readers and writers, frames and transforms: names, parameters, defaults."""

from __future__ import annotations

import inspect

import pytest
from awsglue import transforms
from awsglue.context import GlueContext
from awsglue.data_sink import DataSink
from awsglue.data_source import DataSource
from awsglue.dataframereader import DataFrameReader
from awsglue.dataframewriter import DataFrameWriter
from awsglue.dynamicframe import DynamicFrame, DynamicFrameReader, DynamicFrameWriter
from awsglue.job import Job
from awsglue.streaming_data_source import StreamingDataSource

_CATALOG = (
    "database=None, table_name=None, redshift_tmp_dir='', transformation_ctx='', push_down_predicate='', "
    "additional_options={}, catalog_id=None, **kwargs"
)
_OPTIONS = (
    "connection_type, connection_options={}, format=None, format_options={}, transformation_ctx='', "
    "push_down_predicate='', **kwargs"
)
_SOURCE = "connection_type, format=None, transformation_ctx='', push_down_predicate='', **options"
_TO_OPTIONS = "connection_type, connection_options={}, format=None, format_options={}, transformation_ctx=''"
_TO_CATALOG = (
    "frame, database=None, table_name=None, redshift_tmp_dir='', transformation_ctx='', additional_options={}, "
    "catalog_id=None, **kwargs"
)
_TO_JDBC = "catalog_connection, connection_options={}, redshift_tmp_dir='', transformation_ctx='', catalog_id=None"
_CONTEXT = {
    "getSource": _SOURCE,
    "getStreamingSource": _SOURCE,
    "getSink": "connection_type, format=None, transformation_ctx='', **options",
    "create_dynamic_frame_from_rdd": "data, name, schema=None, sample_ratio=None, transformation_ctx=''",
    "create_dynamic_frame_from_catalog": _CATALOG,
    "create_dynamic_frame_from_options": _OPTIONS,
    "create_data_frame_from_catalog": _CATALOG,
    "create_data_frame_from_options": _OPTIONS,
    "create_sample_dynamic_frame_from_catalog": (
        "database=None, table_name=None, num=None, sample_options={}, redshift_tmp_dir='', transformation_ctx='', "
        "push_down_predicate='', additional_options={}, catalog_id=None, erieTxId='', asOfTime='', **kwargs"
    ),
    "create_sample_dynamic_frame_from_options": (
        "connection_type, connection_options={}, num=None, sample_options={}, format=None, format_options={}, "
        "transformation_ctx='', push_down_predicate='', **kwargs"
    ),
    "write_dynamic_frame_from_options": f"frame, {_TO_OPTIONS}",
    "write_from_options": (
        "frame_or_dfc, connection_type, connection_options={}, format={}, format_options={}, transformation_ctx='', "
        "**kwargs"
    ),
    "write_dynamic_frame_from_catalog": _TO_CATALOG,
    "write_data_frame_from_catalog": _TO_CATALOG,
    "write_dynamic_frame_from_jdbc_conf": f"frame, {_TO_JDBC}",
    "write_from_jdbc_conf": f"frame_or_dfc, {_TO_JDBC}",
    "get_catalog_schema_as_spark_schema": "database=None, table_name=None, catalog_id=None, **kwargs",
    "extract_jdbc_conf": "connection_name, catalog_id=None",
    "purge_table": "database, table_name, options={}, transformation_ctx='', catalog_id=None",
    "purge_s3_path": "s3_path, options={}, transformation_ctx=''",
    "transition_table": "database, table_name, transition_to, options={}, transformation_ctx='', catalog_id=None",
    "transition_s3_path": "s3_path, transition_to, options={}, transformation_ctx=''",
    "forEachBatch": "frame, batch_function, options={}",
    "getSampleStreamingDynamicFrame": "frame, options={}, batch_function=None",
    "add_ingestion_time_columns": "frame, time_granularity",
    "start_transaction": "read_only",
    "commit_transaction": "transaction_id, wait_for_commit=True",
    "cancel_transaction": "transaction_id",
    "convert_resolve_option": "path, action, target",
    "currentTimeMillis": "",
    "get_logger": "",
}
_OTHERS = {
    (Job, "init"): "job_name, args={}",
    (Job, "commit"): "",
    (DynamicFrame, "write"): (
        "connection_type, connection_options={}, format=None, format_options={}, accumulator_size=0"
    ),
    (DynamicFrameReader, "from_rdd"): "data, name, schema=None, sampleRatio=None",
    (DynamicFrameReader, "from_options"): _OPTIONS,
    (DynamicFrameReader, "from_catalog"): _CATALOG,
    (DynamicFrameWriter, "from_options"): f"frame, {_TO_OPTIONS}",
    (DynamicFrameWriter, "from_catalog"): _TO_CATALOG,
    (DynamicFrameWriter, "from_jdbc_conf"): f"frame, {_TO_JDBC}",
    (DataFrameReader, "from_catalog"): _CATALOG,
    (DataFrameReader, "from_options"): _OPTIONS,
    (DataFrameWriter, "from_catalog"): _TO_CATALOG,
    (DataSource, "setFormat"): "format, **options",
    (DataSource, "getFrame"): "**options",
    (DataSource, "getSampleFrame"): "num, **options",
    (DataSource, "getDataFrame"): "",
    (StreamingDataSource, "setFormat"): "format, **options",
    (StreamingDataSource, "getDataFrame"): "",
    (DataSink, "setFormat"): "format, **options",
    (DataSink, "setAccumulableSize"): "size",
    (DataSink, "setCatalogInfo"): "catalogDatabase, catalogTableName, catalogId=''",
    (DataSink, "writeFrame"): "frame, info=''",
    (DataSink, "writeDataFrame"): "data_frame, glue_context, info=''",
    (DataSink, "write"): "frame_or_dfc, info=''",
}


_TAIL = "transformation_ctx='', info='', stageThreshold=0, totalThreshold=0"
_FRAME = {
    "toDF": "options=None",
    "schema": "",
    "with_frame_schema": "schema",
    "printSchema": "",
    "show": "num_rows=20",
    "count": "",
    "getNumPartitions": "",
    "repartition": f"num_partitions, {_TAIL}",
    "coalesce": f"num_partitions, shuffle=False, {_TAIL}",
    "filter": f"f, {_TAIL}",
    "map": f"f, preservesPartitioning=False, {_TAIL}",
    "mapPartitions": f"f, preservesPartitioning=True, {_TAIL}",
    "mapPartitionsWithIndex": f"f, preservesPartitioning=False, {_TAIL}",
    "apply_mapping": f"mappings, case_sensitive=False, {_TAIL}",
    "applyMapping": "*args, **kwargs",
    "drop_fields": f"paths, {_TAIL}",
    "select_fields": f"paths, {_TAIL}",
    "rename_field": f"oldName, newName, {_TAIL}",
    "split_fields": f"paths, name1, name2, {_TAIL}",
    "split_rows": f"comparison_dict, name1, name2, {_TAIL}",
    "join": f"paths1, paths2, frame2, {_TAIL}",
    "union": f"other_frame, {_TAIL}",
    "unnest": _TAIL,
    "unnest_ddb_json": _TAIL,
    "simplify_ddb_json": _TAIL,
    "unbox": f"path, format, {_TAIL}, **options",
    "relationalize": f"root_table_name, staging_path, options=None, {_TAIL}",
    "resolveChoice": f"specs=None, choice='', database=None, table_name=None, {_TAIL}, catalog_id=None",
    "mergeDynamicFrame": (
        "stage_dynamic_frame, primary_keys, transformation_ctx='', options=None, info='', stageThreshold=0, "
        "totalThreshold=0"
    ),
    "spigot": "path, options=None, transformation_ctx=''",
    "errorsCount": "",
    "stageErrorsCount": "",
    "errorsAsDynamicFrame": "",
    "assertErrorThreshold": "",
}
_TRANSFORMS = {
    "ApplyMapping": f"frame, mappings, case_sensitive=False, {_TAIL}",
    "Coalesce": f"frame, num_partitions, shuffle=False, {_TAIL}",
    "DropFields": f"frame, paths, {_TAIL}",
    "DropNullFields": f"frame, {_TAIL}",
    "ErrorsAsDynamicFrame": "frame",
    "Filter": f"frame, f, {_TAIL}",
    "FlatMap": "dfc, BaseTransform, frame_name, transformation_ctx='', **base_kwargs",
    "Join": "frame1, frame2, keys1, keys2, transformation_ctx=''",
    "Map": f"frame, f, preservesPartitioning=False, {_TAIL}",
    "MapToCollection": "dfc, callable, transformation_ctx=''",
    "Relationalize": f"frame, staging_path=None, name='roottable', options=None, {_TAIL}",
    "RenameField": f"frame, old_name, new_name, {_TAIL}",
    "Repartition": f"frame, num_partitions, {_TAIL}",
    "ResolveChoice": f"frame, specs=None, choice='', database=None, table_name=None, {_TAIL}, catalog_id=None",
    "SelectFields": f"frame, paths, {_TAIL}",
    "SelectFromCollection": "dfc, key, transformation_ctx=''",
    "Spigot": "frame, path, options=None, transformation_ctx=''",
    "SplitFields": f"frame, paths, name1=None, name2=None, {_TAIL}",
    "SplitRows": (
        "frame, comparison_dict, name1='frame1', name2='frame2', transformation_ctx='', info=None, stageThreshold=0, "
        "totalThreshold=0"
    ),
    "Unbox": f"frame, path, format, {_TAIL}, **options",
    "Union": f"frame1, frame2, {_TAIL}",
    "UnnestFrame": f"frame, {_TAIL}",
}


def _signature(owner: type, name: str) -> str:
    found = inspect.signature(getattr(owner, name))
    bare = [each.replace(annotation=inspect.Parameter.empty) for each in found.parameters.values()]
    text = str(inspect.Signature(bare)).removeprefix("(").removesuffix(")")
    return text.removeprefix("self").removeprefix(", ")


@pytest.mark.parametrize(
    ("owner", "name", "expected"),
    [
        *((GlueContext, name, expected) for name, expected in _CONTEXT.items()),
        *((owner, name, expected) for (owner, name), expected in _OTHERS.items()),
        *((DynamicFrame, name, expected) for name, expected in _FRAME.items()),
        *((getattr(transforms, name), "__call__", expected) for name, expected in _TRANSFORMS.items()),
    ],
)
def test_a_method_has_the_parameters_that_scripts_know(owner: type, name: str, expected: str) -> None:
    assert _signature(owner, name) == expected


def test_a_context_takes_a_spark_context_and_options() -> None:
    assert _signature(GlueContext, "__init__") == "sparkContext=None, **options"
    assert {"parquet", "orc"} == GlueContext.Spark_SQL_Formats
    assert {"lzo"} == GlueContext.Unsupported_Compression_Types
