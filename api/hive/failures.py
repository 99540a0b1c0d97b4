"""Which Hive exception tells a client of a failure of the catalog."""

from __future__ import annotations

from api import errors
from api.hive.bindings import Failure, hive
from catalog.errors import DomainError, NotFound


def told(failure: DomainError, declared: tuple[str, ...]) -> tuple[str, str]:
    """The exception that tells `failure` to a caller of a method which declares `declared`: its name and message.

    A client understands only the exceptions that the method it called declares, and takes any other for a broken
    connection; what fits none of them is told as MetaException.
    """
    preferred = errors.told(failure).hive
    if isinstance(failure, NotFound):
        unknown = "UnknownDBException" if failure.facts["kind"] == "Database" else "UnknownTableException"
        preferred = (unknown, *preferred)
    return next((name for name in preferred if name in declared), "MetaException"), str(failure)


def unsupported(what: str, why: str) -> Failure:
    """The refusal of something that a metastore does and this one does not."""
    refusal: Failure = hive.MetaException(f"{what} is not supported by Isinglass: {why}")
    return refusal
