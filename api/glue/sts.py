"""AWS's STS, as far as clients of Glue ask it: who am I, and of which account. They make the names of tags from it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from api.glue.calls import Caller

SERVICE = "sts"
CONTENT = b"text/xml"
_FORM = "application/x-www-form-urlencoded"
_SPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_IDENTITY = "GetCallerIdentity"


def is_asked(headers: Mapping[str, str]) -> bool:
    """STS's requests are forms, and those of the other services JSON, whose operation is in a header."""
    return "x-amz-target" not in headers and headers.get("content-type", "").startswith(_FORM)


def answer(body: bytes, caller: Caller, account: str) -> tuple[int, bytes]:
    """Status and document of an answer."""
    action = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    if action != _IDENTITY:
        return 400, refusal("InvalidAction", f"Of STS only {_IDENTITY} is here, and not {action[:100]!r}.")
    user = caller.principal
    told = {"Arn": f"arn:aws:iam::{account}:user/{user}", "UserId": user, "Account": account}
    members = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in told.items())
    result = f"<{_IDENTITY}Result>{members}</{_IDENTITY}Result>"
    return 200, f'<{_IDENTITY}Response xmlns="{_SPACE}">{result}</{_IDENTITY}Response>'.encode()


def refusal(code: str, message: str) -> bytes:
    told = f"<Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    return f'<ErrorResponse xmlns="{_SPACE}"><Error>{told}</Error></ErrorResponse>'.encode()
