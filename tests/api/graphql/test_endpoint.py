"""GraphQL over HTTP: what is taken, what is refused, and how failures are told."""

from __future__ import annotations

import threading
from typing import Any
from unittest.mock import ANY

import pytest
from graphql import get_introspection_query
from sqlalchemy import event, text
from structlog.testing import capture_logs

from api.graphql import limits
from catalog.model import Database
from tests.api.graphql.conftest import Client

CREATE = 'mutation { createDatabase(input: {name: "made"}) { database { name } } }'
NAMES = "{ databases { edges { node { name } } } }"


def error(answer: Any) -> tuple[str, str]:
    """Code and message of the only error of an answer; every error has a request's id."""
    (only,) = answer["errors"]
    assert only["extensions"]["requestId"]
    return only["extensions"]["code"], only["message"]


def test_a_query_by_get_is_answered(shop: Client) -> None:
    asked = {"query": "query A($n: String!) { database(name: $n) { name } }", "variables": '{"n": "shop"}'}
    response = shop.http("GET", params={**asked, "operationName": "A"})
    assert response.json() == {"data": {"database": {"name": "shop"}}}
    assert response.headers["x-request-id"]


def test_a_mutation_by_get_is_refused(client: Client) -> None:
    response = client.http("GET", params={"query": CREATE})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert error(response.json())[0] == "BAD_REQUEST"
    assert client.catalog.find_database("made") is None


def test_the_named_operation_is_run(client: Client) -> None:
    document = "query A { databases { edges { cursor } } } " + CREATE.replace("mutation", "mutation B")
    response = client.http("POST", json={"query": document, "operationName": "B"})
    assert response.json() == {"data": {"createDatabase": {"database": {"name": "made"}}}}
    unknown = client.http("POST", json={"query": document, "operationName": "C"}).json()
    assert error(unknown)[0] == "BAD_REQUEST"
    assert "data" not in unknown


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'[{"query": "{ __typename }"}]', "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"query": 1}', "application/json", 400),
        (b'{"query": "{ __typename }", "variables": []}', "application/json", 400),
        (b'{"query": "\xff"}', "application/json", 400),
        (b'{"query": ' + b"[" * 100_000, "application/json", 400),
        (b'{"query": "{ __typename }"}', "text/plain", 415),
        (b"query=%7B__typename%7D", "application/x-www-form-urlencoded", 415),
        (b'{"query": "' + b" " * limits.MOST_BYTES + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_is_no_request_is_refused(client: Client, content: bytes, content_type: str, status: int) -> None:
    response = client.http("POST", content=content, headers={"content-type": content_type})
    assert response.status_code == status
    assert error(response.json())[0] == ("LIMIT_EXCEEDED" if status == 413 else "BAD_REQUEST")


@pytest.mark.parametrize("variables", ["{", "[]", "1"])
def test_variables_by_get_that_are_no_object_are_refused(client: Client, variables: str) -> None:
    response = client.http("GET", params={"query": NAMES, "variables": variables})
    assert (response.status_code, error(response.json())[0]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{", {}),
        ("", {}),
        ("{ nothing }", {}),
        ("fragment a on Query { __typename }", {}),
        ("{ databases(first: true) { edges { cursor } } }", {}),
        ("query ($n: Int!) { databases(first: $n) { edges { cursor } } }", {}),
        ("query ($n: Int!) { databases(first: $n) { edges { cursor } } }", {"n": "many"}),
        (
            "mutation ($i: UpdateTableInput!) { updateTable(input: $i) { table { name } } }",
            {"i": {"database": "a", "name": "b", "table": {"lastAccessedAt": "yesterday"}}},
        ),
        (
            "mutation ($i: CreateCrawlerInput!) { createCrawler(input: $i) { crawler { name } } }",
            {"i": {"name": "a", "crawler": {"database": "b", "targets": [], "recrawl": "SOMETIMES"}}},
        ),
        ("subscription { __typename }", {}),
    ],
)
def test_a_document_that_cannot_be_run_is_told_as_the_client_asks(
    client: Client, query: str, variables: dict[str, object]
) -> None:
    for accept, status in (("application/json", 200), ("application/graphql-response+json", 400)):
        response = client.http("POST", json={"query": query, "variables": variables}, headers={"accept": accept})
        assert (response.status_code, response.headers["content-type"]) == (status, accept)
        assert "data" not in response.json()
        assert error(response.json())[0] == "BAD_REQUEST"


def nested(path: str) -> str:
    """A document that asks for each field inside the one before it."""
    return "{ " + path.replace(" ", " { ") + " }" * len(path.split())


def spread_twice(fragments: int) -> str:
    """Fragments of which each spreads the next one twice: a document of few words that stands for 2^n aliases."""
    chain = [f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(fragments)]
    return "{ ...f0 } " + " ".join(chain) + f" fragment f{fragments} on Query {{ a: databases {{ __typename }} }}"


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ("{" + "".join(f" a{number}" for number in range(1_000)) + "}", "tokens"),
        ("{ databases { edges { node {" + " name" * 31 + " } } } }", "name more than 30 times"),
        ("{ databases { edges {" + " ... on DatabaseEdge { cursor }" * 31 + " } } }", "on more than 30 times"),
        ("{ databases(after: " + "[" * 70 + "]" * 70 + ") { edges { cursor } } }", "brackets"),
        (nested("databases " * 300 + "name"), "brackets"),
        (nested("databases edges node tables edges node versions edges node storage serde parameters name"), "deep"),
        ("{" + "".join(f" a{n}: databases {{ edges {{ cursor }} }}" for n in range(31)) + "}", "aliases"),
        (spread_twice(60), "aliases"),
    ],
)
def test_a_document_that_asks_for_too_much_is_refused(client: Client, document: str, word: str) -> None:
    with client.statements() as seen:
        answer = client.post(document)
    told = [each for each in answer["errors"] if each["extensions"]["code"] == "LIMIT_EXCEEDED"]
    assert word in told[0]["message"]
    assert "data" not in answer
    assert seen == []


