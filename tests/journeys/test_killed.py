"""kill -9 in the middle of things: what is left is in order, and the next run is right."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.errors import NotFound
from engine.model import Run
from engine.running.processes import pid_of
from engine.running.progress import RunProgress, read_progress
from engine.states import RunState
from tests.journeys.flights import JOB, ROWS, demand_rows, set_up
from tests.journeys.installation import Installation, until

BUSY = """
import sys, time
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

context = SparkContext.getOrCreate()
glue = GlueContext(context)
args = getResolvedOptions(sys.argv, ["database", "note"])
frame = glue.create_dynamic_frame.from_catalog(args["database"], "flights", transformation_ctx="flights")
Job(glue).commit()

def wait(part):
    open(args["note"], "w").close()
    time.sleep(600)

print("waiting", flush=True)
context.parallelize(range(2), 2).map(wait).collect()
"""


def test_a_service_that_is_killed_during_a_run_is_followed_by_one_that_takes_the_run_to_its_end(
    installation: Installation,
) -> None:
    set_up(installation)
    first = installation.serve()
    run = installation.put_in(JOB)
    installation.await_script(run)  # it now asks for its read plan, or soon will
    first.kill()
    assert installation.engine.find_bookmark(JOB) is None
    assert installation.processes_of(run), "the run goes on without the service"

    second = installation.serve()  # on another port
    assert second.endpoint != first.endpoint
    ended = installation.await_end(run)
    assert (ended.state, ended.detail, ended.owner) == (RunState.SUCCEEDED, None, second.identity)
    assert installation.processes_of(run) == {}
    assert installation.engine.get_bookmark(JOB).run_id == run.id
    demand_rows(installation, installation.output, ROWS)


def read_to_the_bookmark(installation: Installation) -> Run:
    """A run that has read, has called Job.commit(), and now computes for longer than any test."""
    note = installation.folder / f"computing-{len(installation.engine.list_runs('job').items)}"
    run = installation.put_in("busy", note=str(note))
    until(note.exists, "Spark's workers compute")
    assert installation.engine.get_run(run.id).committed_at is not None
    return run


def demand_no_trace(installation: Installation, run: Run) -> None:
    """No process is left of the run, and its bookmark has not moved."""
    assert installation.processes_of(run) == {}
    assert installation.engine.find_bookmark(run.subject or "") is None
    assert not (installation.home / "runs" / run.id / "work").exists()


def test_a_run_ends_with_a_reason_whichever_of_its_processes_dies_or_is_stopped(installation: Installation) -> None:
    set_up(installation)
    script = installation.folder / "busy.py"
    script.write_text(BUSY)
    installation.run("job", "create", "busy", script, "-a", "--database=travel", "--bookmark", "enable")
    installation.serve()

    run = read_to_the_bookmark(installation)
    assert any("pyspark.daemon" in command for command in installation.processes_of(run).values())
    installation.kill_one(run, "SparkSubmit")
    ended = installation.await_end(run)
    assert ended.state is RunState.FAILED
    assert ended.detail == "Spark's Java was ended by signal 9 before the script did; see the error log"
    demand_no_trace(installation, run)

    run = read_to_the_bookmark(installation)
    installation.kill_one(run, "isinglass_driver.py")
    ended = installation.await_end(run)
    assert ended.state is RunState.FAILED
    assert ended.detail == "its process was ended by signal 9; see the error log"
    demand_no_trace(installation, run)

    run = read_to_the_bookmark(installation)
    assert "was asked to stop" in installation.run("job", "stop", run.id)
    ended = installation.await_end(run)
    assert (ended.state, ended.detail) == (RunState.STOPPED, "stopped on request")
    demand_no_trace(installation, run)
    assert installation.run("job", "logs", run.id) == "waiting\n"
    assert "has ended (STOPPED)" in installation.refusal("job", "stop", run.id)


def test_a_run_whose_service_and_supervisor_are_killed_is_lost_and_the_next_one_is_right(
    installation: Installation,
) -> None:
    set_up(installation)
    service = installation.serve()
    run = installation.put_in(JOB)
    until(lambda: installation.engine.list_sources(run.id), "the run has its read plan")
    os.kill(pid_of(installation.supervisor_of(run)), signal.SIGKILL)
    service.kill()

    fresh = installation.folder / "fresh"
    answer = installation.json("job", "run", JOB, "-a", f"--output_path=file://{fresh}/")  # it puts things in order
    lost = installation.engine.get_run(run.id)
    assert (lost.state, lost.detail) == (
        RunState.FAILED,
        "its process was lost: it was killed, or the machine went down",
    )
    assert installation.processes_of(run) == {}
    assert [source["selected_files"] for source in answer["sources"]] == [18], "the lost run moved no bookmark"
    assert installation.engine.get_bookmark(JOB).run_id == answer["run"]["id"]
    demand_rows(installation, fresh, ROWS)


SMALL_FILES = 4_000


def lay_out_small_files(folder: Path) -> None:
    for number in range(SMALL_FILES):
        place = folder / "visits" / f"day={number:04}" / "part.csv"
        place.parent.mkdir(parents=True)
        place.write_text(f"visitor,page\nv{number},home\nv{number + 1},cart\n")


def visits(installation: Installation) -> int | None:
    """How many partitions the catalog has of the table; None if it has no such table."""
    try:
        return installation.catalog.count_partitions("web", "visits")
    except NotFound:
        return None


MOMENTS: dict[str, Callable[[RunProgress], bool]] = {
    "it lists": lambda at: at.done > 0,
    "it reads": lambda at: at.total == SMALL_FILES,
    "it has read half": lambda at: at.total == SMALL_FILES and at.done > SMALL_FILES // 2,
}


def await_moment(installation: Installation, run: Run, has_come: Callable[[RunProgress], bool], moment: str) -> None:
    until(lambda: has_come(read_progress(installation.home / "runs", run.id)), moment)


def test_a_crawl_whose_service_is_killed_leaves_all_or_nothing_and_the_next_crawl_converges(
    installation: Installation,
) -> None:
    lay_out_small_files(installation.lake)
    installation.run("database", "create", "web")
    installation.run("crawler", "create", "visits", installation.lake, "--database", "web")
    service = installation.serve()
    for moment, has_come in MOMENTS.items():
        run = installation.engine.start_crawler("visits")
        await_moment(installation, run, has_come, moment)
        service.kill()
        assert visits(installation) in (None, SMALL_FILES)
        service = installation.serve()
        ended = installation.await_end(run)
        assert ended.state is RunState.FAILED
        assert "the service ended during the crawl" in (ended.detail or "")
    report = installation.json("crawler", "run", "visits")
    assert [table["name"] for table in report["tables"]] == ["visits"]
    assert visits(installation) == SMALL_FILES
    assert installation.json("crawler", "run", "visits")["written"] is False
    history = installation.json("crawler", "history", "visits")
    assert [crawl["state"] for crawl in history] == ["SUCCEEDED"] * 2 + ["FAILED"] * 3


@pytest.mark.parametrize("signal_name", ["SIGTERM", "SIGINT"])
def test_a_service_that_is_told_to_end_does_so_and_takes_its_note_away(
    installation: Installation, signal_name: str
) -> None:
    service = installation.serve()
    service.process.send_signal(signal.Signals[signal_name])
    assert service.process.wait(30) == 0
    assert not (installation.home / "service.json").exists()
