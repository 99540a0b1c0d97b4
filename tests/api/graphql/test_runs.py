"""Jobs, crawlers, their runs and bookmarks through GraphQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crawlers.model import Crawler, Target
from engine.model import CountState, FileState, Job, KeyState, Outcome, RunSource, SourceState
from engine.running.runfiles import ReadRequest, plan_read
from engine.states import RunState
from tests.api.graphql.conftest import Client
from tests.api.graphql.test_catalog import code

ENABLED = [{"name": "--job-bookmark-option", "value": "job-bookmark-enable"}]
RUN = """fragment run on Run {
  __typename runId state finished executionSeconds figures { name value } events { oldState newState reason }
}"""
HIGH = 1_700_000_000_000
MARK = "fragment mark on Bookmark { version runId sources { context readUpTo rememberedFiles } }"
REPORT = """fragment report on CrawlReport {
  files { seen read size failed { total } } written dryRun seconds { name } tableCounts { added updated deleted }
  tables { name action why format files records columns { name type } }
}"""


def finish(client: Client, run_id: str) -> None:
    """Have a job run end well after it read a source, as a worker and the run's process would."""
    engine = client.engine
    assert engine.claim_run("worker", run_id=run_id)
    engine.begin_run(run_id, "worker")
    engine.record_source(
        run_id,
        RunSource("ctx", "shop.orders", 3, 1, FileState(HIGH, {"/orders": HIGH - 900_000}, {"a": HIGH, "b": HIGH})),
    )
    engine.commit_job(run_id)
    engine.finish_run(run_id, "worker", Outcome(RunState.SUCCEEDED, None, {"rows_read": 12.0}))


def test_a_job_is_created_run_followed_and_its_bookmark_reset(client: Client) -> None:
    job = {"script": "job.py", "defaultArguments": ENABLED, "timeoutMinutes": 5}
    made = client.change("createJob", "job { version glueVersion }", name="etl", job=job)
    assert made["job"] == {"version": 0, "glueVersion": "5.1"}
    arguments = [{"name": "--day", "value": "2024-01-01"}]
    started = client.change("startJobRun", "run { runId state attempt }", jobName="etl", arguments=arguments)["run"]
    assert (started["state"], started["attempt"]) == ("WAITING", 0)
    finish(client, started["runId"])

    found = client.ask(
        """query ($id: String!) { run(runId: $id) { ...run ... on JobRun {
          jobName arguments { name value } sources { context source selectedFiles skippedFiles }
        } } }"""
        + RUN,
        id=started["runId"],
    )["run"]
    assert (found["__typename"], found["jobName"], found["state"], found["finished"]) == (
        "JobRun",
        "etl",
        "SUCCEEDED",
        True,
    )
    assert found["executionSeconds"] >= 0
    assert found["figures"] == [{"name": "rows_read", "value": 12.0}]
    assert [event["newState"] for event in found["events"]] == ["WAITING", "STARTING", "RUNNING", "SUCCEEDED"]
    assert found["events"][0]["oldState"] is None
    assert found["arguments"] == ENABLED + arguments
    assert found["sources"] == [{"context": "ctx", "source": "shop.orders", "selectedFiles": 3, "skippedFiles": 1}]

    asked = client.ask('{ bookmark(job: "etl") { ...mark } job(name: "etl") { bookmark { ...mark } } }' + MARK)
    assert asked["bookmark"] == asked["job"]["bookmark"]
    source = {"context": "ctx", "readUpTo": "2023-11-14T22:13:20+00:00", "rememberedFiles": 2}
    assert asked["bookmark"] == {"version": 1, "runId": started["runId"], "sources": [source]}
    for dry_run in (True, False):
        reset = client.change("resetJobBookmark", "forgotten { version }", jobName="etl", dryRun=dry_run)
        assert reset["forgotten"] == {"version": 1}
    again = client.change("resetJobBookmark", "forgotten { version }", jobName="etl")
    assert (again["forgotten"], again["userErrors"]) == (None, [])


def test_a_job_is_updated_only_from_the_version_that_was_read_and_deleted(client: Client) -> None:
    client.change("createJob", "job { name }", name="etl", job={"script": "a.py"})
    changed = client.change("updateJob", "job { version }", name="etl", expectedVersion=0, job={"script": "b.py"})
    assert changed["job"] == {"version": 1}
    late = client.change("updateJob", "job { version script }", name="etl", expectedVersion=0, job={"script": "c.py"})
    assert code(late) == ("CONFLICT", ["expectedVersion"])
    assert late["job"] == {"version": 1, "script": "b.py"}
    for dry_run in (True, False):
        gone = client.change("deleteJob", "job { name } bookmark { version }", name="etl", dryRun=dry_run)
        assert (gone["job"], gone["bookmark"], gone["userErrors"]) == ({"name": "etl"}, None, [])
    assert code(client.change("deleteJob", "job { name }", name="etl")) == ("NOT_FOUND", ["name"])


