"""Pagination tokens as Glue's clients hold them: the core's own, with the time that they were given at."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta

from api.glue.failures import Invalid

GOOD_FOR = timedelta(hours=24)


def dated(token: str, now: datetime) -> str:
    return base64.urlsafe_b64encode(f"{int(now.timestamp()):x}.{token}".encode()).decode()


def undated(token: str, now: datetime) -> str:
    """Raises Invalid for one that is too old, or none of ours."""
    try:
        seconds, inner = base64.urlsafe_b64decode(token.encode()).decode().split(".", 1)
        age = now.timestamp() - int(seconds, 16)
    except (binascii.Error, ValueError, OverflowError) as error:
        raise Invalid("The page token is not one of this list; list again without a token.") from error
    if age > GOOD_FOR.total_seconds():
        raise Invalid("The page token has expired, as it is good for 24 hours; list again without a token.")
    return inner
