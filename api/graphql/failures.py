"""The top-level errors of an answer: each with a code and the request's id; a fault of ours is logged and masked."""

from __future__ import annotations

import re
from typing import Any

import structlog
from graphql import GraphQLError

from api.errors import told
from catalog.errors import DomainError

BAD_REQUEST = "BAD_REQUEST"
INTERNAL = "INTERNAL"
# What graphql-core says of a value that does not fit its type ends with the value, which may be a password.
_VALUE = re.compile(r"(?:, found|(?<= value)): .*", re.DOTALL)

log = structlog.get_logger()


def tell(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """`error` as it is answered.

    A failure of the domain, in a query, has its own code; a document or variable that is wrong has BAD_REQUEST, or the
    code that came with it; anything else is a fault of ours.
    """
    shown = dict(error.formatted)
    code = _code(error)
    if code == INTERNAL:
        cause = error.original_error or error
        log.error("graphql failed", request=request_id, path=error.path, exc_info=cause)
        shown["message"] = f"A fault of Isinglass; its log tells more under request {request_id}."
    elif code == BAD_REQUEST:
        shown["message"] = _VALUE.sub(".", error.message)
    shown["extensions"] = {"code": code, "requestId": request_id}
    return shown


def _code(error: GraphQLError) -> str:
    cause = error.original_error
    if isinstance(cause, DomainError):
        return told(cause).code
    given = (error.extensions or {}).get("code")
    if given is not None:
        return str(given)
    in_document = error.path is None and (cause is None or error.nodes is not None)
    return BAD_REQUEST if in_document else INTERNAL
