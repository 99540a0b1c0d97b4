"""Where a webhook may lead: a URL is checked when it is given, and each address that it resolves to when it is used.

A name is resolved once, and what is connected to is the address that was checked: a name server that answers otherwise
the second time gains nothing. Addresses of one link, where clouds keep their metadata, are never connected to. Without
TLS, only this machine and private networks are: what is told is signed, but could be read on its way.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from catalog.errors import InvalidInput
from catalog.secrets import holds_password
from engine.errors import WebhookTargetRefused

LONGEST_URL = 2_000
_METADATA = (
    *(ip_network(each) for each in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "fd20:ce::/32")),
    *(ip_network(each) for each in ("100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32")),
)
_EMBEDDING = ip_network("64:ff9b::/96")  # IPv4 addresses as a NAT64 gateway takes them
Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Target:
    """A URL, taken apart; `path` is all that comes behind the host."""

    secure: bool
    host: str
    port: int
    path: str


def parse_target(url: str, hosts: Sequence[str]) -> Target:
    """Raises InvalidInput for what is no URL of a webhook; WebhookTargetRefused for a host that is not allowed."""
    what = "the URL of a webhook"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidInput(what=what, why="it cannot be read.") from None
    named = all(1 <= len(label) <= 63 for label in host.removesuffix(".").split("."))
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= LONGEST_URL
    if not plain or parts.scheme not in ("http", "https") or not named or port == 0:
        raise InvalidInput(what=what, why="give one such as https://host.example/path, of plain characters.")
    if "@" in parts.netloc or holds_password(url):
        raise InvalidInput(what=what, why="a password seems to stand in it, and URLs are shown; requests are signed.")
    target = Target(parts.scheme == "https", host, port or _port(parts), _path(parts))
    if hosts and not any(_named(target.host, each) for each in hosts):
        raise WebhookTargetRefused(host=target.host, why="ISINGLASS_WEBHOOK_HOSTS does not name it")
    with suppress(ValueError):  # a name, which is resolved when it is used
        demand_allowed(target, ip_address(target.host))
    return target


def resolve(target: Target) -> tuple[int, str]:
    """The family and text of the address to connect to. Raises OSError, WebhookTargetRefused."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    for _, _, _, _, address in found:
        demand_allowed(target, ip_address(str(address[0]).partition("%")[0]))
    family, _, _, _, address = found[0]
    return family, str(address[0])


def demand_allowed(target: Target, given: Address) -> None:
    """Raises WebhookTargetRefused."""
    address = _embedded(given)
    if any(address in network for network in _METADATA if network.version == address.version):
        why = f"{address} is of this link or of a cloud's metadata"
    elif address.is_multicast or address.is_unspecified or address == IPv4Address("255.255.255.255"):
        why = f"{address} is no host's address"
    elif not target.secure and not address.is_private:
        why = f"{address} is not of a private network; use https"
    else:
        return
    raise WebhookTargetRefused(host=target.host, why=why)


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _EMBEDDING:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address


def _named(host: str, allowed: str) -> bool:
    """`*.example.com` names all hosts below that domain."""
    allowed = allowed.lower()
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def _port(parts: SplitResult) -> int:
    return 443 if parts.scheme == "https" else 80


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
