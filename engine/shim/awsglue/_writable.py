"""What a sink cannot write, found before anything is written: types, names and partition keys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pyspark.errors import AnalysisException

from awsglue._typetext import hive_text
from awsglue.gluetypes import (
    ArrayType,
    BinaryType,
    ChoiceType,
    DataType,
    Field,
    MapType,
    SetType,
    StringType,
    StructType,
)

_NESTED = (ArrayType, ChoiceType, MapType, SetType, StructType)
_AVRO_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class UnwritableError(AnalysisException, ValueError):
    """A sink cannot write a field. `known` are the words by which Spark's own writers say so."""

    def __init__(self, known: str, field: str, type: DataType, sink: str, why: str, instead: str) -> None:
        shown = f"{field!r} of type {hive_text(type)}"
        told = f"The sink to {sink} cannot write the field {shown}: {why}. {instead} Nothing was written."
        AnalysisException.__init__(self, f"{known}. {told}")
        self.field = field


class UnwritableFrameError(AnalysisException, ValueError):
    """A sink cannot write a frame, whatever its types. `known` are the words by which Spark's own writers say so."""

    def __init__(self, known: str, sink: str, why: str) -> None:
        told = f"The sink to {sink} cannot write the frame: {why} Nothing was written."
        AnalysisException.__init__(self, f"{known}. {told}")


class PartitionKeyMissingError(UnwritableFrameError, KeyError):
    """A partition key of a sink is no field of the frame."""

    def __init__(self, key: str, type: StructType, sink: str) -> None:
        known = f"Partition column {key} not found in schema {hive_text(type)}"
        UnwritableFrameError.__init__(self, known, sink, f"it has no field {key!r} to make folders of.")

    __str__ = AnalysisException.__str__  # KeyError would show the text as code


def check_names(type: StructType, sink: str) -> None:
    """UnwritableFrameError for fields that readers of the files could not tell apart."""
    folded = Counter(field.name.lower() for field in type.fields)
    twice = next((name for name, count in folded.items() if count > 1), None)
    if twice is not None:
        known = f"Found duplicate column(s) when inserting into {sink}: `{twice}`"
        why = f"two fields are named {twice!r} but for upper and lower case. Rename one."
        raise UnwritableFrameError(known, sink, why)


def check_writable(type: StructType, form: str, keys: Sequence[str], sink: str) -> None:
    """UnwritableError or UnwritableFrameError for what the format or the partition folders have no form for.

    PartitionKeyMissingError for a key that is no field.
    """
    missing = next((key for key in keys if not type.hasField(key)), None)
    if missing is not None:
        raise PartitionKeyMissingError(missing, type, sink)
    if keys and len(keys) == len(type.fields):
        why = "all its fields are partition keys, so the files would have none."
        raise UnwritableFrameError("Cannot use all columns for partition columns", sink, why)
    for field in type.fields:
        if field.name in keys:
            _check_key(field.name, field.dataType, sink)
        else:
            if form == "avro":
                _check_avro_name(field.name, field, sink)
            for path, kind in _inside(field.name, field.dataType):
                _check(path, kind, form, sink)


def _check_key(name: str, type: DataType, sink: str) -> None:
    if isinstance(type, (*_NESTED, BinaryType)):
        known = f"Cannot use {hive_text(type)} for partition column"
        instead = "Cast it to string, or make a key of one of its members."
        raise UnwritableError(known, name, type, sink, "a partition key is one plain value", instead)


def _inside(path: str, type: DataType) -> Iterator[tuple[str, DataType]]:
    """A field and everything in it, each with its path."""
    yield path, type
    if isinstance(type, StructType):
        for field in type.fields:
            yield from _inside(f"{path}.{field.name}", field.dataType)
    elif isinstance(type, ChoiceType):
        for name, member in type.choices.items():
            yield from _inside(f"{path}.{name}", member)
    elif isinstance(type, ArrayType):
        yield from _inside(f"{path}[]", type.elementType)
    elif isinstance(type, MapType):
        yield from _inside(f"{path}[]", type.valueType)


def _check(path: str, type: DataType, form: str, sink: str) -> None:
    if form in ("parquet", "orc", "avro") and isinstance(type, StructType) and not type.fields:
        known = "Datasource does not support writing empty or nested empty schemas"
        why = f"{form} has no struct without members"
        raise UnwritableError(known, path, type, sink, why, "Drop it with drop_fields.")
    known = f"{form.upper()} data source does not support {hive_text(type)} data type"
    if form == "csv" and isinstance(type, BinaryType):
        raise UnwritableError(known, path, type, sink, "csv is text", "Cast it to string, or write parquet.")
    if form == "avro" and isinstance(type, MapType) and not isinstance(type.keyType, StringType):
        raise UnwritableError(known, path, type, sink, "keys of a map are strings in avro", "Write parquet.")
    if form == "avro" and isinstance(type, StructType):
        for field in type.fields:
            _check_avro_name(f"{path}.{field.name}", field, sink)


def _check_avro_name(path: str, field: Field, sink: str) -> None:
    if not _AVRO_NAME.fullmatch(field.name):
        known = f"Illegal character in: {field.name}"
        instead = "Rename it with rename_field to letters, digits and underscores."
        raise UnwritableError(known, path, field.dataType, sink, "it is no name in avro", instead)
