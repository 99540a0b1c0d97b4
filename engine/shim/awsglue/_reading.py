"""What GlueContext reads: frames of catalog tables, files, databases, RDDs and streams, whole or in samples."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from pyspark import RDD
from pyspark.sql import DataFrame, SQLContext
from pyspark.sql import types as spark

from awsglue._formats import folded, is_set
from awsglue._jdbc import DATABASES, jdbc_conf, table_at
from awsglue._jdbc_vendors import VENDORS
from awsglue._lakes import LAKES, read_lake, read_lake_table
from awsglue._plans import CatalogTable
from awsglue._pruning import PredicateError
from awsglue._refusals import PathNotFoundException, ServiceError
from awsglue._samples import Sample, parse_sample
from awsglue._service import get_service
from awsglue._sparktypes import struct_to_spark, to_spark
from awsglue._streaming import STREAMS
from awsglue._typetext import parse_type
from awsglue.data_source import SPARK_FILES, DataSource, paths_of, planned_frame, rows_frame
from awsglue.dynamicframe import DynamicFrame
from awsglue.gluetypes import Field, StructType
from awsglue.streaming_data_source import StreamingDataSource

if TYPE_CHECKING:
    from awsglue.context import GlueContext


_NOT_SUPPORTED = "NOT_SUPPORTED"


class Reading(SQLContext):
    """The half of GlueContext that reads."""

    @property
    def _whole(self) -> GlueContext:
        return cast("GlueContext", self)

    def getSource(
        self,
        connection_type: str,
        format: str | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **options: Any,
    ) -> DataSource:
        """A place to read from; `options` are connection options such as paths, or url and dbtable."""
        kind = format if format in SPARK_FILES and connection_type not in DATABASES else connection_type
        source = DataSource(self._whole, kind, transformation_ctx, push_down_predicate, options)
        if format:
            source.setFormat(format)
        return source

    def getStreamingSource(
        self,
        connection_type: str,
        format: str | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **options: Any,
    ) -> StreamingDataSource:
        """A stream to read from: kafka with the job's own jars, rate, or files that arrive in a folder."""
        source = StreamingDataSource(self._whole, connection_type, transformation_ctx, options)
        if format:
            source.setFormat(format)
        return source

    def create_dynamic_frame_from_rdd(
        self,
        data: RDD[Any],
        name: str,
        schema: Any = None,
        sample_ratio: float | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """The rows of an RDD; `schema` is one of Glue's or Spark's, found in the data's first rows if not given."""
        wanted: Any = struct_to_spark(schema) if isinstance(schema, StructType) else schema
        frame = self.sparkSession.createDataFrame(data, wanted, sample_ratio)
        return DynamicFrame.fromDF(frame, self._whole, name)

    def create_dynamic_frame_from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: dict[str, Any] = {},
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        """The records of a catalog table, of the partitions the predicate selects and the bookmark leaves to read."""
        names = table_names(database, table_name, kwargs)
        return self._of_catalog(names, transformation_ctx, push_down_predicate, additional_options or {}, None)

    def create_sample_dynamic_frame_from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        num: int | None = None,
        sample_options: dict[str, Any] = {},
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: dict[str, Any] = {},
        catalog_id: str | None = None,
        erieTxId: str = "",
        asOfTime: str = "",
        **kwargs: Any,
    ) -> DynamicFrame:
        """At most `num` records of a catalog table, out of few partitions and files; no bookmark moves."""
        names = table_names(database, table_name, kwargs)
        sample = parse_sample(num, sample_options or {})
        return self._of_catalog(names, "", push_down_predicate, additional_options or {}, sample)

    def create_dynamic_frame_from_options(
        self,
        connection_type: str,
        connection_options: dict[str, Any] = {},
        format: str | None = None,
        format_options: dict[str, Any] = {},
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **kwargs: Any,
    ) -> DynamicFrame:
        """The records of files under the paths given, or of a database's table or query."""
        return self._source(
            connection_type, connection_options, format, format_options, transformation_ctx, push_down_predicate
        ).getFrame(**kwargs)

    def create_sample_dynamic_frame_from_options(
        self,
        connection_type: str,
        connection_options: dict[str, Any] = {},
        num: int | None = None,
        sample_options: dict[str, Any] = {},
        format: str | None = None,
        format_options: dict[str, Any] = {},
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **kwargs: Any,
    ) -> DynamicFrame:
        """At most `num` records of few files, or of a database's table or query; no bookmark moves."""
        source = self._source(connection_type, connection_options, format, format_options, "", push_down_predicate)
        return source._frame(parse_sample(num, sample_options or {}))

    def create_data_frame_from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: dict[str, Any] = {},
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DataFrame:
        """As create_dynamic_frame_from_catalog, as Spark's frame; with useCatalogSchema of the declared types.

        Tables of Delta, Hudi and Iceberg are read, too, of a job that has --datalake-formats; no bookmark follows them.
        """
        names = table_names(database, table_name, kwargs)
        options = dict(additional_options or {})
        given = folded({**options, **kwargs})
        if is_set(given, "usesparkdatasource") and "header" in given:
            options["withHeader"] = given["header"]
        try:
            frame = self._of_catalog(names, transformation_ctx, push_down_predicate, options, None)
        except ServiceError as refused:
            return self._lake_of_catalog(names, push_down_predicate, additional_options or {}, refused)
        return self._as_declared(frame, names).toDF() if is_set(given, "usecatalogschema") else frame.toDF()

    def create_data_frame_from_options(
        self,
        connection_type: str,
        connection_options: dict[str, Any] = {},
        format: str | None = None,
        format_options: dict[str, Any] = {},
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **kwargs: Any,
    ) -> DataFrame:
        """As create_dynamic_frame_from_options, as Spark's frame; kafka and rate give a streaming one.

        It reads the formats delta, hudi and iceberg, too, of a job that has --datalake-formats.
        """
        if connection_type in STREAMS:
            source = StreamingDataSource(self._whole, connection_type, transformation_ctx, connection_options or {})
            if format:
                source.setFormat(format, **(format_options or {}))
            return source.getDataFrame()
        if format and format.lower() in LAKES:
            [path] = paths_of(connection_options or {})
            return read_lake(self.sparkSession, format.lower(), path, connection_options or {})
        return self._source(
            connection_type, connection_options, format, format_options, transformation_ctx, push_down_predicate
        ).getDataFrame()

    def get_catalog_schema_as_spark_schema(
        self, database: str | None = None, table_name: str | None = None, catalog_id: str | None = None, **kwargs: Any
    ) -> spark.StructType:
        """A table's declared columns and partition keys as a Spark schema."""
        table = self._table(*table_names(database, table_name, kwargs))
        columns = [*table.columns, *table.partition_keys]
        return spark.StructType([spark.StructField(c.name, to_spark(parse_type(c.type))) for c in columns])

    def extract_jdbc_conf(self, connection_name: str, catalog_id: str | None = None) -> dict[str, str]:
        """A catalog connection's user, password, vendor, url (its server) and fullUrl, and what it says of SSL."""
        return jdbc_conf(connection_name)

    def currentTimeMillis(self) -> int:
        return time.time_ns() // 1_000_000

    def _table(self, database: str, name: str) -> CatalogTable:
        return get_service(f"The table {database}.{name}").table(database, name)

    def _as_declared(self, frame: DynamicFrame, names: tuple[str, str]) -> DynamicFrame:
        """The frame with the columns and types that its table declares."""
        table = self._table(*names)
        columns = [*table.columns, *table.partition_keys]
        return frame.with_frame_schema(StructType([Field(each.name, parse_type(each.type)) for each in columns]))

    def _lake_of_catalog(
        self, names: tuple[str, str], predicate: str, options: Mapping[str, Any], refused: ServiceError
    ) -> DataFrame:
        """A table that is no plain files. Raises `refused` if it is none of a lake's format."""
        if refused.code != _NOT_SUPPORTED or (table := self._table(*names)).format not in LAKES:
            raise refused
        found = read_lake_table(self.sparkSession, table, options)
        return found.where(predicate) if predicate else found

    def _source(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] | None,
        format: str | None,
        format_options: Mapping[str, Any] | None,
        transformation_ctx: str,
        push_down_predicate: str,
    ) -> DataSource:
        kind = format if format in SPARK_FILES and connection_type not in DATABASES else connection_type
        source = DataSource(self._whole, kind, transformation_ctx, push_down_predicate, connection_options)
        if format and kind not in DATABASES:
            source.setFormat(format, **(format_options or {}))
        return source

    def _of_catalog(
        self,
        names: tuple[str, str],
        transformation_ctx: str,
        push_down_predicate: str,
        options: Mapping[str, Any],
        sample: Sample | None,
    ) -> DynamicFrame:
        database, table = names
        request = {
            "database": database,
            "table": table,
            "paths": None,
            "format": None,
            "transformation_ctx": transformation_ctx,
            "push_down_predicate": push_down_predicate,
            "options": options,
        }
        service = get_service(f"Reading the table {database}.{table}")
        try:
            plan = service.read_plan(request)
        except PathNotFoundException as gone:
            raise gone.of_table(database, table) from gone
        if plan.format in VENDORS:
            place, rows = table_at(VENDORS[plan.format], plan.location or "")
            asked = {**plan.options, "database": place, "dbtable": rows, **options}
            return rows_frame(self._whole, plan.format, asked, table, transformation_ctx, sample)
        if push_down_predicate and not plan.partition_keys:
            raise PredicateError(push_down_predicate, (), "The table has no partitions: filter its records.")
        return planned_frame(self._whole, plan, table, options, sample)


def table_names(database: str | None, table_name: str | None, kwargs: dict[str, Any]) -> tuple[str, str]:
    """Database and table; `name_space` is the database's old keyword, other unknown keywords are swallowed."""
    old = kwargs.get("name_space")
    if database is not None and old is not None:
        raise ValueError("Parameter name_space and database are both specified, choose one.")
    if database is None and old is None:
        raise ValueError("Parameter name_space or database is missing.")
    if table_name is None:
        raise ValueError("Parameter table_name is missing.")
    return str(database if database is not None else old), table_name
