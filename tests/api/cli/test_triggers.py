"""`isinglass trigger`, by the real command line in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.conftest import CommandLine

DAILY = "cron(15 12 * * ? *)"


@pytest.fixture
def jobs(cli: CommandLine, tmp_path: Path) -> CommandLine:
    script = tmp_path / "job.py"
    script.write_text("print('done')\n")
    for name in ("a", "b"):
        cli.run("job", "create", name, script)
    return cli


def test_a_trigger_without_more_is_on_demand_and_fires_when_it_is_started(jobs: CommandLine) -> None:
    said = jobs.run("trigger", "create", "go", "--job", "a", "--crawler", "gone", "-a", "--day=1", "--timeout", "5")
    assert said == "trigger go created; fire it with: isinglass trigger start go\n"
    assert jobs.run("trigger", "start", "go").startswith("trigger go fired: cr_")
    [run] = jobs.json("job", "runs", "a")
    assert (run["state"], run["trigger_name"]) == ("WAITING", "go")
    shown = jobs.run("trigger", "show", "go")
    assert "starts" in shown
    assert "a --day=1" in shown
    assert f", {run['id']}" in shown


def test_a_schedule_is_shown_with_its_next_five_fires(jobs: CommandLine) -> None:
    made = jobs.run("trigger", "create", "t", "--job", "a", "--schedule", DAILY, "--zone", "Asia/Tokyo")
    assert "isinglass serve fires it next at " in made
    assert " 03:15:00 UTC" in made
    assert len(jobs.json("trigger", "show", "t")["next_fires"]) == 5
    assert jobs.run("trigger", "show", "t").count("next fire (UTC)") == 5
    jobs.run("trigger", "stop", "t")
    assert jobs.json("trigger", "list")[0]["next_fires"] == []
    assert "followed; " not in jobs.run("trigger", "start", "t")
    said = jobs.run("trigger", "update", "t", "--schedule", "cron(0 0 1 1 ? 2199)", "--zone", "UTC", "--job", "b")
    assert "is at version 3\nisinglass serve fires it next at 2199-01-01 00:00:00 UTC" in said
    assert jobs.json("trigger", "show", "t")["actions"][0]["node"]["name"] == "b"


def test_conditions_are_written_as_node_and_state(jobs: CommandLine) -> None:
    jobs.run("trigger", "create", "then", "--job", "b", "--after", "a=failed", "--after", "crawler:lake", "--any")
    shown = jobs.run("trigger", "show", "then")
    assert "after any of" in shown
    assert "a FAILED" in shown
    assert "crawler:lake SUCCEEDED" in shown
    assert "'NEVER' is none of" in jobs.try_("trigger", "create", "x", "--job", "b", "--after", "a=NEVER").err
    assert jobs.try_("trigger", "create", "x", "--job", "b", "--after", "a", "--events", "1").code == 2


def test_events_are_posted_by_their_ids(jobs: CommandLine) -> None:
    stopped = jobs.run("trigger", "create", "told", "--job", "a", "--events", "2", "--window", "60", "--stopped")
    assert "not followed until: isinglass trigger start told" in stopped
    assert "only an activated trigger of events takes them" in jobs.refusal("trigger", "events", "told", "1")
    jobs.run("trigger", "start", "told")
    assert jobs.run("trigger", "events", "told", "1", "2", "3") == "3 event(s) posted; trigger told fired 1 time(s)\n"
    assert "2 event(s), or after 60 s" in jobs.run("trigger", "show", "told")


def test_options_that_would_tell_nothing_are_refused(jobs: CommandLine) -> None:
    assert "--any goes with --after" in jobs.try_("trigger", "create", "x", "--job", "a", "--any").err
    assert "--window goes with --events" in jobs.try_("trigger", "create", "x", "--job", "a", "--window", "9").err
    assert jobs.try_("trigger", "create", "x", "--job", "a", "--events", "0").code == 2
    jobs.run("trigger", "create", "go", "--job", "a")
    assert "only a trigger of type EVENT has" in jobs.refusal("trigger", "update", "go", "--events", "2")


def test_triggers_are_listed_and_deleted(jobs: CommandLine) -> None:
    jobs.run("trigger", "create", "go", "--job", "a", "--crawler", "lake", "--description", "d")
    assert "a, crawler:lake" in jobs.run("trigger", "list")
    jobs.run("trigger", "delete", "go")
    assert jobs.run("trigger", "list") == "none\n"
    assert "Trigger go not found" in jobs.refusal("trigger", "show", "go")
    assert "starts nothing" in jobs.refusal("trigger", "create", "go")
