"""Learning the types of JSON texts from columns: Arrow's reader takes most of them apart, without a Python object each.

It cannot tell everything: an absent field is a null to it, and 5 beside 5.0 is 5.0. Texts in which that matters are
handed back, to be looked at as records.
"""

from __future__ import annotations

from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json
from pyarrow import types as kinds

from awsglue._json_structs import alike_to
from awsglue._shapes import Shape

_INT = 2**31


class Columns:
    """A look at batch after batch of texts, of which `shape` takes note."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._are_alike = True

    def see(self, texts: pa.Array[Any]) -> pa.Array[Any]:
        """Takes note of the records in texts (of type binary) that it understands; the texts it does not come back.

        Those are all of them where one is no plain JSON object, or where a field holds values of several kinds.
        """
        lines = _joined(texts)
        if lines is None:
            return texts
        doubts = self._see_alike(lines, len(texts))
        if doubts is None:
            records = _read(lines, len(texts))
            if records is None:
                return texts
            doubts = _doubts(records)
            _see(self.shape, records.filter(pc.invert(doubts)))
        return texts.filter(doubts)

    def _see_alike(self, lines: Any, count: int) -> Any:
        """Not tried again once it fails: it would mostly fail again."""
        alike = alike_to(self.shape) if self._are_alike and self.shape.structs else None
        if alike is None:
            return None
        doubts = alike.see(lines, count)
        self._are_alike = doubts is not None
        return doubts


def _joined(texts: pa.Array[Any]) -> Any:
    """The texts as lines of one buffer; None unless each begins and ends as an object does, in UTF-8.

    A line break lies outside of strings, and between } and { outside of objects: so many texts, so many objects.
    """
    try:
        readable = texts.cast(pa.string())  # which tells of bytes that are no UTF-8; Arrow's reader does not care
    except pa.ArrowInvalid:
        return None
    if not pc.all(pc.and_(pc.starts_with(readable, "{"), pc.ends_with(readable, "}")), skip_nulls=False).as_py():
        return None
    joined: Any = pc.binary_join(pa.ListArray.from_arrays([0, len(texts)], texts), b"\n")
    return joined[0].as_buffer()


def _read(lines: Any, count: int) -> Any:
    """The records as an array of structs; None unless there are `count`, one after another."""
    try:
        how = arrow_json.ReadOptions(use_threads=False, block_size=lines.size + 1)
        table = arrow_json.read_json(cast("IO[Any]", pa.BufferReader(lines)), read_options=how)
        table.validate()  # the reader makes lists of nothing but nulls that are longer than their elements
    except pa.ArrowInvalid:
        return None
    if table.num_rows != count or not table.num_columns:
        return None
    return table.combine_chunks().to_batches()[0].to_struct_array()


def _doubts(column: Any) -> Any:
    """Where there is, at any depth, a null (it may be no field at all) or a double that may be a whole number."""
    doubts = column.is_null()
    if kinds.is_struct(column.type):
        for member in column.flatten():
            doubts = pc.or_(doubts, _doubts(member))
    elif kinds.is_list(column.type):
        inside = pc.list_parent_indices(column).filter(_doubts(column.flatten()))
        if len(inside):
            doubts = pc.or_(doubts, pc.is_in(pa.array(range(len(column)), inside.type), inside))
    elif kinds.is_floating(column.type):
        doubts = pc.or_(doubts, pc.equal(pc.floor(column), column).fill_null(True))
    return doubts


def _see(shape: Shape, column: Any) -> None:
    """What `Shape.see` notes of the values, none of which is in doubt."""
    if not len(column):
        return
    if kinds.is_struct(column.type):
        shape.structs += len(column)
        for field, member in zip(column.type, column.flatten(), strict=True):
            known = shape.fields.setdefault(field.name, Shape())
            known.seen += len(column)
            _see(known, member)
    elif kinds.is_list(column.type):
        shape.element = shape.element or Shape()
        _see(shape.element, column.flatten())
    else:
        shape.see(_telling(column))


def _telling(column: Any) -> list[Any]:
    """Few values in which `Shape.see` sees what it would see in all of a column without members."""
    if kinds.is_timestamp(column.type):
        return [""]  # a text to JSON, though Arrow reads an instant in it
    if not kinds.is_integer(column.type):
        return [column[0].as_py()]
    ends = [pc.min(column).as_py(), pc.max(column).as_py()]
    return ends if ends[0] >= -_INT and ends[1] < _INT else column.to_pylist()
