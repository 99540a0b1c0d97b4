"""Amazon Ion, text and binary: structs one after another are records. Read with the extra `ion` (amazon.ion)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from decimal import Decimal as Number
from typing import Any

from catalog.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DOUBLE,
    INT,
    STRING,
    TIMESTAMP,
    Array,
    Decimal,
    HiveType,
    Struct,
)
from crawlers.errors import Unreadable
from crawlers.formats import Field, Finding, Head, Layout, Options, Rejected, Schema
from crawlers.lattice import MOST_DIGITS, VOID, arrange, canonical, join_all
from crawlers.sampling import TEXT_BYTES

NAME = "ion"
_BINARY = b"\xe0\x01\x00\xea"
_VERSION = b"$ion_1_0"
_DEEPEST = 100
# A struct of text Ion that JSON is not: its first name is without quotes, or in single ones; or it is annotated.
_struct = re.compile(rb"(?:[A-Za-z_$][\w$]*\s*::\s*)*\{\s*(?:[A-Za-z_$][\w$]*|'[^'\n]{1,255}')\s*:").match
_NO_READER = "it is Ion, which needs a part that is not installed: pip install 'isinglass[ion]'"


def examine(head: Head, _options: Options) -> Finding | Rejected:
    """Raises Unreadable for binary Ion, or text that says it is Ion, that is damaged."""
    start = head.data.lstrip()
    declared = head.data.startswith(_BINARY) or start.startswith(_VERSION)
    if not declared and not _struct(start):
        return Rejected("it does not begin as Ion")
    head = head if head.whole else head.more(TEXT_BYTES)
    try:
        values = _values(head, declared)
    except ImportError:
        return Rejected(_NO_READER, final=True)
    if values is None:
        return Rejected("it begins as Ion but holds no complete value")
    try:
        kinds = [_type(value, 0) for value in values]
    except RecursionError as error:
        raise Unreadable(why=f"its Ion is nested more than {_DEEPEST} levels deep") from error
    records = [kind for kind in kinds if isinstance(kind, Struct)]
    kind = arrange(join_all(records), records)
    if not isinstance(kind, Struct) or not kind.fields:
        return Rejected("it is Ion whose values are no structs with fields", final=True)
    fields = tuple(Field(name, inner) for name, inner in kind.fields)
    return Finding(Schema(NAME, (), fields), len(records), head.stored)


def _values(head: Head, declared: bool) -> list[Any] | None:
    """The head's complete values; None if there is none and nothing says that it must be Ion. Raises ImportError."""
    from amazon.ion import simpleion
    from amazon.ion.exceptions import IonException

    found: list[Any] = []
    try:
        stream = simpleion.load(io.BytesIO(head.data), single_value=False, parse_eagerly=False)
        for value in stream:
            found.append(value)
    except (IonException, ValueError, OverflowError, TypeError, RecursionError) as error:
        if head.whole and declared:
            raise Unreadable(why=f"it is Ion that is cut short or damaged ({str(error)[:200]})") from error
        if head.whole:
            return None
    return found or None


def _type(value: Any, depth: int) -> HiveType:
    """The type of one Ion value. A null of any type says nothing."""
    if depth > _DEEPEST:
        raise RecursionError
    kind = getattr(getattr(value, "ion_type", None), "name", "")
    if value is None or kind == "NULL" or type(value).__name__ == "IonPyNull":
        return VOID
    if kind == "BOOL" or isinstance(value, bool):
        return BOOLEAN
    if kind in ("SYMBOL", "STRING") or isinstance(value, str):
        return STRING
    if isinstance(value, bytes):
        return BINARY
    if isinstance(value, int):
        return INT if -(2**31) <= value < 2**31 else BIGINT if -(2**63) <= value < 2**63 else STRING
    if isinstance(value, float):
        return DOUBLE
    if isinstance(value, Number):
        return _decimal(value)
    if kind == "TIMESTAMP":
        return TIMESTAMP
    if hasattr(value, "items"):
        return _struct_type(value.items(), depth)
    return Array(join_all(_type(inner, depth + 1) for inner in value)) if kind in ("LIST", "SEXP") else STRING


def _struct_type(fields: Iterable[tuple[Any, Any]], depth: int) -> HiveType:
    named = Struct(tuple((str(getattr(name, "text", name)), _type(inner, depth + 1)) for name, inner in fields))
    return arrange(canonical(named), [named])


def _decimal(value: Number) -> HiveType:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        return DOUBLE
    scale = max(0, -exponent)
    digits = max(len(value.as_tuple().digits) + max(0, exponent), scale, 1)
    return Decimal(digits, scale) if digits <= MOST_DIGITS else DOUBLE


def conflict(_a: Schema, _b: Schema) -> str | None:
    """Ion is read by name and its values are converted, so any two schemas fit in one table."""
    return None


def storage(_schema: Schema) -> Layout:
    return Layout(
        input_format="com.amazon.ionhiveserde.formats.IonInputFormat",
        output_format="com.amazon.ionhiveserde.formats.IonOutputFormat",
        serde="com.amazon.ionhiveserde.IonHiveSerDe",
        serde_parameters={},
        caveat="only readers with the Ion SerDe of Hive read it; Spark comes without",
    )
