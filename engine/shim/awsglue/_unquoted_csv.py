"""Writing CSV in which nothing is quoted: Spark's writer always may quote, so it is given whole lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsglue._tree import Typed, column_named

# Signs of no language: lines hold none, so that the writer finds nothing to separate, quote or escape.
UNQUOTED_OPTIONS = {"sep": "\ue5a1", "quote": "\ue5a2", "escape": "\ue5a3", "emptyValue": "", "nullValue": ""}


def unquoted(typed: Typed, keys: Sequence[str], options: dict[str, Any]) -> DataFrame:
    """One column, whose name is the header and whose values are the lines, and the partition keys.

    With an escaper, it stands before each separator and escaper of a value.
    """
    separator = str(options.get("separator") or ",")
    names = [field.name for field in typed.type.fields if field.name not in keys]
    values = [_value(column_named(typed.frame, name), separator, options.get("escaper")) for name in names]
    line = F.concat_ws(separator, *values).alias(separator.join(names))
    return typed.frame.select(line, *[column_named(typed.frame, key) for key in keys])


def _value(column: Column, separator: str, escaper: Any) -> Column:
    text = F.coalesce(column.cast("string"), F.lit(""))
    for sign in (str(escaper), separator) if escaper else ():
        text = F.replace(text, F.lit(sign), F.lit(str(escaper) + sign))
    return text
