"""Avro schemas as values: read from their JSON strictly, with each name told in full.

A value is JSON in a normal form: a primitive or named type is its name, a union a list, and all else an object. A named
type is told where it is defined, and by its full name from there on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

PRIMITIVES = frozenset(["null", "boolean", "int", "long", "float", "double", "bytes", "string"])
RECORDS = ("record", "error")
_MOST_NESTED = 64
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ORDERS = ("ascending", "descending", "ignore")

Avro = Any  # a type in the normal form: a str, list or dict


class NotAvro(Exception):
    """Why a text is no schema of Avro."""


@dataclass
class Schema:
    """`named` has the definitions by their full names."""

    root: Avro = None
    named: dict[str, dict[str, Any]] = field(default_factory=dict)

    def definition(self, of: Avro) -> Avro:
        """What a name stands for; all else, and a primitive's name, is itself."""
        return self.named.get(of, of) if isinstance(of, str) else of


def read(text: str) -> Schema:
    """Raises NotAvro."""
    reading = _Reading(Schema())
    try:
        reading.schema.root = reading.type_of(msgspec.json.decode(text), "", 0)
        defaults = _Defaults(reading.schema)
        for default, of, place in reading.defaults:
            if not defaults.fit(default, of):
                raise NotAvro(f"the default of {place} is not of its type.")
    except msgspec.DecodeError as error:
        raise NotAvro(f"it is no JSON: {error}.") from error
    except RecursionError as error:
        raise NotAvro("it is nested too deep.") from error
    return reading.schema


def kind_of(of: Avro) -> str:
    """Such as `int`, `union`, `record` or `array`, of a type that is no name of another's."""
    if isinstance(of, list):
        return "union"
    return str(of["type"] if isinstance(of, dict) else of)


@dataclass
class _Reading:
    schema: Schema
    defaults: list[tuple[Any, Avro, str]] = field(default_factory=list)  # judged when all names are known

    def type_of(self, given: Any, space: str, depth: int) -> Avro:
        """`space` is the namespace in which names are told that have none."""
        if depth > _MOST_NESTED:
            raise NotAvro(f"it is nested deeper than {_MOST_NESTED} levels.")
        match given:
            case str():
                return self._reference(given, space)
            case list():
                return self._union(given, space, depth)
            case {"type": str(kind)} if kind in _COMPLEX:
                return _COMPLEX[kind](self, given, space, depth)
            case {"type": str(kind)}:
                told = self._reference(kind, space)
                return {**given, "type": told} if len(given) > 1 else told
        raise NotAvro(f"{_short(given)} is no type.")

    def _reference(self, name: str, space: str) -> str:
        if name in PRIMITIVES:
            return name
        full = name if "." in name or not space else f"{space}.{name}"
        if full not in self.schema.named:
            raise NotAvro(f"type {_short(name)} is not defined.")
        return full

    def _union(self, given: list[Any], space: str, depth: int) -> list[Avro]:
        branches = [self.type_of(each, space, depth + 1) for each in given]
        if any(isinstance(each, list) for each in branches):
            raise NotAvro("a union holds a union.")
        _demand_distinct(map(name_of, branches), "a union holds {} twice.")
        return branches

    def _array(self, given: Mapping[str, Any], space: str, depth: int) -> Avro:
        return {**given, "items": self.type_of(_member(given, "items", object), space, depth + 1)}

    def _map(self, given: Mapping[str, Any], space: str, depth: int) -> Avro:
        return {**given, "values": self.type_of(_member(given, "values", object), space, depth + 1)}

    def _fixed(self, given: Mapping[str, Any], space: str, _depth: int) -> Avro:
        told = self._define(given, space)
        if type(given.get("size")) is not int or given["size"] < 0:
            raise NotAvro(f"fixed {told['name']} has no size.")
        return told

    def _enum(self, given: Mapping[str, Any], space: str, _depth: int) -> Avro:
        told = self._define(given, space)
        symbols = [_named(each) for each in _member(given, "symbols", list)]
        _demand_distinct(symbols, f"enum {told['name']} has the symbol {{}} twice.")
        if "default" in given and given["default"] not in symbols:
            raise NotAvro(f"the default of enum {told['name']} is none of its symbols.")
        return told

    def _record(self, given: Mapping[str, Any], space: str, depth: int) -> Avro:
        told = self._define(given, space)
        inner = told["name"].rpartition(".")[0]
        fields = [self._field(each, told["name"], inner, depth) for each in _member(given, "fields", list)]
        _demand_distinct((each["name"] for each in fields), f"record {told['name']} has the field {{}} twice.")
        told["fields"] = fields
        return told

    def _field(self, given: Any, record: str, space: str, depth: int) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise NotAvro(f"record {record} has a field that is no object.")
        place = f"{record}.{_named(given.get('name'))}"
        if "type" not in given:
            raise NotAvro(f"field {place} has no type.")
        if given.get("order", "ascending") not in _ORDERS:
            raise NotAvro(f"field {place} has an order other than {', '.join(_ORDERS)}.")
        for alias in _aliases(given):
            _named(alias)
        of = self.type_of(given["type"], space, depth + 1)
        if "default" in given:
            self.defaults.append((given["default"], of, place))
        return {**given, "type": of}

    def _define(self, given: Mapping[str, Any], space: str) -> dict[str, Any]:
        """A named type, with its name and aliases in full, which from here on is known."""
        name, own = _member(given, "name", str), given.get("namespace", space)
        if not isinstance(own, str):
            raise NotAvro(f"the namespace of {_short(name)} is no text.")
        full = _full(name, own)
        if full in PRIMITIVES or full in self.schema.named:
            raise NotAvro(f"type {full} is defined already.")
        told = {key: value for key, value in given.items() if key != "namespace"} | {"name": full}
        if "aliases" in given:
            told["aliases"] = [_full(each, full.rpartition(".")[0]) for each in _aliases(given)]
        self.schema.named[full] = told
        return told


