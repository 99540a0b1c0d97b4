"""SelectFields: keep the named fields, in the order named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from awsglue._paths import Path, without_elements
from awsglue._tree import Part, Typed, from_parts, members_of, parts_of, struct_column
from awsglue.gluetypes import StructType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


def select_fields(typed: Typed, paths: Sequence[Path]) -> Typed:
    """The fields at `paths`. A nested one keeps the structs around it; a path that leads nowhere is ignored.

    A step into an array or into a choice keeps the whole of it.
    """
    return from_parts(typed, _select(parts_of(typed), [without_elements(path) for path in paths]))


def _select(parts: Sequence[Part], paths: Sequence[Path]) -> list[Part]:
    known = {part.name: part for part in parts}
    deeper: dict[str, list[Path]] = {}
    for path in paths:
        if path[0] in known:
            deeper.setdefault(path[0], []).append(path[1:])
    chosen = (_narrow(known[name], rests) for name, rests in deeper.items())
    return [part for part in chosen if part is not None]


def _narrow(part: Part, rests: Sequence[Path]) -> Part | None:
    if not all(rests) or not isinstance(part.type, StructType):
        return part
    members = _select(members_of(part), rests)
    if not members:
        return None
    return Part(part.name, StructType([m.field for m in members]), struct_column(members, part.column.isNull()))


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
