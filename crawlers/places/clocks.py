"""The time by a store's own clock: times of change are told by it, and this machine's may be off."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from crawlers.places.aws import find_access
from crawlers.places.model import scheme_of

PATIENCE_SECONDS = 5


def now_ms(place: str) -> int:
    """Milliseconds since 1970 by the clock of the store that `place` is in.

    S3 is asked: every answer, a refusal too, has a date, in whole seconds; the end of that second is told. Of disks,
    and of stores that do not tell, it is this machine's time.
    """
    if scheme_of(place) in ("s3", "s3a", "s3n"):
        told = _date_of_s3()
        if told is not None:
            return told
    return time.time_ns() // 1_000_000


def _date_of_s3() -> int | None:
    access = find_access()
    address = urlsplit(access.endpoint or f"https://s3.{access.region}.amazonaws.com")
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("HEAD", "/")
        date = connection.getresponse().getheader("Date")
        return None if date is None else int(parsedate_to_datetime(date).timestamp() * 1000) + 999
    except (OSError, HTTPException, ValueError):
        return None  # the listing that follows tells what is wrong with the store
    finally:
        connection.close()
