"""ResolveChoice: decide what becomes of fields that were seen with several types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from awsglue._casts import cast_part, null_of
from awsglue._paths import ELEMENT, Path, parse_path
from awsglue._settling import settled
from awsglue._tree import Part, Typed, members_of, rewrite
from awsglue._typetext import parse_type
from awsglue.gluetypes import ArrayType, ChoiceType, DataType, MapType, StructType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

_PLAIN_ACTIONS = ("make_cols", "make_struct")
MATCH_CATALOG = "match_catalog"


@dataclass(frozen=True)
class Action:
    """What to do with a choice: `cast` or `project` to a type, `make_cols`, or `make_struct`."""

    verb: str
    target: DataType | None = None


@dataclass(frozen=True)
class Resolution:
    """A path of a script's specs with its action."""

    path: Path
    action: Action


def parse_action(text: str) -> Action:
    """`cast:long`, `project:string`, `make_cols` or `make_struct`; ValueError for anything else."""
    verb, _, target = text.partition(":")
    if verb in ("cast", "project") and target:
        return Action(verb, parse_type(target))
    if text in _PLAIN_ACTIONS:
        return Action(text)
    raise ValueError(f"{text!r} is not an action: write cast:type, project:type, make_cols or make_struct.")


def parse_specs(specs: Any) -> list[Resolution]:
    """A list of (path, action), or one such tuple alone. ValueError or PathError when one cannot be read."""
    pairs = [specs] if isinstance(specs, tuple) and len(specs) == 2 and isinstance(specs[0], str) else specs
    return [Resolution(parse_path(path), parse_action(action)) for path, action in pairs]


def resolve_specs(typed: Typed, resolutions: Sequence[Resolution]) -> Typed:
    """The frame with each named field resolved. A path that leads nowhere is ignored.

    `cast` also converts a field that is no choice; the other actions leave such a field alone.
    """
    chosen = {resolution.path: resolution.action for resolution in resolutions}
    typed = settled(typed) if _asks_what_is_there(chosen) else typed

    def visit(path: Path, part: Part) -> Sequence[Part]:
        return _apply(chosen[path], part) if path in chosen else [part]

    return rewrite(typed, visit)


def _asks_what_is_there(chosen: Mapping[Path, Action]) -> bool:
    """Casting gives the same values whether or not the field is a choice; the other actions must know."""
    return any(action.verb != "cast" for action in chosen.values())


def resolve_all(typed: Typed, action: Action) -> Typed:
    """The frame with every choice, at any depth, resolved by one action.

    Elements of an array are no columns that there could be several of: with make_cols they are as with make_struct.
    """
    of_elements = Action("make_struct") if action.verb == "make_cols" else action

    def visit(path: Path, part: Part) -> Sequence[Part]:
        if not isinstance(part.type, ChoiceType):
            return [part]
        return _apply(of_elements if path[-1] == ELEMENT else action, part)

    return rewrite(settled(typed), visit)


def resolve_by_catalog(typed: Typed, columns: Mapping[str, DataType]) -> Typed:
    """The frame with every choice cast to what the catalog declares for it (names ignoring case).

    A choice the catalog does not declare stays. Structs and arrays are compared member by member.
    """
    declared = {name.lower(): type for name, type in columns.items()}

    def visit(path: Path, part: Part) -> Sequence[Part]:
        target = _declared_at(declared.get(path[0].lower()), path[1:])
        return [cast_part(part, target)] if isinstance(part.type, ChoiceType) and target is not None else [part]

    return rewrite(settled(typed), visit)


def _declared_at(type: DataType | None, path: Path) -> DataType | None:
    for step in path:
        if step == ELEMENT:
            type = _element(type)
        elif isinstance(type, StructType):
            type = {field.name.lower(): field.dataType for field in type.fields}.get(step.lower())
        else:
            return None
    return type


def _element(type: DataType | None) -> DataType | None:
    if isinstance(type, ArrayType):
        return type.elementType
    return type.valueType if isinstance(type, MapType) else None


def _apply(action: Action, part: Part) -> Sequence[Part]:
    return _VERBS[action.verb](part, action)


def _cast(part: Part, action: Action) -> Sequence[Part]:
    return [cast_part(part, _wanted(action))]


def _project(part: Part, action: Action) -> Sequence[Part]:
    """Only values already of the type stay; a choice without such a member becomes all null."""
    if not isinstance(part.type, ChoiceType):
        return [part]
    wanted = _wanted(action)
    for member in members_of(part):
        if member.name == wanted.typeName():
            return [cast_part(replace(part, type=member.type, column=member.column), wanted)]
    return [replace(part, type=wanted, column=null_of(wanted))]


def _make_cols(part: Part, action: Action) -> Sequence[Part]:
    if not isinstance(part.type, ChoiceType):
        return [part]
    return [Part(f"{part.name}_{member.name}", member.type, member.column) for member in members_of(part)]


def _make_struct(part: Part, action: Action) -> Sequence[Part]:
    if not isinstance(part.type, ChoiceType):
        return [part]
    members = members_of(part)
    return [replace(part, type=StructType([member.field for member in members]))]


def _wanted(action: Action) -> DataType:
    if action.target is None:
        raise ValueError(f"The action {action.verb} needs a type, as in {action.verb}:string.")
    return action.target


_VERBS: dict[str, Callable[[Part, Action], Sequence[Part]]] = {
    "cast": _cast,
    "project": _project,
    "make_cols": _make_cols,
    "make_struct": _make_struct,
}


class ResolveChoice(GlueTransform):
    """Resolves choice fields by path (`specs`) or all alike (`choice`)."""

    def __call__(
        self,
        frame: DynamicFrame,
        specs: Any = None,
        choice: str = "",
        database: str | None = None,
        table_name: str | None = None,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
        catalog_id: str | None = None,
    ) -> DynamicFrame:
        return frame.resolveChoice(
            specs, choice, database, table_name, transformation_ctx, info, stageThreshold, totalThreshold, catalog_id
        )
