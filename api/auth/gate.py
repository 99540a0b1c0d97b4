"""The gate before all faces: who is it, may they, and what is written down of it.

While auth is off, everybody is LOCAL, everything is allowed but for what the resource policy denies, and nothing is
written.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from starlette.types import Scope

from api.auth.access import Access
from api.auth.attempts import Attempts
from api.auth.audit import Asking
from api.auth.decision import decide
from api.auth.errors import ExplicitlyDenied, Forbidden, Unauthenticated
from api.auth.grants import Issued
from api.auth.policies import Policies
from api.auth.policy import ALWAYS_AN_ADMINS
from api.auth.principals import LOCAL, Action, Principal, Resource, Role
from api.auth.tokens import hash_of
from api.glue.account import DEFAULT_REGION, OWN_ACCOUNT

KNOWN_SECONDS = 2.0  # that a proof found good is not looked up again; so long may one that was revoked go on
MOST_KNOWN = 1_000
USE_NOTED = timedelta(minutes=1)  # how exact `used_at` is: reading must not become writing
NOBODY = "-"
_ASKED = "a proof"

Found = TypeVar("Found")


@dataclass(frozen=True)
class Signer:
    """Whose signature a request must bear, and the secret that makes it."""

    principal: Principal
    secret: str = field(repr=False)


class Gate:
    def __init__(
        self,
        access: Access,
        on: bool = False,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        account: str = OWN_ACCOUNT,
    ) -> None:
        """`pause` is how callers without a good proof are held back; of `account` are all whom a policy names."""
        self.pause = pause
        self.access = access
        self.on = on
        self.policies = Policies(access.engine, account, access.now, clock)
        self.attempts = Attempts()
        self._clock = clock
        self._tokens: _Known[Principal] = _Known(clock)
        self._keys: _Known[Signer] = _Known(clock)

    def recall(self, authorization: str) -> Principal | None:
        """As `bearer`, if the token was found good a moment ago: without a look into the database, and so any time."""
        found = self._tokens.get(_hash_in(authorization))
        return found and self._lasting(found)

    def bearer(self, authorization: str) -> Principal:
        """Whose token an Authorization header holds. Raises Unauthenticated."""
        return self._of_token(_hash_in(authorization))

    def renewed(self, principal: Principal) -> Principal:
        """The principal as it is by now. Raises Unauthenticated if its token has been revoked, or is past its time."""
        return principal if principal.proof is None else self._of_token(principal.proof)

    def signer(self, key_id: str) -> Signer:
        """Raises Unauthenticated for a key that is not known, was revoked or is past its time; SecretUnusable."""
        signer = self._keys.get(key_id) or self._keys.put(key_id, self._find_signer(key_id))
        return Signer(self._lasting(signer.principal), signer.secret)

    def principal(self, scope: Scope) -> Principal:
        """Who made the request, as `http.Tokens` found out. Raises Unauthenticated if nobody did."""
        if not self.on:
            return LOCAL
        found: Principal | None = scope.get("state", {}).get("principal")
        if found is None:
            raise Unauthenticated(why="No token was given.")
        return found

    def demand(self, principal: Principal, action: Action, resource: Resource, asking: Asking) -> None:
        """Raises Forbidden unless `principal` may. A refusal is recorded, and so is what may write, just before it."""
        if not self.on:
            return
        try:
            decide(principal, action, resource)
        except Forbidden:
            self.access.record(principal.name, asking, str(resource), allowed=False)
            raise
        if action is not Action.VIEW and not asking.reads:
            self.note_write(principal.name, asking, str(resource))

    def demand_undenied(
        self,
        principal: Principal,
        actions: Sequence[str],
        paths: Sequence[str],
        asking: Asking,
        trees: Sequence[str] = (),
        region: str = DEFAULT_REGION,
    ) -> None:
        """Raises ExplicitlyDenied if the resource policy denies it: see policy.Policy.denied.

        It holds while auth is off as well.
        """
        policy = self.policies.current()
        if policy is None:
            return
        if principal.grant.role is Role.ADMIN:
            actions = [name for name in actions if name not in ALWAYS_AN_ADMINS]
        denied = policy.denied(principal.name, actions, paths, trees)
        if denied is None:
            return
        account = self.policies.account
        if self.on:
            self.access.record(principal.name, asking, denied, allowed=False)
        raise ExplicitlyDenied(
            user=f"arn:aws:iam::{account}:user/{principal.name}",
            action=f"glue:{actions[0]}",
            resource=f"arn:aws:glue:{region}:{account}:{denied}",
        )

    def note_write(self, principal: str, asking: Asking, resource: str) -> None:
        """Record a write that was decided on elsewhere: by a run's own token."""
        if self.on:
            self.access.record(principal, asking, resource, allowed=True)

    def fail(self, address: str, asking: Asking) -> float:
        """Someone at `address` gave no good proof: for how many seconds to hold the answer back. Recorded seldom."""
        if not self.on:
            return 0.0
        seconds, recorded = self.attempts.failed(address, self._clock())
        if recorded:
            self.access.record(NOBODY, asking, f"{_ASKED} from {address}", allowed=False)
        return seconds

    def forget(self) -> None:
        """Look up all proofs anew: one has been revoked."""
        self._tokens.clear()
        self._keys.clear()

    def _of_token(self, hash: str) -> Principal:
        return self._lasting(self._tokens.get(hash) or self._tokens.put(hash, self._find_token(hash)))

    def _find_token(self, hash: str) -> Principal:
        found = self.access.find_token(hash)
        if found is None:
            raise Unauthenticated(why="The token is not known, or has been revoked.")
        principal = self._lasting(found.principal(hash))
        if self._to_note(found):
            self.access.note_token_use(hash)
        return principal

    def _find_signer(self, key_id: str) -> Signer:
        found = self.access.find_key(key_id)
        if found is None:
            raise Unauthenticated(why="The access key is not known, or has been revoked.")
        issued, secret = found
        signer = Signer(self._lasting(issued.principal(key_id)), secret)
        if self._to_note(issued):
            self.access.note_key_use(key_id)
        return signer

    def _lasting(self, principal: Principal) -> Principal:
        if principal.expires_at is not None and principal.expires_at <= self._now():
            raise Unauthenticated(why=f"The time of {principal.name} is over.")
        return principal

    def _to_note(self, found: Issued) -> bool:
        return found.used_at is None or self._now() - found.used_at >= USE_NOTED

    def _now(self) -> datetime:
        return self.access.now()


def _hash_in(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated(why="No token was given.")
    return hash_of(token.strip())


class _Known(Generic[Found]):
    """What was found a moment ago. Any thread may ask."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._found: dict[str, tuple[float, Found]] = {}

    def get(self, proof: str) -> Found | None:
        at, found = self._found.get(proof, (0.0, None))
        return found if found is not None and self._clock() - at < KNOWN_SECONDS else None

    def put(self, proof: str, found: Found) -> Found:
        if len(self._found) >= MOST_KNOWN:
            self._found.clear()
        self._found[proof] = (self._clock(), found)
        return found

    def clear(self) -> None:
        self._found.clear()
