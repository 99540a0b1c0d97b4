"""The catalog's resource policy: put, told and deleted by compare-and-set, and in force from then on.

There is one, of the catalog; what it says of databases, tables, functions and connections is in its statements.
"""

from __future__ import annotations

import logging
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from threading import Lock

from sqlalchemy import Connection, Engine, RowMapping, delete, select, union, update

from api.auth import rows
from api.auth.errors import PolicyConditionFailed
from api.auth.policy import CATALOG, Policy, read_policy
from catalog.catalog import utc_now
from catalog.db import insert, reading, writing
from catalog.errors import InvalidInput, NotFound
from catalog.model import Page
from catalog.paging import by_name

KNOWN_SECONDS = 2.0  # until a policy that another service of the same database put is in force here
# Whom the service itself lets in: everybody while auth is off, Hive's clients, and the Spark sessions of runs.
OWN_USERS = frozenset({"local", "hive", "runs"})
_ALL_DENIED = '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}'
LISTING = by_name("resource policies")
_p = rows.resource_policies.c

log = logging.getLogger(__name__)


class Exists(StrEnum):
    """Whether there must be a policy for another to be put."""

    MUST = "MUST_EXIST"
    NOT = "NOT_EXIST"
    NONE = "NONE"


@dataclass(frozen=True)
class Kept:
    """A policy as it was given; `hash` is that of its text."""

    resource: str
    document: str
    hash: str
    created_at: datetime
    updated_at: datetime


class Policies:
    """The front door: one transaction for each call. Whoever decides by `current` shares one of them with who puts."""

    def __init__(
        self,
        engine: Engine,
        account: str,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engine = engine
        self.account = account
        self.now = now
        self._clock = clock
        self._lock = Lock()
        self._changes = 0  # by which a reading that began before a change is told from one after it
        self._read_at: float | None = None
        self._current: Policy | None = None

    def put(self, document: str, exists: Exists = Exists.NONE, hash: str | None = None) -> Kept:
        """The policy from now on, if there is none or one as `exists` asks, and the one there is has the hash.

        Raises InvalidInput for what would not be enforced, NotFound, PolicyConditionFailed.
        """
        _, users = read_policy(document, self.account)
        try:
            with writing(self.engine) as connection:
                _demand_known(connection, users)
                return _put(connection, document, exists, hash, self.now())
        finally:
            self.forget()

    def get(self) -> Kept:
        """Raises NotFound."""
        with reading(self.engine) as connection:
            return _get(connection)

    def list(self, limit: int, token: str | None) -> Page[Kept]:
        with reading(self.engine) as connection:
            statement = select(rows.resource_policies).where(_p.resource > LISTING.after(token)).order_by(_p.resource)
            found = [_kept(row) for row in connection.execute(statement.limit(limit + 1)).mappings()]
            return LISTING.page(found, limit, lambda each: each.resource)

    def delete(self, hash: str | None = None) -> None:
        """Raises NotFound; PolicyConditionFailed if the policy has not the hash."""
        try:
            with writing(self.engine) as connection:
                _delete(connection, hash)
        finally:
            self.forget()

    def current(self) -> Policy | None:
        """What is in force; None if there is no policy. It is read anew now and then, and after each change."""
        read_at = self._read_at
        if read_at is not None and self._clock() - read_at < KNOWN_SECONDS:
            return self._current
        changes, at = self._changes, self._clock()
        with reading(self.engine) as connection:
            row = connection.execute(select(_p.document).where(_p.resource == CATALOG)).first()
        current = self._read(row.document) if row else None
        with self._lock:
            if changes == self._changes:
                self._current, self._read_at = current, at
        return current

    def _read(self, document: str) -> Policy:
        """What cannot be read any longer, as with another account, denies everything until admins put another."""
        try:
            return read_policy(document, self.account)[0]
        except InvalidInput as error:
            log.warning("the resource policy cannot be read, and so denies everything: %s", error)
            return read_policy(_ALL_DENIED, self.account)[0]

    def forget(self) -> None:
        """Read the policy anew: it may have changed."""
        with self._lock:
            self._changes += 1
            self._read_at = None


def _put(connection: Connection, document: str, exists: Exists, hash: str | None, now: datetime) -> Kept:
    if exists is Exists.NOT and hash is not None:
        raise InvalidInput(what="PolicyHashCondition", why="PolicyExistsCondition says that there is no policy.")
    values = {"document": document, "hash": _hash(document), "updated_at": now}
    changed = update(rows.resource_policies).where(_p.resource == CATALOG)
    if hash is not None:
        changed = changed.where(_p.hash == hash)
    if exists is Exists.NOT or (exists is Exists.NONE and hash is None):
        new = insert(connection, rows.resource_policies).values(resource=CATALOG, created_at=now, **values)
        done = (
            new.on_conflict_do_nothing()
            if exists is Exists.NOT
            else new.on_conflict_do_update(index_elements=[_p.resource], set_=values)
        )
        put = connection.execute(done.returning(rows.resource_policies)).mappings().first()
    else:
        put = connection.execute(changed.values(values).returning(rows.resource_policies)).mappings().first()
    if put is None:
        raise _unmet(connection, exists, hash)
    return _kept(put)


def _unmet(connection: Connection, exists: Exists, hash: str | None) -> Exception:
    """Why nothing was put."""
    if exists is Exists.NOT:
        return PolicyConditionFailed(why="there is one, and PolicyExistsCondition is NOT_EXIST")
    if exists is Exists.MUST and hash is None:
        return _none()
    _get(connection)
    return PolicyConditionFailed(why="it has another hash than PolicyHashCondition says")


def _delete(connection: Connection, hash: str | None) -> None:
    gone = delete(rows.resource_policies).where(_p.resource == CATALOG)
    if hash is not None:
        gone = gone.where(_p.hash == hash)
    if not connection.execute(gone).rowcount:
        _get(connection)
        raise PolicyConditionFailed(why="it has another hash than PolicyHashCondition says")


def _get(connection: Connection) -> Kept:
    row = connection.execute(select(rows.resource_policies).where(_p.resource == CATALOG)).mappings().first()
    if row is None:
        raise _none()
    return _kept(row)


def _demand_known(connection: Connection, users: frozenset[str]) -> None:
    """Raises InvalidInput for a user that nobody is: what is said of it would hold for nobody."""
    named = (select(each.c.name).where(each.c.name.in_(users)) for each in (rows.access_tokens, rows.access_keys))
    unknown = users - OWN_USERS
    if unknown:
        unknown -= set(connection.execute(union(*named)).scalars())
    for name in sorted(unknown):
        raise InvalidInput(what=f"Principal user/{name}", why="there is no token and no access key of this name.")


def _kept(row: RowMapping) -> Kept:
    return Kept(**row)


def _none() -> NotFound:
    return NotFound(kind="Resource policy", name="of the catalog")


def _hash(document: str) -> str:
    return b64encode(sha256(document.encode("utf-8", "surrogatepass")).digest()).decode()
