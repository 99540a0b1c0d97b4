"""Writing frames as files: what was written is learnt from the write itself, never by a second pass or a listing.

The row count and the partitions touched are observed metrics of the one Spark job that writes. Files carry a name no
other write has (`mapreduce.output.basename`), so that the one empty file Spark leaves for a frame without rows can be
found and removed.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from awsglue._avro import avro_ready
from awsglue._avro_by_name import AVRO
from awsglue._casts import cast_part
from awsglue._formats import WRITE_FORMATS, csv_writing, folded, is_unquoted, parquet_writing, writing_codec
from awsglue._missing import NotProvidedError
from awsglue._paths import Path
from awsglue._plans import NULL_PARTITION, Declared, Written
from awsglue._settling import settled
from awsglue._tree import Part, Typed, column_named, from_parts, parts_of, rewrite
from awsglue._typetext import hive_text
from awsglue._unquoted_csv import UNQUOTED_OPTIONS, unquoted
from awsglue._writable import check_names, check_writable
from awsglue.gluetypes import (
    ArrayType,
    ChoiceType,
    MapType,
    NullType,
    SetType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

_NO_CSV_FORM = (ArrayType, ChoiceType, MapType, SetType, StructType)


@dataclass(frozen=True)
class Target:
    """Where and how a sink writes, and what the catalog is to be told. `options` are Glue's format options."""

    location: str
    format: str
    options: dict[str, Any] = field(default_factory=dict)
    partition_keys: tuple[str, ...] = ()
    compression: str | None = None
    run_id: str = "local"
    transformation_ctx: str = ""
    database: str | None = None
    table: str | None = None
    update_catalog: bool = False
    update_behavior: str = "UPDATE_IN_DATABASE"


def write(typed: Typed, target: Target) -> Written:
    """Appends the frame's rows to the target as files, partition keys as k=v folders.

    Choices nobody resolved are written as structs with one member per type, fields that are always null as strings.
    A frame without rows leaves no file. One without fields, as JSON without records is, is not written and describes
    no table, so that a run with nothing new to read cannot empty a table's schema. NotProvidedError for a format or
    compression not known, UnwritableError for a field that the format cannot hold, PartitionKeyMissingError for a
    partition key that is no field; all before anything is written.
    """
    form = WRITE_FORMATS.get(target.format.lower())
    if form is None:
        raise NotProvidedError(f"writing the format {target.format!r}", f"It writes {', '.join(WRITE_FORMATS)}.")
    codec = writing_codec(form, folded(target.options), target.compression)
    sink = f"{form} at {target.location}"
    check_names(typed.type, sink)
    ready = rewrite(settled(typed), _without_nulls)
    if not ready.type.fields:
        return _report(ready, replace(target, partition_keys=(), update_catalog=False), {"rows": 0})
    check_writable(ready.type, form, target.partition_keys, sink)
    mark = f"run-{target.run_id}-{uuid.uuid4().hex}"
    found = _write_observed(ready, target, form, codec, mark)
    if not found["rows"]:
        _remove_marked(typed.frame, target.location, mark)
    return _report(ready, target, found)


def _without_nulls(path: Path, part: Part) -> Sequence[Part]:
    return [cast_part(part, StringType())] if isinstance(part.type, NullType) else [part]


def _csv_ready(typed: Typed, keys: Sequence[str]) -> Typed:
    """Nested values as JSON text, and instants in the form Hive reads, neither of which Spark's CSV writes itself."""
    return from_parts(typed, [part if part.name in keys else _csv_part(part) for part in parts_of(typed)])


def _csv_part(part: Part) -> Part:
    if isinstance(part.type, _NO_CSV_FORM):
        return Part(part.name, StringType(), F.to_json(part.column))
    return cast_part(part, StringType()) if isinstance(part.type, TimestampType | TimestampNTZType) else part


@dataclass(frozen=True)
class _Layout:
    """A frame as one of Spark's writers takes it: the frame, the writer's format and its options."""

    frame: DataFrame
    format: str
    options: dict[str, str]


def _write_observed(typed: Typed, target: Target, form: str, codec: str | None, mark: str) -> dict[str, Any]:
    seen = Observation()
    metrics = [F.count(F.lit(1)).alias("rows")]
    if target.partition_keys:
        metrics.append(
            F.collect_set(F.array([_key_text(typed.frame, key) for key in target.partition_keys])).alias("keys")
        )
    layout = _laid_out(replace(typed, frame=typed.frame.observe(seen, *metrics)), target, form, codec)
    options = {
        **layout.options,
        "mapreduce.output.basename": mark,
        "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    }
    writer = layout.frame.write.format(layout.format).mode("append").options(**options)
    writer.partitionBy(*target.partition_keys).save(target.location)
    return seen.get


def _laid_out(typed: Typed, target: Target, form: str, codec: str | None) -> _Layout:
    options = folded(target.options)
    packed = {"compression": codec} if codec else {}
    if form == "csv":
        text = _csv_ready(typed, target.partition_keys)
        if is_unquoted(options):
            joined = unquoted(text, target.partition_keys, options)
            return _Layout(joined, "csv", {**csv_writing(options), **packed, **UNQUOTED_OPTIONS})
        return _Layout(text.frame, "csv", {**csv_writing(options), **packed})
    if form == "avro":
        return _Layout(avro_ready(typed, options).frame, AVRO, packed)
    return _Layout(typed.frame, form, {**(parquet_writing(options) if form == "parquet" else {}), **packed})


def _key_text(frame: DataFrame, key: str) -> Column:
    """A partition value as the writer spells it: null and the empty text have one folder of their own."""
    text = column_named(frame, key).cast("string")
    return F.when(F.coalesce(text, F.lit("")) == "", NULL_PARTITION).otherwise(text)


def _remove_marked(frame: DataFrame, location: str, mark: str) -> None:
    session = frame.sparkSession
    folder = _java(session).org.apache.hadoop.fs.Path(location)
    files = folder.getFileSystem(session._jsparkSession.sessionState().newHadoopConf())
    for status in files.listStatus(folder):
        if status.getPath().getName().startswith(mark):
            files.delete(status.getPath(), False)


def _folders(frame: DataFrame, target: Target, found: dict[str, Any]) -> dict[tuple[str, ...], str]:
    """The folder of each partition that was written to, by its values."""
    escape = _java(frame.sparkSession).org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils.escapePathName
    base = target.location.rstrip("/")
    steps = {
        tuple(values): [f"{escape(k)}={escape(v)}" for k, v in zip(target.partition_keys, values, strict=True)]
        for values in sorted(found.get("keys", []))
    }
    return {values: f"{base}/{'/'.join(parts)}/" for values, parts in steps.items()}


def _java(session: SparkSession) -> Any:
    """The JVM of a session, untyped as py4j is: the writer's own rules are asked there, not written again here."""
    return session._jvm


def _report(typed: Typed, target: Target, found: dict[str, Any]) -> Written:
    columns = {f.name: Declared(f.name, hive_text(f.dataType)) for f in typed.type.fields}
    folders = _folders(typed.frame, target, found)
    return Written(
        transformation_ctx=target.transformation_ctx,
        database=target.database,
        table=target.table,
        location=target.location,
        format=target.format,
        options=dict(target.options),
        columns=tuple(column for name, column in columns.items() if name not in target.partition_keys),
        partition_keys=tuple(columns[key] for key in target.partition_keys),
        partitions=tuple({"values": list(values), "location": folder} for values, folder in folders.items()),
        update_catalog=target.update_catalog,
        update_behavior=target.update_behavior,
        rows=found["rows"],
    )
