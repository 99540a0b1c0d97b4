"""ApplyMapping: pick fields, convert them, and put them under new names, structs built as the targets ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from awsglue._casts import cast_part, null_of
from awsglue._fields import gathered_field
from awsglue._paths import ELEMENT, Path, parse_path, shown
from awsglue._settling import decided
from awsglue._tree import OpenChoice, Part, Typed, from_parts, members_of, parts_of, struct_column
from awsglue._typetext import parse_type
from awsglue.gluetypes import ArrayType, ChoiceType, DataType, StringType, StructType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

_KEEP_SHAPE = ("array", "struct", "map", "choice", "set")


@dataclass(frozen=True)
class FieldMapping:
    """One field's way: where from, what it is declared to be, where to, and as what. None: not said, so kept."""

    source: Path
    source_type: str | None
    target: Path
    target_type: str | None


def parse_mappings(mappings: Any) -> list[FieldMapping]:
    """The tuples of a script, or one tuple alone.

    (source, target), (source, target, targetType) or (source, sourceType, target, targetType). Another length is a
    ValueError, anything but a tuple or list a TypeError.
    """
    single = isinstance(mappings, tuple) and bool(mappings) and isinstance(mappings[0], str)
    return [_parse_mapping(mapping) for mapping in ([mappings] if single else mappings)]


def _parse_mapping(mapping: Any) -> FieldMapping:
    if not isinstance(mapping, tuple | list):
        raise TypeError(f"A mapping is a tuple such as ('id', 'string', 'id', 'long'), not {mapping!r}.")
    if len(mapping) == 2:
        return FieldMapping(parse_path(mapping[0]), None, parse_path(mapping[1]), None)
    if len(mapping) == 3:
        return FieldMapping(parse_path(mapping[0]), None, parse_path(mapping[1]), _checked(mapping[2]))
    if len(mapping) == 4:
        source, source_type, target, target_type = mapping
        return FieldMapping(parse_path(source), source_type.lower(), parse_path(target), _checked(target_type))
    raise ValueError(f"A mapping has 2, 3 or 4 parts, not {len(mapping)}: {mapping!r}.")


def _checked(text: str) -> str:
    if text.lower() not in _KEEP_SHAPE:
        parse_type(text)
    return text.lower()


def apply_mapping(typed: Typed, mappings: Sequence[FieldMapping], case_sensitive: bool) -> Typed:
    """The mapped fields and no others, in the order of the mappings; targets with dots build structs, with [] arrays.

    A source field that is missing leaves no field in a self-describing frame, and a typed null in any other.
    """
    parts = parts_of(typed)
    if any(_needs_settling(parts, mapping, case_sensitive) for mapping in mappings):
        typed = decided(typed)
        parts = parts_of(typed)
    tree: dict[str, Any] = {}
    for mapping in mappings:
        part = _mapped(parts, mapping, case_sensitive, typed.sparse)
        if part is not None:
            _place(tree, mapping.target, part)
    return from_parts(typed, _build(tree, typed.sparse))


def _needs_settling(parts: Sequence[Part], mapping: FieldMapping, case_sensitive: bool) -> bool:
    """Whether the answer may differ between an open choice that is one and one that is not.

    It cannot when the whole value is converted, nor when the mapping asks for the declared type and gives it: text
    that did not cast to it is null either way. Otherwise a column of nothing but such text would lose it unseen.
    """
    part = gathered_field(parts, mapping.source, case_sensitive)
    if part is None or not isinstance(part.type, OpenChoice):
        return False
    if mapping.source_type is None or mapping.target_type == "choice":
        return False
    member = _declared_member(part, mapping.source_type)
    if mapping.target_type is None or mapping.target_type in _KEEP_SHAPE:
        return True
    return member is not None and (member.type != parse_type(mapping.target_type) or member.name == "string")


def _mapped(parts: Sequence[Part], mapping: FieldMapping, case_sensitive: bool, sparse: bool) -> Part | None:
    part = gathered_field(parts, mapping.source, case_sensitive)
    keeps = mapping.target_type is None or mapping.target_type in _KEEP_SHAPE
    if part is None:
        if sparse:
            return None
        type = StringType() if keeps else _wanted(mapping)
        return Part(mapping.target[-1], type, null_of(type))
    if mapping.target_type != "choice" and mapping.source_type is not None:
        part = _declared_member(part, mapping.source_type) or part
    _demand_elements(part, mapping.target)
    return part if keeps else cast_part(part, _wanted(mapping))


