"""Listing the files of paths without the service: Spark lists, and exclusions leave out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from awsglue._formats import is_set
from awsglue._missing import NotProvidedError
from awsglue._plans import Group
from awsglue._settling import schema_jobs

_BOUNDS = {"boundedfiles": "boundedFiles", "boundedsize": "boundedSize"}
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:/+")


def list_paths(session: SparkSession, paths: Sequence[str], options: dict[str, Any]) -> tuple[Group, ...]:
    """The data files under paths in one group, or no group if there are none.

    With `recurse` those of all folders, else those of the paths themselves and their k=v folders. NotProvidedError for
    bounds, which need a bookmark; ValueError for exclusions that are no list of globs.
    """
    for name, shown in _BOUNDS.items():
        if options.get(name):
            raise NotProvidedError(
                f"the option {shown} outside the service", "It bounds what a bookmark leaves to read."
            )
    listing = {"recursiveFileLookup": "true"} if is_set(options, "recurse") else {}
    found = session.read.format("binaryFile").options(**listing).load(list(paths))
    # inputFiles answers from the listing alone, with percent signs for what a URI cannot hold
    excluded = exclusions(options.get("exclusions"))
    files = sorted(file for file in map(unquote, found.inputFiles()) if not _is_excluded(file, paths, excluded))
    size = 0
    if options.get("groupfiles") and files:
        with schema_jobs(session.sparkContext):
            size = found.agg(F.sum("length")).collect()[0][0] or 0
    return (Group((), paths[0], tuple(files), size),) if files else ()


def exclusions(value: Any) -> list[re.Pattern[str]]:
    """The option's globs, compiled: a list, or the JSON text of one."""
    if value in (None, ""):
        return []
    try:
        globs = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        globs = None
    if not isinstance(globs, list | tuple) or not all(isinstance(glob, str) for glob in globs):
        raise ValueError(f'The option exclusions={value!r} is no JSON list of globs, such as ["**.pdf"].')
    return [re.compile(_glob(_SCHEME.sub("", glob)), re.DOTALL) for glob in globs]


def _glob(text: str) -> str:
    """A glob as a regular expression: `*` and `?` stay within a folder, `**` does not; [a-z], [!a] and {a,b}."""
    out, at, braces = "", 0, 0
    while at < len(text):
        sign = text[at]
        rest = text[at:]
        if rest.startswith("**"):
            out, at = out + ".*", at + 1
        elif sign in "*?":
            out += "[^/]*" if sign == "*" else "[^/]"
        elif sign == "[" and (end := text.find("]", at + 2)) > 0:
            inner = text[at + 1 : end].replace("\\", r"\\").replace("[", r"\[")
            out, at = out + "(?!/)[" + re.sub("^!", "^", inner) + "]", end
        elif sign == "{" and "}" in rest:
            out, braces = out + "(?:", braces + 1
        elif sign == "}" and braces:
            out, braces = out + ")", braces - 1
        elif sign == "," and braces:
            out += "|"
        else:
            out += re.escape(sign)
        at += 1
    return out


def _is_excluded(file: str, paths: Sequence[str], patterns: Sequence[re.Pattern[str]]) -> bool:
    """A pattern is held against the path below the source's and against the whole one."""
    whole = _SCHEME.sub("", file)
    spelled = {whole, f"/{whole}"}
    for path in paths:
        folder = _SCHEME.sub("", path).strip("/") + "/"
        at = f"/{whole}".find(f"/{folder}")
        if at >= 0:
            spelled.add(f"/{whole}"[at + 1 + len(folder) :])
    return any(pattern.fullmatch(each) for pattern in patterns for each in spelled)
