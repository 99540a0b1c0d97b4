"""What a caller with scopes is told: nothing of other databases and jobs, by whatever path it asks.

Everything that it may not see has "hidden" in its name or its texts, and the questions are made from the schema: each
root field, for what may and what may not be seen, with all that can be asked below it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)
from graphql.type import get_nullable_type

from api.auth.principals import Role
from api.graphql.nodes import decode, encode
from api.graphql.schema import FINDERS, schema
from catalog.model import Column, Connection, Database, Function, Partition, StorageDescriptor, Table
from crawlers.model import Crawler, CsvClassifier, Target
from engine.events.webhooks import Webhook
from engine.flows.trigger_model import Action, Node, Trigger, TriggerType
from engine.flows.workflow_model import Workflow
from engine.ledger.accesses import Access, AccessKind
from engine.model import JOB, Environment, Job
from tests.api.auth.conftest import Json, World, codes, world_at

BUILT = schema._schema
DEEPEST = 1
WEB = {"script": "/x.py", "tags": [{"name": "team", "value": "web"}]}
SEEN = {"databases", "database", "tables", "table", "partition", "jobs", "job", "jobRuns", "run", "search", "node"}
REFUSED = {"crawlers", "connections", "triggers", "workflows", "webhooks", "events", "crawls", "environments"}
OTHERS = ("connection", "classifier", "crawler", "environment", "workflow", "trigger", "webhook")


def table(database: str, name: str) -> Table:
    columns = (Column("id", "bigint"), Column(f"{name}_column", "string", f"of {name}"))
    return Table(database, name, StorageDescriptor(columns, location=f"s3://{name}/t"), (Column("day", "int"),))


def fill(world: World) -> dict[str, list[str]]:
    """One of everything that may be seen and that may not; the names and ids by the arguments that take them."""
    catalog, engine = world.catalog, world.engine
    runs = []
    for database, name, team in (("shop", "orders", "web"), ("hidden", "hidden_pay", "pay")):
        catalog.create_database(Database(database, f"of {name}"))
        catalog.create_table(table(database, name))
        catalog.create_partitions(database, name, [Partition(("1",), StorageDescriptor(location=f"s3://{name}/t/1"))])
        catalog.create_function(Function(database, f"{name}_function", "org.example.F"))
        engine.create_job(Job(f"{name}-job", f"/{name}.py", tags={"team": team}))
        runs.append(engine.start_job_run(f"{name}-job").id)
    engine.note_accesses(runs[0], [Access(AccessKind.READ, "hidden", "hidden_pay", "s3://hidden_pay/t", None)])
    engine.note_accesses(runs[0], [Access(AccessKind.WRITE, "shop", "orders", "s3://orders/t", None)])
    catalog.create_connection(Connection("hidden-connection", properties={"HOST": "hidden"}))
    engine.create_classifier(CsvClassifier("hidden-classifier", ","))
    engine.create_crawler(Crawler("hidden-crawler", "hidden", (Target("/hidden"),)))
    crawl = engine.start_crawler("hidden-crawler").id
    engine.create_environment(Environment("hidden-environment", "local[1]"))
    engine.create_workflow(Workflow("hidden-workflow"))
    engine.create_trigger(Trigger("hidden-trigger", TriggerType.ON_DEMAND, (Action(Node(JOB, "hidden_pay-job")),)))
    engine.create_webhook(Webhook("hidden-webhook", "https://hidden.example"), "whsec_" + "a" * 32)
    names = ["shop", "hidden", "orders", "hidden_pay", "orders-job", "hidden_pay-job", *runs, crawl]
    names += [f"hidden-{kind}" for kind in OTHERS]
    keys = {
        "Database": ("hidden",),
        "Table": ("hidden", "hidden_pay"),
        "TableVersion": ("hidden", "hidden_pay", "0"),
        "Partition": ("hidden", "hidden_pay", "1"),
        "UserDefinedFunction": ("hidden", "hidden_pay_function"),
        "Job": ("hidden_pay-job",),
        "Bookmark": ("hidden_pay-job",),
        "JobRun": (runs[1],),
        "Crawl": (crawl,),
    }
    ids = [encode(kind, *keys.get(kind, (f"hidden-{kind.lower()}",))) for kind in FINDERS]
    ids += [encode("Table", "shop", "orders"), encode("JobRun", runs[0]), encode("Job", "orders-job")]
    return {"names": names, "ids": ids}


@pytest.fixture(scope="module")
def filled(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path
) -> Iterator[tuple[World, dict[str, list[str]]]]:
    for world in world_at(tmp_path_factory.mktemp("scopes"), migrated_sqlite):
        yield world, fill(world)


def below(kind: GraphQLNamedType, depth: int = 0) -> Iterator[str]:
    """Selections of all that a type tells; each that leads on stands alone, so that one refused hides no other."""
    if isinstance(kind, GraphQLInterfaceType):
        for each in BUILT.get_possible_types(kind):
            yield from (f"... on {each.name} {{ {selection} }}" for selection in below(each, depth))
        return
    assert isinstance(kind, GraphQLObjectType), kind
    plain = [name for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type)) and not field.args]
    yield " ".join(["__typename", *plain])
    for name, field in kind.fields.items() if depth < DEEPEST else ():
        led = get_named_type(field.type)
        if not is_leaf_type(led) and not any(map(is_required_argument, field.args.values())):
            given = "(first: 5)" if "first" in field.args else ""
            step = 0 if led.name.endswith(("Connection", "Edge")) or led.name in ("Lineage", "SearchHit") else 1
            yield from (f"{name}{given} {{ {selection} }}" for selection in below(led, depth + step))


def calls(names: dict[str, list[str]]) -> Iterator[tuple[str, GraphQLNamedType]]:
    """Root fields with their arguments, and what they tell."""
    assert BUILT.query_type is not None
    for name, field in BUILT.query_type.fields.items():
        for given in arguments(name, field.args, names):
            yield f"{name}{given}", get_named_type(field.type)


def arguments(name: str, declared: Any, names: dict[str, list[str]]) -> Iterator[str]:
    known = sorted(set(declared) - {"first", "after", "filter", "kinds", "since", "subjects"})
    if name == "node":
        yield from (f'(id: "{each}")' for each in names["ids"])
    elif name == "search":
        yield from (f'(text: "{word}", first: 50)' for word in ("hidden", "orders", "s3"))
    elif "database" in known and len(known) > 1:
        more = {"version": "version: 0", "values": 'values: ["1"]'}
        for database, each in (("hidden", "hidden_pay"), ("HIDDEN", "hidden_pay"), ("shop", "orders")):
            told = [more.get(argument, f'{argument}: "{each}"') for argument in known if argument != "database"]
            yield f'(database: "{database}", {", ".join(told)})'
    elif len(known) == 1 and not is_list_type(get_nullable_type(declared[known[0]].type)):
        yield from (f'({known[0]}: "{each}")' for each in names["names"])
    if not any(map(is_required_argument, declared.values())):
        yield ""


def kind_of(call: str) -> str:
    """What a call of `node` or `run` can be answered with: other types are asked for by other fields."""
    return decode(call.split('"')[1])[0] if call.startswith("node(") else "JobRun"


def told(value: object) -> Iterator[str]:
    """All texts of an answer's data, and what is encoded in them: cursors and ids."""
    if isinstance(value, dict):
        for each in value.values():
            yield from told(each)
    elif isinstance(value, list):
        for each in value:
            yield from told(each)
    elif isinstance(value, str):
        yield value
        try:
            yield base64.urlsafe_b64decode(value).decode("latin-1")
        except (binascii.Error, ValueError):
            return