def _demand_elements(part: Part, target: Path) -> None:
    """ValueError where a target has more [] than what is mapped has arrays in each other."""
    type = part.type
    for _ in range(target.count(ELEMENT)):
        if not isinstance(type, ArrayType):
            raise ValueError(f"A mapping to {shown(target)} needs elements to map, from a source such as list[].x.")
        type = type.elementType


def _wanted(mapping: FieldMapping) -> DataType:
    """The type of what is mapped: into the elements of arrays, an array of the type that the mapping says."""
    wanted = parse_type(str(mapping.target_type))
    for _ in range(mapping.target.count(ELEMENT)):
        wanted = ArrayType(wanted)
    return wanted


def _declared_member(part: Part, source_type: str) -> Part | None:
    """The member of a choice that a mapping's source type names."""
    if not isinstance(part.type, ChoiceType):
        return None
    name = source_type if source_type in _KEEP_SHAPE else parse_type(source_type).typeName()
    return next((member for member in members_of(part) if member.name == name), None)


def _place(tree: dict[str, Any], target: Path, part: Part) -> None:
    while target[-1] == ELEMENT:  # the part is the array itself
        target = target[:-1]
    for name in target[:-1]:
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise _both_plain_and_struct(name)
    if isinstance(tree.get(target[-1]), dict):
        raise _both_plain_and_struct(target[-1])
    tree[target[-1]] = part


def _both_plain_and_struct(name: str) -> ValueError:
    return ValueError(f"A mapping puts a field into {name!r}, and another mapping makes {name!r} a plain field.")


def _build(tree: Mapping[str, Any], sparse: bool) -> list[Part]:
    return [_built(name, node, sparse) for name, node in tree.items()]


def _built(name: str, node: Part | dict[str, Any], sparse: bool) -> Part:
    if isinstance(node, Part):
        return replace(node, name=name)
    if ELEMENT not in node:
        return _struct(name, _build(node, sparse), sparse)
    if len(node) > 1:
        raise ValueError(f"Mappings make {name!r} both an array, by {name}[], and a struct.")
    return _array(name, node[ELEMENT])


def _array(name: str, node: dict[str, Any]) -> Part:
    """An array of what is mapped into its elements: the first of each array mapped, then the second of each."""
    leaves = list(_leaves(node))
    zipped = F.arrays_zip(*[leaf.column.alias(str(at)) for at, leaf in enumerate(leaves)])

    def element(value: Column) -> Part:
        columns = iter(value.getField(str(at)) for at in range(len(leaves)))
        return _built(ELEMENT, _of_element(node, columns), sparse=False)

    type = ArrayType(element(F.lit(None)).type)
    return Part(name, type, F.transform(zipped, lambda value: element(value).column))


def _leaves(node: Part | dict[str, Any]) -> Iterator[Part]:
    if isinstance(node, Part):
        yield node
    else:
        for inner in node.values():
            yield from _leaves(inner)


def _of_element(node: Part | dict[str, Any], columns: Iterator[Column]) -> Any:
    """The same tree, of the elements of the arrays that its leaves are."""
    if isinstance(node, Part):
        return replace(node, type=_element_of(node.type), column=next(columns), present=False)
    return {name: _of_element(inner, columns) for name, inner in node.items()}


def _element_of(type: DataType) -> DataType:
    return type.elementType if isinstance(type, ArrayType) else type


def _struct(name: str, members: Sequence[Part], sparse: bool) -> Part:
    """A struct of mapped fields, which in a self-describing frame is there when one of them is."""
    present = any(member.present for member in members)
    absent = reduce(and_, [member.column.isNull() for member in members]) if sparse and not present else None
    return Part(name, StructType([member.field for member in members]), struct_column(members, absent), present)


class ApplyMapping(GlueTransform):
    """Maps source fields and types to target fields and types; unmapped fields vanish."""

    def __call__(
        self,
        frame: DynamicFrame,
        mappings: Any,
        case_sensitive: bool = False,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        return frame.apply_mapping(mappings, case_sensitive, transformation_ctx, info, stageThreshold, totalThreshold)
