"""How Hive clients spell names: catalogs in front of databases, patterns for lists."""

from __future__ import annotations

import re

from api.hive.bindings import hive


def database_name(text: str | None) -> str:
    """The database that `text` names: lower case, without the `@catalog#` that clients of Hive 3 and later put first.

    `@catalog#!` is how they spell "no database"; it yields the empty name. Raises MetaException for no text at all.
    """
    if text is None:
        raise hive.MetaException("The name of a database is missing.")
    if text.startswith("@"):
        text = text.partition("#")[2].removesuffix("!")
    return text.lower()


def pattern(text: str | None) -> re.Pattern[str]:
    """Hive's name pattern: `*` (or `.*`, from clients that think in regular expressions) for any text, a dot for any
    sign, `|` for or.

    An absent or empty pattern fits every name.
    """
    branches = [".*".join(map(_signs, branch.replace(".*", "*").split("*"))) for branch in (text or "*").split("|")]
    return re.compile("|".join(branches), re.IGNORECASE)


def _signs(text: str) -> str:
    return ".".join(map(re.escape, text.split(".")))
