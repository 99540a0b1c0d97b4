"""Operations on the schema registry's registries."""

from __future__ import annotations

from api.glue.calls import Call, Operation, Shape
from api.glue.shapes.registries import registry_name, registry_names, registry_shape
from catalog.registry.model import Registry

PAGE = 25


def create_registry(call: Call) -> Shape:
    asked = call.asked
    tags = asked.get("Tags") or {}
    made = call.catalog.create_registry(Registry(asked["RegistryName"], asked.get("Description")), tags)
    return {**registry_names(made.name, call.arn), "Description": made.description, "Tags": tags}


def get_registry(call: Call) -> Shape:
    return registry_shape(call.catalog.get_registry(registry_name(call.asked["RegistryId"])), call.arn)


def list_registries(call: Call) -> Shape:
    page = call.catalog.list_registries(call.asked.get("MaxResults", PAGE), call.asked.get("NextToken"))
    return {"Registries": [registry_shape(each, call.arn) for each in page.items], "NextToken": page.next_token}


def update_registry(call: Call) -> Shape:
    name = registry_name(call.asked["RegistryId"])
    return registry_names(call.catalog.update_registry(name, call.asked["Description"]).name, call.arn)


def delete_registry(call: Call) -> Shape:
    """Gone when this is answered, though Glue calls that DELETING."""
    name = registry_name(call.asked["RegistryId"])
    call.catalog.delete_registry(name)
    return {**registry_names(name, call.arn), "Status": "DELETING"}


OPERATIONS: dict[str, Operation] = {
    "CreateRegistry": create_registry,
    "GetRegistry": get_registry,
    "ListRegistries": list_registries,
    "UpdateRegistry": update_registry,
    "DeleteRegistry": delete_registry,
}
