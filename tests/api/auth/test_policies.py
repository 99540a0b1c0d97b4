"""Resource policies in the database: changes by several at once, services that share it; and the language's laws."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine as SqlEngine

from api.auth.errors import PolicyConditionFailed
from api.auth.policies import KNOWN_SECONDS, Exists, Policies
from api.auth.policy import ACTIONS, read_policy
from api.glue.model import glue_model
from api.glue.operations import OPERATIONS
from api.graphql.permissions import MUTATIONS
from api.graphql.policing import done
from catalog.errors import DomainError

ACCOUNT = "123456789012"
PATTERNS = st.text("ab*?", min_size=1, max_size=8)


def denying(path: str, number: int = 0) -> str:
    resource = f"arn:aws:glue:*:*:{path}"
    said = {"Effect": "Deny", "Principal": "*", "Action": "glue:GetTable", "Resource": resource, "Sid": f"n{number}"}
    return json.dumps({"Statement": said})


def test_of_several_who_put_by_one_hash_one_succeeds(store: SqlEngine) -> None:
    policies = Policies(store, ACCOUNT)

    def put(number: int) -> str | type[DomainError]:
        try:
            return policies.put(denying("table/a/b", number), Exists.MUST, first).hash
        except DomainError as error:
            return type(error)

    first = policies.put(denying("table/a/b"), Exists.NOT).hash
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(put, range(1, 17)))
    (winner,) = (each for each in told if isinstance(each, str))
    assert policies.get().hash == winner
    assert told.count(PolicyConditionFailed) == 15


def test_of_several_who_put_the_first_policy_one_succeeds(store: SqlEngine) -> None:
    policies = Policies(store, ACCOUNT)

    def put(number: int) -> bool:
        try:
            policies.put(denying("table/a/b", number), Exists.NOT)
        except PolicyConditionFailed:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(put, range(16))) == 1


def test_a_change_is_in_force_at_once_and_of_another_service_after_two_seconds(store: SqlEngine) -> None:
    at = [0.0]
    ours, others = Policies(store, ACCOUNT), Policies(store, ACCOUNT, clock=lambda: at[0])
    assert ours.current() is others.current() is None
    ours.put(denying("table/a/b"))
    in_force = ours.current()
    assert in_force is not None
    assert in_force.denied("ada", ["GetTable"], ["table/a/b"]) == "table/a/b"
    assert others.current() is None
    at[0] += KNOWN_SECONDS
    assert others.current() == in_force
    ours.delete()
    assert ours.current() is None


def test_a_policy_of_another_account_denies_everything_until_it_is_put_anew(store: SqlEngine) -> None:
    Policies(store, ACCOUNT).put(denying("table/a/b").replace(":*:table", f":{ACCOUNT}:table"))
    others = Policies(store, "999999999999")
    in_force = others.current()
    assert in_force is not None
    assert in_force.denied("ada", ["CreateDatabase"], ["catalog"]) == "catalog"
    others.put(denying("table/a/b"))
    assert others.current() != in_force


@given(PATTERNS, PATTERNS, st.text("ab/", min_size=1, max_size=6))
def test_a_tree_is_touched_by_what_holds_something_in_it(database: str, table: str, name: str) -> None:
    policy, _ = read_policy(denying(f"table/{database}/{table}"), ACCOUNT)
    (statement,) = policy.statements
    held = policy.denied("ada", ["GetTable"], [f"table/{name}"]) is not None
    assert statement.touches(f"table/{name}") == held
    if held:
        assert statement.touches(f"table/{name[:2]}*")


@pytest.mark.parametrize(
    ("pattern", "path", "held"),
    [
        ("table/Sales/*", "table/sales/orders", True),
        ("table/sales/?rders", "table/sales/orders", True),
        ("table/sales/[o]rders", "table/sales/orders", False),
        ("table/sales/?", "table/sales/*", False),
        ("table/sales/*", "table/sales/*", True),
        ("table/*o*e*s", "table/sales/orders", True),
        ("table/*s*s*s*s", "table/sales/orders", False),
        ("*a" * 200 + "b", "table/x/" + "a" * 250, False),
        ("*", "catalog", True),
        ("connection/Vault", "connection/vault", False),
    ],
)
def test_a_pattern_is_of_awss_two_signs(pattern: str, path: str, held: bool) -> None:
    policy, _ = read_policy(denying(pattern), ACCOUNT)
    assert (policy.denied("ada", ["GetTable"], [path]) == path) is held


def test_every_action_is_an_operation_that_is_real_here() -> None:
    assert set(OPERATIONS) >= ACTIONS
    words = "Database|Table|Partition|ColumnStatistics|UserDefinedFunction|Connection|ResourcePolic"
    of_the_catalog = {name for name in OPERATIONS if re.search(words, name)}
    assert of_the_catalog <= ACTIONS
    assert glue_model().operations.keys() >= ACTIONS


def test_every_mutation_of_the_catalog_is_one_of_glues_actions() -> None:
    words = "Database|Table|Partition|ColumnStatistics|UserDefinedFunction|Connection$"
    given = dict.fromkeys(("name", "database", "table"), "x")
    for name in MUTATIONS:
        assert (done(name, given) is not None) is bool(re.search(words, name)), name
