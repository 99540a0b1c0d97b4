"""The main job end to end: crawl, ask, run, run again, let the lake grow, crawl and run once more."""

from __future__ import annotations

from tests.journeys.flights import JOB, ROWS, ROWS_WITH_APRIL, create_job, demand_rows, set_up
from tests.journeys.installation import Installation

TABLES = """query ($database: String!) {
  tables(database: $database) { edges { node { name version columns { name type } partitionKeys { name } } } }
}"""


def sources_of(answer: dict[str, object]) -> list[tuple[str, int, int]]:
    found = answer["sources"]
    assert isinstance(found, list)
    return [(source["source"], source["selected_files"], source["skipped_files"]) for source in found]


def test_a_service_takes_a_lake_from_its_files_to_rows_that_are_written_exactly_once(
    installation: Installation,
) -> None:
    installation.lay_out_lake()
    service = installation.serve()
    installation.run("database", "create", "travel")

    report = installation.json("crawl", installation.lake, "--database", "travel")
    assert {table["name"]: table["action"] for table in report["tables"]} == dict.fromkeys(
        ("aircraft", "airlines", "flights", "planes", "weather"), "created"
    )
    assert report["files"]["failed"]["total"] == 0

    nodes = [edge["node"] for edge in service.ask(TABLES, database="travel")["tables"]["edges"]]
    [flights] = [node for node in nodes if node["name"] == "flights"]
    assert flights["version"] == 0
    assert [key["name"] for key in flights["partitionKeys"]] == ["year", "month"]
    assert {"name": "dep_delay", "type": "bigint"} in flights["columns"]

    create_job(installation)
    first = installation.json("job", "run", JOB)
    assert first["run"]["state"] == "SUCCEEDED"
    assert first["run"]["owner"] == service.identity, "the service's worker did it, not the command"
    assert sources_of(first) == [("travel.flights", 18, 0)]
    assert first["run"]["figures"]["rows_written"] == sum(ROWS.values())
    assert first["run"]["figures"]["rows_read"] >= sum(ROWS.values())
    events = installation.engine.list_events(first["run"]["id"])
    assert [event.new_state for event in events] == ["WAITING", "STARTING", "RUNNING", "SUCCEEDED"]
    assert installation.processes_of(installation.engine.get_run(first["run"]["id"])) == {}
    demand_rows(installation, installation.output, ROWS)
    made = installation.json("table", "versions", "travel.flight_delays")
    assert (made[0]["version"], made[0]["origin"]["run_id"]) == (0, first["run"]["id"])
    assert len(installation.json("partition", "list", "travel.flight_delays")) == 3
    steps = installation.json("table", "lineage", "travel.flight_delays")["upstream"]["steps"]
    assert sorted(step["source"]["source"] for step in steps) == ["travel.airlines", "travel.flights"]
    assert {(step["name"], step["last_run_id"]) for step in steps} == {(JOB, first["run"]["id"])}
    bookmark = installation.json("bookmark", "show", JOB)
    assert (bookmark["version"], bookmark["run_id"], set(bookmark["sources"])) == (1, first["run"]["id"], {"flights"})

    assert sources_of(installation.json("job", "run", JOB)) == [("travel.flights", 0, 18)]
    demand_rows(installation, installation.output, ROWS)

    installation.let_it_grow()
    report = installation.json("crawl", installation.lake, "--database", "travel")
    assert {table["name"]: table["action"] for table in report["tables"]}["flights"] == "updated"
    versions = installation.json("table", "versions", "travel.flights")
    assert [version["version"] for version in versions] == [1, 0]
    [difference] = installation.json("table", "diff", "travel.flights")
    assert ("time_hour" in difference["path"], difference["old"], difference["breaking"]) == (True, None, False)

    assert sources_of(installation.json("job", "run", JOB)) == [("travel.flights", 3, 18)]
    demand_rows(installation, installation.output, ROWS_WITH_APRIL)
    assert service.stop() == 0


def test_without_a_service_the_command_works_the_run_off_itself(installation: Installation) -> None:
    set_up(installation)
    answer = installation.json("job", "run", JOB)
    assert answer["run"]["state"] == "SUCCEEDED"
    assert sources_of(answer) == [("travel.flights", 18, 0)]
    demand_rows(installation, installation.output, ROWS)
    run = installation.engine.get_run(answer["run"]["id"])
    assert installation.processes_of(run) == {}
    assert not (installation.home / "service.json").exists()
    assert sorted(path.name for path in (installation.home / "runs" / run.id).iterdir()) == [
        "error.log",
        "events",
        "exit.json",
        "output.log",
        "progress.json",
        "script",
        "supervisor.json",
    ]
