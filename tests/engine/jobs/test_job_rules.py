"""What makes sense in a job, and in what a run of it asks for otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.errors import DomainError, InvalidInput
from engine.errors import ArgumentRefused
from engine.jobs.job_rules import checked, of_known_command, overridden
from engine.jobs.sizing import WORKER_TYPES
from engine.model import Job, Overrides, timeout_of

ETL = Job("etl", "/etl.py")
SIZED = replace(ETL, worker_type="G.1X", number_of_workers=4)


@pytest.mark.parametrize(
    "fields",
    [
        *({"worker_type": name, "number_of_workers": 2} for name in WORKER_TYPES if name != "G.025X"),
        {"max_capacity": 2.0},
        {"max_capacity": 100.0},
        {"command": "pythonshell"},
        {"command": "pythonshell", "max_capacity": 0.0625},
        {"command": "pythonshell", "max_capacity": 1.0},
        {"command": "gluestreaming", "worker_type": "G.025X", "number_of_workers": 2},
        *({"glue_version": version} for version in ("0.9", "1.0", "2.0", "3.0", "4.0", "5.0", "5.1", "6.0")),
        {"timeout_minutes": 10_080},
        {"max_retries": 10},
        {"execution_class": "FLEX", "glue_version": "3.0"},
        {"tags": {f"tag{number}": "" for number in range(50)}},
        {"connections": ("a", "b"), "notify_delay_minutes": 1},
    ],
)
def test_what_glue_takes_is_taken(fields: dict[str, Any]) -> None:
    assert checked(replace(ETL, **fields)) == replace(ETL, **fields)


def test_a_command_that_nothing_here_runs_is_only_refused_where_that_is_asked() -> None:
    other = replace(ETL, command="glue")
    assert checked(other) == other
    with pytest.raises(InvalidInput, match="command is 'glue'; commands are glueetl, gluestreaming and pythonshell"):
        of_known_command(other)
    assert of_known_command(ETL) == ETL


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"command": "glueray"}, ArgumentRefused, "command glueray of job etl is not supported here: Ray jobs are not"),
        ({"worker_type": "Z.2X", "number_of_workers": 2}, ArgumentRefused, "worker type Z.2X of job etl .* Ray jobs"),
        ({"worker_type": "G.3X", "number_of_workers": 2}, InvalidInput, "'G.3X' is not known; worker types are Stand"),
        ({"worker_type": "G.025X", "number_of_workers": 2}, InvalidInput, "G.025X is for gluestreaming jobs"),
        ({"execution_class": "FLEX", "glue_version": "new"}, InvalidInput, "Glue version 'new' is not known"),
        ({"worker_type": "G.1X", "number_of_workers": 0}, InvalidInput, "at least 1"),
        ({"worker_type": "G.1X", "number_of_workers": 2, "max_capacity": 2.0}, InvalidInput, "and not both"),
        ({"max_capacity": 1.0}, InvalidInput, "2 to 100 whole DPU"),
        ({"max_capacity": 2.5}, InvalidInput, "2 to 100 whole DPU"),
        ({"max_capacity": 101.0}, InvalidInput, "2 to 100 whole DPU"),
        ({"command": "pythonshell", "max_capacity": 2.0}, InvalidInput, "0.0625 or 1"),
        (
            {"command": "pythonshell", "worker_type": "G.1X", "number_of_workers": 2},
            InvalidInput,
            "a Python shell job has no workers",
        ),
        ({"glue_version": "5.2"}, InvalidInput, "Glue version '5.2' is not known; versions are 0.9"),
        ({"glue_version": ""}, InvalidInput, "is not known"),
        ({"timeout_minutes": 0}, InvalidInput, "1 to 10,080 minutes"),
        ({"timeout_minutes": 10_081}, InvalidInput, "1 to 10,080 minutes"),
        ({"max_retries": -1}, InvalidInput, "0 to 10"),
        ({"max_retries": 11}, InvalidInput, "0 to 10"),
        ({"notify_delay_minutes": 0}, InvalidInput, "at least 1 minute"),
        ({"execution_class": "SPOT"}, InvalidInput, "STANDARD or FLEX"),
        ({"execution_class": "FLEX", "glue_version": "2.0"}, InvalidInput, "glueetl jobs of Glue 3.0 and later"),
        ({"execution_class": "FLEX", "command": "gluestreaming"}, InvalidInput, "glueetl jobs"),
        ({"tags": {f"tag{number}": "" for number in range(51)}}, InvalidInput, "it has 51 tags, and the most is 50"),
        ({"tags": {"": "x"}}, InvalidInput, "tag ''"),
        ({"connections": ("a", "a")}, InvalidInput, "each given once"),
        ({"description": "x" * 2_049}, InvalidInput, "more than 2,048"),
        (
            {"worker_type": "G.1X", "number_of_workers": 2, "default_arguments": {"--executor-cores": "9"}},
            InvalidInput,
            "at most 8 tasks",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_by_name(
    fields: dict[str, Any], kind: type[DomainError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        checked(replace(ETL, **fields))


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ({}, 480),
        ({"glue_version": "5.0"}, 480),
        ({"glue_version": "6.0"}, 480),
        ({"glue_version": "4.0"}, 2_880),
        ({"glue_version": "0.9"}, 2_880),
        ({"glue_version": "4.0", "timeout_minutes": 5}, 5),
        ({"command": "gluestreaming"}, None),
        ({"command": "gluestreaming", "timeout_minutes": 7}, 7),
        ({"command": "pythonshell"}, 480),
    ],
)
def test_a_timeout_that_is_not_given_is_the_versions_and_a_stream_has_none(
    fields: dict[str, Any], minutes: int | None
) -> None:
    assert timeout_of(replace(ETL, **fields)) == minutes


def test_what_a_run_asks_for_takes_the_place_of_the_definitions() -> None:
    asked = Overrides(timeout_minutes=9, execution_class="FLEX", notify_delay_minutes=3, queueing=True)
    found = overridden(SIZED, asked)
    assert (found.timeout_minutes, found.execution_class, found.notify_delay_minutes, found.queueing) == (
        9,
        "FLEX",
        3,
        True,
    )
    assert overridden(SIZED, Overrides()) is SIZED
    assert overridden(SIZED, Overrides(number_of_workers=9)) == replace(SIZED, number_of_workers=9)


def test_a_size_of_one_kind_takes_the_place_of_one_of_the_other() -> None:
    by_capacity = overridden(SIZED, Overrides(max_capacity=5.0))
    assert (by_capacity.worker_type, by_capacity.number_of_workers, by_capacity.max_capacity) == (None, None, 5.0)
    again = overridden(by_capacity, Overrides(worker_type="G.2X", number_of_workers=2))
    assert (again.worker_type, again.number_of_workers, again.max_capacity) == ("G.2X", 2, None)
    with pytest.raises(InvalidInput, match="and not both"):
        overridden(ETL, Overrides(worker_type="G.1X", number_of_workers=2, max_capacity=4.0))
    by_type = overridden(by_capacity, Overrides(worker_type="G.2X"))
    assert (by_type.worker_type, by_type.number_of_workers, by_type.max_capacity) == ("G.2X", None, None)
    with pytest.raises(InvalidInput, match="1 to 10,080 minutes"):
        overridden(SIZED, Overrides(timeout_minutes=20_000))
