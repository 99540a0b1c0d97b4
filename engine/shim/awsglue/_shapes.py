"""Learning types from values: a scan in Python that sees every value once and keeps only what it was.

It looks at many values at a time, column by column, so that most of its work is done by loops of the interpreter.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from itertools import chain
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
    Present,
    StringType,
    StructType,
    TimestampType,
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


@contextmanager
def uncollected() -> Iterator[None]:
    """Makes many objects without the search for cycles among them, which would take most of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Shape:
    """What one field has been seen to hold; null until something else is seen.

    `seen` counts the structs that have the field, `structs` the structs that were its values.
    """

    __slots__ = ("atoms", "element", "fields", "seen", "structs")

    def __init__(self) -> None:
        self.atoms: dict[str, DataType] = {}
        self.fields: dict[str, Shape] = {}
        self.element: Shape | None = None
        self.structs = 0
        self.seen = 0

    def see(self, values: Sequence[Any]) -> None:
        """Takes note of values; TypeError for a Python type no field can hold."""
        kinds = set(map(type, values))
        for kind in kinds - {type(None)}:
            same: Sequence[Any] = values if len(kinds) == 1 else [value for value in values if type(value) is kind]
            if issubclass(kind, dict):
                self._see_structs(same)
            elif issubclass(kind, list | tuple):
                self.element = self.element or Shape()
                self.element.see(list(chain.from_iterable(same)))
            else:
                for atom in _atoms(kind, same):
                    known = self.atoms.get(atom.name, atom)
                    self.atoms[atom.name] = known if known == atom else mergeDataTypes(known, atom)

    def _see_structs(self, structs: Sequence[dict[Any, Any]]) -> None:
        self.structs += len(structs)
        layouts = dict.fromkeys(map(tuple, structs))
        if len(layouts) == 1:
            names = next(iter(layouts))
            columns: Iterable[Sequence[Any]] = zip(*[struct.values() for struct in structs], strict=True)
        else:
            names = tuple(dict.fromkeys(chain.from_iterable(layouts)))
            columns = ([struct[name] for struct in structs if name in struct] for name in names)
        for name, column in zip(names, columns, strict=True):
            field = self.fields.setdefault(str(name), Shape())
            field.seen += len(column)
            field.see(column)

    def type(self) -> DataType:
        """The type of everything seen; fields that every struct has are Present."""
        kinds = list(self.atoms.values())
        if self.structs:
            kinds.append(StructType([self._field(name, shape) for name, shape in self.fields.items()]))
        if self.element is not None:
            kinds.append(ArrayType(self.element.type()))
        return ChoiceType(kinds) if len(kinds) > 1 else (kinds[0] if kinds else NullType())

    def _field(self, name: str, shape: Shape) -> Field:
        return (Present if shape.seen == self.structs else Field)(name, shape.type())


def _atoms(kind: type, values: Sequence[Any]) -> Iterable[DataType]:
    if kind in _ATOMS:
        return [_ATOMS[kind]]
    if issubclass(kind, int):
        return _whole_numbers(values)
    if issubclass(kind, Decimal):
        return [reduce(mergeDataTypes, map(_decimal, values))]
    for known, atom in _ATOMS.items():
        if issubclass(kind, known):
            return [atom]
    raise TypeError(f"A record cannot hold {values[0]!r}: it is a {kind.__name__}.")


def _whole_numbers(values: Sequence[int]) -> Iterable[DataType]:
    """Whole numbers are int within 32 bits, long within 64, then decimal(38,0); past 38 digits they are double."""
    least, most = min(values), max(values)
    if least >= -(2**31) and most < 2**31:
        return [_INT]
    wide = [value for value in values if not -(2**31) <= value < 2**31]
    kinds = [_INT] if len(wide) < len(values) else []
    if any(-(2**63) <= value < 2**63 for value in wide):
        kinds.append(cast(Any, _LONG))
    huge = [abs(value) for value in wide if not -(2**63) <= value < 2**63]
    if any(value < 10**38 for value in huge):
        kinds.append(cast(Any, _WHOLE))
    if any(value >= 10**38 for value in huge):
        kinds.append(cast(Any, _DOUBLE))
    return kinds


def _decimal(value: Decimal) -> DataType:
    digits = value.as_tuple()
    scale = max(0, -int(digits.exponent))
    return DecimalType(min(38, max(len(digits.digits) + max(0, int(digits.exponent)), scale)), scale)


SUMMARY_SCHEMA = "types binary, broken bigint"


def summary(shape: Shape, broken: int) -> pa.RecordBatch:
    """A partition's findings as one row of SUMMARY_SCHEMA; `types` is null when it saw nothing."""
    types = pickle.dumps(shape.type()) if shape.structs else None
    columns: list[pa.Array[Any]] = [pa.array([types], pa.binary()), pa.array([broken], pa.int64())]
    return pa.RecordBatch.from_arrays(columns, names=["types", "broken"])


def merged(types: Iterable[bytes | None]) -> StructType:
    """The type of a frame out of its partitions' findings."""
    kinds = [pickle.loads(found) for found in types if found]  # noqa: S301 - what our own workers sent
    found = reduce(mergeDataTypes, kinds) if kinds else StructType()
    if not isinstance(found, StructType):
        raise TypeError(f"Records are structs, not {found.typeName()}.")
    return found
