"""What is wrong with a request, in AWS's words."""

from __future__ import annotations

from typing import Any

from api.glue.failures import Serialization, Validation

Path = tuple[Any, ...]  # of a member: its parent's path, and its name; () is the request
Problems = list[tuple[str, str, Path]]  # the value's text, the constraint, the member
_LONGEST_VALUE = 1_024  # of a value that is told in a message
_AT_MOST_TOLD = 10  # problems


def told(value: Any) -> str:
    text = str(value)
    return f"'{text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + '…'}'"


def spelled(path: Path) -> str:
    """As AWS spells it: `tableInput.storageDescriptor.columns.1.member.name`."""
    parts: list[str] = []
    while path:
        path, name = path
        parts.append(f"{name}.member" if isinstance(name, int) else name[:1].lower() + name[1:])
    return ".".join(reversed(parts))


def refusal(problems: Problems) -> Validation:
    sentences = "; ".join(
        f"Value {value} at '{spelled(path)}' failed to satisfy constraint: {constraint}"
        for value, constraint, path in problems[:_AT_MOST_TOLD]
    )
    count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
    failure = Validation(f"{count}: {sentences}")
    failure.problems = problems
    return failure


def unfit(value: Any, wanted: str, path: Path) -> Serialization:
    where = f" (at '{spelled(path)}')" if path else ""
    match value:
        case dict():
            return Serialization(f"Start of structure or map found where not expected.{where}")
        case list():
            return Serialization(f"Start of list found where not expected.{where}")
        case bool():
            found = "TRUE_VALUE" if value else "FALSE_VALUE"
        case str():
            found = "STRING_VALUE"
        case None:
            found = "NULL_VALUE"
        case _:
            found = "NUMBER_VALUE"
    return Serialization(f"{found} can not be converted to {wanted}{where}")
