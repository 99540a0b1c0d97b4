"""The one decision that every face asks for. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase

from api.auth.errors import Forbidden
from api.auth.principals import ACTIONS, ROLES, Action, Grant, Principal, Resource


def decide(principal: Principal, action: Action, resource: Resource) -> None:
    """Raises Forbidden unless `principal` may do `action` to `resource`."""
    grant = principal.grant
    if ROLES.index(grant.role) < ACTIONS.index(action):
        least = ROLES[ACTIONS.index(action)]
        raise _refusal(principal, action, resource, f"that takes the role {least}, and it is {grant.role}")
    if grant.scoped and not _holds(grant, resource):
        raise _refusal(principal, action, resource, "it is outside of its scopes")


def may(principal: Principal, action: Action, resource: Resource) -> bool:
    try:
        decide(principal, action, resource)
    except Forbidden:
        return False
    return True


def _holds(grant: Grant, resource: Resource) -> bool:
    if resource.kind == "database":
        return any(fnmatchcase(resource.name, pattern) for pattern in grant.databases)
    if resource.kind == "job":
        return any(resource.tags.get(name) == value for name, value in grant.job_tags)
    return False


def _refusal(principal: Principal, action: Action, resource: Resource, why: str) -> Forbidden:
    return Forbidden(principal=principal.name, action=action.value, resource=str(resource), why=why)
