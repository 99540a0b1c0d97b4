"""Which Hive exception tells a client of a failure of the catalog."""

from __future__ import annotations

from api.hive.bindings import Failure, hive
from catalog.errors import (
    AlreadyExists,
    DatabaseNotEmpty,
    DomainError,
    InvalidInput,
    InvalidType,
    NotFound,
)

_INVALID = ("InvalidObjectException", "InvalidOperationException")

# In order of preference: a client understands only the exceptions that the method it called declares, and takes any
# other for a broken connection. What is not listed here is told as MetaException.
_EXCEPTIONS: dict[type[DomainError], tuple[str, ...]] = {
    NotFound: ("NoSuchObjectException", "InvalidOperationException", "InvalidObjectException"),
    AlreadyExists: ("AlreadyExistsException", "InvalidOperationException"),
    DatabaseNotEmpty: ("InvalidOperationException",),
    InvalidInput: _INVALID,
    InvalidType: _INVALID,
}


def told(failure: DomainError, declared: tuple[str, ...]) -> tuple[str, str]:
    """The exception that tells `failure` to a caller of a method which declares `declared`: its name and message."""
    preferred = _EXCEPTIONS.get(type(failure), ())
    if isinstance(failure, NotFound):
        unknown = "UnknownDBException" if failure.facts["kind"] == "Database" else "UnknownTableException"
        preferred = (unknown, *preferred)
    return next((name for name in preferred if name in declared), "MetaException"), str(failure)


def unsupported(what: str, why: str) -> Failure:
    """The refusal of something that a metastore does and this one does not do yet."""
    refusal: Failure = hive.MetaException(f"{what} is not supported yet: {why}")
    return refusal
