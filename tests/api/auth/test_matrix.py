"""The bypass matrix: each operation of each face, called in each role, is refused where it must be and changes nothing.

What least role an operation takes is said here once more, so that a rule that is lost or wrong is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)
from graphql.type import get_nullable_type

from api.auth.errors import Forbidden
from api.auth.principals import ROLES, Grant, Principal, Role
from api.glue.model import glue_model
from api.graphql.permissions import MUTATIONS, QUERIES, SUBSCRIPTIONS
from api.graphql.schema import schema
from api.hive.doors import Door, action_of
from api.hive.handlers import HANDLERS
from api.hive.methods import method
from api.hive.refusals import REFUSED
from api.hive.session import Session
from tests.api.auth.conftest import World, codes, world_at

BUILT, TEXT = schema._schema, schema.as_str()
OPERATORS = re.compile(
    r"(start|stop)(Crawler|JobRun|WorkflowRun)|stopCrawl|resumeWorkflowRun|putWorkflowRunProperties|post\w+"
    r"|resetJobBookmark|setJobBookmarkToNow|testConnection|(stop|delete)Session|cancelStatement"
)
ADMINS = re.compile(r"(create|revoke)Access(Token|Key)|accessTokens|accessKeys|auditEvents")
SAMPLES: dict[str, Any] = {"String": "x", "ID": "x", "Int": 1, "Long": 1, "Float": 1.0, "Boolean": False}


def least(root: str, name: str) -> Role:
    if ADMINS.fullmatch(name):
        return Role.ADMIN
    if root != "Mutation":
        return Role.EDITOR if name == "testClassifier" else Role.VIEWER
    return Role.OPERATOR if OPERATORS.fullmatch(name) else Role.EDITOR


def fields() -> Iterator[tuple[str, str, GraphQLField]]:
    for root in (BUILT.query_type, BUILT.mutation_type):
        assert root is not None
        yield from ((root.name, name, field) for name, field in root.fields.items())


def document(root: str, name: str, field: GraphQLField) -> tuple[str, dict[str, Any]]:
    """The shortest call of a field, with a value for each argument that it must have."""
    needed = {each: argument for each, argument in field.args.items() if is_required_argument(argument)}
    declared = ", ".join(f"${each}: {argument.type}" for each, argument in needed.items())
    given = ", ".join(f"{each}: ${each}" for each in needed)
    head = f"{root.lower()}{f'({declared})' if needed else ''}"
    text = f"{head} {{ {name}{f'({given})' if needed else ''} {{ __typename }} }}"
    return text, {each: sample(argument) for each, argument in needed.items()}


def sample(of: GraphQLArgument | Any) -> Any:
    kind = get_nullable_type(of.type)
    if is_list_type(kind):
        return []
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        if f"input {named.name} @oneOf" in TEXT:
            name, field = next(iter(named.fields.items()))
            return {name: sample(field)}
        return {each: sample(field) for each, field in named.fields.items() if is_required_input_field(field)}
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    return SAMPLES.get(named.name, "2026-01-01T00:00:00Z")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[World]:
    yield from world_at(tmp_path_factory.mktemp("matrix"), migrated_sqlite)


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_each_field_of_graphql_takes_its_role(shared: World, role: Role) -> None:
    token, before = shared.token(role), shared.contents()
    wrong = []
    for root, name, field in fields():
        refused = ROLES.index(role) < ROLES.index(least(root, name))
        if not refused and root == "Mutation":
            continue  # what it does then, its own tests say; that it is let in, the next one
        text, variables = document(root, name, field)
        answer = shared.post(token, text, **variables)
        if ("FORBIDDEN" in codes(answer)) is not refused or (refused and answer["data"] != {name: None}):
            wrong.append((name, answer))
    assert wrong == []
    assert shared.contents() == before


def test_a_mutation_is_let_in_for_its_role_and_recorded_before_it_is_carried_out(world: World) -> None:
    tokens = {role: world.token(role) for role in ROLES}
    for name in ("startJobRun", "deleteJob", "revokeAccessToken"):
        assert BUILT.mutation_type is not None
        text, variables = document("Mutation", name, BUILT.mutation_type.fields[name])
        assert codes(world.post(tokens[least("Mutation", name)], text, **variables)) == set()
    told = [(each["principal"], each["operation"], each["resource"], each["allowed"]) for each in world.audit()]
    assert told == [
        ("operator", "startJobRun", "job x", True),
        ("editor", "deleteJob", "job x", True),
        ("admin", "revokeAccessToken", "token x", True),
    ]


def test_no_field_of_graphql_is_asked_without_a_token(shared: World) -> None:
    for root, name, field in fields():
        text, variables = document(root, name, field)
        for token in (None, "isg_wrong"):
            refused = shared.http("POST", "/graphql", token, json={"query": text, "variables": variables})
            assert refused.status_code == 401, name
            assert "data" not in refused.json()


def test_each_root_field_has_a_rule_and_no_rule_is_of_nothing() -> None:
    for root, rules in (
        (BUILT.query_type, QUERIES),
        (BUILT.mutation_type, MUTATIONS),
        (BUILT.subscription_type, SUBSCRIPTIONS),
    ):
        assert isinstance(root, GraphQLObjectType)
        assert set(root.fields) == set(rules)


WRITES = re.compile(
    r"(add|alter|append|create|delete|drop|rename|set_aggr|truncate|update)_\w+|lock|unlock|check_lock|heartbeat"
)


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_each_method_of_hive_takes_its_role(shared: World, role: Role) -> None:
    door = Door(shared.gate, Principal("hive", Grant(role)), lambda _: True)
    session, before, wrong = Session(shared.catalog, warehouse=None, door=door), shared.contents(), []  # type: ignore[arg-type]
    for name in set(HANDLERS) - set(REFUSED):
        needed = Role.EDITOR if WRITES.fullmatch(name) else Role.VIEWER
        try:
            session.demand(name, method(name).arguments())
            allowed = True
        except Forbidden:
            allowed = False
        if allowed is not (ROLES.index(role) >= ROLES.index(needed)):
            wrong.append(name)
    assert wrong == []
    assert shared.contents() == before


def test_a_method_of_hive_that_is_not_known_is_an_admins() -> None:
    assert {action_of(name) for name in ("grant_role", "open_txns", "setMetaConf", "compact")} == {"administer"}


@pytest.mark.parametrize("path", ["read-plan", "written", "stage", "commit", "bookmark/count", "connections/x"])
def test_a_runs_routes_are_for_its_own_token_alone(shared: World, path: str) -> None:
    for token in (None, shared.token(Role.ADMIN, name=f"no run {path[:4]}")):
        method = "GET" if path.startswith("connections") else "POST"
        body = (
            {}
            if method == "GET"
            else {"json": {"location": "/x", "format": "csv", "columns": [], "transformation_ctx": "x"}}
        )
        assert shared.http(method, f"/runs/jr_1/{path}", token, **body).status_code == 403


def test_no_operation_of_glue_is_asked_without_a_signature(shared: World) -> None:
    token = shared.token(Role.ADMIN, name="no signature")
    for operation in glue_model().operations:
        refused = shared.http("POST", "/", token, headers={"X-Amz-Target": f"AWSGlue.{operation}"}, json={})
        assert refused.status_code in (400, 403), operation
        assert "Signature" in refused.text or "Token" in refused.text
