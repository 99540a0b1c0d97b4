"""Glue's format options in Spark's words, for reading and for writing."""

from __future__ import annotations

from typing import Any

from awsglue._missing import NotProvidedError

READ_FORMATS = ("csv", "json", "parquet", "orc")
WRITE_FORMATS = {"csv": "csv", "json": "json", "parquet": "parquet", "glueparquet": "parquet", "orc": "orc"}
_NOT_READ = {"jsonpath": "jsonPath", "attachfilename": "attachFilename", "attachtimestamp": "attachTimestamp"}


def folded(options: dict[str, Any]) -> dict[str, Any]:
    """Options under lower-case names: scripts differ in how they write `multiLine`."""
    return {name.lower(): value for name, value in options.items()}


def is_set(options: dict[str, Any], name: str, default: bool = False) -> bool:
    """A switch of folded options, which may be a bool or a text such as "true"."""
    return str(options.get(name, default)).lower() in ("true", "1")


def check_readable(format: str, options: dict[str, Any]) -> None:
    """NotProvidedError naming a format or option that reading does not know."""
    if format not in READ_FORMATS:
        raise NotProvidedError(f"reading the format {format!r}", f"It reads {', '.join(READ_FORMATS)}.")
    for name, shown in _NOT_READ.items():
        if options.get(name):
            raise NotProvidedError(f"the option {shown}")
    if is_set(options, "skipfirst") and is_set(options, "withheader"):
        raise NotProvidedError("skipFirst together with withHeader")


def csv_reading(options: dict[str, Any]) -> dict[str, str]:
    """Spark's options to read CSV; names come from the schema given, so a first line is skipped, not read."""
    return {
        **_csv_signs(options),
        "header": str(is_set(options, "withheader") or is_set(options, "skipfirst")).lower(),
        "multiLine": str(is_set(options, "multiline")).lower(),
        "mode": "PERMISSIVE",
    }


def csv_writing(options: dict[str, Any]) -> dict[str, str]:
    """Spark's options to write CSV."""
    return {**_csv_signs(options), "header": str(is_set(options, "writeheader", True)).lower()}


def _csv_signs(options: dict[str, Any]) -> dict[str, str]:
    """Separator, quote and escape. Without an escaper a quote inside quotes is doubled, and nothing else escapes."""
    quote = str(options.get("quotechar", '"'))
    escaper = options.get("escaper")
    unquoted = quote in ("-1", "")
    return {
        "sep": str(options.get("separator", ",")),
        "quote": "" if unquoted else quote,
        "escape": str(escaper) if escaper else ("\0" if unquoted else quote),
    }


def json_reading(options: dict[str, Any]) -> dict[str, str]:
    """Spark's options to read JSON; strict about quotes, as the scan that learns the types is."""
    multi_line = str(is_set(options, "multiline")).lower()
    return {"multiLine": multi_line, "mode": "DROPMALFORMED", "allowSingleQuotes": "false"}
