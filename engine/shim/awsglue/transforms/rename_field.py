"""RenameField: give one field another name or another place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from awsglue._missing import NotProvidedError
from awsglue._paths import Path, without_elements
from awsglue._tree import Part, Typed, rewrite
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


def rename_field(typed: Typed, old: Path, new: Path) -> Typed:
    """The field at `old` named as the last step of `new`; a missing field is ignored.

    Both are full paths and must lie in the same struct: moving a field elsewhere is refused (NotProvidedError), and
    ApplyMapping does it.
    """
    source, target = without_elements(old), without_elements(new)
    if source[:-1] != target[:-1]:
        moved = f"RenameField from {'.'.join(old)} into another struct ({'.'.join(new)})"
        raise NotProvidedError(moved, "Use ApplyMapping.")

    def visit(path: Path, part: Part) -> Sequence[Part]:
        found = path[-1] != "[]" and without_elements(path) == source
        return [Part(target[-1], part.type, part.column)] if found else [part]

    return rewrite(typed, visit)


class RenameField(GlueTransform):
    """Renames one field; both names are full paths."""

    def __call__(
        self,
        frame: DynamicFrame,
        old_name: str,
        new_name: str,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        return frame.rename_field(old_name, new_name, transformation_ctx, info, stageThreshold, totalThreshold)
