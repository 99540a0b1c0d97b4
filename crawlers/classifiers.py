"""Classifiers as stored definitions: create, get, find, list, update, delete."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.model import Page
from catalog.names import LONGEST_NAME
from catalog.paging import by_name
from crawlers import rows
from crawlers.grok_patterns import LONGEST_CUSTOM, LONGEST_PATTERN
from crawlers.json_paths import parse_path
from crawlers.model import (
    AnyClassifier,
    CsvClassifier,
    GrokClassifier,
    JsonClassifier,
    StoredClassifier,
    XmlClassifier,
)

LISTING = by_name("classifiers")
# Glue's names of types, and Hive's.
DATATYPES = {
    "BINARY": "binary",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DECIMAL": "decimal(38,18)",
    "DOUBLE": "double",
    "FLOAT": "float",
    "INT": "int",
    "LONG": "bigint",
    "SHORT": "smallint",
    "STRING": "string",
    "TIMESTAMP": "timestamp",
}
_KINDS: dict[str, type[AnyClassifier]] = {
    "grok": GrokClassifier,
    "json": JsonClassifier,
    "xml": XmlClassifier,
    "csv": CsvClassifier,
}
_TAG = re.compile(r"[^\W\d][\w.\-]*(:[^\W\d][\w.\-]*)?")


def kind_of(classifier: AnyClassifier) -> str:
    """grok, json, xml or csv."""
    return next(kind for kind, made in _KINDS.items() if isinstance(classifier, made))


def create_classifier(connection: Connection, classifier: AnyClassifier, now: datetime) -> StoredClassifier:
    """Raises AlreadyExists, and InvalidInput for a definition that nothing could be classified by."""
    demand_valid(classifier)
    values = {"name": classifier.name, "body": _body(classifier), "version": 1, "created_at": now, "updated_at": now}
    try:
        connection.execute(insert(rows.classifiers).values(values))
    except IntegrityError as error:
        raise AlreadyExists(kind="Classifier", name=classifier.name) from error
    return StoredClassifier(classifier, 1, now, now)


def find_classifier(connection: Connection, name: str) -> StoredClassifier | None:
    row = connection.execute(select(rows.classifiers).where(rows.classifiers.c.name == name)).mappings().first()
    return _classifier(row) if row is not None else None


def get_classifier(connection: Connection, name: str) -> StoredClassifier:
    """Raises NotFound."""
    found = find_classifier(connection, name)
    if found is None:
        raise NotFound(kind="Classifier", name=name)
    return found


def get_classifiers(connection: Connection, names: Sequence[str]) -> tuple[AnyClassifier, ...]:
    """In the order of `names`. Raises NotFound for the first that is not there."""
    return tuple(get_classifier(connection, name).classifier for name in names)


def batch_get_classifiers(connection: Connection, names: Sequence[str]) -> list[StoredClassifier]:
    """Those of them that are there."""
    found = connection.execute(select(rows.classifiers).where(rows.classifiers.c.name.in_(names))).mappings()
    return [_classifier(row) for row in found]


def list_classifiers(connection: Connection, limit: int, token: str | None) -> Page[StoredClassifier]:
    """In the order of their names."""
    c = rows.classifiers.c
    statement = select(rows.classifiers).where(c.name > LISTING.after(token)).order_by(c.name)
    found = [_classifier(row) for row in connection.execute(statement.limit(limit + 1)).mappings()]
    return LISTING.page(found, limit, lambda stored: stored.name)


def update_classifier(
    connection: Connection, classifier: AnyClassifier, expected_version: int | None, now: datetime
) -> StoredClassifier:
    """Replace the definition, not its kind; what changes nothing writes nothing.

    Raises NotFound, InvalidInput, and VersionConflict if it is at another version than expected.
    """
    demand_valid(classifier)
    current = get_classifier(connection, classifier.name)
    if type(current.classifier) is not type(classifier):
        why = f"it is a {kind_of(current.classifier)} classifier and stays one; make another."
        raise InvalidInput(what=f"classifier {classifier.name!r}", why=why)
    expected = current.version if expected_version is None else expected_version
    if classifier == current.classifier and expected == current.version:
        return current
    c = rows.classifiers.c
    guarded = update(rows.classifiers).where(c.name == classifier.name, c.version == expected)
    written = connection.execute(guarded.values(body=_body(classifier), version=expected + 1, updated_at=now))
    if written.rowcount != 1:
        actual = get_classifier(connection, classifier.name).version
        raise VersionConflict(kind="Classifier", name=classifier.name, actual=actual, expected=expected)
    return StoredClassifier(classifier, expected + 1, current.created_at, now)


def delete_classifier(connection: Connection, name: str) -> None:
    """Crawlers that name it fail until they no longer do. Raises NotFound."""
    if connection.execute(delete(rows.classifiers).where(rows.classifiers.c.name == name)).rowcount == 0:
        raise NotFound(kind="Classifier", name=name)


def demand_valid(classifier: AnyClassifier) -> None:
    """Raises InvalidInput and BadPattern, naming what is wrong."""
    for why in _faults(classifier):
        raise InvalidInput(what=f"classifier {classifier.name!r}", why=why)
    if isinstance(classifier, JsonClassifier):
        parse_path(classifier.json_path)
    if isinstance(classifier, GrokClassifier):
        from crawlers.grok import compiled  # brings `regex`, which others do without

        if not compiled(classifier.pattern, classifier.custom_patterns).fields:
            why = "its grok pattern names no field, as in %{WORD:name}, so its tables would have no columns."
            raise InvalidInput(what=f"classifier {classifier.name!r}", why=why)


def _faults(classifier: AnyClassifier) -> Iterator[str]:
    if not 1 <= len(classifier.name) <= LONGEST_NAME:
        yield f"its name needs 1 to {LONGEST_NAME} characters."
    match classifier:
        case GrokClassifier():
            yield from _grok_faults(classifier)
        case XmlClassifier() if not _TAG.fullmatch(classifier.row_tag):
            yield f"its row tag {classifier.row_tag!r} is no name of an element."
        case CsvClassifier():
            yield from _csv_faults(classifier)
    if isinstance(classifier, GrokClassifier | XmlClassifier) and not classifier.classification:
        yield "its classification is empty; it is the format that its tables are said to have."


def _grok_faults(classifier: GrokClassifier) -> Iterator[str]:
    if not 1 <= len(classifier.pattern) <= LONGEST_PATTERN:
        yield f"its grok pattern needs 1 to {LONGEST_PATTERN} characters."
    if len(classifier.custom_patterns) > LONGEST_CUSTOM:
        yield f"its custom patterns are longer than {LONGEST_CUSTOM} characters."


def _csv_faults(classifier: CsvClassifier) -> Iterator[str]:
    for what, sign in (("delimiter", classifier.delimiter), ("quote", classifier.quote)):
        if sign is not None and (len(sign) != 1 or sign in "\r\n\0"):
            yield f"its {what} {sign!r} is not one character, or one that ends lines."
    if classifier.delimiter is not None and classifier.delimiter == classifier.quote:
        yield "its delimiter and its quote are the same character."
    unknown = sorted(set(classifier.types) - set(DATATYPES))
    if unknown:
        yield f"{unknown[0]!r} is none of the types {', '.join(sorted(DATATYPES))}."
    folded = [name.lower() for name in classifier.columns]
    if len(set(folded)) < len(folded):
        yield "two of its columns have the same name."


def _body(classifier: AnyClassifier) -> str:
    return msgspec.json.encode({"kind": kind_of(classifier), "classifier": classifier}).decode()


def _classifier(row: RowMapping) -> StoredClassifier:
    body = msgspec.json.decode(row["body"])
    found = msgspec.convert(body["classifier"], _KINDS[body["kind"]])
    return StoredClassifier(found, row["version"], row["created_at"], row["updated_at"])
