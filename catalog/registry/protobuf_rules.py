"""What a .proto file has to keep beyond its grammar, and which type each field's name means."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.registry.protobuf_texts import HIGHEST, Enum, Field, File, Message, Range, parse
from catalog.registry.protobuf_tokens import invalid

WHOLE = frozenset(["int32", "int64", "uint32", "uint64", "sint32", "sint64"])
WHOLE_FIXED = frozenset(["fixed32", "fixed64", "sfixed32", "sfixed64"])
KEYS = WHOLE | WHOLE_FIXED | {"bool", "string"}
SCALARS = KEYS | {"bytes", "double", "float"}
_OURS = range(19_000, 20_000)  # protobuf keeps them for itself
_WELL_KNOWN = {
    "any": ["Any"],
    "api": ["Api", "Method", "Mixin"],
    "descriptor": [
        *(
            "FileDescriptorSet",
            "FileDescriptorProto",
            "DescriptorProto",
            "FieldDescriptorProto",
            "OneofDescriptorProto",
        ),
        *("EnumDescriptorProto", "EnumValueDescriptorProto", "ServiceDescriptorProto", "MethodDescriptorProto"),
    ],
    "duration": ["Duration"],
    "empty": ["Empty"],
    "field_mask": ["FieldMask"],
    "source_context": ["SourceContext"],
    "struct": ["Struct", "Value", "ListValue"],
    "timestamp": ["Timestamp"],
    "type": ["Type", "Field", "Enum", "EnumValue", "Option"],
    "wrappers": [
        *("DoubleValue", "FloatValue", "Int64Value", "UInt64Value", "Int32Value"),
        *("UInt32Value", "BoolValue", "StringValue", "BytesValue"),
    ],
}
_WELL_KNOWN_ENUMS = {"struct": ["NullValue"], "type": ["Syntax"]}


@dataclass(frozen=True)
class Schema:
    """Messages and enums by full name; the type of a field is a scalar, or a full name with a dot before it."""

    syntax: str
    messages: dict[str, Message]
    enums: dict[str, Enum]
    outside: frozenset[str]  # enums of imported files
    spelling: str


def read(text: str) -> Schema:
    """Raises InvalidSchema."""
    file = parse(text)
    if not file.messages:
        raise invalid("it declares no message")
    package = f"{file.package}." if file.package else ""
    messages = {package + message.name: message for message in file.messages}
    enums = {package + enum.name: enum for enum in file.enums}
    _check_symbols(file)
    known, outside = _imported(file)
    known |= messages.keys() | enums.keys()
    for full, message in messages.items():
        _check_message(message, file.syntax)
        message.fields = [_resolved(one, full, known) for one in message.fields]
        for one in message.fields:
            _check_map(one, message, enums)
    for enum in file.enums:
        _check_enum(enum, file.syntax)
    return Schema(file.syntax, messages, enums, outside, file.spelling)


def _imported(file: File) -> tuple[set[str], frozenset[str]]:
    """The types of the imported files, and which of them are enums."""
    known, enums = set(), set()
    for name in file.imports:
        stem = name.removeprefix("google/protobuf/").removesuffix(".proto")
        if name != f"google/protobuf/{stem}.proto" or stem not in _WELL_KNOWN:
            raise invalid(f"import {name[:200]!r} is not supported, only the files of google/protobuf")
        enums |= {f"google.protobuf.{one}" for one in _WELL_KNOWN_ENUMS.get(stem, [])}
        known |= {f"google.protobuf.{one}" for one in _WELL_KNOWN[stem]}
    return known | enums, frozenset(enums)


def _check_symbols(file: File) -> None:
    """Values of an enum stand beside it, as in C++."""
    names = [one.name for one in file.messages] + [one.name for one in file.enums] + file.services
    for message in file.messages:
        inner = [*(one.name for one in message.fields), *message.oneofs]
        names += [f"{message.name}.{name}" for name in inner]
    for enum in file.enums:
        scope = enum.name.rpartition(".")[0]
        names += [f"{scope}.{name}" if scope else name for name, _ in enum.values]
    twice = _twice(names)
    if twice is not None:
        raise invalid(f"the name {twice} is declared twice")


def _check_message(message: Message, syntax: str) -> None:
    if syntax == "proto3" and message.extensions:
        raise invalid(f"message {message.name} has extensions, which proto3 does not know")
    twice = _twice(one.number for one in message.fields)
    if twice is not None:
        raise invalid(f"message {message.name} has the number {twice} twice")
    for low, high in (*message.reserved, *message.extensions):
        if low < 1 or high > HIGHEST:
            raise invalid(f"message {message.name} has the range {low} to {high}, outside of 1 to {HIGHEST}")
    for one in message.fields:
        _check_field(one, message, syntax)


def _check_field(one: Field, message: Message, syntax: str) -> None:
    at = f"field {message.name}.{one.name}"
    if not 1 <= one.number <= HIGHEST or one.number in _OURS:
        raise invalid(f"{at} has the number {one.number}, not one of 1 to {HIGHEST} without 19000 to 19999")
    if one.name in message.reserved_names or _within(one.number, (*message.reserved, *message.extensions)):
        raise invalid(f"{at} has a name or number ({one.number}) that is reserved")
    if syntax == "proto3" and (one.label == "required" or "default" in one.options):
        raise invalid(f"{at} is required or has a default, which proto3 does not know")
    if syntax == "proto2" and not (one.label or one.oneof or one.key):
        raise invalid(f"{at} is neither optional, required nor repeated")


def _check_map(one: Field, message: Message, enums: dict[str, Enum]) -> None:
    if one.key and one.key not in KEYS:
        raise invalid(f"field {message.name}.{one.name} is a map with keys of type {one.key}")
    enum = enums.get(one.type[1:])
    if one.key and enum is not None and enum.values and enum.values[0][1] != 0:
        raise invalid(f"field {message.name}.{one.name} is a map of {enum.name}, which does not begin with 0")


def _check_enum(enum: Enum, syntax: str) -> None:
    numbers = [number for _, number in enum.values]
    if not numbers:
        raise invalid(f"enum {enum.name} has no value")
    if syntax == "proto3" and numbers[0] != 0:
        raise invalid(f"enum {enum.name} does not begin with 0")
    twice = _twice(numbers)
    if twice is not None and enum.options.get("allow_alias") != "true":
        raise invalid(f"enum {enum.name} has the number {twice} twice, without allow_alias")
    for name, number in enum.values:
        if not -(2**31) <= number < 2**31:
            raise invalid(f"enum {enum.name} has the number {number}, which is not of 32 bits")
        if name in enum.reserved_names or _within(number, enum.reserved):
            raise invalid(f"enum {enum.name} has a name or number ({name} = {number}) that is reserved")


def _resolved(one: Field, message: str, known: set[str]) -> Field:
    """The type's name is looked for in the message, then in what is around it; its first word decides where."""
    if one.type in SCALARS:
        return one
    scope, wanted = f"{message}.", one.type
    if wanted.startswith("."):
        scope, wanted = "", wanted[1:]
    first = wanted.partition(".")[0]
    while True:
        if scope + wanted in known:
            return dataclasses.replace(one, type=f".{scope}{wanted}")
        hidden = any(name == scope + first or name.startswith(f"{scope}{first}.") for name in known)
        if not scope or (hidden and first != wanted):
            raise invalid(f"the type {one.type} of field {message}.{one.name} is not declared")
        outer = scope[:-1].rpartition(".")[0]
        scope = f"{outer}." if outer else ""


def _twice(values: Iterable[str | int]) -> str | int | None:
    return next((value for value, times in Counter(values).items() if times > 1), None)


def _within(number: int, ranges: Iterable[Range]) -> bool:
    return any(low <= number <= high for low, high in ranges)
