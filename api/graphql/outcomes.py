"""How the core's refusals reach a caller: absence as null in queries, failures as data in mutations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import strawberry

from api.errors import Code, told
from catalog.errors import DomainError, NotFound, VersionConflict

R = TypeVar("R")

strawberry.enum(Code, name="ErrorCode", description="What went wrong, in words that a program can act on.")


@strawberry.type(description="Why a mutation did nothing.")
class UserError:
    code: Code
    field: list[str] | None = strawberry.field(description="The field of `input` that was refused, if it was one.")
    message: str = strawberry.field(description="What happened, to which thing, and what to do.")


@strawberry.interface(description="What every mutation answers. With any `userErrors`, nothing was changed.")
class Payload:
    user_errors: list[UserError]
    client_mutation_id: str | None = strawberry.field(description="The one that was given.")


@dataclass(frozen=True)
class Attempt(Generic[R]):
    """What a verb returned, or why it refused; after a version conflict, the thing as it now is."""

    result: R | None
    errors: list[UserError]


def attempt(verb: Callable[[], R], fields: Mapping[str, str], current: Callable[[], R] | None = None) -> Attempt[R]:
    """Call `verb`. `fields` names the input field of each kind of thing that may be missing or exist already."""
    try:
        return Attempt(verb(), [])
    except DomainError as error:
        conflict = isinstance(error, VersionConflict)
        field = "expectedVersion" if conflict else fields.get(str(error.facts.get("kind")))
        told_error = UserError(code=told(error).code, field=field.split(".") if field else None, message=str(error))
        return Attempt(if_found(current) if conflict and current else None, [told_error])


def if_found(read: Callable[[], R]) -> R | None:
    """What `read` returns, or None if it raises NotFound."""
    try:
        return read()
    except NotFound:
        return None
