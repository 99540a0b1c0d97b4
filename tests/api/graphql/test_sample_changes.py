"""The documents in samples/graphql that make things, go back, and follow what happens do what they say."""

from __future__ import annotations

from pathlib import Path

from catalog.model import Table
from catalog.statistics import ColumnStatistics, LongValues
from engine.model import CRAWL, Outcome
from engine.running.progress import RunProgress, write_progress
from engine.sessions.model import DEFAULT_MINUTES
from engine.states import RunState
from tests.api.graphql.conftest import Client
from tests.api.graphql.test_events import following
from tests.api.graphql.test_runs import finish
from tests.api.graphql.test_samples import TABLE, lake, sample, text_of  # noqa: F401
from tests.engine.sessions.sessioning import ready, work_off

ENABLED = [{"name": "--job-bookmark-option", "value": "job-bookmark-enable"}]


def names(table: Table) -> list[str]:
    return [column.name for column in table.storage.columns]


def test_a_database_is_made_and_a_place_crawled_into_it(client: Client, place: Path) -> None:
    assert sample(client, "create_database", name="travel", description="d")["database"]["version"] == 0
    [edge] = sample(client, "list_databases")["edges"]
    assert (edge["node"]["name"], edge["node"]["tables"]["edges"]) == ("travel", [])
    run = sample(client, "start_crawl", database="travel", place=str(place))["crawl"]
    assert client.work_off(run["runId"]).state is RunState.SUCCEEDED
    assert client.catalog.get_table("travel", "sales").name == "sales"
    refused = sample(client, "start_crawl", database="travel", place="/there/is/no/such")
    assert refused["userErrors"][0]["code"] == "PLACE_NOT_FOUND"


def test_a_session_is_begun_and_asked_statement_by_statement(client: Client) -> None:
    session = ready(client.engine)
    put_in = sample(client, "run_statement", sessionId="notebook", code="1 + 1")
    assert put_in == {"statement": {"number": 0, "state": "WAITING"}, "userErrors": []}
    work_off(client.engine, session)
    told = sample(client, "session_statements", sessionId="notebook")
    [edge] = told["statements"]["edges"]
    assert (told["state"], edge["node"]["state"], edge["node"]["output"]["text"]) == ("READY", "AVAILABLE", "1 + 1")
    begun = sample(client, "create_session", sessionId="other", workerType="G.1X", numberOfWorkers=2)["session"]
    assert (begun["state"], begun["idleMinutes"]) == ("PROVISIONING", DEFAULT_MINUTES)
    assert sample(client, "create_session", sessionId="other")["userErrors"][0]["code"] == "ALREADY_EXISTS"


def test_a_table_is_told_as_it_was_restored_and_deleted(lake: Client) -> None:  # noqa: F811
    first = lake.catalog.get_version("shop", "orders", 0).created_at.isoformat()
    told = sample(lake, "table_as_of", **TABLE, instant=first)
    assert (told["version"], told["asOf"]["version"], len(told["asOf"]["columns"])) == (1, 0, 2)
    restored = sample(lake, "restore_version", **TABLE, version=0, expectedVersion=1)
    assert restored["table"]["version"] == 2
    assert names(lake.catalog.get_table("shop", "orders")) == ["id", "price"]
    going = sample(lake, "delete_table", **TABLE)
    assert (going["versionCount"], going["partitionCount"]) == (3, 3)
    assert lake.catalog.find_table("shop", "orders")
    sample(lake, "delete_table", **TABLE, dryRun=False)
    assert lake.catalog.find_table("shop", "orders") is None


def test_statistics_are_told(lake: Client) -> None:  # noqa: F811
    lake.catalog.put_table_statistics("shop", "orders", [ColumnStatistics("id", "bigint", LongValues(1, 9, 0, 9))])
    [told] = sample(lake, "column_statistics", **TABLE, columns=["id"])["columnStatistics"]
    assert (told["column"], told["kind"], told["low"], told["high"]) == ("id", "LONG", "1", "9")


def test_a_function_is_made(lake: Client) -> None:  # noqa: F811
    given = {"database": "shop", "name": "tax", "className": "org.example.Tax", "jar": "s3://jars/tax.jar"}
    made = sample(lake, "create_function", **given)["function"]
    assert made["resources"] == [{"type": "JAR", "uri": "s3://jars/tax.jar"}]


