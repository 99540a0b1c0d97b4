"""Settling what a frame leaves open: one aggregate over the data tells which choices and which fields there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from typing import cast

from pyspark import SparkContext
from pyspark.sql import Column
from pyspark.sql import functions as F

from awsglue._paths import ELEMENT, Path
from awsglue._tree import OpenChoice, Part, Typed, column_named, members_of, rewrite, rewritten, struct_column
from awsglue.gluetypes import ArrayType, ChoiceType, DataType, MapType, NullType, Present, StringType, StructType

PURPOSE = "isinglass.purpose"

# a field, or (with its name) one member of a choice, and whether a value holds it
Key = tuple[Path, str | None]
Look = tuple[Key, Callable[[Column], Column]]


@contextmanager
def schema_jobs(context: SparkContext) -> Iterator[None]:
    """Marks the Spark jobs started inside as run to learn a schema, so that metrics leave their rows out."""
    context.setLocalProperty(PURPOSE, "schema")
    try:
        yield
    finally:
        context.setLocalProperty(PURPOSE, cast(str, None))  # None clears it; pyspark's annotation says str


def settled(typed: Typed) -> Typed:
    """The frame with everything decided by its own values, as records describe themselves.

    As `decided`, and in a thinned frame a field that no record has any more is left out, and so is a member of a
    choice. A frame that leaves nothing open costs no look.
    """
    found = _settled(typed, typed.thinned)
    return replace(found, thinned=False) if found.thinned else found


def decided(typed: Typed) -> Typed:
    """The frame with every open choice decided, for steps that must know which columns are choices.

    All values cast: the declared type. None casts: string. Both kinds: a choice. No value at all: the declared type.
    """
    return _settled(typed, thinned=False)


def _settled(typed: Typed, thinned: bool) -> Typed:
    if not any(True for _ in _looks(typed.type, (), thinned)):
        return typed
    with schema_jobs(typed.frame.sparkSession.sparkContext):
        typed = _told_by_lines(typed)
        seen = _asked(typed, list(_looks(typed.type, (), thinned)))
        # Mostly every text casts, and then nobody need ask whether any does.
        texts = {path for (path, name), found in seen.items() if found and name is not None}
        further = (look for look in _looks(typed.type, (), thinned, both=True) if look[0] not in seen)
        seen |= _asked(typed, [look for look in further if look[0][0] in texts])

    def decide(path: Path, part: Part) -> Sequence[Part]:
        if not seen.get((path, None), True):
            return []
        return [_decide(part, path, seen)] if isinstance(part.type, ChoiceType) else [part]

    return rewrite(typed, decide)


def _told_by_lines(typed: Typed) -> Typed:
    """The frame with its open choices being of their declared types where lines show that every text casts."""
    open_types: list[DataType] = []

    def collect(path: Path, part: Part) -> Sequence[Part]:
        open_types.extend([part.type] if isinstance(part.type, OpenChoice) else [])
        return [part]

    def declared(path: Path, part: Part) -> Sequence[Part]:
        if not isinstance(part.type, OpenChoice):
            return [part]
        [kept] = [member for member in members_of(part) if not isinstance(member.type, StringType)]
        return [replace(part, type=kept.type, column=kept.column)]

    if typed.lines is None:
        return typed
    rewritten(typed, collect)
    return rewrite(typed, declared) if open_types and typed.lines.all_cast(open_types) else typed


def _asked(typed: Typed, looks: Sequence[Look]) -> dict[Key, bool]:
    """One aggregate that answers all looks; none where there is nothing to ask."""
    if not looks:
        return {}
    row = F.struct(*[column_named(typed.frame, field.name) for field in typed.type.fields])
    found = [F.coalesce(F.bool_or(test(row)), F.lit(False)).alias(f"f{at}") for at, (_, test) in enumerate(looks)]
    answers = typed.frame.agg(*found).collect()[0]
    return {key: bool(answer) for (key, _), answer in zip(looks, answers, strict=True)}


def _looks(type: DataType, path: Path, thinned: bool, both: bool = False) -> Iterator[Look]:
    """What is to be asked of values of that type: of an open choice whether text is kept, or with `both` of each."""
    if isinstance(type, StructType):
        for field in type.fields:
            inside = (*path, field.name)
            if thinned and not isinstance(field, Present):
                yield (inside, None), _member(field.name, Column.isNotNull)
            yield from _deeper(_looks(field.dataType, inside, thinned, both), field.name)
    elif isinstance(type, ChoiceType):
        for name, member in type.choices.items():
            if thinned or (isinstance(type, OpenChoice) and (both or isinstance(member, StringType))):
                yield (path, name), _member(name, Column.isNotNull)
            yield from _deeper(_looks(member, path, thinned, both), name)
    elif isinstance(type, ArrayType):
        for key, test in _looks(type.elementType, (*path, ELEMENT), thinned, both):
            yield key, _some(test, lambda column: column)
    elif isinstance(type, MapType):
        for key, test in _looks(type.valueType, (*path, ELEMENT), thinned, both):
            yield key, _some(test, F.map_values)


def _deeper(looks: Iterator[Look], name: str) -> Iterator[Look]:
    for key, test in looks:
        yield key, _member(name, test)


def _member(name: str, test: Callable[[Column], Column]) -> Callable[[Column], Column]:
    return lambda column: test(column.getField(name))


def _some(test: Callable[[Column], Column], items: Callable[[Column], Column]) -> Callable[[Column], Column]:
    return lambda column: F.exists(items(column), test)


def _decide(part: Part, path: Path, seen: Mapping[Key, bool]) -> Part:
    members = members_of(part)
    held = [member for member in members if seen.get((path, member.name), True)]
    if not held and isinstance(part.type, OpenChoice):
        held = [member for member in members if not isinstance(member.type, StringType)]
    if not held:
        return replace(part, type=NullType(), column=F.lit(None))
    if len(held) == 1:
        return replace(part, type=held[0].type, column=held[0].column)
    if len(held) == len(members) and isinstance(part.type, OpenChoice):
        something = reduce(Column.__or__, [member.column.isNotNull() for member in members])
        return replace(part, type=ChoiceType([m.type for m in members]), column=F.when(something, part.column))
    if len(held) == len(members):
        return part
    kept = struct_column(held, part.column.isNull())
    return replace(part, type=ChoiceType([member.type for member in held]), column=kept)


def open_choice(name: str, declared: Part, text: Part) -> Part:
    """A field that is `declared` where the text casts and keeps the text where it does not.

    While it is open it is never null itself, only its members are: Spark then works out just the members that are
    used, and makes no struct.
    """
    kept = Part(text.name, text.type, F.when(declared.column.isNull(), text.column))
    type = OpenChoice([declared.type, text.type])
    members = sorted([declared, kept], key=lambda member: member.name)
    return Part(name, type, struct_column(members))
