"""Paths to fields as transforms write them: `a.b`, back-ticks around a literal name, `[]` after an array's name."""

from __future__ import annotations

import re
from collections.abc import Iterable

ELEMENT = "[]"
_SEGMENT = re.compile(r"(?:`(?P<quoted>[^`]+)`|(?P<plain>[^.`\[\]]+))(?P<elements>(?:\[\])*)(?:\.(?=.)|$)")

Path = tuple[str, ...]


class PathError(ValueError):
    """A field path cannot be read."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a field path: join names by dots and put a name with a dot in back-ticks.")
        self.text = text


def parse_path(text: str) -> Path:
    """The names of a path, one `[]` for each step into an array. A leading dot belongs to the first name.

    The leading dot is how Join marks the first frame's copy of a field; it needs no back-ticks. Raises PathError, and
    TypeError for what is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"A field path is text, not {text!r}.")
    dots = len(text) - len(text.lstrip("."))
    names: list[str] = []
    at = dots
    while at < len(text) or not names:
        found = _SEGMENT.match(text, at)
        if found is None:
            raise PathError(text)
        name = found["quoted"] or found["plain"]
        names.append(name if names else "." * dots + name)
        names.extend([ELEMENT] * (len(found["elements"]) // 2))
        at = found.end()
    return tuple(names)


def parse_paths(paths: str | list[str] | tuple[str, ...]) -> list[Path]:
    """Several paths; one string is a list of one. Raises PathError, and TypeError for what are no paths."""
    if not isinstance(paths, Iterable):
        raise TypeError(f"Field paths are a list of texts, not {paths!r}.")
    return [parse_path(path) for path in ([paths] if isinstance(paths, str) else paths)]


def without_elements(path: Path) -> Path:
    """The path with its steps into arrays left out, for transforms that go through arrays unasked."""
    return tuple(name for name in path if name != ELEMENT)


def shown(path: Path) -> str:
    """The path as a script would write it."""
    return ".".join(path).replace(f".{ELEMENT}", ELEMENT)