def test_a_query_that_lists_too_many_nodes_is_ended(client: Client) -> None:
    for number in range(200):
        client.catalog.create_database(Database(f"d{number}"))
    listing = "databases(first: 200) { edges { node { tables { edges { cursor } } } } }"
    assert len(client.ask(f"{{ {listing} }}")["databases"]["edges"]) == 200
    document = "{" + "".join(f" a{number}: {listing}" for number in range(30)) + "}"
    answer = client.post(document)
    assert error(answer)[0] == "LIMIT_EXCEEDED"
    assert "data" not in answer


def test_introspection_is_answered(client: Client) -> None:
    assert client.ask(get_introspection_query())["__schema"]["queryType"]["name"] == "Query"


def test_a_fault_is_logged_and_masked(shop: Client) -> None:
    with shop.catalog.engine.begin() as connection:
        connection.execute(text("UPDATE tables SET body = 'secret'"))
    with capture_logs() as logs:
        answer = shop.post('{ database(name: "shop") { name } table(database: "shop", name: "orders") { name } }')
    assert answer["data"] == {"database": {"name": "shop"}, "table": None}
    code, message = error(answer)
    request = answer["errors"][0]["extensions"]["requestId"]
    assert code == "INTERNAL"
    assert request in message
    assert "secret" not in str(answer)
    assert logs == [
        {"event": "graphql failed", "log_level": "error", "request": request, "path": ["table"], "exc_info": ANY}
    ]


def test_a_fault_in_one_mutation_does_not_hide_what_another_did(shop: Client) -> None:
    with shop.catalog.engine.begin() as connection:
        connection.execute(text("UPDATE tables SET body = 'secret'"))
    gone = 'b: deleteTable(input: {database: "shop", name: "orders"}) { table { name } }'
    with capture_logs():
        answer = shop.post(
            f'mutation {{ a: createDatabase(input: {{name: "made"}}) {{ database {{ name }} }} {gone} }}'
        )
    assert answer["data"] == {"a": {"database": {"name": "made"}}, "b": None}


def test_a_filter_that_cannot_be_read_is_told_with_its_code(shop: Client) -> None:
    query = '{ table(database: "shop", name: "orders") { name partitions(filter: "year ~ 1") { edges { cursor } } } }'
    answer = shop.post(query)
    assert answer["data"] == {"table": {"name": "orders", "partitions": None}}
    code, message = error(answer)
    assert code == "INVALID_INPUT"
    assert "year ~ 1" in message


def test_the_work_is_done_off_the_event_loop(client: Client) -> None:
    threads: list[threading.Thread] = []

    def executed(*_call: object) -> None:
        threads.append(threading.current_thread())

    event.listen(client.catalog.engine, "before_cursor_execute", executed)
    client.ask(CREATE)
    assert threads
    assert threads[0] is not threading.main_thread()


def test_the_schema_is_told_only_where_it_may_be(client: Client) -> None:
    assert "type Query {" in client.http("GET", "/graphql/schema.graphql").text
    closed = Client(client.catalog, client.engine, client.runs, introspection=False)
    assert closed.http("GET", "/graphql/schema.graphql").status_code == 404
    for query in (
        "{ __schema { types { name } } }",
        '{ ...x } fragment x on Query { a: __type(name: "Job") { name } }',
    ):
        answer = closed.post(query)
        assert error(answer)[0] == "FORBIDDEN"
        assert "data" not in answer
    assert closed.ask("{ __typename databases { edges { node { __typename } } } }")["__typename"] == "Query"
