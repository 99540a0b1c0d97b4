"""The catalog's tables, declared for SQLAlchemy Core. Other packages declare theirs on the same `metadata`."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
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

Json = JSON().with_variant(JSONB(), "postgresql")


class Instant(TypeDecorator[datetime]):
    """A moment, always with its zone: UTC in the database and in Python (SQLite itself keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


databases = Table(
    "databases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

tables = Table(
    "tables",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("database_id", ForeignKey("databases.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("location", Text),
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
)

# Partitions of one table mostly differ in their location alone: the rest of the descriptor is stored once.
storage_descriptors = Table(
    "storage_descriptors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("body", Text, nullable=False),
)

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
)
