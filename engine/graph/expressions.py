"""Lists of arguments as Python spells them, `name = value, name = value`: taken apart without losing a sign."""

from __future__ import annotations

import ast
from itertools import pairwise


def arguments_in(text: str) -> list[tuple[str, str]]:
    """The names and the texts of their values. ValueError for what is no such list on one line."""
    if "\n" in text or "\r" in text:
        raise ValueError("it has a line break")
    head = b"f("
    source = head + text.encode() + b")"
    try:
        call = ast.parse(source, mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(getattr(error, "msg", None) or "it is nested too deeply") from error
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
        raise ValueError("it is no list of arguments with names")
    if any(keyword.arg is None for keyword in call.keywords):
        raise ValueError("it has an argument without a name")
    # Positions count bytes, and those of a value leave out brackets around it: what lies between two names is exact.
    begins = [keyword.col_offset for keyword in call.keywords] + [len(source) - 1]
    parts = [source[begin:end].decode() for begin, end in pairwise(begins)]
    return [_pair(part, last=at == len(parts)) for at, part in enumerate(parts, 1)]


def _pair(part: str, last: bool) -> tuple[str, str]:
    name, _, value = part.partition("=")
    value = value.strip()
    return name.strip(), value if last else value.removesuffix(",").rstrip()


def demand_expression(text: str) -> None:
    """ValueError for what is no expression that could be an argument's value."""
    found = arguments_in(f"a = {text}")
    if found != [("a", text)]:
        raise ValueError("it is no single expression without spaces around it")
