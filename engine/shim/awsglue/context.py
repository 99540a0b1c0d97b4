"""GlueContext: where a job script's frames come from and go to."""

from __future__ import annotations

import sys
import time
import uuid
import warnings
from collections.abc import Sequence
from typing import Any

from pyspark import SparkContext
from pyspark.sql import SparkSession, SQLContext
from pyspark.sql import types as spark

from awsglue._missing import NotProvidedError, missing
from awsglue._nodes import Node
from awsglue._plans import CatalogTable, ReadPlan
from awsglue._service import NoServiceError, find_service, get_service
from awsglue._sources import read, read_paths
from awsglue._sparktypes import to_spark
from awsglue._tree import Typed
from awsglue._typetext import parse_type
from awsglue.data_sink import DataSink
from awsglue.dynamicframe import DynamicFrame, DynamicFrameReader, DynamicFrameWriter, ResolveOption
from awsglue.gluetypes import DataType, StructType

_PATH_OPTIONS = ("path", "paths")


def register(sc: SparkContext) -> None:
    """Does nothing; scripts made for old versions call it."""


class GlueLogger:
    """Writes one line per message to stderr, where the run's log takes it up."""

    def debug(self, message: str) -> None:
        self._write("DEBUG", message)

    def info(self, message: str) -> None:
        self._write("INFO", message)

    def warn(self, message: str) -> None:
        self._write("WARN", message)

    def error(self, message: str) -> None:
        self._write("ERROR", message)

    def _write(self, level: str, message: str) -> None:
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {level} {message}", file=sys.stderr)


