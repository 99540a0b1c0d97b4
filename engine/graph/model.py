"""A data flow as frozen values: what is read, done to it, and written, and what leads where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Argument:
    """An argument of a node's call: `value` is the text of a Python expression.

    Of a `parameter` it is the name of an argument of the job instead, such as TempDir.
    """

    name: str
    value: str
    parameter: bool = False


@dataclass(frozen=True)
class Node:
    """A step. `id` is the variable that holds what it makes, `line` where a script tells of it, from 1."""

    id: str
    type: str
    arguments: tuple[Argument, ...] = ()
    line: int | None = None


@dataclass(frozen=True)
class Edge:
    """What `source` makes is given to `target` as `parameter`; None: as the first that no other edge names."""

    source: str
    target: str
    parameter: str | None = None


@dataclass(frozen=True)
class Graph:
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