_COMPLEX: dict[str, Callable[[_Reading, Mapping[str, Any], str, int], Avro]] = {
    "array": _Reading._array,
    "map": _Reading._map,
    "fixed": _Reading._fixed,
    "enum": _Reading._enum,
    **dict.fromkeys(RECORDS, _Reading._record),
}


def name_of(of: Avro) -> str:
    """What tells a branch of a union from its others: its full name, or its kind."""
    return str(of.get("name", of["type"])) if isinstance(of, dict) else kind_of(of)


def _member(given: Mapping[str, Any], name: str, of: type) -> Any:
    if given.get(name) is None or not isinstance(given[name], of):
        raise NotAvro(f"{_short(given)} has no {name}.")
    return given[name]


def _aliases(given: Mapping[str, Any]) -> list[Any]:
    aliases = given.get("aliases", [])
    if not isinstance(aliases, list):
        raise NotAvro(f"the aliases of {_short(given.get('name'))} are no list.")
    return aliases


def _full(name: Any, space: str) -> str:
    full = name if not space or "." in str(name) else f"{space}.{name}"
    for part in str(full).split("."):
        _named(part)
    return str(full)


def _named(name: Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise NotAvro(f"{_short(name)} is no name of Avro's.")
    return name


def _demand_distinct(names: Iterable[str], message: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise NotAvro(message.format(name))
        seen.add(name)


@dataclass
class _Defaults:
    """Whether defaults are of their types. Of a union's branches any may be meant, as Avro 1.12 has it; before, it was
    the first."""

    schema: Schema
    known: dict[tuple[int, str], bool] = field(default_factory=dict)  # by a value and its type's name

    def fit(self, given: Any, of: Avro) -> bool:
        of = self.schema.definition(of)
        match kind_of(of):
            case "union":
                return any(self.fit(given, branch) for branch in of)
            case "array":
                return isinstance(given, list) and all(self.fit(each, of["items"]) for each in given)
            case "map":
                return isinstance(given, dict) and all(self.fit(each, of["values"]) for each in given.values())
            case "fixed":
                return _is_bytes(given) and len(given) == of["size"]
            case "enum":
                return given in of["symbols"]
            case kind if kind in _PLAIN:
                return _PLAIN[kind](given)
            case kind if kind in RECORDS:
                return self._fit_record(given, of)
            case _:
                return self.fit(given, of["type"])  # a name with attributes of its own

    def _fit_record(self, given: Any, of: Avro) -> bool:
        """Asked once of each value: unions of records that hold the union would ask for ever."""
        key = (id(given), of["name"])
        if key not in self.known:
            self.known[key] = isinstance(given, dict) and all(
                self.fit(given[each["name"]], each["type"]) if each["name"] in given else "default" in each
                for each in of["fields"]
            )
        return self.known[key]


def _is_bytes(given: Any) -> bool:
    """In JSON each sign stands for the byte of its number."""
    return isinstance(given, str) and all(ord(sign) < 256 for sign in given)


_PLAIN: dict[str, Callable[[Any], bool]] = {
    "null": lambda given: given is None,
    "boolean": lambda given: isinstance(given, bool),
    "int": lambda given: type(given) is int and -(2**31) <= given < 2**31,
    "long": lambda given: type(given) is int and -(2**63) <= given < 2**63,
    "float": lambda given: type(given) in (int, float),
    "double": lambda given: type(given) in (int, float),
    "string": lambda given: isinstance(given, str),
    "bytes": _is_bytes,
}


def _short(given: Any) -> str:
    text = given if isinstance(given, str) else msgspec.json.encode(given).decode()
    return repr(text if len(text) <= 80 else f"{text[:80]}…")
