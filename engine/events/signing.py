"""Signing what is told to webhooks, after the Standard Webhooks convention. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

import msgspec

from catalog.errors import InvalidInput
from engine.events.event_model import Event, envelope

PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The bytes that sign. Raises InvalidInput, without the secret in it."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else b""
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        why = f"it is to be {PREFIX} and 24 to 64 random bytes in base64, as of: openssl rand -base64 32"
        raise InvalidInput(what="the secret of a webhook", why=f"{why}.") from None
    return key


def signed(event: Event, secret: str, now: datetime) -> tuple[dict[str, str], bytes]:
    """Headers and body of a request that tells the event; the receiver is to compare the time with its own."""
    body = msgspec.json.encode(envelope(event))
    at = str(int(now.timestamp()))
    mac = hmac.new(key_of(secret), f"{event.id}.{at}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "content-type": "application/json",
        "user-agent": "isinglass",
        "webhook-id": event.id,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }
    return headers, body
