"""What operations are reckoned to cost, and that dear ones are refused before anything is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, parse
from sqlalchemy import event

from api.graphql.cost import MOST_VALUES, WHOLE, cost
from api.graphql.schema import PRINTED
from tests.api.graphql.conftest import Client

SCHEMA = build_schema(PRINTED.read_text())
SAMPLES = Path(__file__).parents[3] / "samples" / "graphql"
TABLE = 'table(database: "d", name: "t")'


@pytest.mark.parametrize(
    ("document", "variables", "values"),
    [
        (f"{{ {TABLE} {{ name version }} }}", {}, 1 + 2),
        (f"{{ {TABLE} {{ columns {{ name type }} }} }}", {}, 1 + 1 + WHOLE * 2),
        ("{ databases(first: 7) { edges { node { name } } } }", {}, 1 + 7 * (1 + 1 + 1)),
        ("{ databases { edges { node { name } } } }", {}, 1 + 50 * 3),
        ("query ($n: Int!) { databases(first: $n) { edges { node { name } } } }", {"n": 9}, 1 + 9 * 3),
        ("query ($n: Int! = 8) { databases(first: $n) { edges { node { name } } } }", {}, 1 + 50 * 3),
        ("{ databases(first: 9000) { edges { node { name } } } }", {}, 1 + 200 * 3),
        (
            "{ databases(first: 2) { edges { node { tables(first: 3) { edges { cursor } } } } } }",
            {},
            1 + 2 * (3 + 3 * 2),
        ),
        (f"{{ a: {TABLE} {{ name }} b: {TABLE} {{ name }} }}", {}, 4),
        (f"{{ {TABLE} {{ ...x ...x }} }} fragment x on Table {{ name }}", {}, 3),
        (f"{{ {TABLE} {{ ... on Table {{ name }} ... {{ version }} }} }}", {}, 3),
        ("{ __schema { types { name } } }", {}, 0),
    ],
)
def test_the_values_that_an_operation_may_list(document: str, variables: dict[str, Any], values: int) -> None:
    assert cost(SCHEMA, parse(document), variables) == values


def test_the_operation_that_is_named_is_reckoned() -> None:
    document = parse(f"query one {{ {TABLE} {{ name }} }} query other {{ {TABLE} {{ name version }} }}")
    assert [cost(SCHEMA, document, {}, name) for name in ("one", "other", "none")] == [2, 3, 0]


def test_fragments_that_spread_one_another_twice_are_reckoned_at_once() -> None:
    fragments = " ".join(f"fragment f{at} on Table {{ ...f{at + 1} ...f{at + 1} }}" for at in range(60))
    document = parse(f"{{ {TABLE} {{ ...f0 }} }} {fragments} fragment f60 on Table {{ name }}")
    assert cost(SCHEMA, document, {}) == 1 + 2**60


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.graphql")), ids=lambda path: path.stem)
def test_our_own_documents_cost_little(sample: Path) -> None:
    assert cost(SCHEMA, parse(sample.read_text()), {}) < MOST_VALUES / 2


def test_what_costs_too_much_is_refused_before_anything_is_read(client: Client) -> None:
    read: list[str] = []
    event.listen(client.catalog.engine, "before_cursor_execute", lambda *given: read.append(given[2]))
    lists = "edges { node { columns { name type comment } } }"
    fan = " ".join(f'a{at}: tables(database: "d", first: 200) {{ {lists} }}' for at in range(30))
    answer = client.post(f"{{ {fan} }}")
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "may list" in answer["errors"][0]["message"]
    assert "data" not in answer
    assert read == []
