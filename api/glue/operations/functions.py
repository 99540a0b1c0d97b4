"""Operations on user-defined functions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import Invalid
from api.glue.patterns import fitting
from api.glue.shapes.functions import function_shape, function_value
from catalog.model import Function
from catalog.paging import Listing

# Of one database or of all: in the order of databases, then of names, neither of which can hold a slash.
_LISTING = Listing("functions of databases", "", read=str, write=str)


def create_user_defined_function(call: Call) -> Shape:
    given = call.asked["FunctionInput"]
    if "FunctionName" not in given:
        raise Invalid("FunctionInput has no FunctionName.")
    call.catalog.create_function(function_value(call.asked["DatabaseName"], given))
    return {}


def get_user_defined_function(call: Call) -> Shape:
    found = call.catalog.get_function(call.asked["DatabaseName"], call.asked["FunctionName"])
    return {"UserDefinedFunction": function_shape(found, call.account)}


def get_user_defined_functions(call: Call) -> Shape:
    """Those of one database, or of all, whose names fit."""
    asked = call.asked
    limit, after = asked.get("MaxResults", 100), _LISTING.after(asked.get("NextToken"))
    fits, kind = fitting(asked["Pattern"]), asked.get("FunctionType")
    found = (
        each
        for each in _functions(call)
        if _key(each) > after and fits(each.name) and kind in (None, each.function_type)
    )
    page = _LISTING.page(list(islice(found, limit + 1)), limit, _key)
    return {
        "UserDefinedFunctions": [function_shape(each, call.account) for each in page.items],
        "NextToken": page.next_token,
    }


def update_user_defined_function(call: Call) -> Shape:
    database, name = call.asked["DatabaseName"], call.asked["FunctionName"]
    call.catalog.update_function(
        database, name, function_value(database, {"FunctionName": name, **call.asked["FunctionInput"]})
    )
    return {}


def delete_user_defined_function(call: Call) -> Shape:
    call.catalog.delete_function(call.asked["DatabaseName"], call.asked["FunctionName"])
    return {}


def _functions(call: Call) -> Iterator[Function]:
    named = call.asked.get("DatabaseName")
    databases = [each.name for each in call.catalog.iter_databases()] if named is None else [named]
    for database in databases:
        yield from call.catalog.iter_functions(database)


def _key(function: Function) -> str:
    return f"{function.database}/{function.name}"


OPERATIONS: dict[str, Operation] = {
    "CreateUserDefinedFunction": create_user_defined_function,
    "GetUserDefinedFunction": get_user_defined_function,
    "GetUserDefinedFunctions": get_user_defined_functions,
    "UpdateUserDefinedFunction": update_user_defined_function,
    "DeleteUserDefinedFunction": delete_user_defined_function,
}
