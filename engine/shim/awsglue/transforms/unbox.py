"""Unbox: a field of text becomes what the text says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsglue._boxes import avro_as_json, csv_names
from awsglue._casts import cast_part
from awsglue._errors import ERROR_COLUMNS, Errors
from awsglue._fields import find_field
from awsglue._formats import csv_reading, folded, is_set
from awsglue._json import scan_json
from awsglue._missing import NotProvidedError
from awsglue._paths import ELEMENT, Path
from awsglue._sparktypes import given_struct
from awsglue._tree import Part, Typed, parts_of, rewrite, struct_column
from awsglue._variants import reading_schema, unpacked
from awsglue.gluetypes import BinaryType, DataType, Field, NullType, StringType, StructType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

_FORMATS = ("json", "csv", "avro")
_VALUE, _CORRUPT = "value", "_isinglass_corrupt"
_HEAD = r"\A[^\n]*\n?"


@dataclass(frozen=True)
class Box:
    """What texts are in: a format, its options (separator, escaper, …), and the type of what is inside, if given."""

    format: str
    options: dict[str, Any] = field(default_factory=dict)
    schema: StructType | None = None


@dataclass(frozen=True)
class _Opened:
    """What became of a text: its value, and (where any text may be broken) whether it could not be read."""

    value: Part
    broken: Column | None = None


def parse_box(format: str, options: dict[str, Any]) -> Box:
    """A box of unbox's arguments. `withSchema` is the JSON text of a struct type, Spark's or Glue's.

    NotProvidedError for another format than json, csv and avro, ValueError for a schema that is no struct.
    """
    if format.lower() not in _FORMATS:
        raise NotProvidedError(f"unbox of the format {format!r}", f"It unboxes {', '.join(_FORMATS)}.")
    given = folded(options)
    return Box(format.lower(), given, given_struct(given["withschema"]) if given.get("withschema") else None)


def unbox(typed: Typed, path: Path, box: Box) -> Typed:
    """The frame with the text at `path` replaced by what it says; null stays null.

    Without a schema one is learnt from all texts: for JSON any type, for CSV columns of text (col0, col1, … or the
    header's names). A record whose text cannot be read becomes an error record. A path that leads nowhere is ignored.
    ValueError if the field is not text, NotProvidedError in arrays.
    """
    if ELEMENT in path:
        raise NotProvidedError(f"unbox inside an array ({'.'.join(path)})", "Relationalize first.")
    boxed = find_field(parts_of(typed), path)
    if boxed is None or isinstance(boxed.type, NullType):
        return typed
    if not isinstance(boxed.type, StringType | BinaryType):
        raise ValueError(f"unbox reads text, and {'.'.join(path)} is {boxed.type.typeName()}: cast it first.")
    opened = _OPENERS[box.format](typed.frame, boxed, box)
    good = typed
    if opened.broken is not None:
        errors = Errors(lambda: _error_rows(typed, boxed, ".".join(path), box, opened.broken))
        good = typed.thinned_to(typed.frame.where(~opened.broken)).with_errors(errors)

    def visit(at: Path, part: Part) -> Sequence[Part]:
        return [replace(part, type=opened.value.type, column=opened.value.column)] if at == path else [part]

    return rewrite(good, visit)


def _error_rows(typed: Typed, boxed: Part, source: str, box: Box, broken: Column | None) -> DataFrame:
    text = boxed.column.cast("string")
    known = {
        "msg": F.lit(f"Unable to unbox {source}: the text is not {box.format.upper()} of the schema."),
        "input": text,
        "bytesread": F.octet_length(boxed.column),
        "source": F.lit(source),
        "dynamicRecord": F.to_json(F.struct(*[part.column.alias(part.name) for part in parts_of(typed)])),
    }
    nothing = F.lit(None).cast("string")
    return typed.frame.where(broken).select(  # type: ignore[arg-type]
        *[known.get(name, nothing).alias(name) for name in ERROR_COLUMNS]
    )


def _open_json(frame: DataFrame, boxed: Part, box: Box) -> _Opened:
    return _json(frame, boxed, boxed.column.cast("string"), box)


def _json(frame: DataFrame, boxed: Part, text: Column, box: Box) -> _Opened:
    """A text may be any JSON value, so each is read as the one field of a record, which also must end where it ends."""
    record = F.concat(F.lit(f'{{"{_VALUE}":'), text, F.lit("}"))
    all_good = False
    if box.schema is not None:
        type: DataType = box.schema
    else:
        scan = scan_json(frame.select(record.alias("text")).where(F.col("text").isNotNull()))
        found = scan.type.field_map.get(_VALUE)
        type, all_good = (found.dataType if found else NullType()), not (scan.broken or scan.rows)
    reading = reading_schema(StructType([Field(_VALUE, type), Field(_CORRUPT, StringType())]))
    read = F.from_json(record, reading, {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": _CORRUPT})
    value = Part(boxed.name, type, unpacked(read.getField(_VALUE), type))
    return _Opened(value, None if all_good else read.getField(_CORRUPT).isNotNull())


def _open_csv(frame: DataFrame, boxed: Part, box: Box) -> _Opened:
    """CSV has no broken texts: columns a text lacks are null, and so are values that do not cast to the schema."""
    headed = is_set(box.options, "withheader")
    signs = {name: value for name, value in csv_reading(box.options).items() if name in ("sep", "quote", "escape")}
    text = boxed.column.cast("string")
    fields = (
        box.schema.fields
        if box.schema
        else [Field(name, StringType()) for name in csv_names(frame, text, signs, headed)]
    )
    if headed or is_set(box.options, "skipfirst"):
        text = F.regexp_replace(text, _HEAD, "")
    texts = ", ".join(f"c{at} string" for at in range(len(fields)))
    read = F.from_csv(text, texts, signs)
    cells = [Part(f.name, StringType(), read.getField(f"c{at}")) for at, f in enumerate(fields)]
    members = [cast_part(cell, f.dataType) for cell, f in zip(cells, fields, strict=True)]
    type = StructType([member.field for member in members])
    return _Opened(Part(boxed.name, type, struct_column(members, boxed.column.isNull())))


def _open_avro(frame: DataFrame, boxed: Part, box: Box) -> _Opened:
    """Avro as base64 text or bytes: what it says comes by way of JSON, made in Python."""
    raw = boxed.column if isinstance(boxed.type, BinaryType) else F.try_to_binary(boxed.column, F.lit("base64"))
    text = avro_as_json(raw, box.options.get("avroschema"))
    opened = _json(frame, boxed, text, box)
    unread = boxed.column.isNotNull() & text.isNull()
    return replace(opened, broken=unread if opened.broken is None else unread | opened.broken)


_OPENERS: dict[str, Callable[[DataFrame, Part, Box], _Opened]] = {
    "json": _open_json,
    "csv": _open_csv,
    "avro": _open_avro,
}


class Unbox(GlueTransform):
    """Reads the text in one field as json, csv or avro, and puts what it says in the text's place."""

    def __call__(
        self,
        frame: DynamicFrame,
        path: str,
        format: str,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
        **options: Any,
    ) -> DynamicFrame:
        return frame.unbox(path, format, transformation_ctx, info, stageThreshold, totalThreshold, **options)
