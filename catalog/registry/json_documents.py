"""A JSON Schema of draft 4, 6 or 7 as a tree: valid, every $ref joined to what it names, in the words of draft 7."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

import regex

from catalog.errors import InvalidSchema

Node = Any  # a schema: True, False or a dict
DEEPEST = 64
_DRAFTS = {f"http://json-schema.org/draft-0{number}/schema": number for number in (4, 6, 7)}
_LATER = {4: ("const", "contains", "propertyNames", "if", "then", "else"), 6: ("if", "then", "else"), 7: ()}
_SINGLE = ("additionalItems", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else", "items")
_LISTS = ("allOf", "anyOf", "oneOf", "items")
_MAPS = ("properties", "patternProperties", "dependencies", "definitions", "$defs")
_IN_PLACE = frozenset(["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependencies"])
_ASSERTING = frozenset(
    ["$ref", "type", "enum", "const", "multipleOf", "required", "uniqueItems", "pattern", "format"]
    + ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "contentEncoding", "contentMediaType"]
    + [f"{side}{what}" for side in ("min", "max") for what in ("Length", "Items", "Properties")]
    + [*_SINGLE, *_LISTS, "properties", "patternProperties", "dependencies"]
)


@dataclass(frozen=True)
class Document:
    """A schema and, by the id() of each node that is a $ref, the node it names. Only words that assert are left."""

    root: Node
    targets: dict[int, Node]


def parse(text: str) -> Any:
    """The JSON value of `text`; a whole number is an int however it is spelled. Raises InvalidSchema."""
    try:
        value = json.loads(text, parse_constant=_no_number, parse_float=_number)
        text.encode()
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as failure:
        raise _invalid(f"it is not JSON: {failure}") from failure
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
    if level:
        raise _invalid(f"it is nested deeper than {DEEPEST}")
    return value


def load(text: str) -> Document:
    """Raises InvalidSchema for what is no schema of its draft, refers outside, or refers to itself without an end."""
    root = parse(text)
    if not isinstance(root, bool | dict):
        raise _invalid("a schema is an object, true or false")
    loader = _Loader(root, _draft(root))
    return Document(root, loader.targets)


def _draft(root: Node) -> int:
    """Draft 7 where the schema does not say."""
    named = root.get("$schema") if isinstance(root, dict) else None
    if named is None:
        return 7
    draft = _DRAFTS.get(str(named).removesuffix("#").replace("https://", "http://"))
    if draft is None:
        raise _invalid(f"$schema {str(named)[:200]!r} is not of draft 4, 6 or 7")
    return draft


class _Loader:
    """Goes through a tree once; joins the references after, because they may point ahead."""

    def __init__(self, root: Node, draft: int) -> None:
        self.targets: dict[int, Node] = {}
        self._draft = draft
        self._named: dict[str, Node] = {"": root}
        self._seen: dict[int, dict[str, Any]] = {}
        self._copies: dict[int, Node] = {}
        self._references: list[tuple[dict[str, Any], str]] = []
        self._visit(self._valid(root), "")
        for node, start in self._references:  # grows while it is read
            self._join(node, start)
        self._refuse_endless()
        for node in self._seen.values():
            _keep_assertions(node, draft)

    def _valid(self, node: Node) -> Node:
        from jsonschema import validators
        from jsonschema.exceptions import best_match

        kind = validators.validator_for({"$schema": f"http://json-schema.org/draft-0{self._draft}/schema#"})
        try:
            problem = best_match(kind(kind.META_SCHEMA).iter_errors(node))
        except RecursionError as failure:
            raise _invalid("it is nested too deeply") from failure
        if problem is not None:
            raise _invalid(f"{problem.message[:200]} at #{''.join(f'/{step}' for step in problem.absolute_path)[:200]}")
        return node

    def _visit(self, node: Node, start: str) -> None:
        if not isinstance(node, dict) or id(node) in self._seen:
            return
        self._seen[id(node)] = node
        start = self._name(node, start)
        if "$ref" in node:
            self._references.append((node, start))
        for pattern in [*node.get("patternProperties", {}), node.get("pattern", "")]:
            _compilable(pattern)
        for _, inner in _children(node):
            self._visit(inner, start)

    def _name(self, node: dict[str, Any], start: str) -> str:
        """Keep a node's own $id; give the address that references inside it start from."""
        name = node.get("id" if self._draft == 4 else "$id")
        if not isinstance(name, str):
            return start
        address = start + name if name.startswith("#") else _joined(start, name)
        self._named[address.removesuffix("#")] = node
        return start if name.startswith("#") else urldefrag(address).url

    def _join(self, node: dict[str, Any], start: str) -> None:
        reference = node["$ref"]
        if not isinstance(reference, str):
            raise _invalid("a $ref is a text")
        address = start + reference if reference.startswith("#") else _joined(start, reference)
        place, fragment = urldefrag(address)
        target = self._named.get(address.removesuffix("#"))
        if target is None:
            target = _pointed(self._named.get(place), unquote(fragment))
        if not isinstance(target, bool | dict):
            raise _invalid(f"$ref {reference[:200]!r} names no schema inside it, and schemas elsewhere are not fetched")
        self.targets[id(node)] = target
        if isinstance(target, dict) and id(target) not in self._seen:  # in a place that is none of a schema
            self.targets[id(node)] = self._copied(target, place)

    def _copied(self, target: Node, start: str) -> Node:
        """Once; a copy, as what is a schema here may be something else to what is around it."""
        if id(target) not in self._copies:
            self._copies[id(target)] = copy.deepcopy(self._valid(target))
            self._visit(self._copies[id(target)], start)
        return self._copies[id(target)]

    def _refuse_endless(self) -> None:
        """A schema that applies to a value if it applies to that value decides nothing."""
        graph = {}
        for key, node in self._seen.items():
            inner = [child for word, child in _children(node) if word in _IN_PLACE]
            graph[key] = [id(child) for child in ([self.targets[key]] if key in self.targets else inner)]
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as failure:
            raise _invalid("a $ref in it leads back to itself without an end") from failure


