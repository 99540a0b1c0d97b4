"""The types of nodes that a script can be written of, and how each is called."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.errors import InvalidInput
from engine.graph.model import Node

_FRAME, _TWO_FRAMES, _COLLECTION = ("frame",), ("frame1", "frame2"), ("dfc",)


@dataclass(frozen=True)
class NodeType:
    """`inputs` are the parameters that edges lead to; without the `required` arguments the call fails.

    `called` is the transform's class where it has another name.
    """

    inputs: tuple[str, ...] = _FRAME
    required: tuple[str, ...] = ()
    called: str | None = None


NODE_TYPES: dict[str, NodeType] = {
    "DataSource": NodeType(()),
    "DataSink": NodeType(),
    "ApplyMapping": NodeType(required=("mappings",)),
    "Coalesce": NodeType(required=("num_partitions",)),
    "DropFields": NodeType(required=("paths",)),
    "DropNullFields": NodeType(),
    "ErrorsAsDynamicFrame": NodeType(),
    "Filter": NodeType(required=("f",)),
    "FlatMap": NodeType(_COLLECTION, ("BaseTransform", "frame_name")),
    "Join": NodeType(_TWO_FRAMES, ("keys1", "keys2")),
    "Map": NodeType(required=("f",)),
    "MapToCollection": NodeType(_COLLECTION, ("callable",)),
    "Relationalize": NodeType(),
    "RenameField": NodeType(required=("old_name", "new_name")),
    "Repartition": NodeType(required=("num_partitions",)),
    "ResolveChoice": NodeType(),
    "SelectFields": NodeType(required=("paths",)),
    "SelectFromCollection": NodeType(_COLLECTION, ("key",)),
    "Spigot": NodeType(required=("path",)),
    "SplitFields": NodeType(required=("paths",)),
    "SplitRows": NodeType(required=("comparison_dict",)),
    "Unbox": NodeType(required=("path", "format")),
    "Union": NodeType(_TWO_FRAMES),
    "Unnest": NodeType(called="UnnestFrame"),
    "UnnestFrame": NodeType(),
}
_NO_CODE = "its code is not in the graph; write its lines into the script"
_UNKNOWN = {
    "CustomCode": _NO_CODE,
    "SqlCode": _NO_CODE,
    **dict.fromkeys(("FindMatches", "FindIncrementalMatches", "FillMissingValues"), "AWS alone has that transform"),
}
# Glue's annotations have another name for it than the transform.
_SPELLED = {("ApplyMapping", "mapping"): "mappings"}

_READER, _WRITER = "glueContext.create_dynamic_frame", "glueContext.write_dynamic_frame"
# The first whose arguments a node has is the one that is called.
_CALLS = {
    "DataSource": (
        (("connection_type",), f"{_READER}.from_options"),
        (("database", "table_name"), f"{_READER}.from_catalog"),
    ),
    "DataSink": (
        (("connection_type",), f"{_WRITER}.from_options"),
        (("catalog_connection",), f"{_WRITER}.from_jdbc_conf"),
        (("database", "table_name"), f"{_WRITER}.from_catalog"),
    ),
}


def type_of(node: Node) -> NodeType:
    """Raises InvalidInput for a type that no script can be written of."""
    found = NODE_TYPES.get(node.type)
    if found is None:
        why = _UNKNOWN.get(node.type, f"types are {', '.join(NODE_TYPES)}")
        raise InvalidInput(what=f"Node {node.id}", why=f"{node.type!r} is no type that a script is made of: {why}.")
    return found


def spelled(node: Node, argument: str) -> str:
    """The argument's name in the call."""
    return _SPELLED.get((node.type, argument), argument)


def function_of(node: Node) -> str:
    """What is called, as the script spells it. Raises InvalidInput for a node without what the call needs."""
    given = {spelled(node, argument.name) for argument in node.arguments}
    kind = type_of(node)
    missing = [name for name in kind.required if name not in given]
    if missing:
        raise InvalidInput(what=f"Node {node.id}", why=f"a {node.type} needs {' and '.join(missing)}.")
    if node.type not in _CALLS:
        return f"{kind.called or node.type}.apply"
    calls = _CALLS[node.type]
    found = next((function for needed, function in calls if given.issuperset(needed)), None)
    if found is None:
        ways = "; or ".join(" with ".join(needed) for needed, _ in calls)
        raise InvalidInput(what=f"Node {node.id}", why=f"a {node.type} needs {ways}.")
    return found
