"""Crawl plans, schedules, figures and progress of crawlers through GraphQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.graphql import crawl_plans
from catalog.model import Connection
from crawlers.events import MOST
from crawlers.model import Crawler, RecrawlBehavior, Target
from crawlers.report import Action
from engine.model import Job
from engine.running.progress import RUNNING, RunProgress, write_progress
from tests.api.graphql.conftest import Client
from tests.api.graphql.test_catalog import code

PLAN = """fragment plan on CrawlPlan {
  planId crawlerName state changing breaking appliedTables tableCounts { added } partitionCounts { added }
  report { dryRun tables { database name evidence { name type byFiles { type count place } byValues { row value } } } }
  readers { kind name table how }
}"""


def test_a_dry_run_stores_a_plan_that_is_applied_once(shop: Client, place: Path, tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text('spark.table("shop.sales")')
    shop.engine.create_job(Job("totals", str(script)))
    shop.engine.create_crawler(Crawler("c", "shop", (Target(str(place)),)))
    document = 'mutation { startCrawler(input: {name: "c", dryRun: true}) { crawl { runId } plan { ...plan } } }'
    plan = shop.ask(document + PLAN)["startCrawler"]["plan"]
    assert (plan["state"], plan["crawlerName"], plan["changing"]) == ("OPEN", "c", ["shop.sales"])
    assert plan["tableCounts"] == {"added": 1}
    [table] = plan["report"]["tables"]
    assert table["evidence"][0]["byFiles"] == [{"type": "bigint", "count": 2, "place": f"file://{place}/a.csv"}]
    assert table["evidence"][1]["byValues"][0] == {"row": 1, "value": "2.5"}
    assert plan["readers"] == [
        {"kind": "job", "name": "totals", "table": "shop.sales", "how": "its script names the table"}
    ]
    assert shop.catalog.find_table("shop", "sales") is None

    given = {"planId": plan["planId"]}
    assert code(shop.change("applyCrawlPlan", "plan { state }", **given, only=["other"])) == ("INVALID_INPUT", None)
    assert code(shop.change("applyCrawlPlan", "plan { state }", **given, only=[])) == ("INVALID_INPUT", None)
    applied = shop.change("applyCrawlPlan", "plan { state appliedTables }", **given, only=["sales"])
    assert applied["plan"] == {"state": "APPLIED", "appliedTables": ["shop.sales"]}
    assert shop.catalog.get_table("shop", "sales").parameters["CRAWL_RUN_ID"] == plan["planId"]
    assert code(shop.change("applyCrawlPlan", "plan { state }", **given)) == ("ALREADY_EXISTS", None)


def test_a_plan_is_refused_as_a_conflict_if_the_catalog_moved(shop: Client, place: Path) -> None:
    crawl = {"database": "shop", "targets": [{"place": str(place)}]}
    plan = shop.change("startCrawl", "plan { planId crawlerName }", crawl=crawl, dryRun=True)["plan"]
    assert plan["crawlerName"] is None
    run_id = shop.change("startCrawl", "crawl { runId }", crawl=crawl)["crawl"]["runId"]
    shop.work_off(run_id)
    refused = shop.change("applyCrawlPlan", "plan { state }", planId=plan["planId"])
    assert code(refused) == ("CONFLICT", None)
    assert "table shop.sales has been created meanwhile" in refused["userErrors"][0]["message"]


def test_plans_are_listed_asked_for_and_deleted(shop: Client, place: Path) -> None:
    shop.engine.create_crawler(Crawler("c", "shop", (Target(str(place)),)))
    ids = [shop.change("startCrawler", "plan { planId }", name="c", dryRun=True)["plan"]["planId"] for _ in range(3)]
    part = "edges { node { planId } } pageInfo { endCursor }"
    asked = f"query ($after: String) {{ crawlPlans(first: 2, after: $after) {{ {part} }} }}"
    first = shop.ask(asked)["crawlPlans"]
    rest = shop.ask(asked, after=first["pageInfo"]["endCursor"])["crawlPlans"]
    assert [edge["node"]["planId"] for edge in first["edges"] + rest["edges"]] == ids[::-1]
    mine = shop.ask('{ crawler(name: "c") { plans { edges { node { planId } } } } }')["crawler"]["plans"]
    assert len(mine["edges"]) == 3
    for dry_run in (True, False):
        gone = shop.change("deleteCrawlPlan", "plan { planId }", planId=ids[0], dryRun=dry_run)
        assert gone["plan"] == {"planId": ids[0]}
    assert shop.ask("query ($id: String!) { crawlPlan(planId: $id) { state } }", id=ids[0])["crawlPlan"] is None
    for mutation in ("applyCrawlPlan", "deleteCrawlPlan"):
        assert code(shop.change(mutation, "plan { planId }", planId=ids[0])) == ("NOT_FOUND", ["planId"])


def test_a_crawler_of_every_kind_of_target_comes_back_as_it_was_given(shop: Client) -> None:
    crawler = {
        "database": "shop",
        "targets": [{"place": "/lake", "tableName": "all", "eventQueue": "arn:q", "deadLetterQueue": "arn:d"}],
        "jdbcTargets": [{"connection": "erp", "path": "erp/public/%", "metadata": ["COMMENTS"]}],
        "deltaTargets": [{"place": "/delta", "native": False, "manifest": True}],
        "icebergTargets": [{"place": "/ice", "exclusions": ["tmp/**"], "maxDepth": 3}],
        "classifiers": ["logs"],
        "configuration": {"columnNames": "CLEAN", "createPartitionIndex": False, "reclassify": True},
        "mongodbTargets": [{"connection": "erp", "path": "shop/orders", "scanAll": False}],
        "dynamodbTargets": [{"table": "orders", "scanAll": True, "scanRate": 0.5}],
        "hudiTargets": [{"place": "s3://lake/hudi", "exclusions": [], "maxDepth": 2}],
        "cloud": {
            "role": "arn:aws:iam::123456789012:role/crawler",
            "securityConfiguration": "safe",
            "lineage": "ENABLE",
            "lakeFormation": {"useCredentials": True, "account": "123456789012"},
        },
    }
    refused = shop.change("createCrawler", "crawler { name }", name="c", crawler=crawler)
    assert (code(refused), refused["userErrors"][0]["message"]) == (
        ("NOT_FOUND", ["crawler"]),
        "Connection erp not found.",
    )
    shop.catalog.create_connection(Connection("erp"))
    fields = """crawler { targets { place tableName eventQueue deadLetterQueue }
      jdbcTargets { connection path metadata }
      deltaTargets { place native manifest } icebergTargets { place exclusions maxDepth } classifiers
      catalogTargets { tables } configuration { columnNames createPartitionIndex reclassify }
      mongodbTargets { connection path scanAll } dynamodbTargets { table scanAll scanRate }
      hudiTargets { place exclusions maxDepth }
      cloud { role securityConfiguration lineage lakeFormation { useCredentials account } } }"""
    made = shop.change("createCrawler", fields, name="c", crawler=crawler)["crawler"]
    assert made.pop("catalogTargets") == []
    assert made == {name: value for name, value in crawler.items() if name != "database"}
    watch = {"catalogTargets": [{"database": "shop", "tables": ["orders"]}]}
    fields = "crawler { database catalogTargets { database tables } }"
    assert shop.change("createCrawler", fields, name="w", crawler=watch)["crawler"] == {"database": "", **watch}
    mixed = watch | {"targets": [{"place": "/lake"}]}
    assert code(shop.change("createCrawler", "crawler { name }", name="x", crawler=mixed)) == ("INVALID_INPUT", None)


@pytest.mark.parametrize("mutation", ["startCrawler", "startCrawl"])
def test_a_dry_run_that_takes_too_long_is_given_up_and_stores_no_plan(
    shop: Client, place: Path, mutation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl_plans, "PLAN_SECONDS", 0.0)
    shop.engine.create_crawler(Crawler("c", "shop", (Target(str(place)),)))
    bare = {"crawl": {"database": "shop", "targets": [{"place": str(place)}]}}
    asked = {"name": "c"} if mutation == "startCrawler" else bare
    answered = shop.change(mutation, "plan { planId }", dryRun=True, **asked)
    assert code(answered) == ("LIMIT_REACHED", None)
    assert "was not planned within 0 seconds" in answered["userErrors"][0]["message"]
    assert shop.ask("{ crawlPlans { edges { cursor } } }")["crawlPlans"]["edges"] == []


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"database": "gone"}, ("NOT_FOUND", ["crawl", "database"])),
        ({"database": ""}, ("INVALID_INPUT", None)),
        ({"targets": []}, ("INVALID_INPUT", None)),
        ({"targets": [{"place": "/there/is/no/such"}]}, ("PLACE_NOT_FOUND", None)),
        ({"targets": [{"place": "gopher://lake"}]}, ("NOT_SUPPORTED", None)),
        ({"classifiers": ["gone"]}, ("NOT_FOUND", ["crawl", "classifiers"])),
        ({"jdbcTargets": [{"connection": "gone", "path": "a/b/%"}]}, ("NOT_FOUND", ["crawl", "jdbcTargets"])),
    ],
)
def test_a_crawl_that_could_only_fail_is_refused_at_once(
    shop: Client, place: Path, wrong: dict[str, object], refusal: tuple[str, list[str] | None]
) -> None:
    crawl = {"database": "shop", "targets": [{"place": str(place)}], **wrong}
    answered = shop.change("startCrawl", "crawl { runId }", crawl=crawl)
    assert (answered["crawl"], code(answered)) == (None, refusal)
    assert shop.ask("{ crawls { edges { cursor } } }")["crawls"]["edges"] == []


def test_a_schedule_is_set_stopped_and_started(client: Client) -> None:
    client.engine.create_crawler(Crawler("c", "shop", (Target("/lake"),)))
    fields = "crawler { schedule schedulePaused nextFires(count: 1) }"
    assert code(client.change("stopCrawlerSchedule", fields, name="c")) == ("INVALID_INPUT", None)
    assert code(client.change("updateCrawlerSchedule", fields, name="c", schedule="daily")) == ("INVALID_INPUT", None)
    made = client.change("updateCrawlerSchedule", fields, name="c", schedule="rate(1 hour)")["crawler"]
    assert (made["schedule"], len(made["nextFires"])) == ("rate(1 hour)", 1)
    assert code(client.change("startCrawlerSchedule", fields, name="c")) == ("ALREADY_RUNNING", None)
    paused = client.change("stopCrawlerSchedule", fields, name="c")["crawler"]
    assert paused == {"schedule": "rate(1 hour)", "schedulePaused": True, "nextFires": []}
    assert code(client.change("stopCrawlerSchedule", fields, name="c")) == ("NOT_RUNNING", None)
    assert client.change("startCrawlerSchedule", fields, name="c")["crawler"]["schedulePaused"] is False


def test_crawls_are_filtered_and_their_figures_and_progress_told(shop: Client, place: Path) -> None:
    shop.engine.create_crawler(Crawler("c", "shop", (Target(str(place)),)))
    run_id = shop.engine.start_crawler("c").id
    write_progress(shop.runs, run_id, RunProgress(RUNNING, 50, 200, "read", 200, 25.0))
    asked = """{ crawler(name: "c") { metrics { timeLeft stillEstimating lastRuntime tablesCreated }
      latestCrawl { progress { stage listed done total rate secondsLeft } } } }"""
    under_way = shop.ask(asked)["crawler"]
    assert under_way["latestCrawl"]["progress"] == {
        "stage": "read", "listed": 200, "done": 50, "total": 200, "rate": 25.0, "secondsLeft": 6.0,
    }  # fmt: skip
    assert (under_way["metrics"]["timeLeft"], under_way["metrics"]["stillEstimating"]) == (6.0, False)
    shop.work_off(run_id)
    ended = shop.ask(asked)["crawler"]
    assert ended["latestCrawl"]["progress"] is None
    assert (ended["metrics"]["tablesCreated"], ended["metrics"]["timeLeft"]) == (1, None)
    assert ended["metrics"]["lastRuntime"] >= 0

    def listed(filter: str) -> int:
        found = shop.ask(f'{{ crawls(crawler: "c", filter: {{{filter}}}) {{ edges {{ cursor }} }} }}')["crawls"]
        return len(found["edges"])

    assert listed("states: [SUCCEEDED, FAILED]") == 1
    assert listed("states: [FAILED]") == listed("states: []") == 0
    assert listed('startedFrom: "2020-01-01T00:00:00Z", finishedFrom: "2020-01-01T00:00:00Z"') == 1
    assert listed('startedBefore: "2020-01-01T00:00:00Z"') == listed('finishedBefore: "2020-01-01T00:00:00Z"') == 0
    assert (listed(f'runId: "{run_id}"'), listed('runId: "cr_0"')) == (1, 0)


def test_a_crawler_in_event_mode_is_told_of_objects(shop: Client, place: Path) -> None:
    lake = place.parent
    shop.engine.create_crawler(Crawler("c", "shop", (Target(str(lake)),), recrawl=RecrawlBehavior.CRAWL_EVENT_MODE))
    shop.work_off(shop.engine.start_crawler("c").id)
    for name in ("returns", "stock"):
        (lake / name).mkdir()
        (lake / name / "a.json").write_text('{"reason": "broken"}\n')
    events = [
        {"place": f"{lake}/returns/a.json", "kind": "CREATED"},
        {"place": "s3://elsewhere/a.csv", "kind": "REMOVED"},
    ]
    posted = shop.change("postObjectEvents", "keptCount", events=events, clientMutationId="7")
    assert posted == {"keptCount": 1, "userErrors": [], "clientMutationId": "7"}
    run_id = shop.engine.start_crawler("c").id
    shop.work_off(run_id)
    tables = {table.name: table.action for table in shop.engine.get_report(run_id).tables}
    assert tables == {"sales": Action.UNCHANGED, "returns": Action.CREATED}
    many = [{"place": "s3://b/a", "kind": "REMOVED"}] * (MOST + 1)
    too_many = shop.change("postObjectEvents", "keptCount", events=many)
    assert (code(too_many), too_many["keptCount"]) == (("INVALID_INPUT", None), None)
