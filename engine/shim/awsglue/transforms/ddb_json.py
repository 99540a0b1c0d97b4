"""DynamoDB JSON: attributes without the struct around each value that names its type (`{"S": "text"}`)."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F

from awsglue._casts import null_of
from awsglue._tree import Part, Typed, from_parts, members_of, parts_of, struct_column
from awsglue.gluetypes import ArrayType, ChoiceType, DataType, NullType, StructType

_ITEM = "Item"
_CODES = frozenset(("S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"))


def unnest_ddb_json(typed: Typed) -> Typed:
    """The attributes of `Item` (or of the record, if it has none) as plain values; lists of structs stay as they are.

    A number is the text DynamoDB writes (N), a NULL is null, a map (M) a struct of plain attributes. An attribute
    that has had several types in the records becomes a choice of them.
    """
    return _records(typed, simplify_lists=False)


def simplify_ddb_json(typed: Typed) -> Typed:
    """As `unnest_ddb_json`, with lists simplified too whose elements all have one type and are no maps."""
    return _records(typed, simplify_lists=True)


def _records(typed: Typed, simplify_lists: bool) -> Typed:
    attributes = [
        attribute
        for part in parts_of(typed)
        for attribute in (members_of(part) if part.name == _ITEM and isinstance(part.type, StructType) else [part])
    ]
    # an attribute is absent wherever its item is, and a plain value is null wherever its type was NULL
    return from_parts(typed, [replace(_plain(a, simplify_lists), present=False) for a in attributes])


def _plain(attribute: Part, simplify_lists: bool) -> Part:
    """An attribute without its wrapper; one that is not wrapped stays as it is."""
    if not isinstance(attribute.type, StructType) or not _is_wrapper(attribute.type):
        return attribute
    members = [_unwrapped(member, simplify_lists) for member in members_of(attribute)]
    held = [member for member in members if not isinstance(member.type, NullType)]
    merged = _merged([replace(member, name=member.type.typeName()) for member in held])
    return attribute if merged is None else replace(attribute, type=merged.type, column=merged.column)


def _is_wrapper(type: StructType) -> bool:
    return bool(type.fields) and all(field.name in _CODES for field in type.fields)


def _unwrapped(member: Part, simplify_lists: bool) -> Part:
    if member.name == "NULL":
        return replace(member, type=NullType(), column=null_of(NullType()))
    if member.name == "M" and isinstance(member.type, StructType):
        inside = [_plain(attribute, simplify_lists) for attribute in members_of(member)]
        type = StructType([attribute.field for attribute in inside])
        return replace(member, type=type, column=struct_column(inside, member.column.isNull()))
    if member.name == "L" and simplify_lists and isinstance(member.type, ArrayType):
        return _simple_list(member, member.type.elementType)
    return member


def _simple_list(member: Part, element: DataType) -> Part:
    if not isinstance(element, StructType) or len(element.fields) != 1 or element.fields[0].name in ("M", "NULL"):
        return member

    def plain(value: Column) -> Part:
        return _plain(Part(member.name, element, value), simplify_lists=True)

    return replace(
        member, type=ArrayType(plain(F.lit(None)).type), column=F.transform(member.column, lambda v: plain(v).column)
    )


def _merged(members: Sequence[Part]) -> Part | None:
    """One field of members of which a record has at most one; None where two of a kind do not fit together."""
    if not members:
        return Part("", NullType(), null_of(NullType()))
    kinds: dict[str, Part] = {}
    for member in members:
        known = kinds.setdefault(member.name, member)
        if known.type != member.type:
            return None
        if known is not member:
            kinds[member.name] = replace(known, column=F.coalesce(known.column, member.column))
    ordered = [kinds[name] for name in sorted(kinds)]
    if len(ordered) == 1:
        return ordered[0]
    nothing = reduce(operator.and_, [member.column.isNull() for member in ordered])
    return Part("", ChoiceType([member.type for member in ordered]), struct_column(ordered, nothing))
