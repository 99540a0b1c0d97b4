"""A Spark frame together with its Glue types, and the one walk that rewrites both.

Every choice is held as toDF shows it: a struct with one member per type, named by the type, at most one not null.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsglue._errors import Errors
from awsglue._paths import ELEMENT, Path
from awsglue.gluetypes import ArrayType, ChoiceType, DataType, Field, MapType, Present, StructType


class OpenChoice(ChoiceType):
    """A column that may turn out to be a choice: (declared type, string) of a typed text source.

    Held like a choice. Nobody has looked yet whether some value does not cast; `settled` looks.
    """


class Lines(Protocol):
    """The text that a frame's open choices are read from."""

    def all_cast(self, types: Collection[DataType]) -> bool:
        """Whether every text casts in the columns whose types are these very objects. False: it does not tell."""


@dataclass(frozen=True)
class Typed:
    """A frame whose columns are the fields of `type`, in order.

    `sparse`: the records came from a self-describing source, so a null may stand for a field that was absent.
    `thinned`: rows of a sparse frame were left out since anybody looked, so there may be fields that no record has;
    `settled` looks. A step that leaves rows out says so by `thinned_to`, whatever the frame is.
    `errors`: the error records of this step and those before it, none of which are in `frame`.
    `lines`: a cheaper look than at the frame's values, by which `settled` may decide its open choices.
    A step makes its frame of the one it got by `from_parts`, `rewrite` or `dataclasses.replace`, which carry all this.
    """

    frame: DataFrame
    type: StructType
    sparse: bool = False
    thinned: bool = False
    errors: tuple[Errors, ...] = ()
    lines: Lines | None = None

    def thinned_to(self, frame: DataFrame) -> Typed:
        """The same fields with fewer rows."""
        return replace(self, frame=frame, thinned=self.sparse)

    def with_errors(self, *errors: Errors) -> Typed:
        """The same frame with more error records known of."""
        return replace(self, errors=(*self.errors, *errors))


@dataclass(frozen=True)
class Part:
    """A field on its way: its name, its type, the expression that computes it, and whether it is `Present`.

    A step that changes a field says `dataclasses.replace(part, …)`, which keeps what it does not change.
    """

    name: str
    type: DataType
    column: Column
    present: bool = False

    @property
    def field(self) -> Field:
        return (Present if self.present else Field)(self.name, self.type)


Visit = Callable[[Path, Part], Sequence[Part]]


def column_named(frame: DataFrame, name: str) -> Column:
    """The column of exactly that name, dots and back-ticks included."""
    return frame["`" + name.replace("`", "``") + "`"]


def parts_of(typed: Typed) -> list[Part]:
    """The top-level fields of a frame."""
    return [_part_of(field, column_named(typed.frame, field.name)) for field in typed.type.fields]


def _part_of(field: Field, column: Column) -> Part:
    return Part(field.name, field.dataType, column, isinstance(field, Present))


def from_parts(typed: Typed, parts: Iterable[Part]) -> Typed:
    """The frame with these fields instead of its own."""
    chosen = list(parts)
    frame = typed.frame.select([part.column.alias(part.name) for part in chosen])
    return replace(typed, frame=frame, type=StructType([part.field for part in chosen]))


def rewrite(typed: Typed, visit: Visit) -> Typed:
    """The frame after every field went through `visit`, members before what encloses them.

    `visit` gets the path (with `[]` for an array's or map's elements) and the field, and answers with what stands in
    its place: nothing, itself, or several siblings. A frame in which nothing changes is returned as it is. A struct
    or array that loses its last member goes too.
    """
    before = parts_of(typed)
    after = _rewrite_all(before, (), visit)
    return typed if _same(before, after) else from_parts(typed, after)


def rewritten(typed: Typed, visit: Visit) -> list[Part]:
    """The fields `rewrite` would make, as expressions over the frame there is."""
    return _rewrite_all(parts_of(typed), (), visit)


