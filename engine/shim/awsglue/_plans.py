"""What the service and the job tell each other, as values: read plans, tables, and what a sink wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Declared:
    """A column as the catalog has it: its name and its type in Hive's words."""

    name: str
    type: str


@dataclass(frozen=True)
class Group:
    """The files to read of one partition (its values as text, in key order), or of the one group without values."""

    values: tuple[str, ...]
    location: str
    files: tuple[str, ...]


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
            columns=_declared(value["columns"]),
            partition_keys=_declared(value["partition_keys"]),
            groups=tuple(
                Group(tuple(g["values"]), g["location"], tuple(file["path"] for file in g["files"]))
                for g in value["groups"]
            ),
        )


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
        return cls(**plain, columns=_declared(value["columns"]), partition_keys=_declared(value["partition_keys"]))


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

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def _declared(columns: Iterable[dict[str, str]]) -> tuple[Declared, ...]:
    return tuple(Declared(column["name"], column["type"]) for column in columns)
