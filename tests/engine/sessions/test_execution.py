"""Sessions as their worker sees them: their ends in their own words, and their share of the machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine as SqlEngine

from engine.engine import Engine
from engine.jobs.sizing import host_of
from engine.model import SESSION, Job, Outcome, Run
from engine.running.notes import read_note, write_whole
from engine.running.processes import identity, machine
from engine.running.supervisor import EXIT, KEEPER, LAUNCH
from engine.running.worker import Worker
from engine.sessions import execution
from engine.sessions.execution import Sessions
from engine.sessions.model import SessionState, StatementState
from engine.states import RunState
from tests.conftest import Clock
from tests.engine.running.working import Scripted, at_once, await_end, await_state, until_stopped, working
from tests.engine.sessions.sessioning import asked, states


@pytest.fixture(autouse=True)
def quick_and_quiet(monkeypatch: pytest.MonkeyPatch, quiet_log: None) -> None:
    monkeypatch.setattr(execution, "LOOK_SECONDS", 0.0)


@pytest.fixture
def engine(store: SqlEngine, clock: Clock) -> Engine:
    return Engine(store, clock)


def sessions(engine: Engine, folder: Path, act: Callable[..., Outcome] = until_stopped) -> Sessions:
    return Sessions(engine, Scripted(act), folder / "runs", folder)


def begin(engine: Engine, idle_minutes: int | None = None) -> Run:
    """A session that a worker makes ready."""
    run = engine.create_session(asked(), idle_minutes).run
    await_state(engine, run, RunState.RUNNING)
    return run


def told(engine: Engine) -> tuple[SessionState, str | None]:
    session = engine.get_session("notebook")
    return session.state, session.run.detail


def test_a_session_that_is_idle_for_too_long_is_ended_and_says_so(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    with working(engine, session=sessions(engine, tmp_path)):  # type: ignore[arg-type]
        run = begin(engine, idle_minutes=10)
        clock.advance(minutes=11)
        await_end(engine, run)
    assert told(engine) == (SessionState.TIMEOUT, "it was idle for longer than its idle timeout")


def test_a_session_that_is_stopped_is_not_called_idle(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    with working(engine, session=sessions(engine, tmp_path)):  # type: ignore[arg-type]
        run = begin(engine, idle_minutes=10)
        engine.stop_session("notebook")
        clock.advance(minutes=11)
        await_end(engine, run)
    assert told(engine) == (SessionState.STOPPED, "stopped on request")


def test_a_session_ends_with_its_service_and_so_do_its_statements(engine: Engine, tmp_path: Path) -> None:
    with working(engine, session=sessions(engine, tmp_path)):  # type: ignore[arg-type]
        begin(engine)
        engine.run_statement("notebook", "1")
    assert told(engine) == (SessionState.STOPPED, "its service ended")
    assert states(engine) == [StatementState.CANCELLED]


def over_its_time(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
    begun()
    return Outcome(RunState.TIMEOUT, "it ran longer than the job's timeout")


@pytest.mark.parametrize(
    ("act", "state", "detail"),
    [
        (at_once, SessionState.FAILED, "its Python ended by itself; see the error log"),
        (over_its_time, SessionState.TIMEOUT, "it went on for longer than its timeout"),
    ],
)
def test_other_ends_are_told_in_a_session_s_words(
    engine: Engine, tmp_path: Path, act: Callable[..., Outcome], state: SessionState, detail: str
) -> None:
    with working(engine, session=sessions(engine, tmp_path, act)):  # type: ignore[arg-type]
        await_end(engine, engine.create_session(asked()).run)
    assert told(engine) == (state, detail)


def test_a_session_goes_on_for_the_process_that_works_on_it(engine: Engine, tmp_path: Path) -> None:
    with working(engine, session=sessions(engine, tmp_path)) as worker:  # type: ignore[arg-type]
        run = begin(engine)
        assert read_note(tmp_path / "runs" / run.id / KEEPER) == {"process": worker.owner}


def test_a_session_that_its_service_died_before_it_began_is_given_up_and_not_begun_again(
    engine: Engine, tmp_path: Path
) -> None:
    run = engine.create_session(asked()).run
    assert engine.claim_run(f"999999999:1:{machine()}", (SESSION,), run.id) is not None
    folder = tmp_path / "runs" / run.id
    folder.mkdir(parents=True)
    write_whole(folder / LAUNCH, {"mark": "MARK=1", "timeout_seconds": None})
    scripted = Scripted(until_stopped)
    worker = Worker(engine, {SESSION: Sessions(engine, scripted, tmp_path / "runs", tmp_path)})
    worker.settle()
    assert told(engine) == (SessionState.FAILED, "its service ended before it was ready")
    assert (scripted.executed, scripted.resumed) == ([], [])
    assert not (folder / LAUNCH).exists(), "no supervisor that comes late begins it"


def test_a_session_that_has_ended_is_taken_up_to_say_how(engine: Engine, tmp_path: Path) -> None:
    run = engine.create_session(asked()).run
    assert engine.claim_run(f"999999999:1:{machine()}", (SESSION,), run.id) is not None
    folder = tmp_path / "runs" / run.id
    folder.mkdir(parents=True)
    (folder / EXIT).touch()
    scripted = Scripted(until_stopped)
    Worker(engine, {SESSION: Sessions(engine, scripted, tmp_path / "runs", tmp_path)}).settle()
    assert scripted.resumed == [run.id]
    assert told(engine) == (SessionState.FAILED, "found dead")


def test_a_session_has_a_quarter_of_the_memory_at_most_and_jobs_have_the_rest(store: SqlEngine) -> None:
    engine, owner = Engine(store, host=host_of(4, 16_384, 4, "local[*]", "1g")), f"1:1:{machine()}"
    engine.create_job(Job("totals", "/jobs/totals.py", worker_type="G.1X", number_of_workers=10))
    session = engine.create_session(asked(worker_type="G.1X", number_of_workers=10))
    claimed = engine.claim_run(owner, (SESSION,), session.run.id)
    assert claimed is not None
    assert (claimed.memory_mb, claimed.figures["asked_memory_mb"]) == (4_096, 102_400)
    small = engine.claim_run(owner, (SESSION,), engine.create_session(asked("small")).run.id)
    assert small is not None
    assert small.memory_mb == 1_024
    job = engine.start_job_run("totals")
    engine.say_alive(identity(os.getpid()) or "", 4)
    assert engine.claim_run(owner, run_id=job.id) is None
    assert (
        "it needs 16,384 MB of memory, and 11,264 of 16,384 MB are free" in engine.batch_why_waiting([job.id])[job.id]
    )
