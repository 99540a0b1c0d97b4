"""Script → graph: read from the annotations that Glue writes above each step; code is not looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.errors import InvalidInput
from engine.graph.expressions import arguments_in
from engine.graph.model import Argument, Edge, Graph, Node

_ANNOTATION = re.compile(r"\s*##\s*@(type|args|return|inputs|params):(.*)")


@dataclass(frozen=True)
class _Block:
    """Annotations of one step by their names, and the line, from 1, of the first."""

    line: int
    told: dict[str, str]

    @property
    def id(self) -> str:
        return self.told.get("return", "")


def graph_of(script: str) -> Graph:
    """The steps in the script's order; what has no annotations, or only a template's, is not there.

    Raises InvalidInput for arguments that are no Python.
    """
    lines = script.split("\n")
    blocks = [block for block in _blocks(lines) if block.id.isidentifier()]
    parameters = frozenset(_parameters(lines))
    nodes = tuple(_node(block, parameters) for block in blocks)
    known = {node.id for node in nodes}
    edges = (Edge(source, block.id, name) for block in blocks for name, source in _inputs(block))
    return Graph(nodes, tuple(edge for edge in edges if edge.source in known))


def _blocks(lines: Sequence[str]) -> list[_Block]:
    """Each begins with a type; what follows counts up to the first line that is no annotation."""
    found: list[_Block] = []
    block: _Block | None = None
    for number, line in enumerate(lines, 1):
        annotation = _ANNOTATION.match(line)
        if annotation is None:
            block = None
        elif annotation[1] == "type":
            block = _Block(number, {"type": annotation[2].strip()})
            found.append(block)
        elif block is not None:
            block.told.setdefault(annotation[1], annotation[2].strip())
    return found


def _parameters(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        found = _ANNOTATION.match(line)
        if found is not None and found[1] == "params":
            yield from (name.strip() for name in _inside(found[2]).split(","))


def _node(block: _Block, parameters: frozenset[str]) -> Node:
    try:
        found = arguments_in(_inside(block.told.get("args", "")))
    except ValueError as error:
        raise InvalidInput(what=f"Line {block.line} of the script", why=f"the step's arguments: {error}.") from error
    arguments = tuple(Argument(name, value, value in parameters) for name, value in found)
    return Node(block.id, block.told["type"], arguments, block.line)


def _inputs(block: _Block) -> Iterator[tuple[str | None, str]]:
    """Parameters and what fills them: `frame1 = a, frame2 = b`; or several for one, `dfc = a, b`."""
    parameter = None
    for part in _inside(block.told.get("inputs", "")).split(","):
        name, equals, source = part.partition("=")
        if equals:
            parameter = name.strip()
        source = (source if equals else name).strip()
        if source:
            yield parameter, source


def _inside(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if text.startswith("[") and text.endswith("]") else text
