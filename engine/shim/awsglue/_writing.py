"""What GlueContext writes: frames and collections of them, as files, to the catalog's tables and to databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pyspark.sql import DataFrame, SQLContext

from awsglue._jdbc import ANY_DATABASE, table_at
from awsglue._jdbc_vendors import VENDORS
from awsglue._lakes import LAKES, append_to_lake_table
from awsglue._plans import CatalogTable
from awsglue._reading import table_names
from awsglue.data_sink import DataSink, Frames
from awsglue.data_source import SPARK_FILES
from awsglue.dynamicframe import DynamicFrame

if TYPE_CHECKING:
    from awsglue.context import GlueContext


class Writing(SQLContext):
    """The half of GlueContext that writes. What is written comes back as the frame of the records that were not."""

    @property
    def _itself(self) -> GlueContext:
        return cast("GlueContext", self)

    def getSink(
        self, connection_type: str, format: str | None = None, transformation_ctx: str = "", **options: Any
    ) -> DataSink:
        """A place to write to; `options` are connection options such as path, partitionKeys, enableUpdateCatalog."""
        sink = DataSink(self._itself, connection_type, transformation_ctx, options)
        if format:
            sink.setFormat(format)
        return sink

    def write_dynamic_frame_from_options(
        self,
        frame: DynamicFrame,
        connection_type: str,
        connection_options: dict[str, Any] = {},
        format: str | None = None,
        format_options: dict[str, Any] = {},
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """Appends the frame's records as files, or to a database's table; returns the frame of errors."""
        return self.write_from_options(
            frame, connection_type, connection_options, format or {}, format_options, transformation_ctx
        )

    def write_from_options(
        self,
        frame_or_dfc: Frames,
        connection_type: str,
        connection_options: dict[str, Any] = {},
        format: str | dict[str, Any] = {},
        format_options: dict[str, Any] = {},
        transformation_ctx: str = "",
        **kwargs: Any,
    ) -> Frames:
        """As write_dynamic_frame_from_options, of a collection each frame in a place of its own name.

        TypeError for anything else. Format options of parquet and orc are not applied.
        """
        sink = DataSink(self._itself, connection_type, transformation_ctx, connection_options or {})
        if isinstance(format, str) and format:
            sink.setFormat(format, **({} if format in SPARK_FILES else format_options or {}))
        if kwargs.get("accumulator_size"):
            sink.setAccumulableSize(kwargs["accumulator_size"])
        return sink.write(frame_or_dfc)

    def write_dynamic_frame_from_catalog(
        self,
        frame: DynamicFrame,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        additional_options: dict[str, Any] = {},
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        """Appends to a catalog table: to its folder in its format, partitioned as it is, or to a database's table.

        Tables of Delta, Hudi and Iceberg are appended to by the jars of a job that has --datalake-formats.
        """
        names = table_names(database, table_name, kwargs)
        table = self._itself._table(*names)
        if table.format in VENDORS:
            place, rows = table_at(VENDORS[table.format], table.location)
            options = {**table.options, "database": place, "dbtable": rows, **(additional_options or {})}
            return DataSink(self._itself, table.format, transformation_ctx, options).write(frame)
        if table.format in LAKES:
            append_to_lake_table(frame.toDF(), table, additional_options or {})
            return self._itself._empty_frame(f"{frame.name}_errors")
        sink = DataSink(self._itself, "s3", transformation_ctx, _placed(table, additional_options or {}))
        sink.setFormat(table.format, **_writing_options(table))
        sink.setCatalogInfo(*names, catalog_id or "")
        return sink.write(frame)

    def write_data_frame_from_catalog(
        self,
        frame: DataFrame,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        additional_options: dict[str, Any] = {},
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        """As write_dynamic_frame_from_catalog, of Spark's frame."""
        names = table_names(database, table_name, kwargs)
        made = DynamicFrame.fromDF(frame, self._itself, names[1])
        return self.write_dynamic_frame_from_catalog(
            made, *names, redshift_tmp_dir, transformation_ctx, additional_options, catalog_id
        )

    def write_dynamic_frame_from_jdbc_conf(
        self,
        frame: DynamicFrame,
        catalog_connection: str,
        connection_options: dict[str, Any] = {},
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> None:
        """Appends to the table dbtable of the database that a catalog connection, and the option database, say."""
        self.write_from_jdbc_conf(
            frame, catalog_connection, connection_options, redshift_tmp_dir, transformation_ctx, catalog_id
        )

    def write_from_jdbc_conf(
        self,
        frame_or_dfc: Frames,
        catalog_connection: str,
        connection_options: dict[str, Any] = {},
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> Frames:
        """As write_dynamic_frame_from_jdbc_conf, of a collection each frame to the table of its own name."""
        options = {**(connection_options or {}), "connectionName": catalog_connection}
        return DataSink(self._itself, ANY_DATABASE, transformation_ctx, options).write(frame_or_dfc)


def _placed(table: CatalogTable, given: dict[str, Any]) -> dict[str, Any]:
    """A sink's options for a table's folder. ValueError for partition keys that are not the table's."""
    keys = [key.name for key in table.partition_keys]
    options = {"partitionKeys": keys, **given}
    if list(options["partitionKeys"]) != keys:
        raise ValueError(
            f"partitionKeys {options['partitionKeys']} are not those of the table {table.database}.{table.table}, "
            f"{keys}."
        )
    return {**options, "path": table.location}


def _writing_options(table: CatalogTable) -> dict[str, Any]:
    """A table's options for a writer: a header is written exactly when the table's files have one."""
    header = {name.lower(): value for name, value in table.options.items()}.get("withheader", False)
    return {**table.options, "writeHeader": header} if table.format == "csv" else dict(table.options)
