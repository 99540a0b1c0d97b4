"""Connections: create, get, find, list, update, delete; and their secrets: seal, open, rotate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog import model, rows
from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.model import Page, Parameters
from catalog.names import demand_name
from catalog.paging import by_name
from catalog.sealing import Sealed, Sealer
from catalog.secrets import parted
from catalog.tags import add_tags, delete_tags

LISTING = by_name("connections")

_c = rows.connections.c
_s = rows.connection_secrets.c
_decode = msgspec.json.Decoder(model.Connection).decode


def create_connection(
    connection: Connection,
    new: model.Connection,
    secrets: Mapping[str, str],
    sealer: Sealer,
    now: datetime,
    tags: Mapping[str, str] | None = None,
) -> model.Connection:
    """`secrets` are sealed, and so is every property whose name tells that it is secret (catalog.secrets).

    Raises AlreadyExists; InvalidInput for a name that is none, a password inside a URL, and a secret that is named
    without a value; SecretUnusable.
    """
    demand_name("Connection", new.name)
    checked, given = _checked(new, secrets, kept=set())
    created = replace(checked, version=0, created_at=now, updated_at=now)
    values = {"name": created.name, "created_at": now, **_values(created)}
    try:
        connection.execute(insert(rows.connections).values(values))
    except IntegrityError as error:
        raise AlreadyExists(kind="Connection", name=created.name) from error
    _seal(connection, created.name, given, sealer)
    add_tags(connection, "connection", created.name, tags)
    return created


def find_connection(connection: Connection, name: str) -> model.Connection | None:
    row = connection.execute(select(rows.connections).where(_c.name == name)).first()
    return _connection(row) if row else None


def get_connection(connection: Connection, name: str) -> model.Connection:
    """Raises NotFound."""
    found = find_connection(connection, name)
    if found is None:
        raise NotFound(kind="Connection", name=name)
    return found


def list_connections(
    connection: Connection, limit: int, token: str | None, kind: str | None = None
) -> Page[model.Connection]:
    """In the order of their names; of one kind, or all."""
    statement = select(rows.connections).where(_c.name > LISTING.after(token))
    if kind is not None:
        statement = statement.where(_c.kind == kind)
    found = [_connection(row) for row in connection.execute(statement.order_by(_c.name).limit(limit + 1))]
    return LISTING.page(found, limit, lambda each: each.name)


def batch_get_connections(connection: Connection, names: Sequence[str]) -> list[model.Connection]:
    """Those of them that are there."""
    return [_connection(row) for row in connection.execute(select(rows.connections).where(_c.name.in_(names)))]


def update_connection(
    connection: Connection,
    changed: model.Connection,
    secrets: Mapping[str, str],
    sealer: Sealer,
    now: datetime,
    expected_version: int | None = None,
) -> model.Connection:
    """Replace the definition. Secrets that `changed` names keep their values where `secrets` has none; others go.

    What changes nothing writes nothing. Raises NotFound; VersionConflict if the connection is not at the version that
    was expected, or changes meanwhile; and what create_connection raises.
    """
    current = get_connection(connection, changed.name)
    expected = current.version if expected_version is None else expected_version
    checked, given = _checked(changed, secrets, kept=set(current.secrets))
    if expected == current.version and not given and _bare(checked) == _bare(current):
        return current
    written = replace(checked, version=expected + 1, created_at=current.created_at, updated_at=now)
    guarded = update(rows.connections).where(_c.name == current.name, _c.version == expected)
    if connection.execute(guarded.values(_values(written))).rowcount != 1:
        actual = get_connection(connection, current.name).version
        raise VersionConflict(kind="Connection", name=current.name, expected=expected, actual=actual)
    kept = set(written.secrets) - set(given)
    connection.execute(
        delete(rows.connection_secrets).where(_s.connection == current.name, _s.name.not_in(sorted(kept)))
    )
    _seal(connection, current.name, given, sealer)
    return written


def delete_connection(connection: Connection, name: str) -> None:
    """Its secrets go with it. Raises NotFound."""
    if not connection.execute(delete(rows.connections).where(_c.name == name)).rowcount:
        raise NotFound(kind="Connection", name=name)
    delete_tags(connection, "connection", [name])


def unsealed_connection(connection: Connection, name: str, sealer: Sealer) -> tuple[model.Connection, Parameters]:
    """The connection, and its properties with the secret ones among them, for this process alone: never to be told.

    Raises NotFound; SecretUnusable.
    """
    found = get_connection(connection, name)
    sealed = connection.execute(select(rows.connection_secrets).where(_s.connection == name))
    opened = {row.name: sealer.open(Sealed(row.key_id, row.sealed), _what(name, row.name)) for row in sealed}
    return found, found.properties | opened


def reseal_secrets(connection: Connection, sealer: Sealer) -> int:
    """Seal with the sealer's current key what another key sealed; how many there were. Raises SecretUnusable."""
    statement = select(rows.connection_secrets).where(_s.key_id != sealer.current).with_for_update()
    old = connection.execute(statement).all()
    for row in old:
        what = _what(row.connection, row.name)
        sealed = sealer.seal(sealer.open(Sealed(row.key_id, row.sealed), what), what)
        same = update(rows.connection_secrets).where(_s.connection == row.connection, _s.name == row.name)
        connection.execute(same.values(key_id=sealed.key_id, sealed=sealed.text))
    return len(old)


def _checked(
    given: model.Connection, secrets: Mapping[str, str], kept: set[str]
) -> tuple[model.Connection, dict[str, str]]:
    """The connection as it is kept, and the secrets that are new. `kept` are those that have a value already."""
    declared = set(given.secrets)
    shown, found = parted(given.name, {k: v for k, v in given.properties.items() if k not in declared})
    new = {k: v for k, v in given.properties.items() if k in declared} | found | dict(secrets)
    missing = sorted(declared - set(new) - kept)
    if missing:
        raise InvalidInput(what=f"connection {given.name}", why=f"its secret {missing[0]} is named without a value.")
    return replace(given, properties=shown, secrets=tuple(sorted(declared | set(new)))), new


def _seal(connection: Connection, name: str, secrets: Mapping[str, str], sealer: Sealer) -> None:
    for secret, value in secrets.items():
        sealed = sealer.seal(value, _what(name, secret))
        row = {"connection": name, "name": secret, "key_id": sealed.key_id, "sealed": sealed.text}
        connection.execute(insert(rows.connection_secrets).values(row))


def _what(connection: str, secret: str) -> str:
    return f"Secret {secret} of connection {connection}"


def _bare(connection: model.Connection) -> model.Connection:
    """What its owner says of it."""
    return replace(connection, name="", version=0, created_at=None, updated_at=None)


def _values(connection: model.Connection) -> dict[str, object]:
    return {
        "kind": connection.kind,
        "body": msgspec.json.encode(_bare(connection)).decode(),
        "version": connection.version,
        "updated_at": connection.updated_at,
    }


def _connection(row: Row[Any]) -> model.Connection:
    return replace(
        _decode(row.body),
        name=row.name,
        kind=row.kind,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
