"""The catalog's tables, declared for SQLAlchemy Core. Other packages declare theirs on the same `metadata`."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_decode_texts = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_pairs = msgspec.json.Decoder(dict[str, str]).decode
Json = JSON().with_variant(JSONB(), "postgresql")

# Text that is looked for in ranges; PostgreSQL would compare it by the rules of the database's language.
ByBytes = Text().with_variant(Text(collation="C"), "postgresql")


class Instant(TypeDecorator[datetime]):
    """A moment, always with its zone: UTC in the database and in Python (SQLite itself keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        return _utc if dialect.name == "postgresql" else _written

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002
        return _utc if dialect.name == "postgresql" else _read


def _utc(value: datetime | None) -> datetime | None:
    return value and value.astimezone(UTC)


@lru_cache(maxsize=16_384)
def _written(value: datetime | None) -> str | None:
    """As SQLite keeps it. Rows that were written together have their moments alike."""
    return None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


@lru_cache(maxsize=16_384)
def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


class Texts(TypeDecorator[tuple[str, ...]]):
    """A list of texts, read as a tuple. It and Pairs are read by functions in C: a listing holds ten thousands."""

    impl = Json
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002
        return tuple if dialect.name == "postgresql" else _decode_texts


class Pairs(TypeDecorator[dict[str, str]]):
    """A map of texts, kept as JSON in a text."""

    impl = Text
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002
        return _decode_pairs


class Number(TypeDecorator[float]):
    """A number, given as the text of one: exact where the database can (SQLite: up to 64 bits, then a double)."""

    impl = Numeric(asdecimal=False)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        exact = Decimal if dialect.name == "postgresql" else _sqlite_number
        return lambda text: None if text is None else exact(text)


def _sqlite_number(text: str) -> int | float:
    try:
        number = int(text)
    except ValueError:
        return float(text)
    return number if -(2**63) <= number < 2**63 else float(text)


databases = Table(
    "databases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# `body` is empty while the definition is that of the version in force, which it mostly is.
tables = Table(
    "tables",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("database_id", ForeignKey("databases.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("location", ByBytes),
    Column("version", Integer, nullable=False),
    Column("token", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("database_id", "name"),
    Index("ix_tables_location", "location"),
)

# A table with its database, whose names together tell it from every other.
named_tables = tables.join(databases)
table_key = tuple_(databases.c.name, tables.c.name)

table_versions = Table(
    "table_versions",
    metadata,
    Column("table_id", ForeignKey("tables.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("face", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("run_id", Text),
    Column("restored_from", Integer),
)

functions = Table(
    "functions",
    metadata,
    Column("database_id", ForeignKey("databases.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# Partitions of one table mostly differ in their location alone: the rest of the descriptor is stored once.
storage_descriptors = Table(
    "storage_descriptors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("body", Text, nullable=False),
)

# So many of a partition's values stand in columns of their own, with an index each, for filters: as text, compared by
# its bytes, and as the number that it spells, if it does. Filters by further keys read `values`.
KEYS_IN_COLUMNS = 4
partitions = Table(
    "partitions",
    metadata,
    Column("table_id", ForeignKey("tables.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("values", Json, nullable=False),
    Column("storage_id", ForeignKey("storage_descriptors.id"), nullable=False),
    Column("location", Text),
    Column("parameters", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    *(Column(f"text_{at}", ByBytes) for at in range(KEYS_IN_COLUMNS)),
    *(Column(f"number_{at}", Number) for at in range(KEYS_IN_COLUMNS)),
)
for _at in range(KEYS_IN_COLUMNS):
    for _column in (partitions.c[f"text_{_at}"], partitions.c[f"number_{_at}"]):
        _filled = _column.is_not(None)
        Index(
            f"ix_partitions_{_column.name}",
            partitions.c.table_id,
            _column,
            sqlite_where=_filled,
            postgresql_where=_filled,
        )

# What is known of a column's values; `kind` says which of catalog.statistics' classes `body` is.
table_statistics = Table(
    "table_statistics",
    metadata,
    Column("table_id", ForeignKey("tables.id", ondelete="CASCADE"), primary_key=True),
    Column("column", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("analyzed_at", Instant, nullable=False),
)

partition_statistics = Table(
    "partition_statistics",
    metadata,
    Column("table_id", Integer, primary_key=True),
    Column("partition", Text, primary_key=True),
    Column("column", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("analyzed_at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["table_id", "partition"], ["partitions.table_id", "partitions.name"], ondelete="CASCADE", onupdate="CASCADE"
    ),
)

# How clients reach stores outside. What is secret of it stands in connection_secrets alone, sealed.
connections = Table(
    "connections",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

connection_secrets = Table(
    "connection_secrets",
    metadata,
    Column("connection", ForeignKey("connections.name", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("sealed", Text, nullable=False),
)

partition_indexes = Table(
    "partition_indexes",
    metadata,
    Column("table_id", ForeignKey("tables.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("keys", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# The values of the keys past KEYS_IN_COLUMNS that a partition index names; `key` counts partition keys from 0.
partition_index_values = Table(
    "partition_index_values",
    metadata,
    Column("table_id", Integer, primary_key=True),
    Column("partition", Text, primary_key=True),
    Column("key", Integer, primary_key=True),
    Column("text", ByBytes, nullable=False),
    Column("number", Number),
    ForeignKeyConstraint(
        ["table_id", "partition"], ["partitions.table_id", "partitions.name"], ondelete="CASCADE", onupdate="CASCADE"
    ),
    Index("ix_partition_index_values_text", "table_id", "key", "text", "partition"),
    Index("ix_partition_index_values_number", "table_id", "key", "number", "partition"),
)

# Ids are never given twice: a client that lost its lock must not find another's under the number.
locks = Table(
    "locks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("agent", Text),
    Column("heard_at", Instant, nullable=False),
    Column("acquired_at", Instant),
    sqlite_autoincrement=True,
)

lock_parts = Table(
    "lock_parts",
    metadata,
    Column("lock_id", ForeignKey("locks.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("database", Text, nullable=False),
    Column("table", Text),
    Column("partition", Text),
)

# Tags of a `resource` by its name, which is of a `kind` of catalog.tags.Kind.
resource_tags = Table(
    "resource_tags",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
