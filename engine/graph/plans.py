"""Mappings of columns: those of a table to others, and the script that carries them out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog import types
from catalog.errors import InvalidInput, InvalidType
from catalog.model import Column, Table
from engine.graph.model import Argument, Edge, Graph, Node

_SCRIPT_NAMES = {"bigint": "long", "smallint": "short", "tinyint": "byte", "void": "null"}


@dataclass(frozen=True)
class Mapping:
    """A field's way from a table to another: paths in the records, and types as scripts name them."""

    source_path: str
    source_type: str
    target_path: str
    target_type: str
    target_table: str | None = None


@dataclass(frozen=True)
class TableName:
    database: str
    name: str


@dataclass(frozen=True)
class Target:
    """Where a plan writes: a table of the catalog; or what the `arguments` of a sink say, after `choice` decided."""

    table: TableName | None = None
    arguments: tuple[Argument, ...] = ()
    choice: str = "MATCH_CATALOG"


def mappings_of(source: Table, sinks: Sequence[Table] = ()) -> list[Mapping]:
    """Each column to itself; with `sinks`, to the columns of the same name there, and to no others."""
    columns = {column.name.lower(): column for column in source.all_columns}
    if not sinks:
        return [_mapping(column, column, source.name) for column in columns.values()]
    return [
        _mapping(columns[wanted.name.lower()], wanted, sink.name)
        for sink in sinks
        for wanted in sink.all_columns
        if wanted.name.lower() in columns
    ]


def _mapping(source: Column, target: Column, table: str) -> Mapping:
    return Mapping(_path(source.name), script_type(source.type), _path(target.name), script_type(target.type), table)


def _path(name: str) -> str:
    return f"`{name}`" if "." in name or "[" in name else name


def script_type(text: str | None) -> str:
    """A column's type as the mappings of scripts name it: bigint is a long, and all structs are struct."""
    try:
        found = types.parse(text or "string")
    except InvalidType:
        return (text or "").lower()
    match found:
        case types.Primitive(name):
            return _SCRIPT_NAMES.get(name, name)
        case types.Text():
            return "string"
        case types.Union():
            return "choice"
        case types.Array() | types.Map() | types.Struct():
            return type(found).__name__.lower()
        case _:
            return str(found)


def plan(mappings: Sequence[Mapping], source: TableName, targets: Sequence[Target] = ()) -> Graph:
    """Read, map, and write to each target. Raises InvalidInput for a target that no mapping leads to."""
    draft = _Draft()
    read = draft.add("DataSource", None, *_of_table(source))
    if not targets:
        _mapped(draft, read, mappings)
    for target in targets:
        own = [each for each in mappings if _leads_to(each, target)] if len(targets) > 1 else mappings
        if not own:
            name = target.table.name if target.table else "the location"
            raise InvalidInput(what="The mapping", why=f"nothing of it leads to {name}.")
        _written(draft, _mapped(draft, read, own), own, target)
    return Graph(tuple(draft.nodes), tuple(draft.edges))


def _leads_to(mapping: Mapping, target: Target) -> bool:
    return target.table is None or mapping.target_table == target.table.name


def _mapped(draft: _Draft, read: str, mappings: Sequence[Mapping]) -> str:
    parts = ((each.source_path, each.source_type, each.target_path, each.target_type) for each in mappings)
    tuples = (f"({', '.join(map(_quoted, part))})" for part in parts)
    return draft.add("ApplyMapping", read, Argument("mapping", f"[{', '.join(tuples)}]"))


def _written(draft: _Draft, mapped: str, mappings: Sequence[Mapping], target: Target) -> None:
    choice = Argument("choice", _quoted(target.choice))
    if target.table is None:
        decided = draft.add("ResolveChoice", mapped, choice)
        draft.add("DataSink", draft.add("DropNullFields", decided), *target.arguments)
        return
    paths = ", ".join(_quoted(path) for path in dict.fromkeys(each.target_path for each in mappings))
    selected = draft.add("SelectFields", mapped, Argument("paths", f"[{paths}]"))
    decided = draft.add("ResolveChoice", selected, choice, *_of_table(target.table))
    draft.add("DataSink", decided, *_of_table(target.table))


def _of_table(table: TableName) -> tuple[Argument, ...]:
    return Argument("database", _quoted(table.database)), Argument("table_name", _quoted(table.name))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@dataclass
class _Draft:
    """A graph in the making; nodes are named after their types and numbered, and so are the bookmarks of each."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def add(self, type: str, source: str | None, *arguments: Argument) -> str:
        name = f"{type.lower()}{len(self.nodes)}"
        context = Argument("transformation_ctx", _quoted(name))
        self.nodes.append(Node(name, type, (*(each for each in arguments if each.name != context.name), context)))
        if source is not None:
            self.edges.append(Edge(source, name, "frame"))
        return name
