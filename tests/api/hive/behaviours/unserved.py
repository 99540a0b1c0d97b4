"""Methods of the metastore that our server does not have: what each takes, answers and may raise.

Facts of the wire as in `api.hive.methods`, for clients alone. One that comes to be served moves there.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from thriftpy2.thrift import TMessageType

from api.hive.bindings import Failure, Struct, hive, make, numbered
from api.hive.client import Client
from api.hive.methods import Method, method

# A struct's name here begins with Asked, so that it never stands in for one that the server lacks.
_STRUCTS = {
    "AskedDatabase": "name:string description:string locationUri:string parameters:map<string,string> "
    "privileges:string ownerName:string ownerType:i32",
}
for _name, _text in _STRUCTS.items():
    if not hasattr(hive, _name):
        setattr(hive, _name, make(_name, numbered(_text), Failure if _name.endswith("Exception") else Struct))

_METHODS = {"no_such_method": ("", "", "")}
# Methods that are served, with a struct that has more fields than the server knows.
_METHODS["create_database owned"] = ("database:AskedDatabase", "", "AlreadyExists InvalidObject Meta")
_METHODS["get_database owned"] = ("name:string", "AskedDatabase", "NoSuchObject Meta")


@cache
def asked_method(name: str) -> Method:
    """As `api.hive.methods.method`, of these methods as well. What follows a space in the name is not sent."""
    if name not in _METHODS:
        return method(name)
    arguments, result, raised = _METHODS[name]
    exceptions = tuple(f"{short}Exception" for short in raised.split())
    answer = {0: f"success:{result}"} if result else {}
    answer |= {number: f"{exception}:{exception}" for number, exception in enumerate(exceptions, 1)}
    return Method(make(f"{name}_args", numbered(arguments)), make(f"{name}_result", answer), bool(result), exceptions)


class AskedClient(Client):
    """A client of these methods as well."""

    def __init__(self, port: int) -> None:
        super().__init__(port, timeout=60, methods=asked_method)

    def send(self, name: str, request: Any, kind: int = TMessageType.CALL) -> int:
        return super().send(name.partition(" ")[0], request, kind)
