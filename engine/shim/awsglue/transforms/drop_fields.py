"""DropFields: remove the named fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from awsglue._paths import Path, without_elements
from awsglue._tree import Part, Typed, rewrite
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


def drop_fields(typed: Typed, paths: Sequence[Path]) -> Typed:
    """Every field but those at `paths`, which lead through arrays of structs without `[]`.

    A struct that loses its last member goes too; a path that leads nowhere is ignored.
    """
    dropped = {without_elements(path) for path in paths}

    def visit(path: Path, part: Part) -> Sequence[Part]:
        return [] if part.name == path[-1] and path[-1] != "[]" and without_elements(path) in dropped else [part]

    return rewrite(typed, visit)


class DropFields(GlueTransform):
    """Removes the fields at the given paths."""

    def __call__(
        self,
        frame: DynamicFrame,
        paths: str | list[str],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        return frame.drop_fields(paths, transformation_ctx, info, stageThreshold, totalThreshold)