class GlueContext(SQLContext):
    """The entry point of a script, over the running Spark session.

    `sparkContext` may be a SparkContext, a SparkSession or nothing. The options minPartitions and targetPartitions
    are hints for a reader that does not split files itself; Spark does, so they have no effect.
    """

    Spark_SQL_Formats = {"parquet", "orc"}  # noqa: RUF012 - public, and scripts may add to it
    Unsupported_Compression_Types = {"lzo"}  # noqa: RUF012

    def __init__(self, sparkContext: SparkContext | SparkSession | None = None, **options: Any) -> None:
        session = sparkContext if isinstance(sparkContext, SparkSession) else SparkSession.builder.getOrCreate()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # SQLContext is deprecated and is what scripts expect
            super().__init__(session.sparkContext, session)
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.write_dynamic_frame = DynamicFrameWriter(self)

    @property
    def spark_session(self) -> SparkSession:
        return self.sparkSession

    def create_dynamic_frame_from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: dict[str, Any] | None = None,
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        """The records of a catalog table, of the partitions the predicate selects and the bookmark leaves to read."""
        database, table_name = _table_names(database, table_name, kwargs)
        request = {
            "database": database,
            "table": table_name,
            "paths": None,
            "format": None,
            "transformation_ctx": transformation_ctx,
            "push_down_predicate": push_down_predicate,
            "options": additional_options or {},
        }
        plan = get_service(f"Reading the table {database}.{table_name}").read_plan(request)
        return self._planned(plan, table_name, additional_options)

    def create_dynamic_frame_from_options(
        self,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        format: str | None = None,
        format_options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **kwargs: Any,
    ) -> DynamicFrame:
        """The records of files under the paths given; format options of parquet and orc are not applied."""
        options = connection_options or {}
        form = _read_format(connection_type, format)
        paths = _paths(options)
        rest = {name: value for name, value in options.items() if name not in _PATH_OPTIONS}
        given = {**rest, **({} if form in self.Spark_SQL_Formats else format_options or {})}
        name = _frame_name(paths)
        service = find_service()
        if service is None and push_down_predicate:
            raise NoServiceError("push_down_predicate")
        if service is None:
            return DynamicFrame(Node(lambda: read_paths(self.sparkSession, name, paths, form, given)), self, name)
        request = {
            "database": None,
            "table": None,
            "paths": paths,
            "format": form,
            "transformation_ctx": transformation_ctx,
            "push_down_predicate": push_down_predicate,
            "options": rest,
        }
        return self._planned(service.read_plan(request), name, given)

    def _planned(self, plan: ReadPlan, name: str, given: dict[str, Any] | None = None) -> DynamicFrame:
        """A frame of a read plan; options the script itself gave come before the plan's."""
        asked = ReadPlan(**{**vars(plan), "options": {**plan.options, **(given or {})}})
        return DynamicFrame(Node(lambda: read(self.sparkSession, asked)), self, name)

    def getSink(
        self, connection_type: str, format: str | None = None, transformation_ctx: str = "", **options: Any
    ) -> DataSink:
        """A place to write to; `options` are connection options such as path, partitionKeys, enableUpdateCatalog."""
        sink = DataSink(self, connection_type, transformation_ctx, options)
        if format:
            sink.setFormat(format)
        return sink

    def write_dynamic_frame_from_options(
        self,
        frame: DynamicFrame,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        format: str | None = None,
        format_options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """Appends the frame's records as files; returns the frame of errors."""
        return self.write_from_options(
            frame, connection_type, connection_options, format, format_options, transformation_ctx
        )

    def write_from_options(
        self,
        frame_or_dfc: DynamicFrame,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        format: str | None = None,
        format_options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
        **kwargs: Any,
    ) -> DynamicFrame:
        """As write_dynamic_frame_from_options. TypeError for anything but a DynamicFrame."""
        sink = self.getSink(connection_type, format, transformation_ctx, **(connection_options or {}))
        if format and format_options and format not in self.Spark_SQL_Formats:
            sink.setFormat(format, **format_options)
        return sink.write(frame_or_dfc)

    def write_dynamic_frame_from_catalog(
        self,
        frame: DynamicFrame,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        additional_options: dict[str, Any] | None = None,
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        """Appends to a catalog table's folder in the table's format, partitioned as the table is."""
        database, table_name = _table_names(database, table_name, kwargs)
        table = self._table(database, table_name)
        keys = [key.name for key in table.partition_keys]
        options = {"partitionKeys": keys, **(additional_options or {})}
        if list(options["partitionKeys"]) != keys:
            raise ValueError(
                f"partitionKeys {options['partitionKeys']} are not those of the table {database}.{table_name}, {keys}."
            )
        sink = self.getSink("s3", None, transformation_ctx, **{**options, "path": table.location})
        sink.setFormat(table.format, **_writing_options(table))
        sink.setCatalogInfo(database, table_name, catalog_id or "")
        return sink.writeFrame(frame)

    def get_catalog_schema_as_spark_schema(
        self, database: str | None = None, table_name: str | None = None, catalog_id: str | None = None, **kwargs: Any
    ) -> spark.StructType:
        """A table's declared columns and partition keys as a Spark schema."""
        table = self._table(*_table_names(database, table_name, kwargs))
        columns = [*table.columns, *table.partition_keys]
        return spark.StructType([spark.StructField(c.name, to_spark(parse_type(c.type))) for c in columns])

    def convert_resolve_option(self, path: str, action: str, target: DataType | spark.DataType | None) -> ResolveOption:
        return ResolveOption(path, action, target)

    def currentTimeMillis(self) -> int:
        return time.time_ns() // 1_000_000

    def get_logger(self) -> GlueLogger:
        return GlueLogger()

    def _table(self, database: str, name: str) -> CatalogTable:
        return get_service(f"The table {database}.{name}").table(database, name)

    def _empty_frame(self, name: str) -> DynamicFrame:
        schema = spark.StructType()
        empty = Node(lambda: Typed(self.sparkSession.createDataFrame([], schema), StructType()))
        return DynamicFrame(empty, self, name)

    getSource = missing("GlueContext.getSource")
    getStreamingSource = missing("GlueContext.getStreamingSource")
    create_dynamic_frame_from_rdd = missing("GlueContext.create_dynamic_frame_from_rdd")
    create_data_frame_from_catalog = missing("GlueContext.create_data_frame_from_catalog")
    create_data_frame_from_options = missing("GlueContext.create_data_frame_from_options")
    create_sample_dynamic_frame_from_catalog = missing("GlueContext.create_sample_dynamic_frame_from_catalog")
    create_sample_dynamic_frame_from_options = missing("GlueContext.create_sample_dynamic_frame_from_options")
    write_data_frame_from_catalog = missing("GlueContext.write_data_frame_from_catalog")
    write_dynamic_frame_from_jdbc_conf = missing("GlueContext.write_dynamic_frame_from_jdbc_conf")
    write_from_jdbc_conf = missing("GlueContext.write_from_jdbc_conf")
    extract_jdbc_conf = missing("GlueContext.extract_jdbc_conf")
    purge_table = missing("GlueContext.purge_table")
    purge_s3_path = missing("GlueContext.purge_s3_path")
    transition_table = missing("GlueContext.transition_table")
    transition_s3_path = missing("GlueContext.transition_s3_path")
    forEachBatch = missing("GlueContext.forEachBatch")
    getSampleStreamingDynamicFrame = missing("GlueContext.getSampleStreamingDynamicFrame")
    add_ingestion_time_columns = missing("GlueContext.add_ingestion_time_columns")
    start_transaction = missing("GlueContext.start_transaction")
    commit_transaction = missing("GlueContext.commit_transaction")
    cancel_transaction = missing("GlueContext.cancel_transaction")

    @property
    def create_data_frame(self) -> Any:
        raise NotProvidedError("GlueContext.create_data_frame", "Use create_dynamic_frame and toDF.")

    @property
    def write_data_frame(self) -> Any:
        raise NotProvidedError("GlueContext.write_data_frame", "Use DynamicFrame.fromDF and write_dynamic_frame.")


def _table_names(database: str | None, table_name: str | None, kwargs: dict[str, Any]) -> tuple[str, str]:
    """Database and table; `name_space` is the database's old keyword, other unknown keywords are swallowed."""
    old = kwargs.get("name_space")
    if database is not None and old is not None:
        raise ValueError("Parameter name_space and database are both specified, choose one.")
    if database is None and old is None:
        raise ValueError("Parameter name_space or database is missing.")
    if table_name is None:
        raise ValueError("Parameter table_name is missing.")
    return str(database if database is not None else old), table_name


def _read_format(connection_type: str, format: str | None) -> str:
    if connection_type in GlueContext.Spark_SQL_Formats:
        return connection_type
    if connection_type not in ("s3", "file"):
        raise NotProvidedError(f"reading from the connection type {connection_type!r}")
    if not format:
        raise ValueError(f"Reading from {connection_type} needs a format, such as format='csv'.")
    return format.lower()


def _paths(options: dict[str, Any]) -> list[str]:
    paths = options.get("paths") or options.get("path")
    if not paths:
        raise ValueError("connection_options need paths: the list of folders and files to read.")
    return [paths] if isinstance(paths, str) else list(paths)


def _frame_name(paths: Sequence[str]) -> str:
    """What the paths begin with alike, without scheme and separators; a fresh name if that is nothing."""
    bare = [path.partition("://")[2] or path for path in paths]
    first, last = min(bare), max(bare)
    common = next((first[:at] for at, sign in enumerate(first) if last[at : at + 1] != sign), first)
    name = common.translate(str.maketrans("", "", ":/."))
    return name or str(uuid.uuid4()).replace("-", "_")


def _writing_options(table: CatalogTable) -> dict[str, Any]:
    """A table's options for a writer: a header is written exactly when the table's files have one."""
    header = {name.lower(): value for name, value in table.options.items()}.get("withheader", False)
    return {**table.options, "writeHeader": header} if table.format == "csv" else dict(table.options)
