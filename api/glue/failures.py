"""Failures as the Glue face tells them: a code of the model's, and a message in AWS's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from api.errors import told
from api.glue.registry_words import registry_words
from catalog.errors import AlreadyExists, DomainError, NotFound, VersionConflict
from engine.errors import ConcurrentRunsExceeded


class GlueFailure(Exception):
    """A request that is answered by a failure; the subclass's name is its code, but for those that say another."""

    status = 400

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code or f"{type(self).__name__}Exception"

    def body(self) -> bytes:
        return orjson.dumps({"__type": self.code, "Message": str(self)})

    def detail(self) -> dict[str, str]:
        """As one item of a batch is told to have failed."""
        return {"ErrorCode": self.code, "ErrorMessage": str(self)}


class Validation(GlueFailure):
    """The request breaks constraints of the model: `problems` (api.glue.complaints), or what the message says."""

    problems: Sequence[tuple[str, str, tuple[Any, ...]]] = ()


class Serialization(GlueFailure):
    """The request is no JSON, or not of the model's types."""


class UnknownOperation(GlueFailure):
    """The model has no such operation."""


class OperationNotSupported(GlueFailure):
    """The model has it, and this service does not."""


class EntityNotFound(GlueFailure):
    pass


class AlreadyThere(GlueFailure):
    def __init__(self, message: str) -> None:
        super().__init__(message, "AlreadyExistsException")


class Invalid(GlueFailure):
    def __init__(self, message: str) -> None:
        super().__init__(message, "InvalidInputException")


class AccessDenied(GlueFailure):
    pass


class TooLarge(GlueFailure):
    status = 413

    def __init__(self, message: str) -> None:
        super().__init__(message, "RequestEntityTooLargeException")


class InternalService(GlueFailure):
    """No fault of the request's; SDKs try it again."""

    status = 500


def told_as_glue(error: DomainError, asked: dict[str, Any]) -> GlueFailure:
    """A failure of the domain, of a call that asked for `asked`."""
    known = told(error)
    failure = GlueFailure(registry_words(error, asked) or _message(error, asked), known.glue)
    if known.glue == "InternalServiceException":
        failure.status = known.status
    return failure


def _message(error: DomainError, asked: dict[str, Any]) -> str:
    match error:
        case NotFound(kind="Partition"):
            return "Cannot find partition."
        case NotFound(kind="Workflow" | "Workflow run"):
            return "Entity not found"
        case NotFound(kind="Version"):
            return "Version not found."
        case NotFound(kind="Resource policy"):
            return "Policy not found"
        case NotFound(kind="Partition index"):
            return f"Partition index {_short(str(error.name), ' of table ')} not found."
        case NotFound(kind=str(kind), name=str(name)):
            return f"{kind} {_own(name, asked)} not found."
        case ConcurrentRunsExceeded(name=str(name)):
            return f"Job with name {name} already running"
        case AlreadyExists(kind="Database" | "Table" | "Partition" as kind):
            return f"{kind} already exists."
        case AlreadyExists(kind=str(kind), name=str(name)):
            return f"{kind} {_own(name, asked)} already exists."
        case VersionConflict(kind="Table"):
            return f"Update table failed due to concurrent modifications. {error}"
        case _:
            return str(error)


def _own(name: str, asked: dict[str, Any]) -> str:
    """AWS names a table or function without its database."""
    return name.removeprefix(f"{str(asked.get('DatabaseName', '')).lower()}.").removeprefix(
        f"{asked.get('DatabaseName', '')}."
    )


def _short(text: str, end: str) -> str:
    return text.partition(end)[0]
