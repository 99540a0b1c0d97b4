"""Catalog tables that lie in a database server: which they are, and what a job needs to read them. Pure."""

from __future__ import annotations

from catalog.model import Table

VENDORS = ("mysql", "oracle", "postgresql", "sqlserver")
_CONNECTION = "connectionName"
_OPTIONS = {name.lower(): name for name in (_CONNECTION, "hashfield", "hashexpression", "hashpartitions")}


def is_jdbc(table: Table) -> bool:
    """Whether the table names a connection and a kind of database that jobs read; its location says where it lies."""
    return table.parameters.get("classification", "").lower() in VENDORS and _CONNECTION in table.parameters


def jdbc_reader(table: Table) -> tuple[str, dict[str, object]]:
    """The kind of database, and the options to read the table, in the words of Glue's connection_options."""
    told = {_OPTIONS[name.lower()]: value for name, value in table.parameters.items() if name.lower() in _OPTIONS}
    return table.parameters["classification"].lower(), dict(told)


def connection_of(table: Table) -> str:
    """The connection that such a table names."""
    return table.parameters[_CONNECTION]
