"""Transforms the public library has and this one does not yet: they import, and fail by name when used."""

from __future__ import annotations

from typing import Any, NoReturn

from awsglue._missing import NotProvidedError
from awsglue.transforms.transform import GlueTransform


class _Absent(GlueTransform):
    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotProvidedError(f"the transform {self.name()}")


class Coalesce(_Absent):
    """Not provided yet; the method coalesce of a frame is."""


class DropNullFields(_Absent):
    """Not provided yet."""


class ErrorsAsDynamicFrame(_Absent):
    """Not provided yet."""


class FlatMap(_Absent):
    """Not provided yet."""


class MapToCollection(_Absent):
    """Not provided yet."""


class Relationalize(_Absent):
    """Not provided yet."""


class Repartition(_Absent):
    """Not provided yet; the method repartition of a frame is."""


class SelectFromCollection(_Absent):
    """Not provided yet."""


class Spigot(_Absent):
    """Not provided yet."""


class SplitFields(_Absent):
    """Not provided yet."""


class SplitRows(_Absent):
    """Not provided yet."""


class Unbox(_Absent):
    """Not provided yet."""


class Union(_Absent):
    """Not provided yet."""


class UnnestFrame(_Absent):
    """Not provided yet."""
