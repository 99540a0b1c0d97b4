"""Tables of Delta, Hudi and Iceberg: Spark's frames, read and written by the jars that a job brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession

from awsglue._missing import NotProvidedError
from awsglue._plans import CatalogTable

LAKES = ("delta", "hudi", "iceberg")
_ICEBERGS = "glue_catalog"  # as --datalake-formats sets it up: Iceberg's tables are known by name, not by place
_OF_GLUE = (
    *("path", "paths", "partitionkeys", "enableupdatecatalog", "updatebehavior"),
    *("usecatalogschema", "usesparkdatasource"),
)


def read_lake(session: SparkSession, format: str, path: str, options: Mapping[str, Any]) -> DataFrame:
    """The table of that format at a path; `options` are its own reader's. NotProvidedError without its jars."""
    with _jars_of(format):
        return session.read.format(format).options(**_of_format(options)).load(path)


def read_lake_table(session: SparkSession, table: CatalogTable, options: Mapping[str, Any]) -> DataFrame:
    """A table of the catalog."""
    if table.format != "iceberg":
        return read_lake(session, table.format, table.location, options)
    return session.read.options(**_of_format(options)).table(_name(table))


def append_to_lake_table(frame: DataFrame, table: CatalogTable, options: Mapping[str, Any]) -> None:
    """Appends to a table of the catalog; `options` are its own writer's. NotProvidedError without its jars."""
    given = _of_format(options)
    if table.format == "iceberg":
        frame.writeTo(_name(table)).options(**given).append()
    else:
        with _jars_of(table.format):
            frame.write.format(table.format).options(**given).mode("append").save(table.location)


@contextmanager
def _jars_of(format: str) -> Iterator[None]:
    """Spark's word that it has no source of a format becomes the argument that brings it."""
    try:
        yield
    except Py4JJavaError as error:
        if "DATA_SOURCE_NOT_FOUND" not in str(error):
            raise
        way_out = f"Give the job --datalake-formats {format}, with Spark's jars for it."
        raise NotProvidedError(f"{format} without Spark's source of it", way_out) from error


def _name(table: CatalogTable) -> str:
    return ".".join([_ICEBERGS, *(f"`{name.replace('`', '``')}`" for name in (table.database, table.table))])


def _of_format(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name.lower() not in _OF_GLUE}
