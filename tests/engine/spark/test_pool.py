"""Keeping Javas warm for runs: the real supervisors, with shell scripts for Java and a warming that does nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.errors import NoJava
from engine.model import Outcome
from engine.running.executors import executors
from engine.running.job_runs import JobRuns
from engine.running.notes import read_note
from engine.running.processes import alive, identity, pid_of
from engine.running.scripts import Equipment
from engine.running.supervisor import SUPERVISOR
from engine.spark import kept_java
from engine.spark import pool as pools
from engine.spark.pool import Pool
from engine.spark.pooled import PROCESS
from engine.spark.spark import SparkSettings
from engine.spark.sparkjobs import SparkJobs
from engine.spark.warm_conf import fits_warm_java
from engine.states import RunState
from tests.engine.running.job_bench import PATIENCE_SECONDS, Bench


def until(look: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.01)


class Warm:
    """A pool, and job runs that take their Javas from it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.settings = SparkSettings("local[1]", "512m", "thrift://127.0.0.1:2", bench.folder, bench.folder)
        self.spark = SparkJobs(self.settings, bench.java)
        self.pool = self.keep()
        bench.jobs = JobRuns(
            bench.folder / "runs",
            bench.folder,
            "http://127.0.0.1:1",
            bench.give_token,
            executors(self.settings, bench.java),
            start=lambda folder, launch: self.pool.supervise(folder, launch),
        )

    def keep(self, idle_seconds: float = 600.0) -> Pool:
        folder = self.bench.folder / "warm"
        warming = [sys.executable, "-c", "print('warming')"]
        return Pool(folder, self.spark.equip_warming, 1, idle_seconds=idle_seconds, warming=lambda _: warming)

    def await_java(self) -> None:
        until(self.pool.waiting, "a Java is ready")

    @property
    def processes(self) -> list[str]:
        notes = [read_note(folder / PROCESS) for folder in sorted((self.bench.folder / "warm").glob("*"))]
        return [str(note["process"]) for note in notes if note]