def leaks(answer: Json) -> bool:
    return any("hidden" in text.lower() for text in told(answer.get("data")))


def test_nothing_outside_of_its_scopes_is_told_by_any_path(filled: tuple[World, dict[str, list[str]]]) -> None:
    world, names = filled
    scoped = world.token(Role.EDITOR, "shop*", name="scoped", team="web")
    refused, seen = set(), set()
    for call, kind in calls(names):
        name = call.partition("(")[0]
        if "errors" in (answer := world.post(scoped, f"{{ {call} {{ __typename }} }}")):
            assert (codes(answer), answer["data"]) == ({"FORBIDDEN"}, {name: None}), (call, answer)
            refused.add(name)
            continue
        of = BUILT.type_map[kind_of(call)] if isinstance(kind, GraphQLInterfaceType) else kind
        for part in below(of):
            selection = part if of is kind else f"... on {of.name} {{ {part} }}"
            answer = world.post(scoped, f"{{ {call} {{ {selection} }} }}")
            assert not leaks(answer), (call, selection, answer)
            assert codes(answer) <= {"FORBIDDEN"}, (call, selection, answer)
            if "orders" in json.dumps(answer.get("data")):
                seen.add(name)
    assert seen >= SEEN
    assert refused >= REFUSED
    assert not refused & {"databases", "jobs", "search"}


