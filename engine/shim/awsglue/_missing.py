"""What this library knows of but does not have: it fails by name instead of doing something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn


class NotProvidedError(NotImplementedError):
    """Isinglass does not provide {what}."""

    def __init__(self, what: str, instead: str = "") -> None:
        super().__init__(f"Isinglass's awsglue library does not provide {what} yet.{' ' if instead else ''}{instead}")
        self.what = what


def missing(what: str) -> Callable[..., NoReturn]:
    """A function or method that raises NotProvidedError naming `what`, whatever it is called with."""

    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise NotProvidedError(what)

    refuse.__name__ = refuse.__qualname__ = what.rpartition(".")[2]
    return refuse


class NotProvidedImportError(ImportError):
    """Isinglass does not provide {what}, which a script imports."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(f"Isinglass does not provide {what}. {instead}")
        self.what = what
