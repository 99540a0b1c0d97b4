"""The decision as a table and as laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.auth.decision import decide, may
from api.auth.errors import Forbidden
from api.auth.principals import (
    ACTIONS,
    ROLES,
    WHOLE,
    Action,
    Grant,
    Principal,
    Resource,
    Role,
    in_database,
    of_job,
)

RESOURCES = st.one_of(
    st.text(max_size=8).map(in_database),
    st.builds(of_job, st.text(max_size=8), st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"))),
    st.text(max_size=8).map(lambda name: Resource("connection", name)),
    st.just(WHOLE),
)
SCOPES = st.tuples(
    st.lists(st.sampled_from(["sales", "sales_*", "hr"]), max_size=2).map(tuple),
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy")), max_size=2).map(tuple),
)


def holder(role: Role, *databases: str, **tags: str) -> Principal:
    return Principal("ada", Grant(role, databases, tuple(tags.items())))


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.VIEWER, "view"),
        (Role.OPERATOR, "view run"),
        (Role.EDITOR, "view run edit"),
        (Role.ADMIN, "view run edit administer"),
    ],
)
def test_a_role_may_do_so_much_anywhere_without_scopes(role: Role, allowed: str) -> None:
    for resource in (WHOLE, in_database("sales"), of_job("pay", {}), Resource("connection", "c")):
        assert [action for action in ACTIONS if may(holder(role), action, resource)] == allowed.split()


@pytest.mark.parametrize(
    ("resource", "held"),
    [
        (in_database("sales"), True),
        (in_database("SALES"), True),
        (in_database("sales_eu"), True),
        (in_database("presales_eu"), False),
        (in_database("hr"), False),
        (in_database(""), False),
        (of_job("any", {"team": "web", "tier": "1"}), True),
        (of_job("any", {"team": "pay"}), False),
        (of_job("sales", {}), False),
        (Resource("connection", "sales"), False),
        (Resource("crawler", "sales"), False),
        (WHOLE, False),
    ],
)
def test_a_scope_holds_its_databases_and_jobs_and_nothing_else(resource: Resource, held: bool) -> None:
    ada = holder(Role.EDITOR, "sales", "sales_*", team="web")
    assert all(may(ada, action, resource) is held for action in (Action.VIEW, Action.RUN, Action.EDIT))
    assert not may(ada, Action.ADMINISTER, resource)


@given(st.sampled_from(ROLES), st.sampled_from(ACTIONS), SCOPES, RESOURCES)
def test_a_higher_role_may_do_all_that_a_lower_one_may(
    role: Role, action: Action, scopes: tuple[tuple[str, ...], tuple[tuple[str, str], ...]], resource: Resource
) -> None:
    if may(Principal("ada", Grant(role, *scopes)), action, resource):
        assert all(may(Principal("ada", Grant(more, *scopes)), action, resource) for more in ROLES[ROLES.index(role) :])


@given(st.sampled_from(ROLES), st.sampled_from(ACTIONS), SCOPES, RESOURCES)
def test_scopes_only_take_away(
    role: Role, action: Action, scopes: tuple[tuple[str, ...], tuple[tuple[str, str], ...]], resource: Resource
) -> None:
    if may(Principal("ada", Grant(role, *scopes)), action, resource):
        assert may(Principal("ada", Grant(role)), action, resource)


def test_a_refusal_says_who_may_not_do_what_and_why() -> None:
    with pytest.raises(Forbidden, match="ada may not edit database hr: that takes the role editor, and it is viewer"):
        decide(holder(Role.VIEWER), Action.EDIT, in_database("hr"))
    with pytest.raises(Forbidden, match="ada may not view database hr: it is outside of its scopes"):
        decide(holder(Role.VIEWER, "sales"), Action.VIEW, in_database("hr"))
