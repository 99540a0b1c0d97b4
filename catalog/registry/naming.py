"""What registries, schemas and metadata may be called."""

import re

from catalog.errors import InvalidInput

_RULES = {
    **dict.fromkeys(
        ["Registry name", "Schema name"], (re.compile(r"[A-Za-z0-9\-_$#.]{1,255}"), "letters, digits and -_$#.", 255)
    ),
    "Metadata key": (re.compile(r"[A-Za-z0-9+\-=._/@]{1,128}"), "letters, digits and +-=._/@", 128),
    "Metadata value": (re.compile(r"[A-Za-z0-9+\-=._/@]{1,256}"), "letters, digits and +-=._/@", 256),
}


def demand(what: str, text: str) -> str:
    """`text`, if it can be a `what`. Raises InvalidInput."""
    pattern, signs, most = _RULES[what]
    if not pattern.fullmatch(text):
        raise InvalidInput(what=what, why=f"{text[:40]!r} is not of {signs}, {most} at most.")
    return text
