"""The text of a .proto file, proto2 or proto3, as its declarations and in its one spelling.

After the language specification at protobuf.dev. Services and the values of options are read over; what the registry
does not take (groups, extend, editions, imports of other files) is refused by its name.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.registry.protobuf_tokens import Token, invalid, joined, spelled, tokens, whole

DEEPEST = 32  # protoc's own limit
HIGHEST = 536_870_911
_CLOSES = {"{": "}", "[": "]", "(": ")", "<": ">"}

Range = tuple[int, int]


@dataclass(frozen=True)
class Field:
    """`type` is a scalar or a name as written; `key` is a map's key type, `oneof` the name of its oneof, or empty."""

    name: str
    number: int
    type: str
    label: str = ""
    oneof: str = ""
    key: str = ""
    options: dict[str, str] = field(default_factory=dict)


@dataclass
class Message:
    """`name` is the full name without the package; numbers of ranges are inclusive."""

    name: str
    fields: list[Field] = field(default_factory=list)
    oneofs: list[str] = field(default_factory=list)
    reserved: list[Range] = field(default_factory=list)
    reserved_names: list[str] = field(default_factory=list)
    extensions: list[Range] = field(default_factory=list)


@dataclass
class Enum:
    name: str
    values: list[tuple[str, int]] = field(default_factory=list)
    reserved: list[Range] = field(default_factory=list)
    reserved_names: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)


@dataclass
class File:
    """`spelling` is the text without comments and white space that do not matter."""

    syntax: str = "proto2"
    package: str = ""
    imports: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    enums: list[Enum] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    spelling: str = ""


def parse(text: str) -> File:
    """Raises InvalidSchema."""
    return _Parser(text).file()