def test_a_run_that_waits_is_stopped_at_once_and_cannot_be_stopped_twice(client: Client) -> None:
    client.engine.create_job(Job("etl", "job.py"))
    run = client.engine.start_job_run("etl")
    assert code(client.change("startJobRun", "run { state }", jobName="etl")) == ("ALREADY_RUNNING", None)
    dry = client.change("deleteJob", "job { name }", name="etl", dryRun=True)
    assert code(dry) == ("ALREADY_RUNNING", None)
    stopped = client.change("stopJobRun", "run { state }", runId=run.id)
    assert stopped["run"] == {"state": "STOPPED"}
    assert code(client.change("stopJobRun", "run { state }", runId=run.id)) == ("NOT_RUNNING", None)


def test_a_crawler_crawls_and_tells_what_it_found(shop: Client, place: Path) -> None:
    crawler = {"database": "shop", "targets": [{"place": str(place), "exclusions": ["**.tmp"], "sampleSize": 5}]}
    made = shop.change("createCrawler", "crawler { version state latestCrawl { runId } }", name="c", crawler=crawler)
    assert made["crawler"] == {"version": 1, "state": "READY", "latestCrawl": None}

    document = 'mutation { startCrawler(input: {name: "c", dryRun: true}) { crawl { runId } report { ...report } } }'
    dry = shop.ask(document + REPORT)["startCrawler"]
    assert dry["crawl"] is None
    assert (dry["report"]["dryRun"], dry["report"]["written"]) == (True, False)
    assert dry["report"]["tables"][0]["action"] == "CREATED"
    assert shop.catalog.find_table("shop", "sales") is None

    run_id = shop.change("startCrawler", "crawl { runId }", name="c")["crawl"]["runId"]
    asked = '{ crawler(name: "c") { state latestCrawl { runId state } crawls { edges { node { runId } } } } }'
    crawler_now = shop.ask(asked)["crawler"]
    assert crawler_now["state"] == "RUNNING"
    assert crawler_now["latestCrawl"] == {"runId": run_id, "state": "WAITING"}
    assert crawler_now["crawls"]["edges"] == [{"node": {"runId": run_id}}]
    assert code(shop.change("startCrawler", "crawl { runId }", name="c")) == ("ALREADY_RUNNING", None)
    assert code(shop.change("deleteCrawler", "crawler { name }", name="c", dryRun=True)) == ("ALREADY_RUNNING", None)

    assert shop.work_off(run_id).state is RunState.SUCCEEDED
    found = shop.ask(
        """query ($id: String!) { run(runId: $id) { ...run ... on Crawl {
          crawlerName targets { place sampleSize } report { ...report }
        } } }"""
        + RUN
        + REPORT,
        id=run_id,
    )["run"]
    assert (found["state"], found["crawlerName"]) == ("SUCCEEDED", "c")
    assert found["targets"] == [{"place": str(place), "sampleSize": 5}]
    assert found["report"]["tableCounts"] == {"added": 1, "updated": 0, "deleted": 0}
    table = found["report"]["tables"][0]
    assert (table["name"], table["format"], table["files"]) == ("sales", "csv", 2)
    assert [column["name"] for column in table["columns"]] == ["id", "price"]
    assert found["report"]["files"]["size"] == sum(file.stat().st_size for file in place.iterdir())
    origin = shop.ask('{ table(database: "shop", name: "sales") { origin { face runId } } }')["table"]["origin"]
    assert origin == {"face": "crawler", "runId": run_id}


