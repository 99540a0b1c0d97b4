"""Where the service may listen, as which hosts, and with which certificate."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from api.auth.http import LOOPBACK
from api.hive.doors import Network
from api.settings import Settings
from catalog.errors import DomainError, InvalidInput

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound to


class Unprotected(DomainError):
    """Isinglass does not listen on {host} {why}. Listen on 127.0.0.1, or set ISINGLASS_AUTH=on, and a certificate by ISINGLASS_TLS_CERTIFICATE and ISINGLASS_TLS_KEY or --behind-proxy."""  # noqa: E501 - it is one sentence


class CertificateUnusable(DomainError):
    """The certificate {certificate} and its key {key} cannot be used: {why}."""


@dataclass(frozen=True)
class Tls:
    certificate: Path
    key: Path


def demand_protected(settings: Settings, host: str) -> None:
    """Raises Unprotected if others could reach `host` without a token, or read the tokens on their way."""
    if host in LOOPBACK:
        return
    if settings.auth == "off":
        raise Unprotected(host=host, why="without auth")
    if not settings.behind_proxy and tls_of(settings) is None:
        raise Unprotected(host=host, why="without TLS")


def tls_of(settings: Settings) -> Tls | None:
    """Raises InvalidInput for a certificate without a key."""
    if settings.tls_certificate is None and settings.tls_key is None:
        return None
    if settings.tls_certificate is None or settings.tls_key is None:
        raise InvalidInput(what="TLS", why="ISINGLASS_TLS_CERTIFICATE and ISINGLASS_TLS_KEY go together.")
    return Tls(settings.tls_certificate.expanduser(), settings.tls_key.expanduser())


def names_of(settings: Settings, host: str) -> frozenset[str]:
    """The hosts that requests may name: those of this machine, the one listened on, and those of the setting."""
    return LOOPBACK | frozenset(_listed(settings.allowed_hosts)) | ({host} - set(_EVERYWHERE))


def networks_of(settings: Settings) -> tuple[Network, ...]:
    """The networks of the Hive face. Raises InvalidInput."""
    try:
        return tuple(ip_network(text) for text in _listed(settings.hive_networks))
    except ValueError as error:
        raise InvalidInput(what="setting ISINGLASS_HIVE_NETWORKS", why=f"{error}.") from error


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
