"""Connections in Glue's shape. What is secret in one is taken and never told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.glue.failures import OperationNotSupported
from catalog.model import Connection, Surroundings

Shape = Mapping[str, Any]
_UNKNOWN = ("AuthenticationConfiguration", "SparkProperties", "AthenaProperties", "PythonProperties")


def connection_value(given: Shape, name: str) -> Connection:
    """Raises OperationNotSupported for what nothing here would obey."""
    for member in _UNKNOWN:
        if given.get(member):
            raise OperationNotSupported(f"{member} is not supported: put what it says into ConnectionProperties.")
    return Connection(
        name=name,
        kind=given["ConnectionType"],
        description=given.get("Description"),
        properties=given["ConnectionProperties"],
        match_criteria=tuple(given.get("MatchCriteria") or ()),
        surroundings=_surroundings(given.get("PhysicalConnectionRequirements") or {}),
    )


def _surroundings(given: Shape) -> Surroundings | None:
    if not given:
        return None
    groups = tuple(given.get("SecurityGroupIdList") or ())
    return Surroundings(given.get("SubnetId"), groups, given.get("AvailabilityZone"))


def connection_shape(connection: Connection) -> dict[str, Any]:
    around = connection.surroundings
    return {
        "Name": connection.name,
        "Description": connection.description,
        "ConnectionType": connection.kind,
        "MatchCriteria": list(connection.match_criteria),
        "ConnectionProperties": dict(connection.properties),
        "PhysicalConnectionRequirements": {
            "SubnetId": around.subnet,
            "SecurityGroupIdList": list(around.security_groups) or None,
            "AvailabilityZone": around.availability_zone,
        }
        if around
        else None,
        "CreationTime": connection.created_at,
        "LastUpdatedTime": connection.updated_at,
        "ConnectionSchemaVersion": 1,
        "Status": "READY",
    }
