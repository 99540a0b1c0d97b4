"""DQDL, the language of data quality rules: from a ruleset's text to rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

_TOKEN = re.compile(
    r"""\s*(?:\#[^\n]*\s*)*(?:
        (?P<text>"(?:[^"\\]|\\.)*") | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) | (?P<word>[A-Za-z_][\w.]*)
        | (?P<sign>>=|<=|!=|[=<>\[\](),]) | (?P<end>\Z) )""",
    re.VERBOSE,
)
_COMPARISONS = (">=", "<=", "!=", "=", ">", "<")
KEYWORDS = ("NULL", "EMPTY", "WHITESPACES_ONLY")
_HOURS = {"hour": 1, "hours": 1, "day": 24, "days": 24}


class RulesetError(ValueError):
    """A data quality ruleset cannot be read."""

    def __init__(self, at: str, why: str) -> None:
        super().__init__(f"The data quality ruleset cannot be read at {at[:40]!r}: {why}. See DQDL: Rules = [ … ].")


class Keyword(str):
    """NULL, EMPTY or WHITESPACES_ONLY, which is no text of its own."""


Value = float | str


@dataclass(frozen=True)
class Condition:
    """What a number or each value is held against: `sign` is a comparison, between, in or matches, maybe negated."""

    sign: str
    values: tuple[Value, ...]
    negated: bool = False

    def holds(self, number: float) -> bool:
        """Whether a number fulfils it. ValueError for a condition on texts."""
        if self.sign == "matches" or not all(isinstance(value, float) for value in self.values):
            raise ValueError(f"{number} is a number, and the condition is {self.sign} {self.values}.")
        low, high = float(self.values[0]), float(self.values[-1])
        found = {
            "=": number == low, "!=": number != low, ">": number > low, ">=": number >= low, "<": number < low,
            "<=": number <= low, "between": low < number < high, "in": number in self.values,
        }  # fmt: skip
        return found[self.sign] != self.negated


@dataclass(frozen=True)
class Rule:
    """One rule: its type, the names it is given in quotes, and what it demands. `text` is as the script wrote it.

    `threshold` is what the share of good values must fulfil; `where` selects the rows that are looked at.
    """

    type: str
    names: tuple[str, ...]
    condition: Condition | None
    threshold: Condition | None
    where: str | None
    text: str


@dataclass(frozen=True)
class Together:
    """Rules joined by `and` or `or`."""

    word: str
    rules: tuple[Rule | Together, ...]
    text: str


class _Token(NamedTuple):
    kind: str
    text: str
    begin: int
    end: int


def parse_ruleset(text: str) -> list[Rule | Together]:
    """The rules of the list `Rules`; analyzers only gather figures, and are left out. RulesetError."""
    return _Reader(text).rules()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0

    def rules(self) -> list[Rule | Together]:
        while self._now.kind != "end":
            name = self._taken("word")
            self._expect("=")
            self._expect("[")
            if name.text == "Rules":
                return self._list()
            self._skip_list()
            if self._now.text == ",":
                self._at += 1
        raise RulesetError(self._text.strip(), "it has no list of Rules")

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _taken(self, kind: str) -> _Token:
        token = self._now
        if token.kind != kind:
            raise RulesetError(self._text[token.begin :] or "its end", f"a {kind} is missing")
        self._at += 1
        return token

    def _expect(self, sign: str) -> None:
        if self._now.text != sign:
            raise RulesetError(self._text[self._now.begin :] or "its end", f"{sign!r} is missing")
        self._at += 1

    def _skip_list(self) -> None:
        depth = 1
        while depth:
            token = self._now
            if token.kind == "end":
                raise RulesetError("its end", "a list is not closed")
            depth += {"[": 1, "]": -1}.get(token.text, 0)
            self._at += 1

    def _list(self) -> list[Rule | Together]:
        found: list[Rule | Together] = []
        while self._now.text != "]":
            found.append(self._joined())
            if self._now.text != "]":
                self._expect(",")
        return found

    def _joined(self) -> Rule | Together:
        begin = self._now.begin
        parts, words = [self._single()], set[str]()
        while self._now.text.lower() in ("and", "or"):
            words.add(self._taken("word").text.lower())
            parts.append(self._single())
        if len(words) > 1:
            raise RulesetError(self._text[begin:], "and and or are mixed; put brackets around one kind")
        return Together(words.pop(), tuple(parts), self._since(begin)) if words else parts[0]

    def _single(self) -> Rule | Together:
        if self._now.text != "(":
            return self._rule()
        self._at += 1
        found = self._joined()
        self._expect(")")
        return found

    def _rule(self) -> Rule:
        begin = self._now.begin
        type, names = self._taken("word").text, []
        while self._now.kind == "text":
            names.append(self._quoted())
        condition, threshold, where = self._condition(), None, None
        while self._now.text in ("with", "where"):
            if self._taken("word").text == "where":
                where = self._quoted()
            elif self._taken("word").text == "threshold":
                threshold = self._condition()
            else:
                raise RulesetError(self._text[begin:], "only `with threshold` is known of with")
        return Rule(type, tuple(names), condition, threshold, where, self._since(begin))

    def _since(self, begin: int) -> str:
        return " ".join(self._text[begin : self._tokens[self._at - 1].end].split())

    def _condition(self) -> Condition | None:
        negated = self._now.text == "not"
        self._at += negated
        word = self._now.text
        if word in _COMPARISONS and not negated:
            self._at += 1
            return Condition(word, (self._value(),))
        if word not in ("between", "in", "matches"):
            if negated:
                raise RulesetError(self._text[self._now.begin :], "after not comes between, in or matches")
            return None
        self._at += 1
        return Condition(word, self._values(word), negated)

    def _values(self, word: str) -> tuple[Value, ...]:
        if word == "between":
            low = self._value()
            self._expect("and")
            return low, self._value()
        if word == "matches":
            return (self._quoted(),)
        self._expect("[")
        found = [self._value()]
        while self._now.text == ",":
            self._at += 1
            found.append(self._value())
        self._expect("]")
        return tuple(found)

    def _value(self) -> Value:
        token = self._now
        if token.kind == "text":
            return self._quoted()
        if token.text in KEYWORDS:
            self._at += 1
            return Keyword(token.text)
        number = float(self._taken("number").text)
        if self._now.text not in _HOURS:
            return number
        return number * _HOURS[self._taken("word").text]  # a length of time is a number of hours

    def _quoted(self) -> str:
        return self._taken("text").text[1:-1].replace('\\"', '"')


def _tokens(text: str) -> Sequence[_Token]:
    found: list[_Token] = []
    at = 0
    while not found or found[-1].kind != "end":
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise RulesetError(text[at:].strip(), "that is no part of a rule")
        found.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup), match.end()))
        at = match.end()
    return found
