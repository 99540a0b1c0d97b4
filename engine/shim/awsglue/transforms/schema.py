"""with_frame_schema: records as a given schema says."""

from __future__ import annotations

from dataclasses import replace

from awsglue._casts import cast_part, null_of
from awsglue._settling import decided
from awsglue._tree import Part, Typed, from_parts, parts_of
from awsglue._union import fitted
from awsglue.gluetypes import ChoiceType, Field, NullType, StructType, UnknownType, mergeDataTypes


def with_schema(typed: Typed, schema: StructType) -> Typed:
    """The fields of the schema and no others, in its order; values convert, and null stands where they cannot.

    A field whose declared type is a choice, null or unknown keeps its own values. A name that is not there stands for
    one that differs in upper and lower case only.
    """
    typed = decided(typed)
    parts = parts_of(typed)
    known = {**{part.name.lower(): part for part in parts}, **{part.name: part for part in parts}}
    found = [(known.get(field.name) or known.get(field.name.lower()), field) for field in schema.fields]
    return from_parts(typed, [_declared(part, field) for part, field in found])


def _declared(part: Part | None, field: Field) -> Part:
    if part is None:
        return Part(field.name, field.dataType, null_of(field.dataType))
    if isinstance(field.dataType, NullType | UnknownType):
        return replace(part, name=field.name)
    if isinstance(field.dataType, ChoiceType):
        wider = mergeDataTypes(part.type, field.dataType)
        return Part(field.name, wider, fitted(part, wider), part.present)
    return replace(cast_part(part, field.dataType), name=field.name)