def test_what_a_caller_with_scopes_is_not_told_is_there_to_be_told(filled: tuple[World, dict[str, list[str]]]) -> None:
    world, names = filled
    admin = world.token(Role.ADMIN)
    telling = set()
    for call, kind in calls(names):
        if leaks(world.post(admin, f"{{ {call} {{ {next(below(kind))} }} }}")):
            telling.add(call.partition("(")[0])
    assert telling >= {"database", "table", "partition", "job", "run", "crawler", "connection", "workflow", "node"}


def test_a_list_is_told_in_whole_pages_of_what_may_be_seen(filled: tuple[World, dict[str, list[str]]]) -> None:
    world, _ = filled
    for number in range(5):
        world.catalog.create_database(Database(f"gone_{number}"))
        world.catalog.create_database(Database(f"shop_{number}"))
    scoped = world.token(Role.VIEWER, "shop_*", name="pages")
    found, after = [], None
    while True:
        page = world.ask(
            scoped,
            "query ($after: String) { databases(first: 2, after: $after) "
            "{ edges { node { name } } pageInfo { hasNextPage endCursor } } }",
            after=after,
        )["databases"]
        found.append([edge["node"]["name"] for edge in page["edges"]])
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert found == [["shop_0", "shop_1"], ["shop_2", "shop_3"], ["shop_4"]]


@pytest.mark.parametrize(
    ("mutation", "given"),
    [
        ("createDatabase", {"name": "new", "database": {}}),
        ("deleteTable", {"database": "hidden", "name": "hidden_pay"}),
        ("deleteTable", {"database": "HIDDEN", "name": "hidden_pay"}),
        ("createJob", {"name": "mine", "job": {"script": "/x.py", "tags": [{"name": "team", "value": "pay"}]}}),
        ("createJob", {"name": "mine", "job": {"script": "/x.py"}}),
        ("updateJob", {"name": "hidden_pay-job", "job": WEB}),
        ("updateJob", {"name": "orders-job", "job": {"script": "/x.py"}}),
        ("updateJob", {"name": "orders-job", "job": {**WEB, "connections": ["hidden-connection"]}}),
        ("startJobRun", {"jobName": "hidden_pay-job"}),
        ("startCrawler", {"name": "hidden-crawler"}),
        ("stopCrawler", {"name": "hidden-crawler"}),
        ("deleteConnection", {"name": "hidden-connection"}),
        ("revokeAccessToken", {"name": "scoped"}),
    ],
)
def test_nothing_outside_of_its_scopes_is_changed(
    filled: tuple[World, dict[str, list[str]]], mutation: str, given: Json
) -> None:
    world, _ = filled
    scoped = world.token(Role.EDITOR, "shop*", name=f"{len(world.access.list_tokens(1_000).items)}", team="web")
    before = world.contents()
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    text = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ __typename }} }}"
    assert codes(world.post(scoped, text, input=given)) == {"FORBIDDEN"}
    assert world.contents() == before
