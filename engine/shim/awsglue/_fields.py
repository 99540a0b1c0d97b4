"""Finding one field of a frame by its path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pyspark.sql import Column
from pyspark.sql import functions as F

from awsglue._paths import ELEMENT, Path
from awsglue._tree import Part, members_of
from awsglue.gluetypes import ArrayType, ChoiceType


def find_field(fields: Sequence[Part], path: Path) -> Part | None:
    """The field at a path that leads through structs (or the members of choices) by exact names; None if none does."""
    found = next((field for field in fields if field.name == path[0]), None)
    return found if found is None or len(path) == 1 else find_field(members_of(found), path[1:])


def gathered_field(fields: Sequence[Part], path: Path, case_sensitive: bool = True) -> Part | None:
    """The field at a path, which `[]` leads into arrays: then an array of what each element has there; None if none.

    Names match ignoring case unless told otherwise, the exact one first. A choice is entered by its struct or array.
    """
    exact = [field for field in fields if field.name == path[0]]
    loose = [] if case_sensitive else [field for field in fields if field.name.lower() == path[0].lower()]
    found = next(iter([*exact, *loose]), None)
    inner = None if found is None else _descend(found, path[1:], case_sensitive)
    return inner if inner is None or found is None else replace(inner, present=found.present and inner.present)


def _descend(part: Part, path: Path, case_sensitive: bool) -> Part | None:
    if not path:
        return part
    if isinstance(part.type, ChoiceType):
        kind = "array" if path[0] == ELEMENT else "struct"
        member = next((member for member in members_of(part) if member.name == kind), None)
        return None if member is None else _descend(member, path, case_sensitive)
    if path[0] == ELEMENT:
        return _descend_array(part, path[1:], case_sensitive)
    return gathered_field(members_of(part), path, case_sensitive)


def _descend_array(part: Part, path: Path, case_sensitive: bool) -> Part | None:
    if not isinstance(part.type, ArrayType):
        return None
    array = part.type
    probe = _descend(Part(ELEMENT, array.elementType, F.lit(None)), path, case_sensitive)
    if probe is None:
        return None

    def each(value: Column) -> Column:
        inner = _descend(Part(ELEMENT, array.elementType, value), path, case_sensitive)
        return value if inner is None else inner.column

    return replace(part, type=ArrayType(probe.type), column=F.transform(part.column, each))
