"""The tokens of a .proto file, and how they are spelled in one way."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.errors import InvalidSchema

_MEETING = re.compile(r"[\w.] [\w.]|/ /")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_TOKEN = re.compile(
    r"(?P<skip>\s+|//[^\n]*|/\*(?s:.*?)\*/)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<number>(?:0[xX][0-9a-fA-F]+|[0-9]+\.[0-9]*(?:[eE][+-]?[0-9]+)?|\.?[0-9]+(?:[eE][+-]?[0-9]+)?)(?![\w.]))"
    r"""|(?P<text>"(?:[^"\\\n\0]|\\[^\n\0])*"|'(?:[^'\\\n\0]|\\[^\n\0])*')"""
    r"|(?P<sign>[{}\[\]()<>;,=.:/+-])"
)


@dataclass(frozen=True)
class Token:
    kind: str  # word, number, text, sign, or end
    text: str
    line: int


def invalid(why: str, line: int = 0) -> InvalidSchema:
    return InvalidSchema(format="PROTOBUF", why=f"{why} in line {line}" if line else why)


def tokens(text: str) -> Iterator[Token]:
    """Raises InvalidSchema. The last token is of kind "end"."""
    position, line = 0, 1
    if _NO_TEXT.search(text):
        raise invalid("it holds signs that are no text")
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise invalid(f"{text[position : position + 20]!r} is not understood", line)
        if found.lastgroup != "skip":
            yield Token(str(found.lastgroup), found[0], line)
        line += found[0].count("\n")
        position = found.end()
    yield Token("end", "", line)


def whole(text: str) -> int:
    octal = text.startswith("0") and text.isdecimal()
    return int(text, 8 if octal else 16 if text[:2] in ("0x", "0X") else 10)


def spelled(token: Token) -> str:
    """Whole numbers are decimal, texts have double quotes."""
    if token.kind == "number":
        try:
            return str(whole(token.text))
        except ValueError:
            return token.text
    if token.kind == "text" and token.text.startswith("'"):
        body = re.sub(r"\\.|\"", lambda found: {"\\'": "'", '"': '\\"'}.get(found[0], found[0]), token.text[1:-1])
        return f'"{body}"'
    return token.text


def joined(spellings: list[str]) -> str:
    """White space only where two tokens would become one, or a comment."""
    text = spellings[:1]
    for before, one in itertools.pairwise(spellings):
        text.append(f" {one}" if _MEETING.search(f"{before[-1:]} {one[:1]}") and _apart(before, one) else one)
    return "".join(text)


def _apart(before: str, one: str) -> bool:
    """A dot may stand beside a word, but not beside a number."""
    return "." not in (before, one) or before[0].isdigit() or one[0].isdigit()
