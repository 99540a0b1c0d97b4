"""Tokens and access keys: asked for, created and revoked; and the audit. Their secrets are told once, when made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from api.auth import access_keys, audit, tokens
from api.auth.grants import Issued, Wanted, grant_of
from api.auth.principals import Role
from api.graphql.connections import FIRST, After, Connection, First, connect, size
from api.graphql.context import Info
from api.graphql.fields import field, mutation
from api.graphql.outcomes import Payload, attempt
from api.graphql.parameters import Parameter, ParameterInput, mapping

strawberry.enum(Role, name="AccessRole", description="Each may do all that those before it may; an admin everything.")
_FIELDS = {"Token": "name", "Access key": "name"}


@strawberry.interface(description="What its holder may do, and for how long.")
class AccessGrant:
    name: str = strawberry.field(description="By which changes and the audit call its holder.")
    role: Role
    databases: list[str] = strawberry.field(description="Patterns of databases that it holds in, such as `sales_*`.")
    job_tags: list[Parameter] = strawberry.field(
        description="It holds for jobs with one of these tags. Without databases and tags it holds everywhere."
    )
    created_at: datetime
    created_by: str
    expires_at: datetime | None = strawberry.field(description="Null: it is good until it is revoked.")
    used_at: datetime | None = strawberry.field(description="To the minute. Null if it never was.")


@strawberry.type(description="What a caller of GraphQL shows as `Authorization: Bearer isg_…`.")
class AccessToken(AccessGrant):
    pass


@strawberry.type(description="What clients of AWS sign requests by.")
class AccessKey(AccessGrant):
    key_id: str = strawberry.field(description="What AWS calls the access key id.")


@strawberry.type(description="A write, or a call that was refused.")
class AuditEvent:
    at: datetime
    principal: str = strawberry.field(description="The name of a token or an access key, `runs`, `hive`, a run, or -.")
    face: str
    operation: str
    resource: str
    allowed: bool = strawberry.field(description="Whether it was allowed. It may have failed all the same.")
    request_id: str | None

    @classmethod
    def all(cls, found: Sequence[audit.AuditEvent]) -> list[AuditEvent]:
        return [
            cls(
                at=each.at,
                principal=each.principal,
                face=each.face,
                operation=each.operation,
                resource=each.resource,
                allowed=each.allowed,
                request_id=each.request_id,
            )
            for each in found
        ]


@strawberry.input
class _NewGrant:
    name: str
    role: Role
    databases: list[str] = strawberry.field(default_factory=list)
    job_tags: list[ParameterInput] = strawberry.field(default_factory=list)
    days: float | None = strawberry.field(default=None, description="That it is good for; null: until it is revoked.")
    client_mutation_id: str | None = None

    def wanted(self) -> Wanted:
        return Wanted(self.name, grant_of(self.role, tuple(self.databases), mapping(self.job_tags)), self.days)


@strawberry.input
class CreateAccessTokenInput(_NewGrant):
    pass


@strawberry.input
class CreateAccessKeyInput(_NewGrant):
    pass


@strawberry.input
class RevokeAccessTokenInput:
    name: str
    client_mutation_id: str | None = None


@strawberry.input
class RevokeAccessKeyInput:
    name: str
    client_mutation_id: str | None = None


@strawberry.type
class CreateAccessTokenPayload(Payload):
    access_token: AccessToken | None
    secret: str | None = strawberry.field(description="The token itself. It is told this once.")


@strawberry.type
class RevokeAccessTokenPayload(Payload):
    access_token: AccessToken | None = strawberry.field(description="As it was.")


@strawberry.type
class CreateAccessKeyPayload(Payload):
    access_key: AccessKey | None
    secret: str | None = strawberry.field(description="What AWS calls the secret access key. It is told this once.")


@strawberry.type
class RevokeAccessKeyPayload(Payload):
    access_key: AccessKey | None = strawberry.field(description="As it was.")


@strawberry.type
class AccessQueries:
    @field("By name.")
    def access_tokens(self, info: Info, first: First = FIRST, after: After = None) -> Connection[AccessToken] | None:
        page = info.context.gate.access.list_tokens(size(info, first), after)
        return connect(info, tokens.LISTING, page, lambda each: each.name, _tokens, after)

    @field("By name.")
    def access_keys(self, info: Info, first: First = FIRST, after: After = None) -> Connection[AccessKey] | None:
        page = info.context.gate.access.list_keys(size(info, first), after)
        return connect(info, access_keys.LISTING, page, lambda each: each.name, _keys, after)

    @field("Newest first; of one principal, or all; the writes, the refusals, or both. Kept while auth is on.")
    def audit_events(
        self,
        info: Info,
        principal: str | None = None,
        allowed: bool | None = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[AuditEvent] | None:
        page = info.context.gate.access.list_audit(size(info, first), after, principal, allowed)
        return connect(info, audit.LISTING, page, lambda each: each.id, AuditEvent.all, after)


@strawberry.type
class AccessMutations:
    @mutation("Create a token, for callers of GraphQL.")
    def create_access_token(self, info: Info, input: CreateAccessTokenInput) -> CreateAccessTokenPayload | None:
        context = info.context
        tried = attempt(lambda: context.gate.access.create_token(input.wanted(), context.principal), _FIELDS)
        made, secret = tried.result or (None, None)
        return CreateAccessTokenPayload(
            access_token=_tokens([made])[0] if made else None,
            secret=secret,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Take a token back. Streams that it began end.")
    def revoke_access_token(self, info: Info, input: RevokeAccessTokenInput) -> RevokeAccessTokenPayload | None:
        gate = info.context.gate
        tried = attempt(lambda: gate.access.revoke_token(input.name), _FIELDS)
        gate.forget()
        return RevokeAccessTokenPayload(
            access_token=_tokens([tried.result])[0] if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Create an access key, for clients of AWS.")
    def create_access_key(self, info: Info, input: CreateAccessKeyInput) -> CreateAccessKeyPayload | None:
        context = info.context
        tried = attempt(lambda: context.gate.access.create_key(input.wanted(), context.principal), _FIELDS)
        made, secret = tried.result or (None, None)
        return CreateAccessKeyPayload(
            access_key=_keys([made])[0] if made else None,
            secret=secret,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Take an access key back.")
    def revoke_access_key(self, info: Info, input: RevokeAccessKeyInput) -> RevokeAccessKeyPayload | None:
        gate = info.context.gate
        tried = attempt(lambda: gate.access.revoke_key(input.name), _FIELDS)
        gate.forget()
        return RevokeAccessKeyPayload(
            access_key=_keys([tried.result])[0] if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )


def _tokens(found: Sequence[Issued]) -> list[AccessToken]:
    return [AccessToken(**_told(each)) for each in found]


def _keys(found: Sequence[Issued]) -> list[AccessKey]:
    return [AccessKey(**_told(each), key_id=each.key_id or "") for each in found]


def _told(issued: Issued) -> dict[str, Any]:
    grant = issued.grant
    return {
        "name": issued.name,
        "role": grant.role,
        "databases": list(grant.databases),
        "job_tags": [Parameter(name=name, value=value) for name, value in grant.job_tags],
        "created_at": issued.created_at,
        "created_by": issued.created_by,
        "expires_at": issued.expires_at,
        "used_at": issued.used_at,
    }
