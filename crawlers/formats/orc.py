"""ORC: the footer at the file's end says everything, so no row is read."""

from __future__ import annotations

import pyarrow as pa
from pyarrow import orc

from crawlers.errors import Unreadable
from crawlers.formats import Field, Finding, Head, Layout, Options, Rejected, Schema
from crawlers.formats.arrow import hive_type

NAME = "orc"


def examine(head: Head, _options: Options) -> Finding | Rejected:
    """Raises Unreadable for a file that begins as ORC and has no sound footer."""
    if not head.data.startswith(b"ORC"):
        return Rejected("it does not begin with ORC")
    source = pa.BufferReader(head.data) if head.whole else head.handle
    try:
        file = orc.ORCFile(source)
        arrow, rows = file.schema, file.nrows
        fields = tuple([Field(field.name, hive_type(field.type)) for field in arrow])
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise Unreadable(
            why=f"it begins as ORC but its footer cannot be read: cut short or damaged ({reason})"
        ) from error
    if not fields:
        raise Unreadable(why="it is ORC without any column")
    unions = [field.name for field in arrow if pa.types.is_union(field.type)]
    notes = tuple(f"column {name} is a union, which readers do not take: it is declared as string" for name in unions)
    return Finding(Schema(NAME, (), fields), rows, head.size, notes)


def conflict(_a: Schema, _b: Schema) -> str | None:
    """Readers of ORC convert what a file has to what the table declares, so any two schemas fit in one table."""
    return None


def storage(_schema: Schema) -> Layout:
    return Layout(
        input_format="org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        output_format="org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        serde="org.apache.hadoop.hive.ql.io.orc.OrcSerde",
        serde_parameters={},
    )
