"""The four kinds of classifiers, as they are answered and as they are given."""

from __future__ import annotations

import strawberry

from catalog.errors import InvalidInput
from crawlers import model

_PATTERN = "Named patterns in text: %{NAME}, %{NAME:field} or %{NAME:field:type}."
_CUSTOM = "Further patterns, one a line: a name, a space, a regular expression."
_CLASSIFICATION = "The format that tables are said to have."
_PATH = "Where the records are: $, .name, ['name'], [*], [n]."
_TAG = "The element that is a record."
_SIGN = "One character; null: what the file shows."
_TYPES = "Glue's CustomDatatypes, such as LONG: the only types that columns may have; none: as the built-in format."
_COLUMNS = "Names for the columns; a file with more or fewer columns does not match."

strawberry.enum(model.CsvHeader, description="Whether a delimited file's first row names its columns.")
strawberry.enum(model.CsvSerde, description="What reads tables of delimited text; DETECT looks whether quotes need it.")


@strawberry.type(description="Lines that a pattern takes apart.")
class GrokClassifier:
    classification: str = strawberry.field(description=_CLASSIFICATION)
    pattern: str = strawberry.field(description=_PATTERN)
    custom_patterns: str = strawberry.field(description=_CUSTOM)

    @classmethod
    def of(cls, value: model.GrokClassifier) -> GrokClassifier:
        return cls(classification=value.classification, pattern=value.pattern, custom_patterns=value.custom_patterns)


@strawberry.type(description="JSON whose records are at a path.")
class JsonClassifier:
    json_path: str = strawberry.field(description=_PATH)

    @classmethod
    def of(cls, value: model.JsonClassifier) -> JsonClassifier:
        return cls(json_path=value.json_path)


@strawberry.type(description="XML with a certain element for each record.")
class XmlClassifier:
    classification: str = strawberry.field(description=_CLASSIFICATION)
    row_tag: str = strawberry.field(description=_TAG)

    @classmethod
    def of(cls, value: model.XmlClassifier) -> XmlClassifier:
        return cls(classification=value.classification, row_tag=value.row_tag)


@strawberry.type(description="Delimited text.")
class CsvClassifier:
    delimiter: str | None = strawberry.field(description=_SIGN)
    quote: str | None = strawberry.field(description=_SIGN)
    header: model.CsvHeader
    columns: list[str] = strawberry.field(description=_COLUMNS)
    trims_values: bool
    allows_single_column: bool
    types: list[str] = strawberry.field(description=_TYPES)
    serde: model.CsvSerde

    @classmethod
    def of(cls, value: model.CsvClassifier) -> CsvClassifier:
        return cls(
            delimiter=value.delimiter,
            quote=value.quote,
            header=value.header,
            columns=list(value.columns),
            trims_values=value.trims_values,
            allows_single_column=value.allows_single_column,
            types=list(value.types),
            serde=value.serde,
        )


@strawberry.input(description="Lines that a pattern takes apart.")
class GrokClassifierInput:
    classification: str = strawberry.field(description=_CLASSIFICATION)
    pattern: str = strawberry.field(description=_PATTERN)
    custom_patterns: str = strawberry.field(default="", description=_CUSTOM)


@strawberry.input(description="JSON whose records are at a path.")
class JsonClassifierInput:
    json_path: str = strawberry.field(description=_PATH)


@strawberry.input(description="XML with a certain element for each record.")
class XmlClassifierInput:
    row_tag: str = strawberry.field(description=_TAG)
    classification: str = strawberry.field(default="xml", description=_CLASSIFICATION)


@strawberry.input(description="Delimited text.")
class CsvClassifierInput:
    delimiter: str | None = strawberry.field(default=None, description=_SIGN)
    quote: str | None = strawberry.field(default=None, description=_SIGN)
    header: model.CsvHeader = model.CsvHeader.UNKNOWN
    columns: list[str] = strawberry.field(default_factory=list, description=_COLUMNS)
    trims_values: bool = False
    allows_single_column: bool = False
    types: list[str] = strawberry.field(default_factory=list, description=_TYPES)
    serde: model.CsvSerde = model.CsvSerde.DETECT

    def value(self, name: str) -> model.CsvClassifier:
        return model.CsvClassifier(
            name,
            self.delimiter,
            self.quote,
            self.header,
            tuple(self.columns),
            self.trims_values,
            self.allows_single_column,
            tuple(self.types),
            self.serde,
        )


@strawberry.input(one_of=True, description="A whole definition, of one kind.")
class ClassifierInput:
    grok: strawberry.Maybe[GrokClassifierInput]
    json: strawberry.Maybe[JsonClassifierInput]
    xml: strawberry.Maybe[XmlClassifierInput]
    csv: strawberry.Maybe[CsvClassifierInput]

    def value(self, name: str) -> model.AnyClassifier:
        if self.grok:
            given = self.grok.value
            return model.GrokClassifier(name, given.classification, given.pattern, given.custom_patterns)
        if self.json:
            return model.JsonClassifier(name, self.json.value.json_path)
        if self.xml:
            return model.XmlClassifier(name, self.xml.value.classification, self.xml.value.row_tag)
        if self.csv:
            return self.csv.value.value(name)
        raise InvalidInput(what=f"classifier {name!r}", why="give one of grok, json, xml and csv.")
