"""What a resource policy may say of one of Glue's operations: the paths of what it is done to, and of what it tells.

After the resources that AWS lists for each action.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.auth.paths import ANY, Paths, all_in, connection_paths, database_paths, function_paths, table_paths
from api.auth.policy import CATALOG


def paths_of(operation: str, asked: Mapping[str, Any]) -> Paths:
    """What the operation, one of policy.ACTIONS, is done to. A list's items are named by a star."""
    if "ResourcePolic" in operation or operation == "GetCatalogImportStatus":
        return (CATALOG,)
    if operation == "GetMapping":
        entries = [asked["Source"], *(asked.get("Sinks") or ())]
        return tuple(path for each in entries for path in table_paths(each["DatabaseName"], each["TableName"]))
    if "Connection" in operation:
        return connection_paths(*(_connections(asked) or ([ANY] if operation == "GetConnections" else [])))
    if operation == "SearchTables":
        return table_paths(ANY, ANY)
    if "Database" in operation:
        names = [name for name in (asked.get("Name"), asked.get("DatabaseInput", {}).get("Name")) if name]
        return tuple(path for name in names or [ANY] for path in database_paths(name))
    database = asked.get("DatabaseName", ANY)
    if "UserDefinedFunction" in operation:
        names = [
            name for name in (asked.get("FunctionName"), asked.get("FunctionInput", {}).get("FunctionName")) if name
        ]
        return tuple(path for name in names or [ANY] for path in function_paths(database, name))
    return table_paths(database, *(_tables(operation, asked) or [ANY]))


def trees_of(operation: str, asked: Mapping[str, Any]) -> Paths:
    return all_in(asked["Name"]) if operation == "DeleteDatabase" else ()


# The member of a list's answer that holds its items, and the paths of one.
ITEMS: dict[str, tuple[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Paths]]] = {
    "GetDatabases": ("DatabaseList", lambda _, item: database_paths(item["Name"])),
    "GetTables": ("TableList", lambda asked, item: table_paths(asked["DatabaseName"], item["Name"])),
    "SearchTables": ("TableList", lambda _, item: table_paths(item["DatabaseName"], item["Name"])),
    "GetUserDefinedFunctions": (
        "UserDefinedFunctions",
        lambda _, item: function_paths(item["DatabaseName"], item["FunctionName"]),
    ),
    "GetConnections": ("ConnectionList", lambda _, item: connection_paths(item["Name"])),
}


def _tables(operation: str, asked: Mapping[str, Any]) -> list[str]:
    if operation == "BatchDeleteTable":
        return list(asked["TablesToDelete"])
    names = (asked.get("TableName"), asked.get("Name"), asked.get("TableInput", {}).get("Name"))
    return [name for name in names if name]


def _connections(asked: Mapping[str, Any]) -> list[str]:
    given = (asked.get("Name"), asked.get("ConnectionName"), asked.get("ConnectionInput", {}).get("Name"))
    return [*(name for name in given if name), *asked.get("ConnectionNameList", ())]
