"""Patterns of LIKE in SQL's signs: % for any text, _ for any sign, and a backslash before one that means itself."""

from __future__ import annotations

import re
import sys
from itertools import takewhile

from sqlalchemy import ColumnElement, Text, and_, literal

_SIGNS = re.compile(r"\\[\\%_]|.", re.DOTALL)
_WILD = {"%": ".*", "_": "."}


def holds(text: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    """Whether `text` is like the pattern, which is looked for in the range of what begins as it does, if it can be."""
    parts = _SIGNS.findall(pattern)
    plain = list(takewhile(lambda part: part not in _WILD, parts))
    beginning = "".join(part[-1] for part in plain)
    if len(plain) == len(parts):
        return text == literal(beginning, Text)
    matches = text.regexp_match(_expression(parts))
    if not plain:
        return matches
    begins = text >= literal(beginning, Text)
    last = ord(beginning[-1])
    if last == sys.maxunicode:
        return and_(begins, matches)
    after = 0xE000 if last == 0xD7FF else last + 1  # what lies between is no character
    begins = and_(begins, text < literal(beginning[:-1] + chr(after), Text))
    return begins if parts[len(plain) :] == ["%"] else and_(begins, matches)


def expression(pattern: str) -> str:
    """The pattern as a regular expression of the whole text."""
    return _expression(_SIGNS.findall(pattern))


def _expression(parts: list[str]) -> str:
    """The parts of a pattern of LIKE as a regular expression that Python's (for SQLite) and PostgreSQL's read alike.

    Their own LIKE do not: SQLite's takes `a` for `A`, and they treat a backslash differently.
    """
    return r"(?s)\A" + "".join(_WILD.get(part) or re.escape(part[-1]) for part in parts) + r"\Z"


def of_hive(pattern: str) -> str:
    """Hive's clients write `.*` for any text, and escape nothing: every other sign means itself."""
    if ".*" not in pattern:
        return pattern
    return re.sub(r"[\\%_]", r"\\\g<0>", pattern).replace(".*", "%")
