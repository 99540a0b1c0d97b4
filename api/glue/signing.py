"""AWS's Signature Version 4 of a request: who signed it, and that nobody changed it since.

After AWS's description of the algorithm; the refusals are worded as AWS words them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol
from urllib.parse import parse_qsl, quote

from api.glue import sts
from api.glue.account import DEFAULT_REGION
from api.glue.calls import Caller
from api.glue.failures import GlueFailure

ALGORITHM = "AWS4-HMAC-SHA256"
WINDOW = timedelta(minutes=15)
# What is not signed could be another's: the date would open the window again, the target choose another operation.
_TARGET = "x-amz-target"
_ALWAYS_SIGNED = ("host", "x-amz-date", _TARGET)
_SCOPE = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([a-z0-9-]{1,32})/([a-z0-9-]+)/aws4_request(?=[,\s]|$)")
_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")
_STAMP = "%Y%m%dT%H%M%SZ"
_STAMPED = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


class InvalidSignature(GlueFailure):
    pass


class IncompleteSignature(GlueFailure):
    pass


class MissingAuthenticationToken(GlueFailure):
    pass


class UnrecognizedClient(GlueFailure):
    pass


class ExpiredToken(GlueFailure):
    pass


@dataclass(frozen=True)
class AccessKey:
    """A secret that signs, and who holds it: a name, and whatever decides what they may do."""

    secret: str = field(repr=False)
    principal: str
    holder: object = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Request:
    """What is signed of a request: `headers` have lower-case names."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Signing(Protocol):
    def identify(self, request: Request) -> Caller:
        """Raises GlueFailure for a request that is refused."""
        ...


class Unchecked:
    """Anyone may ask, as on loopback; the region is still that which the client signed for."""

    def identify(self, request: Request) -> Caller:
        found = _SCOPE.search(request.headers.get("authorization", ""))
        return Caller(region=found[3] if found else DEFAULT_REGION)


class Checked:
    """Whoever holds an access key: `key_of` looks one up by its id, and gives None for one that is not there."""

    def __init__(self, key_of: Callable[[str], AccessKey | None], now: Callable[[], datetime]) -> None:
        self.key_of = key_of
        self.now = now

    def identify(self, request: Request) -> Caller:
        signed = _read(request.headers)
        now = self.now()
        _demand_in_time(signed, now)
        key = self.key_of(signed.key_id)
        if key is None:
            raise UnrecognizedClient("The security token included in the request is invalid.")
        wanted = signature_of(request, signed.headers, signed.stamp, signed.region, key.secret)
        if not hmac.compare_digest(wanted, signed.signature):
            raise InvalidSignature(_MISMATCH)
        if key.expires_at is not None and key.expires_at <= now:
            raise ExpiredToken("The security token included in the request is expired")
        return Caller(key.principal, signed.region, key.holder)


@dataclass(frozen=True)
class _Signed:
    key_id: str
    region: str
    headers: tuple[str, ...]
    stamp: str
    signature: str


def _read(headers: Mapping[str, str]) -> _Signed:
    """What the Authorization header claims. Raises the failures of a request that is not signed, or not fully."""
    text = headers.get("authorization", "")
    if not text:
        raise MissingAuthenticationToken("Missing Authentication Token")
    if not text.startswith(f"{ALGORITHM} "):
        raise IncompleteSignature(f"Authorization header is not signed by '{ALGORITHM}'.")
    parts = dict(_PART.findall(text))
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if name not in parts]
    stamp = headers.get("x-amz-date", "")
    told = [f"Authorization header requires '{name}' parameter." for name in missing]
    if not stamp:
        told.append("Authorization header requires existence of a 'X-Amz-Date' header.")
    if told:
        raise IncompleteSignature(" ".join(told))
    scope = _SCOPE.search(text)
    if scope is None:
        why = f"it is to be <key>/<date>/<region>/{_service(headers)}/aws4_request"
        raise IncompleteSignature(f"Credential in the Authorization header is not valid: {why}.")
    key_id, day, region, service = scope.groups()
    if service != _service(headers):
        raise InvalidSignature(f"Credential should be scoped to correct service: '{_service(headers)}'.")
    if not stamp.startswith(day):
        told_day = f"'{day}' != '{stamp[:8]}', from '{stamp[:32]}'"
        raise InvalidSignature(
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: {told_day}."
        )
    names = tuple(parts["SignedHeaders"].lower().split(";"))
    always = [name for name in _ALWAYS_SIGNED if name != _TARGET or not sts.is_asked(headers)]
    for name in (*always, *(["x-amz-security-token"] if "x-amz-security-token" in headers else [])):
        if name not in names:
            raise InvalidSignature(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    return _Signed(key_id, region, names, stamp, parts["Signature"])


def _service(headers: Mapping[str, str]) -> str:
    """What a request is to be signed for."""
    if sts.is_asked(headers):
        return sts.SERVICE
    return "logs" if headers.get(_TARGET, "").startswith("Logs_") else "glue"


def _demand_in_time(signed: _Signed, now: datetime) -> None:
    at = _instant(signed.stamp)
    if at is None:
        raise IncompleteSignature(f"Date must be in ISO-8601 'basic format'. Got '{signed.stamp[:32]}'.")
    if at < now - WINDOW:
        limits = f"{now - WINDOW:{_STAMP}} ({now:{_STAMP}} - 15 min.)"
        raise InvalidSignature(f"Signature expired: {signed.stamp} is now earlier than {limits}")
    if at > now + WINDOW:
        limits = f"{now + WINDOW:{_STAMP}} ({now:{_STAMP}} + 15 min.)"
        raise InvalidSignature(f"Signature not yet current: {signed.stamp} is still later than {limits}")


def _instant(stamp: str) -> datetime | None:
    """Not by strptime, which takes ten times as long."""
    if not _STAMPED.fullmatch(stamp):
        return None
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None


def signature_of(request: Request, names: tuple[str, ...], stamp: str, region: str, secret: str) -> str:
    """The signature of the holder of `secret`. Raises InvalidSignature for a hash that is not the body's."""
    hashed = hashlib.sha256(request.body).hexdigest()
    if request.headers.get("x-amz-content-sha256", hashed) != hashed:
        raise InvalidSignature("The provided 'x-amz-content-sha256' header does not match what was computed.")
    told = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    query = sorted(parse_qsl(request.query, keep_blank_values=True))
    canonical = "\n".join(
        (
            request.method,
            quote(request.path, safe="/-_.~"),
            "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query),
            told,
            ";".join(names),
            hashed,
        )
    )
    service = _service(request.headers)
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    to_sign = "\n".join((ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    return hmac.new(_signing_key(secret, stamp[:8], region, service), to_sign.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=256)
def _signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
