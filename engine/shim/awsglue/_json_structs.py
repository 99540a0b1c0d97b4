"""Looking at further JSON texts where the types are known: most often they are of the same, and that is told quickest.

A decoder made for the known types takes each text apart in C and fails at the first that is of any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.compute as pc

from awsglue._shapes import Shape, uncollected

try:
    import msgspec
except ImportError:  # scripts that run on a foreign Spark have what that Spark has
    msgspec = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Alike:
    """Takes texts, one object a line, for records of just the fields and types that `shape` has seen in all so far."""

    shape: Shape
    decode: Callable[[bytes], list[Any]]
    doubles: tuple[Callable[[Any], float], ...]

    def see(self, lines: bytes, count: int) -> pa.Array[Any] | None:
        """Takes note of the records but for those with a double that may be a whole number: which these are.

        None, and nothing is noted, unless all `count` records are of these types.
        """
        try:
            with uncollected():
                records = self.decode(lines)
        except (ValueError, RecursionError):  # of msgspec, for bytes that are no UTF-8 and texts that are no JSON, too
            return None
        if len(records) != count:
            return None
        doubts = pa.array([False]).take(pa.array([0] * count))
        for double in self.doubles:
            column = pa.array(list(map(double, records)), pa.float64())
            doubts = pc.or_(doubts, pc.equal(pc.floor(column), column))
        _count(self.shape, count - doubts.true_count)
        return doubts


def alike_to(shape: Shape) -> Alike | None:
    """None where records were not all of the same fields, each of one type and never null, or hold lists."""
    if msgspec is None:
        return None
    kind = _struct(shape)
    if kind is None:
        return None
    doubles = tuple(attrgetter(path) for path in _doubles(shape))
    return Alike(shape, msgspec.json.Decoder(kind).decode_lines, doubles)


def _struct(shape: Shape) -> Any:
    if not shape.fields or shape.atoms or shape.element is not None:
        return None
    kinds = [_kind(field) for field in shape.fields.values()]
    if None in kinds or any(field.seen != shape.structs for field in shape.fields.values()):
        return None
    names = [f"f{at}" for at in range(len(kinds))]
    renamed = dict(zip(names, shape.fields, strict=True))
    return msgspec.defstruct(
        "Record", list(zip(names, kinds, strict=True)), rename=renamed, forbid_unknown_fields=True, gc=False
    )


def _kind(shape: Shape) -> Any:
    if shape.structs:
        return _struct(shape) if shape.structs == shape.seen else None
    if len(shape.atoms) != 1 or shape.element is not None:
        return None
    [name] = shape.atoms
    return {"string": str, "boolean": bool, "double": float, "int": _Int}.get(name)


_Int = None if msgspec is None else Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]


def _doubles(shape: Shape, within: Sequence[str] = ()) -> Iterator[str]:
    """Where in the decoded record the doubles are."""
    for at, field in enumerate(shape.fields.values()):
        path = (*within, f"f{at}")
        if field.structs:
            yield from _doubles(field, path)
        elif "double" in field.atoms:
            yield ".".join(path)


def _count(shape: Shape, records: int) -> None:
    shape.structs += records
    for field in shape.fields.values():
        field.seen += records
        if field.structs:
            _count(field, records)
