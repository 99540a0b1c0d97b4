"""How S3 is reached: keys, region and endpoint, found where AWS's own tools look, in their order.

The environment's AWS_… first, then the profile in AWS's two files, then what the machine or container is given; where
there is none of them, requests are not signed, which is enough for public buckets. A profile whose keys are not in it,
but got by a process, a role or a login, is read by botocore (aws_chain).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from configparser import Error as BadFile
from configparser import RawConfigParser
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from crawlers.places import aws_chain

_GIVEN = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
_METADATA = "http://169.254.169.254"
_METADATA_IPV6 = "http://[fd00:ec2::254]"
_YES = ("1", "true", "yes")


@dataclass(frozen=True)
class Access:
    """`options` are obstore's (and Delta's) words for a store; `signed`: requests carry a signature."""

    endpoint: str | None
    region: str
    signed: bool
    options: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Access({self.endpoint}, {self.region})"  # the keys in `options` are for no log


def find_access(environment: Mapping[str, str] = os.environ) -> Access:
    """Raises ValueError for an endpoint that no request may go to, and for keys that cannot be got."""
    profile = _profile(environment)
    endpoint = next(
        (
            found
            for found in (
                environment.get("AWS_ENDPOINT_URL_S3"),
                environment.get("AWS_ENDPOINT_URL"),
                profile.get("s3.endpoint_url"),
                profile.get("endpoint_url"),
            )
            if found
        ),
        None,
    )
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or profile.get("region")
    keys = _environment_keys(environment) or _profile_keys(environment, profile)
    options = {"aws_region": region or "us-east-1", **keys}
    if endpoint:
        _demand_allowed(endpoint, environment)
        options |= {"aws_endpoint": endpoint.rstrip("/"), "aws_allow_http": "true"}
    virtual = environment.get("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "").lower() in _YES
    if virtual or profile.get("s3.addressing_style") == "virtual":
        options["aws_virtual_hosted_style_request"] = "true"
    signed = bool(keys) or any(environment.get(name) for name in _GIVEN)
    if not signed and environment.get("AWS_EC2_METADATA_DISABLED", "").lower() != "true":
        metadata = _metadata_endpoint(environment, profile)
        signed = _machine_has_metadata(metadata)
        options |= {"aws_metadata_endpoint": metadata} if signed and metadata != _METADATA else {}
    if environment.get("AWS_SKIP_SIGNATURE", "").lower() in _YES or not signed:
        signed = False
        options["aws_skip_signature"] = "true"
    return Access(endpoint, options["aws_region"], signed, options)


def _environment_keys(environment: Mapping[str, str]) -> dict[str, str]:
    return _pair({name: environment.get(name.upper(), "") for name in _KEYS})


def _profile_keys(environment: Mapping[str, str], profile: Mapping[str, str]) -> dict[str, str]:
    """None beside half a pair in the environment: half of each is no pair."""
    if environment.get("AWS_ACCESS_KEY_ID"):
        return {}
    if aws_chain.is_chained(profile):
        return _pair(aws_chain.get_keys(_profile_name(environment), profile, *_files(environment)))
    return _pair({name: profile.get(name, "") for name in _KEYS})


def _pair(found: Mapping[str, str]) -> dict[str, str]:
    if not (found["aws_access_key_id"] and found["aws_secret_access_key"]):
        return {}
    return {name: value for name, value in found.items() if value}


def _profile_name(environment: Mapping[str, str]) -> str:
    return environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or "default"


def _files(environment: Mapping[str, str]) -> tuple[Path, Path]:
    """AWS's config and credentials files."""
    home = Path(environment.get("HOME") or "~").expanduser() / ".aws"
    return (
        Path(environment.get("AWS_CONFIG_FILE") or home / "config").expanduser(),
        Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials").expanduser(),
    )


def _profile(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings of AWS_PROFILE in AWS's config and credentials files; those of S3 alone begin with `s3.`."""
    name = _profile_name(environment)
    config, credentials = map(_sections, _files(environment))
    found = config.get(name if name == "default" else f"profile {name}", {})
    services = config.get(f"services {found['services']}", {}) if "services" in found else {}
    return services | found | credentials.get(name, {})


def _sections(path: Path) -> dict[str, dict[str, str]]:
    """A file of AWS's; settings that are indented below `s3 =` are named `s3.…`. Empty if there is none."""
    parser = RawConfigParser(strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (BadFile, OSError, UnicodeDecodeError):
        return {}  # AWS's tools, too, go on to the next source
    found: dict[str, dict[str, str]] = {}
    for section in parser.sections():
        settings = found[section] = {}
        for name, value in parser.items(section):
            if not value.startswith("\n"):
                settings[name] = value
                continue
            for line in value.strip().splitlines():
                inner, _, inner_value = line.partition("=")
                settings[f"{name}.{inner.strip()}"] = inner_value.strip()
    return found


def _demand_allowed(endpoint: str, environment: Mapping[str, str]) -> None:
    """Plain HTTP shows all that is read to the network: it needs a word of permission, except inside this machine."""
    address = urlsplit(endpoint)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError("the endpoint is no URL such as https://s3.example.org")
    if address.username or address.password:
        raise ValueError("the endpoint holds a user or password; give keys as AWS_ACCESS_KEY_ID and its kin")
    if address.scheme == "https" or environment.get("AWS_ALLOW_HTTP", "").lower() in _YES:
        return
    if not _is_loopback(address.hostname):
        raise ValueError("the endpoint is plain http on another machine; use https, or set AWS_ALLOW_HTTP=true")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _metadata_endpoint(environment: Mapping[str, str], profile: Mapping[str, str]) -> str:
    """Where a machine of a cloud asks for its keys."""
    name = "ec2_metadata_service_endpoint"
    given = environment.get(f"AWS_{name.upper()}") or profile.get(name)
    mode = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE") or profile.get(f"{name}_mode") or ""
    return (given or (_METADATA_IPV6 if mode.lower() == "ipv6" else _METADATA)).rstrip("/")


@lru_cache(maxsize=8)
def _machine_has_metadata(endpoint: str) -> bool:
    """Whether this is a machine of a cloud that hands out keys. Asked once: elsewhere the answer takes a second."""
    address = urlsplit(endpoint)
    try:
        socket.create_connection((address.hostname, address.port or 80), timeout=1).close()
    except OSError:
        return False
    return True
