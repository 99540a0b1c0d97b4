"""Learning types from values: a scan in Python that sees every value once and keeps only what it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any, cast

import pyarrow as pa

from awsglue.gluetypes import (
    ArrayType,
    BinaryType,
    BooleanType,
    ChoiceType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    Field,
    IntegerType,
    LongType,
    NullType,
    StringType,
    StructType,
    TimestampType,
    from_json,
    mergeDataTypes,
)

_ATOMS: dict[type, DataType] = {
    str: StringType(),
    bool: BooleanType(),
    float: DoubleType(),
    datetime: TimestampType(),
    date: DateType(),
    bytes: BinaryType(),
    bytearray: BinaryType(),
}
_INT, _LONG, _DOUBLE, _WHOLE = IntegerType(), LongType(), DoubleType(), DecimalType(38, 0)


class Shape:
    """What one field has been seen to hold; null until something else is seen."""

    __slots__ = ("atoms", "element", "fields")

    def __init__(self) -> None:
        self.atoms: dict[str, DataType] = {}
        self.fields: dict[str, Shape] | None = None
        self.element: Shape | None = None

    def see(self, value: Any) -> None:
        """Takes note of one value; TypeError for a Python type no field can hold."""
        if value is None:
            return
        if isinstance(value, dict):
            self.fields = {} if self.fields is None else self.fields
            for name, member in value.items():
                if name not in self.fields:
                    self.fields[name] = Shape()
                self.fields[name].see(member)
        elif isinstance(value, list | tuple):
            self.element = self.element or Shape()
            for item in value:
                self.element.see(item)
        else:
            atom = _atom(value)
            if self.atoms.get(atom.name) != atom:
                self.atoms[atom.name] = mergeDataTypes(self.atoms.get(atom.name, NullType()), atom)

    def type(self) -> DataType:
        """The type of everything seen."""
        kinds = list(self.atoms.values())
        if self.fields is not None:
            kinds.append(StructType([Field(name, shape.type()) for name, shape in self.fields.items()]))
        if self.element is not None:
            kinds.append(ArrayType(self.element.type()))
        return ChoiceType(kinds) if len(kinds) > 1 else (kinds[0] if kinds else NullType())


def _atom(value: Any) -> DataType:
    """Whole numbers are int within 32 bits, long within 64, then decimal(38,0); past 38 digits they are double."""
    if type(value) is int:
        if -(2**31) <= value < 2**31:
            return _INT
        if -(2**63) <= value < 2**63:
            return _LONG
        return _WHOLE if abs(value) < 10**38 else _DOUBLE
    if isinstance(value, Decimal):
        digits = value.as_tuple()
        scale = max(0, -int(digits.exponent))
        return DecimalType(min(38, max(len(digits.digits) + max(0, int(digits.exponent)), scale)), scale)
    if type(value) not in _ATOMS:
        raise TypeError(f"A record cannot hold {value!r}: it is a {type(value).__name__}.")
    return _ATOMS[type(value)]


def scan_lines(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Of texts that are JSON records (or arrays of them): one row with the type as JSON and the count of broken ones.

    Runs on the workers, once per partition; blank texts count for nothing.
    """
    shape, broken = Shape(), 0
    for batch in batches:
        for text in batch.column(0).to_pylist():
            if text is not None and not text.isspace() and text and not _see_text(shape, text):
                broken += 1
    yield summary(shape, broken)


def _see_text(shape: Shape, text: str) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    records = value if isinstance(value, list) else [value]
    for entry in records:
        if isinstance(entry, dict):
            shape.see(entry)
    return all(isinstance(entry, dict) for entry in records)


SUMMARY_SCHEMA = "types string, broken bigint"


def summary(shape: Shape, broken: int) -> pa.RecordBatch:
    """A partition's findings as one row of SUMMARY_SCHEMA; `types` is null when it saw nothing."""
    types = None if shape.fields is None else json.dumps(shape.type().jsonValue())
    columns: list[pa.Array[Any]] = [pa.array([types], pa.string()), pa.array([broken], pa.int64())]
    return pa.RecordBatch.from_arrays(columns, names=["types", "broken"])


def merged(types: Iterable[str | None]) -> StructType:
    """The type of a frame out of its partitions' findings."""
    kinds = [from_json(json.loads(text)) for text in types if text]
    found = reduce(mergeDataTypes, kinds, cast(DataType, StructType()))
    if not isinstance(found, StructType):
        raise TypeError(f"Records are structs, not {found.typeName()}.")
    return found
