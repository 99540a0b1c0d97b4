"""A list takes as many SQL statements for many nodes as for few, whatever is asked of them.

The fields are those of the schema itself: one that is added is asked for here too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_required_argument,
)

from api.graphql import cost, limits
from api.graphql.schema import PRINTED
from catalog.model import Connection, Database, Function, Partition, PartitionIndex, Table
from catalog.statistics import ColumnStatistics, LongValues
from crawlers.model import Crawler, CsvClassifier, Target
from engine.crawling.plans import make_plan
from engine.events.webhooks import Webhook
from engine.flows.trigger_model import Action, Node, Trigger, TriggerType
from engine.flows.workflow_model import Workflow
from engine.model import JOB, Environment, Job
from tests.api.graphql.conftest import Client, orders
from tests.api.graphql.test_runs import finish
from tests.engine.sessions.sessioning import ready

SCHEMA = build_schema(PRINTED.read_text())
QUERY = SCHEMA.query_type
FEW, MANY = 1, 3
# What fields that cannot do without an argument are given, lists and fields of nodes alike.
GIVEN = {
    "Query.tables": 'database: "crowd"',
    "Query.userDefinedFunctions": 'database: "crowd"',
    "Query.search": 'text: "thing", kinds: [TABLE]',
    "Table.asOf": 'instant: "2100-01-01T00:00:00Z"',
    "Table.diff": "from: 0",
    "Table.partitions": 'filter: "year >= 2000"',
}
# A process of its own for each; and lists whose nodes hold nothing but values.
APART = {"Table.preview", "Query.accessTokens", "Query.accessKeys", "Query.auditEvents"}
DEEPEST = 2


def lists() -> Iterator[tuple[str, GraphQLObjectType | GraphQLInterfaceType]]:
    """The root's lists and the types of their nodes."""
    assert QUERY
    for name, field in QUERY.fields.items():
        kind = get_named_type(field.type)
        if isinstance(kind, GraphQLObjectType) and "pageInfo" in kind.fields and f"Query.{name}" not in APART:
            yield name, node_of(kind)


def node_of(connection: GraphQLObjectType) -> GraphQLObjectType | GraphQLInterfaceType:
    edge = get_named_type(connection.fields["edges"].type)
    assert isinstance(edge, GraphQLObjectType)
    node = get_named_type(edge.fields["node"].type)
    assert isinstance(node, GraphQLObjectType | GraphQLInterfaceType)
    return node


def asked(parent: str, name: str, field: GraphQLField, depth: int = 0) -> str | None:
    """The field with all that is below it, and lists in it with two nodes each; None for what cannot be asked."""
    place = f"{parent}.{name}"
    wants = any(is_required_argument(argument) for argument in field.args.values())
    if place in APART or (wants and place not in GIVEN):
        return None
    kind = get_named_type(field.type)
    arguments = [GIVEN[place]] if place in GIVEN else []
    if isinstance(kind, GraphQLObjectType) and "pageInfo" in kind.fields:
        arguments.append("first: 2")
        below = fields_of(node_of(kind), depth + 1)
        selection = f"{{ edges {{ cursor node {{ {below} }} }} }}"
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        if depth >= DEEPEST:
            return None
        selection = f"{{ {fields_of(kind, depth + 1)} }}"
    else:
        selection = ""
    return f"{name}{f'({chr(44).join(arguments)})' if arguments else ''} {selection}"


def fields_of(kind: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
    leaves = (
        asked(kind.name, name, field, depth) for name, field in kind.fields.items() if depth < DEEPEST or is_leaf(field)
    )
    return " ".join(["__typename", *filter(None, leaves)])


def is_leaf(field: GraphQLField) -> bool:
    return not hasattr(get_named_type(field.type), "fields")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake") / "sales"
    for year in ("2024", "2025"):
        (folder / f"year={year}").mkdir(parents=True)
        (folder / f"year={year}" / "a.csv").write_text("id,price\n1,2.5\n2,3.5\n")
    return folder


@pytest.fixture
def crowd(client: Client, place: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The client, with three of each noun, each of which has two of each thing that belongs to it; it may ask much."""
    monkeypatch.setattr(cost, "MOST_VALUES", 10**9)
    monkeypatch.setattr(limits, "MOST_TOKENS", 10**9)
    client.catalog.create_database(Database("crowd"))
    for at in range(MANY):
        fill(client, at, place)
    client.ask('{ search(text: "thing") { edges { cursor } } }')  # the first one takes in what there is to find
    return client


def fill(client: Client, at: int, place: Path) -> None:
    catalog, engine, name = client.catalog, client.engine, f"thing{at}"
    catalog.create_database(Database(name))
    for database in ("crowd", name):
        table = Table(database, name, orders().storage, orders().partition_keys)
        catalog.create_table(table)
        catalog.create_partitions(database, name, [Partition(("2024", month)) for month in ("1", "2")])
        catalog.create_partition_index(database, name, PartitionIndex("by_year", ("year",)))
        gathered = [ColumnStatistics("id", "bigint", LongValues(1, 2, 0, 2))]
        catalog.put_table_statistics(database, name, gathered)
        catalog.put_partition_statistics(database, name, {f"year=2024/month={month}": gathered for month in (1, 2)})
        catalog.revise_table(database, name, lambda found: found)
    engine.create_job(Job(name, "job.py", {"--job-bookmark-option": "job-bookmark-enable"}))
    for _ in range(2):
        finish(client, engine.start_job_run(name).id)
    crawler = engine.create_crawler(Crawler(name, name, (Target(str(place)),)))
    client.work_off(engine.start_crawler(name).id)
    engine.start_crawler(name)
    make_plan(catalog, crawler, stored=True)
    engine.create_classifier(CsvClassifier(name))
    catalog.create_connection(Connection(name))
    catalog.create_function(Function("crowd", name, "org.example.Thing"))
    engine.create_environment(Environment(name, "spark://10.0.0.5:7077", driver_host="10.0.0.2"))
    engine.create_webhook(Webhook(name, "http://127.0.0.1/"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    engine.create_workflow(Workflow(name))
    action = (Action(Node(JOB, name)),)
    engine.create_trigger(Trigger(name, TriggerType.ON_DEMAND, action, workflow=name))
    engine.create_trigger(Trigger(f"{name} alone", TriggerType.ON_DEMAND, action))
    ready(engine, name)
    for _ in range(2):
        engine.run_statement(name, "1")
        engine.start_workflow_run(name)
        engine.start_trigger(f"{name} alone")


def test_lists_take_as_many_statements_for_many_nodes_as_for_few(crowd: Client) -> None:
    more: dict[str, list[str]] = {}
    for name, node in lists():
        for field in node.fields:
            below = asked(node.name, field, node.fields[field])
            few, many = (statements_of(crowd, name, below, first) for first in (FEW, MANY)) if below else ((), ())
            if len(few) != len(many):
                more[f"{name} {{ {field} }}"] = list((Counter(many) - Counter(few)).elements())
    assert more == {}


def statements_of(client: Client, name: str, below: str, first: int) -> list[str]:
    given = ", ".join(filter(None, [GIVEN.get(f"Query.{name}"), f"first: {first}"]))
    with client.statements() as statements:
        found = client.ask(f"{{ {name}({given}) {{ edges {{ node {{ {below} }} }} }} }}")
    assert len(found[name]["edges"]) == first, f"{name}: the crowd has too few"
    return statements
