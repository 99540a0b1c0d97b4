"""DynamicFrame: a Spark frame whose records describe themselves, with the transforms that change fields and records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from awsglue._collection import DynamicFrameCollection
from awsglue._frame import ResolveOption, check_frame
from awsglue._nodes import Stage
from awsglue._paths import parse_path, parse_paths
from awsglue._readers import DynamicFrameReader, DynamicFrameWriter
from awsglue._restructuring import Restructuring
from awsglue._typetext import parse_type
from awsglue._union import union
from awsglue.gluetypes import StructType
from awsglue.transforms.apply_mapping import apply_mapping, parse_mappings
from awsglue.transforms.drop_fields import drop_fields
from awsglue.transforms.filter import filter_records
from awsglue.transforms.join import join
from awsglue.transforms.map import map_partitions, map_records
from awsglue.transforms.rename_field import rename_field
from awsglue.transforms.resolve_choice import (
    MATCH_CATALOG,
    parse_action,
    parse_specs,
    resolve_all,
    resolve_by_catalog,
    resolve_specs,
)
from awsglue.transforms.schema import with_schema
from awsglue.transforms.select_fields import select_fields

Paths = str | list[str] | tuple[str, ...]
__all__ = ["DynamicFrame", "DynamicFrameCollection", "DynamicFrameReader", "DynamicFrameWriter", "ResolveOption"]


class DynamicFrame(Restructuring):
    """Records with a schema that is learnt when it is needed. Every transform returns a new frame; none runs at once.

    Every transform takes transformation_ctx, info, stageThreshold and totalThreshold: `info` goes into its error
    records, and an action fails when this step made stageThreshold of them, or all steps so far totalThreshold.
    """

    def repartition(
        self,
        num_partitions: int,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        return self._step(
            lambda typed: replace(typed, frame=typed.frame.repartition(num_partitions)),
            Stage("repartition", info, stageThreshold, totalThreshold),
        )

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
            return self.repartition(num_partitions, transformation_ctx, info, stageThreshold, totalThreshold)
        return self._step(
            lambda typed: replace(typed, frame=typed.frame.coalesce(num_partitions)),
            Stage("coalesce", info, stageThreshold, totalThreshold),
        )

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
        return self._step(
            lambda typed: apply_mapping(typed, parsed, case_sensitive),
            Stage("apply_mapping", info, stageThreshold, totalThreshold),
        )

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
        return self._step(
            lambda typed: select_fields(typed, chosen), Stage("select_fields", info, stageThreshold, totalThreshold)
        )

    def drop_fields(
        self,
        paths: Paths,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        dropped = parse_paths(paths)
        return self._step(
            lambda typed: drop_fields(typed, dropped), Stage("drop_fields", info, stageThreshold, totalThreshold)
        )

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
        return self._step(
            lambda typed: rename_field(typed, old, new), Stage("rename_field", info, stageThreshold, totalThreshold)
        )

    def filter(
        self,
        f: Callable[[Any], Any],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """The records `f` accepts; KeyError, ValueError and TypeError in it mean no."""
        _check_function("filter", f)
        return self._step(lambda typed: filter_records(typed, f), Stage("filter", info, stageThreshold, totalThreshold))

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
        _check_function("map", f)
        return self._step(lambda typed: map_records(typed, f), Stage("map", info, stageThreshold, totalThreshold))

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
        check_frame(frame2)
        ours, theirs = parse_paths(paths1), parse_paths(paths2)
        stage = Stage("join", info, stageThreshold, totalThreshold)
        return self._with(frame2, lambda a, b: join(a, b, ours, theirs), self.name + frame2.name, stage)

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
            return self._step(
                lambda typed: resolve_specs(typed, resolutions),
                Stage("resolveChoice", info, stageThreshold, totalThreshold),
            )
        if choice.lower() != MATCH_CATALOG:
            action = parse_action(choice)
            return self._step(
                lambda typed: resolve_all(typed, action), Stage("resolveChoice", info, stageThreshold, totalThreshold)
            )
        if not database or not table_name:
            raise ValueError("choice='match_catalog' needs database and table_name.")
        table = self.glue_ctx._table(database, table_name)
        declared = {column.name: parse_type(column.type) for column in (*table.columns, *table.partition_keys)}
        return self._step(
            lambda typed: resolve_by_catalog(typed, declared),
            Stage("resolveChoice", info, stageThreshold, totalThreshold),
        )

    def write(
        self,
        connection_type: str,
        connection_options: dict[str, Any] = {},
        format: str | None = None,
        format_options: dict[str, Any] = {},
        accumulator_size: int = 0,
    ) -> DynamicFrame:
        return self.glue_ctx.write_dynamic_frame_from_options(
            self, connection_type, connection_options, format, format_options
        )

    def with_frame_schema(self, schema: StructType) -> DynamicFrame:
        """The same records as the schema says: its fields in its order, values converted where their types differ.

        A field the records do not have is null; a choice of the schema keeps what is there.
        """
        return self._step(lambda typed: with_schema(typed, schema))

    def mapPartitions(
        self,
        f: Callable[[Iterator[Any]], Iterable[Any]],
        preservesPartitioning: bool = True,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """What `f` makes of the records of each partition; its schema is learnt from what it yields."""
        stage = Stage("mapPartitions", info, stageThreshold, totalThreshold)
        return self._step(lambda typed: map_partitions(typed, lambda _, records: f(records)), stage)

    def mapPartitionsWithIndex(
        self,
        f: Callable[[int, Iterator[Any]], Iterable[Any]],
        preservesPartitioning: bool = False,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """As mapPartitions; `f` is given the number of the partition first."""
        stage = Stage("mapPartitionsWithIndex", info, stageThreshold, totalThreshold)
        return self._step(lambda typed: map_partitions(typed, f), stage)

    def union(
        self,
        other_frame: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """All records of both frames; see `awsglue._union`."""
        return self._with(other_frame, union, self.name, Stage("union", info, stageThreshold, totalThreshold))


def _check_function(step: str, given: object) -> None:
    """TypeError for what cannot be called: a filter that fails for every record would just keep none."""
    if not callable(given):
        raise TypeError(f"{step} takes a function of a record, such as a lambda, not {given!r}.")
