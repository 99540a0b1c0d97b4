"""What is known of a value that several JSON Schemas accept at once: the writer's side of a comparison."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

import regex

from catalog.registry.json_documents import Node

TYPES = frozenset(["null", "boolean", "integer", "fraction", "string", "array", "object"])
_ONLY = {name: {"type": name} for name in TYPES}  # "number" is "integer" and our "fraction"
_WIDEST = 1000


class Undecided(Exception):
    """The comparison would take too long."""


class View:
    """A conjunction of nodes. `level` counts the steps into the value; `done` has the choices already split.

    Whatever it leaves out of account makes it accept more than the schemas do, never less.
    """

    def __init__(
        self, targets: Mapping[int, Node], nodes: Iterable[Node], level: int = 0, done: frozenset[int] = frozenset()
    ) -> None:
        self.targets, self.level, self.done = targets, level, done
        gathered = self._gathered(nodes)
        self._possible, found = gathered is not None, gathered or {}
        self.parts = tuple(found.values())
        self.key = (frozenset(found), done)

    def _gathered(self, nodes: Iterable[Node]) -> dict[int, dict[str, Any]] | None:
        """Nodes and the members of their allOf, by id; None if one of them accepts nothing."""
        found: dict[int, dict[str, Any]] = {}
        waiting = list(nodes)[::-1]
        while waiting:
            node = followed(waiting.pop(), self.targets)
            if node is False:
                return None
            if node is not True and id(node) not in found:
                found[id(node)] = node
                waiting += node.get("allOf", [])[::-1]
        return found

    @cached_property
    def types(self) -> frozenset[str]:
        return TYPES.intersection(*map(types_of, self.parts))

    @property
    def empty(self) -> bool:
        """True if it is plain that no value is accepted."""
        return not self._possible or not self.types

    @property
    def values(self) -> list[Any] | None:
        """All values that can be meant, of which not each need be accepted; None if there is no list of them."""
        for part in self.parts:
            if "const" in part:
                return [part["const"]]
            if "enum" in part:
                return list(part["enum"])
        finite: dict[str, list[Any]] = {"null": [None], "boolean": [False, True]}
        return [value for name in self.types for value in finite[name]] if self.types <= finite.keys() else None

    def plus(self, *nodes: Node, done: int = 0) -> View:
        return View(self.targets, [*self.parts, *nodes, self._possible], self.level, self.done | {done})

    def inside(self, nodes: Iterable[Node]) -> View:
        return View(self.targets, nodes, self.level + 1)

    def text(self, nodes: Iterable[Node]) -> View:
        """Of the name of a property."""
        return self.inside([*nodes, _ONLY["string"]])

    def member(self, name: str) -> View:
        return self.inside(itertools.chain.from_iterable(property_nodes(part, name) for part in self.parts))

    def item(self, index: int) -> View:
        return self.inside(item_node(part, index) for part in self.parts)

    def others(self, pattern: str | None = None, without: Iterable[str] = ()) -> Iterator[View]:
        """Of a property that no schema names and that matches `pattern`, or none of `without`: the ways it can be."""
        ways: list[list[Node]] = []
        for part in self.parts:
            patterns = part.get("patternProperties", {})
            if pattern in patterns:
                ways.append([patterns[pattern]])
            else:
                open_ = [node for other, node in patterns.items() if other not in set(without)]
                ways.append([*open_, part.get("additionalProperties", True)])
        if math.prod(map(len, ways)) > _WIDEST:
            raise Undecided
        return map(self.inside, itertools.product(*ways))

    def branches(self, by_type: bool) -> list[View]:
        """Views that together accept all that this one does, or none if it has no choice left to split."""
        for part in self.parts:
            for word in ("anyOf", "oneOf"):
                if word in part and id(part[word]) not in self.done:
                    return [self.plus(option, done=id(part[word])) for option in part[word]]
            if "if" in part and id(part) not in self.done:
                held = self.plus(part["if"], part.get("then", True), done=id(part))
                return [held, self.plus(part.get("else", True), done=id(part))]
        return [self.plus(_ONLY[name]) for name in sorted(self.types)] if by_type and len(self.types) > 1 else []

    @cached_property
    def required(self) -> set[str]:
        return {name for part in self.parts for name in part.get("required", [])}

    @property
    def names(self) -> list[str] | None:
        """The names an object can have, or None if it is open."""
        for part in self.parts:
            if part.get("additionalProperties") is False and not part.get("patternProperties"):
                return [name for name in part.get("properties", {}) if not self.member(name).empty]
        return None

    @property
    def describes(self) -> bool:
        """Whether an object's properties are told, and nothing is said of others."""
        told = any(part.get("properties") for part in self.parts)
        return told and not any("additionalProperties" in part for part in self.parts)

    def names_property(self, name: str) -> bool:
        return any(
            name in part.get("properties", {}) or any(matches(each, name) for each in part.get("patternProperties", {}))
            for part in self.parts
        )

    def size(self, word: str) -> int | None:
        """The strictest minLength, maxLength, minItems …, also where another word implies it."""
        sizes = [part[word] for part in self.parts if word in part]
        if word == "minProperties":
            sizes.append(len(self.required))
        if word == "maxProperties" and self.names is not None:
            sizes.append(len(self.names))
        if word == "maxItems":
            closed = [part for part in self.parts if part.get("additionalItems") is False]
            sizes += [len(part["items"]) for part in closed if isinstance(part.get("items"), list)]
        return (max if word.startswith("min") else min)(sizes, default=None)

    def limit(self, sign: int) -> tuple[Fraction, bool] | None:
        """The lower bound (sign 1), or the negated upper one (-1), and whether it is itself excluded."""
        return limit(self.parts, sign, whole="fraction" not in self.types)


