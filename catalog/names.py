"""Identifier rules: which names the catalog accepts, and how it spells them."""

import re
from collections.abc import Callable
from functools import lru_cache

from catalog.errors import InvalidInput

LONGEST_NAME = 255
LONGEST_TYPE = 131_072


@lru_cache(maxsize=16_384)
def fold(kind: str, name: str) -> str:
    """Spell `name` as the catalog keeps it: lower case.

    Hive and Glue both fold the names of databases, tables and columns. Raises InvalidInput as demand_name.
    """
    return demand_name(kind, name.lower())


def demand_name(kind: str, name: str) -> str:
    """`name`, if it is one: not empty, of 255 characters at most, without slashes and control characters.

    Raises InvalidInput.
    """
    if not name.strip():
        raise InvalidInput(what=f"{kind} name", why="it is empty.")
    if len(name) > LONGEST_NAME:
        raise InvalidInput(what=f"{kind} name {name[:40]}…", why=f"it is longer than {LONGEST_NAME} characters.")
    if "/" in name or not name.isprintable():
        bad = next(sign for sign in name if sign == "/" or not sign.isprintable())
        raise InvalidInput(what=f"{kind} name {name!r}", why=f"it holds {bad!r}.")
    return name


_UNSAFE = re.compile(r"[\"#%'*/:=?\\\x7f{\[\]^\x00-\x1f]")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def escape_partition_value(value: str) -> str:
    """`value` as Hive writes it in a folder name: unsafe signs become %XX, an empty value the null partition."""
    if not value:
        return NULL_PARTITION
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", value)


def unescape_partition_value(text: str) -> str:
    """The value that a `key=value` folder name stands for; a % that starts no escape is kept."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def partition_name(keys: tuple[str, ...], values: tuple[str, ...]) -> str:
    """The partition's name, such as `year=2013/month=1`: its key in the catalog and its folder below the table."""
    return partition_namer(keys)(values)


@lru_cache(maxsize=64)
def partition_namer(keys: tuple[str, ...]) -> Callable[[tuple[str, ...]], str]:
    """What gives the name of a partition of a table with these keys, of its values."""
    folders = [f"{escape_partition_value(key)}=" for key in keys]

    def name(values: tuple[str, ...]) -> str:
        parts = zip(folders, values, strict=True)
        return "/".join([folder + escape_partition_value(value) for folder, value in parts])

    return name
