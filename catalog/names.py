"""Identifier rules: which names the catalog accepts, and how it spells them."""

from catalog.errors import InvalidInput

LONGEST_NAME = 255
LONGEST_TYPE = 131_072


def fold(kind: str, name: str) -> str:
    """Spell `name` as the catalog keeps it: lower case.

    Hive and Glue both fold the names of databases, tables and columns. Raises InvalidInput for an empty name, one
    over 255 characters, or one with a control character or a slash.
    """
    folded = name.lower()
    if not folded.strip():
        raise InvalidInput(what=f"{kind} name", why="it is empty.")
    if len(folded) > LONGEST_NAME:
        raise InvalidInput(what=f"{kind} name {folded[:40]}…", why=f"it is longer than {LONGEST_NAME} characters.")
    bad = next((sign for sign in folded if sign == "/" or not sign.isprintable()), None)
    if bad is not None:
        raise InvalidInput(what=f"{kind} name {name!r}", why=f"it holds {bad!r}.")
    return folded


_ESCAPED = frozenset("\"#%'*/:=?\\\x7f{[]^") | {chr(code) for code in range(0x20)}
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def escape_partition_value(value: str) -> str:
    """`value` as Hive writes it in a folder name: unsafe signs become %XX, an empty value the null partition."""
    if not value:
        return NULL_PARTITION
    return "".join(f"%{ord(sign):02X}" if sign in _ESCAPED else sign for sign in value)


def unescape_partition_value(text: str) -> str:
    """The value that a `key=value` folder name stands for; a % that starts no escape is kept."""
    out, at = [], 0
    while at < len(text):
        code = text[at + 1 : at + 3]
        if text[at] == "%" and len(code) == 2 and all(sign in "0123456789abcdefABCDEF" for sign in code):
            out.append(chr(int(code, 16)))
            at += 3
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def partition_name(keys: tuple[str, ...], values: tuple[str, ...]) -> str:
    """The partition's name, such as `year=2013/month=1`: its key in the catalog and its folder below the table."""
    return "/".join(
        f"{escape_partition_value(key)}={escape_partition_value(value)}"
        for key, value in zip(keys, values, strict=True)
    )