def followed(node: Node, targets: Mapping[int, Node]) -> Node:
    while id(node) in targets:
        node = targets[id(node)]
    return node


def types_of(node: dict[str, Any]) -> frozenset[str]:
    if "type" not in node:
        return TYPES
    listed = [node["type"]] if isinstance(node["type"], str) else node["type"]
    return frozenset(listed) - {"number"} | ({"integer", "fraction"} if "number" in listed else set())


def limit(nodes: Iterable[dict[str, Any]], sign: int, whole: bool) -> tuple[Fraction, bool] | None:
    """See View.limit; among whole numbers the bound is the first number that is allowed."""
    words = ("minimum", "exclusiveMinimum") if sign > 0 else ("maximum", "exclusiveMaximum")
    found = []
    for node in nodes:
        for word in words:
            if word in node:
                value, excluded = sign * Fraction(node[word]), word.startswith("exclusive")
                if whole:
                    value, excluded = Fraction(math.floor(value) + 1 if excluded else math.ceil(value)), False
                found.append((value, excluded))
    return max(found, default=None)


def property_nodes(node: dict[str, Any], name: str) -> list[Node]:
    """The schemas that a property of an object has to meet."""
    found = [inner for pattern, inner in node.get("patternProperties", {}).items() if matches(pattern, name)]
    if name in node.get("properties", {}):
        found.append(node["properties"][name])
    return found or [node.get("additionalProperties", True)]


def item_node(node: dict[str, Any], index: int) -> Node:
    items = node.get("items", True)
    if not isinstance(items, list):
        return items
    return items[index] if index < len(items) else node.get("additionalItems", True)


def matches(pattern: str, text: str) -> bool:
    try:
        return regex.search(pattern, text, timeout=0.1) is not None
    except TimeoutError as failure:
        raise Undecided from failure


def spelled(value: object, longest: int = 60) -> str:
    """A value in a message: on one line, without signs that a database or a terminal cannot bear."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else f"{text[:longest]}…"
