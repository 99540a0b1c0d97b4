"""Data flows and mappings in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from typing import Any

from api.glue.failures import Invalid, OperationNotSupported
from engine.graph.model import Argument, Edge, Graph, Node
from engine.graph.plans import Mapping, TableName, Target

Shape = Map[str, Any]


def graph_value(given: Shape) -> Graph:
    nodes = tuple(Node(each["Id"], each["NodeType"], _arguments(each["Args"])) for each in given.get("DagNodes") or ())
    edges = tuple(
        Edge(each["Source"], each["Target"], each.get("TargetParameter")) for each in given.get("DagEdges") or ()
    )
    return Graph(nodes, edges)


def _arguments(given: Sequence[Shape]) -> tuple[Argument, ...]:
    return tuple(Argument(each["Name"], each["Value"], each.get("Param", False)) for each in given)


def graph_shape(graph: Graph) -> dict[str, Any]:
    return {"DagNodes": [_node_shape(node) for node in graph.nodes], "DagEdges": [_edge_shape(e) for e in graph.edges]}


def _node_shape(node: Node) -> Shape:
    told = [{"Name": each.name, "Value": each.value, "Param": each.parameter} for each in node.arguments]
    return {"Id": node.id, "NodeType": node.type, "Args": told, "LineNumber": node.line}


def _edge_shape(edge: Edge) -> Shape:
    return {"Source": edge.source, "Target": edge.target, "TargetParameter": edge.parameter}


def mapping_shape(mapping: Mapping, source: str) -> Shape:
    return {
        "SourceTable": source,
        "SourcePath": mapping.source_path,
        "SourceType": mapping.source_type,
        "TargetTable": mapping.target_table,
        "TargetPath": mapping.target_path,
        "TargetType": mapping.target_type,
    }


def mapping_value(given: Shape) -> Mapping:
    """What is not said of the target is as in the source."""
    path, kind = given.get("SourcePath"), given.get("SourceType")
    if not path or not kind:
        raise Invalid("Each entry of Mapping needs SourcePath and SourceType.")
    target, wanted = given.get("TargetPath") or path, given.get("TargetType") or kind
    return Mapping(path, kind, target, wanted, given.get("TargetTable"))


def entry_value(given: Shape) -> TableName:
    return TableName(given["DatabaseName"], given["TableName"])


def targets_of(given: Shape) -> list[Target]:
    """The tables of Sinks, and the place of Location."""
    sinks = [Target(entry_value(each)) for each in given.get("Sinks") or ()]
    location = given.get("Location") or {}
    if location.get("DynamoDB"):
        raise OperationNotSupported("Location.DynamoDB is not supported: scripts here do not write to DynamoDB.")
    if location.get("S3"):
        sinks.append(Target(arguments=_of_s3(_arguments(location["S3"])), choice="make_struct"))
    if location.get("Jdbc"):
        sinks.append(Target(arguments=_arguments(location["Jdbc"]), choice="make_cols"))
    return sinks


def _of_s3(given: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """As a sink takes them: it knows a path only among its options."""
    placed = tuple(
        Argument("connection_options", f'{{"path": {each.value}}}') if each.name == "path" else each for each in given
    )
    named = any(each.name == "connection_type" for each in placed)
    return placed if named else (Argument("connection_type", '"s3"'), *placed)
