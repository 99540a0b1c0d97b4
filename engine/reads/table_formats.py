"""Which format a table's files are of and how they are read; how the catalog stores a format that jobs write. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from catalog.model import SerDe, Table
from engine.errors import UnsupportedSource
from engine.reads.jdbc_tables import is_jdbc, jdbc_reader

_HIVE_TEXT = (
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
)
_STORED_AS = {
    "avro": (
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    ),
    "csv": (*_HIVE_TEXT, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
    "json": (*_HIVE_TEXT, "org.openx.data.jsonserde.JsonSerDe"),
    "parquet": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
}
_FORMAT_OF_SERDE = {
    "avroserde": "avro",
    "grokserde": "grokLog",
    "ionhiveserde": "ion",
    "jsonserde": "json",
    "lazysimpleserde": "csv",
    "opencsvserde": "csv",  # spelled …Serde by Hive, …SerDe in Glue's classifiers
    "orcserde": "orc",
    "parquethiveserde": "parquet",
}
_FORMATS = {kind.lower(): kind for kind in ("avro", "csv", "grokLog", "ion", "json", "orc", "parquet", "xml")}
_LAKES = ("delta", "hudi", "iceberg")
_STREAMS = ("kafka", "kinesis")


def stored_as(format: str) -> tuple[str, str, str]:
    """Input format, output format and SerDe of a format that jobs write. Raises UnsupportedSource."""
    if format not in _STORED_AS:
        raise UnsupportedSource(what=f"format {format}", why=f"the catalog takes in {', '.join(sorted(_STORED_AS))}.")
    return _STORED_AS[format]


def reader_of(table: Table) -> tuple[str, dict[str, object]]:
    """The format of a table's files, and the options to read them, in the words of Glue's format_options.

    A lake's own comes first: delta, hudi or iceberg. Else the SerDe says it; where that is none of a format, or reads
    any text, the table's classification does.
    A table of a database server has its connection among the options instead. Raises UnsupportedSource, naming the
    SerDe.
    """
    if is_jdbc(table):
        return jdbc_reader(table)
    lake = lake_of(table)
    if lake is not None:
        return lake, {}
    serde = table.storage.serde
    name = (serde.library or "").rpartition(".")[2].lower()
    classified = _FORMATS.get(table.parameters.get("classification", "").lower())
    kind = _FORMAT_OF_SERDE.get(name)
    if classified is not None and (kind is None or name == "lazysimpleserde"):
        kind = classified
    if kind is None:
        why = f"jobs do not read SerDe {serde.library or 'none'} yet, and its classification names no format they read."
        raise UnsupportedSource(what=f"table {table.database}.{table.name}", why=why)
    if kind == "csv":
        return kind, _csv_options(table, name)
    return kind, _options(kind, {**table.parameters, **serde.parameters})


def known_format(name: str) -> str:
    """A format that jobs read, however it is written. Raises UnsupportedSource."""
    if name.lower() not in _FORMATS:
        raise UnsupportedSource(what=f"format {name}", why=f"jobs read {', '.join(sorted(_FORMATS.values()))}.")
    return _FORMATS[name.lower()]


def lake_of(table: Table) -> str | None:
    """delta, hudi or iceberg, if the table says that it is one of those."""
    told = {table.parameters.get(name, "").lower() for name in ("table_type", "spark.sql.sources.provider")}
    return next((each for each in _LAKES if each in told), None)


def demand_plain_files(table: Table) -> None:
    """Raises UnsupportedSource for a table whose own log says which of its files count (not all of them do), and for
    one that describes a stream.
    """
    lake = lake_of(table)
    if lake is None and (table.storage.input_format or "").endswith(".SymlinkTextInputFormat"):
        lake = "delta"
    if lake is not None:
        why = f"it is a {lake} table. Read it as a DataFrame of that format, with --datalake-formats {lake}."
        raise UnsupportedSource(what=f"table {table.database}.{table.name} as a dynamic frame", why=why)
    stream = table.storage.parameters.get("typeOfData", "").lower()
    if stream in _STREAMS:
        why = f"it is a stream of {stream}. Kafka's are read by create_data_frame.from_options, without a table."
        raise UnsupportedSource(what=f"table {table.database}.{table.name}", why=why)


def _options(kind: str, told: Mapping[str, str]) -> dict[str, object]:
    """What a table's parameters say about reading a format that is not CSV."""
    if kind == "grokLog":
        named = {"logFormat": told.get("input.format"), "customPatterns": told.get("input.grokCustomPatterns")}
        return {name: text for name, text in named.items() if text}
    if kind == "avro":
        return {"version": "1.8"}  # the table declares dates and decimals, so they are read as such
    wanted = {"json": _JSON_OPTIONS, "xml": _XML_OPTIONS}.get(kind, {})
    return {wanted[name.lower()]: value for name, value in told.items() if name.lower() in wanted}


_JSON_OPTIONS = {name.lower(): name for name in ("multiLine", "jsonPath")}
_XML_OPTIONS = {
    name.lower(): name
    for name in (
        *("rowTag", "encoding", "excludeAttribute", "treatEmptyValuesAsNulls", "attributePrefix", "valueTag"),
        *("ignoreSurroundingSpaces", "withSchema"),
    )
}


def _csv_options(table: Table, serde: str) -> dict[str, object]:
    given = table.storage.serde.parameters
    told = {name.lower(): value for name, value in {**table.parameters, **given}.items()}
    options: dict[str, object] = {}
    if serde == "opencsvserde":
        options = _open_csv_options(given)
    elif serde:
        options = _lazy_options(table.storage.serde)
    elif "delimiter" in told:
        options = {"separator": told["delimiter"]}
    if "multiline" in told:
        options["multiLine"] = told["multiline"]
    for name, option in (("serialization.encoding", "encoding"), ("serialization.null.format", "nullValue")):
        if name in given:
            options[option] = given[name]
    return {**options, "withHeader": told.get("skip.header.line.count", "0") != "0"} if options or serde else {}


def _open_csv_options(given: Mapping[str, str]) -> dict[str, object]:
    """OpenCSV knows two ways to write a quote inside quotes: doubled, or after the escape sign; a reader, one.

    Its default sign, the backslash, stands in nearly every definition and in few files; the option `escape` means it.
    """
    escape = given.get("escapeChar") or "\\"
    return {
        "separator": given.get("separatorChar") or ",",
        "quoteChar": given.get("quoteChar") or '"',
        "escaper": given.get("escape") or (None if escape == "\\" else escape),
    }


def _lazy_options(serde: SerDe) -> dict[str, object]:
    separator = serde.parameters.get("field.delim") or serde.parameters.get("serialization.format") or "1"
    escaper = serde.parameters.get("escape.delim")
    return {"separator": _sign(separator), "quoteChar": '"', "escaper": escaper and _sign(escaper)}


def _sign(text: str) -> str:
    """A delimiter of LazySimpleSerDe: as Hive reads it, the code of a sign (`1` is Ctrl-A, `9` a tab), or a sign."""
    return chr(int(text)) if re.fullmatch("[0-9]{1,3}", text) and int(text) < 128 else text
