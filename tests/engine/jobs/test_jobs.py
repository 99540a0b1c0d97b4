"""Jobs: definitions, their versions, and what a run is asked to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from engine.errors import ConcurrentRunsExceeded
from engine.jobs import jobs
from engine.ledger import runs
from engine.model import BOOKMARK_DISABLE, BOOKMARK_ENABLE, BOOKMARK_OPTION, JOB, Job
from engine.states import RunState
from tests.conftest import NOON
from tests.engine.conftest import Opened

ETL = Job("etl", "/scripts/etl.py", {"--path": "s3://lake/", BOOKMARK_OPTION: BOOKMARK_ENABLE}, "nightly", "4.0", 60, 2)


def test_a_job_is_read_as_it_was_created(connection: Connection) -> None:
    jobs.create_job(connection, replace(ETL, version=9), NOON)
    assert jobs.get_job(connection, "etl") == replace(ETL, created_at=NOON, updated_at=NOON)


def test_a_job_cannot_be_created_twice_but_another_case_is_another_job(writing: Opened) -> None:
    with writing() as connection:
        jobs.create_job(connection, ETL, NOON)
        jobs.create_job(connection, replace(ETL, name="ETL"), NOON)
    with pytest.raises(AlreadyExists, match="Job etl already exists"), writing() as connection:
        jobs.create_job(connection, ETL, NOON)


def test_a_job_that_is_not_there_is_not_found(connection: Connection) -> None:
    for verb in (jobs.get_job, jobs.delete_job):
        with pytest.raises(NotFound, match="Job ghost not found"):
            verb(connection, "ghost")
    with pytest.raises(NotFound):
        jobs.update_job(connection, replace(ETL, name="ghost"), NOON)
    with pytest.raises(NotFound):
        jobs.run_spec(connection, "ghost", {})


@pytest.mark.parametrize(
    "bad",
    [
        replace(ETL, name=""),
        replace(ETL, name="  "),
        replace(ETL, name="a\nb"),
        replace(ETL, name="x" * 256),
        replace(ETL, timeout_minutes=0),
        replace(ETL, max_concurrent_runs=0),
        replace(ETL, default_arguments={BOOKMARK_OPTION: "yes"}),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(connection: Connection, bad: Job) -> None:
    with pytest.raises(InvalidInput):
        jobs.create_job(connection, bad, NOON)
    jobs.create_job(connection, replace(ETL, name="etl"), NOON)
    if bad.name == "etl":
        with pytest.raises(InvalidInput):
            jobs.update_job(connection, bad, NOON)


def test_each_update_that_changes_something_counts_a_version(connection: Connection) -> None:
    jobs.create_job(connection, ETL, NOON)
    later = NOON + timedelta(hours=1)
    assert jobs.update_job(connection, ETL, later).version == 0
    changed = jobs.update_job(connection, replace(ETL, description="daily"), later)
    assert changed == replace(ETL, description="daily", version=1, created_at=NOON, updated_at=later)
    assert jobs.get_job(connection, "etl") == changed


def test_an_update_that_expects_an_older_version_is_refused(connection: Connection) -> None:
    jobs.create_job(connection, ETL, NOON)
    jobs.update_job(connection, replace(ETL, description="first"), NOON, expected_version=0)
    with pytest.raises(VersionConflict, match="Job etl is at version 1, not 0"):
        jobs.update_job(connection, replace(ETL, description="late"), NOON, expected_version=0)
    assert jobs.get_job(connection, "etl").description == "first"


def test_of_updates_that_meet_none_is_lost(writing: Opened) -> None:
    with writing() as connection:
        jobs.create_job(connection, ETL, NOON)

    def work(worker: int) -> int:
        accepted = 0
        for attempt in range(8):
            try:
                with writing() as connection:
                    current = jobs.get_job(connection, "etl")
                    changed = replace(current, description=f"{worker}/{attempt}")
                    jobs.update_job(connection, changed, NOON, current.version)
                accepted += 1
            except VersionConflict:
                continue
        return accepted

    with ThreadPoolExecutor(8) as pool:
        accepted = sum(pool.map(work, range(8)))
    with writing() as connection:
        assert jobs.get_job(connection, "etl").version == accepted


def test_jobs_are_listed_by_name_in_pages(connection: Connection) -> None:
    for name in ("c", "a", "b"):
        jobs.create_job(connection, replace(ETL, name=name), NOON)
    page = jobs.list_jobs(connection, 2, None)
    assert [job.name for job in page.items] == ["a", "b"]
    assert [job.name for job in jobs.list_jobs(connection, 2, page.next_token).items] == ["c"]


def test_a_runs_own_arguments_win_over_those_of_the_job(connection: Connection) -> None:
    jobs.create_job(connection, ETL, NOON)
    spec = jobs.run_spec(connection, "etl", {"--path": "other", "--day": "1"})
    assert spec.arguments == {"--path": "other", "--day": "1", BOOKMARK_OPTION: BOOKMARK_ENABLE}
    assert spec.bookmark == BOOKMARK_ENABLE
    assert jobs.run_spec(connection, "etl", {BOOKMARK_OPTION: BOOKMARK_DISABLE}).bookmark == BOOKMARK_DISABLE


def test_a_job_without_the_option_keeps_no_bookmark(connection: Connection) -> None:
    jobs.create_job(connection, replace(ETL, default_arguments={}), NOON)
    assert jobs.run_spec(connection, "etl", {}).bookmark == BOOKMARK_DISABLE


def test_arguments_of_a_run_that_make_no_sense_are_refused(connection: Connection) -> None:
    jobs.create_job(connection, ETL, NOON)
    with pytest.raises(InvalidInput):
        jobs.run_spec(connection, "etl", {BOOKMARK_OPTION: "sometimes"})


def test_no_more_runs_than_the_jobs_maximum_are_unfinished_at_once(writing: Opened) -> None:
    with writing() as connection:
        jobs.create_job(connection, replace(ETL, max_concurrent_runs=3), NOON)

    def start(_: int) -> bool:
        try:
            with writing() as connection:
                jobs.run_spec(connection, "etl", {})
                runs.enqueue(connection, JOB, "etl", "{}", NOON)
        except ConcurrentRunsExceeded:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, range(16))) == 3
    with writing() as connection:
        run = runs.unfinished(connection, JOB, "etl")[0]
        runs.request_stop(connection, run.id, NOON)
        assert jobs.run_spec(connection, "etl", {}).job.name == "etl"


def test_a_job_that_runs_cannot_be_deleted_and_its_runs_outlive_it(connection: Connection) -> None:
    jobs.create_job(connection, ETL, NOON)
    run = runs.enqueue(connection, JOB, "etl", "{}", NOON)
    with pytest.raises(ConcurrentRunsExceeded):
        jobs.delete_job(connection, "etl")
    runs.request_stop(connection, run.id, NOON)
    jobs.delete_job(connection, "etl")
    with pytest.raises(NotFound):
        jobs.get_job(connection, "etl")
    assert runs.get_run(connection, run.id).state is RunState.STOPPED


def test_arguments_that_are_fixed_win_over_a_runs_own_which_win_over_defaults(connection: Connection) -> None:
    job = replace(ETL, default_arguments={"--a": "default", "--b": "default"}, fixed_arguments={"--c": "fixed"})
    jobs.create_job(connection, job, NOON)
    asked = jobs.run_spec(connection, "etl", {"--b": "run", "--c": "run"}).arguments
    assert asked == {"--a": "default", "--b": "run", "--c": "fixed"}


def test_more_arguments_than_glue_takes_are_refused_in_a_definition_and_in_a_run(connection: Connection) -> None:
    half = "x" * 140_000
    with pytest.raises(InvalidInput, match="the most is 266,240"):
        jobs.create_job(connection, replace(ETL, default_arguments={"--a": half}, fixed_arguments={"--b": half}), NOON)
    jobs.create_job(connection, replace(ETL, default_arguments={"--a": half}), NOON)
    with pytest.raises(InvalidInput, match="the most is 266,240"):
        jobs.run_spec(connection, "etl", {"--b": half})
