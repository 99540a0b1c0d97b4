"""The part of JSONPath that a classifier may use: `$`, `.name`, `['name']`, `[*]` and `[n]`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum

from catalog.errors import InvalidInput


class Each(Enum):
    """Steps to many values."""

    ELEMENT = "[*]"  # of an array
    VALUE = ".*"  # of an array or an object


Step = str | int | Each  # a field's name, a place in an array from 0, or each of many
_STEP = re.compile(
    r"\.(?P<name>[^.\[\]'\"*\s]+)|\['(?P<quoted>[^']+)'\]|\[\"(?P<double>[^\"]+)\"\]|\[(?P<at>\d+)\]|(?P<each>\[\*\]|\.\*)"
)


def parse_path(text: str) -> tuple[Step, ...]:
    """The steps from a document to its records. Raises InvalidInput, with the place at which the path goes wrong."""
    what = f"the JSON path {text!r}"
    if not text.startswith("$"):
        raise InvalidInput(what=what, why="it must begin with $, the document.")
    steps: list[Step] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise InvalidInput(what=what, why=f"at sign {at + 1} it must go on with .name, ['name'], [*] or [n].")
        at = found.end()
        name = found["name"] or found["quoted"] or found["double"]
        steps.append(name if name is not None else Each(found["each"]) if found["each"] else int(found["at"]))
    return tuple(steps)


def follow(values: Iterable[object], steps: tuple[Step, ...]) -> Iterator[object]:
    """What the steps lead to, from each of `values`; nothing where a value lacks what a step asks for."""
    if not steps:
        yield from values
        return
    step, rest = steps[0], steps[1:]
    for value in values:
        match step, value:
            case str(), dict() if step in value:
                yield from follow([value[step]], rest)
            case int(), list() if step < len(value):
                yield from follow([value[step]], rest)
            case Each(), list():
                yield from follow(value, rest)
            case Each.VALUE, dict():
                yield from follow(value.values(), rest)
