"""What the service and the job tell each other, as values: read plans, tables, and what a sink wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Declared:
    """A column as the catalog has it: its name and its type in Hive's words."""

    name: str
    type: str


@dataclass(frozen=True)
class Group:
    """The files to read of one partition (its values as text, in key order), or of the one group without values.

    `size` is all that they hold, in bytes; 0 where nobody asked.
    """

    values: tuple[str, ...]
    location: str
    files: tuple[str, ...]
    size: int = 0


@dataclass(frozen=True)
class ReadPlan:
    """Files with everything needed to read them. `options` uses Glue's format_options names.

    `location` is the table's folder, None for a read by paths; no group means that there is nothing to read.
    """

    name: str
    format: str
    location: str | None
    options: dict[str, Any]
    columns: tuple[Declared, ...]
    partition_keys: tuple[Declared, ...]
    groups: tuple[Group, ...]

    @property
    def files(self) -> list[str]:
        return [file for group in self.groups for file in group.files]

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ReadPlan:
        return cls(
            name=value["name"],
            format=value["format"],
            location=value["location"],
            options=value["options"],
            columns=declared(value["columns"]),
            partition_keys=declared(value["partition_keys"]),
            groups=tuple(_group(group) for group in value["groups"]),
        )


@dataclass(frozen=True)
class KeyRange:
    """The rows of a database to read: those whose keys come after `after` (None: from the first on), up to `upto`.

    `upto` None: up to the last there is, which the reader asks the database for, first of all, and tells the service.
    Keys are texts that say their type, such as `long:7`. Not `tracked`: all rows, and nothing is to be told.
    """

    tracked: bool
    after: tuple[str, ...] | None = None
    upto: tuple[str, ...] | None = None


@dataclass(frozen=True)
class CatalogTable:
    """A table of the catalog, as far as reading its declaration and writing to it need."""

    database: str
    table: str
    location: str
    format: str
    options: dict[str, Any]
    columns: tuple[Declared, ...]
    partition_keys: tuple[Declared, ...]

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> CatalogTable:
        plain = {name: value[name] for name in ("database", "table", "location", "format", "options")}
        return cls(**plain, columns=declared(value["columns"]), partition_keys=declared(value["partition_keys"]))


@dataclass(frozen=True)
class Written:
    """What one write of a sink did. `partitions` are those it touched: values as text, and the folder."""

    transformation_ctx: str
    database: str | None
    table: str | None
    location: str
    format: str
    options: dict[str, Any]
    columns: tuple[Declared, ...]
    partition_keys: tuple[Declared, ...]
    partitions: tuple[dict[str, Any], ...]
    update_catalog: bool
    update_behavior: str
    rows: int

    def moved(self, folder: str, location: str) -> Written:
        """The same, told of `location`: where what was written to `folder` will be once the run has succeeded."""
        if folder == location:
            return self
        inner, outer = folder.rstrip("/"), location.rstrip("/")
        partitions = [{**each, "location": outer + each["location"].removeprefix(inner)} for each in self.partitions]
        return replace(self, location=location, partitions=tuple(partitions))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def _group(value: dict[str, Any]) -> Group:
    files = value["files"]
    size = sum(file["size"] for file in files)
    return Group(tuple(value["values"]), value["location"], tuple(file["path"] for file in files), size)


def declared(columns: Iterable[dict[str, str]]) -> tuple[Declared, ...]:
    """Columns as the service tells of them."""
    return tuple(Declared(column["name"], column["type"]) for column in columns)
