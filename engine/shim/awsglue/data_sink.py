"""DataSink: a place to write frames to, set up step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from pyspark.sql import DataFrame

from awsglue._formats import folded, is_set
from awsglue._jdbc import DATABASES, database_of, write_rows
from awsglue._missing import NotProvidedError
from awsglue._service import find_service, get_service
from awsglue._sinks import Target, write
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection

if TYPE_CHECKING:
    from awsglue.context import GlueContext

_FILES = ("s3", "file")
_OF_A_FORMAT = ("parquet", "orc", "csv", "json")
Frames = TypeVar("Frames", DynamicFrame, DynamicFrameCollection)


class DataSink:
    """Files under one path, or a table of a database. `options` are connection options, whose names ignore case:
    path, partitionKeys, compression, enableUpdateCatalog, updateBehavior; or url, user, password, dbtable.

    With useFrameName each frame goes to a place of its own name: a folder below the path, or a table.
    ValueError without a path, NotProvidedError for another kind of connection.
    """

    def __init__(
        self, glue_context: GlueContext, connection_type: str, transformation_ctx: str, options: Mapping[str, Any]
    ) -> None:
        if connection_type not in (*_FILES, *_OF_A_FORMAT, *DATABASES):
            known = ", ".join((*_FILES, *_OF_A_FORMAT, *DATABASES))
            raise NotProvidedError(f"writing to the connection type {connection_type!r}", f"It writes {known}.")
        self._glue_context = glue_context
        self._connection_type = connection_type
        self._transformation_ctx = transformation_ctx
        self._options = dict(options)
        self._given = folded(self._options)
        self._format = connection_type if connection_type in _OF_A_FORMAT else ""
        self._format_options: dict[str, Any] = {}
        self._table: tuple[str | None, str | None] = (None, None)
        if connection_type not in DATABASES and not self._given.get("path"):
            raise ValueError("A sink needs the option path: the folder to write to.")
        self._compression = _compression(self._given.get("compression"))

    def setFormat(self, format: str, **options: Any) -> None:
        """The format of the files, and its format options."""
        self._format = format
        self._format_options |= options

    def setCatalogInfo(self, catalogDatabase: str, catalogTableName: str, catalogId: str = "") -> None:
        """The table that describes what is written; it is touched only with enableUpdateCatalog."""
        self._table = (catalogDatabase, catalogTableName)

    def setAccumulableSize(self, size: int) -> None:
        """Accepted without effect: it bounds error records, which no sink here makes."""

    def writeFrame(self, frame: DynamicFrame, info: str = "") -> DynamicFrame:
        """Appends the frame and tells the service; returns the (empty) frame of errors."""
        if not isinstance(frame, DynamicFrame):
            raise TypeError(f"A sink writes a DynamicFrame, not a {type(frame).__name__}.")
        return self._write(frame, named=is_set(self._given, "useframename"))

    def writeDataFrame(self, data_frame: DataFrame, glue_context: GlueContext, info: str = "") -> DynamicFrame:
        """As writeFrame, of Spark's frame."""
        return self.writeFrame(DynamicFrame.fromDF(data_frame, glue_context, "data_frame"), info)

    def write(self, frame_or_dfc: Frames, info: str = "") -> Frames:
        """As writeFrame; of a collection each frame, in a place of its own name. TypeError for anything else."""
        if isinstance(frame_or_dfc, DynamicFrame):
            return self.writeFrame(frame_or_dfc, info)
        if not isinstance(frame_or_dfc, DynamicFrameCollection):
            found = type(frame_or_dfc).__name__
            raise TypeError(f"A sink writes a DynamicFrame or a DynamicFrameCollection, not a {found}.")
        written = [self._write(frame, named=True) for frame in frame_or_dfc.values()]
        return DynamicFrameCollection(written, self._glue_context)

    def _write(self, frame: DynamicFrame, named: bool) -> DynamicFrame:
        if self._connection_type in DATABASES:
            self._write_rows(frame, named)
        else:
            self._write_files(frame, named)
        return self._glue_context._empty_frame(f"{frame.name}_errors")

    def _write_rows(self, frame: DynamicFrame, named: bool) -> None:
        table = frame.name if named else self._given.get("dbtable")
        if not table:
            raise ValueError("Writing to a database needs the option dbtable: the table to append to.")
        write_rows(frame.toDF(), database_of(self._connection_type, self._options), str(table), self._given)

    def _write_files(self, frame: DynamicFrame, named: bool) -> None:
        if not self._format:
            raise ValueError("A sink needs a format: call setFormat, or give format=.")
        update = is_set(self._given, "enableupdatecatalog")
        service = get_service("enableUpdateCatalog") if update else find_service()
        path, keys = str(self._given["path"]), self._given.get("partitionkeys") or ()
        target = Target(
            location=f"{path.rstrip('/')}/{frame.name}/" if named else path,
            format=self._format,
            options=self._format_options,
            partition_keys=(keys,) if isinstance(keys, str) else tuple(keys),
            compression=self._compression,
            transformation_ctx=self._transformation_ctx,
            database=self._table[0],
            table=self._table[1],
            update_catalog=update,
            update_behavior=self._given.get("updatebehavior") or "UPDATE_IN_DATABASE",
            **({} if service is None else {"run_id": service.run()["run_id"]}),
        )
        if service is None:
            write(frame._node.settled(), target)
            return
        folder = service.stage(target.location)
        report = write(frame._node.settled(), replace(target, location=folder))
        service.written(report.moved(folder, target.location))


def _compression(asked: object) -> str | None:
    if str(asked).lower() == "lzo":
        raise NotProvidedError("the compression 'lzo'")
    return str(asked).lower() if asked else None