class _Parser:
    """Recursive descent; each token that is taken is also spelled."""

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._at = 0
        self._spelled: list[str] = []
        self._file = File()

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _take(self, kind: str = "", what: str = "") -> str:
        token = self._token
        if token.kind == "end" or (kind and token.kind != kind):
            raise invalid(f"{what or kind} expected, found {token.text[:40] or 'the end'!r}", token.line)
        self._at += 1
        self._spelled.append(spelled(token))
        return token.text

    def _sign(self, *signs: str) -> str:
        if self._token.kind == "text" or self._token.text not in signs:
            raise invalid(
                f"{' or '.join(signs)} expected, found {self._token.text[:40] or 'the end'!r}", self._token.line
            )
        return self._take()

    def _is(self, *texts: str) -> bool:
        return self._token.kind != "text" and self._token.text in texts

    def _next_is(self, kind: str, *texts: str) -> bool:
        """Of the token after this one."""
        token = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        return token.kind == kind and (not texts or token.text in texts)

    def _empty(self) -> bool:
        """Read over an empty statement, which is not spelled."""
        if self._is(";"):
            self._at += 1
            return True
        return False

    def file(self) -> File:
        while self._empty():
            pass
        if self._is("syntax", "edition"):
            self._syntax()
        else:
            self._spelled += ["syntax", "=", '"proto2"', ";"]
        while self._token.kind != "end":
            self._top()
        self._file.spelling = joined(self._spelled)
        return self._file

    def _syntax(self) -> None:
        line = self._token.line
        word = self._take()
        self._sign("=")
        named = self._text()
        if word == "edition" or named not in ("proto2", "proto3"):
            raise invalid(f"{word} {named!r} is not supported, only syntax proto2 and proto3", line)
        self._file.syntax = named
        self._sign(";")

    def _top(self) -> None:
        if self._empty():
            return
        line, word = self._token.line, self._token.text
        if word == "import":
            self._import()
        elif word == "package":
            self._take()
            if self._file.package:
                raise invalid("there is more than one package", line)
            self._file.package = self._name()
            self._sign(";")
        elif word == "option":
            self._option()
        elif word == "message":
            self._message("", 1)
        elif word == "enum":
            self._enum("")
        elif word == "service":
            self._take()
            self._file.services.append(self._take("word", "a service's name"))
            self._over("{")
        else:
            raise invalid(f"{word[:40]!r} is not supported" if word else "a declaration is missing", line)

    def _import(self) -> None:
        self._take()
        if self._is("public", "weak"):
            self._take()
        self._file.imports.append(self._text())
        self._sign(";")

    def _name(self, leading: bool = False) -> str:
        """A dotted name."""
        name = self._take() if leading and self._is(".") else ""
        name += self._take("word", "a name")
        while self._is("."):
            name += self._take() + self._take("word", "a name")
        return name

    def _text(self) -> str:
        """Neighbours are one text."""
        text = self._take("text", "a text")[1:-1]
        while self._token.kind == "text":
            text += self._take()[1:-1]
        return text

    def _number(self) -> int:
        line = self._token.line
        sign = -1 if self._is("-") and self._take() else 1
        text = self._take("number", "a number")
        try:
            return sign * whole(text[:20])
        except ValueError as failure:
            raise invalid(f"{text[:40]!r} is no whole number", line) from failure

    def _over(self, opening: str) -> None:
        """Read over what is between two brackets."""
        line = self._token.line
        closing = [_CLOSES[self._sign(opening)]]
        while closing:
            if self._is(closing[-1]):
                closing.pop()
            elif self._is(*_CLOSES):
                closing.append(_CLOSES[self._token.text])
            elif self._is(*_CLOSES.values()) or self._token.kind == "end":
                raise invalid(f"{opening} has no end", line)
            self._take()

    def _option(self) -> tuple[str, str]:
        self._take()
        option = self._set_option()
        self._sign(";")
        return option

    def _set_option(self) -> tuple[str, str]:
        name = ""
        while True:
            if self._is("("):
                name += self._take() + self._name(leading=True) + self._sign(")")
            else:
                name += self._take("word", "an option's name")
            if not self._is("."):
                break
            name += self._take()
        self._sign("=")
        return name, self._value()

    def _value(self) -> str:
        if self._is("{"):
            self._over("{")
            return ""
        if self._token.kind == "text":
            return self._text()
        sign = self._take() if self._is("+", "-") else ""
        if self._token.kind == "word":
            return sign + self._name()
        return sign + self._take("number", "a value")

    def _options(self) -> dict[str, str]:
        """[name = value, …] after a field, or nothing."""
        found: dict[str, str] = {}
        if not self._is("["):
            return found
        self._take()
        while True:
            name, value = self._set_option()
            found[name] = value
            if self._sign(",", "]") == "]":
                return found

    def _message(self, scope: str, depth: int) -> None:
        line = self._token.line
        self._take()
        message = Message(scope + self._take("word", "a message's name"))
        if depth > DEEPEST:
            raise invalid(f"messages are nested deeper than {DEEPEST}", line)
        self._file.messages.append(message)
        self._sign("{")
        while not self._is("}"):
            self._in_message(message, depth)
        self._sign("}")

    def _in_message(self, message: Message, depth: int) -> None:
        if self._empty():
            return
        if self._is("message") and self._next_is("word"):
            self._message(f"{message.name}.", depth + 1)
        elif self._is("enum") and self._next_is("word"):
            self._enum(f"{message.name}.")
        elif self._is("extend") and self._next_is("word"):
            raise invalid("extend is not supported", self._token.line)
        elif self._is("option") and (self._next_is("word") or self._next_is("sign", "(")):
            self._option()
        elif self._is("oneof") and self._next_is("word"):
            self._oneof(message)
        elif self._is("reserved"):
            self._reserved(message, HIGHEST)
        elif self._is("extensions"):
            self._take()
            message.extensions += self._ranges(HIGHEST)
            self._options()
            self._sign(";")
        else:
            message.fields.append(self._field())

    def _oneof(self, message: Message) -> None:
        self._take()
        name = self._take("word", "a oneof's name")
        message.oneofs.append(name)
        line = self._token.line
        self._sign("{")
        before = len(message.fields)
        while not self._is("}"):
            if self._is("option") and (self._next_is("word") or self._next_is("sign", "(")):
                self._option()
            elif not self._empty():
                message.fields.append(self._field(name))
        self._sign("}")
        if len(message.fields) == before:
            raise invalid(f"oneof {name} has no field", line)

    def _field(self, oneof: str = "") -> Field:
        line = self._token.line
        label = self._take() if self._is("optional", "required", "repeated") else ""
        if label and oneof:
            raise invalid(f"a field of a oneof is not {label}", line)
        if self._is("group"):
            raise invalid("group is not supported", line)
        key = ""
        if self._is("map") and self._next_is("sign", "<"):
            if label or oneof:
                raise invalid("a map is neither labelled nor part of a oneof", line)
            key, kind = self._map()
        else:
            kind = self._name(leading=True)
        name = self._take("word", "a field's name")
        self._sign("=")
        number = self._number()
        found = Field(name, number, kind, label, oneof, key, self._options())
        self._sign(";")
        return found

    def _map(self) -> tuple[str, str]:
        self._take()
        self._sign("<")
        key = self._take("word", "a key's type")
        self._sign(",")
        value = self._name(leading=True)
        self._sign(">")
        return key, value

    def _enum(self, scope: str) -> None:
        self._take()
        enum = Enum(scope + self._take("word", "an enum's name"))
        self._file.enums.append(enum)
        self._sign("{")
        while not self._is("}"):
            if self._is("option") and not self._next_is("sign", "="):
                name, value = self._option()
                enum.options[name] = value
            elif self._is("reserved") and not self._next_is("sign", "="):
                self._reserved(enum, 2**31 - 1)
            elif not self._empty():
                name = self._take("word", "a value's name")
                self._sign("=")
                enum.values.append((name, self._number()))
                self._options()
                self._sign(";")
        self._sign("}")

    def _reserved(self, of: Message | Enum, highest: int) -> None:
        self._take()
        if self._token.kind == "text":
            of.reserved_names.append(self._text())
            while self._sign(",", ";") == ",":
                of.reserved_names.append(self._text())
        else:
            of.reserved += self._ranges(highest)
            self._sign(";")

    def _ranges(self, highest: int) -> list[Range]:
        found = []
        while True:
            line, low = self._token.line, self._number()
            high = low
            if self._is("to"):
                self._take()
                high = highest if self._is("max") and self._take() else self._number()
            if high < low:
                raise invalid(f"the range {low} to {high} is empty", line)
            found.append((low, high))
            if not self._is(","):
                return found
            self._take()
