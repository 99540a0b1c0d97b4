"""Databases in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.model import Database

_PERMISSIONS = "CreateTableDefaultPermissions"
# AWS's default: what Lake Formation has no say in. Others are kept and told again, and nobody here obeys them.
_EVERYBODY = {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}


def database_value(shape: Mapping[str, Any], name: str | None = None) -> Database:
    return Database(
        name or shape["Name"],
        shape.get("Description"),
        shape.get("LocationUri"),
        dict(shape.get("Parameters") or {}),
        kept={_PERMISSIONS: shape[_PERMISSIONS]} if _PERMISSIONS in shape else {},
    )


def database_shape(database: Database, account: str) -> dict[str, Any]:
    return {
        "Name": database.name,
        "Description": database.description,
        "LocationUri": database.location,
        "Parameters": database.parameters,
        "CreateTime": database.created_at,
        _PERMISSIONS: database.kept.get(_PERMISSIONS, [_EVERYBODY]),
        "CatalogId": account,
    }
