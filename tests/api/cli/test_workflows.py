"""`isinglass workflow`, by the real command line in this process, with Python shell jobs that really run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.cli.workflow_files import read_workflow
from catalog.errors import InvalidInput
from tests.api.conftest import CommandLine

FILE = """
name = "flow"
description = "in steps"
max_concurrent_runs = 1

[properties]
day = "1"

[steps.first]
job = "good"

[steps.check]
job = "check"
after = "first"

[steps.last]
job = "last"
after = ["first", "check"]

[steps.alarm]
job = "alarm"
after = { check = "FAILED" }
any = true
"""


@pytest.fixture
def flow(cli: CommandLine, tmp_path: Path) -> CommandLine:
    for name, text in (("good", "print(1)"), ("last", "print(1)"), ("alarm", "print(1)"), ("check", "1 / 0")):
        (tmp_path / f"{name}.py").write_text(f"{text}\n")
        cli.run("job", "create", name, tmp_path / f"{name}.py", "--command", "pythonshell")
    (tmp_path / "flow.toml").write_text(FILE)
    said = cli.run("workflow", "create", tmp_path / "flow.toml")
    assert said == "workflow flow created; run it with: isinglass workflow run flow\n"
    return cli


def states(told: dict[str, list[dict[str, object]]]) -> dict[object, object]:
    return {node["node"]: node["state"] for node in told["nodes"]}


def test_a_workflow_is_run_told_line_by_line_and_resumed(flow: CommandLine, tmp_path: Path) -> None:
    said = flow.try_("workflow", "run", "flow")
    assert said.code == 1
    assert "on FAILED: alarm SUCCEEDED" in said.out
    assert "COMPLETED: 3 run(s), 2 succeeded, 1 failed" in said.out
    lines = said.err.splitlines()
    assert next(line for line in lines if line.startswith("check FAILED")).endswith(
        "ZeroDivisionError: division by zero (line 1 of the script)"
    )
    assert not [line for line in lines if line.startswith("last")]
    [run] = flow.json("workflow", "runs", "flow")
    assert run["statistics"]["failed"] == 1
    (tmp_path / "check.py").write_text("print('well')\n")
    assert flow.try_("workflow", "resume", run["id"]).code == 0
    again = flow.json("workflow", "runs")[0]
    assert again["previous_run_id"] == run["id"]
    shown = flow.json("workflow", "show", again["id"])
    assert states(shown) == {"good": "SUCCEEDED", "check": "SUCCEEDED", "last": "SUCCEEDED", "alarm": None}
    assert shown["properties"] == {"day": "1"}
    assert len(flow.json("job", "runs", "good")) == 1


def test_a_workflow_is_shown_listed_and_deleted(flow: CommandLine) -> None:
    shown = flow.run("workflow", "show", "flow")
    assert "└── good -" in shown
    assert "on FAILED: alarm -" in shown
    assert [each["name"] for each in flow.json("workflow", "show", "flow")["triggers"]] == [
        "flow-alarm",
        "flow-begin",
        "flow-check",
        "flow-last",
    ]
    assert "in steps" in flow.run("workflow", "list")
    flow.run("workflow", "delete", "flow")
    assert flow.run("workflow", "list") == flow.run("trigger", "list") == "none\n"
    assert "Workflow flow not found" in flow.refusal("workflow", "run", "flow")


def test_a_workflow_is_made_of_triggers_and_stopped(flow: CommandLine) -> None:
    said = flow.run("workflow", "create", "w", "-p", "a=1", "--description", "d")
    assert "give it triggers with: isinglass trigger create NAME --workflow w" in said
    assert "COMPLETED: 0 run(s)" in flow.run("workflow", "run", "w"), "nothing begins it"
    flow.run("trigger", "create", "go", "--job", "good", "--workflow", "w")
    flow.run("trigger", "create", "then", "--job", "last", "--after", "good", "--workflow", "w")
    run = flow.json("trigger", "start", "go")["workflow_run_id"]
    assert flow.run("workflow", "stop", run) == f"workflow run {run} was asked to stop; it is STOPPED\n"
    assert states(flow.json("workflow", "show", run)) == {"good": "STOPPED", "last": None}
    assert "has ended (STOPPED)" in flow.refusal("workflow", "stop", run)


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ({"name": "w", "steps": {}}, "one has to begin"),
        ({"name": "w", "steps": {"a": {"job": "good", "after": "a"}}}, "one has to begin"),
        ({"name": "w", "steps": {"a": {"job": "good"}, "b": {"job": "last", "after": "c"}}}, "step b comes after c"),
        ({"name": "w", "steps": {"a": {"job": "good", "crawler": "c"}}}, "step a runs a job or a crawler"),
        ({"name": "w", "steps": {"a": {"job": "good", "afer": "b"}}}, "unknown field `afer`"),
        ({"name": "w"}, "missing required field `steps`"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, file: object, why: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(file))
    with pytest.raises(InvalidInput, match=why):
        read_workflow(path)


def test_a_file_may_be_scheduled_or_wait_for_events(flow: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "more.toml"
    path.write_text('name = "t"\nschedule = "rate(1 day)"\n[steps.a]\njob = "good"\ntimeout = 5\n')
    assert "isinglass serve runs it next at" in flow.run("workflow", "create", path)
    path.write_text('name = "e"\nevents = { size = 2, window = 60 }\n[steps.a]\ncrawler = "lake"\n')
    flow.run("workflow", "create", path)
    begins = {each["name"]: each for each in flow.json("trigger", "list")}
    assert begins["t-begin"]["actions"][0]["timeout_minutes"] == 5
    assert begins["e-begin"]["batch"] == {"size": 2, "window_seconds": 60}
    path.write_text('name = "t2"\nschedule = "daily"\n[steps.a]\njob = "good"\n')
    assert "schedule 'daily'" in flow.refusal("workflow", "create", path)
    assert [each["name"] for each in flow.json("workflow", "list")] == ["e", "flow", "t"]
    assert "no such file" in flow.refusal("workflow", "create", tmp_path / "gone.toml").lower()
