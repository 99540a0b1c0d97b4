"""Delta: a table as its log in `_delta_log` has it, read by the library of the extra `delta`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pyarrow as pa

from catalog.model import Column, Partition, StorageDescriptor
from catalog.names import escape_partition_value
from catalog.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    Array,
    HiveType,
    Map,
    Struct,
    parse,
)
from crawlers.errors import DriverMissing, Unreadable
from crawlers.logs import Lake, LakeFormat, LakeTable
from crawlers.places import Place, scheme_of
from crawlers.places.aws import find_access

NEEDS_A_JAR = "Spark reads it with Delta's jars (io.delta:delta-spark) on its path, and not without them"
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
# What Spark itself writes for a table that only its data source can read; a plain reader of Parquet would see files
# that the log has removed.
_NATIVE = (
    "org.apache.hadoop.mapred.SequenceFileInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
)
_BY_LIST = (
    "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    f"{_PARQUET}.serde.ParquetHiveSerDe",
)
_TYPES: dict[str, HiveType] = {
    "string": STRING, "long": BIGINT, "integer": INT, "short": SMALLINT, "byte": TINYINT, "float": FLOAT,
    "double": DOUBLE, "boolean": BOOLEAN, "binary": BINARY, "date": DATE, "timestamp": TIMESTAMP,
    "timestamp_ntz": TIMESTAMP,
}  # fmt: skip


def read(place: Place, lake: Lake) -> LakeTable:
    """Raises DriverMissing; Unreadable for a log that is damaged or written by a newer Delta."""
    where = _location(place, lake)
    table = _open(where)
    schema = json.loads(table.schema().to_json())
    keys = list(table.metadata().partition_columns)
    columns = {each["name"]: _column(each) for each in schema["fields"]}
    actions = pa.table(table.get_add_actions(flatten=True))
    described = {"delta.lastUpdateVersion": str(table.version())}
    return LakeTable(
        LakeFormat.DELTA,
        tuple(column for name, column in columns.items() if name not in keys),
        tuple(columns[name] for name in keys),
        _NATIVE,
        {"serialization.format": "1", "path": where.rstrip("/")},
        {"table_type": "delta", "spark.sql.sources.provider": "delta", **described},
        actions.num_rows,
        _sum(actions, "size_bytes"),
        _sum(actions, "num_records"),
        (NEEDS_A_JAR,),
    )


def write_manifest(where: str) -> None:
    """Write the list of the table's files into its folder. Raises what `read` raises."""
    _tried(_open(where).generate)


def listed_for_others(place: Place, table: LakeTable) -> LakeTable:
    """The same table by the list of its files, for readers that do not know Delta. Raises what `read` raises."""
    log = _open(place.root)
    location = f"{place.root}_symlink_format_manifest/"
    names = list(log.metadata().partition_columns)
    actions = pa.table(log.get_add_actions(flatten=True))
    found = zip(*(actions.column(f"partition.{name}").cast(pa.string()).to_pylist() for name in names), strict=True)
    partitions = tuple(_partition(location, names, values) for values in dict.fromkeys(found)) if names else ()
    notes = (
        "readers see the files that the list in _symlink_format_manifest names, which is as old as its last writing",
    )
    parameters = {name: value for name, value in table.parameters.items() if name.startswith("delta.")}
    return replace(
        table,
        classes=_BY_LIST,
        serde_parameters={"serialization.format": "1"},
        parameters=parameters,
        notes=notes,
        location=location,
        partitions=partitions,
    )


def _partition(location: str, names: list[str], values: tuple[str | None, ...]) -> Partition:
    texts = tuple("__HIVE_DEFAULT_PARTITION__" if value is None else value for value in values)
    folders = "".join(f"{name}={escape_partition_value(text)}/" for name, text in zip(names, texts, strict=True))
    return Partition(texts, StorageDescriptor(location=location + folders), {})


def _location(place: Place, lake: Lake) -> str:
    return place.root + "".join(f"{name}/" for name in lake.path)


def _open(where: str) -> Any:
    try:
        from deltalake import DeltaTable
    except ImportError as error:
        why = "pip install 'isinglass[delta]'"
        raise DriverMissing(place=where, scheme="Delta tables, delta", why=why) from error
    options = dict(find_access().options) if scheme_of(where).startswith("s3") else None
    return _tried(lambda: DeltaTable(where.removeprefix("file://"), storage_options=options))


def _tried(work: Any) -> Any:
    try:
        return work()
    except Exception as error:  # the library raises a dozen kinds
        why = str(error).partition("\n")[0][:300]
        raise Unreadable(why=f"its Delta log cannot be read ({why})") from error


def _sum(actions: pa.Table, name: str) -> int:
    return sum(value or 0 for value in actions.column(name).to_pylist()) if name in actions.column_names else 0


def _column(shape: dict[str, Any]) -> Column:
    return Column(shape["name"], str(hive_type(shape["type"])), shape.get("metadata", {}).get("comment"))


def hive_type(shape: Any) -> HiveType:
    """The type of a schema as Delta's log spells it: a name, or an object with a `type`."""
    if isinstance(shape, str):
        return parse(shape) if shape.startswith("decimal") else _TYPES.get(shape, STRING)
    match shape["type"]:
        case "array":
            return Array(hive_type(shape["elementType"]))
        case "map":
            return Map(hive_type(shape["keyType"]), hive_type(shape["valueType"]))
        case "struct":
            return Struct(tuple((each["name"].lower(), hive_type(each["type"])) for each in shape["fields"]))
    return STRING
