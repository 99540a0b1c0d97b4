"""Patterns of names as Glue's clients write them: regular expressions of the whole name, or with `*` for any text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import regex

from api.glue.failures import Invalid

_TIME_LIMIT = 1.0  # seconds for one name: a pattern may be built to take for ever
# A star that repeats nothing a writer of regular expressions would repeat: neither a dot, a class nor a group.
_WILD = re.compile(r"(?<![.\])])(?<!\\[wWdDsS])\*")


# Java's quotes, within which every sign means itself; the last need not be closed.
_QUOTED = re.compile(r"\\Q(.*?)(?:\\E|\Z)", re.DOTALL)


def fitting(pattern: str) -> Callable[[str], bool]:
    """Whether a name fits. Raises Invalid for a pattern that is none; the answer does for one that takes too long."""
    try:
        compiled = regex.compile("".join(_python(pattern)), regex.IGNORECASE)
    except (regex.error, RecursionError, OverflowError) as error:
        raise Invalid(f"The pattern {pattern[:100]!r} is no regular expression: {error}.") from error

    def fits(name: str) -> bool:
        try:
            return compiled.fullmatch(name, timeout=_TIME_LIMIT) is not None
        except TimeoutError as error:
            raise Invalid(f"The pattern {pattern[:100]!r} takes too long to match.") from error

    return fits


def _python(pattern: str) -> Iterator[str]:
    """The parts of a pattern as Java has them, which AWS takes, as Python has them."""
    for at, part in enumerate(_QUOTED.split(pattern)):
        yield re.escape(part) if at % 2 else _WILD.sub(".*", part)
