"""The text of partition filters as a tree. One grammar for Glue's GetPartitions expressions and Hive's filters.

Comparisons (`= == != <> < <= > >=`, the literal on either side), `in`, `between`, `like`, `is [not] null`, `and`, `or`,
`not` and brackets. Text is quoted by ' or ", which stands for itself doubled or after a backslash; any other backslash
is one, as Spark escapes none. Hive never quotes a key, so a key with a space in its name is found by trying the longest
known name first; back-ticks are taken as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog import patterns
from catalog.errors import InvalidPredicate
from catalog.predicates import NUMBER, And, Compare, In, IsNull, Like, Not, Or, Predicate

DEEPEST = 50
MOST = 500
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def parse(text: str, keys: Sequence[str]) -> Predicate:
    """The tree of `text` over the partition keys named `keys`. Raises InvalidPredicate naming what is wrong."""
    return _Parser(text, keys).whole()


def _gathered(parts: list[Predicate]) -> list[Predicate]:
    """Alternatives, with all equalities of one key as one IN: older clients write thousands of them one by one."""
    texts: dict[str, list[str]] = {}
    rest: list[Predicate] = []
    for part in parts:
        if isinstance(part, Compare) and part.operator == "=":
            texts.setdefault(part.key, []).append(part.literal)
        else:
            rest.append(part)
    for key, found in texts.items():
        rest.append(In(key, tuple(found)) if len(found) > 1 else Compare(key, "=", found[0]))
    return rest


class _Parser:
    def __init__(self, text: str, keys: Sequence[str]) -> None:
        self.text = text
        self.keys = sorted((key.lower() for key in keys), key=len, reverse=True)
        self.at = 0
        self.depth = 0

    def fault(self, why: str) -> InvalidPredicate:
        near = self.text[self.at :][:20]
        where = f"near {near!r}" if near else "the end"
        return InvalidPredicate(text=self.text, why=f"at character {self.at}, {where}: {why}")

    def whole(self) -> Predicate:
        predicate = self.either()
        self.skip()
        if self.at < len(self.text):
            raise self.fault(f"{self.text[self.at :][:20]!r} was not expected.")
        return predicate

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def sign(self, *signs: str) -> str | None:
        """The first of `signs` that stands here, taken."""
        self.skip()
        for sign in signs:
            if self.text.startswith(sign, self.at):
                self.at += len(sign)
                return sign
        return None

    def word(self, word: str) -> bool:
        self.skip()
        end = self.at + len(word)
        follows = self.text[end : end + 1]
        if self.text[self.at : end].lower() != word or follows.isalnum() or follows == "_":
            return False
        self.at = end
        return True

    def demand(self, sign: str) -> None:
        if self.sign(sign) is None:
            found = self.text[self.at :][:20]
            raise self.fault(
                f"{sign!r} was expected before {found!r}." if found else f"{sign!r} was expected at its end."
            )

    def either(self) -> Predicate:
        parts = [self.both()]
        while self.word("or"):
            parts.append(self.both())
        parts = _gathered(parts)
        self.few(parts, "or")
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Predicate:
        parts = [self.one()]
        while self.word("and"):
            parts.append(self.one())
        self.few(parts, "and")
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def few(self, parts: list[Predicate], word: str) -> None:
        if len(parts) > MOST:  # SQLite takes a chain of a thousand for a thousand levels, and refuses it
            raise self.fault(f"it joins more than {MOST} comparisons by {word!r}; use IN, or NOT IN.")

    def one(self) -> Predicate:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fault(f"it is nested more than {DEEPEST} levels deep.")
        try:
            if self.word("not"):
                return Not(self.one())
            return self.bracket() or self.comparison()
        finally:
            self.depth -= 1

    def bracket(self) -> Predicate | None:
        """A bracketed predicate; None if none stands here, or only a bracketed key as in `(dt) in ('a')`."""
        start = self.at
        if self.sign("(") is None:
            return None
        self.at = start
        if self.bracketed_key() is not None:
            self.at = start
            return None
        self.demand("(")
        inner = self.either()
        self.demand(")")
        return inner

    def key(self) -> str | None:
        self.skip()
        if self.sign("`") is not None:
            end = self.text.find("`", self.at)
            name = self.text[self.at : end].lower()
            if end < 0 or name not in self.keys:
                raise self.fault(f"there is no partition key {name!r}.")
            self.at = end + 1
            return name
        return next((key for key in self.keys if self.word(key)), None)

    def bracketed_key(self) -> str | None:
        """A key with or without brackets around it; None, and nothing is taken, if none stands here."""
        start, opened = self.at, 0
        while self.sign("(") is not None:
            opened += 1
        key = self.key()
        if key is not None and all(self.sign(")") is not None for _ in range(opened)):
            return key
        self.at = start
        return None

    def literal(self) -> str:
        """A literal with or without brackets around it."""
        opened = 0
        while self.sign("(") is not None:
            opened += 1
        text = self.bare_literal()
        for _ in range(opened):
            self.demand(")")
        return text

    def bare_literal(self) -> str:
        self.skip()
        quote = self.sign("'", '"')
        if quote is None:
            self.word("date")
            quote = self.sign("'", '"')
        if quote is not None:
            return self.quoted(quote)
        number = _DATE.match(self.text, self.at) or NUMBER.match(self.text, self.at)
        if number is None:
            name = re.match(r"\w*", self.text[self.at :])
            found = name.group() if name and name.group() else self.text[self.at :][:20]
            known = ", ".join(sorted(self.keys)) or "none"
            raise self.fault(f"{found!r} is neither a partition key (there are: {known}) nor a literal.")
        self.at = number.end()
        return number.group()

    def quoted(self, quote: str) -> str:
        out: list[str] = []
        while self.at < len(self.text):
            sign = self.text[self.at]
            follows = self.text[self.at + 1 : self.at + 2]
            if sign == quote and follows != quote:
                self.at += 1
                return "".join(out)
            if sign == quote or (sign == "\\" and follows == quote):
                self.at += 1
                sign = follows
            out.append(sign)
            self.at += 1
        raise self.fault("a quoted text does not end.")

    def comparison(self) -> Predicate:
        key = self.bracketed_key()
        if key is None:
            literal, operator = self.literal(), self.operator()
            key = self.bracketed_key()
            if key is None:
                raise self.fault("a comparison needs a partition key on one side.")
            return Compare(key, _MIRRORED.get(operator, operator), literal)
        if self.word("is"):
            negated = self.word("not")
            if not self.word("null"):
                raise self.fault("after IS only NULL or NOT NULL is understood.")
            return Not(IsNull(key)) if negated else IsNull(key)
        if self.word("not"):
            return Not(self.listed(key))
        if any(self.peek(word) for word in ("in", "like", "between")):
            return self.listed(key)
        return Compare(key, self.operator(), self.literal())

    def peek(self, word: str) -> bool:
        start = self.at
        found = self.word(word)
        self.at = start
        return found

    def listed(self, key: str) -> Predicate:
        if self.word("in"):
            self.demand("(")
            literals = [self.literal()]
            while self.sign(",") is not None:
                literals.append(self.literal())
            self.demand(")")
            return In(key, tuple(literals))
        if self.word("like"):
            return Like(key, patterns.of_hive(self.literal()))
        if self.word("between"):
            low = self.literal()
            if not self.word("and"):
                raise self.fault("BETWEEN needs AND.")
            return And((Compare(key, ">=", low), Compare(key, "<=", self.literal())))
        raise self.fault("after NOT only IN, LIKE or BETWEEN is understood.")

    def operator(self) -> str:
        sign = self.sign("<=", ">=", "<>", "!=", "==", "=", "<", ">")
        if sign is None:
            raise self.fault(f"a comparison was expected before {self.text[self.at :][:20]!r}.")
        return {"<>": "!=", "==": "="}.get(sign, sign)
