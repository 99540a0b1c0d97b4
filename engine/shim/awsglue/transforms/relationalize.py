"""Relationalize: nested records as flat tables that refer to each other by keys.

The records are written once, as Parquet under the staging path, with a key beside each record and beside each array
element that holds arrays itself. Every table is cut from these files, so no retry and no second read can number the
same record differently.
"""

from __future__ import annotations

import atexit
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from awsglue._casts import cast_part, null_of
from awsglue._nodes import Node, Stage
from awsglue._paths import Path
from awsglue._service import Service, find_service
from awsglue._tree import Part, Typed, from_parts, members_of, parts_of, rewrite, struct_column
from awsglue.gluetypes import (
    ArrayType,
    ChoiceType,
    DataType,
    Field,
    IntegerType,
    LongType,
    MapType,
    NullType,
    SetType,
    StringType,
    StructType,
)
from awsglue.transforms.transform import GlueTransform
from awsglue.transforms.unnest import flat
from awsglue.utils import latest_temp_dir

if TYPE_CHECKING:
    from awsglue._collection import DynamicFrameCollection
    from awsglue.dynamicframe import DynamicFrame

_KEY, _VALUE, _ID, _INDEX, _ENTRY = "key", "value", "id", "index", "entry"
_PARTITION_BITS = 33  # Spark's monotonically_increasing_id counts in these, and has the partition's number above


@dataclass(frozen=True)
class Table:
    """One table of the result: its fields, and the arrays that lead from a record to its rows (none for the root).

    All of them are computed from the columns `key` and `value` of the step before.
    """

    name: str
    fields: Sequence[Part]
    arrays: Sequence[Part] = ()


def tables(name: str, type: StructType) -> list[Table]:
    """The root table and one per array, each before those of the arrays inside it.

    The table of an array at `path` is `name_path`, and its fields are `path.val` or `path.val.field`.
    """
    return list(_tables(name, Table(name, flat(members_of(Part("", type, F.col(_VALUE)))))))


def _tables(root: str, table: Table) -> Iterator[Table]:
    yield table
    for field in table.fields:
        if isinstance(field.type, ArrayType):
            element = Part(f"{field.name}.val", field.type.elementType, F.col(_VALUE))
            yield from _tables(root, Table(f"{root}_{field.name}", flat([element]), (*table.arrays, field)))


@dataclass(frozen=True)
class Keys:
    """Where keys begin: at 1, or with a bookmark for `transformation_ctx` after the last run's."""

    transformation_ctx: str = ""

    def first(self) -> int:
        service = self._bookmark()
        return service.count(self.transformation_ctx) + 1 if service else 1

    def used_up_to(self, highest: int) -> None:
        """Takes note of the highest key, for the next run."""
        service = self._bookmark()
        if service:
            service.note_count(self.transformation_ctx, highest)

    def _bookmark(self) -> Service | None:
        return find_service() if self.transformation_ctx else None


def relationalize(node: Node, name: str, staging_path: str, keys: Keys, stage: Stage) -> dict[str, Node]:
    """The tables by name. Their names need the schema, so it is learnt here; the records are staged on first use.

    A choice is taken apart into one field per type (`field.long`, `field.string`) and a map is the array of its
    entries (structs of key and value). An array that is null has a null key, an empty one a key without rows. Keys
    are unique in each table, over runs too where there are bookmarks; they are not consecutive. What is staged is
    removed when the script's Python ends.
    """
    typed = rewrite(node.settled(), _relational)

    @cache
    def staged() -> DataFrame:
        first = keys.first()
        frame, highest = staged_records(typed, staging_path, first)
        keys.used_up_to(highest)
        return frame

    def cut(table: Table) -> Typed:
        return _cut(typed, staged(), table) if typed.type.fields else typed

    return {table.name: Node(partial(cut, table), [node], stage) for table in tables(name, typed.type)}


def _relational(path: Path, part: Part) -> Sequence[Part]:
    """A field in types that tables are made of: structs, arrays and plain values."""
    if isinstance(part.type, ChoiceType):
        return [Part(part.name, StructType([member.field for member in members_of(part)]), part.column)]
    if isinstance(part.type, SetType):
        return [Part(part.name, ArrayType(part.type.itemType), part.column)]
    if isinstance(part.type, MapType):
        entry = StructType([Field("key", part.type.keyType), Field("value", part.type.valueType)])
        return [Part(part.name, ArrayType(entry), F.map_entries(part.column))]
    if isinstance(part.type, StructType) and not part.type.fields:
        return [Part(part.name, NullType(), null_of(NullType()))]
    return [part]


