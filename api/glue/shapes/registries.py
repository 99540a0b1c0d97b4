"""Registries, schemas and their versions in Glue's shape; and how requests name them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from api.glue.failures import Invalid
from catalog.registry.model import DEFAULT_REGISTRY, Registry, Schema, SchemaKey, SchemaVersion, VersionMetadata

Shape = Mapping[str, Any]
Arn = Callable[[str], str]  # of such as registry/NAME
_ARN = re.compile(r"arn:aws(?:-[a-z-]+)?:glue:[^:]*:[^:]*:(registry|schema)/(.+)")
_RANGE = re.compile(r"\s*([1-9][0-9]{0,5})\s*(?:-\s*([1-9][0-9]{0,5})\s*)?")
_VERSION_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def registry_name(given: Shape | None) -> str:
    """The registry that a RegistryId names, which is the default one if it names none. Raises Invalid."""
    name, arn = (given or {}).get("RegistryName"), (given or {}).get("RegistryArn")
    if name and arn:
        raise Invalid("One of registryName or registryArn has to be provided, both cannot be provided.")
    return _of_arn(arn, "registry", "registryArn") if arn else name or DEFAULT_REGISTRY


def schema_key(given: Shape | None) -> SchemaKey:
    """The schema that a SchemaId names. Raises Invalid."""
    name, registry, arn = ((given or {}).get(each) for each in ("SchemaName", "RegistryName", "SchemaArn"))
    if arn and (name or registry):
        raise Invalid("One of (registryName and schemaName) or schemaArn has to be provided, both cannot be provided.")
    if arn:
        of, slash, name = _of_arn(arn, "schema", "schemaArn").partition("/")
        if not slash:
            raise unfit_signs("schemaArn")
        return SchemaKey(of, name)
    if not name:
        raise Invalid("At least one of (registryName and schemaName) or schemaArn has to be provided.")
    return SchemaKey(registry or DEFAULT_REGISTRY, name)


def version_number(given: Shape | None) -> int | None:
    """The number that a SchemaVersionNumber names; None for the latest. Raises Invalid."""
    number, latest = (given or {}).get("VersionNumber"), (given or {}).get("LatestVersion")
    if number is not None and latest:
        raise Invalid("Only one of VersionNumber or LatestVersion is required.")
    if number is None and not latest:
        raise Invalid("One of version number (or) latest version is required.")
    return None if latest else number


def version_id(given: str) -> str:
    """Raises Invalid."""
    if not _VERSION_ID.fullmatch(given):
        raise unfit_signs("SchemaVersionId")
    return given


def version_ranges(given: str) -> list[tuple[int, int]]:
    """The first and the last of each range of a text such as `5-8,10`. Raises Invalid."""
    found = [_RANGE.fullmatch(part) for part in given.split(",")]
    ranges = [(int(each[1]), int(each[2] or each[1])) for each in found if each]
    if len(ranges) != len(found) or any(first > last for first, last in ranges):
        raise Invalid(f"{given[:100]!r} is no version, such as 5, and no range of versions, such as 5-8.")
    return ranges


def unfit_signs(parameter: str) -> Invalid:
    return Invalid(
        f"The parameter value contains one or more characters that are not valid. Parameter Name: {parameter}"
    )


def registry_names(name: str, arn: Arn) -> dict[str, Any]:
    return {"RegistryName": name, "RegistryArn": arn(f"registry/{name}")}


def schema_names(key: SchemaKey, arn: Arn) -> dict[str, Any]:
    return {"RegistryName": key.registry, "SchemaName": key.name, "SchemaArn": arn(f"schema/{key.text}")}


def registry_shape(registry: Registry, arn: Arn) -> dict[str, Any]:
    return {
        **registry_names(registry.name, arn),
        "Description": registry.description,
        "Status": "AVAILABLE",
        "CreatedTime": _moment(registry.created_at),
        "UpdatedTime": _moment(registry.updated_at),
    }


def schema_shape(schema: Schema, arn: Arn) -> dict[str, Any]:
    return {
        **registry_names(schema.key.registry, arn),
        **schema_names(schema.key, arn),
        "Description": schema.description,
        "DataFormat": schema.format,
        "Compatibility": schema.compatibility,
        "SchemaCheckpoint": schema.checkpoint,
        "LatestSchemaVersion": schema.latest,
        "NextSchemaVersion": schema.next_version,
        "SchemaStatus": "AVAILABLE",
        "CreatedTime": _moment(schema.created_at),
        "UpdatedTime": _moment(schema.updated_at),
    }


def version_shape(version: SchemaVersion, arn: Arn) -> dict[str, Any]:
    return {
        "SchemaVersionId": version.id,
        "SchemaArn": arn(f"schema/{version.schema.text}"),
        "SchemaDefinition": version.definition,
        "DataFormat": version.format,
        "VersionNumber": version.number,
        "Status": version.status,
        "CreatedTime": _moment(version.created_at),
    }


def metadata_shape(pairs: Sequence[VersionMetadata]) -> dict[str, Any]:
    """By their keys; of a key's values the one that was put last stands first."""
    told: dict[str, Any] = {}
    for each in sorted(pairs, key=lambda each: (str(each.created_at), each.value), reverse=True):
        value = {"MetadataValue": each.value, "CreatedTime": _moment(each.created_at)}
        if each.key in told:
            told[each.key].setdefault("OtherMetadataValueList", []).append(value)
        else:
            told[each.key] = value
    return told


def _of_arn(arn: str, kind: str, parameter: str) -> str:
    found = _ARN.fullmatch(arn)
    if found is None or found[1] != kind:
        raise unfit_signs(parameter)
    return found[2]


def _moment(at: datetime | None) -> str | None:
    """The registry's times are texts."""
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
