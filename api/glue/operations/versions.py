"""Operations on table versions, which are numbered from 0 and listed newest first."""

from __future__ import annotations

from api.glue.batches import failures_of
from api.glue.calls import Call, Operation, Shape
from api.glue.failures import EntityNotFound
from api.glue.shapes.tables import version_shape
from api.glue.versions import version_number


def get_table_version(call: Call) -> Shape:
    """That in force, unless one is named."""
    database, table = call.asked["DatabaseName"], call.asked["TableName"]
    asked = call.asked.get("VersionId")
    number = call.catalog.get_table(database, table).version if asked is None else version_number(asked)
    return {"TableVersion": version_shape(call.catalog.get_version(database, table, number), call.account)}


def get_table_versions(call: Call) -> Shape:
    asked = call.asked
    page = call.catalog.list_versions(
        asked["DatabaseName"], asked["TableName"], asked.get("MaxResults", 100), asked.get("NextToken")
    )
    found = [version_shape(version, call.account) for version in page.items]
    return {"TableVersions": found, "NextToken": page.next_token}


def delete_table_version(call: Call) -> Shape:
    _delete(call, call.asked["VersionId"])
    return {}


def batch_delete_table_version(call: Call) -> Shape:
    table = call.asked["TableName"]
    call.catalog.get_table(call.asked["DatabaseName"], table)
    failed = failures_of(call.asked["VersionIds"], lambda version: _delete(call, version), call.asked)
    return {
        "Errors": [
            {"TableName": table, "VersionId": version, "ErrorDetail": failure.detail()} for version, failure in failed
        ]
    }


def _delete(call: Call, version: str) -> None:
    """Raises EntityNotFound for one that is not there; Invalid input for the one in force."""
    database, table = call.asked["DatabaseName"], call.asked["TableName"]
    if not call.catalog.delete_versions(database, table, [version_number(version)]):
        raise EntityNotFound("Version not found.")


OPERATIONS: dict[str, Operation] = {
    "GetTableVersion": get_table_version,
    "GetTableVersions": get_table_versions,
    "DeleteTableVersion": delete_table_version,
    "BatchDeleteTableVersion": batch_delete_table_version,
}
