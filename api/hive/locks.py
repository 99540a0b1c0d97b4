"""Methods about locks. Transactions (ACID) are not served: a request that names one is refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.hive.bindings import hive
from api.hive.failures import unsupported
from api.hive.identifiers import database_name
from api.hive.session import Handler, Session
from catalog.errors import NotFound
from catalog.locks import EXCLUSIVE, SHARED_READ, SHARED_WRITE, Lock, LockPart

_KINDS = {1: SHARED_READ, 2: SHARED_WRITE, 3: EXCLUSIVE}
_NUMBERS = {kind: number for number, kind in _KINDS.items()}
_ACQUIRED, _WAITING = 1, 2


def _lock(session: Session, call: Any) -> Any:
    request = call.rqst
    if request.txnid:
        raise unsupported("A lock for a transaction", "there are no ACID transactions.")
    parts = [_part(component) for component in request.component or ()]
    made = session.catalog.create_lock(parts, request.user or "", request.hostname or "", request.agentInfo)
    return _response(made)


def _part(component: Any) -> LockPart:
    kind = _KINDS.get(component.type)
    if kind is None:
        raise hive.MetaException(f"A lock's type is one of {sorted(_KINDS)}, not {component.type}.")
    table = component.tablename.lower() if component.tablename else None
    return LockPart(kind, database_name(component.dbname or ""), table, component.partitionname or None)


def _check_lock(session: Session, call: Any) -> Any:
    try:
        return _response(session.catalog.check_lock(call.rqst.lockid or 0))
    except NotFound as error:
        raise _no_such_lock(call.rqst.lockid) from error


def _unlock(session: Session, call: Any) -> None:
    try:
        session.catalog.delete_lock(call.rqst.lockid or 0)
    except NotFound as error:
        raise _no_such_lock(call.rqst.lockid) from error


def _heartbeat(session: Session, call: Any) -> None:
    if call.ids.txnid:
        raise hive.NoSuchTxnException(f"No such transaction {call.ids.txnid}: there are no ACID transactions.")
    if not call.ids.lockid:
        return
    try:
        session.catalog.extend_lock(call.ids.lockid)
    except NotFound as error:
        raise _no_such_lock(call.ids.lockid) from error


def _show_locks(session: Session, call: Any) -> Any:
    request = call.rqst
    database = database_name(request.dbname or "")
    table, partition = (request.tablename or "").lower(), request.partname or ""
    shown = [
        _element(lock, part)
        for lock in session.catalog.list_locks()
        for part in lock.parts
        if database in ("", part.database) and table in ("", part.table) and partition in ("", part.partition)
    ]
    return hive.ShowLocksResponse(locks=shown)


def _response(lock: Lock) -> Any:
    return hive.LockResponse(lockid=lock.id, state=_state(lock))


def _state(lock: Lock) -> int:
    return _WAITING if lock.acquired_at is None else _ACQUIRED


def _element(lock: Lock, part: LockPart) -> Any:
    return hive.ShowLocksResponseElement(
        lockid=lock.id,
        dbname=part.database,
        tablename=part.table,
        partname=part.partition,
        state=_state(lock),
        type=_NUMBERS[part.kind],
        txnid=0,
        lastheartbeat=_milliseconds(lock.heard_at),
        acquiredat=_milliseconds(lock.acquired_at) if lock.acquired_at else None,
        user=lock.user,
        hostname=lock.host,
        agentInfo=lock.agent,
    )


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _no_such_lock(lock_id: int | None) -> Any:
    return hive.NoSuchLockException(f"No such lock lockid:{lock_id}: it was released, or not heard of for too long.")


HANDLERS: dict[str, Handler] = {
    "lock": _lock,
    "check_lock": _check_lock,
    "unlock": _unlock,
    "heartbeat": _heartbeat,
    "show_locks": _show_locks,
}
