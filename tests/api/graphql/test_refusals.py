"""What was refused for what it asks for is refused again at once; what asks for less is not."""

from __future__ import annotations

import pytest
from graphql import GraphQLError

from api.graphql.refusals import MOST_KNOWN, Refusals
from tests.api.graphql.conftest import Client

FANNED = (
    "query ($n: Int!) { databases(first: $n) { edges { node { tables(first: 200) { edges { node { "
    "columns { name type comment } versions(first: 50) { edges { node { version } } } } } } } } } }"
)


def test_only_the_operation_that_was_refused_is_known() -> None:
    refusals = Refusals()
    refusals.note("too dear", "{ a }", {"n": 9}, None)
    with pytest.raises(GraphQLError, match="too dear"):
        refusals.demand_new("{ a }", {"n": 9}, None)
    for other in (("{ b }", {"n": 9}, None), ("{ a }", {"n": 1}, None), ("{ a }", {"n": 9}, "x")):
        refusals.demand_new(*other)


def test_it_keeps_no_more_than_so_many() -> None:
    refusals = Refusals()
    for at in range(MOST_KNOWN + 1):
        refusals.note("no", str(at))
    refusals.demand_new("0")
    with pytest.raises(GraphQLError):
        refusals.demand_new(str(MOST_KNOWN))


def test_a_document_that_is_too_dear_is_refused_each_time_and_answered_where_it_asks_for_less(client: Client) -> None:
    for _ in range(2):
        (only,) = client.post(FANNED, n=200)["errors"]
        assert only["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert client.ask(FANNED, n=1) == {"databases": {"edges": []}}
