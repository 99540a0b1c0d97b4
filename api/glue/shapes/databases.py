"""Databases in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.model import Database


def database_value(shape: Mapping[str, Any], name: str | None = None) -> Database:
    return Database(
        name or shape["Name"], shape.get("Description"), shape.get("LocationUri"), dict(shape.get("Parameters") or {})
    )


def database_shape(database: Database, account: str) -> dict[str, Any]:
    return {
        "Name": database.name,
        "Description": database.description,
        "LocationUri": database.location,
        "Parameters": database.parameters or None,
        "CreateTime": database.created_at,
        "CatalogId": account,
    }
