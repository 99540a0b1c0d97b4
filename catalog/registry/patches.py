"""What makes one JSON document of another, as a JSON Patch (RFC 6902). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Operation = dict[str, Any]


def patch(old: Any, new: Any, path: str = "") -> Iterator[Operation]:
    """The operations, to be applied in their order."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_members(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_items(old, new, path)
    elif not _same(old, new):
        yield {"op": "replace", "path": path, "value": new}


def _of_members(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Operation]:
    for name in old:
        if name not in new:
            yield {"op": "remove", "path": f"{path}/{_escaped(name)}"}
    for name, value in new.items():
        if name not in old:
            yield {"op": "add", "path": f"{path}/{_escaped(name)}", "value": value}
        else:
            yield from patch(old[name], value, f"{path}/{_escaped(name)}")


def _of_items(old: list[Any], new: list[Any], path: str) -> Iterator[Operation]:
    """What the lists begin and end with alike stays; between, items are told by their places."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if not _same(old[at], new[at])), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if not _same(old[-1 - at], new[-1 - at])), rest)
    changed, made = old[start : len(old) - end], new[start : len(new) - end]
    both = min(len(changed), len(made))
    for at in range(both):
        yield from patch(changed[at], made[at], f"{path}/{start + at}")
    for at in reversed(range(both, len(changed))):
        yield {"op": "remove", "path": f"{path}/{start + at}"}
    for at in range(both, len(made)):
        yield {"op": "add", "path": f"{path}/{start + at}", "value": made[at]}


def _same(one: Any, other: Any) -> bool:
    """As JSON has it, where true is no 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
