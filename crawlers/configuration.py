"""Glue's `Configuration` of a crawler, a JSON text, as our Configuration and back. Pure.

What Glue has no key for stands under the key `Isinglass`, so that clients of Glue can set it too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from catalog.errors import InvalidInput
from crawlers.model import Configuration

Word = TypeVar("Word", bound=StrEnum)
OURS = "Isinglass"
_KEYS = {
    "": ("Version", "CrawlerOutput", "Grouping", "CreatePartitionIndex", OURS),
    "CrawlerOutput": ("Partitions", "Tables"),
    "CrawlerOutput.Partitions": ("AddOrUpdateBehavior",),
    "CrawlerOutput.Tables": ("AddOrUpdateBehavior", "TableThreshold"),
    "Grouping": ("TableGroupingPolicy", "TableLevelConfiguration"),
    OURS: ("headerDetection", "columnNames", "reclassify", "tableNames"),
}
_WHAT = "the crawler's configuration"


def read_configuration(text: str) -> tuple[Configuration, dict[str, str]]:
    """The configuration that the text tells, and the table names it gives to places.

    Raises InvalidInput for what is no JSON, and for a key or value that is not known, by its name.
    """
    try:
        whole = json.loads(text)
    except ValueError as error:
        raise InvalidInput(what=_WHAT, why=f"it is no JSON: {error}.") from error
    parts = {path: _part(whole, path) for path in _KEYS}
    version = parts[""].get("Version", 1.0)
    if version not in (1, 1.0) or isinstance(version, bool):
        raise _wrong("Version", version, "1.0")
    partitions, tables = parts["CrawlerOutput.Partitions"], parts["CrawlerOutput.Tables"]
    grouping, ours = parts["Grouping"], parts[OURS]
    configuration = Configuration(
        table_level=_count(grouping, "Grouping", "TableLevelConfiguration"),
        table_threshold=_count(tables, "CrawlerOutput.Tables", "TableThreshold"),
        combine_compatible=_choice(grouping, "Grouping", "TableGroupingPolicy", "CombineCompatibleSchemas"),
        merge_new_columns=_choice(tables, "CrawlerOutput.Tables", "AddOrUpdateBehavior", "MergeNewColumns"),
        inherit_from_table=_choice(partitions, "CrawlerOutput.Partitions", "AddOrUpdateBehavior", "InheritFromTable"),
        create_partition_index=_flag(parts[""], "", "CreatePartitionIndex", True),
        header_detection=_word(ours, "headerDetection", Configuration.header_detection),
        column_names=_word(ours, "columnNames", Configuration.column_names),
        reclassify=_flag(ours, OURS, "reclassify", False),
    )
    return configuration, _names(ours)


def write_configuration(configuration: Configuration, table_names: Mapping[str, str] | None = None) -> str:
    """The text that `read_configuration` reads back; what has its default is left out."""
    tables: dict[str, Any] = {}
    if configuration.merge_new_columns:
        tables["AddOrUpdateBehavior"] = "MergeNewColumns"
    if configuration.table_threshold is not None:
        tables["TableThreshold"] = configuration.table_threshold
    partitions = {"AddOrUpdateBehavior": "InheritFromTable"} if configuration.inherit_from_table else {}
    grouping: dict[str, Any] = {}
    if configuration.combine_compatible:
        grouping["TableGroupingPolicy"] = "CombineCompatibleSchemas"
    if configuration.table_level is not None:
        grouping["TableLevelConfiguration"] = configuration.table_level
    whole = {
        "CrawlerOutput": _filled({"Partitions": partitions, "Tables": tables}),
        "Grouping": grouping,
        OURS: _own(configuration, table_names or {}),
    }
    index = {} if configuration.create_partition_index else {"CreatePartitionIndex": False}
    return json.dumps({"Version": 1.0, **_filled(whole), **index})


def _own(configuration: Configuration, table_names: Mapping[str, str]) -> dict[str, Any]:
    own: dict[str, Any] = {}
    if configuration.header_detection is not Configuration.header_detection:
        own["headerDetection"] = configuration.header_detection.value
    if configuration.column_names is not Configuration.column_names:
        own["columnNames"] = configuration.column_names.value
    if configuration.reclassify:
        own["reclassify"] = True
    return own | _filled({"tableNames": dict(table_names)})


def _filled(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part}


def _part(whole: object, path: str) -> dict[str, Any]:
    """The object at a dotted path, empty if it is not there, with known keys only."""
    found = whole
    for name in path.split(".") if path else []:
        found = found.get(name, {}) if isinstance(found, dict) else found
    if not isinstance(found, dict):
        raise InvalidInput(what=_WHAT, why=f"{path or 'it'} is no object.")
    unknown = [name for name in found if name not in _KEYS[path]]
    if unknown:
        raise InvalidInput(what=_WHAT, why=f"{path or 'it'} contains unsupported keys: {', '.join(unknown)}.")
    return found


def _wrong(path: str, value: object, wanted: str) -> InvalidInput:
    return InvalidInput(what=_WHAT, why=f"{path} is {value!r}; it can be {wanted}.")


def _count(part: dict[str, Any], path: str, name: str) -> int | None:
    value = part.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        return value
    raise _wrong(f"{path}.{name}", value, "a whole number from 1")


def _choice(part: dict[str, Any], path: str, name: str, only: str) -> bool:
    if part.get(name, only) != only:
        raise _wrong(f"{path}.{name}", part[name], only)
    return name in part


def _flag(part: dict[str, Any], path: str, name: str, default: bool) -> bool:
    value = part.get(name, default)
    if not isinstance(value, bool):
        raise _wrong(f"{path}.{name}".lstrip("."), value, "true or false")
    return value


def _word(part: dict[str, Any], name: str, default: Word) -> Word:
    words = type(default)
    value = part.get(name, default)
    try:
        return words(value)
    except ValueError:
        raise _wrong(f"{OURS}.{name}", value, " or ".join(words)) from None


def _names(part: dict[str, Any]) -> dict[str, str]:
    names = part.get("tableNames", {})
    if not isinstance(names, dict) or not all(isinstance(name, str) and name for name in names.values()):
        raise _wrong(f"{OURS}.tableNames", names, "an object of places and their tables' names")
    return names
