"""The tables of tokens, access keys, audit events and resource policies, on the catalog's metadata."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text

from catalog.rows import Instant, Json, Texts, metadata


def _grant() -> tuple[Column[object], ...]:
    """Who a proof stands for, and for how long."""
    return (
        Column("role", Text, nullable=False),
        Column("databases", Texts, nullable=False),
        Column("job_tags", Json, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("created_by", Text, nullable=False),
        Column("expires_at", Instant),
        Column("used_at", Instant),
    )


# Of a token only the hash is kept: 32 random bytes need no salt and no slow hash.
access_tokens = Table(
    "access_tokens",
    metadata,
    Column("name", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    *_grant(),
)

# The secret of an access key is needed to check a signature, and so is kept, sealed by the key `sealed_by`.
access_keys = Table(
    "access_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("sealed_by", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    *_grant(),
)

# Ids are never given twice, and so tell the order also when old events are gone.
audit_events = Table(
    "audit_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("principal", Text, nullable=False),
    Column("face", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("request_id", Text),
    Index("ix_audit_events_at", "at"),
    sqlite_autoincrement=True,
)

# `resource` is what the policy is of; `document` is its text as it was given.
resource_policies = Table(
    "resource_policies",
    metadata,
    Column("resource", Text, primary_key=True),
    Column("document", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
