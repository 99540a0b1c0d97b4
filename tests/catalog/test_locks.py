"""Locks: who waits for whom, in which order they are granted, and when they are gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from catalog.catalog import Catalog
from catalog.errors import NotFound
from catalog.locks import EXCLUSIVE, SHARED_READ, SHARED_WRITE, Lock, LockPart
from tests.conftest import Clock


def ask(catalog: Catalog, *parts: LockPart) -> Lock:
    return catalog.create_lock(parts, "ada", "here", "agent 7")


def held(catalog: Catalog, lock: Lock) -> bool:
    return catalog.check_lock(lock.id).acquired_at is not None


@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [
        (LockPart(EXCLUSIVE, "d", "t"), LockPart(EXCLUSIVE, "d", "t"), True),
        (LockPart(EXCLUSIVE, "d", "t"), LockPart(SHARED_READ, "d", "t"), True),
        (LockPart(SHARED_WRITE, "d", "t"), LockPart(SHARED_WRITE, "d", "t"), True),
        (LockPart(SHARED_WRITE, "d", "t"), LockPart(SHARED_READ, "d", "t"), False),
        (LockPart(SHARED_READ, "d", "t"), LockPart(SHARED_READ, "d", "t"), False),
        (LockPart(SHARED_READ, "d", "t"), LockPart(EXCLUSIVE, "d", "t"), True),
        (LockPart(EXCLUSIVE, "d", "t"), LockPart(EXCLUSIVE, "d", "u"), False),
        (LockPart(EXCLUSIVE, "d", "t"), LockPart(EXCLUSIVE, "e", "t"), False),
        (LockPart(EXCLUSIVE, "d"), LockPart(EXCLUSIVE, "d", "t"), True),
        (LockPart(EXCLUSIVE, "d", "t", "p=1"), LockPart(EXCLUSIVE, "d", "t", "p=2"), False),
        (LockPart(EXCLUSIVE, "d", "t", "p=1"), LockPart(EXCLUSIVE, "d", "t"), True),
    ],
)
def test_a_lock_waits_only_for_one_that_clashes(
    catalog: Catalog, first: LockPart, second: LockPart, waits: bool
) -> None:
    assert ask(catalog, first).acquired_at is not None
    assert (ask(catalog, second).acquired_at is None) == waits


def test_locks_are_granted_in_the_order_in_which_they_were_asked_for(catalog: Catalog) -> None:
    reader, writer, late = (ask(catalog, LockPart(kind, "d", "t")) for kind in (SHARED_READ, EXCLUSIVE, SHARED_READ))
    assert [held(catalog, each) for each in (reader, writer, late)] == [True, False, False]
    catalog.delete_lock(reader.id)
    assert [held(catalog, each) for each in (late, writer, late)] == [False, True, False]
    catalog.delete_lock(writer.id)
    assert held(catalog, late)


def test_a_request_is_granted_as_a_whole(catalog: Catalog) -> None:
    ask(catalog, LockPart(EXCLUSIVE, "d", "t"))
    both = ask(catalog, LockPart(EXCLUSIVE, "d", "free"), LockPart(EXCLUSIVE, "d", "t"))
    assert not held(catalog, both)
    assert not held(catalog, ask(catalog, LockPart(EXCLUSIVE, "d", "free")))


def test_a_lock_whose_holder_is_silent_for_five_minutes_is_gone(catalog: Catalog, clock: Clock) -> None:
    silent, alive = ask(catalog, LockPart(EXCLUSIVE, "d", "t")), ask(catalog, LockPart(SHARED_READ, "d", "u"))
    waiting = ask(catalog, LockPart(EXCLUSIVE, "d", "t"))
    clock.advance(minutes=4)
    catalog.extend_lock(alive.id)
    assert not held(catalog, waiting)
    clock.advance(minutes=2)
    assert [lock.id for lock in catalog.list_locks()] == [alive.id, waiting.id]
    assert held(catalog, waiting)
    for verb in (catalog.check_lock, catalog.extend_lock, catalog.delete_lock):
        with pytest.raises(NotFound):
            verb(silent.id)
    assert ask(catalog, LockPart(SHARED_READ, "e")).id > waiting.id > silent.id


def test_of_many_who_ask_at_once_one_holds_the_lock(catalog: Catalog) -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: ask(catalog, LockPart(EXCLUSIVE, "d", "t")), range(24)))
    assert sum(lock.acquired_at is not None for lock in asked) == 1
    assert len({lock.id for lock in asked}) == 24
