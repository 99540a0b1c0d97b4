"""with_frame_schema: records as a given schema says."""

from __future__ import annotations

from awsglue._casts import cast_part, null_of
from awsglue._settling import decided
from awsglue._tree import Part, Typed, from_parts, parts_of
from awsglue._union import fitted
from awsglue.gluetypes import ChoiceType, Field, NullType, StructType, UnknownType, mergeDataTypes


def with_schema(typed: Typed, schema: StructType) -> Typed:
    """The fields of the schema and no others, in its order; values convert, and null stands where they cannot.

    A field whose declared type is a choice, null or unknown keeps its own values.
    """
    known = {part.name: part for part in parts_of(decided(typed))}
    return from_parts(decided(typed), [_declared(known.get(field.name), field) for field in schema.fields])


def _declared(part: Part | None, field: Field) -> Part:
    if part is None:
        return Part(field.name, field.dataType, null_of(field.dataType))
    if isinstance(field.dataType, NullType | UnknownType):
        return part
    if isinstance(field.dataType, ChoiceType):
        wider = mergeDataTypes(part.type, field.dataType)
        return Part(field.name, wider, fitted(part, wider), part.present)
    return cast_part(part, field.dataType)
