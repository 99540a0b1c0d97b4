"""Union and mergeDynamicFrame: the records of two frames in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from awsglue._paths import Path
from awsglue._tree import Typed
from awsglue._union import union
from awsglue.transforms.join import unmatched
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


def merge(typed: Typed, stage: Typed, keys: Sequence[Path]) -> Typed:
    """Every record of `stage`, and those of `typed` whose keys no record of `stage` has; duplicates stay.

    Records without a key have no match, so they stay too. The schemas are merged as a union's are.
    """
    if not keys:
        raise ValueError("mergeDynamicFrame needs primary_keys: the fields that tell records apart.")
    return union(unmatched(typed, stage, keys, keys), stage)


class Union(GlueTransform):
    """All records of both frames, their schemas merged by name."""

    def __call__(
        self,
        frame1: DynamicFrame,
        frame2: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        return frame1.union(frame2, transformation_ctx, info, stageThreshold, totalThreshold)