@pytest.fixture
def warm(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warm]:
    monkeypatch.setattr(pools, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(pools, "REST_SECONDS", 0.2)
    monkeypatch.setattr(pools, "FAILED_SECONDS", 0.5)
    found = Warm(bench)
    yield found
    found.pool.stop()


def test_a_run_has_the_java_that_waits_and_another_is_warmed(warm: Warm) -> None:
    warm.pool.start()
    warm.await_java()
    [kept] = warm.processes
    script = "import os, sys; print(os.getcwd(), os.environ['TMPDIR']); print('error', file=sys.stderr)"
    assert warm.bench.execute(warm.bench.run(script, command="glueetl")) == Outcome(RunState.SUCCEEDED)
    assert warm.bench.supervisor == kept
    work = warm.bench.path("work")
    assert warm.bench.output() == f"{work} {work}\n", "what the warming said is not in the run's log"
    assert "error\n" in warm.bench.errors()
    assert warm.bench.living() == []
    warm.await_java()
    assert kept not in warm.processes


def test_a_java_is_never_given_twice(warm: Warm) -> None:
    warm.pool.start()
    warm.await_java()
    [kept] = warm.processes
    warm.pool.size = 0
    run = warm.bench.run("pass", command="glueetl")
    ids = [f"jr_{number}" for number in range(6)]
    threads = [threading.Thread(target=warm.bench.execute, args=(replace(run, id=each),)) for each in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    notes = [read_note(warm.bench.folder / "runs" / each / SUPERVISOR) for each in ids]
    supervisors = [note["process"] for note in notes if note]
    assert len(set(supervisors)) == len(ids)
    assert kept in supervisors


def test_runs_that_need_another_java_start_their_own_until_one_is_warmed_like_them(warm: Warm) -> None:
    warm.pool.start()
    warm.await_java()
    [kept] = warm.processes
    run = warm.bench.run("pass", {"--conf": "spark.driver.memory=700m"}, command="glueetl")
    assert warm.bench.execute(run).state is RunState.SUCCEEDED
    assert warm.bench.supervisor != kept
    assert warm.bench.execute(replace(run, id="jr_1a")).state is RunState.SUCCEEDED
    until(lambda: kept not in warm.processes, "the first is let go")
    warm.await_java()
    [like_it] = warm.processes
    assert warm.bench.execute(replace(run, id="jr_2")).state is RunState.SUCCEEDED
    assert (read_note(warm.bench.folder / "runs" / "jr_2" / SUPERVISOR) or {})["process"] == like_it


@pytest.mark.parametrize(
    "arguments", [{"--conf": "spark.driver.extraJavaOptions=-Dx=1"}, {"--conf": "spark.jars.packages=a:b:1"}]
)
def test_what_is_fixed_when_java_starts_makes_a_run_start_its_own(warm: Warm, arguments: dict[str, str]) -> None:
    warm.pool.start()
    warm.await_java()
    kept = warm.processes
    assert warm.bench.execute(warm.bench.run("pass", arguments, command="glueetl")).state is RunState.SUCCEEDED
    assert warm.bench.supervisor not in kept
    assert warm.processes == kept


def test_a_java_that_has_died_is_not_given_and_is_replaced(warm: Warm) -> None:
    warm.pool.start()
    warm.await_java()
    [kept] = warm.processes
    for child in psutil.Process(pid_of(kept)).children():
        child.kill()
    assert warm.bench.execute(warm.bench.run("print(1)", command="glueetl")).state is RunState.SUCCEEDED
    assert warm.bench.output() == "1\n"
    until(lambda: warm.processes and kept not in warm.processes, "it is replaced")


def test_a_supervisor_that_does_not_take_the_run_is_ended_and_the_run_begins_without_it(
    warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_java, "PATIENCE_SECONDS", 0.3)
    warm.pool.start()
    warm.await_java()
    [kept] = warm.processes
    os.kill(pid_of(kept), signal.SIGSTOP)
    assert warm.bench.execute(warm.bench.run("pass", command="glueetl")).state is RunState.SUCCEEDED
    assert warm.bench.supervisor != kept
    assert not alive(kept)


def test_none_is_kept_when_no_job_has_come_for_long_or_memory_is_short(
    warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm.pool = warm.keep(idle_seconds=1.0)
    warm.pool.start()
    warm.await_java()
    until(lambda: not warm.processes, "it is let go")
    monkeypatch.setattr(pools, "SPARE_BYTES", 1 << 60)
    monkeypatch.setattr(pools, "FAILED_SECONDS", 600.0)
    assert warm.bench.execute(warm.bench.run("pass", command="glueetl")).state is RunState.SUCCEEDED
    until(lambda: warm.pool.rests_until > time.monotonic() + 1, "it is seen that memory is short")
    assert warm.processes == []


def test_one_that_waits_is_let_go_when_memory_becomes_short(warm: Warm, monkeypatch: pytest.MonkeyPatch) -> None:
    warm.pool.start()
    warm.await_java()
    monkeypatch.setattr(pools, "FAILED_SECONDS", 600.0)
    monkeypatch.setattr(pools, "SPARE_BYTES", 1 << 60)
    until(lambda: not warm.processes, "it is let go")
    assert warm.pool.rests_until > time.monotonic() + 1


def test_one_that_cannot_be_started_leaves_no_folder(warm: Warm) -> None:
    def refuse(folder: Path) -> Equipment:
        raise NoJava(found="none is installed")

    warm.pool.equip = refuse
    with pytest.raises(NoJava):
        warm.pool._warm()
    assert list((warm.bench.folder / "warm").iterdir()) == []


def test_the_end_of_a_pool_is_the_end_of_its_javas_but_not_of_those_that_runs_have(warm: Warm) -> None:
    warm.pool.start()
    warm.await_java()
    [kept] = warm.processes
    script = "import os, pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)"
    ended: list[Outcome] = []
    run = warm.bench.run(script, command="glueetl")
    thread = threading.Thread(target=lambda: ended.append(warm.bench.execute(run)))
    thread.start()
    warm.bench.await_script()
    warm.await_java()
    waiting = [each for each in warm.processes if each != kept]
    warm.pool.stop()
    assert [alive(each) for each in (kept, *waiting)] == [True, *(False for _ in waiting)]
    warm.bench.path("work/go").touch()
    thread.join()
    assert ended == [Outcome(RunState.SUCCEEDED)]
    assert list((warm.bench.folder / "warm").iterdir()) == []


OWNER = """
import sys, time
from pathlib import Path
from engine.spark.pool import Pool
from engine.spark.spark import SparkSettings
from engine.spark.sparkjobs import SparkJobs
folder = Path(sys.argv[1])
settings = SparkSettings("local[1]", "512m", "thrift://127.0.0.1:2", folder, folder)
warming = [sys.executable, "-c", "pass"]
pool = Pool(folder / "warm", SparkJobs(settings, folder / "java").equip_warming, 2, warming=lambda _: warming)
pool.start()
while pool.waiting() < 2: time.sleep(0.01)
print("ready", flush=True)
time.sleep(600)
"""


def test_a_service_that_is_killed_leaves_no_java_and_the_next_takes_their_folders_away(warm: Warm) -> None:
    words = [sys.executable, "-c", OWNER, str(warm.bench.folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        kept = warm.processes
        owner.kill()
    mark = os.fsencode(f"{warm.bench.folder}/warm")
    assert len(kept) == 2
    until(lambda: not any(alive(each) for each in kept), "they end")
    until(lambda: not _with(mark), "nothing of them is left")
    warm.pool.size = 0
    warm.pool.start()
    assert list((warm.bench.folder / "warm").iterdir()) == []


def _with(mark: bytes) -> list[int]:
    """The living processes that have it in their environment."""
    found = []
    for pid in psutil.pids():
        try:
            if mark in Path(f"/proc/{pid}/environ").read_bytes() and identity(pid):
                found.append(pid)
        except OSError:  # it has ended, or is not ours
            continue
    return found


@pytest.mark.parametrize(
    ("names", "fits"),
    [
        (["spark.sql.shuffle.partitions", "spark.hadoop.fs.s3a.endpoint", "spark.eventLog.dir"], True),
        (["spark.sql.shuffle.partitions", "spark.driver.extraClassPath"], False),
        (["spark.sql.codegen.cache.maxEntries"], False),
        (["spark.hadoop.hadoop.security.authentication"], False),
        (["spark.something.new"], False),
    ],
)
def test_settings_that_a_warm_java_may_not_take_are_told(names: list[str], fits: bool) -> None:
    assert fits_warm_java(names) is fits
