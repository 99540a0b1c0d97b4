"""Classifiers in Glue's shape: of the four members one is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.glue.failures import Invalid
from crawlers.model import (
    AnyClassifier,
    CsvClassifier,
    CsvHeader,
    CsvSerde,
    GrokClassifier,
    JsonClassifier,
    StoredClassifier,
    XmlClassifier,
)

Shape = Mapping[str, Any]
KINDS = {
    "GrokClassifier": GrokClassifier,
    "XMLClassifier": XmlClassifier,
    "JsonClassifier": JsonClassifier,
    "CsvClassifier": CsvClassifier,
}


def given_classifier(asked: Shape) -> tuple[str, Shape]:
    """The kind that is asked for, and its members. Raises Invalid unless there is one."""
    given = [(kind, asked[kind]) for kind in KINDS if asked.get(kind)]
    if len(given) != 1:
        raise Invalid(f"Give one of {', '.join(KINDS)}; there are {len(given)}.")
    return given[0]


def classifier_value(kind: str, given: Shape) -> AnyClassifier:
    name = given["Name"]
    match kind:
        case "GrokClassifier":
            return GrokClassifier(
                name, given["Classification"], given["GrokPattern"], given.get("CustomPatterns") or ""
            )
        case "XMLClassifier":
            return XmlClassifier(name, given["Classification"], given.get("RowTag") or "")
        case "JsonClassifier":
            return JsonClassifier(name, given["JsonPath"])
    return CsvClassifier(
        name,
        delimiter=given.get("Delimiter"),
        quote=given.get("QuoteSymbol"),
        header=CsvHeader(given.get("ContainsHeader", CsvHeader.UNKNOWN)),
        columns=tuple(given.get("Header") or ()),
        trims_values=not given.get("DisableValueTrimming", True),
        allows_single_column=bool(given.get("AllowSingleColumn")),
        types=tuple(given.get("CustomDatatypes") or ()) if given.get("CustomDatatypeConfigured", True) else (),
        serde=CsvSerde(given.get("Serde", CsvSerde.DETECT)),
    )


def classifier_shape(stored: StoredClassifier) -> dict[str, Any]:
    kind, members = _members(stored.classifier)
    return {
        kind: {
            "Name": stored.name,
            "CreationTime": stored.created_at,
            "LastUpdated": stored.updated_at,
            "Version": stored.version,
            **members,
        }
    }


def _members(classifier: AnyClassifier) -> tuple[str, dict[str, Any]]:
    """The kind, and what all classifiers do not have alike."""
    match classifier:
        case GrokClassifier():
            patterns = classifier.custom_patterns or None
            told = {"Classification": classifier.classification, "GrokPattern": classifier.pattern}
            return "GrokClassifier", {**told, "CustomPatterns": patterns}
        case XmlClassifier():
            return "XMLClassifier", {"Classification": classifier.classification, "RowTag": classifier.row_tag}
        case JsonClassifier():
            return "JsonClassifier", {"JsonPath": classifier.json_path}
        case CsvClassifier():
            return "CsvClassifier", {
                "Delimiter": classifier.delimiter,
                "QuoteSymbol": classifier.quote,
                "ContainsHeader": classifier.header.value,
                "Header": list(classifier.columns) or None,
                "DisableValueTrimming": not classifier.trims_values,
                "AllowSingleColumn": classifier.allows_single_column,
                "CustomDatatypeConfigured": bool(classifier.types),
                "CustomDatatypes": list(classifier.types) or None,
                "Serde": classifier.serde.value,
            }
