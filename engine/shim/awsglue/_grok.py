"""Grok patterns as Java's regular expressions: `%{NAME:field:type}` inside a text, put together from named patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from awsglue._grok_patterns import PATTERNS

UNWANTED = "UNWANTED"  # a field of this name is matched and dropped
TYPES = ("byte", "boolean", "double", "short", "int", "long", "float", "string")
_DEEPEST = 20
_REFERENCE = re.compile(r"%\{(?P<name>\w+)(?::(?P<field>[\w.@\-\[\]]+))?(?::(?P<type>\w+))?\}")
_GROUP = re.compile(r"\(\?P?<(?P<field>[A-Za-z_]\w*)>")


class GrokError(ValueError):
    """A log format cannot be compiled."""

    def __init__(self, pattern: str, why: str) -> None:
        super().__init__(f"The log format {pattern[:80]!r} cannot be read: {why}.")


@dataclass
class Grok:
    """A compiled pattern: a regular expression that a line begins with, and which of its groups hold which field.

    `fields` are the columns in order with the type each is given (string where none); a field may have several groups.
    """

    expression: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    groups: list[tuple[str, str]] = field(default_factory=list)


def compile_grok(pattern: str, custom: str = "") -> Grok:
    """Raises GrokError for a name that is no pattern, a type that is none, or patterns that refer to themselves."""
    library = {**PATTERNS, **custom_patterns(custom)}
    found = Grok()
    found.expression = _expanded(pattern, library, found, ())
    if not found.fields:
        raise GrokError(pattern, "it names no field, as %{NUMBER:size} does")
    return found


def custom_patterns(text: str) -> dict[str, str]:
    """Patterns of one's own, one a line: a name, a space, a regular expression."""
    found = {}
    for line in text.splitlines():
        name, _, pattern = line.strip().partition(" ")
        if not name or name.startswith("#"):
            continue
        if not re.fullmatch(r"\w+", name) or not pattern.strip():
            raise GrokError(line, "a custom pattern is a name, a space and a regular expression")
        found[name] = pattern.strip()
    return found


def _expanded(text: str, library: Mapping[str, str], found: Grok, above: tuple[str, ...]) -> str:
    parts, at = [], 0
    for reference in _REFERENCE.finditer(text):
        parts += [_own(text[at : reference.start()], found), _referred(reference, library, found, above)]
        at = reference.end()
    return "".join([*parts, _own(text[at:], found)])


def _own(text: str, found: Grok) -> str:
    """A pattern's own text; groups that it names itself are fields too."""
    return _GROUP.sub(lambda group: f"(?<{_named(group['field'], 'string', found)}>", text)


def _referred(reference: re.Match[str], library: Mapping[str, str], found: Grok, above: tuple[str, ...]) -> str:
    name, into, type = reference["name"], reference["field"], reference["type"] or "string"
    if name not in library:
        raise GrokError(reference[0], f"there is no pattern {name}")
    if name in above or len(above) >= _DEEPEST:
        raise GrokError(reference[0], f"pattern {name} refers to itself")
    if type not in TYPES:
        raise GrokError(reference[0], f"{type} is no type; there are {', '.join(TYPES)}")
    group = _named(into, type, found) if into and into != UNWANTED else ""
    inner = _expanded(library[name], library, found, (*above, name))
    return f"(?<{group}>{inner})" if group else f"(?:{inner})"


def _named(name: str, type: str, found: Grok) -> str:
    """A group for a field, which may occur again in another alternative."""
    if found.fields.get(name, "string") == "string":
        found.fields[name] = type
    group = f"g{len(found.groups)}"
    found.groups.append((group, name))
    return group