def staged_records(typed: Typed, staging_path: str, first_key: int) -> tuple[DataFrame, int]:
    """The records as files with keys: columns `key` and `value`, a struct of all fields. And a key none is above."""
    session = typed.frame.sparkSession
    storable = rewrite(typed, _storable)
    value = F.struct(*[_keyed(part, first_key).alias(part.name) for part in parts_of(storable)])
    keyed = storable.frame.select(_next_key(first_key).alias(_KEY), value.alias(_VALUE))
    folder = f"{staging_path.rstrip('/')}/relationalize-{uuid.uuid4().hex}"
    seen = Observation()
    try:
        keyed.observe(seen, F.max(_KEY).alias("last")).write.parquet(folder)
    finally:
        _remove_at_exit(session, folder)
    last_partition = ((seen.get["last"] or first_key) - first_key) >> _PARTITION_BITS
    highest = first_key - 1 + ((last_partition + 1) << _PARTITION_BITS)
    return session.read.schema(keyed.schema).parquet(folder), highest


def _storable(path: Path, part: Part) -> Sequence[Part]:
    """Parquet has no arrays of nothing but nulls, so fields that are always null lie in it as text."""
    return [cast_part(part, StringType())] if isinstance(part.type, NullType) else [part]


def _next_key(first: int) -> Column:
    return F.monotonically_increasing_id() + F.lit(first)


def _keyed(part: Part, first_key: int) -> Column:
    """The field, with (key, value) in place of each array element that holds arrays.

    Spark counts the elements as it goes through the records of a partition, so these keys are as unique as those of
    records are.
    """
    if isinstance(part.type, StructType) and _nests(part.type):
        members = [replace(member, column=_keyed(member, first_key)) for member in members_of(part)]
        return struct_column(members, part.column.isNull())
    if isinstance(part.type, ArrayType) and _nests(part.type):
        element = part.type.elementType

        def pair(value: Column) -> Column:
            inner = _keyed(Part(_VALUE, element, value), first_key)
            return F.struct(_next_key(first_key).alias(_KEY), inner.alias(_VALUE))

        return F.transform(part.column, pair)
    return part.column


def _nests(type: DataType) -> bool:
    """Whether some array in it has arrays in its elements."""
    if isinstance(type, ArrayType):
        return _holds_array(type.elementType)
    return isinstance(type, StructType) and any(_nests(field.dataType) for field in type.fields)


def _holds_array(type: DataType) -> bool:
    if isinstance(type, StructType):
        return any(_holds_array(field.dataType) for field in type.fields)
    return isinstance(type, ArrayType)


def _cut(typed: Typed, staged: DataFrame, table: Table) -> Typed:
    """A table's frame, out of the staged records."""
    frame = staged
    for array in table.arrays:
        frame = _elements(frame, array)
    parts = [_column(field) for field in table.fields]
    if table.arrays:
        place = [(_ID, LongType()), (_INDEX, IntegerType())]
        parts = [*(Part(name, type, F.col(name), present=True) for name, type in place), *parts]
    return from_parts(replace(typed, frame=frame), parts)


def _elements(frame: DataFrame, array: Part) -> DataFrame:
    """One row per element: the array's key as `id`, the `index`, the element as `value` and its own `key` if any."""
    exploded = frame.select(F.col(_KEY).alias(_ID), F.posexplode(array.column).alias(_INDEX, _ENTRY))
    entry = F.col(_ENTRY)
    if not _nests(array.type):
        return exploded.select(_ID, _INDEX, entry.alias(_VALUE))
    return exploded.select(_ID, _INDEX, entry.getField(_KEY).alias(_KEY), entry.getField(_VALUE).alias(_VALUE))


def _column(field: Part) -> Part:
    if isinstance(field.type, ArrayType):
        return replace(field, type=LongType(), column=F.when(field.column.isNotNull(), F.col(_KEY)))
    return replace(field, column=null_of(field.type)) if isinstance(field.type, NullType) else field


def _remove_at_exit(session: SparkSession, folder: str) -> None:
    """When the script's Python ends: its Java may be ended before Hadoop's own deleteOnExit comes to its turn."""
    java: Any = session._jvm
    path = java.org.apache.hadoop.fs.Path(folder)
    atexit.register(_remove, path.getFileSystem(session._jsparkSession.sessionState().newHadoopConf()), path)


def _remove(files: Any, path: Any) -> None:
    with suppress(Exception):  # the Java is gone already, or the store; what is left there is only staged
        files.delete(path, True)


def staging_folder(given: str | None) -> str:
    """Where to stage: the path given, or TempDir of the job's arguments. RuntimeError when there is neither."""
    folder = given or latest_temp_dir()
    if not folder:
        raise RuntimeError(
            "Relationalize needs a staging_path, for the job has no --TempDir: give either (a folder to write to)."
        )
    return folder


class Relationalize(GlueTransform):
    """Flattens nested records into a root table and a table per array, joined by keys."""

    def __call__(
        self,
        frame: DynamicFrame,
        staging_path: str | None = None,
        name: str = "roottable",
        options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrameCollection:
        return frame.relationalize(
            name, staging_folder(staging_path), options, transformation_ctx, info, stageThreshold, totalThreshold
        )
