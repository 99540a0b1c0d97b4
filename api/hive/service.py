"""Methods about the service and the user."""

from __future__ import annotations

from typing import Any

from api.hive.bindings import hive
from api.hive.session import Handler, Session
from catalog.names import NULL_PARTITION

_ALIVE = 2  # fb303's status
_TOLD = ("hive", "hdfs", "mapred")
_SETTINGS = {
    "hive.exec.default.partition.name": NULL_PARTITION,
    "hive.metastore.disallow.incompatible.col.type.changes": "true",
}


def _set_ugi(session: Session, call: Any) -> list[str]:
    session.become(call.user_name or "unknown")
    return call.group_names or []


def _get_config_value(_session: Session, call: Any) -> str:
    """One that clients read data by; else the caller's default holds, as no setting of ours is one of Hive's.

    Raises ConfigValSecurityException for what is none of a client's business, as Hive draws the line.
    """
    name = call.name or ""
    if name and (not name.startswith(_TOLD) or "password" in name.lower()):
        raise hive.ConfigValSecurityException(f"The setting {name} is not told to clients.")
    return _SETTINGS.get(name, call.defaultValue or "")


HANDLERS: dict[str, Handler] = {
    "getName": lambda *_: "Isinglass",
    "getVersion": lambda *_: "2.3.10",  # of the protocol: clients choose what to call by it
    "getStatus": lambda *_: _ALIVE,
    "set_ugi": _set_ugi,
    "get_config_value": _get_config_value,
}