def test_a_crawler_is_updated_stopped_and_deleted(client: Client) -> None:
    client.engine.create_crawler(Crawler("c", "shop", (Target("/lake"),)))
    changed: dict[str, Any] = {
        "database": "shop",
        "targets": [{"place": "/other"}],
        "prefix": "raw_",
        "schemaChange": {"update": "LOG"},
        "configuration": {"headerDetection": "GLUE", "tableLevel": 2},
    }
    fields = """crawler { version prefix schemaChange { update delete } recrawl
      configuration { tableLevel headerDetection combineCompatible } targets { place } }"""
    after = client.change("updateCrawler", fields, name="c", expectedVersion=1, crawler=changed)["crawler"]
    assert after == {
        "version": 2,
        "prefix": "raw_",
        "schemaChange": {"update": "LOG", "delete": "DEPRECATE_IN_DATABASE"},
        "recrawl": "CRAWL_EVERYTHING",
        "configuration": {"tableLevel": 2, "headerDetection": "GLUE", "combineCompatible": False},
        "targets": [{"place": "/other"}],
    }
    late = client.change(
        "updateCrawler", "crawler { version }", name="c", expectedVersion=1, crawler={**changed, "prefix": "late_"}
    )
    assert (code(late), late["crawler"]) == (("CONFLICT", ["expectedVersion"]), {"version": 2})
    assert code(client.change("stopCrawler", "crawl { state }", name="c")) == ("NOT_RUNNING", None)
    client.engine.start_crawler("c")
    assert client.change("stopCrawler", "crawl { state }", name="c")["crawl"] == {"state": "STOPPED"}
    for dry_run in (True, False):
        gone = client.change("deleteCrawler", "crawler { name }", name="c", dryRun=dry_run)
        assert (gone["crawler"], gone["userErrors"]) == ({"name": "c"}, [])
    assert client.ask('{ crawler(name: "c") { name } }')["crawler"] is None


def test_a_bare_place_is_crawled_tried_and_stopped(shop: Client, place: Path) -> None:
    crawl = {"database": "shop", "targets": [{"place": str(place)}]}
    dry = shop.change("startCrawl", "crawl { runId } report { tables { name } }", crawl=crawl, dryRun=True)
    assert (dry["crawl"], dry["report"]) == (None, {"tables": [{"name": "sales"}]})
    assert shop.ask("{ crawls { edges { cursor } } }")["crawls"]["edges"] == []
    started = shop.change("startCrawl", "crawl { runId crawlerName database } report { written }", crawl=crawl)
    assert started["report"] is None
    assert (started["crawl"]["crawlerName"], started["crawl"]["database"]) == (None, "shop")
    stopped = shop.change("stopCrawl", "crawl { state report { written } }", runId=started["crawl"]["runId"])
    assert stopped["crawl"] == {"state": "STOPPED", "report": None}


@pytest.mark.parametrize(
    ("mutation", "given", "expected"),
    [
        ("createJob", {"name": " ", "job": {"script": "a.py"}}, ("INVALID_INPUT", None)),
        ("createJob", {"name": "etl", "job": {"script": "a.py"}}, ("ALREADY_EXISTS", ["name"])),
        ("updateJob", {"name": "gone", "job": {"script": "a.py"}}, ("NOT_FOUND", ["name"])),
        ("startJobRun", {"jobName": "gone"}, ("NOT_FOUND", ["jobName"])),
        (
            "startJobRun",
            {"jobName": "etl", "arguments": [{"name": "--job-bookmark-option", "value": "x"}]},
            ("INVALID_INPUT", None),
        ),
        ("stopJobRun", {"runId": "jr_gone"}, ("NOT_FOUND", ["runId"])),
        ("stopCrawl", {"runId": "cr_gone"}, ("NOT_FOUND", ["runId"])),
        ("resetJobBookmark", {"jobName": "gone"}, ("NOT_FOUND", ["jobName"])),
        ("createCrawler", {"name": "c", "crawler": {"database": "shop", "targets": []}}, ("INVALID_INPUT", None)),
        ("startCrawler", {"name": "gone"}, ("NOT_FOUND", ["name"])),
        ("startCrawler", {"name": "gone", "dryRun": True}, ("NOT_FOUND", ["name"])),
        ("stopCrawler", {"name": "gone"}, ("NOT_FOUND", ["name"])),
        ("deleteCrawler", {"name": "gone"}, ("NOT_FOUND", ["name"])),
        (
            "startCrawl",
            {"dryRun": True, "crawl": {"database": "gone", "targets": [{"place": "/"}]}},
            ("NOT_FOUND", ["crawl", "database"]),
        ),
        (
            "startCrawl",
            {"dryRun": True, "crawl": {"database": "shop", "targets": [{"place": "/no/such/place"}]}},
            ("PLACE_NOT_FOUND", None),
        ),
    ],
)
def test_what_is_refused_is_data(
    shop: Client, mutation: str, given: dict[str, Any], expected: tuple[str, list[str] | None]
) -> None:
    shop.engine.create_job(Job("etl", "job.py"))
    assert code(shop.change(mutation, "__typename", **given)) == expected


def test_a_job_run_is_no_crawl(client: Client) -> None:
    client.engine.create_job(Job("etl", "job.py"))
    run = client.engine.start_job_run("etl")
    assert code(client.change("stopCrawl", "crawl { state }", runId=run.id)) == ("NOT_FOUND", ["runId"])
    assert client.engine.get_run(run.id).state is RunState.WAITING


