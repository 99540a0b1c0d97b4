"""Operations on tables."""

from __future__ import annotations

from api.glue.batches import failures_of
from api.glue.calls import Call, Operation, Shape
from api.glue.failures import Invalid
from api.glue.patterns import fitting
from api.glue.refusals import refuse_members
from api.glue.shapes.partitions import index_value
from api.glue.shapes.tables import table_shape, table_value
from api.glue.versions import version_number
from catalog.model import Table


def create_table(call: Call) -> Shape:
    indexes = [index_value(each) for each in call.asked.get("PartitionIndexes", ())]
    call.catalog.create_table(_given(call), indexes)
    return {}


def get_table(call: Call) -> Shape:
    asked = call.asked
    refuse_members(asked)
    database, name = asked["DatabaseName"], asked["Name"]
    if "QueryAsOfTime" in asked:
        found = call.catalog.get_table_as_of(database, name, asked["QueryAsOfTime"]).table
    else:
        found = call.catalog.get_table(database, name)
    return {"Table": _chosen(call, table_shape(found, call.account))}


def get_tables(call: Call) -> Shape:
    asked = call.asked
    refuse_members(asked)
    fits = fitting(asked["Expression"]) if asked.get("Expression") else None
    page = call.catalog.list_tables(asked["DatabaseName"], asked.get("MaxResults", 100), asked.get("NextToken"), fits)
    found = [_chosen(call, table_shape(table, call.account)) for table in page.items]
    return {"TableList": found, "NextToken": page.next_token}


def update_table(call: Call) -> Shape:
    """With a VersionId, only if that is the version in force; with SkipArchive, the version before is not kept."""
    table, asked = _given(call), call.asked
    expected = version_number(asked["VersionId"]) if "VersionId" in asked else None
    if asked.get("SkipArchive"):
        call.catalog.overwrite_table(table, expected)
    else:
        call.catalog.update_table(table, expected)
    return {}


def delete_table(call: Call) -> Shape:
    """With versions and partitions; data are never touched."""
    refuse_members(call.asked)
    call.catalog.delete_table(call.asked["DatabaseName"], call.asked["Name"])
    return {}


def batch_delete_table(call: Call) -> Shape:
    refuse_members(call.asked)
    database = call.asked["DatabaseName"]
    call.catalog.get_database(database)
    failed = failures_of(
        call.asked["TablesToDelete"], lambda name: call.catalog.delete_table(database, name), {"DatabaseName": database}
    )
    return {"Errors": [{"TableName": name, "ErrorDetail": failure.detail()} for name, failure in failed]}


def _given(call: Call) -> Table:
    """The table that is to be as the request says."""
    refuse_members(call.asked)
    given = call.asked.get("TableInput")
    if given is None:
        raise Invalid("TableInput is missing.")
    named = call.asked.get("Name")
    if named is not None and named.lower() != given["Name"].lower():
        raise Invalid(f"Name {named!r} and TableInput's {given['Name']!r} are two names; tables are not renamed so.")
    refuse_members(given)
    return table_value(call.asked["DatabaseName"], given)


def _chosen(call: Call, shape: Shape) -> Shape:
    """The attributes that are asked for, and the name."""
    wanted = call.asked.get("AttributesToGet")
    if not wanted or "DEFAULT" in wanted:
        return shape
    names = {"NAME": "Name", "TABLE_TYPE": "TableType"}
    return {"Name": shape["Name"], **{names[each]: shape[names[each]] for each in wanted if each in names}}


OPERATIONS: dict[str, Operation] = {
    "CreateTable": create_table,
    "GetTable": get_table,
    "GetTables": get_tables,
    "UpdateTable": update_table,
    "DeleteTable": delete_table,
    "BatchDeleteTable": batch_delete_table,
}
