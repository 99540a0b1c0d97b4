"""AWS's STS, as far as clients of Glue ask it: who am I, and of which account. They make the names of tags from it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from api.glue.calls import Caller
from api.glue.failures import GlueFailure

SERVICE = "sts"
CONTENT = b"text/xml"
_FORM = "application/x-www-form-urlencoded"
_SPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_IDENTITY = "GetCallerIdentity"
_DENIED, _FAILED = 403, 500


class InvalidAction(GlueFailure):
    """What is asked of STS is not here."""


def is_asked(headers: Mapping[str, str]) -> bool:
    """STS's requests are forms, and those of the other services JSON, whose operation is in a header."""
    return "x-amz-target" not in headers and headers.get("content-type", "").startswith(_FORM)


def answer(body: bytes, caller: Caller, account: str) -> bytes:
    """The document of an answer. Raises InvalidAction."""
    action = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    if action != _IDENTITY:
        raise InvalidAction(f"Of STS only {_IDENTITY} is here, and not {action[:100]!r}.")
    user = caller.principal
    told = {"Arn": f"arn:aws:iam::{account}:user/{user}", "UserId": user, "Account": account}
    members = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in told.items())
    result = f"<{_IDENTITY}Result>{members}</{_IDENTITY}Result>"
    return f'<{_IDENTITY}Response xmlns="{_SPACE}">{result}</{_IDENTITY}Response>'.encode()


def refused(failure: GlueFailure) -> tuple[int, bytes]:
    """Status and document of a failure: the caller is denied, but for what is not here and the service's own faults."""
    by_caller = failure.status < _FAILED
    status = _DENIED if by_caller and not isinstance(failure, InvalidAction) else failure.status
    at_fault = "Sender" if by_caller else "Receiver"
    code = failure.code.removesuffix("Exception")
    told = f"<Type>{at_fault}</Type><Code>{escape(code)}</Code><Message>{escape(str(failure))}</Message>"
    return status, f'<ErrorResponse xmlns="{_SPACE}"><Error>{told}</Error></ErrorResponse>'.encode()
