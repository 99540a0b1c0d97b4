"""DynamicFrameCollection: frames by name."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, KeysView, ValuesView
from typing import TYPE_CHECKING

from awsglue._frame import LazyFrame

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame


class DynamicFrameCollection:
    """Several frames, each under a name.

    Made of a dict, or of a list of frames, which go by their own names; anything else is a TypeError.
    """

    def __init__(self, dynamic_frames: dict[str, DynamicFrame] | list[DynamicFrame], glue_ctx: GlueContext) -> None:
        if isinstance(dynamic_frames, dict):
            self._frames = dict(dynamic_frames)
        elif isinstance(dynamic_frames, list):
            self._frames = {frame.name: frame for frame in dynamic_frames}
        else:
            found = type(dynamic_frames).__name__
            raise TypeError(f"A DynamicFrameCollection is made of a dict or a list of frames, not of a {found}.")
        self._glue_ctx = glue_ctx

    def __getitem__(self, key: str) -> DynamicFrame:
        return self._frames[key]

    def __len__(self) -> int:
        return len(self._frames)

    def keys(self) -> KeysView[str]:
        return self._frames.keys()

    def values(self) -> ValuesView[DynamicFrame]:
        return self._frames.values()

    def items(self) -> ItemsView[str, DynamicFrame]:
        return self._frames.items()

    def select(self, key: str, transformation_ctx: str = "") -> DynamicFrame:
        """The frame of that name; an empty frame if there is none."""
        found = self._frames.get(key)
        return self._glue_ctx._empty_frame(key) if found is None else found

    def map(
        self, callable: Callable[[DynamicFrame, str], DynamicFrame], transformation_ctx: str = ""
    ) -> DynamicFrameCollection:
        """What `callable(frame, context)` makes of each frame; TypeError if that is no frame.

        The context is `transformation_ctx:name`, so that each frame's step can have a bookmark of its own.
        """
        made = {key: callable(frame, f"{transformation_ctx}:{key}") for key, frame in self._frames.items()}
        for key, frame in made.items():
            if not isinstance(frame, LazyFrame):
                raise TypeError(f"The function given to map made a {type(frame).__name__} of {key!r}, not a frame.")
        return DynamicFrameCollection(made, self._glue_ctx)

    def flatmap(
        self,
        f: Callable[[DynamicFrame, str], DynamicFrame | DynamicFrameCollection],
        transformation_ctx: str = "",
    ) -> DynamicFrameCollection:
        """The frames and collections `f(frame, context)` makes, all in one; TypeError if it makes anything else.

        A frame goes by its own name, and the last of several with one name stays.
        """
        made: dict[str, DynamicFrame] = {}
        for frame in self._frames.values():
            result = f(frame, f"{transformation_ctx}:{frame.name}")
            if isinstance(result, DynamicFrameCollection):
                made.update(result.items())
            elif isinstance(result, LazyFrame):
                made[result.name] = result
            else:
                found = type(result).__name__
                raise TypeError(f"The function given to flatmap made a {found} of {frame.name!r}, not a frame.")
        return DynamicFrameCollection(made, self._glue_ctx)
