"""Grok: named patterns put together to one regular expression, whose fields are a line's columns.

A pattern is a text with `%{NAME}`, `%{NAME:field}` or `%{NAME:field:type}` in it. It is its user's input: it is
matched with a time limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from catalog.types import BIGINT, BOOLEAN, DOUBLE, FLOAT, INT, SMALLINT, STRING, TINYINT, HiveType
from crawlers.errors import BadPattern
from crawlers.grok_patterns import LONGEST_CUSTOM, LONGEST_PATTERN, PATTERNS
from crawlers.repetitions import written_out

UNWANTED = "UNWANTED"  # a field of this name is matched and dropped
TYPES: dict[str, HiveType] = {
    "byte": TINYINT,
    "boolean": BOOLEAN,
    "double": DOUBLE,
    "short": SMALLINT,
    "int": INT,
    "long": BIGINT,
    "float": FLOAT,
    "string": STRING,
}
_LONGEST_EXPANDED = 200_000
_DEEPEST = 20
_reference = regex.compile(r"%\{(?<name>\w+)(?::(?<field>[\w.@\-\[\]]+))?(?::(?<type>\w+))?\}")
_group = regex.compile(r"\(\?P?<(?<field>[A-Za-z_]\w*)>")


@dataclass(frozen=True)
class Grok:
    """A compiled pattern. `fields` are its columns in order, each once; `groups` say which group holds which field."""

    expression: regex.Pattern[str]
    fields: tuple[tuple[str, HiveType], ...]
    groups: tuple[tuple[str, str], ...]

    def match(self, line: str, seconds: float) -> dict[str, str] | None:
        """The line's fields; None if it does not match. Raises TimeoutError after `seconds`."""
        found = self.expression.match(line, timeout=seconds)
        if found is None:
            return None
        values: dict[str, str] = {}
        for group, field in self.groups:
            if found[group] is not None:
                values.setdefault(field, found[group])
        return values

    def reach(self, line: str, seconds: float) -> int:
        """How many signs of a line that does not match the pattern goes along with. Raises TimeoutError."""
        least, most = 0, len(line)
        while least < most:
            middle = (least + most + 1) // 2
            if self._goes_on(line[:middle], seconds):
                least = middle
            else:
                most = middle - 1
        return least

    def _goes_on(self, start: str, seconds: float) -> bool:
        """Whether a line that begins so can match; at the end of a text a word's boundary is judged too early."""
        starts = (start, f"{start}a", f"{start}0", f"{start} ")
        return any(self.expression.match(each, partial=True, timeout=seconds) is not None for each in starts)


def read_custom(text: str) -> dict[str, str]:
    """Custom patterns, one a line: a name, a space, the pattern. Raises BadPattern."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, pattern = line.strip().partition(" ")
        if not regex.fullmatch(r"\w+", name) or not pattern.strip():
            raise BadPattern(pattern=line[:80], why="a custom pattern is a name, a space and a regular expression")
        found[name] = pattern.strip()
    return found


@lru_cache(maxsize=256)
def compiled(pattern: str, custom: str = "") -> Grok:
    """Raises BadPattern, naming what is wrong."""
    for text, longest in ((pattern, LONGEST_PATTERN), (custom, LONGEST_CUSTOM)):
        if len(text) > longest:
            raise BadPattern(pattern=text[:80], why=f"it has more than {longest} characters")
    work = _Expansion({**PATTERNS, **read_custom(custom)})
    expanded = work.expand(pattern, ())
    if written_out(expanded) > _LONGEST_EXPANDED:
        raise BadPattern(pattern=pattern[:80], why=f"its repetitions come to more than {_LONGEST_EXPANDED} signs")
    try:
        expression = regex.compile(expanded)
    except (regex.error, OverflowError, RecursionError) as error:
        raise BadPattern(pattern=pattern[:80], why=f"it is no regular expression: {error}") from error
    return Grok(expression, tuple(work.fields.items()), tuple(work.groups))


class _Expansion:
    """References replaced by what they name, from the outside in."""

    def __init__(self, library: Mapping[str, str]) -> None:
        self.library = library
        self.fields: dict[str, HiveType] = {}
        self.groups: list[tuple[str, str]] = []
        self.length = 0

    def expand(self, text: str, above: Sequence[str]) -> str:
        parts, at = [], 0
        for found in _reference.finditer(text):
            parts += [self.plain(text[at : found.start()]), self.reference(found, above)]
            at = found.end()
        return "".join([*parts, self.plain(text[at:])])

    def plain(self, text: str) -> str:
        """A pattern's own text; groups that it names itself are fields too."""
        self.length += len(text)
        if self.length > _LONGEST_EXPANDED:
            raise BadPattern(pattern=text[:80], why=f"it expands to more than {_LONGEST_EXPANDED} characters")
        return _group.sub(lambda found: f"(?P<{self.named(found['field'], STRING)}>", text)

    def reference(self, found: regex.Match[str], above: Sequence[str]) -> str:
        name, field, kind = found["name"], found["field"], found["type"]
        if name not in self.library:
            raise BadPattern(pattern=found[0], why=f"there is no pattern {name}")
        if name in above or len(above) >= _DEEPEST:
            raise BadPattern(pattern=found[0], why=f"pattern {name} refers to itself")
        if kind and kind not in TYPES:
            raise BadPattern(pattern=found[0], why=f"{kind} is no type; there are {', '.join(TYPES)}")
        group = self.named(field, TYPES[kind or "string"]) if field and field != UNWANTED else ""
        inner = self.expand(self.library[name], (*above, name))
        return f"(?P<{group}>{inner})" if group else f"(?:{inner})"

    def named(self, field: str, kind: HiveType) -> str:
        """A group for the field, whose name may occur again in another alternative."""
        if self.fields.get(field, STRING) == STRING:
            self.fields[field] = kind
        group = f"g{len(self.groups)}"
        self.groups.append((group, field))
        return group
