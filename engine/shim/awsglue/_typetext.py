"""Type names in words: the catalog's Hive type texts and the names a mapping or a cast may use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from awsglue.gluetypes import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    ChoiceType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    Field,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    SetType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

_ATOMS: dict[str, type[DataType]] = {
    "binary": BinaryType,
    "boolean": BooleanType,
    "bool": BooleanType,
    "byte": ByteType,
    "tinyint": ByteType,
    "short": ShortType,
    "smallint": ShortType,
    "int": IntegerType,
    "integer": IntegerType,
    "long": LongType,
    "bigint": LongType,
    "float": FloatType,
    "real": FloatType,
    "double": DoubleType,
    "double precision": DoubleType,
    "date": DateType,
    "timestamp": TimestampType,
    "timestamp with local time zone": TimestampType,
    "timestamp_ntz": TimestampNTZType,
    "string": StringType,
    "enum": StringType,
    "char": StringType,
    "varchar": StringType,
    "null": NullType,
    "void": NullType,
}
_HIVE_NAMES: dict[type[DataType], str] = {
    BinaryType: "binary",
    BooleanType: "boolean",
    ByteType: "tinyint",
    ShortType: "smallint",
    IntegerType: "int",
    LongType: "bigint",
    FloatType: "float",
    DoubleType: "double",
    DateType: "date",
    TimestampType: "timestamp",
    TimestampNTZType: "timestamp",
}
_TOKEN = re.compile(r"\s*(`(?:[^`]|``)*`|[<>(),:]|[^<>(),:`]+)")


class TypeTextError(ValueError):
    """A type is written in a way that is neither Hive's nor Glue's."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a type: write for example bigint, decimal(10,2) or array<struct<a:int>>.")
        self.text = text


def parse_type(text: str) -> DataType:
    """The type a Hive text or a Glue type name means, ignoring case. A bare `decimal` is decimal(10,2).

    char and varchar are strings. Raises TypeTextError.
    """
    tokens = [token.strip() for token in _TOKEN.findall(text)]
    try:
        parsed = _type(reader := _Reader(tokens))
        reader.end()
    except (IndexError, KeyError, ValueError) as error:
        raise TypeTextError(text) from error
    return parsed


class _Reader:
    """Tokens, read once from the left; IndexError past the end, ValueError on another token than expected."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def takes(self, token: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] == token
        self._at += found
        return found

    def expect(self, token: str) -> None:
        if self.take() != token:
            raise ValueError(token)

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise ValueError(self._tokens[self._at])


def _type(reader: _Reader) -> DataType:
    word = reader.take().lower()
    if word == "decimal":
        numbers = [int(number) for number in _parameters(reader)]
        return DecimalType(numbers[0], numbers[1] if len(numbers) > 1 else 0) if numbers else DecimalType()
    if word in _ATOMS:
        for _ in _parameters(reader):
            if word not in ("char", "varchar"):
                raise ValueError(word)
        return _ATOMS[word]()
    reader.expect("<")
    parsed = _members(word, reader)
    reader.expect(">")
    return parsed


def _parameters(reader: _Reader) -> Iterator[str]:
    if reader.takes("("):
        yield reader.take()
        while reader.takes(","):
            yield reader.take()
        reader.expect(")")


def _members(word: str, reader: _Reader) -> DataType:
    if word == "array":
        return ArrayType(_type(reader))
    if word == "set":
        return SetType(_type(reader))
    if word == "map":
        keys = _type(reader)
        reader.expect(",")
        return MapType(_type(reader), keyType=keys)
    if word == "uniontype":
        members = [_type(reader)]
        while reader.takes(","):
            members.append(_type(reader))
        return ChoiceType(members)
    if word == "struct":
        fields = [_field(reader)]
        while reader.takes(","):
            fields.append(_field(reader))
        return StructType(fields)
    raise KeyError(word)


def _field(reader: _Reader) -> Field:
    name = reader.take()
    reader.expect(":")
    return Field(name[1:-1].replace("``", "`") if name.startswith("`") else name, _type(reader))


def hive_text(type: DataType) -> str:
    """How the catalog writes a type. A choice is the struct it becomes in a file; without a word in Hive: string."""
    if isinstance(type, DecimalType):
        return f"decimal({type.precision},{type.scale})"
    if isinstance(type, ArrayType):
        return f"array<{hive_text(type.elementType)}>"
    if isinstance(type, SetType):
        return f"array<{hive_text(type.itemType)}>"
    if isinstance(type, MapType):
        return f"map<{hive_text(type.keyType)},{hive_text(type.valueType)}>"
    if isinstance(type, StructType):
        return f"struct<{','.join(f'{field.name}:{hive_text(field.dataType)}' for field in type.fields)}>"
    if isinstance(type, ChoiceType):
        return f"struct<{','.join(f'{name}:{hive_text(member)}' for name, member in type.choices.items())}>"
    return _HIVE_NAMES.get(_kind(type), "string")


def _kind(type_: DataType) -> type[DataType]:
    return type_.__class__
