"""Access keys, by which clients of AWS sign requests: made, found by their ids, listed, revoked, and sealed anew."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from api.auth import rows
from api.auth.grants import Issued, Wanted, issued_of
from catalog.db import insert
from catalog.errors import AlreadyExists, NotFound
from catalog.model import Page
from catalog.paging import by_name
from catalog.sealing import Sealed, Sealer

ID_PREFIX = "ISGK"
LISTING = by_name("access keys")
_k = rows.access_keys.c


def create_key(connection: Connection, wanted: Wanted, now: datetime, by: str, sealer: Sealer) -> tuple[Issued, str]:
    """The key and its secret. Raises AlreadyExists, InvalidInput, SecretUnusable."""
    key_id = ID_PREFIX + base64.b32encode(secrets.token_bytes(10)).decode()  # 20 signs, as AWS's have
    secret = f"isgs_{secrets.token_urlsafe(30)}"
    sealed = sealer.seal(secret, _what(key_id))
    values = wanted.values(now, by) | {"id": key_id, "sealed_by": sealed.key_id, "sealed": sealed.text}
    new = insert(connection, rows.access_keys).values(values).on_conflict_do_nothing().returning(rows.access_keys)
    made = connection.execute(new).mappings().first()
    if made is None:
        raise AlreadyExists(kind="Access key", name=wanted.name)
    return issued_of(made), secret


def find_key(connection: Connection, key_id: str, sealer: Sealer) -> tuple[Issued, str] | None:
    """The key and its secret. Raises SecretUnusable."""
    row = connection.execute(select(rows.access_keys).where(_k.id == key_id)).mappings().first()
    if row is None:
        return None
    return issued_of(row), sealer.open(Sealed(row["sealed_by"], row["sealed"]), _what(key_id))


def list_keys(connection: Connection, limit: int, token: str | None) -> Page[Issued]:
    after = LISTING.after(token)
    statement = select(rows.access_keys).where(_k.name > after).order_by(_k.name).limit(limit + 1)
    found = [issued_of(row) for row in connection.execute(statement).mappings()]
    return LISTING.page(found, limit, lambda each: each.name)


def revoke_key(connection: Connection, name: str) -> Issued:
    """Raises NotFound."""
    gone = connection.execute(delete(rows.access_keys).where(_k.name == name).returning(rows.access_keys))
    row = gone.mappings().first()
    if row is None:
        raise NotFound(kind="Access key", name=name)
    return issued_of(row)


def note_key_use(connection: Connection, key_id: str, now: datetime) -> None:
    connection.execute(update(rows.access_keys).where(_k.id == key_id).values(used_at=now))


def reseal_keys(connection: Connection, sealer: Sealer) -> int:
    """Seal with the sealer's current key what another key sealed; how many there were. Raises SecretUnusable."""
    old = connection.execute(select(rows.access_keys).where(_k.sealed_by != sealer.current).with_for_update()).all()
    for row in old:
        sealed = sealer.seal(sealer.open(Sealed(row.sealed_by, row.sealed), _what(row.id)), _what(row.id))
        anew = update(rows.access_keys).where(_k.id == row.id)
        connection.execute(anew.values(sealed_by=sealed.key_id, sealed=sealed.text))
    return len(old)


def _what(key_id: str) -> str:
    return f"secret of access key {key_id}"
