"""The gate before the metastore's methods. Its protocol proves nobody: all clients of one server are one principal,
and a server takes only clients from where that principal's are: named networks, or this machine's own user."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Any

from api.auth.audit import Asking
from api.auth.gate import Gate
from api.auth.principals import WHOLE, Action, Principal, Resource, in_database

Network = IPv4Network | IPv6Network
_VIEWING = ("get", "list_", "partition_name_", "set_ugi", "show_locks")
_EDITING = ("add_", "alter_", "append_", "create_", "delete_", "drop_", "rename_", "set_aggr", "truncate_", "update_")
_LOCKING = ("lock", "unlock", "check_lock", "heartbeat")  # whoever holds a lock keeps writers out
_NAMES = ("dbname", "db_name", "dbName", "database")
_SOCKETS = Path("/proc/net")


@dataclass(frozen=True)
class Door:
    """Whom a server takes, and as whom."""

    gate: Gate
    principal: Principal
    admits: Callable[[socket.socket], bool]

    def demand(self, method: str, arguments: Any) -> None:
        """Raises Forbidden unless the principal may call the method."""
        self.gate.demand(self.principal, action_of(method), _named(arguments), Asking("hive", method))


def action_of(method: str) -> Action:
    """What is neither known to read nor to write is an admin's."""
    if method.startswith(_VIEWING):
        return Action.VIEW
    return Action.EDIT if method.startswith(_EDITING) or method in _LOCKING else Action.ADMINISTER


def from_networks(networks: Sequence[Network]) -> Callable[[socket.socket], bool]:
    def admits(peer: socket.socket) -> bool:
        address = ip_address(peer.getpeername()[0].partition("%")[0])
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in networks)

    return admits


def from_own_user(peer: socket.socket) -> bool:
    """Whether a process of this process's user has the other end of a connection on loopback.

    The system tells that in /proc/net. Where there is none (macOS), all processes of the machine are taken.
    """
    return not _SOCKETS.exists() or _owner(peer.getpeername()[:2], peer.getsockname()[1]) == os.getuid()


def _owner(end: tuple[str, int], other_port: int) -> int | None:
    """The user of the process whose connection begins at `end`. A Java's may be one of IPv6 with IPv4's address."""
    address = socket.inet_aton(end[0])[::-1].hex().upper()
    ends = {f"{address}:{end[1]:04X}", f"{'0' * 16}FFFF0000{address}:{end[1]:04X}"}
    for table in ("tcp", "tcp6"):
        file = _SOCKETS / table
        for line in file.read_text().splitlines()[1:] if file.exists() else ():
            fields = line.split()
            if fields[1] in ends and fields[2].endswith(f":{other_port:04X}"):
                return int(fields[7])
    return None


def _named(arguments: Any) -> Resource:
    given = (getattr(arguments, name, None) for name in _NAMES)
    return next((in_database(name) for name in given if isinstance(name, str)), WHOLE)
