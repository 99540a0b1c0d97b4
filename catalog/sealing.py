"""Sealing of secrets: AES-256-GCM with a key that is given, whose id is kept beside what it sealed."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from catalog.errors import SecretUnusable

KEY_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True)
class Sealed:
    """`text` can be opened with the key of that id alone, and only as what it was sealed as."""

    key_id: str
    text: str


class Sealer:
    """Seals with the first of its keys, opens with any."""

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        self._keys = {key_id(key): key for key in keys}

    @property
    def current(self) -> str | None:
        """The id of the key that seals."""
        return next(iter(self._keys), None)

    def seal(self, secret: str, what: str) -> Sealed:
        """`what` says whose secret it is; it opens under no other name. Raises SecretUnusable without a key."""
        if self.current is None:
            raise SecretUnusable(what=what, why="there is no key to seal it with.")
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(self._keys[self.current]).encrypt(nonce, secret.encode(), what.encode())
        return Sealed(self.current, base64.b64encode(sealed).decode())

    def open(self, sealed: Sealed, what: str) -> str:
        """Raises SecretUnusable if the key is not at hand, or the text is not what was sealed as `what`."""
        key = self._keys.get(sealed.key_id)
        if key is None:
            why = f"key {sealed.key_id} sealed it and is not at hand; give that key back, or set the secret anew."
            raise SecretUnusable(what=what, why=why)
        try:
            whole = base64.b64decode(sealed.text, validate=True)
            return AESGCM(key).decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], what.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise SecretUnusable(what=what, why="it is not what was sealed; set the secret anew.") from error


def key_id(key: bytes) -> str:
    """A name of the key that gives nothing of it away."""
    return blake2b(key, digest_size=8, person=b"isinglass-key").hexdigest()
