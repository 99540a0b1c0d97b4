"""Graph → script: a job in Python whose annotations say what graph it was made of, as Glue writes them."""

from __future__ import annotations

import heapq
import keyword
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from catalog.errors import InvalidInput
from engine.graph.expressions import demand_expression
from engine.graph.model import Argument, Edge, Graph, Node
from engine.graph.node_types import NODE_TYPES, function_of, spelled, type_of

JOB_NAME = "JOB_NAME"
_HEAD = """\
import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
{imports}
## @params: [{names}]
args = getResolvedOptions(sys.argv, [{texts}])

sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)
"""
_IMPORTED = {"getResolvedOptions", "GlueContext", "Job", "re", "SparkContext", "sys"}
_OWN_NAMES = {"args", "glueContext", "job", "sc", "spark", *_IMPORTED, *NODE_TYPES}
_USES_RE = re.compile(r"\bre\.")

Inputs = tuple[tuple[str, str], ...]  # of a node: its parameters, and the nodes that fill them


def script_of(graph: Graph) -> str:
    """Nodes come in the order given, but after those that they need.

    Raises InvalidInput for a graph of which no script that runs can be written.
    """
    nodes = {node.id: node for node in graph.nodes}
    parameters = _parameters(graph.nodes)
    _demand_ids(graph.nodes)
    for node in graph.nodes:
        _demand_arguments(node, parameters)
    inputs = _inputs(nodes, graph.edges)
    values = (argument.value for node in graph.nodes for argument in node.arguments)
    head = _HEAD.format(
        imports="import re\n" if any(map(_USES_RE.search, values)) else "",
        names=", ".join(parameters),
        texts=",".join(f"'{name}'" for name in parameters),
    )
    steps = (_step(nodes[each], inputs[each]) for each in _in_order(inputs))
    return "".join((head, *steps, "job.commit()\n"))


def _step(node: Node, inputs: Inputs) -> str:
    told = [f"{each.name} = {each.value}" for each in node.arguments]
    filled = [f"{parameter} = {source}" for parameter, source in inputs]
    given = [f"{spelled(node, each.name)} = {_value(each)}" for each in node.arguments]
    return (
        f"## @type: {node.type}\n"
        f"## @args: [{', '.join(told)}]\n"
        f"## @return: {node.id}\n"
        f"## @inputs: [{', '.join(filled)}]\n"
        f"{node.id} = {function_of(node)}({', '.join(filled + given)})\n"
    )


def _value(argument: Argument) -> str:
    return f'args["{argument.value}"]' if argument.parameter else argument.value


def _parameters(nodes: Sequence[Node]) -> list[str]:
    """The arguments of the job that the script reads, each once; the job's name is the last."""
    found = [argument.value for node in nodes for argument in node.arguments if argument.parameter]
    return [*(name for name in dict.fromkeys(found) if name != JOB_NAME), JOB_NAME]


def _demand_ids(nodes: Sequence[Node]) -> None:
    for node in nodes:
        if not _is_name(node.id) or node.id in _OWN_NAMES:
            raise InvalidInput(
                what=f"Node {node.id!r}", why="its id is no name that a variable of the script can have."
            )
    twice = [name for name, count in Counter(node.id for node in nodes).items() if count > 1]
    if twice:
        raise InvalidInput(what=f"Node {twice[0]}", why="there are two nodes of that id.")


def _demand_arguments(node: Node, parameters: Sequence[str]) -> None:
    names = Counter([*(spelled(node, each.name) for each in node.arguments), *type_of(node).inputs])
    for argument in node.arguments:
        what = f"Argument {argument.name!r} of node {node.id}"
        if not _is_name(argument.name):
            raise InvalidInput(what=what, why="that is no name of an argument in Python.")
        if names[spelled(node, argument.name)] > 1:
            raise InvalidInput(what=what, why="it is given twice, or is what an edge fills.")
        if argument.parameter:
            if not _is_name(argument.value):
                raise InvalidInput(what=what, why=f"{argument.value[:100]!r} is no name of a job's argument.")
        elif argument.value in parameters:
            raise InvalidInput(what=what, why=f"{argument.value} is an argument of the job: say so by Param.")
        else:
            try:
                demand_expression(argument.value)
            except ValueError as error:
                why = f"{argument.value[:100]!r} is no Python expression on one line: {error}."
                raise InvalidInput(what=what, why=why) from error


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier() and not keyword.iskeyword(text)


def _inputs(nodes: Mapping[str, Node], edges: Sequence[Edge]) -> dict[str, Inputs]:
    leading: dict[str, list[Edge]] = {name: [] for name in nodes}
    for edge in edges:
        for end in (edge.source, edge.target):
            if end not in nodes:
                raise InvalidInput(what=f"The edge from {edge.source} to {edge.target}", why=f"there is no node {end}.")
        leading[edge.target].append(edge)
    return {name: _filled(node, leading[name]) for name, node in nodes.items()}


def _filled(node: Node, edges: Sequence[Edge]) -> Inputs:
    """Which node fills each input of `node`; edges that name none take what is left, in their order."""
    wanted = type_of(node).inputs
    found: dict[str, str] = {}
    for edge in sorted(edges, key=lambda each: each.parameter is None):
        left = [name for name in wanted if name not in found]
        parameter = edge.parameter or (left[0] if left else None)
        if parameter not in left:
            why = f"nothing takes what comes from {edge.source} as {edge.parameter or 'a further input'}."
            raise InvalidInput(what=f"Node {node.id}", why=why)
        found[parameter] = edge.source
    missing = [name for name in wanted if name not in found]
    if missing:
        raise InvalidInput(what=f"Node {node.id}", why=f"no edge leads to its {' and '.join(missing)}.")
    return tuple((name, found[name]) for name in wanted)


def _in_order(inputs: Mapping[str, Inputs]) -> list[str]:
    """Each node after those that fill its inputs, otherwise as given."""
    places = {name: at for at, name in enumerate(inputs)}
    names = list(inputs)
    waiting = {name: len(filled) for name, filled in inputs.items()}
    followers: dict[str, list[str]] = {name: [] for name in inputs}
    for name, filled in inputs.items():
        for _, source in filled:
            followers[source].append(name)
    ready = [at for name, at in places.items() if not waiting[name]]
    ordered = []
    while ready:
        name = names[heapq.heappop(ready)]
        ordered.append(name)
        for follower in followers[name]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, places[follower])
    if len(ordered) < len(names):
        rest = next(name for name in names if waiting[name])
        raise InvalidInput(what=f"Node {rest}", why="it needs what is made of itself: the edges form a circle.")
    return ordered
