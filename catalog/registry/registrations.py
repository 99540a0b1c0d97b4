"""How a definition becomes a version: it is read with what it is compared with, judged outside of any transaction, and
entered if nobody has changed the schema meanwhile."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, insert, select

from catalog.errors import VersioningDisabled
from catalog.registry import rows
from catalog.registry.compatibility import DISABLED, concerned, misfits
from catalog.registry.formats import format_of
from catalog.registry.model import Schema, SchemaKey, SchemaVersion
from catalog.registry.schema_versions import find_by_digest
from catalog.registry.schemas import AVAILABLE, guard, locate_schema

_c = rows.schema_versions.c


@dataclass(frozen=True)
class Candidate:
    """A definition that is to become a version of `schema`, as that was read.

    `known` is the version that it is already, and `earlier` are the definitions that it is compared with.
    """

    schema_id: int
    schema: Schema
    definition: str
    digest: str
    known: SchemaVersion | None = None
    earlier: tuple[str, ...] = ()

    def misfits(self) -> list[str]:
        """Why the schema's mode does not let it in; empty if it does."""
        differences = format_of(self.schema.format).differences
        return misfits(self.schema.compatibility, self.definition, self.earlier, differences)


def digest_of(data_format: str, definition: str) -> str:
    """Equal for definitions that are equal but for how they are written. Raises InvalidInput, InvalidSchema."""
    return sha256(format_of(data_format).canonical(definition).encode("utf-8", "surrogatepass")).hexdigest()


def find_candidate(connection: Connection, key: SchemaKey, definition: str) -> Candidate:
    """Raises NotFound, VersioningDisabled, InvalidSchema."""
    schema_id, schema = locate_schema(connection, key)
    if schema.compatibility == DISABLED and schema.latest is not None:
        raise VersioningDisabled(name=key.text)
    digest = digest_of(schema.format, definition)
    known = find_by_digest(connection, key, digest)
    of = select(_c.number, _c.definition).where(_c.schema_id == schema_id, AVAILABLE)
    numbers = connection.execute(of.with_only_columns(_c.number)).scalars().all()
    compared = concerned(schema.compatibility, schema.checkpoint, numbers)
    definitions = {row.number: row.definition for row in connection.execute(of.where(_c.number.in_(compared)))}
    return Candidate(schema_id, schema, definition, digest, known, tuple(definitions[each] for each in compared))


def enter(connection: Connection, candidate: Candidate, is_fit: bool, now: datetime) -> SchemaVersion:
    """The version that the candidate is now. Raises VersionConflict if the schema has changed since it was read."""
    schema = candidate.schema
    number = schema.next_version
    guard(connection, candidate.schema_id, schema, next_version=number + 1)
    made = SchemaVersion(
        id=str(uuid.uuid4()),
        schema=schema.key,
        format=schema.format,
        number=number,
        status="AVAILABLE" if is_fit else "FAILURE",
        definition=candidate.definition,
        created_at=now,
    )
    values = {
        "id": made.id,
        "schema_id": candidate.schema_id,
        "number": number,
        "status": made.status,
        "definition": made.definition,
        "digest": candidate.digest,
        "created_at": now,
    }
    connection.execute(insert(rows.schema_versions).values(values))
    return made
