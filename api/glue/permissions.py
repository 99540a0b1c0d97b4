"""The gate before Glue's operations: who signed, and whether they may do it to what the request names.

Scopes hold databases and jobs. An operation that names neither is for those alone whose grant has no scopes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from api.auth.audit import Asking
from api.auth.errors import Unauthenticated
from api.auth.gate import Gate
from api.auth.policy import ACTIONS
from api.auth.principals import LOCAL, WHOLE, Action, Principal, Resource, in_database, of_job
from api.glue.calls import Call, Caller, Shape
from api.glue.failures import GlueFailure
from api.glue.paths import ITEMS, paths_of, trees_of
from api.glue.signing import AccessKey, Checked, Request, Signing
from catalog.errors import NotFound

_OF_A_DATABASE = ("GetDatabase", "CreateDatabase", "UpdateDatabase", "DeleteDatabase")
_RUNS = ("RunId", "PredecessorRunId")


@dataclass(frozen=True)
class Signed(Signing):
    """Asks for the signature of an access key of the service's; whoever has none is recorded, if seldom."""

    gate: Gate

    def identify(self, request: Request) -> Caller:
        try:
            return Checked(self._key_of, self.gate.access.now).identify(request)
        except GlueFailure:
            self.gate.fail("a client of Glue", Asking("glue", "signature"))
            raise

    def _key_of(self, key_id: str) -> AccessKey | None:
        try:
            signer = self.gate.signer(key_id)
        except Unauthenticated:
            return None
        return AccessKey(signer.secret, signer.principal.name, signer.principal)


@dataclass(frozen=True)
class Permission:
    """Raises Forbidden unless the caller of a call may do the action of its operation.

    The resource policy is asked first: what it denies nobody may, and what it allows its role need not.
    """

    gate: Gate

    def __call__(self, call: Call, action: Action, operation: str) -> None:
        principal = self._principal(call)
        if operation in ACTIONS and self._granted(call, principal, action, operation):
            return
        if not self.gate.on:
            return
        for resource in _resources(call, operation, principal):
            self.gate.demand(principal, action, resource, Asking("glue", operation))

    def leave_out(self, call: Call, operation: str, told: Shape) -> Shape:
        """A list's answer without the items that the resource policy denies its caller."""
        items = ITEMS.get(operation)
        policy = self.gate.policies.current() if items else None
        if items is None or policy is None:
            return told
        user, (member, paths) = self._principal(call).name, items
        seen = [each for each in told[member] if policy.denied(user, [operation], paths(call.asked, each)) is None]
        return {**told, member: seen}

    def _principal(self, call: Call) -> Principal:
        """Raises Unauthenticated."""
        if not self.gate.on:
            return LOCAL
        principal = call.caller.holder
        if not isinstance(principal, Principal):
            raise Unauthenticated(why="The request bears no signature.")
        return principal

    def _granted(self, call: Call, principal: Principal, action: Action, operation: str) -> bool:
        """Whether the resource policy allows it, whatever the caller's role. Raises ExplicitlyDenied."""
        policy = self.gate.policies.current()
        if policy is None:
            return False
        asking = Asking("glue", operation)
        paths, trees = paths_of(operation, call.asked), trees_of(operation, call.asked)
        self.gate.demand_undenied(principal, [operation], paths, asking, trees, call.region)
        granted = policy.allows(principal.name, operation, (*paths, *trees))
        if granted and action is not Action.VIEW:
            self.gate.note_write(principal.name, asking, paths[-1])
        return granted


def _resources(call: Call, operation: str, principal: Principal) -> Iterator[Resource]:
    """What the operation concerns: all of it must be held."""
    asked = call.asked
    if operation in _OF_A_DATABASE:
        names = {asked.get("Name"), asked.get("DatabaseInput", {}).get("Name")} - {None}
        yield from (in_database(str(name)) for name in names)
    elif asked.get("DatabaseName") and "Crawler" not in operation:  # which reads any place
        yield in_database(asked["DatabaseName"])
    elif operation == "CreateJob":
        yield of_job(asked["Name"], asked.get("Tags") or {})
    elif asked.get("JobName"):
        yield _job(call, asked["JobName"], principal)
        for run_id in (*(asked[name] for name in _RUNS if asked.get(name)), *asked.get("JobRunIds", ())):
            yield _job_of_run(call, run_id, principal)
    elif streams := asked.get("logStreamNames") or list(filter(None, [asked.get("logStreamName")])):
        yield from (_job_of_run(call, run_id, principal) for run_id in streams)
    else:
        yield WHOLE
    for opened in (asked, asked.get("JobUpdate", {})):
        connections = opened.get("Connections") or {}
        yield from (Resource("connection", name) for name in _names(connections))


def _names(connections: object) -> list[str]:
    return list(connections.get("Connections") or ()) if isinstance(connections, dict) else []


def _job(call: Call, name: str, principal: Principal) -> Resource:
    """The job with its tags, for which alone it is read; one that is not there has none."""
    if not principal.scoped:
        return of_job(name, {})
    try:
        return of_job(name, call.engine.get_job(name).tags)
    except NotFound:
        return of_job(name, {})


def _job_of_run(call: Call, run_id: str, principal: Principal) -> Resource:
    if not principal.scoped:
        return Resource("run", run_id)
    try:
        subject = call.engine.get_run(run_id).subject
    except NotFound:
        return WHOLE
    return _job(call, subject, principal) if subject else WHOLE