def _children(node: dict[str, Any]) -> Iterator[tuple[str, Node]]:
    for word in _SINGLE:
        if isinstance(node.get(word), dict):
            yield word, node[word]
    for word in _LISTS:
        if isinstance(node.get(word), list):
            yield from ((word, inner) for inner in node[word] if isinstance(inner, dict))
    for word in _MAPS:
        if isinstance(node.get(word), dict):
            yield from ((word, inner) for inner in node[word].values() if isinstance(inner, dict))


def _keep_assertions(node: dict[str, Any], draft: int) -> None:
    """Take out what says nothing of a value; the siblings of a $ref say nothing in these drafts."""
    kept = {"$ref"} if "$ref" in node else _ASSERTING - set(_LATER[draft])
    for word in node.keys() - kept:
        del node[word]
    if draft == 4:
        for word, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if node.pop(word, False) and limit in node:
                node[word] = node.pop(limit)


def _pointed(node: Any, pointer: str) -> Any:
    """What a JSON pointer leads to, or None."""
    if pointer and not pointer.startswith("/"):
        return None
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        else:
            node = node.get(key) if isinstance(node, dict) else None
    return node


def _joined(start: str, name: str) -> str:
    try:
        return urljoin(start, name)
    except ValueError as failure:
        raise _invalid(f"{name[:200]!r} is no address") from failure


def _compilable(pattern: object) -> None:
    try:
        regex.compile(str(pattern))
    except (regex.error, RecursionError, OverflowError) as failure:
        raise _invalid(f"pattern {str(pattern)[:200]!r} is not regular: {failure}") from failure


def _inside(value: Any) -> list[Any]:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [one for one in inner if isinstance(one, dict | list)]


def _number(text: str) -> int | float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:40]} is too large a number")
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _invalid(why: str) -> InvalidSchema:
    return InvalidSchema(format="JSON", why=why)
