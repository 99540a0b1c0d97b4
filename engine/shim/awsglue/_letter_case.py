"""Fields of JSON whose names differ in upper and lower case alone: Spark tells them not apart, so they become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from pyspark.sql import functions as F

from awsglue._sparktypes import to_spark
from awsglue._tree import Part, members_of, struct_column
from awsglue._union import fitted
from awsglue.gluetypes import ArrayType, DataType, Field, Present, StructType, mergeDataTypes

_MARK = "\x1f"  # after it stands the number of the spelling


def has_twins(type: DataType) -> bool:
    """Whether two fields of a struct, at any depth but in choices, have one name but for the case of letters."""
    if isinstance(type, StructType):
        names = {field.name.lower() for field in type.fields}
        return len(names) < len(type.fields) or any(has_twins(field.dataType) for field in type.fields)
    return isinstance(type, ArrayType) and has_twins(type.elementType)


def apart(type: StructType) -> StructType:
    """The same type, in which each further spelling of a name is marked by its number."""
    seen: dict[str, int] = {}
    fields = []
    for field in type.fields:
        count = seen[field.name.lower()] = seen.get(field.name.lower(), 0) + 1
        name = field.name if count == 1 else f"{field.name}{_MARK}{count}"
        fields.append((Present if isinstance(field, Present) else Field)(name, _apart(field.dataType)))
    return StructType(fields, type.properties)


def _apart(type: DataType) -> DataType:
    if isinstance(type, StructType):
        return apart(type)
    return ArrayType(_apart(type.elementType), type.properties) if isinstance(type, ArrayType) else type


def together(parts: Sequence[Part]) -> list[Part]:
    """Fields of a type that `apart` made, each spelled as it was first seen; of a record's, the first not null."""
    spellings: dict[str, list[Part]] = {}
    for part in parts:
        name = part.name.partition(_MARK)[0]
        spellings.setdefault(name.lower(), []).append(replace(_inside(part), name=name))
    return [_one_of(several) for several in spellings.values()]


def _one_of(parts: Sequence[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    alike = [parts[0]]
    for part in parts[1:]:
        type = _spelled(part.type, reduce(mergeDataTypes, [each.type for each in alike]))
        alike.append(replace(part, type=type, column=part.column.cast(to_spark(type))))
    merged = reduce(mergeDataTypes, [part.type for part in alike])
    column = F.coalesce(*[fitted(part, merged) for part in alike])
    return Part(parts[0].name, merged, column, any(part.present for part in parts))


def _spelled(type: DataType, model: DataType) -> DataType:
    """The same type, its fields spelled as those of the model."""
    if isinstance(type, StructType) and isinstance(model, StructType):
        known = {field.name.lower(): field for field in model.fields}
        fields = []
        for field in type.fields:
            found = known.get(field.name.lower(), field)
            kind = Present if isinstance(field, Present) else Field
            fields.append(kind(found.name, _spelled(field.dataType, found.dataType)))
        return StructType(fields, type.properties)
    if isinstance(type, ArrayType) and isinstance(model, ArrayType):
        return ArrayType(_spelled(type.elementType, model.elementType), type.properties)
    return type


def _inside(part: Part) -> Part:
    if not _has_marks(part.type):
        return part
    if isinstance(part.type, StructType):
        members = together(members_of(part))
        type = StructType([member.field for member in members], part.type.properties)
        return replace(part, type=type, column=struct_column(members, part.column.isNull()))
    element = part.type.elementType if isinstance(part.type, ArrayType) else part.type
    probe = _inside(Part("", element, F.lit(None)))
    column = F.transform(part.column, lambda item: _inside(Part("", element, item)).column)
    return replace(part, type=ArrayType(probe.type), column=column)


def _has_marks(type: DataType) -> bool:
    if isinstance(type, StructType):
        return any(_MARK in field.name or _has_marks(field.dataType) for field in type.fields)
    return isinstance(type, ArrayType) and _has_marks(type.elementType)
