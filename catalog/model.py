"""The catalog's nouns as frozen values. Two values are the same thing if they compare equal."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from catalog.names import partition_name

EXTERNAL_TABLE = "EXTERNAL_TABLE"
MANAGED_TABLE = "MANAGED_TABLE"
VIRTUAL_VIEW = "VIRTUAL_VIEW"

Parameters = dict[str, str]
TableKey = tuple[str, str]  # database and name, as the catalog spells them
Item = TypeVar("Item")


@dataclass(frozen=True)
class Origin:
    """Who changed something, through which face, and in which run (a crawl's or a job run's id)."""

    face: str
    principal: str = "local"
    run_id: str | None = None


@dataclass(frozen=True)
class Database:
    """`version` counts updates from 0; it and the time are the catalog's to set and are ignored on write.

    `kept` are members of AWS's definition that nothing here obeys, in AWS's words; an update that has none leaves them.
    """

    name: str
    description: str | None = None
    location: str | None = None
    parameters: Parameters = field(default_factory=dict)
    version: int = 0
    created_at: datetime | None = None
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """`type` is Hive type text; `catalog.types.parse` looks inside it."""

    name: str
    type: str
    comment: str | None = None
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True)
class SerDe:
    """How a row is written and read: the Java class that a Hive reader would load, and its settings."""

    library: str | None = None
    parameters: Parameters = field(default_factory=dict)
    name: str | None = None


@dataclass(frozen=True)
class SortColumn:
    name: str
    ascending: bool = True


@dataclass(frozen=True)
class Skew:
    """Values that come so often that each has a folder of its own; `locations` are by the value."""

    columns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    locations: Parameters = field(default_factory=dict)


@dataclass(frozen=True)
class StorageDescriptor:
    """Where rows lie and how they are written. `location` is a plain Hadoop path or URI, never percent-decoded."""

    columns: tuple[Column, ...] = ()
    location: str | None = None
    input_format: str | None = None
    output_format: str | None = None
    serde: SerDe = SerDe()
    compressed: bool = False
    number_of_buckets: int = -1
    bucket_columns: tuple[str, ...] = ()
    sort_columns: tuple[SortColumn, ...] = ()
    parameters: Parameters = field(default_factory=dict)
    stored_as_sub_directories: bool = False
    skew: Skew | None = None


@dataclass(frozen=True)
class Table:
    """A table's definition. The last four are the catalog's to set and are ignored on write.

    `version` counts definitions from 0 (Glue's VersionId is its text); `token` counts every accepted write, those that
    only count (statistics) too, and is what an optimistic update compares.
    """

    database: str
    name: str
    storage: StorageDescriptor = StorageDescriptor()
    partition_keys: tuple[Column, ...] = ()
    table_type: str = EXTERNAL_TABLE
    parameters: Parameters = field(default_factory=dict)
    description: str | None = None
    owner: str | None = None
    retention: int = 0
    view_original_text: str | None = None
    view_expanded_text: str | None = None
    last_accessed_at: datetime | None = None
    version: int = 0
    token: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def key_names(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.partition_keys)

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Data columns, then partition keys: the order in which SQL sees them."""
        return self.storage.columns + self.partition_keys

    def with_columns(self, columns: tuple[Column, ...]) -> Table:
        return replace(self, storage=replace(self.storage, columns=columns))


@dataclass(frozen=True)
class Partition:
    """One partition. `values` are in the order of the table's partition keys, unescaped."""

    values: tuple[str, ...]
    storage: StorageDescriptor = StorageDescriptor()
    parameters: Parameters = field(default_factory=dict)
    created_at: datetime | None = None

    def name(self, table: Table) -> str:
        return partition_name(table.key_names, self.values)


@dataclass(frozen=True)
class TableVersion:
    """A definition as it stood from `created_at` on, and where it came from.

    `restored_from` is the version that it repeats, if it was made by restoring that one.
    """

    table: Table
    version: int
    created_at: datetime
    origin: Origin
    restored_from: int | None = None


@dataclass(frozen=True)
class Resource:
    """Something a function needs: a JAR, FILE or ARCHIVE at a URI. Spark keeps the text of a SQL function in URIs."""

    type: str
    uri: str


@dataclass(frozen=True)
class Function:
    """A user-defined function: a class that a reader loads, or a mark that says how the resources are to be read."""

    database: str
    name: str
    class_name: str
    owner: str | None = None
    owner_type: str = "USER"
    function_type: str = "JAVA"
    resources: tuple[Resource, ...] = ()
    created_at: datetime | None = None


@dataclass(frozen=True)
class Surroundings:
    """The network that a client of a store is to run in, as Glue words it; nothing here acts on it."""

    subnet: str | None = None
    security_groups: tuple[str, ...] = ()
    availability_zone: str | None = None


@dataclass(frozen=True)
class Connection:
    """How a store outside is reached. `kind` is Glue's ConnectionType: JDBC, NETWORK, KAFKA and so on.

    `secrets` names the properties whose values are kept sealed; no reading of a connection tells them, and `properties`
    holds none of them. `version` counts updates from 0; it and the times are the catalog's to set and are ignored on
    write.
    """

    name: str
    kind: str = "JDBC"
    description: str | None = None
    properties: Parameters = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    match_criteria: tuple[str, ...] = ()
    surroundings: Surroundings | None = None
    version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class PartitionIndex:
    """Serves filters by `keys`, which are partition keys of its table. The time is the catalog's to set."""

    name: str
    keys: tuple[str, ...]
    created_at: datetime | None = None


@dataclass(frozen=True)
class Page(Generic[Item]):
    """A part of a list, and the token that asks for the next part (None at the end)."""

    items: tuple[Item, ...]
    next_token: str | None = None
