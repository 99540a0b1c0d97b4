"""Operations on connections."""

from __future__ import annotations

from dataclasses import replace

from api.glue.batches import failures_of
from api.glue.calls import Call, Operation, Shape
from api.glue.failures import Invalid, OperationNotSupported
from api.glue.shapes.connections import connection_shape, connection_value
from crawlers.jdbc import try_connection


def create_connection(call: Call) -> Shape:
    given = call.asked["ConnectionInput"]
    call.catalog.create_connection(connection_value(given, given["Name"]), tags=call.asked.get("Tags"))
    return {"CreateConnectionStatus": "READY"}


def get_connection(call: Call) -> Shape:
    """Without its secrets, whether or not HidePassword asks for that."""
    return {"Connection": connection_shape(call.catalog.get_connection(call.asked["Name"]))}


def get_connections(call: Call) -> Shape:
    """A page from which MatchCriteria leave out some may be short."""
    asked, wanted = call.asked, call.asked.get("Filter") or {}
    page = call.catalog.list_connections(
        asked.get("MaxResults", 100), asked.get("NextToken"), wanted.get("ConnectionType")
    )
    found = [each for each in page.items if set(wanted.get("MatchCriteria") or ()) <= set(each.match_criteria)]
    return {"ConnectionList": [connection_shape(each) for each in found], "NextToken": page.next_token}


def update_connection(call: Call) -> Shape:
    """Secrets that are not given keep their values, as no client can read them to write them again."""
    name, given = call.asked["Name"], call.asked["ConnectionInput"]
    if given["Name"] != name:
        raise Invalid(f"Connection {name} cannot be renamed to {given['Name']}; create another, and delete it.")
    secrets = call.catalog.get_connection(name).secrets
    call.catalog.update_connection(replace(connection_value(given, name), secrets=secrets))
    return {}


def delete_connection(call: Call) -> Shape:
    call.catalog.delete_connection(call.asked["ConnectionName"])
    return {}


def batch_delete_connection(call: Call) -> Shape:
    names = list(dict.fromkeys(call.asked["ConnectionNameList"]))
    failed = failures_of(names, call.catalog.delete_connection, call.asked)
    refused = {name: failure.detail() for name, failure in failed}
    return {"Succeeded": [name for name in names if name not in refused], "Errors": refused}


def test_connection(call: Call) -> Shape:
    """Really connects, as a crawl would; only to what the catalog knows."""
    name = call.asked.get("ConnectionName")
    if name is None:
        raise OperationNotSupported("TestConnectionInput is not supported: create the connection, and name it.")
    try_connection(call.catalog, name)
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateConnection": create_connection,
    "GetConnection": get_connection,
    "GetConnections": get_connections,
    "UpdateConnection": update_connection,
    "DeleteConnection": delete_connection,
    "BatchDeleteConnection": batch_delete_connection,
    "TestConnection": test_connection,
}
