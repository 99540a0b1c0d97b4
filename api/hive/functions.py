"""Methods about user-defined functions."""

from __future__ import annotations

import re
from typing import Any

from api.hive.bindings import hive
from api.hive.identifiers import database_name, pattern
from api.hive.session import Handler, Session
from catalog.errors import InvalidInput, NotFound
from catalog.model import Function, Resource

# Numbers of the wire and what they mean.
_OWNERS = {1: "USER", 2: "ROLE", 3: "GROUP"}
_TYPES = {1: "JAVA"}
_RESOURCES = {1: "JAR", 2: "FILE", 3: "ARCHIVE"}


def _create_function(session: Session, call: Any) -> None:
    session.catalog.create_function(function_value(call.func))


def _alter_function(session: Session, call: Any) -> None:
    database = database_name(call.dbName)
    if session.catalog.find_function(database, call.funcName) is None:
        raise hive.MetaException(_missing(call))
    session.catalog.update_function(database, call.funcName, function_value(call.newFunc))


def _drop_function(session: Session, call: Any) -> None:
    try:
        session.catalog.delete_function(database_name(call.dbName), call.funcName)
    except NotFound as error:
        raise hive.NoSuchObjectException(_missing(call)) from error


def _get_function(session: Session, call: Any) -> Any:
    found = session.catalog.find_function(database_name(call.dbName), call.funcName)
    if found is None:
        raise hive.NoSuchObjectException(_missing(call))
    return function_struct(found)


def _missing(call: Any) -> str:
    """In Hive's words: Spark looks for `name does not exist` in them to learn that a name is free."""
    return f"Function {database_name(call.dbName)}.{call.funcName} does not exist"


def _get_functions(session: Session, call: Any) -> list[str]:
    """Names; of a missing database none, and none for an empty pattern, which fits all elsewhere."""
    database = database_name(call.dbName)
    if call.pattern == "" or session.catalog.find_database(database) is None:
        return []
    fits = pattern(call.pattern).fullmatch
    return [function.name for function in session.catalog.iter_functions(database) if fits(function.name)]


def _get_all_functions(session: Session, _call: Any) -> Any:
    everywhere = [session.catalog.iter_functions(database.name) for database in session.catalog.iter_databases()]
    return hive.GetAllFunctionsResponse(functions=[function_struct(each) for found in everywhere for each in found])


def function_struct(function: Function) -> Any:
    return hive.Function(
        functionName=function.name,
        dbName=function.database,
        className=function.class_name,
        ownerName=function.owner,
        ownerType=_number(_OWNERS, function.owner_type),
        createTime=int(function.created_at.timestamp()) if function.created_at else 0,
        functionType=_number(_TYPES, function.function_type),
        resourceUris=[
            hive.ResourceUri(resourceType=_number(_RESOURCES, each.type), uri=each.uri) for each in function.resources
        ],
    )


def function_value(struct: Any) -> Function:
    """Raises InvalidInput for a name that no SQL could call."""
    if not re.fullmatch(r"\w+", struct.functionName or "", re.ASCII):
        why = "it is none that a statement could call: letters, digits and underscores of ASCII."
        raise InvalidInput(what=f"Function name {struct.functionName!r}", why=why)
    return Function(
        database_name(struct.dbName or ""),
        struct.functionName,
        struct.className or "",
        owner=struct.ownerName,
        owner_type=_OWNERS.get(struct.ownerType, "USER"),
        function_type=_TYPES.get(struct.functionType, "JAVA"),
        resources=tuple(
            Resource(_RESOURCES.get(each.resourceType, "FILE"), each.uri or "") for each in struct.resourceUris or ()
        ),
    )


def _number(meanings: dict[int, str], text: str) -> int:
    """The number that means `text`; the first for what Hive has no number for."""
    return next((number for number, meaning in meanings.items() if meaning == text), 1)


HANDLERS: dict[str, Handler] = {
    "create_function": _create_function,
    "alter_function": _alter_function,
    "drop_function": _drop_function,
    "get_function": _get_function,
    "get_functions": _get_functions,
    "get_all_functions": _get_all_functions,
}
