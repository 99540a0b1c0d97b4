"""The registry's values: registries, schemas, their versions and the versions' metadata."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DEFAULT_REGISTRY = "default-registry"
VersionStatus = Literal["AVAILABLE", "FAILURE"]


@dataclass(frozen=True)
class Registry:
    name: str
    description: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class SchemaKey:
    """A schema by its name, which is its registry's alone."""

    registry: str
    name: str

    @property
    def text(self) -> str:
        return f"{self.registry}/{self.name}"


@dataclass(frozen=True)
class Schema:
    """`checkpoint` is the number of the first version that the modes of all versions compare with; `latest` that of the
    latest available one; `revision` counts the changes of the schema and its versions."""

    key: SchemaKey
    format: str
    compatibility: str
    description: str | None = None
    checkpoint: int = 1
    latest: int | None = None
    next_version: int = 1
    revision: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class SchemaChange:
    """What is None is left as it is."""

    description: str | None = None
    compatibility: str | None = None
    checkpoint: int | None = None


@dataclass(frozen=True)
class SchemaVersion:
    """FAILURE: a version that the schema's compatibility mode did not let in, kept under its number."""

    id: str
    schema: SchemaKey
    format: str
    number: int
    status: VersionStatus
    definition: str
    created_at: datetime


@dataclass(frozen=True)
class VersionMetadata:
    """A key may have several values."""

    key: str
    value: str
    created_at: datetime | None = None
