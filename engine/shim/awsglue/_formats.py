"""Glue's format options in Spark's words, for reading and for writing. Names of options ignore case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from awsglue._missing import NotProvidedError

READ_FORMATS = {
    name.lower(): name for name in ("csv", "json", "parquet", "orc", "xml", "grokLog", "avro", "ion", "glueparquet")
}
WRITE_FORMATS = {
    "csv": "csv",
    "json": "json",
    "parquet": "parquet",
    "glueparquet": "parquet",
    "orc": "orc",
    "avro": "avro",
}
_CODECS = {
    "csv": ("none", "uncompressed", "bzip2", "deflate", "gzip", "lz4", "snappy", "zstd"),
    "json": ("none", "uncompressed", "bzip2", "deflate", "gzip", "lz4", "snappy", "zstd"),
    "parquet": ("none", "uncompressed", "brotli", "gzip", "lz4", "lz4_raw", "lzo", "snappy", "zstd"),
    "orc": ("none", "uncompressed", "brotli", "lz4", "lzo", "snappy", "zlib", "zstd"),
    "avro": ("uncompressed", "bzip2", "deflate", "snappy", "xz", "zstandard"),
}
_SUFFIXES = {"gzip": (".gz", ".gzip"), "bzip2": (".bz2",), "bzip": (".bz2",), "none": (), "uncompressed": ()}
_PACKED_INSIDE = ("parquet", "orc", "avro")


def folded(options: dict[str, Any]) -> dict[str, Any]:
    """Options under lower-case names: scripts differ in how they write `multiLine`."""
    return {name.lower(): value for name, value in options.items()}


def is_set(options: dict[str, Any], name: str, default: bool = False) -> bool:
    """A switch of folded options, which may be a bool or a text such as "true"."""
    return str(options.get(name, default)).lower() in ("true", "1")


def whole_number(options: dict[str, Any], name: str) -> int | None:
    """A number of folded options, which may be a text; None if it is not there. ValueError for anything else."""
    value = options.get(name)
    if value in (None, ""):
        return None
    if not str(value).strip().isdecimal():
        raise ValueError(f"The option {name}={value!r} is not a whole number.")
    return int(str(value))


def check_readable(format: str, options: dict[str, Any]) -> None:
    """NotProvidedError naming a format or option that reading does not know."""
    if format.lower() not in READ_FORMATS:
        raise NotProvidedError(f"reading the format {format!r}", f"It reads {', '.join(READ_FORMATS.values())}.")
    if format == "csv" and is_set(options, "skipfirst") and is_set(options, "withheader"):
        raise NotProvidedError(
            "skipFirst together with withHeader", "withHeader alone takes the first line for the names."
        )
    if str(options.get("linecount", 1)) != "1":
        raise NotProvidedError("LineCount other than 1", "A record of a log is one line.")


def check_compression(name: str, format: str, options: dict[str, Any], files: Sequence[str]) -> None:
    """Spark tells how a file is packed by the end of its name: NotProvidedError where that would go wrong.

    Files of formats that are packed inside say so themselves.
    """
    if format in _PACKED_INSIDE:
        return
    asked = str(options.get("compressiontype") or "none").lower()
    if asked not in _SUFFIXES:
        raise NotProvidedError(f"the compressionType {asked!r}", f"It knows {', '.join(_SUFFIXES)}.")
    ends = _SUFFIXES[asked]
    other = next((file for file in files if not file.lower().endswith(ends)), None) if ends else None
    if other is not None:
        raise NotProvidedError(
            f"compressionType {asked} for {other} of {name}", f"Files packed so are named with {ends[0]} at the end."
        )


def csv_reading(options: dict[str, Any]) -> dict[str, str]:
    """Spark's options to read CSV; names come from the schema given, so a first line is skipped, not read."""
    encoding = options.get("encoding")
    passed = {"encoding": None if is_utf8(encoding) else encoding, "nullValue": options.get("nullvalue")}
    return {
        **_csv_signs(options),
        **{name: str(value) for name, value in passed.items() if value is not None},
        "header": str(is_set(options, "withheader") or is_set(options, "skipfirst")).lower(),
        # in UTF-16 and UTF-32 the end of a line is no byte, by which Spark would part lines
        "multiLine": str(is_set(options, "multiline") or _is_wide(encoding)).lower(),
        "mode": "PERMISSIVE",
    }


