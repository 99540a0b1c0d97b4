"""Whether a JSON value is accepted by a schema: for schemas that list their values."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from catalog.registry.json_documents import Node
from catalog.registry.json_views import Undecided, matches, property_nodes

Errors = Iterator[Any]
_MOST_REFERENCES = 50_000


def acceptance(targets: Mapping[int, Node]) -> Callable[[Node, Any], bool]:
    """jsonschema's draft 7 without formats, with joined references, and an end to what takes long.

    What it returns raises Undecided.
    """
    from jsonschema import Draft7Validator, validators

    listed: dict[int, frozenset[str]] = {}
    followed_so_far = itertools.count()

    def references(validator: Any, _reference: Any, value: Any, node: dict[str, Any]) -> Errors:
        if next(followed_so_far) > _MOST_REFERENCES:
            raise Undecided
        return validator.descend(value, targets[id(node)])  # type: ignore[no-any-return]

    def enum(_validator: Any, values: list[Any], value: Any, _node: dict[str, Any]) -> Errors:
        if id(values) not in listed:
            listed[id(values)] = frozenset(map(_spelling, values))
        if _spelling(value) not in listed[id(values)]:
            yield _refusal("not listed")

    own = {"$ref": references, "enum": enum, "pattern": _pattern, "uniqueItems": _unique}
    own |= {"patternProperties": _properties}
    own |= {"properties": _properties, "additionalProperties": _properties}
    fraction = Draft7Validator.TYPE_CHECKER.redefine("fraction", _is_fraction)
    validator = validators.extend(Draft7Validator, own, type_checker=fraction)
    return lambda node, value: bool(validator(node).is_valid(value))


def _pattern(validator: Any, pattern: str, value: Any, _node: dict[str, Any]) -> Errors:
    if validator.is_type(value, "string") and not matches(pattern, value):
        yield _refusal("no match")


def _unique(validator: Any, wanted: bool, value: Any, _node: dict[str, Any]) -> Errors:
    if wanted and validator.is_type(value, "array") and len(set(map(_spelling, value))) < len(value):
        yield _refusal("not unique")


def _properties(validator: Any, _words: Any, value: Any, node: dict[str, Any]) -> Errors:
    """Of properties, patternProperties and additionalProperties together; so each of the three does the whole."""
    if validator.is_type(value, "object"):
        for name, inner in value.items():
            for wanted in property_nodes(node, name):
                yield from validator.descend(inner, wanted)


def _spelling(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _is_fraction(_checker: object, value: object) -> bool:
    return isinstance(value, float) and not value.is_integer()


def _refusal(why: str) -> Exception:
    from jsonschema import ValidationError

    refusal: Exception = ValidationError(why)
    return refusal