@pytest.mark.parametrize(
    "query",
    [
        "jobs { edges { node { latestRun { state events { at } sources { context } } bookmark { version } } } }",
        "jobRuns { edges { node { state events { newState } sources { context } reads { table } writes { table } } } }",
        "crawlers { edges { node { state latestCrawl { state report { written } } targets { place } } } }",
        "crawls { edges { node { state events { newState } report { tables { name } } } } }",
    ],
)
def test_a_list_of_ten_takes_as_many_statements_as_one(client: Client, query: str) -> None:
    def add(number: int) -> None:
        client.engine.create_job(Job(f"j{number}", "job.py", {"--job-bookmark-option": "job-bookmark-enable"}))
        finish(client, client.engine.start_job_run(f"j{number}").id)
        client.engine.create_crawler(Crawler(f"c{number}", "shop", (Target("/lake"),)))
        client.engine.start_crawler(f"c{number}")

    add(0)
    with client.statements() as few:
        client.ask(f"{{ {query} }}")
    for number in range(1, 10):
        add(number)
    with client.statements() as many:
        (found,) = client.ask(f"{{ {query} }}").values()
    assert len(found["edges"]) == 10
    assert len(many) == len(few)


def read_orders(client: Client, place: Path) -> str:
    """A run of the job etl that reads the files in `place`, and succeeds."""
    run = client.engine.claim_run("worker", run_id=client.engine.start_job_run("etl").id)
    assert run is not None
    plan_read(client.catalog, client.engine, run, ReadRequest(paths=(str(place),), format="csv", context="in"))
    client.engine.commit_job(run.id)
    client.engine.finish_run(run.id, "worker", Outcome(RunState.SUCCEEDED))
    return run.id


def test_what_a_job_would_read_next_is_told_and_its_bookmark_rewound_and_set_to_now(
    client: Client, tmp_path: Path
) -> None:
    place = tmp_path / "orders"
    place.mkdir()
    client.engine.create_job(Job("etl", "job.py", {"--job-bookmark-option": "job-bookmark-enable"}))
    assert client.ask('{ nextReads(job: "etl") { source } none: nextReads(job: "gone") { source } }') == {
        "nextReads": [],
        "none": None,
    }
    (place / "a.csv").write_text("1\n")
    first = read_orders(client, place)
    (place / "b.csv").write_text("2\n")
    asked = """{ nextReads(job: "etl") {
      context source reasons { reason count } files(first: 5) { path size reason } keys after note trouble
    } }"""
    [found] = client.ask(asked)["nextReads"]
    assert found == {
        "context": "in",
        "source": str(place),
        "reasons": [{"reason": "NEW", "count": 1}, {"reason": "READ_BEFORE", "count": 1}],
        "files": [{"path": f"file://{place}/b.csv", "size": 2, "reason": "NEW"}],
        "keys": [],
        "after": None,
        "note": None,
        "trouble": None,
    }
    moved = client.change(
        "setJobBookmarkToNow", "bookmark { version note sources { places { place } } }", jobName="etl"
    )
    assert moved["bookmark"] == {
        "version": 2,
        "note": "set to now",
        "sources": [{"places": [{"place": f"file://{place}"}]}],
    }
    back = client.change("resetJobBookmark", "forgotten { version } bookmark { version }", jobName="etl", runId=first)
    assert (back["forgotten"], back["bookmark"]) == ({"version": 2}, {"version": 3})
    history = client.ask('{ bookmark(job: "etl") { history(first: 9) { version runId note sources { context } } } }')
    assert [(step["version"], step["runId"], step["note"]) for step in history["bookmark"]["history"]] == [
        (3, None, f"rewound to run {first}"),
        (2, None, "set to now"),
        (1, first, None),
    ]
    assert code(client.change("resetJobBookmark", "bookmark { version }", jobName="etl", runId="jr_0")) == (
        "INVALID_INPUT",
        None,
    )


def test_a_bookmark_of_rows_and_counts_is_told(client: Client) -> None:
    client.engine.create_job(Job("etl", "job.py"))
    states: dict[str, SourceState] = {"till": KeyState(("id",), True, ("long:7",)), "flat": CountState(4)}
    client.engine.put_bookmark("etl", 0, states, "by hand")
    found = client.ask(
        '{ bookmark(job: "etl") { sources { context } rows { context keys descending last } counts { context count } }}'
    )["bookmark"]
    assert found == {
        "sources": [],
        "rows": [{"context": "till", "keys": ["id"], "descending": True, "last": ["long:7"]}],
        "counts": [{"context": "flat", "count": 4}],
    }
