"""The resource policy before the metastore's methods: what it denies in the names of Glue's actions is not done here.

A method does what one or several actions of Glue's do; if it denies one of these, it denies the method.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.auth.audit import Asking
from api.auth.gate import Gate
from api.auth.paths import ANY, Paths, actions_of, all_in, database_paths, function_paths, table_paths
from api.auth.principals import LOCAL, Principal
from api.hive.identifiers import database_name

_VERBS = {
    **dict.fromkeys(("get", "list"), "Get"),
    **dict.fromkeys(("add", "append", "create"), "Create"),
    **dict.fromkeys(("alter", "rename", "set", "truncate", "update"), "Update"),
    **dict.fromkeys(("delete", "drop"), "Delete"),
}
# The first whose word is in a method's name tells what it is about.
_NOUNS = {
    "partition_column_stat": ("ColumnStatisticsForPartition",),
    "partitions_stat": ("ColumnStatisticsForPartition",),
    "table_column_stat": ("ColumnStatisticsForTable",),
    "table_stat": ("ColumnStatisticsForTable",),
    "aggr_stats": ("ColumnStatisticsForTable", "ColumnStatisticsForPartition"),
    "part": ("Partition",),
    "function": ("UserDefinedFunction",),
    "database": ("Database",),
    **dict.fromkeys(("table", "schema", "fields", "constraint", "_key", "materialized"), ("Table",)),
}
_DATABASE = ("dbname", "db_name", "dbName", "database", "oldDbName")
_TABLE = ("tbl_name", "table_name", "tableName", "tblName", "tbl_names", "tblNames")
_FUNCTION = ("funcName", "functionName")
_LISTED = ("tables", "functions")
_DEEPEST = 4


@dataclass(frozen=True)
class Policing:
    """For the clients of one server, who are all one principal."""

    gate: Gate
    principal: Principal = LOCAL

    @property
    def in_force(self) -> bool:
        return self.gate.policies.current() is not None

    def demand(self, method: str, arguments: Any) -> None:
        """Raises ExplicitlyDenied."""
        actions = _actions(method)
        if not actions or not self.in_force:
            return
        paths, trees = _paths(method, arguments)
        self.gate.demand_undenied(self.principal, actions, paths, Asking("hive", method), trees)

    def leave_out(self, method: str, arguments: Any, result: Any) -> Any:
        """What a list's method yields, without what is denied: names, structs, or a struct that holds them."""
        policy, actions = self.gate.policies.current(), _actions(method)
        if policy is None or not actions:
            return result
        database = next(_texts(arguments, _DATABASE), None)

        def sees(item: Any) -> bool:
            return policy.denied(self.principal.name, actions, _listed(method, item, database)) is None

        return _filtered(result, sees)


@cache
def _actions(method: str) -> tuple[str, ...]:
    verb = _VERBS.get(method.partition("_")[0])
    nouns: tuple[str, ...] = next((nouns for word, nouns in _NOUNS.items() if word in method), ())
    return tuple(action for noun in nouns for action in actions_of(verb, noun)) if verb else ()


def _paths(method: str, arguments: Any) -> tuple[Paths, Paths]:
    """What the method is done to; what it lists is named by a star."""
    if "database" in method:
        names = [database_name(each) for each in _texts(arguments, (*_DATABASE, "name"))] or [ANY]
        trees = [tree for each in names for tree in all_in(each)] if method.startswith("drop") else []
        return tuple(path for each in names for path in database_paths(each)), tuple(trees)
    if "function" in method:
        return tuple(path for each in _named(arguments, _FUNCTION) for path in function_paths(*each)), ()
    names_of_tables = (*_TABLE, "name") if method.startswith("drop_table") else _TABLE
    return tuple(dict.fromkeys(path for each in _named(arguments, names_of_tables) for path in table_paths(*each))), ()


def _named(arguments: Any, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each thing that a struct names, with its database."""
    found = []
    for struct in _structs(arguments):
        database = next(_texts_of(struct, _DATABASE), None)
        if database is not None:
            found += [(database_name(database), each) for each in _texts_of(struct, names)]
    if not found:
        return [(database_name(next(_texts(arguments, _DATABASE), ANY)), ANY)]
    return list(dict.fromkeys(found))


def _listed(method: str, item: Any, database: str | None) -> Paths:
    """The paths of one item of a list."""
    if isinstance(item, str):
        if "database" in method:
            return database_paths(item)
        in_its = function_paths if "function" in method else table_paths
        return in_its(database_name(database or ANY), item)
    own = database_name(next(_texts_of(item, _DATABASE), database or ANY))
    if name := next(_texts_of(item, _FUNCTION), None):
        return function_paths(own, name)
    return table_paths(own, *_texts_of(item, _TABLE))


def _filtered(result: Any, sees: Callable[[Any], bool]) -> Any:
    if isinstance(result, list):
        return [each for each in result if sees(each)]
    for name in _LISTED:
        if isinstance(items := getattr(result, name, None), list):
            setattr(result, name, [each for each in items if sees(each)])
    return result


def _texts(arguments: Any, names: tuple[str, ...]) -> Iterator[str]:
    return (text for struct in _structs(arguments) for text in _texts_of(struct, names))


def _texts_of(struct: Any, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        value = getattr(struct, name, None)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and each:
                yield each


def _structs(struct: Any, depth: int = 0) -> Iterator[Any]:
    """A struct, and all that it holds."""
    yield struct
    if depth < _DEEPEST:
        for _, name, *_ in struct.thrift_spec.values():
            value = getattr(struct, name, None)
            for each in value if isinstance(value, list) else [value]:
                if hasattr(each, "thrift_spec"):
                    yield from _structs(each, depth + 1)
