"""The registry's tables."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from catalog.rows import Instant, metadata

registries = Table(
    "registries",
    metadata,
    Column("name", Text, primary_key=True),
    Column("description", Text),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# `revision` guards every change of a schema and its versions.
schemas = Table(
    "schemas",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("registry", ForeignKey("registries.name", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("compatibility", Text, nullable=False),
    Column("description", Text),
    Column("checkpoint", Integer, nullable=False),
    Column("next_version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("registry", "name"),
)

# `digest` is that of the definition's canonical text.
schema_versions = Table(
    "schema_versions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("schema_id", ForeignKey("schemas.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("schema_id", "number"),
    Index("ix_schema_versions_digest", "schema_id", "digest"),
)

schema_version_metadata = Table(
    "schema_version_metadata",
    metadata,
    Column("version_id", ForeignKey("schema_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("created_at", Instant, nullable=False),
)
