"""The transforms as classes, for `from awsglue.transforms import *`."""

from __future__ import annotations

from awsglue.transforms.absent import (
    Coalesce,
    DropNullFields,
    ErrorsAsDynamicFrame,
    FlatMap,
    MapToCollection,
    Relationalize,
    Repartition,
    SelectFromCollection,
    Spigot,
    SplitFields,
    SplitRows,
    Unbox,
    Union,
    UnnestFrame,
)
from awsglue.transforms.apply_mapping import ApplyMapping
from awsglue.transforms.drop_fields import DropFields
from awsglue.transforms.filter import Filter
from awsglue.transforms.join import Join
from awsglue.transforms.map import Map
from awsglue.transforms.rename_field import RenameField
from awsglue.transforms.resolve_choice import ResolveChoice
from awsglue.transforms.select_fields import SelectFields
from awsglue.transforms.transform import GlueTransform

_TRANSFORMS: tuple[type[GlueTransform], ...] = (
    *(ApplyMapping, Coalesce, DropFields, DropNullFields, ErrorsAsDynamicFrame, Filter, FlatMap, Join, Map),
    *(MapToCollection, Relationalize, RenameField, Repartition, ResolveChoice, SelectFields, SelectFromCollection),
    *(Spigot, SplitFields, SplitRows, Unbox, Union, UnnestFrame),
)


def get_transforms() -> set[type[GlueTransform]]:
    """All transforms of the public library, those included that fail by name."""
    return set(_TRANSFORMS)


def get_transform(name: str) -> type[GlueTransform] | None:
    """The transform of that name, ignoring case; None if there is none."""
    return next((transform for transform in _TRANSFORMS if transform.name().lower() == name.lower()), None)


def describe_transform(name: str) -> dict[str, object] | None:
    """What a transform says of itself; None if there is none of that name."""
    transform = get_transform(name)
    return None if transform is None else transform.describe()


__all__ = [
    "ApplyMapping",
    "Coalesce",
    "DropFields",
    "DropNullFields",
    "ErrorsAsDynamicFrame",
    "Filter",
    "FlatMap",
    "GlueTransform",
    "Join",
    "Map",
    "MapToCollection",
    "Relationalize",
    "RenameField",
    "Repartition",
    "ResolveChoice",
    "SelectFields",
    "SelectFromCollection",
    "Spigot",
    "SplitFields",
    "SplitRows",
    "Unbox",
    "Union",
    "UnnestFrame",
    "describe_transform",
    "get_transform",
    "get_transforms",
]
