"""The front door to the schema registry."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Engine

from catalog.db import reading, writing
from catalog.errors import DomainError, InvalidSchema, NotFound, VersionConflict
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from catalog.registry import registrations, registries, schema_versions, schemas, version_metadata
from catalog.registry.formats import format_of
from catalog.registry.model import Registry, Schema, SchemaChange, SchemaKey, SchemaVersion, VersionMetadata
from catalog.registry.patches import patch
from catalog.registry.registrations import Candidate, digest_of

_MOST_TRIES = 100  # of a registration that others overtake
log = logging.getLogger(__name__)


class RegistryDoors:
    """The verbs of registries, schemas, their versions and those's metadata."""

    engine: Engine
    now: Callable[[], datetime]

    # registries

    def create_registry(self, registry: Registry, tags: Mapping[str, str] | None = None) -> Registry:
        with writing(self.engine) as connection:
            return registries.create_registry(connection, registry, self.now(), tags)

    def get_registry(self, name: str) -> Registry:
        with reading(self.engine) as connection:
            return registries.get_registry(connection, name)

    def list_registries(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Registry]:
        with reading(self.engine) as connection:
            return registries.list_registries(connection, limit, token)

    def update_registry(self, name: str, description: str) -> Registry:
        with writing(self.engine) as connection:
            return registries.update_registry(connection, name, description, self.now())

    def delete_registry(self, name: str) -> None:
        with writing(self.engine) as connection:
            registries.delete_registry(connection, name)

    # schemas

    def create_schema(
        self, schema: Schema, definition: str | None = None, tags: Mapping[str, str] | None = None
    ) -> tuple[Schema, SchemaVersion | None]:
        """The schema, and its first version if a definition is given. Raises InvalidSchema as well."""
        digest = None if definition is None else digest_of(schema.format, definition)
        with writing(self.engine) as connection:
            schema_id, created = schemas.create_schema(connection, schema, self.now(), tags)
            if definition is None or digest is None:
                return created, None
            first = Candidate(schema_id, created, definition, digest)
            version = registrations.enter(connection, first, is_fit=True, now=self.now())
            return schemas.locate_schema(connection, created.key)[1], version

    def get_schema(self, key: SchemaKey) -> Schema:
        with reading(self.engine) as connection:
            return schemas.locate_schema(connection, key)[1]

    def list_schemas(
        self, registry: str | None = None, limit: int = DEFAULT_PAGE, token: str | None = None
    ) -> Page[Schema]:
        with reading(self.engine) as connection:
            return schemas.list_schemas(connection, registry, limit, token)

    def update_schema(self, key: SchemaKey, change: SchemaChange) -> Schema:
        with writing(self.engine) as connection:
            return schemas.update_schema(connection, key, change, self.now())

    def delete_schema(self, key: SchemaKey) -> None:
        with writing(self.engine) as connection:
            schemas.delete_schema(connection, key)

    # versions

    def check_schema(self, data_format: str, definition: str) -> str | None:
        """Why the definition is no schema of the format; None if it is one. Raises InvalidInput for the format."""
        try:
            format_of(data_format).canonical(definition)
        except InvalidSchema as error:
            return str(error)
        return None

    def register_schema_version(self, key: SchemaKey, definition: str) -> SchemaVersion:
        """The version that the definition is already, or a new one, whose status tells whether the mode let it in.

        Raises NotFound, InvalidSchema, VersioningDisabled; VersionConflict if others register all the time.
        """
        for _ in range(_MOST_TRIES):
            with reading(self.engine) as connection:
                candidate = registrations.find_candidate(connection, key, definition)
            known = candidate.known
            if known is not None and known.status == "AVAILABLE":
                return known
            why = candidate.misfits()
            if why:
                log.info("schema %s does not take a version (%s): %s", key.text, candidate.schema.compatibility, why[0])
            if why and known is not None:
                return known
            try:
                with writing(self.engine) as connection:
                    return registrations.enter(connection, candidate, is_fit=not why, now=self.now())
            except VersionConflict as conflict:
                overtaken = conflict
        raise overtaken

    def get_schema_version(self, version_id: str) -> SchemaVersion:
        with reading(self.engine) as connection:
            return schema_versions.get_version(connection, version_id)

    def get_numbered_version(self, key: SchemaKey, number: int | None) -> SchemaVersion:
        """None: the latest that is available."""
        with reading(self.engine) as connection:
            return schema_versions.get_numbered(connection, key, number)

    def get_version_by_definition(self, key: SchemaKey, definition: str) -> SchemaVersion:
        """Raises NotFound, InvalidSchema."""
        with reading(self.engine) as connection:
            _, schema = schemas.locate_schema(connection, key)
            found = schema_versions.find_by_digest(connection, key, digest_of(schema.format, definition))
        if found is None:
            raise NotFound(kind="Schema", name=key.text)
        return found

    def list_schema_versions(
        self, key: SchemaKey, limit: int = DEFAULT_PAGE, token: str | None = None
    ) -> Page[SchemaVersion]:
        with reading(self.engine) as connection:
            return schema_versions.list_versions(connection, key, limit, token)

    def delete_schema_versions(self, key: SchemaKey, ranges: Sequence[tuple[int, int]]) -> dict[int, DomainError]:
        """Those from the first to the last number of each range; those that stay, and why."""
        with writing(self.engine) as connection:
            return schema_versions.delete_versions(connection, key, ranges)

    def compare_schema_versions(self, key: SchemaKey, first: int | None, second: int | None) -> str:
        """What makes the second of the first, as a JSON Patch; a definition that is no JSON is one text in it."""
        with reading(self.engine) as connection:
            told = [schema_versions.get_numbered(connection, key, number) for number in (first, second)]
        old, new = (_document(each) for each in told)
        return msgspec.json.encode(list(patch(old, new))).decode()

    # metadata of versions

    def put_version_metadata(self, version_id: str, new: VersionMetadata) -> VersionMetadata:
        with writing(self.engine) as connection:
            return version_metadata.put_metadata(connection, version_id, new, self.now())

    def query_version_metadata(
        self,
        version_id: str,
        wanted: Iterable[tuple[str | None, str | None]] = (),
        limit: int = DEFAULT_PAGE,
        token: str | None = None,
    ) -> Page[VersionMetadata]:
        with reading(self.engine) as connection:
            return version_metadata.query_metadata(connection, version_id, list(wanted), limit, token)

    def remove_version_metadata(self, version_id: str, key: str, value: str) -> None:
        with writing(self.engine) as connection:
            version_metadata.remove_metadata(connection, version_id, key, value)


def _document(version: SchemaVersion) -> Any:
    return version.definition if version.format == "PROTOBUF" else msgspec.json.decode(version.definition)
