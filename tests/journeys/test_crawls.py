"""Crawls of a folder, a bucket and a database server, from the definition to the report, beside a running service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from engine.states import RunState
from tests.conftest import Postgres
from tests.crawlers.stores import postgresql_shop
from tests.journeys.installation import SAMPLES, Installation, Service
from tests.journeys.test_s3 import upload
from tests.object_store import Bucket

PASSWORD = "hunter2-0ad5"
LAKE = ["aircraft", "airlines", "flights", "planes", "weather"]
SHOP = ["dev_try", "lines", "orders", "recent", "totals"]
DATABASES = ("disk", "store", "till")


@dataclass(frozen=True)
class Places:
    """The same lake twice, and a server."""

    disk: str
    store: str
    url: str

    @property
    def path(self) -> str:
        return f"{self.server}/sales/%"

    @property
    def server(self) -> str:
        return self.url.rpartition("/")[2]

    def tables(self, database: str) -> list[str]:
        return [f"{self.server}_sales_{name}" for name in SHOP] if database == "till" else LAKE


@pytest.fixture
def places(installation: Installation, bucket: Bucket, postgres: Postgres) -> Iterator[Places]:
    installation.lay_out_lake()
    upload(bucket, SAMPLES / "lake")
    with postgresql_shop(postgres) as url:
        yield Places(str(installation.lake), bucket.uri("lake"), url)


@pytest.fixture
def service(installation: Installation, places: Places) -> Service:
    return installation.serve()


def text_of(document: str) -> str:
    return (SAMPLES / "graphql" / f"{document}.graphql").read_text()


def test_by_the_command_line(installation: Installation, service: Service, places: Places) -> None:
    secret = installation.folder / "password"
    secret.write_text(f"{PASSWORD}\n")
    given = ["--url", places.url, "--user", "postgres", "--password-file", secret]
    said = [installation.run("connection", "create", "till", *given)]
    targets = {"disk": [places.disk], "store": [places.store], "till": ["--jdbc", f"till={places.path}"]}
    for database in DATABASES:
        installation.run("database", "create", database)
        installation.run("crawler", "create", database, *targets[database], "--database", database)
        plan = installation.json("crawl", database, "--dry-run")
        names = places.tables(database)
        assert plan["changing"] == [f"{database}.{name}" for name in names]
        assert list(installation.catalog.iter_tables(database)) == []
        some, rest = names[:2], names[2:]
        applied = installation.json("crawl", "apply", plan["id"], "--only", some[0], "--only", some[1])
        assert applied["applied"] == [f"{database}.{name}" for name in some]
        report = installation.json("crawler", "run", database)
        told = {table["name"]: table["action"] for table in report["tables"]}
        assert told == dict.fromkeys(some, "unchanged") | dict.fromkeys(rest, "created")
        [crawl] = installation.json("crawler", "history", database)
        assert (crawl["state"], crawl["figures"]["tables_added"]) == ("SUCCEEDED", len(rest))
        said += [str(plan), str(report), str(crawl)]
    assert PASSWORD not in "".join(said) + (installation.folder / "started.log").read_text()


def test_by_graphql(installation: Installation, service: Service, places: Places) -> None:
    for database in DATABASES:
        make = "mutation ($name: String!) { createDatabase(input: {name: $name}) { userErrors { code } } }"
        done(service, make, name=database)
    server = {"name": "till", "url": places.url, "user": "postgres", "password": PASSWORD}
    done(service, text_of("crawl_database"), **server, path=places.path, database="till")
    make = """mutation ($name: String!, $place: String!) { createCrawler(input: {
      name: $name, crawler: {database: $name, targets: [{place: $place}]}}) { userErrors { code message } } }"""
    for name, place in (("disk", places.disk), ("store", places.store)):
        done(service, make, name=name, place=place)
    for database in DATABASES:
        names = places.tables(database)
        planned = done(service, PLAN, name=database)["startCrawler"]
        assert planned["plan"]["changing"] == [f"{database}.{name}" for name in names]
        applied = done(service, text_of("apply_crawl_plan"), planId=planned["plan"]["planId"], only=names[:2])
        assert applied["applyCrawlPlan"]["plan"]["appliedTables"] == [f"{database}.{name}" for name in names[:2]]
        run_id = done(service, text_of("start_crawler"), name=database)["startCrawler"]["crawl"]["runId"]
        assert installation.await_end(installation.engine.get_run(run_id)).state is RunState.SUCCEEDED
        told = service.ask(text_of("crawl_report"), runId=run_id)["run"]["report"]
        assert told["tableCounts"] == {"added": len(names) - 2, "updated": 0, "deleted": 0}
        assert told["files"]["failed"]["total"] == 0
        history = service.ask(HISTORY, name=database)["crawler"]["crawls"]["edges"]
        assert [edge["node"]["runId"] for edge in history] == [run_id]


PLAN = """mutation ($name: String!) { startCrawler(input: {name: $name, dryRun: true}) {
  plan { planId changing } userErrors { code message } } }"""
HISTORY = "query ($name: String!) { crawler(name: $name) { crawls(first: 9) { edges { node { runId state } } } } }"


def done(service: Service, document: str, **variables: object) -> Any:
    """The data of mutations of which none was refused."""
    data = service.ask(document, **variables)
    assert all(payload["userErrors"] == [] for payload in data.values()), data
    return data
