"""User-defined functions in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.glue.failures import Invalid
from catalog.model import Function, Resource

Shape = Mapping[str, Any]


def function_value(database: str, shape: Shape) -> Function:
    """Raises Invalid."""
    return Function(
        database,
        shape["FunctionName"],
        shape.get("ClassName") or "",
        owner=shape.get("OwnerName"),
        owner_type=shape.get("OwnerType") or "USER",
        function_type=shape.get("FunctionType") or "JAVA",
        resources=tuple(map(_resource, shape.get("ResourceUris") or ())),
    )


def _resource(shape: Shape) -> Resource:
    if "ResourceType" not in shape or "Uri" not in shape:
        raise Invalid("A resource of a function needs a ResourceType and a Uri")
    return Resource(shape["ResourceType"], shape["Uri"])


def function_shape(function: Function, account: str) -> dict[str, Any]:
    return {
        "FunctionName": function.name,
        "DatabaseName": function.database,
        "ClassName": function.class_name or None,
        "OwnerName": function.owner,
        "OwnerType": function.owner_type,
        "FunctionType": None if function.function_type == "JAVA" else function.function_type,
        "CreateTime": function.created_at,
        "ResourceUris": [{"ResourceType": each.type, "Uri": each.uri} for each in function.resources],
        "CatalogId": account,
    }
