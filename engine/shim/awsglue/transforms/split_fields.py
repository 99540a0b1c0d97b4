"""SplitFields: one frame as two, the named fields and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue._collection import DynamicFrameCollection
    from awsglue.dynamicframe import DynamicFrame


class SplitFields(GlueTransform):
    """Splits a frame by fields: a collection of those at `paths` and of all others, under two names."""

    def __call__(
        self,
        frame: DynamicFrame,
        paths: str | list[str],
        name1: str | None = None,
        name2: str | None = None,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrameCollection:
        base = frame.name or "frame"
        return frame.split_fields(
            paths, name1 or f"{base}1", name2 or f"{base}2", transformation_ctx, info, stageThreshold, totalThreshold
        )
