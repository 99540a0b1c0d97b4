"""Storage descriptors: one row for all partitions whose descriptors differ in nothing but their location.

One that no partition refers to any more is removed by and by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from functools import cache, partial
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from catalog import rows
from catalog.db import in_parts
from catalog.model import StorageDescriptor
from catalog.prepared import Prepared

# The database looks through all partitions for each one that goes, so few go at a time.
AT_ONCE = 20

_c = rows.storage_descriptors.c
_BY_ID = select(_c.id, _c.body).where(_c.id.in_(bindparam("ids", expanding=True)))
_BY_HASH = select(_c.hash, _c.id).where(_c.hash.in_(bindparam("hashes", expanding=True)))
_ONE_BY_HASH = Prepared(select(_c.id).where(_c.hash == bindparam("hash")))
_SHARED = tuple(field.name for field in fields(StorageDescriptor) if field.name != "location")
_shared = attrgetter(*_SHARED)
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(StorageDescriptor).decode


def unlocated(storage: StorageDescriptor) -> Callable[..., StorageDescriptor]:
    """`storage` for want of its location; dataclasses.replace would take most of a partition's reading."""
    return partial(StorageDescriptor, **dict(zip(_SHARED, _shared(storage), strict=True)))


def read_storages(connection: Connection, ids: Iterable[int]) -> dict[int, StorageDescriptor]:
    """The descriptors in these rows, without a location."""
    return {key: _decode(body) for key, body in connection.execute(_BY_ID, {"ids": list(ids)})}


def put_storages(connection: Connection, storages: Sequence[StorageDescriptor]) -> list[int]:
    """The row of each descriptor, made where it is new."""
    bodies: dict[str, str] = {}
    hashes: list[str] = []
    before: tuple[object, ...] | None = None
    for storage in storages:
        shared = _shared(storage)
        if shared != before:  # mostly it is the neighbour's
            before, body = shared, _encode(replace(storage, location=None))
            hashed = hashlib.blake2b(body, digest_size=16).hexdigest()
            bodies[hashed] = body.decode()
        hashes.append(hashed)
    ids = _known(connection, list(bodies))
    new = sorted(bodies.keys() - ids.keys())  # in one order, so that two writers do not wait for each other
    if new:
        made = [{"hash": hashed, "body": bodies[hashed]} for hashed in new]
        _insert(connection.dialect.name).write_all(connection, made)
        ids |= _known(connection, new)
    return [ids[hashed] for hashed in hashes]


def _known(connection: Connection, hashes: list[str]) -> dict[str, int]:
    if len(hashes) == 1:
        [hashed] = hashes
        found = _ONE_BY_HASH.first(connection, {"hash": hashed})
        return {} if found is None else {hashed: found.id}
    return {row.hash: row.id for part in in_parts(hashes) for row in connection.execute(_BY_HASH, {"hashes": part})}


@cache
def _insert(dialect: str) -> Prepared:
    new: Any = (postgresql if dialect == "postgresql" else sqlite).insert(rows.storage_descriptors)
    return Prepared(new.on_conflict_do_nothing(index_elements=["hash"]))


def prune_storages(connection: Connection) -> int:
    """Delete up to AT_ONCE descriptors without partitions; how many there were. None while others use them."""
    if not _alone(connection):
        return 0
    used = select(rows.partitions.c.storage_id)
    unused = connection.execute(select(_c.id).where(_c.id.not_in(used)).limit(AT_ONCE)).scalars().all()
    return connection.execute(delete(rows.storage_descriptors).where(_c.id.in_(unused))).rowcount


def _alone(connection: Connection) -> bool:
    """Whether nobody else can refer to a descriptor before this transaction ends; on SQLite that is so anyway."""
    if connection.dialect.name == "sqlite":
        return True
    try:
        with connection.begin_nested():
            connection.execute(text("LOCK TABLE storage_descriptors IN ACCESS EXCLUSIVE MODE NOWAIT"))
    except OperationalError:
        return False
    return True
