"""Operations on the schema registry's schemas."""

from __future__ import annotations

from api.glue.calls import Call, Operation, Shape
from api.glue.operations.registries import PAGE
from api.glue.shapes.registries import registry_name, schema_key, schema_names, schema_shape, version_number
from catalog.registry.model import Schema, SchemaChange, SchemaKey

_UNSAID = "BACKWARD"  # the mode of AWS's own clients


def create_schema(call: Call) -> Shape:
    asked = call.asked
    tags = asked.get("Tags") or {}
    key = SchemaKey(registry_name(asked.get("RegistryId")), asked["SchemaName"])
    schema = Schema(key, asked["DataFormat"], asked.get("Compatibility", _UNSAID), asked.get("Description"))
    made, first = call.catalog.create_schema(schema, asked.get("SchemaDefinition"), tags)
    version = {"SchemaVersionId": first.id, "SchemaVersionStatus": first.status} if first else {}
    return {**schema_shape(made, call.arn), **version, "Tags": tags}


def get_schema(call: Call) -> Shape:
    return schema_shape(call.catalog.get_schema(schema_key(call.asked["SchemaId"])), call.arn)


def list_schemas(call: Call) -> Shape:
    """Of all registries, where none is named."""
    asked = call.asked
    registry = registry_name(asked["RegistryId"]) if asked.get("RegistryId") else None
    page = call.catalog.list_schemas(registry, asked.get("MaxResults", PAGE), asked.get("NextToken"))
    return {"Schemas": [schema_shape(each, call.arn) for each in page.items], "NextToken": page.next_token}


def update_schema(call: Call) -> Shape:
    asked = call.asked
    key, number = schema_key(asked["SchemaId"]), None
    if asked.get("SchemaVersionNumber"):
        number = version_number(asked["SchemaVersionNumber"])
        number = call.catalog.get_numbered_version(key, number).number
    change = SchemaChange(asked.get("Description"), asked.get("Compatibility"), number)
    return schema_names(call.catalog.update_schema(key, change).key, call.arn)


def delete_schema(call: Call) -> Shape:
    """Gone when this is answered, though Glue calls that DELETING."""
    key = schema_key(call.asked["SchemaId"])
    call.catalog.delete_schema(key)
    return {**schema_names(key, call.arn), "Status": "DELETING"}


OPERATIONS: dict[str, Operation] = {
    "CreateSchema": create_schema,
    "GetSchema": get_schema,
    "ListSchemas": list_schemas,
    "UpdateSchema": update_schema,
    "DeleteSchema": delete_schema,
}
