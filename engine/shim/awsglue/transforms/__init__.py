"""The transforms as classes, for `from awsglue.transforms import *`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsglue._missing import NotProvidedImportError
from awsglue.transforms.apply_mapping import ApplyMapping
from awsglue.transforms.collections import FlatMap, MapToCollection, SelectFromCollection
from awsglue.transforms.drop_fields import DropFields
from awsglue.transforms.drop_nulls import DropNullFields
from awsglue.transforms.errors import ErrorsAsDynamicFrame
from awsglue.transforms.filter import Filter
from awsglue.transforms.join import Join
from awsglue.transforms.map import Map
from awsglue.transforms.merge import Union
from awsglue.transforms.partitioning import Coalesce, Repartition
from awsglue.transforms.relationalize import Relationalize
from awsglue.transforms.rename_field import RenameField
from awsglue.transforms.resolve_choice import ResolveChoice
from awsglue.transforms.select_fields import SelectFields
from awsglue.transforms.spigot import Spigot
from awsglue.transforms.split_fields import SplitFields
from awsglue.transforms.split_rows import SplitRows
from awsglue.transforms.transform import GlueTransform
from awsglue.transforms.unbox import Unbox
from awsglue.transforms.unnest import UnnestFrame

if TYPE_CHECKING:
    from typing import NoReturn

_TRANSFORMS: tuple[type[GlueTransform], ...] = (
    *(ApplyMapping, Coalesce, DropFields, DropNullFields, ErrorsAsDynamicFrame, Filter, FlatMap, Join, Map),
    *(MapToCollection, Relationalize, RenameField, Repartition, ResolveChoice, SelectFields, SelectFromCollection),
    *(Spigot, SplitFields, SplitRows, Unbox, Union, UnnestFrame),
)

_NOT_HERE = {
    **dict.fromkeys(
        ("FindMatches", "FindIncrementalMatches", "FillMissingValues", "EntityDetector"),
        "It is machine learning that runs on AWS only: use Spark's pyspark.ml, or leave the step out.",
    ),
    "EvaluateDataQuality": "It is in another package: from awsgluedq.transforms import EvaluateDataQuality.",
}


def __getattr__(name: str) -> NoReturn:
    """Names that scripts import from here and that are not here: the import says what to do instead."""
    if name in _NOT_HERE:
        raise NotProvidedImportError(f"awsglue.transforms.{name}", _NOT_HERE[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def get_transforms() -> set[type[GlueTransform]]:
    """All transforms."""
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
