"""StreamingDataSource: a stream to read from, set up step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as spark
from pyspark.sql.streaming.readwriter import DataStreamReader

from awsglue._formats import folded
from awsglue._missing import NotProvidedError
from awsglue._service import get_service
from awsglue._sparktypes import struct_to_spark
from awsglue._streaming import kafka_options
from awsglue.gluetypes import StructType

if TYPE_CHECKING:
    from awsglue.context import GlueContext

_FILES = ("s3", "file", "parquet", "orc", "csv", "json", "text")
_PARSED = ("json", "csv")


class StreamingDataSource:
    """A stream: kafka (with Spark's Kafka jars), rate, or files that arrive in a folder, whose `schema` is an option.

    NotProvidedError for another kind, kinesis among them.
    """

    def __init__(
        self,
        glue_context: GlueContext,
        connection_type: str,
        transformation_ctx: str = "",
        options: Mapping[str, Any] | None = None,
    ) -> None:
        if connection_type not in ("kafka", "rate", *_FILES):
            known = ", ".join(("kafka", "rate", *_FILES))
            raise NotProvidedError(f"streams of the connection type {connection_type!r}", f"It reads {known}.")
        self._glue_context = glue_context
        self._connection_type = connection_type
        self._options = dict(options or {})
        self._format = "" if connection_type in ("s3", "file") else connection_type
        self._format_options: dict[str, Any] = {}

    def setFormat(self, format: str, **options: Any) -> None:
        """The format of the files or, of Kafka, of the messages; and its options in Spark's words."""
        self._format = format.lower()
        self._format_options |= options

    def getFrame(self) -> DataFrame:
        """The stream as Spark's frame; a stream has no dynamic frame."""
        return self.getDataFrame()

    def getDataFrame(self) -> DataFrame:
        """The stream as Spark's frame. ValueError where something needed is missing."""
        if self._connection_type == "kafka":
            return self._kafka()
        if self._connection_type == "rate":
            return self._reader("rate").load()
        return self._files()

    def _reader(self, format: str) -> DataStreamReader:
        known = {name: value for name, value in self._options.items() if name not in ("path", "paths", "schema")}
        reader = self._glue_context.sparkSession.readStream.format(format)
        return reader.options(**known, **self._format_options)

    def _files(self) -> DataFrame:
        given = folded(self._options)
        paths = given.get("paths") or given.get("path")
        schema = _schema(given.get("schema"))
        if not self._format or not paths or schema is None:
            raise ValueError("A stream of files needs a format, path (one folder) and schema.")
        if not isinstance(paths, str):
            if len(paths) != 1:
                raise ValueError("A stream of files has one path; write {a,b} in it for several folders.")
            paths = paths[0]
        return self._reader(self._format).schema(schema).load(paths)

    def _kafka(self) -> DataFrame:
        session, given = self._glue_context.sparkSession, folded(self._options)
        options = kafka_options(session, self._options, _servers(given.get("connectionname")))
        messages = session.readStream.format("kafka").options(**options).load()
        return parsed(messages, given, self._format)


def parsed(messages: DataFrame, given: Mapping[str, Any], format: str) -> DataFrame:
    """Kafka's messages: their columns where a schema says them (of JSON or CSV), else their text as `value`."""
    classification = str(given.get("classification") or (format if format in _PARSED else "")).lower()
    schema = _schema(given.get("schema"))
    text = F.col("value").cast("string")
    if schema is None or classification not in _PARSED:
        return messages.withColumn("value", text)
    separator = {"sep": str(given["delimiter"])} if given.get("delimiter") else {}
    ddl = schema if isinstance(schema, str) else schema.toDDL()
    read = F.from_json(text, ddl) if classification == "json" else F.from_csv(text, ddl, separator)
    return messages.select(read.alias("value")).select("value.*")


def _schema(given: Any) -> spark.StructType | str | None:
    if isinstance(given, StructType):
        return struct_to_spark(given)
    return given.strip("` ").replace("`", "") if isinstance(given, str) else given


def _servers(connection: Any) -> str | None:
    if not connection:
        return None
    return get_service(f"The connection {connection}").connection(str(connection)).get("KAFKA_BOOTSTRAP_SERVERS")
