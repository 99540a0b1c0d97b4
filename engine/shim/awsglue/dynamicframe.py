"""DynamicFrame: a Spark frame whose records describe themselves, and the objects that read and write it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
from pyspark.sql import types as spark

from awsglue._missing import missing
from awsglue._nodes import Node
from awsglue._paths import parse_path, parse_paths
from awsglue._records import record
from awsglue._showing import record_text, schema_text
from awsglue._sparktypes import struct_to_glue, to_glue
from awsglue._tree import Typed
from awsglue._typetext import parse_type
from awsglue.gluetypes import DataType, StructType
from awsglue.transforms.apply_mapping import apply_mapping, parse_mappings
from awsglue.transforms.drop_fields import drop_fields
from awsglue.transforms.filter import filter_records
from awsglue.transforms.join import join
from awsglue.transforms.map import map_records
from awsglue.transforms.rename_field import rename_field
from awsglue.transforms.resolve_choice import (
    MATCH_CATALOG,
    Action,
    Resolution,
    parse_action,
    parse_specs,
    resolve_all,
    resolve_by_catalog,
    resolve_specs,
)
from awsglue.transforms.select_fields import select_fields

if TYPE_CHECKING:
    from awsglue.context import GlueContext

Paths = str | list[str] | tuple[str, ...]
_RESOLVE_ACTIONS = {"project": "project", "cast": "cast", "keepasstruct": "make_struct"}


class ResolveOption:
    """What toDF is to do with the choice at `path`: "Project" or "Cast" to `target`, or "KeepAsStruct"."""

    def __init__(self, path: str, action: str, target: DataType | spark.DataType | None = None) -> None:
        self.path = path
        self.action = action
        self.target = target


class DynamicFrame:
    """Records with a schema that is learnt when it is needed. Every transform returns a new frame; none runs at once.

    The parameters transformation_ctx, info, stageThreshold and totalThreshold, which every transform takes, are
    accepted and have no effect yet: no transform keeps state or error records.
    """

    def __init__(self, node: Node, glue_ctx: GlueContext, name: str = "") -> None:
        self._node = node
        self.glue_ctx = glue_ctx
        self.name = name
        self._sc = glue_ctx._sc

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: GlueContext, name: str = "") -> DynamicFrame:
        """A Spark DataFrame as a frame. NotProvidedError for a column type Glue has no word for."""
        typed = Typed(dataframe, struct_to_glue(dataframe.schema))
        return cls(Node(lambda: typed), glue_ctx, name)

    def _step(self, step: Callable[[Typed], Typed]) -> DynamicFrame:
        return DynamicFrame(self._node.then(step), self.glue_ctx, self.name)

    def toDF(self, options: Sequence[ResolveOption] | None = None) -> DataFrame:
        """The frame for Spark; a choice is a struct with one member per type unless `options` resolve it."""
        if not options:
            return self._node.settled().frame
        return resolve_specs(self._node.settled(), [_resolution(option) for option in options]).frame

    def schema(self) -> StructType:
        """The types of all records together."""
        return self._node.settled().type

    def printSchema(self) -> None:
        print(schema_text(self.schema()))

    def show(self, num_rows: int = 20) -> None:
        """Prints records, one JSON object a line; a choice shows its value."""
        typed = self._node.settled()
        for row in typed.frame.limit(int(num_rows)).collect():
            print(record_text(record(row.asDict(recursive=True), typed.type, typed.sparse)))

    def count(self) -> int:
        return self._node.typed().frame.count()

    def getNumPartitions(self) -> int:
        return self._node.typed().frame.rdd.getNumPartitions()

    def repartition(
        self,
        num_partitions: int,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        return self._step(lambda typed: Typed(typed.frame.repartition(num_partitions), typed.type, typed.sparse))

    def coalesce(
        self,
        num_partitions: int,
        shuffle: bool = False,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        if shuffle:
            return self.repartition(num_partitions)
        return self._step(lambda typed: Typed(typed.frame.coalesce(num_partitions), typed.type, typed.sparse))

    def apply_mapping(
        self,
        mappings: Any,
        case_sensitive: bool = False,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Only the mapped fields, converted, renamed and nested as the mappings say."""
        parsed = parse_mappings(mappings)
        return self._step(lambda typed: apply_mapping(typed, parsed, case_sensitive))

    def applyMapping(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        """apply_mapping under its old name, which may be given the frame itself first."""
        rest = args[1:] if args and isinstance(args[0], DynamicFrame) else args
        return self.apply_mapping(*rest, **kwargs)

    def select_fields(
        self,
        paths: Paths,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        chosen = parse_paths(paths)
        return self._step(lambda typed: select_fields(typed, chosen))

    def drop_fields(
        self,
        paths: Paths,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        dropped = parse_paths(paths)
        return self._step(lambda typed: drop_fields(typed, dropped))

    def rename_field(
        self,
        oldName: str,
        newName: str,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        old, new = parse_path(oldName), parse_path(newName)
        return self._step(lambda typed: rename_field(typed, old, new))

    def filter(
        self,
        f: Callable[[Any], Any],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """The records `f` accepts; KeyError, ValueError and TypeError in it mean no."""
        return self._step(lambda typed: filter_records(typed, f))

    def map(
        self,
        f: Callable[[Any], Any],
        preservesPartitioning: bool = False,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """What `f` makes of each record; the schema is learnt from its results."""
        return self._step(lambda typed: map_records(typed, f))

    def join(
        self,
        paths1: Paths,
        paths2: Paths,
        frame2: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Records of both whose keys are equal; see `transforms.join`. Named after both frames."""
        ours, theirs = parse_paths(paths1), parse_paths(paths2)
        node = Node(lambda: join(self._node.settled(), frame2._node.settled(), ours, theirs))
        return DynamicFrame(node, self.glue_ctx, self.name + frame2.name)

    def resolveChoice(
        self,
        specs: Any = None,
        choice: str = "",
        database: str | None = None,
        table_name: str | None = None,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
        catalog_id: str | None = None,
    ) -> DynamicFrame:
        """Choices resolved: those named in `specs`, or all by one `choice`. Neither or both raises ValueError."""
        if (specs is None) == (not choice):
            raise ValueError("resolveChoice takes either specs or choice: exactly one of them must be given.")
        if specs is not None:
            resolutions = parse_specs(specs)
            return self._step(lambda typed: resolve_specs(typed, resolutions))
        if choice.lower() != MATCH_CATALOG:
            action = parse_action(choice)
            return self._step(lambda typed: resolve_all(typed, action))
        if not database or not table_name:
            raise ValueError("choice='match_catalog' needs database and table_name.")
        table = self.glue_ctx._table(database, table_name)
        declared = {column.name: parse_type(column.type) for column in (*table.columns, *table.partition_keys)}
        return self._step(lambda typed: resolve_by_catalog(typed, declared))

    def write(
        self,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        format: str | None = None,
        format_options: dict[str, Any] | None = None,
        accumulator_size: int = 0,
    ) -> DynamicFrame:
        return self.glue_ctx.write_dynamic_frame_from_options(
            self, connection_type, connection_options, format, format_options
        )

    with_frame_schema = missing("DynamicFrame.with_frame_schema")
    mapPartitions = missing("DynamicFrame.mapPartitions")
    mapPartitionsWithIndex = missing("DynamicFrame.mapPartitionsWithIndex")
    split_fields = missing("DynamicFrame.split_fields")
    split_rows = missing("DynamicFrame.split_rows")
    union = missing("DynamicFrame.union")
    unnest = missing("DynamicFrame.unnest")
    unnest_ddb_json = missing("DynamicFrame.unnest_ddb_json")
    simplify_ddb_json = missing("DynamicFrame.simplify_ddb_json")
    unbox = missing("DynamicFrame.unbox")
    relationalize = missing("DynamicFrame.relationalize")
    mergeDynamicFrame = missing("DynamicFrame.mergeDynamicFrame")
    spigot = missing("DynamicFrame.spigot")
    errorsCount = missing("DynamicFrame.errorsCount")
    stageErrorsCount = missing("DynamicFrame.stageErrorsCount")
    errorsAsDynamicFrame = missing("DynamicFrame.errorsAsDynamicFrame")
    assertErrorThreshold = missing("DynamicFrame.assertErrorThreshold")


def _resolution(option: ResolveOption) -> Resolution:
    verb = _RESOLVE_ACTIONS.get(option.action.lower())
    if verb is None:
        raise ValueError(f"{option.action!r} is not an action of ResolveOption: Project, Cast or KeepAsStruct.")
    target = to_glue(option.target) if isinstance(option.target, spark.DataType) else option.target
    return Resolution(parse_path(option.path), Action(verb, target))


class DynamicFrameCollection:
    """Frames by name; not provided yet, for no transform here makes one."""

    __init__ = missing("DynamicFrameCollection")


class DynamicFrameReader:
    """`glueContext.create_dynamic_frame`."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._glue_context = glue_context

    from_rdd = missing("create_dynamic_frame.from_rdd")

    def from_options(
        self,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        format: str | None = None,
        format_options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **kwargs: Any,
    ) -> DynamicFrame:
        return self._glue_context.create_dynamic_frame_from_options(
            connection_type,
            connection_options,
            format,
            format_options,
            transformation_ctx,
            push_down_predicate,
            **kwargs,
        )

    def from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: dict[str, Any] | None = None,
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        return self._glue_context.create_dynamic_frame_from_catalog(
            database,
            table_name,
            redshift_tmp_dir,
            transformation_ctx,
            push_down_predicate,
            additional_options,
            catalog_id,
            **kwargs,
        )


class DynamicFrameWriter:
    """`glueContext.write_dynamic_frame`."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._glue_context = glue_context

    from_jdbc_conf = missing("write_dynamic_frame.from_jdbc_conf")

    def from_options(
        self,
        frame: DynamicFrame,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        format: str | None = None,
        format_options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        return self._glue_context.write_dynamic_frame_from_options(
            frame, connection_type, connection_options, format, format_options, transformation_ctx
        )

    def from_catalog(
        self,
        frame: DynamicFrame,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        additional_options: dict[str, Any] | None = None,
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        return self._glue_context.write_dynamic_frame_from_catalog(
            frame,
            database,
            table_name,
            redshift_tmp_dir,
            transformation_ctx,
            additional_options,
            catalog_id,
            **kwargs,
        )
