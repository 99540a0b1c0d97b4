"""What every transform class shares: `apply`, and a description of itself."""

from __future__ import annotations

import inspect
from typing import Any


class GlueTransform:
    """A transform as a class: `Transform.apply(...)` makes an instance and calls it."""

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        return cls()(*args, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"The transform {self.name()} does not say what it does: define __call__.")

    @classmethod
    def name(cls) -> str:
        return cls.__name__

    @classmethod
    def describeArgs(cls) -> list[dict[str, Any]]:
        """One entry per argument: name, type, whether it may be left out, and its default."""
        parameters = list(inspect.signature(cls.__call__).parameters.values())[1:]
        return [
            {
                "name": parameter.name,
                "type": str(parameter.annotation),
                "optional": parameter.default is not parameter.empty,
                "defaultValue": None if parameter.default is parameter.empty else parameter.default,
            }
            for parameter in parameters
        ]

    @classmethod
    def describeReturn(cls) -> dict[str, str]:
        return {"type": str(inspect.signature(cls.__call__).return_annotation)}

    @classmethod
    def describeTransform(cls) -> str:
        return inspect.getdoc(cls) or ""

    @classmethod
    def describeErrors(cls) -> list[dict[str, str]]:
        return []

    @classmethod
    def describe(cls) -> dict[str, Any]:
        return {
            "transform": {
                "name": cls.name(),
                "args": cls.describeArgs(),
                "returns": cls.describeReturn(),
                "description": cls.describeTransform(),
                "raises": cls.describeErrors(),
            }
        }
