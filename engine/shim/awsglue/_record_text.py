"""Records as JSON text, in the forms in which Spark's reader takes back what JSON has no word for."""

from __future__ import annotations

import base64
import json
import traceback
from datetime import date, datetime
from decimal import Decimal
from typing import Any

try:
    import orjson
except ImportError:  # scripts that run on a foreign Spark have what that Spark has
    orjson = None  # type: ignore[assignment]


class Failure(dict[str, Any]):
    """A row of ERROR_SCHEMA that stands where a record should."""


def stored_text(record: dict[str, Any]) -> str:
    """The record as one line; TypeError for a value that no record can hold."""
    if orjson is None:
        return json.dumps(record, default=_plain)
    try:
        text = orjson.dumps(record, _plain, _OPTIONS).decode()
    except TypeError:  # whole numbers past 64 bits and lone surrogates are too much for orjson alone
        return json.dumps(record, default=_plain)
    return json.dumps(record, default=_plain) if "null" in text else text  # what orjson makes of NaN is null


def failure(error: BaseException, record: dict[str, Any]) -> Failure:
    """The error record of a record that a function of the script failed on."""
    return Failure(
        msg=f"{type(error).__name__}: {error}",
        stackTrace="".join(traceback.format_exception(error)),
        dynamicRecord=json.dumps(record, default=str),
    )


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep="T")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"A record cannot hold {value!r}: it is a {type(value).__name__}.")


_OPTIONS = 0 if orjson is None else orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
