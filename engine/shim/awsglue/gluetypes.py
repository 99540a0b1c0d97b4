"""The types of dynamic frames: what a field holds, which fields are choices, and the JSON form of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

Json = dict[str, Any]


class DataType:
    """A type and its free-form properties; equal when kind, parameters and properties are."""

    name: ClassVar[str] = ""

    def __init__(self, properties: Json | None = None) -> None:
        self.properties: Json = dict(properties or {})

    @classmethod
    def typeName(cls) -> str:
        """The short name used in mappings, in printed schemas and for the members of a choice."""
        return cls.name

    def jsonValue(self) -> Json:
        """The type as plain JSON: `dataType`, `properties` and the parameters of the kind."""
        return {"dataType": self.typeName(), "properties": self.properties}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        shown = ", ".join(repr(value) for key, value in vars(self).items() if key != "properties" or value)
        return f"{type(self).__name__}({shown})"


class AtomicType(DataType):
    """A type without members."""


class BinaryType(AtomicType):
    name = "binary"


class BooleanType(AtomicType):
    name = "boolean"


class ByteType(AtomicType):
    name = "byte"


class DateType(AtomicType):
    name = "date"


class DoubleType(AtomicType):
    name = "double"


class FloatType(AtomicType):
    name = "float"


class IntegerType(AtomicType):
    name = "int"


class LongType(AtomicType):
    name = "long"


class NullType(AtomicType):
    name = "null"


class ShortType(AtomicType):
    name = "short"


class StringType(AtomicType):
    name = "string"


class TimestampType(AtomicType):
    name = "timestamp"


class TimestampNTZType(AtomicType):
    name = "timestamp_ntz"


class UnknownType(AtomicType):
    name = "unknown"


class DecimalType(AtomicType):
    """A decimal of at most `precision` digits, `scale` of them after the point."""

    name = "decimal"

    def __init__(self, precision: int = 10, scale: int = 2, properties: Json | None = None) -> None:
        super().__init__(properties)
        self.precision = precision
        self.scale = scale

    def jsonValue(self) -> Json:
        return {**super().jsonValue(), "precision": self.precision, "scale": self.scale}


class EnumType(AtomicType):
    """A string out of a closed set of options."""

    name = "enum"

    def __init__(self, options: Iterable[str], properties: Json | None = None) -> None:
        super().__init__(properties)
        self.options = list(options)

    def jsonValue(self) -> Json:
        return {**super().jsonValue(), "options": self.options}


class ArrayType(DataType):
    name = "array"

    def __init__(self, elementType: DataType | None = None, properties: Json | None = None) -> None:
        super().__init__(properties)
        self.elementType = elementType or UnknownType()

    def jsonValue(self) -> Json:
        return {**super().jsonValue(), "elementType": self.elementType.jsonValue()}


class SetType(DataType):
    name = "set"

    def __init__(self, itemType: DataType | None = None, properties: Json | None = None) -> None:
        super().__init__(properties)
        self.itemType = itemType or UnknownType()

    def jsonValue(self) -> Json:
        return {**super().jsonValue(), "itemType": self.itemType.jsonValue()}


class MapType(DataType):
    """A map. Its keys are strings unless the frame came from Spark with others (`keyType`)."""

    name = "map"

    def __init__(
        self,
        valueType: DataType | None = None,
        properties: Json | None = None,
        keyType: DataType | None = None,
    ) -> None:
        super().__init__(properties)
        self.valueType = valueType or UnknownType()
        self.keyType = keyType or StringType()

    def jsonValue(self) -> Json:
        keys = {} if self.keyType == StringType() else {"keyType": self.keyType.jsonValue()}
        return {**super().jsonValue(), "valueType": self.valueType.jsonValue(), **keys}


class Field:
    """A named member of a struct."""

    def __init__(self, name: str, dataType: DataType, properties: Json | None = None) -> None:
        self.name = name
        self.dataType = dataType
        self.properties: Json = dict(properties or {})

    def jsonValue(self) -> Json:
        return {"name": self.name, "container": self.dataType.jsonValue(), "properties": self.properties}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Field) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"Field({self.name!r}, {self.dataType!r})"


class Present(Field):
    """A field that every record has (every struct it is a member of), if only as null. Equal to the plain Field.

    Only frames of self-describing records distinguish it: a null in a Present field reaches a record as None, and no
    look at the data is needed to know that the field is there; a null in any other field is taken for a field that is
    absent. Who does not know says Field: that costs a look, never a wrong schema.
    """


class StructType(DataType):
    """Fields in order, reachable by name."""

    name = "struct"

    def __init__(self, fields: Iterable[Field] = (), properties: Json | None = None) -> None:
        super().__init__(properties)
        self.fields = list(fields)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    @property
    def field_map(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    def add(self, field: Field) -> StructType:
        self.fields.append(field)
        return self

    def hasField(self, field: str) -> bool:
        return field in self.field_map

    def getField(self, field: str) -> Field:
        """The field of that name; KeyError if there is none."""
        return self.field_map[field]

    def jsonValue(self) -> Json:
        return {**super().jsonValue(), "fields": [field.jsonValue() for field in self.fields]}


class ChoiceType(DataType):
    """A field seen with several types. Members are at most one of a kind, kept sorted by type name.

    A choice inside a choice is taken apart, and members of one kind are merged.
    """

    name = "choice"

    def __init__(self, choices: Iterable[DataType] = (), properties: Json | None = None) -> None:
        super().__init__(properties)
        self.choices: dict[str, DataType] = {}
        self.merge(choices)

    def add(self, new_choice: DataType) -> ChoiceType:
        return self.merge([new_choice])

    def merge(self, new_choices: Iterable[DataType]) -> ChoiceType:
        for choice in new_choices:
            for member in choice.choices.values() if isinstance(choice, ChoiceType) else [choice]:
                known = self.choices.get(member.typeName(), member)
                self.choices[member.typeName()] = mergeDataTypes(known, member)
        self.choices = dict(sorted(self.choices.items()))
        return self

    def jsonValue(self) -> Json:
        return {**super().jsonValue(), "choices": [member.jsonValue() for member in self.choices.values()]}


def mergeDataTypes(left: DataType, right: DataType) -> DataType:
    """The type of a field seen as `left` and as `right`.

    Null and unknown yield to the other; equal kinds merge inside; any other pair, int with long too, is a choice.
    """
    if isinstance(left, NullType | UnknownType):
        return right
    if isinstance(right, NullType | UnknownType):
        return left
    if isinstance(left, StructType) and isinstance(right, StructType):
        return _merge_structs(left, right)
    if isinstance(left, ArrayType) and isinstance(right, ArrayType):
        return ArrayType(mergeDataTypes(left.elementType, right.elementType), left.properties)
    if isinstance(left, SetType) and isinstance(right, SetType):
        return SetType(mergeDataTypes(left.itemType, right.itemType), left.properties)
    if isinstance(left, MapType) and isinstance(right, MapType):
        values = mergeDataTypes(left.valueType, right.valueType)
        return MapType(values, left.properties, mergeDataTypes(left.keyType, right.keyType))
    if isinstance(left, DecimalType) and isinstance(right, DecimalType):
        scale = max(left.scale, right.scale)
        whole = max(left.precision - left.scale, right.precision - right.scale)
        return DecimalType(min(38, whole + scale), scale, left.properties)
    if isinstance(left, EnumType) and isinstance(right, EnumType):
        return EnumType(sorted({*left.options, *right.options}), left.properties)
    same = type(left) is type(right) and not isinstance(left, ChoiceType)
    return left if same else ChoiceType([left, right])


def _merge_structs(left: StructType, right: StructType) -> StructType:
    ours, theirs = left.field_map, right.field_map
    merged = []
    for name in dict.fromkeys([*ours, *theirs]):
        if name in ours and name in theirs:
            present = isinstance(ours[name], Present) and isinstance(theirs[name], Present)
            type = mergeDataTypes(ours[name].dataType, theirs[name].dataType)
            merged.append((Present if present else Field)(name, type, ours[name].properties))
        else:
            field = ours.get(name) or theirs[name]
            merged.append(Field(name, field.dataType, field.properties))
    return StructType(merged, left.properties)


_ATOMS: tuple[type[DataType], ...] = (
    *(BinaryType, BooleanType, ByteType, DateType, DoubleType, FloatType, IntegerType, LongType),
    *(NullType, ShortType, StringType, TimestampType, TimestampNTZType, UnknownType),
)
_PLAIN = {kind.name: kind for kind in _ATOMS}


def from_json(value: Json) -> DataType:
    """The inverse of `jsonValue`; KeyError or ValueError when the value is not such a form."""
    kind, properties = value["dataType"], value.get("properties")
    if kind in _PLAIN:
        return _PLAIN[kind](properties)
    if kind == "decimal":
        return DecimalType(value["precision"], value["scale"], properties)
    if kind == "enum":
        return EnumType(value["options"], properties)
    if kind == "array":
        return ArrayType(from_json(value["elementType"]), properties)
    if kind == "set":
        return SetType(from_json(value["itemType"]), properties)
    if kind == "map":
        keys = from_json(value["keyType"]) if "keyType" in value else None
        return MapType(from_json(value["valueType"]), properties, keys)
    if kind == "struct":
        members = [Field(f["name"], from_json(f["container"]), f.get("properties")) for f in value["fields"]]
        return StructType(members, properties)
    if kind == "choice":
        return ChoiceType([from_json(member) for member in value["choices"]], properties)
    raise ValueError(f"{kind!r} is not the name of a Glue data type.")


class DynamicRecord(dict[str, Any]):
    """A record whose fields can also be read and set as attributes; a missing one raises KeyError either way.

    KeyError, not AttributeError: published predicates rely on it, and so `hasattr` raises too.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # Python's own protocols (copy, pickle) probe for these
            raise AttributeError(name)
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]
