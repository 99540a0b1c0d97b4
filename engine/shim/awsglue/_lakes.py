"""Tables of Delta, Hudi and Iceberg: Spark's frames, read and written by the jars that a job brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from awsglue._plans import CatalogTable

LAKES = ("delta", "hudi", "iceberg")
_ICEBERGS = "glue_catalog"  # as --datalake-formats sets it up: Iceberg's tables are known by name, not by place
_OF_GLUE = (
    *("path", "paths", "partitionkeys", "enableupdatecatalog", "updatebehavior"),
    *("usecatalogschema", "usesparkdatasource"),
)


def read_lake(session: SparkSession, format: str, path: str, options: Mapping[str, Any]) -> DataFrame:
    """The table of that format at a path; `options` are its own reader's."""
    return session.read.format(format).options(**_of_format(options)).load(path)


def read_lake_table(session: SparkSession, table: CatalogTable, options: Mapping[str, Any]) -> DataFrame:
    """A table of the catalog."""
    if table.format != "iceberg":
        return read_lake(session, table.format, table.location, options)
    return session.read.options(**_of_format(options)).table(_name(table))


def append_to_lake_table(frame: DataFrame, table: CatalogTable, options: Mapping[str, Any]) -> None:
    """Appends to a table of the catalog; `options` are its own writer's."""
    given = _of_format(options)
    if table.format == "iceberg":
        frame.writeTo(_name(table)).options(**given).append()
    else:
        frame.write.format(table.format).options(**given).mode("append").save(table.location)


def _name(table: CatalogTable) -> str:
    return ".".join([_ICEBERGS, *(f"`{name.replace('`', '``')}`" for name in (table.database, table.table))])


def _of_format(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name.lower() not in _OF_GLUE}
