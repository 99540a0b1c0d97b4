"""`isinglass environment` and what jobs have of it."""

from __future__ import annotations

from tests.api.conftest import CommandLine

MASTER = "spark://10.0.0.5:7077"


def test_an_environment_is_created_shown_replaced_and_deleted(cli: CommandLine) -> None:
    given = ("--driver-host", "10.0.0.2", "--python", "/opt/python", "--conf", "spark.executor.memory=4g")
    assert "--environment store" in cli.run("environment", "create", "store", "--master", MASTER, *given)
    assert [each["name"] for each in cli.json("environment", "list")] == ["embedded", "store"]
    shown = cli.run("environment", "show", "store")
    assert all(word in shown for word in (MASTER, "10.0.0.2", "/opt/python", "spark.executor.memory", "4g"))
    cli.run("environment", "create", "store", "--master", "yarn", "--replace")
    found = cli.json("environment", "show", "store")
    assert (found["master"], found["conf"], found["driver_host"], found["version"]) == ("yarn", {}, "127.0.0.1", 1)
    cli.run("environment", "delete", "store")
    assert "Environment store" in cli.refusal("environment", "show", "store")


def test_what_is_no_environment_is_one_line(cli: CommandLine) -> None:
    assert "spark://host:port" in cli.refusal("environment", "create", "store", "--master", "mesos://a")
    assert "Environment store" in cli.refusal("environment", "create", "store", "--master", "yarn", "--replace")


def test_a_job_whose_environment_is_unknown_is_refused_by_name_when_it_is_to_run(cli: CommandLine) -> None:
    cli.run("job", "create", "etl", __file__, "--environment", "nowhere")
    assert "Environment nowhere" in cli.refusal("job", "start", "etl")
