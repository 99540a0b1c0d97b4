"""Custom classifiers as recognisers: asked of a file in a crawler's order, before the built-in formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crawlers import custom_csv
from crawlers.errors import Unreadable
from crawlers.formats import Field, Finding, Head, Options, Recogniser, Rejected, Schema, grok, json, xml
from crawlers.json_paths import Each, follow, parse_path
from crawlers.model import AnyClassifier, CsvClassifier, GrokClassifier, JsonClassifier, XmlClassifier

RECORD = "record"  # the one column of records that are no objects


@dataclass(frozen=True)
class Custom:
    """A classifier's question to a file: data alone, so that it can be sent to other processes."""

    classifier: AnyClassifier

    def __call__(self, head: Head, options: Options) -> Finding | Rejected:
        """What the file is, if the classifier is certain. Raises Unreadable where its pattern takes too long."""
        try:
            answer = _examined(self.classifier, head, options)
        except Unreadable as error:
            if isinstance(self.classifier, GrokClassifier):
                raise
            return Rejected(str(error))  # what is broken as JSON or XML may be sound as something else
        if isinstance(answer, Rejected):
            return answer
        return replace(answer, schema=replace(answer.schema, classifiers=(self.classifier.name,)))


def recognisers(classifiers: Sequence[AnyClassifier]) -> tuple[Recogniser, ...]:
    """In their order. Raises BadPattern."""
    for each in classifiers:
        if isinstance(each, GrokClassifier):
            log_of(each).grok  # noqa: B018 — compiled here, so that a bad one fails the crawl and not each file
    return tuple(map(Custom, classifiers))


def log_of(classifier: GrokClassifier) -> grok.Log:
    return grok.Log(classifier.classification, classifier.pattern, classifier.custom_patterns)


def records_of(classifier: JsonClassifier, read: json.Read) -> list[object]:
    """What the classifier's path leads to."""
    return list(follow(read.documents, parse_path(classifier.json_path)))


def _examined(classifier: AnyClassifier, head: Head, options: Options) -> Finding | Rejected:
    match classifier:
        case GrokClassifier():
            return log_of(classifier).judged(head, grok.sampled(head))
        case JsonClassifier():
            return _json(classifier, head)
        case XmlClassifier():
            return _xml(classifier, head, options)
        case CsvClassifier():
            return custom_csv.examine(classifier, head, options)


def _json(classifier: JsonClassifier, head: Head) -> Finding | Rejected:
    read = json.read(head)
    if isinstance(read, Rejected):
        return read
    records = records_of(classifier, read)
    if not records:
        return Rejected(f"nothing in it is at {classifier.json_path}")
    objects = all(isinstance(record, dict) for record in records)
    fields = json.fields_of(records) if objects else (Field(RECORD, json.typed(records)),)
    if not fields:
        return Rejected(f"the objects at {classifier.json_path} have no fields")
    schema = Schema(json.NAME, _traits(classifier, read, objects), fields, json.marks_of(read))
    return Finding(schema, len(records), read.head.stored, read.notes)


def _traits(classifier: JsonClassifier, read: json.Read, objects: bool) -> tuple[tuple[str, str], ...]:
    """Whole objects are what the built-in format finds, and the elements of an array what Spark finds by itself."""
    steps = parse_path(classifier.json_path)
    if objects and not steps:
        return (("shape", json.OBJECTS),)
    found_by_all = objects and steps == (Each.ELEMENT,) and read.start == b"["
    return (("shape", json.OBJECTS if found_by_all else json.INSIDE), ("json path", classifier.json_path))


def _xml(classifier: XmlClassifier, head: Head, options: Options) -> Finding | Rejected:
    found = xml.examine(head, options, classifier.row_tag)
    if isinstance(found, Rejected) or classifier.classification == xml.NAME:
        return found
    traits = (("classification", classifier.classification), *found.schema.traits)
    return replace(found, schema=replace(found.schema, traits=traits))
