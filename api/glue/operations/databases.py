"""Operations on databases."""

from __future__ import annotations

from api.glue.calls import Call, Operation, Shape
from api.glue.refusals import refuse_members
from api.glue.shapes.databases import database_shape, database_value


def create_database(call: Call) -> Shape:
    call.catalog.create_database(database_value(_given(call)), call.asked.get("Tags"))
    return {}


def get_database(call: Call) -> Shape:
    return {"Database": database_shape(call.catalog.get_database(call.asked["Name"]), call.account)}


def get_databases(call: Call) -> Shape:
    page = call.catalog.list_databases(call.asked.get("MaxResults", 100), call.asked.get("NextToken"))
    if call.asked.get("AttributesToGet") == ["NAME"]:
        found = [{"Name": database.name} for database in page.items]
    else:
        found = [database_shape(database, call.account) for database in page.items]
    return {"DatabaseList": found, "NextToken": page.next_token}


def update_database(call: Call) -> Shape:
    call.catalog.update_database(database_value(_given(call), name=call.asked["Name"]))
    return {}


def delete_database(call: Call) -> Shape:
    """With all that is in it, as in AWS; data are never touched."""
    call.catalog.delete_database(call.asked["Name"], cascade=True)
    return {}


def _given(call: Call) -> Shape:
    given: Shape = call.asked["DatabaseInput"]
    refuse_members(given)
    return given


OPERATIONS: dict[str, Operation] = {
    "CreateDatabase": create_database,
    "GetDatabase": get_database,
    "GetDatabases": get_databases,
    "UpdateDatabase": update_database,
    "DeleteDatabase": delete_database,
}