def test_a_pattern_is_tried_on_lines(client: Client) -> None:
    given = {"pattern": "%{WORD:verb} %{INT:bytes:int}"}
    tried = sample(client, "test_classifier", **given, sample="GET 120\nPUT 7")
    assert (tried["matches"], tried["rows"]) == (True, [["GET", "120"], ["PUT", "7"]])
    wrong = sample(client, "test_classifier", **given, sample="GET much")
    assert (wrong["matches"], wrong["unmatched"]["line"]) == (False, "GET much")


def test_a_job_is_made_and_its_bookmark_shown_and_rewound(lake: Client) -> None:  # noqa: F811
    made = sample(lake, "create_job", name="delays", script="job.py", arguments=ENABLED)
    assert made["job"]["version"] == 0
    runs = []
    for _ in range(2):
        runs.append(lake.engine.start_job_run("delays").id)
        finish(lake, runs[-1])
    told = lake.ask(text_of("bookmark"), job="delays")
    assert [step["runId"] for step in told["bookmark"]["history"]] == runs[::-1]
    assert told["nextReads"][0]["context"] == "ctx"
    tried = sample(lake, "rewind_bookmark", job="delays", runId=runs[0], dryRun=True)
    assert tried["bookmark"]["note"] == f"rewound to run {runs[0]}"
    assert lake.engine.get_bookmark("delays").version == 2
    sample(lake, "rewind_bookmark", job="delays", runId=runs[0])
    assert lake.engine.get_bookmark("delays").version == 3
    figures = sample(lake, "run_figures", runId=runs[0])
    assert figures["figures"] == [{"name": "rows_read", "value": 12.0}]


def test_jobs_are_started_by_a_schedule_and_one_after_another(lake: Client) -> None:  # noqa: F811
    made = sample(lake, "create_trigger", name="nightly", schedule="cron(15 2 * * ? *)", job="etl")
    assert (made["trigger"]["state"], len(made["trigger"]["nextFires"])) == ("ACTIVATED", 3)
    sample(lake, "create_job", name="then", script="job.py")
    workflow = lake.ask(text_of("create_workflow"), name="w", first="etl", then="then")
    assert [each["userErrors"] for each in workflow.values()] == [[], [], []]
    run = sample(lake, "run_workflow", name="w")["run"]["runId"]
    told = sample(lake, "workflow_graph", runId=run)
    [first] = [node["run"]["runId"] for node in told["graph"]["nodes"] if node["run"]]
    finish(lake, first)
    lake.engine.settle_end(first)
    told = sample(lake, "workflow_graph", runId=run)
    assert (told["state"], told["statistics"]["succeededActions"]) == ("RUNNING", 1)
    assert {node["nodeId"]: bool(node["run"]) for node in told["graph"]["nodes"]} == {"job:etl": True, "job:then": True}


def test_what_happens_is_followed(lake: Client, address: str, place: Path) -> None:  # noqa: F811
    job, crawl = lake.engine.start_job_run("etl").id, lake.engine.start_crawler("lake").id
    *_, last = lake.ask("{ events { edges { cursor } } }")["events"]["edges"]
    with following(address, text_of("follow_events"), after=last["cursor"]) as results:
        lake.engine.claim_run("worker", (CRAWL,), crawl)
        assert next(results)["data"]["events"]["runId"] == crawl
    lake.engine.begin_run(crawl, "worker")
    (lake.runs / crawl).mkdir(parents=True)
    write_progress(lake.runs, crawl, RunProgress("running", 1, 2, "read", 2, 5.0))
    with following(address, text_of("follow_crawl"), runId=crawl) as results:
        assert next(results)["data"]["crawlProgress"]["stage"] == "read"
        lake.engine.finish_run(crawl, "worker", Outcome(RunState.FAILED))
        assert list(results) == []
    (lake.runs / job).mkdir(parents=True)
    (lake.runs / job / "output.log").write_text("first\nsecond\n")
    finish(lake, job)
    with following(address, text_of("follow_states"), runId=job) as results:
        assert [each["data"]["runStates"]["number"] for each in results] == [1, 2, 3, 4]
    with following(address, text_of("follow_log"), runId=job) as results:
        assert [each["data"]["runLog"]["text"] for each in results] == ["first\nsecond\n"]
