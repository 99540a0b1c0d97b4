"""The resource policy before the schema: what it denies in the names of Glue's actions is neither done nor told here.

A field does what one or several actions of Glue's do; if it denies one of these, it denies the field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.auth.paths import (
    Paths,
    actions_of,
    all_in,
    connection_paths,
    database_paths,
    function_paths,
    table_paths,
)
from api.graphql.context import Context
from api.graphql.databases import Database
from api.graphql.functions import UserDefinedFunction
from api.graphql.partitions import Partition
from api.graphql.stored_connections import Connection
from api.graphql.tables import Table
from api.graphql.versions import TableVersion

# Those objects that it may deny, and what is read by telling one.
TOLD: dict[type, tuple[str, ...]] = {
    Database: actions_of("Get", "Database"),
    Table: actions_of("Get", "Table"),
    TableVersion: actions_of("Get", "TableVersion"),
    Partition: actions_of("Get", "Partition"),
    UserDefinedFunction: actions_of("Get", "UserDefinedFunction"),
    Connection: actions_of("Get", "Connection"),
}
# What their fields read beside them.
FIELDS: dict[tuple[type, str], tuple[str, ...]] = {
    (Table, "partitions"): actions_of("Get", "Partition"),
    (Table, "partitionCount"): actions_of("Get", "Partition"),
    (Table, "partitionIndexes"): actions_of("Get", "PartitionIndex"),
    (Table, "columnStatistics"): actions_of("Get", "ColumnStatisticsForTable"),
    (Partition, "columnStatistics"): actions_of("Get", "ColumnStatisticsForPartition"),
    **{(Table, name): actions_of("Get", "TableVersion") for name in ("versions", "changes", "asOf", "diff")},
}
_OF_A_TABLE = (
    "TableVersion",
    "Partition",
    "PartitionIndex",
    "ColumnStatisticsForTable",
    "ColumnStatisticsForPartition",
)
_VERBS = {"create": "Create", "update": "Update", "delete": "Delete", "restore": "Update", "test": "Test"}


def demand_done(context: Context, mutation: str, arguments: Mapping[str, Any]) -> None:
    """Raises ExplicitlyDenied."""
    found = done(mutation, arguments.get("input", {}))
    if found is not None:
        actions, paths, trees = found
        context.demand_undenied(actions, paths, mutation, trees)


def demand_told(context: Context, value: object) -> None:
    """Raises ExplicitlyDenied."""
    if (paths := _paths(value)) is not None:
        context.demand_undenied(TOLD[type(value)], paths, type(value).__name__)


def demand_field(context: Context, value: object, name: str) -> None:
    """Raises ExplicitlyDenied."""
    if (paths := _paths(value)) is not None:
        context.demand_undenied(FIELDS[type(value), name], paths, name)


def done(mutation: str, given: Mapping[str, Any]) -> tuple[Sequence[str], Paths, Paths] | None:
    """What a mutation does, and to what; None for one that does nothing to the catalog's own."""
    name = mutation.removeprefix("batch")
    name = name[:1].lower() + name[1:]
    verb = next((each for each in _VERBS if name.startswith(each)), None)
    if verb is None:
        return None
    noun = name.removeprefix(verb)
    noun = "Table" if verb == "restore" else noun
    actions = actions_of(_VERBS[verb], noun)
    if not actions:
        return None
    if noun == "Database":
        return actions, database_paths(given["name"]), all_in(given["name"]) if verb == "delete" else ()
    if noun == "Connection":
        return actions, connection_paths(given["name"]), ()
    if noun == "UserDefinedFunction":
        names = (given["name"], given.get("newName") or given["name"])
        return actions, tuple(path for each in names for path in function_paths(given["database"], each)), ()
    return actions, table_paths(given["database"], given["table" if noun in _OF_A_TABLE else "name"]), ()


def _paths(value: object) -> Paths | None:
    match value:
        case Database(name=name):
            return database_paths(name)
        case Table() | TableVersion() | Partition():
            return table_paths(*value.key()[:2])
        case UserDefinedFunction():
            return function_paths(*value.key()[:2])
        case Connection(name=name):
            return connection_paths(name)
    return None
