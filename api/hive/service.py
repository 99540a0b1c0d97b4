"""Methods about the service and the user, and functions, of which the catalog holds none."""

from __future__ import annotations

from typing import Any

from api.hive.bindings import hive
from api.hive.session import Handler, Session

_ALIVE = 2  # fb303's status


def _set_ugi(session: Session, call: Any) -> list[str]:
    session.become(call.user_name or "unknown")
    return call.group_names or []


def _get_config_value(_session: Session, call: Any) -> str:
    """No setting of ours is one of Hive's, so the caller's default holds."""
    return call.defaultValue or ""


def _get_function(_session: Session, call: Any) -> object:
    raise hive.NoSuchObjectException(f"Function {call.dbName}.{call.funcName} not found.")


HANDLERS: dict[str, Handler] = {
    "getName": lambda *_: "Isinglass",
    "getVersion": lambda *_: "2.3.10",  # of the protocol: clients choose what to call by it
    "getStatus": lambda *_: _ALIVE,
    "set_ugi": _set_ugi,
    "get_config_value": _get_config_value,
    "get_functions": lambda *_: [],
    "get_function": _get_function,
    "get_all_functions": lambda *_: hive.GetAllFunctionsResponse(functions=[]),
}
