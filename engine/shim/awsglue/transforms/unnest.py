"""UnnestFrame: the fields of structs as fields of their own, under dotted names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from awsglue._tree import Part, Typed, from_parts, members_of, parts_of
from awsglue.gluetypes import StructType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


class SameNameError(ValueError):
    """Two fields get one name when structs are flattened."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Flattening makes two fields named {name!r}: rename one of them with RenameField first.")
        self.name = name


def unnest(typed: Typed) -> Typed:
    """Every struct's fields at the top, `a.b` being one name with a dot in it. Arrays stay as they are."""
    return from_parts(typed, flat(parts_of(typed)))


def flat(parts: Sequence[Part]) -> list[Part]:
    """The fields without structs: arrays, maps and choices are not entered. Raises SameNameError."""
    found = [leaf for part in parts for leaf in _leaves(part)]
    twice = [name for name, count in Counter(leaf.name for leaf in found).items() if count > 1]
    if twice:
        raise SameNameError(twice[0])
    return found


def _leaves(part: Part) -> list[Part]:
    if not isinstance(part.type, StructType):
        return [part]
    # a member is absent wherever its struct is, so it is not known to be in every record
    members = [replace(m, name=f"{part.name}.{m.name}", present=False) for m in members_of(part)]
    return [leaf for member in members for leaf in _leaves(member)]


class UnnestFrame(GlueTransform):
    """Flattens structs into fields with dotted names; arrays stay arrays."""

    def __call__(
        self,
        frame: DynamicFrame,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        return frame.unnest(transformation_ctx, info, stageThreshold, totalThreshold)
