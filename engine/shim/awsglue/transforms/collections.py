"""Transforms of collections of frames: pick one, or do something with each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue._collection import DynamicFrameCollection
    from awsglue.dynamicframe import DynamicFrame


class SelectFromCollection(GlueTransform):
    """The frame of that name; an empty one if there is none."""

    def __call__(self, dfc: DynamicFrameCollection, key: str, transformation_ctx: str = "") -> DynamicFrame:
        return dfc.select(key, transformation_ctx)


class MapToCollection(GlueTransform):
    """A collection of what `callable(frame, transformation_ctx)` makes of each frame, under the same names."""

    def __call__(
        self, dfc: DynamicFrameCollection, callable: Callable[..., DynamicFrame], transformation_ctx: str = ""
    ) -> DynamicFrameCollection:
        return dfc.map(callable, transformation_ctx)


class FlatMap(GlueTransform):
    """Applies one transform to each frame: `frame_name` is the argument that takes it, `base_kwargs` are the others.

    A transform that makes a collection of a frame adds all of it to the result.
    """

    def __call__(
        self,
        dfc: DynamicFrameCollection,
        BaseTransform: type[GlueTransform],
        frame_name: str,
        transformation_ctx: str = "",
        **base_kwargs: Any,
    ) -> DynamicFrameCollection:
        def each(frame: DynamicFrame, context: str) -> DynamicFrame | DynamicFrameCollection:
            made: DynamicFrame | DynamicFrameCollection = BaseTransform.apply(
                **{frame_name: frame, "transformation_ctx": context, **base_kwargs}
            )
            return made

        return dfc.flatmap(each, transformation_ctx)
