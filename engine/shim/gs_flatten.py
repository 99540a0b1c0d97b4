"""Studio's Flatten: `import gs_flatten` gives frames the method gs_flatten."""

from __future__ import annotations

from collections.abc import Iterator

from awsglue._studio import visual
from awsglue._tree import column_named
from pyspark.sql import Column, DataFrame
from pyspark.sql.types import DataType, StructType


@visual
def gs_flatten(frame: DataFrame, maxLevels: int | str = 0, separator: str = ".") -> DataFrame:
    """The members of structs as columns of their own, `parent.member`, down to `maxLevels` (0: all); arrays stay."""
    levels = int(maxLevels) or -1
    leaves = [
        leaf.alias(name)
        for field in frame.schema.fields
        for name, leaf in _leaves(field.name, column_named(frame, field.name), field.dataType, levels, separator)
    ]
    return frame.select(leaves)


def _leaves(name: str, value: Column, type: DataType, levels: int, separator: str) -> Iterator[tuple[str, Column]]:
    if not isinstance(type, StructType) or levels == 0:
        yield name, value
        return
    for field in type.fields:
        path = f"{name}{separator}{field.name}"
        yield from _leaves(path, value.getField(field.name), field.dataType, levels - 1, separator)
