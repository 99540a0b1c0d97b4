"""ErrorsAsDynamicFrame: the records that failed, as a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


class ErrorsAsDynamicFrame(GlueTransform):
    """The error records of a frame and of the steps before it."""

    def __call__(self, frame: DynamicFrame) -> DynamicFrame:
        return frame.errorsAsDynamicFrame()
