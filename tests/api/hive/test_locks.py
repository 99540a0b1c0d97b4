"""Locks over Thrift, as Iceberg's clients take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api.hive.bindings import hive
from api.hive.client import Client

ACQUIRED, WAITING = 1, 2


def ask(client: Client, table: str = "T") -> Any:
    part = hive.LockComponent(type=3, level=2, dbname="@hive#Shop", tablename=table)
    return client.call(
        "lock", hive.LockRequest(component=[part], txnid=0, user="ada", hostname="here", agentInfo="Iceberg 7")
    )


def test_a_second_lock_waits_until_the_first_is_released(connect: Callable[[], Client]) -> None:
    one, other = connect(), connect()
    first, second = ask(one), ask(other)
    assert (first.state, second.state) == (ACQUIRED, WAITING)
    one.call("unlock", hive.UnlockRequest(lockid=first.lockid))
    assert other.call("check_lock", hive.CheckLockRequest(lockid=second.lockid)).state == ACQUIRED


def test_locks_are_shown_to_who_looks_for_a_lost_one(client: Client) -> None:
    lock = ask(client)
    ask(client, "u")
    [shown] = client.call("show_locks", hive.ShowLocksRequest(dbname="shop", tablename="t")).locks
    assert (shown.lockid, shown.dbname, shown.tablename, shown.state, shown.type, shown.agentInfo, shown.user) == (
        *(lock.lockid, "shop", "t", ACQUIRED, 3, "Iceberg 7", "ada"),
    )
    assert shown.lastheartbeat >= shown.acquiredat > 1_700_000_000_000
    assert len(client.call("show_locks", hive.ShowLocksRequest()).locks) == 2


def test_a_lock_that_is_not_there_is_told_so(client: Client) -> None:
    client.call("heartbeat", hive.HeartbeatRequest(lockid=ask(client).lockid))
    for method, request in (
        ("check_lock", hive.CheckLockRequest(lockid=99)),
        ("unlock", hive.UnlockRequest(lockid=99)),
        ("heartbeat", hive.HeartbeatRequest(lockid=99)),
    ):
        with pytest.raises(hive.NoSuchLockException, match="99"):
            client.call(method, request)


def test_a_transaction_is_refused_by_name(client: Client) -> None:
    with pytest.raises(Exception, match="ACID"):
        client.call("lock", hive.LockRequest(component=[], txnid=5, user="ada", hostname="here"))
    with pytest.raises(hive.NoSuchTxnException, match="ACID"):
        client.call("heartbeat", hive.HeartbeatRequest(lockid=0, txnid=5))
