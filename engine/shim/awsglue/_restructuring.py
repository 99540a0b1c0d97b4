"""The methods of a dynamic frame that change its structure as a whole: split, unnest, unbox, relationalize, merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, cast

from awsglue._collection import DynamicFrameCollection
from awsglue._frame import LazyFrame
from awsglue._nodes import Node, Stage
from awsglue._paths import parse_path, parse_paths
from awsglue.transforms.ddb_json import simplify_ddb_json, unnest_ddb_json
from awsglue.transforms.drop_fields import drop_fields
from awsglue.transforms.merge import merge
from awsglue.transforms.relationalize import Keys, relationalize, staging_folder
from awsglue.transforms.select_fields import select_fields
from awsglue.transforms.spigot import parse_sample, spigot
from awsglue.transforms.split_rows import parse_comparisons, rows_where
from awsglue.transforms.unbox import parse_box, unbox
from awsglue.transforms.unnest import unnest

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

Paths = str | list[str] | tuple[str, ...]


class Restructuring(LazyFrame):
    """Each method reads its arguments and hands a function of `awsglue.transforms` to `_step` or `_with`."""

    def split_fields(
        self,
        paths: Paths,
        name1: str,
        name2: str,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrameCollection:
        """A collection of two frames: the fields at `paths`, and all others."""
        chosen = parse_paths(paths)
        stage = Stage("split_fields", info, stageThreshold, totalThreshold)
        first = self._step(lambda typed: select_fields(typed, chosen), stage, name1)
        return self._collected(first, self._step(lambda typed: drop_fields(typed, chosen), stage, name2))

    def split_rows(
        self,
        comparison_dict: dict[str, dict[str, Any]],
        name1: str,
        name2: str,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrameCollection:
        """A collection of two frames: the records for which every comparison holds, and all others."""
        comparisons = parse_comparisons(comparison_dict)
        stage = Stage("split_rows", info, stageThreshold, totalThreshold)
        first = self._step(lambda typed: rows_where(typed, comparisons, matching=True), stage, name1)
        rest = self._step(lambda typed: rows_where(typed, comparisons, matching=False), stage, name2)
        return self._collected(first, rest)

    def _collected(self, *frames: Self) -> DynamicFrameCollection:
        named = cast("dict[str, DynamicFrame]", {frame.name: frame for frame in frames})  # what this is a base of
        return DynamicFrameCollection(named, self.glue_ctx)

    def unnest(
        self, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0
    ) -> Self:
        """Structs as fields with dotted names; arrays stay."""
        return self._step(unnest, Stage("unnest", info, stageThreshold, totalThreshold))

    def unnest_ddb_json(
        self, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0
    ) -> Self:
        """DynamoDB JSON as plain attributes; lists of structs stay."""
        return self._step(unnest_ddb_json, Stage("unnest_ddb_json", info, stageThreshold, totalThreshold))

    def simplify_ddb_json(
        self, transformation_ctx: str = "", info: str = "", stageThreshold: int = 0, totalThreshold: int = 0
    ) -> Self:
        """DynamoDB JSON as plain attributes; lists of maps and of several types stay."""
        return self._step(simplify_ddb_json, Stage("simplify_ddb_json", info, stageThreshold, totalThreshold))

    def unbox(
        self,
        path: str,
        format: str,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
        **options: Any,
    ) -> Self:
        """The text at `path` as what it says; see `transforms.unbox`."""
        at, box = parse_path(path), parse_box(format, options)
        return self._step(lambda typed: unbox(typed, at, box), Stage("unbox", info, stageThreshold, totalThreshold))

    def relationalize(
        self,
        root_table_name: str,
        staging_path: str | None,
        options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrameCollection:
        """A collection of flat tables: the root, and one per array; see `transforms.relationalize`."""
        stage = Stage("relationalize", info, stageThreshold, totalThreshold)
        keys = Keys(transformation_ctx)
        nodes = relationalize(self._node, root_table_name, staging_folder(staging_path), keys, stage)
        return self._collected(*[self._of(node, name) for name, node in nodes.items()])

    def _of(self, node: Node, name: str) -> Self:
        return type(self)(node, self.glue_ctx, name)

    def mergeDynamicFrame(
        self,
        stage_dynamic_frame: Self,
        primary_keys: Paths,
        transformation_ctx: str = "",
        options: dict[str, Any] | None = None,
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> Self:
        """Every record of the stage, and this frame's records whose keys the stage does not have."""
        keys = parse_paths(primary_keys)
        stage = Stage("mergeDynamicFrame", info, stageThreshold, totalThreshold)
        return self._with(stage_dynamic_frame, lambda ours, newer: merge(ours, newer, keys), self.name, stage)

    def spigot(self, path: str, options: dict[str, Any] | None = None, transformation_ctx: str = "") -> Self:
        """This frame; a sample of it is written under `path` as JSON lines when it is first computed."""
        sample = parse_sample(options)
        return self._step(lambda typed: spigot(typed, path, sample), Stage("spigot"))
