"""DataSink: a place to write frames to, set up step by step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame

from awsglue._formats import folded, is_set
from awsglue._missing import NotProvidedError
from awsglue._service import find_service, get_service
from awsglue._sinks import Target, write
from awsglue.dynamicframe import DynamicFrame

if TYPE_CHECKING:
    from awsglue.context import GlueContext

_FILE_CONNECTIONS = ("s3", "file", "parquet", "orc", "csv", "json")


class DataSink:
    """Files under one path. `options` are connection options: path, partitionKeys, compression, enableUpdateCatalog,
    updateBehavior; names ignore case. ValueError without a path, NotProvidedError for another kind of connection.
    """

    def __init__(
        self, glue_context: GlueContext, connection_type: str, transformation_ctx: str, options: dict[str, Any]
    ) -> None:
        if connection_type not in _FILE_CONNECTIONS:
            raise NotProvidedError(f"writing to the connection type {connection_type!r}")
        given = folded(options)
        if not given.get("path"):
            raise ValueError("A sink needs the option path: the folder to write to.")
        keys = given.get("partitionkeys") or ()
        self._glue_context = glue_context
        self._target = Target(
            location=given["path"],
            format="" if connection_type in ("s3", "file") else connection_type,
            partition_keys=(keys,) if isinstance(keys, str) else tuple(keys),
            compression=_compression(given.get("compression")),
            transformation_ctx=transformation_ctx,
            update_catalog=is_set(given, "enableupdatecatalog"),
            update_behavior=given.get("updatebehavior") or "UPDATE_IN_DATABASE",
        )

    def setFormat(self, format: str, **options: Any) -> None:
        """The format of the files, and its format options."""
        self._target = replace(self._target, format=format, options={**self._target.options, **options})

    def setCatalogInfo(self, catalogDatabase: str, catalogTableName: str, catalogId: str = "") -> None:
        """The table that describes what is written; it is touched only with enableUpdateCatalog."""
        self._target = replace(self._target, database=catalogDatabase, table=catalogTableName)

    def setAccumulableSize(self, size: int) -> None:
        """Accepted without effect: it bounds error records, which no sink here makes."""

    def writeFrame(self, frame: DynamicFrame, info: str = "") -> DynamicFrame:
        """Appends the frame and tells the service; returns the (empty) frame of errors."""
        if not isinstance(frame, DynamicFrame):
            raise TypeError(f"A sink writes a DynamicFrame, not a {type(frame).__name__}.")
        if not self._target.format:
            raise ValueError("A sink needs a format: call setFormat, or give format=.")
        service = get_service("enableUpdateCatalog") if self._target.update_catalog else find_service()
        if service is not None:
            self._target = replace(self._target, run_id=service.run()["run_id"])
        report = write(frame._node.settled(), self._target)
        if service is not None:
            service.written(report)
        return self._glue_context._empty_frame(f"{frame.name}_errors")

    def writeDataFrame(self, data_frame: DataFrame, glue_context: GlueContext, info: str = "") -> DynamicFrame:
        return self.writeFrame(DynamicFrame.fromDF(data_frame, glue_context, "data_frame"), info)

    def write(self, frame_or_dfc: DynamicFrame, info: str = "") -> DynamicFrame:
        return self.writeFrame(frame_or_dfc, info)


def _compression(asked: object) -> str | None:
    if str(asked).lower() == "lzo":
        raise NotProvidedError("the compression 'lzo'")
    return str(asked).lower() if asked else None
