"""What `isinglass demo` shows, by GraphQL alone: with the documents of samples/graphql, and nothing but a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.model import BOOKMARK_ENABLE, BOOKMARK_OPTION
from tests.api.graphql.test_events import following
from tests.api.graphql.test_samples import text_of
from tests.journeys.flights import JOB, ROWS, demand_rows
from tests.journeys.installation import SAMPLES, Installation, Service

FLIGHTS = {"database": "travel", "table": "flights"}
FILES = 18
APRIL = 3


def do(service: Service, document: str, **variables: object) -> Any:
    """The answer to a sample of one field, whose mutation refused nothing."""
    (answer,) = service.ask(text_of(document), **variables).values()
    assert not answer.get("userErrors"), answer
    return answer


def see_through(service: Service, run: Mapping[str, Any]) -> Any:
    """The run, once a subscription to its steps has told its end."""
    with following(f"{service.endpoint}/graphql", text_of("follow_states"), runId=run["runId"]) as results:
        *_, last = [result["data"]["runStates"] for result in results]
    assert last["event"]["newState"] == "SUCCEEDED", last
    return do(service, "follow_run", runId=run["runId"])


def crawl(service: Service, installation: Installation) -> dict[str, str]:
    """What a crawl of the lake did with each table."""
    started = do(service, "start_crawl", database="travel", place=str(installation.lake))
    seen = see_through(service, started["crawl"])
    return {table["name"]: table["action"] for table in seen["report"]["tables"]}


def test_a_new_user_needs_nothing_but_graphql(installation: Installation) -> None:
    installation.lay_out_lake()
    service = installation.serve()
    do(service, "create_database", name="travel", description="flights from New York, 2013")
    assert set(crawl(service, installation).values()) == {"CREATED"}
    listed = {edge["node"]["name"]: edge["node"] for edge in do(service, "list_tables", database="travel")["edges"]}
    assert sorted(listed) == ["aircraft", "airlines", "flights", "planes", "weather"]
    found = do(service, "find_partitions", **FLIGHTS, filter="year = '2013' AND month = '2'")
    assert [edge["node"]["values"] for edge in found["partitions"]["edges"]] == [["2013", "2"]]
    assert do(service, "table_preview", database="travel", table="airlines", limit=1)["preview"]["rows"]

    given = {"--database": "travel", "--output_path": f"file://{installation.output}/"}
    arguments = [{"name": name, "value": value} for name, value in (given | {BOOKMARK_OPTION: BOOKMARK_ENABLE}).items()]
    script = str(SAMPLES / "jobs" / "flight_delays.py")
    assert do(service, "create_job", name=JOB, script=script, arguments=arguments)["job"]["version"] == 0
    run = see_through(service, do(service, "run_job", job=JOB)["run"])
    assert [(each["source"], each["selectedFiles"]) for each in run["sources"]] == [("travel.flights", FILES)]
    demand_rows(installation, installation.output, ROWS)
    made = do(service, "table_history", database="travel", table="flight_delays")
    assert made["versions"]["edges"][0]["node"]["origin"]["runId"] == run["runId"]
    lineage = do(service, "lineage", database="travel", table="flight_delays", column="carrier")
    steps = [step for step in lineage["upstream"]["steps"] if step["hop"] == 1]
    assert sorted(step["source"]["table"] for step in steps) == ["airlines", "flights"]
    assert next_files(service) == 0, "its bookmark knows every file"

    installation.let_it_grow()
    assert crawl(service, installation)["flights"] == "UPDATED"
    change = do(service, "table_history", **FLIGHTS)["diff"]
    assert [(each["old"], each["breaking"]) for each in change["differences"]] == [(None, False)]
    assert next_files(service) == APRIL, "only April is new"
    assert service.stop() == 0


def next_files(service: Service) -> int:
    """How many files the job's next run would read."""
    [source] = service.ask(text_of("bookmark"), job=JOB)["nextReads"]
    return len(source["files"])
