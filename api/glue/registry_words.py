"""Failures of the schema registry in AWS's words, which are its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.errors import AlreadyExists, DomainError, InvalidInput, LimitReached, NotFound, VersioningDisabled

_PARAMETERS = {
    "Registry name": "registryName",
    "Schema name": "schemaName",
    "Metadata key": "key",
    "Metadata value": "value",
}
_SIGNS = "The parameter value contains one or more characters that are not valid. Parameter Name: {}"
_LENGTH = "The resource name contains too many or too few characters. Parameter Name: {}"
_UNFIT = {
    "DataFormat": "Data format is not valid.",
    "Compatibility": "Compatibility is not valid.",
    "Tags": "New Tags cannot be empty or more than 50",
}


def unfit_words(problems: Sequence[tuple[str, str, tuple[Any, ...]]]) -> str | None:
    """What breaks the model first; None if AWS's words are the common ones."""
    if not problems or not problems[0][2]:
        return None
    _, constraint, (_, name) = problems[0]
    if name in _UNFIT:
        return _UNFIT[name]
    if "have length" in constraint:
        return _LENGTH.format(str(name)[:1].lower() + str(name)[1:])
    return None


def registry_words(error: DomainError, asked: Mapping[str, Any]) -> str | None:
    """None for what is none of the registry's failures, or is not asked by its operations, as tags are."""
    match error:
        case NotFound() if "ResourceArn" in asked:
            return None
        case NotFound(kind="Registry" | "Schema" as kind):
            return f"{kind} is not found. {_named(asked)}"
        case NotFound(kind="Schema version" | "Metadata" as kind):
            return f"{kind} is not found. {', '.join(filter(None, [_named(asked), _version_named(asked)]))}"
        case AlreadyExists(kind="Registry", name=str(name)):
            return f"Registry already exists. RegistryName: {name}"
        case AlreadyExists(kind="Schema", name=str(name)):
            registry, _, schema = name.partition("/")
            return f"Schema already exists. RegistryName: {registry}, SchemaName: {schema}"
        case AlreadyExists(kind="Metadata", version=version, key=key, value=value):
            return (
                f"Resource already exist for schema version id: {version}, metadata key: {key}, metadata value: {value}"
            )
        case LimitReached(what="A further registry"):
            return "More registries cannot be created. The maximum limit has been reached."
        case LimitReached(what="Further metadata of a schema version"):
            return "Your resource limits for Schema Version Metadata have been exceeded."
        case InvalidInput(what=str(what)) if what in _PARAMETERS:
            return _SIGNS.format(_PARAMETERS[what])
        case VersioningDisabled():
            given = asked.get("SchemaId") or {}
            names = ("schemaArn", "SchemaArn"), ("schemaName", "SchemaName"), ("registryName", "RegistryName")
            told = ", ".join(f"{name}={given.get(member, 'null')}" for name, member in names)
            return f"Compatibility DISABLED does not allow versioning. SchemaId: SchemaId({told})"
        case _:
            return None


def _named(asked: Mapping[str, Any]) -> str:
    """What the request named, with a null for what it might have named."""
    schema, registry = asked.get("SchemaId"), asked.get("RegistryId")
    if schema:
        names = ("RegistryName", "SchemaName", "SchemaArn")
        told = [f"{name}: {schema.get(name, 'null')}" for name in names]
    else:
        told = [f"{name}: {(registry or {}).get(name, 'null')}" for name in ("RegistryName", "RegistryArn")]
    return ", ".join(told)


def _version_named(asked: Mapping[str, Any]) -> str:
    number = (asked.get("SchemaVersionNumber") or {}).get("VersionNumber")
    if number is not None:
        return f"VersionNumber: {number}"
    return f"SchemaVersionId: {asked['SchemaVersionId']}" if asked.get("SchemaVersionId") else ""
