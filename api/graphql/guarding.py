"""The gate before the schema: each root field is decided on before it is resolved, each object before it is told.

The second finds what is reached by another way than a root field that names it. It concerns callers with scopes, and
what a resource policy denies, alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema
from starlette.concurrency import run_in_threadpool

from api.auth.principals import WHOLE, Resource, in_database, of_job
from api.graphql.accesses import RunAccess
from api.graphql.bookmarks import Bookmark
from api.graphql.context import Context
from api.graphql.databases import Database
from api.graphql.functions import UserDefinedFunction
from api.graphql.job_runs import JobRun
from api.graphql.jobs import Job
from api.graphql.lineage import LineageStep, TableReader
from api.graphql.nodes import Node
from api.graphql.partitions import Partition
from api.graphql.permissions import ADMINS, MUTATIONS, QUERIES, SUBSCRIPTIONS, VIEW, Rule, job, subject_of
from api.graphql.policing import FIELDS, TOLD, demand_done, demand_field, demand_told
from api.graphql.tables import Table
from api.graphql.versions import TableVersion

Resolve = Callable[..., Any]
# What can be outside a scope; all else is told with that which it is a part of, at no cost for each.
_SCOPED: tuple[type, ...] = (
    *(Database, Table, TableVersion, Partition, UserDefinedFunction),
    *(Job, JobRun, Bookmark, RunAccess, Node, LineageStep, TableReader),
)
_LOOKED_AT = (*_SCOPED, *TOLD)


def guard(schema: GraphQLSchema) -> None:
    """Put the gate before all of `schema`'s root fields and objects."""
    for root, rules in ((schema.query_type, QUERIES), (schema.mutation_type, MUTATIONS)):
        for name, field in root.fields.items() if root else ():
            if field.resolve:
                field.resolve = _guarded(name, rules, field.resolve)
    for name, field in schema.subscription_type.fields.items() if schema.subscription_type else ():
        if field.subscribe:
            field.subscribe = _guarded_stream(name, field.subscribe)
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and issubclass(_class_of(kind), _LOOKED_AT):
            kind.is_type_of = _seen(kind.is_type_of)
            for name, field in kind.fields.items():
                if (_class_of(kind), name) in FIELDS and field.resolve:
                    field.resolve = _policed(name, field.resolve)


def _guarded(name: str, rules: Mapping[str, Rule], resolve: Resolve) -> Resolve:
    rule = rules.get(name, ADMINS)

    def decided(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.context.gate.on:
            _demand(info.context, name, rule, arguments)
        if rules is MUTATIONS and info.context.policed:
            demand_done(info.context, name, arguments)
        return resolve(source, info, **arguments)

    return decided


def _guarded_stream(name: str, subscribe: Resolve) -> Resolve:
    rule = SUBSCRIPTIONS.get(name, ADMINS)

    async def decided(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.context.gate.on:
            await run_in_threadpool(_demand, info.context, name, rule, arguments)
        stream = subscribe(source, info, **arguments)
        return await stream if inspect.isawaitable(stream) else stream

    return decided


def _demand(context: Context, name: str, rule: Rule, arguments: Mapping[str, Any]) -> None:
    for resource in rule.of(context, arguments) or ((WHOLE,) if not context.principal.scoped else ()):
        context.demand(rule.action, resource, name, reads=name not in MUTATIONS)


def _seen(is_type_of: Callable[..., Any] | None) -> Callable[[Any, GraphQLResolveInfo[Any]], Any]:
    def is_type_of_seen(value: Any, info: GraphQLResolveInfo[Any]) -> Any:
        context: Context = info.context
        if context.principal.scoped and (resource := _resource_of(context, value)) is not None:
            context.demand(VIEW, resource, type(value).__name__)
        if type(value) in TOLD and context.policed:
            demand_told(context, value)
        return is_type_of(value, info) if is_type_of else True

    return is_type_of_seen


def _policed(name: str, resolve: Resolve) -> Resolve:
    def decided(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.context.policed:
            demand_field(info.context, source, name)
        return resolve(source, info, **arguments)

    return decided


def _class_of(kind: GraphQLObjectType) -> type:
    definition = kind.extensions.get("strawberry-definition")
    return definition.origin if definition else object


def _resource_of(context: Context, value: Any) -> Resource | None:
    """What a scope must hold for `value` to be told; None for what is told with that which it is a part of."""
    match value:
        case Database() | Table() | TableVersion() | Partition() | UserDefinedFunction():
            return in_database(value.key()[0])
        case Job():
            return of_job(value.name, {tag.name: tag.value for tag in value.tags})
        case JobRun():
            return subject_of(context, value.value)
        case Bookmark():
            return job(context, value.job_name)
        case RunAccess():
            return in_database(value.database) if value.database else None
        case Node() | LineageStep() | TableReader():
            return WHOLE
    return None