def _rewrite_all(parts: Iterable[Part], path: Path, visit: Visit) -> list[Part]:
    return [new for part in parts for new in _rewrite(part, (*path, part.name), visit)]


def _rewrite(part: Part, path: Path, visit: Visit) -> Sequence[Part]:
    inner = _inside(part, path, visit)
    return visit(path, inner) if inner is not None else []


def _inside(part: Part, path: Path, visit: Visit) -> Part | None:
    if isinstance(part.type, StructType):
        return _inside_struct(part, path, visit)
    if isinstance(part.type, ChoiceType):
        return _inside_choice(part, part.type, path, visit)
    if isinstance(part.type, ArrayType):
        return _inside_array(part, part.type, path, visit)
    if isinstance(part.type, MapType):
        return _inside_map(part, part.type, path, visit)
    return part


def members_of(part: Part) -> list[Part]:
    """The fields of a struct field, or the members of a choice field; empty for any other."""
    if isinstance(part.type, StructType):
        return [_part_of(field, part.column.getField(field.name)) for field in part.type.fields]
    if isinstance(part.type, ChoiceType):
        return [Part(name, type, part.column.getField(name)) for name, type in part.type.choices.items()]
    return []


def struct_column(parts: Sequence[Part], null_when: Column | None = None) -> Column:
    """A struct of these members, null where `null_when` is true."""
    built = F.struct(*[part.column.alias(part.name) for part in parts])
    return built if null_when is None else F.when(~null_when, built)


def _inside_struct(part: Part, path: Path, visit: Visit) -> Part | None:
    before = members_of(part)
    after = _rewrite_all(before, path, visit)
    if _same(before, after):
        return part
    if not after:
        return None
    type = StructType([member.field for member in after], part.type.properties)
    return replace(part, type=type, column=struct_column(after, part.column.isNull()))


def _inside_choice(part: Part, type: ChoiceType, path: Path, visit: Visit) -> Part | None:
    before = members_of(part)
    # A member's own name is not a step of a path: `a.b` reaches b in the struct that is one member of the choice a.
    after = [inner for member in before if (inner := _inside(member, path, visit)) is not None]
    if _same(before, after):
        return part
    if not after:
        return None
    rebuilt = type.__class__([member.type for member in after], type.properties)
    return replace(part, type=rebuilt, column=struct_column(after, part.column.isNull()))


def _inside_array(part: Part, type: ArrayType, path: Path, visit: Visit) -> Part | None:
    element: Part | None = None
    changed = False

    def each(value: Column) -> Column:
        nonlocal element, changed
        before = Part(ELEMENT, type.elementType, value)
        element = _single(_rewrite(before, (*path, ELEMENT), visit), path)
        changed = element is not before
        return element.column if element is not None else value

    mapped = F.transform(part.column, each)
    if not changed:
        return part
    return None if element is None else replace(part, type=ArrayType(element.type, type.properties), column=mapped)


def _inside_map(part: Part, type: MapType, path: Path, visit: Visit) -> Part | None:
    inner: Part | None = None
    changed = False

    def each(_: Column, value: Column) -> Column:
        nonlocal inner, changed
        before = Part(ELEMENT, type.valueType, value)
        inner = _single(_rewrite(before, (*path, ELEMENT), visit), path)
        changed = inner is not before
        return inner.column if inner is not None else value

    mapped = F.transform_values(part.column, each)
    if not changed:
        return part
    if inner is None:
        return None
    return replace(part, type=MapType(inner.type, type.properties, type.keyType), column=mapped)


def _single(parts: Sequence[Part], path: Path) -> Part | None:
    if len(parts) > 1:
        raise ValueError(f"The elements of {'.'.join(path)} cannot become several columns; use make_struct or cast.")
    return parts[0] if parts else None


def _same(before: Sequence[Part], after: Sequence[Part]) -> bool:
    return len(before) == len(after) and all(old is new for old, new in zip(before, after, strict=True))
