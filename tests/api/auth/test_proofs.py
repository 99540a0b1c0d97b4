"""Tokens and access keys on both databases: what is kept of them, how long they are good, and who used them."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import select

from api.auth import rows
from api.auth.access import Access
from api.auth.audit import Asking
from api.auth.errors import Unauthenticated
from api.auth.first import first_token
from api.auth.gate import KNOWN_SECONDS, Gate
from api.auth.grants import Wanted, grant_of
from api.auth.principals import Role
from catalog.db import reading
from catalog.errors import AlreadyExists, InvalidInput, NotFound, SecretUnusable
from catalog.sealing import KEY_BYTES, Sealer
from tests.api.auth.conftest import sealer
from tests.conftest import Clock

ADA = Wanted("ada", grant_of(Role.EDITOR, ("Sales_*",), {"team": "web"}))


@pytest.fixture
def access(store: SqlEngine, clock: Clock) -> Access:
    return Access(store, sealer, clock)


@pytest.fixture
def gate(access: Access, clock: Clock) -> Gate:
    return Gate(access, on=True, clock=lambda: clock().timestamp())


def kept(store: SqlEngine) -> str:
    with reading(store) as connection:
        found = [connection.execute(select(table)).all() for table in (rows.access_tokens, rows.access_keys)]
    return str(found)


def test_a_token_is_known_by_its_secret_of_which_only_a_hash_is_kept(gate: Gate, access: Access) -> None:
    issued, secret = access.create_token(ADA)
    principal = gate.bearer(f"Bearer {secret}")
    assert (principal.name, principal.grant) == ("ada", grant_of(Role.EDITOR, ("sales_*",), {"team": "web"}))
    assert secret.startswith("isg_")
    assert len(secret) == 47
    assert secret not in kept(access.engine)
    assert secret not in repr(principal) + repr(issued)


def test_an_access_key_is_known_by_its_id_and_its_secret_is_kept_sealed(gate: Gate, access: Access) -> None:
    issued, secret = access.create_key(ADA)
    signer = gate.signer(str(issued.key_id))
    assert (signer.secret, signer.principal.name) == (secret, "ada")
    assert len(str(issued.key_id)) == 20
    assert secret not in kept(access.engine)
    assert secret not in repr(issued)
    assert secret not in repr(signer)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer isg_no", "isg_no", "Bearer \udcff"])
def test_what_is_no_token_of_ours_is_refused(gate: Gate, header: str) -> None:
    with pytest.raises(Unauthenticated):
        gate.bearer(header)


def test_a_token_is_good_for_its_days(gate: Gate, access: Access, clock: Clock) -> None:
    _, secret = access.create_token(Wanted("ada", grant_of(Role.VIEWER), days=2))
    clock.advance(days=1, hours=23, minutes=59, seconds=59)
    principal = gate.bearer(f"Bearer {secret}")
    clock.advance(seconds=1)  # it is remembered, and ends all the same
    with pytest.raises(Unauthenticated, match="The time of ada is over"):
        gate.bearer(f"Bearer {secret}")
    with pytest.raises(Unauthenticated, match="The time of ada is over"):
        gate.renewed(principal)


def test_a_revoked_token_is_refused_within_two_seconds_and_at_once_where_it_was_revoked(
    gate: Gate, access: Access, clock: Clock
) -> None:
    _, secret = access.create_token(ADA)
    issued, _ = access.create_key(ADA)
    gate.bearer(f"Bearer {secret}")
    gate.signer(str(issued.key_id))
    access.revoke_token("ada")  # as another process would
    access.revoke_key("ada")
    clock.advance(seconds=KNOWN_SECONDS)
    with pytest.raises(Unauthenticated, match="is not known, or has been revoked"):
        gate.bearer(f"Bearer {secret}")
    with pytest.raises(Unauthenticated, match="is not known, or has been revoked"):
        gate.signer(str(issued.key_id))

    _, secret = access.create_token(ADA)
    gate.bearer(f"Bearer {secret}")
    access.revoke_token("ada")
    gate.forget()
    with pytest.raises(Unauthenticated):
        gate.bearer(f"Bearer {secret}")


def test_the_last_use_is_told_to_the_minute(gate: Gate, access: Access, clock: Clock) -> None:
    _, secret = access.create_token(ADA)
    [before] = access.list_tokens().items
    used = []
    for _ in range(4):
        gate.bearer(f"Bearer {secret}")
        used.append(access.list_tokens().items[0].used_at)
        clock.advance(seconds=30)
    assert before.used_at is None
    assert used[0] == used[1] == before.created_at
    assert used[2] == used[3] == before.created_at + timedelta(minutes=1)


def test_a_name_is_given_once_and_a_grant_makes_sense(access: Access) -> None:
    access.create_token(ADA)
    access.create_key(ADA)
    for create in (access.create_token, access.create_key):
        with pytest.raises(AlreadyExists):
            create(ADA)
        with pytest.raises(InvalidInput, match="an admin has no scopes"):
            create(Wanted("root", grant_of(Role.ADMIN, ("sales",))))
        with pytest.raises(InvalidInput, match="a pattern of databases is empty"):
            create(Wanted("bob", grant_of(Role.VIEWER, (" ",))))
        with pytest.raises(InvalidInput, match="to last for"):
            create(Wanted("bob", grant_of(Role.VIEWER), days=0))
    for revoke in (access.revoke_token, access.revoke_key):
        with pytest.raises(NotFound):
            revoke("nobody")


def test_lists_come_in_pages(access: Access) -> None:
    for name in "abc":
        access.create_token(Wanted(name, grant_of(Role.VIEWER)))
        access.record(name, Asking("test", "look"), "service", allowed=name != "b")
    first = access.list_tokens(2)
    assert [each.name for each in first.items] == ["a", "b"]
    assert [each.name for each in access.list_tokens(2, first.next_token).items] == ["c"]
    newest = access.list_audit(2)
    assert [each.principal for each in newest.items] == ["c", "b"]
    assert [each.principal for each in access.list_audit(2, newest.next_token).items] == ["a"]
    assert [each.principal for each in access.list_audit(allowed=False).items] == ["b"]
    assert [each.principal for each in access.list_audit(principal="c").items] == ["c"]


def test_the_audit_is_kept_for_its_days(access: Access, clock: Clock) -> None:
    access.record("ada", Asking("test", "early"), "service", allowed=True)
    clock.advance(days=10)
    access.record("ada", Asking("test", "late"), "service", allowed=True)
    assert access.prune_audit(10) == 0
    assert access.prune_audit(9) == 1
    assert [each.operation for each in access.list_audit().items] == ["late"]


def test_access_keys_are_sealed_anew_while_a_service_uses_them(store: SqlEngine, clock: Clock) -> None:
    keys = [b"1" * KEY_BYTES]
    access = Access(store, lambda: Sealer(keys), clock)
    gate = Gate(access, on=True, clock=lambda: clock().timestamp())
    issued, secret = access.create_key(ADA)
    keys.insert(0, b"2" * KEY_BYTES)
    assert access.reseal_keys() == 1
    assert access.reseal_keys() == 0
    del keys[1]
    assert gate.signer(str(issued.key_id)).secret == secret
    keys[0] = b"3" * KEY_BYTES
    clock.advance(seconds=KNOWN_SECONDS)
    with pytest.raises(SecretUnusable):
        gate.signer(str(issued.key_id))


def test_the_first_admin_is_laid_into_a_file_for_the_owner_once(gate: Gate, access: Access, tmp_path: Path) -> None:
    file = first_token(access, tmp_path)
    assert file is not None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert gate.bearer(f"Bearer {file.read_text().strip()}").grant.role is Role.ADMIN
    assert first_token(access, tmp_path) is None
    access.revoke_token("first-admin")
    assert first_token(access, tmp_path) is not None
