"""RenameField: give one field another name or another place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from awsglue._fields import gathered_field
from awsglue._missing import NotProvidedError
from awsglue._paths import ELEMENT, Path, shown, without_elements
from awsglue._tree import Part, Typed, from_parts, members_of, parts_of, rewrite, rewritten, struct_column
from awsglue.gluetypes import ArrayType, MapType, StructType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


def rename_field(typed: Typed, old: Path, new: Path) -> Typed:
    """The field at `old` under the full path `new`, in whose place it comes; a missing field is ignored.

    Out of an array it comes as an array of what each element had. Into one, or out of a map, it does not go
    (NotProvidedError).
    """
    source, target = without_elements(old), without_elements(new)
    if source == target:
        return typed
    if source[:-1] == target[:-1]:
        return rewrite(typed, lambda path, part: _renamed(path, part, source, target))
    return _moved(typed, source, target)


def _renamed(path: Path, part: Part, source: Path, target: Path) -> Sequence[Part]:
    here = without_elements(path) if path[-1] != "[]" else ()
    if here == target:
        return []
    return [replace(part, name=target[-1])] if here == source else [part]


def _moved(typed: Typed, source: Path, target: Path) -> Typed:
    at = next((path for path in _paths(typed) if path[-1] != ELEMENT and without_elements(path) == source), None)
    if at is None:
        return typed
    moving = gathered_field(parts_of(typed), at)
    if moving is None:
        raise NotProvidedError(f"RenameField out of a map ({shown(at)})")
    rest = rewritten(typed, lambda path, part: [] if path == at else [part])
    return from_parts(typed, _placed(rest, target, replace(moving, name=target[-1], present=False)))


def _paths(typed: Typed) -> list[Path]:
    found: list[Path] = []

    def note(path: Path, part: Part) -> Sequence[Part]:
        found.append(path)
        return [part]

    rewrite(typed, note)
    return found


def _placed(parts: Sequence[Part], path: Path, new: Part) -> list[Part]:
    """The fields with `new` at a path, in structs made where there are none."""
    known = next((part for part in parts if part.name == path[0]), None)
    if len(path) > 1:
        if known is not None and isinstance(known.type, ArrayType | MapType):
            raise NotProvidedError(f"RenameField into an array or map ({path[0]})")
        inside = members_of(known) if known is not None and isinstance(known.type, StructType) else []
        members = _placed(inside, path[1:], new)
        gone = known.column.isNull() & new.column.isNull() if inside and known is not None else new.column.isNull()
        new = Part(path[0], StructType([member.field for member in members]), struct_column(members, gone))
    if known is None:
        return [*parts, new]
    return [new if part is known else part for part in parts]


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
