"""Methods about the service and the user."""

from __future__ import annotations

from typing import Any

from api.hive.session import Handler, Session

_ALIVE = 2  # fb303's status


def _set_ugi(session: Session, call: Any) -> list[str]:
    session.become(call.user_name or "unknown")
    return call.group_names or []


def _get_config_value(_session: Session, call: Any) -> str:
    """No setting of ours is one of Hive's, so the caller's default holds."""
    return call.defaultValue or ""


HANDLERS: dict[str, Handler] = {
    "getName": lambda *_: "Isinglass",
    "getVersion": lambda *_: "2.3.10",  # of the protocol: clients choose what to call by it
    "getStatus": lambda *_: _ALIVE,
    "set_ugi": _set_ugi,
    "get_config_value": _get_config_value,
}
