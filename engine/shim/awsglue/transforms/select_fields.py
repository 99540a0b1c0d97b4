"""SelectFields: keep the named fields, in the order named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from awsglue._paths import Path, without_elements
from awsglue._tree import Part, Typed, from_parts, rewritten
from awsglue.gluetypes import ArrayType, ChoiceType, MapType, StructType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

_WITH_MEMBERS = (ArrayType, ChoiceType, MapType, StructType)


def select_fields(typed: Typed, paths: Sequence[Path]) -> Typed:
    """The fields at `paths`, which lead through arrays of structs without `[]`; one that leads nowhere is ignored.

    A nested field keeps the structs and arrays around it.
    """
    chosen = list(dict.fromkeys(without_elements(path) for path in paths))

    def visit(path: Path, part: Part) -> Sequence[Part]:
        here = without_elements(path)
        inside = any(here[: len(path)] == path for path in chosen)
        around = isinstance(part.type, _WITH_MEMBERS) and any(path[: len(here)] == here for path in chosen)
        return [part] if inside or around else []

    order = list(dict.fromkeys(path[0] for path in chosen))
    return from_parts(typed, sorted(rewritten(typed, visit), key=lambda part: order.index(part.name)))


class SelectFields(GlueTransform):
    """Keeps the fields at the given paths."""

    def __call__(
        self,
        frame: DynamicFrame,
        paths: str | list[str],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        return frame.select_fields(paths, transformation_ctx, info, stageThreshold, totalThreshold)
