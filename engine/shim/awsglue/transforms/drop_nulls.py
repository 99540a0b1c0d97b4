"""DropNullFields: remove the fields that are null in every record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from awsglue._nodes import Stage
from awsglue._paths import Path
from awsglue._settling import settled
from awsglue._tree import Part, Typed, rewrite
from awsglue.gluetypes import NullType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


def drop_null_fields(typed: Typed) -> Typed:
    """Every field but those of type null, at any depth; a struct or array that holds nothing else goes too.

    A column of another type that happens to be all null, as files with a schema have them, stays.
    """

    def visit(path: Path, part: Part) -> Sequence[Part]:
        return [] if isinstance(part.type, NullType) else [part]

    return rewrite(settled(typed), visit)


class DropNullFields(GlueTransform):
    """Drops the fields whose type is null: no record has a value in them."""

    def __call__(
        self,
        frame: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        return frame._step(drop_null_fields, Stage("DropNullFields", info, stageThreshold, totalThreshold))
