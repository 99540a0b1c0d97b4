"""Where data come from and go to, and who reads them, told from runs that really read and wrote; and previews."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.db import writing
from catalog.model import Column, Database, StorageDescriptor, Table
from crawlers.model import Crawler, Target
from engine.ledger import retention
from engine.model import Job, Outcome, Run
from engine.reads.publishing import tell_written
from engine.reads.resolve import Written
from engine.running.runfiles import ReadRequest, plan_read
from engine.states import RunState
from tests.api.graphql.conftest import Client

NUMBERS = (Column("id", "bigint"), Column("total", "double"))
STEPS = """fragment steps on Lineage { complete steps {
  hop kind name source { table place } sink { table place } runCount lastRunId lastState readColumns writtenColumns
} }"""


class Line:
    """A line of data: a crawler makes shop.sales of a folder, a job totals of that, another job a copy of its files."""

    def __init__(self, client: Client, place: Path) -> None:
        self.client, self.place, self.out = client, place, place.parent / "totals"
        self.out.mkdir()
        (self.out / "part.csv").write_text("1,2.5\n")
        client.engine.create_crawler(Crawler("lake", "shop", (Target(str(place)),)))
        self.crawl = client.engine.start_crawler("lake").id
        assert client.work_off(self.crawl).state is RunState.SUCCEEDED
        for name in ("etl", "copy"):
            client.engine.create_job(Job(name, "job.py"))
        self.first, self.etl = (self.totals() for _ in range(2))
        self.copy = self.begin("copy")
        self.read(self.copy, ReadRequest(paths=(str(self.out),), format="csv"))
        self.write(self.copy, "", "s3://lake/copy/")
        self.end(self.copy)

    def totals(self) -> Run:
        run = self.begin("etl")
        self.read(run, ReadRequest("shop", "sales", context="in"))
        self.write(run, "totals", f"file://{self.out}/")
        return self.end(run)

    def begin(self, job: str) -> Run:
        run = self.client.engine.claim_run("worker", run_id=self.client.engine.start_job_run(job).id)
        assert run is not None
        return run

    def read(self, run: Run, request: ReadRequest) -> None:
        plan_read(self.client.catalog, self.client.engine, run, request)

    def write(self, run: Run, table: str, location: str) -> None:
        written = Written("shop" if table else "", table, location, "csv", NUMBERS)
        tell_written(self.client.catalog, self.client.engine, run, written)

    def end(self, run: Run) -> Run:
        return self.client.engine.finish_run(run.id, "worker", Outcome(RunState.SUCCEEDED))

    def trace(self, table: str, direction: str, hops: int) -> Any:
        asked = f'{{ table(database: "shop", name: "{table}") {{ lineage(direction: {direction}, hops: {hops}) '
        return self.client.ask(asked + "{ ...steps } } }" + STEPS)["table"]["lineage"]


@pytest.fixture
def line(any_shop: Client, place: Path) -> Line:
    return Line(any_shop, place)


def ends(lineage: Any) -> list[tuple[int, str, str | None, str | None]]:
    shown = [[end and (end["table"] or end["place"]) for end in (s["source"], s["sink"])] for s in lineage["steps"]]
    return [(step["hop"], step["name"], *pair) for step, pair in zip(lineage["steps"], shown, strict=True)]


def test_upstream_leads_through_jobs_and_crawls_to_the_place_of_the_files(line: Line) -> None:
    near = line.trace("totals", "UPSTREAM", 1)
    assert (ends(near), near["complete"]) == ([(1, "etl", "sales", "totals")], True)
    [step] = near["steps"]
    assert (step["kind"], step["runCount"], step["lastRunId"], step["lastState"]) == (
        *("job", 2, line.etl.id),
        "SUCCEEDED",
    )
    assert (step["readColumns"], step["writtenColumns"]) == (["id", "price"], ["id", "total"])
    far = line.trace("totals", "UPSTREAM", 3)
    assert ends(far) == [*ends(near), (2, "lake", str(line.place), "sales")]
    assert (far["steps"][1]["lastRunId"], far["steps"][1]["writtenColumns"]) == (line.crawl, None)


def test_downstream_goes_on_from_a_table_to_who_reads_its_files_by_their_place(line: Line) -> None:
    assert ends(line.trace("sales", "DOWNSTREAM", 2)) == [
        (1, "etl", "sales", "totals"),
        (2, "copy", str(line.out), "s3://lake/copy/"),
    ]


def test_an_end_of_which_nothing_is_known_is_null(line: Line) -> None:
    run = line.begin("copy")
    line.write(run, "made", f"file://{line.out.parent}/made/")
    assert ends(line.trace("made", "UPSTREAM", 5)) == [(1, "copy", None, "made")]
    assert ends(line.trace("made", "DOWNSTREAM", 5)) == []
    assert line.trace("made", "UPSTREAM", 1)["steps"][0]["lastState"] == "STARTING"


def test_a_job_that_writes_what_it_reads_is_a_step_once(line: Line) -> None:
    run = line.begin("copy")
    line.read(run, ReadRequest("shop", "totals"))
    line.write(run, "totals", f"file://{line.out}/")
    steps = ends(line.trace("totals", "UPSTREAM", 10))
    assert steps.count((1, "copy", "totals", "totals")) == 1
    assert len(steps) == len(set(steps))


def test_a_run_tells_what_it_read_and_wrote_and_that_goes_when_it_goes(line: Line) -> None:
    asked = "query ($id: String!) { run(runId: $id) { reads { ...a } writes { ...a } } }"
    asked += " fragment a on RunAccess { database table place columns }"
    totals = {"database": "shop", "table": "totals", "place": None, "columns": ["id", "total"]}
    sales = {"database": "shop", "table": "sales", "place": None, "columns": ["id", "price"]}
    assert line.client.ask(asked, id=line.etl.id)["run"] == {"reads": [sales], "writes": [totals]}
    crawled = line.client.ask(asked, id=line.crawl)["run"]
    assert crawled["reads"] == [{"database": None, "table": None, "place": str(line.place), "columns": None}]
    assert [each["table"] for each in crawled["writes"]] == ["sales"]
    with writing(line.client.engine.engine) as connection:
        retention.delete_runs(connection, [line.first.id, line.etl.id])
    assert ends(line.trace("totals", "UPSTREAM", 9)) == []


def test_readers_of_a_column_are_those_that_may_read_it(line: Line) -> None:
    asked = (
        'query ($c: String) { table(database: "shop", name: "sales") { readers(column: $c) { kind name columns } } }'
    )
    etl = {"kind": "job", "name": "etl", "columns": ["id", "price"]}
    assert line.client.ask(asked)["table"]["readers"] == [etl]
    assert line.client.ask(asked, c="PRICE")["table"]["readers"] == [etl]
    assert line.client.ask(asked, c="cost")["table"]["readers"] == []


@pytest.mark.parametrize("hops", [0, 11])
def test_hops_beyond_what_is_followed_are_refused(shop: Client, hops: int) -> None:
    answer = shop.post(f'{{ table(database: "shop", name: "orders") {{ lineage(hops: {hops}) {{ complete }} }} }}')
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


def test_the_lineage_of_a_list_of_tables_takes_as_many_statements_as_of_one(line: Line) -> None:
    asked = """{ tables(database: "shop", first: 200) { edges { node { name readers { name }
      up: lineage(hops: 3) { complete } down: lineage(direction: DOWNSTREAM, hops: 3) { complete } } } } }"""
    with line.client.statements() as few:
        line.client.ask(asked)
    for number in range(20):
        line.client.catalog.create_table(Table("shop", f"t{number}", StorageDescriptor(columns=NUMBERS)))
    with line.client.statements() as many:
        found = line.client.ask(asked)["tables"]["edges"]
    assert len(found) == 23
    assert len(many) == len(few)


def test_a_preview_that_cannot_be_made_says_why_and_one_of_many_is_refused(shop: Client) -> None:
    shop.catalog.create_database(Database("views"))
    shop.catalog.create_table(Table("views", "v", table_type="VIRTUAL_VIEW"))
    asked = '{ table(database: "views", name: "v") { preview { rows trouble } } }'
    shown = shop.ask(asked)["table"]["preview"]
    assert (shown["rows"], "views.v" in shown["trouble"]) == ([], True)
    many = " ".join(f"p{at}: preview {{ rows }}" for at in range(9))
    refused = shop.post(f'{{ table(database: "views", name: "v") {{ {many} }} }}')
    assert refused["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