def _is_wide(encoding: Any) -> bool:
    return str(encoding).upper().replace("-", "").startswith(("UTF16", "UTF32"))


def is_utf8(encoding: Any) -> bool:
    """Whether that is what files are read as anyway."""
    return encoding in (None, "") or str(encoding).upper().replace("-", "").replace("_", "") in ("UTF8", "UTF8SIG")


def csv_writing(options: dict[str, Any]) -> dict[str, str]:
    """Spark's options to write CSV. It quotes only where it must, which is what strictCheckForQuoting asks for."""
    return {
        **_csv_signs(options),
        "header": str(is_set(options, "writeheader", True)).lower(),
        "ignoreLeadingWhiteSpace": "false",  # Spark's writer drops blanks around a value unless told not to
        "ignoreTrailingWhiteSpace": "false",
    }


def _csv_signs(options: dict[str, Any]) -> dict[str, str]:
    """Separator, quote and escape. Without an escaper a quote inside quotes is doubled, and nothing else escapes."""
    quote = str(options.get("quotechar", '"'))
    escaper = options.get("escaper")
    unquoted = quote in ("-1", "")
    return {
        "sep": str(options.get("separator") or ","),
        "quote": "" if unquoted else quote,
        "escape": str(escaper) if escaper else ("\0" if unquoted else quote),
    }


def is_unquoted(options: dict[str, Any]) -> bool:
    """Whether no value is to be quoted, whatever it holds."""
    return str(options.get("quotechar", '"')) in ("-1", "")


def parquet_writing(options: dict[str, Any]) -> dict[str, str]:
    """Spark's options for the sizes of row groups and pages, in bytes."""
    sizes = {"parquet.block.size": "blocksize", "parquet.page.size": "pagesize"}
    given = {name: whole_number(options, option) for name, option in sizes.items()}
    return {name: str(size) for name, size in given.items() if size}


def writing_codec(form: str, options: dict[str, Any], asked: str | None) -> str | None:
    """How files are to be packed: by the connection option, else by the format's own; None for its default.

    NotProvidedError for what the format does not know.
    """
    codec = str(asked or (options.get("compression") if form in _PACKED_INSIDE else None) or "").lower()
    if codec and codec not in _CODECS[form]:
        raise NotProvidedError(f"the compression {codec!r} of {form}", f"It knows {', '.join(_CODECS[form])}.")
    return codec or None


def json_reading(options: dict[str, Any]) -> dict[str, str]:
    """Spark's options to read JSON; strict about quotes, as the scan that learns the types is."""
    multi_line = str(is_set(options, "multiline")).lower()
    return {"multiLine": multi_line, "mode": "DROPMALFORMED", "allowSingleQuotes": "false"}


def xml_reading(options: dict[str, Any]) -> dict[str, str]:
    """Spark's options to read XML. ValueError without a rowTag."""
    if not options.get("rowtag"):
        raise ValueError("Reading xml needs the format option rowTag: the element that is a record.")
    passed = {"attributePrefix": "attributeprefix", "valueTag": "valuetag", "encoding": "encoding"}
    switches = {"excludeAttribute": "excludeattribute", "ignoreSurroundingSpaces": "ignoresurroundingspaces"}
    return {
        "rowTag": str(options["rowtag"]),
        **{name: str(options[given]) for name, given in passed.items() if options.get(given)},
        **{name: str(is_set(options, given)).lower() for name, given in switches.items()},
        **({"nullValue": ""} if is_set(options, "treatemptyvaluesasnulls") else {}),
        "mode": "FAILFAST" if is_set(options, "isfailfast") else "PERMISSIVE",
    }
