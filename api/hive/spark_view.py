"""How Spark is shown a table of text files, so that it reads it with its own readers.

The catalog stores csv, json and xml tables as AWS Glue does: with the SerDe a Hive reader would load. Spark does not
read those rightly: it hands a header line out as a row, and it has no JSON SerDe of openx. It does read them rightly as
tables of its own "data sources", which it recognises by table parameters (provider, schema) and to which it passes the
SerDe's parameters as options. So these are added to what goes out, and taken off what comes back (see `write_back`):
the stored table never has them. A table that carries parameters of Spark's own is shown as it is. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from api.hive.spark_types import schema_json
from catalog import types
from catalog.errors import InvalidType
from catalog.model import Column, Parameters, Table

SOURCES = "spark.sql.sources."
PROVIDER = "spark.sql.sources.provider"
SCHEMA = "spark.sql.sources.schema"

LAZY_SERDE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_OPEN_CSV = "org.apache.hadoop.hive.serde2.opencsvserde"  # spelled …Serde by Hive, …SerDe in Glue's classifiers
_JSON = (
    "org.openx.data.jsonserde.JsonSerDe",
    "org.apache.hive.hcatalog.data.JsonSerDe",
    "org.apache.hadoop.hive.serde2.JsonSerDe",
)


@dataclass(frozen=True)
class View:
    """What is added to a table: parameters of the table, and of its SerDe (the reader's options).

    An option that the SerDe has already is not among them: who set it there meant it.
    """

    parameters: Parameters
    options: Parameters


def shown(table: Table) -> Table:
    """`table` as Spark is to see it."""
    view = view_of(table)
    if view is None:
        return table
    serde = replace(table.storage.serde, parameters={**table.storage.serde.parameters, **view.options})
    return replace(
        table, parameters={**table.parameters, **view.parameters}, storage=replace(table.storage, serde=serde)
    )


def spark_lacks(library: str | None) -> bool:
    """Whether Spark's client has no such SerDe; without any it fails too, as for XML, which has none in Hive."""
    return library is None or library in _JSON


def loadable(table: Table) -> Table:
    """A shown table with a SerDe that Spark's client has, in place of one that it lacks.

    It uses neither, but it would log two pages of errors at every look at the table. LazySimpleSerDe is what Spark
    names in the JSON tables it makes itself. Clients of later Hives than Spark's, who may have the class, are told it.
    """
    if SCHEMA not in table.parameters or not spark_lacks(table.storage.serde.library):
        return table
    return replace(table, storage=replace(table.storage, serde=replace(table.storage.serde, library=LAZY_SERDE)))


def is_spark_s(table: Table) -> bool:
    """Whether the table carries what Spark writes about its own tables."""
    return any(name.startswith(SOURCES) for name in table.parameters)


def view_of(table: Table) -> View | None:
    """What is added to `table`. None if it is shown as it is: no text table, Spark's own, or not for Spark to read."""
    if table.storage.location is None or is_spark_s(table):
        return None
    found = _reader(table)
    if found is None:
        return None
    provider, options, columns = found
    try:
        schema = schema_json((*columns, *table.partition_keys))
    except InvalidType:
        return None
    parameters = {PROVIDER: provider, SCHEMA: schema}
    if table.partition_keys:
        parameters["spark.sql.partitionProvider"] = "catalog"
        parameters["spark.sql.sources.schema.numPartCols"] = str(len(table.partition_keys))
        for at, key in enumerate(table.key_names):
            parameters[f"spark.sql.sources.schema.partCol.{at}"] = key
    options = {"path": table.storage.location, **options}
    given = table.storage.serde.parameters
    return View(parameters, {name: value for name, value in options.items() if name not in given})


# ── which reader, with which options ─────────────────────────────────────────────────────────────────────────────────


def _reader(table: Table) -> tuple[str, Parameters, tuple[Column, ...]] | None:
    """Spark's data source for the table, the options it needs, and the columns as that source names them."""
    library, columns = table.storage.serde.library or "", table.storage.columns
    classification = table.parameters.get("classification", "").lower()
    if library.lower() == _OPEN_CSV:
        text = all(column.type.lower() == "string" for column in columns)
        return ("csv", _open_csv_options(table), columns) if text else None
    if library == LAZY_SERDE and (classification == "csv" or "skip.header.line.count" in table.parameters):
        return ("csv", _csv_options(table), columns) if all(_is_flat(column.type) for column in columns) else None
    if library in _JSON or (not library and classification == "json"):
        named = _named_as_in_files(table)
        return None if named is None else ("json", _multi_line(table), named)
    if classification == "xml" and "rowTag" in table.storage.serde.parameters:
        return "xml", {}, columns  # the SerDe parameter rowTag is the option already
    return None


def _csv_options(table: Table) -> Parameters:
    given = table.storage.serde.parameters
    options = {
        **_shared_csv_options(table),
        "sep": given.get("field.delim") or table.parameters.get("delimiter") or "\x01",
        "escape": given.get("escape.delim") or '"',
    }
    if "serialization.null.format" in given:
        options["nullValue"] = given["serialization.null.format"]
    return options


def _open_csv_options(table: Table) -> Parameters:
    """Spark knows one way to write a quote inside quotes, OpenCSV two: doubled (RFC 4180), or after the escape sign.

    Its default sign, the backslash, stands in nearly every definition and in few files, so doubling is assumed unless
    another sign is named; an owner who knows better sets the option `escape` on the SerDe.
    """
    given = table.storage.serde.parameters
    quote, escape = given.get("quoteChar") or '"', given.get("escapeChar") or "\\"
    return {
        **_shared_csv_options(table),
        "sep": given.get("separatorChar") or ",",
        "quote": quote,
        "escape": quote if escape == "\\" else escape,
    }


def _shared_csv_options(table: Table) -> Parameters:
    options = {"header": "true"} if table.parameters.get("skip.header.line.count", "0") != "0" else {}
    if encoding := table.storage.serde.parameters.get("serialization.encoding"):
        options["encoding"] = encoding
    return options | _multi_line(table)


def _multi_line(table: Table) -> Parameters:
    """Whether a record may span lines is no Hive setting; Glue's readers call it `multiline`."""
    for name, value in {**table.parameters, **table.storage.serde.parameters}.items():
        if name.lower() == "multiline":
            return {"multiLine": value.lower()}
    return {}


@lru_cache(maxsize=1024)
def _is_flat(text: str) -> bool:
    """Spark's csv reader takes no nested and no binary columns."""
    try:
        kind = types.parse(text)
    except InvalidType:
        return False
    return isinstance(kind, types.Primitive | types.Decimal | types.Text) and kind != types.BINARY


def _named_as_in_files(table: Table) -> tuple[Column, ...] | None:
    """The columns in the spelling of the files, because Spark's JSON reader minds the case of a key and Hive does not.

    The SerDe's `paths` lists the keys as they are spelled, and `mapping.<column>` names a column's key. None if a
    column is mapped to a key of another name: Spark cannot rename, so its values would silently be null.
    """
    given = table.storage.serde.parameters
    spelled = {path.lower(): path for path in given.get("paths", "").split(",")}
    named = []
    for column in table.storage.columns:
        key = given.get(f"mapping.{column.name}") or spelled.get(column.name, column.name)
        if key.lower() != column.name:
            return None
        named.append(replace(column, name=key))
    return tuple(named)
