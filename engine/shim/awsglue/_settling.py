"""Settling what a frame leaves open: one aggregate over the data tells which columns really are choices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from pyspark import SparkContext
from pyspark.sql import functions as F

from awsglue._paths import Path
from awsglue._tree import OpenChoice, Part, Typed, members_of, rewrite, struct_column
from awsglue.gluetypes import ChoiceType, StringType

PURPOSE = "isinglass.purpose"


@contextmanager
def schema_jobs(context: SparkContext) -> Iterator[None]:
    """Marks the Spark jobs started inside as run to learn a schema, so that metrics leave their rows out."""
    context.setLocalProperty(PURPOSE, "schema")
    try:
        yield
    finally:
        context.setLocalProperty(PURPOSE, cast(str, None))  # None clears it; pyspark's annotation says str


def settled(typed: Typed) -> Typed:
    """The frame with every open choice decided by its own values, as records describe themselves.

    All values cast: the declared type. None casts: string. Both kinds: a choice. No value at all: the declared type.
    """
    opened = _open_paths(typed)
    if not opened:
        return typed
    counts = [
        F.count(member.column).alias(f"{at}_{name}")
        for at, part in enumerate(opened.values())
        for name, member in zip(("declared", "text"), _ordered(part), strict=True)
    ]
    with schema_jobs(typed.frame.sparkSession.sparkContext):
        found = typed.frame.agg(*counts).collect()[0]
    seen = {path: (found[f"{at}_declared"], found[f"{at}_text"]) for at, path in enumerate(opened)}

    def decide(path: Path, part: Part) -> Sequence[Part]:
        return [_decide(part, *seen[path])] if isinstance(part.type, OpenChoice) else [part]

    return rewrite(typed, decide)


def _open_paths(typed: Typed) -> dict[Path, Part]:
    opened: dict[Path, Part] = {}

    def note(path: Path, part: Part) -> Sequence[Part]:
        if isinstance(part.type, OpenChoice):
            opened[path] = part
        return [part]

    rewrite(typed, note)
    return opened


def _ordered(part: Part) -> tuple[Part, Part]:
    """The member of the declared type, then the text."""
    declared, text = sorted(members_of(part), key=lambda member: isinstance(member.type, StringType))
    return declared, text


def _decide(part: Part, declared_count: int, text_count: int) -> Part:
    declared, text = _ordered(part)
    if declared_count and text_count:
        return Part(part.name, ChoiceType([declared.type, text.type]), part.column)
    chosen = text if text_count else declared
    return Part(part.name, chosen.type, chosen.column)


def open_choice(name: str, declared: Part, text: Part) -> Part:
    """A field that is `declared` where the text casts and keeps the text where it does not."""
    kept = Part(text.name, text.type, F.when(declared.column.isNull(), text.column))
    type = OpenChoice([declared.type, text.type])
    members = sorted([declared, kept], key=lambda member: member.name)
    return Part(name, type, struct_column(members, text.column.isNull()))
