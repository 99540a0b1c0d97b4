"""Operations on the versions of the schema registry's schemas, and on the versions' metadata."""

from __future__ import annotations

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import Invalid, told_as_glue
from api.glue.operations.registries import PAGE
from api.glue.shapes.registries import (
    metadata_shape,
    schema_key,
    schema_names,
    version_id,
    version_number,
    version_ranges,
    version_shape,
)
from catalog.registry.model import SchemaVersion, VersionMetadata


def register_schema_version(call: Call) -> Shape:
    """A version that the schema's mode does not let in is told by its status, FAILURE."""
    key = schema_key(call.asked["SchemaId"])
    return version_shape(call.catalog.register_schema_version(key, call.asked["SchemaDefinition"]), call.arn)


def get_schema_version(call: Call) -> Shape:
    return version_shape(_version(call), call.arn)


def get_schema_by_definition(call: Call) -> Shape:
    key = schema_key(call.asked["SchemaId"])
    return version_shape(call.catalog.get_version_by_definition(key, call.asked["SchemaDefinition"]), call.arn)


def list_schema_versions(call: Call) -> Shape:
    asked = call.asked
    key = schema_key(asked["SchemaId"])
    page = call.catalog.list_schema_versions(key, asked.get("MaxResults", PAGE), asked.get("NextToken"))
    return {"Schemas": [version_shape(each, call.arn) for each in page.items], "NextToken": page.next_token}


def delete_schema_versions(call: Call) -> Shape:
    asked = call.asked
    refused = call.catalog.delete_schema_versions(schema_key(asked["SchemaId"]), version_ranges(asked["Versions"]))
    errors = [
        {"VersionNumber": number, "ErrorDetails": told_as_glue(error, asked).detail()}
        for number, error in sorted(refused.items())
    ]
    return {"SchemaVersionErrors": errors}


def get_schema_versions_diff(call: Call) -> Shape:
    asked = call.asked
    numbers = [version_number(asked[f"{which}SchemaVersionNumber"]) for which in ("First", "Second")]
    return {"Diff": call.catalog.compare_schema_versions(schema_key(asked["SchemaId"]), *numbers)}


def check_schema_version_validity(call: Call) -> Shape:
    why = call.catalog.check_schema(call.asked["DataFormat"], call.asked["SchemaDefinition"])
    return {"Valid": why is None, "Error": why and why[:5_000]}


def put_schema_version_metadata(call: Call) -> Shape:
    version, pair = _version(call), call.asked["MetadataKeyValue"]
    key, value = pair.get("MetadataKey", ""), pair.get("MetadataValue", "")
    call.catalog.put_version_metadata(version.id, VersionMetadata(key, value))
    return _pair_of(call, version)


def query_schema_version_metadata(call: Call) -> Shape:
    version, asked = _version(call), call.asked
    wanted = [(each.get("MetadataKey"), each.get("MetadataValue")) for each in asked.get("MetadataList") or ()]
    page = call.catalog.query_version_metadata(
        version.id, wanted, asked.get("MaxResults", PAGE), asked.get("NextToken")
    )
    return {
        "MetadataInfoMap": metadata_shape(page.items),
        "SchemaVersionId": version.id,
        "NextToken": page.next_token,
    }


def remove_schema_version_metadata(call: Call) -> Shape:
    version, pair = _version(call), call.asked["MetadataKeyValue"]
    call.catalog.remove_version_metadata(version.id, pair.get("MetadataKey", ""), pair.get("MetadataValue", ""))
    return _pair_of(call, version)


def _version(call: Call) -> SchemaVersion:
    """The version that a request names by its id, or by its schema and number."""
    asked = call.asked
    if asked.get("SchemaVersionId") is None:
        key = schema_key(asked.get("SchemaId"))
        return call.catalog.get_numbered_version(key, version_number(asked.get("SchemaVersionNumber")))
    if asked.get("SchemaId") or asked.get("SchemaVersionNumber"):
        raise Invalid("No other input parameters can be specified when fetching by SchemaVersionId.")
    return call.catalog.get_schema_version(version_id(asked["SchemaVersionId"]))


def _pair_of(call: Call, version: SchemaVersion) -> Shape:
    """What was put or removed. Glue tells the schema and the number only to those who named it so."""
    asked = call.asked
    number = asked.get("SchemaVersionNumber") or {}
    named = {} if asked.get("SchemaVersionId") else schema_names(version.schema, call.arn)
    return {
        **named,
        "LatestVersion": bool(number.get("LatestVersion")),
        "VersionNumber": version.number if named else 0,
        "SchemaVersionId": version.id,
        **asked["MetadataKeyValue"],
    }


OPERATIONS: dict[str, Operation] = {
    "RegisterSchemaVersion": register_schema_version,
    "GetSchemaVersion": get_schema_version,
    "GetSchemaByDefinition": get_schema_by_definition,
    "ListSchemaVersions": list_schema_versions,
    "DeleteSchemaVersions": delete_schema_versions,
    "GetSchemaVersionsDiff": get_schema_versions_diff,
    "CheckSchemaVersionValidity": check_schema_version_validity,
    "PutSchemaVersionMetadata": put_schema_version_metadata,
    "QuerySchemaVersionMetadata": query_schema_version_metadata,
    "RemoveSchemaVersionMetadata": remove_schema_version_metadata,
}
