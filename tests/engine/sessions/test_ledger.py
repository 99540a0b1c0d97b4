"""Sessions and statements in the ledger, on both databases."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine as SqlEngine

from catalog.errors import AlreadyExists, InvalidInput, InvalidPageToken, NotFound
from engine.engine import Engine
from engine.errors import ArgumentRefused, SessionNotActive, SessionNotReady, SessionTimedOut
from engine.ledger.retention import Keep
from engine.model import SESSION, JobSpec
from engine.sessions.model import Failure, Output, SessionState, StatementState, session_state
from engine.sessions.statements import LARGEST_OUTPUT
from engine.states import RunState
from tests.conftest import Clock
from tests.engine.sessions.sessioning import OWNER, asked, end, ready, states, work_off

S, R = StatementState, RunState


@pytest.fixture
def engine(store: SqlEngine, clock: Clock) -> Engine:
    return Engine(store, clock)


@pytest.mark.parametrize(
    ("run", "closed", "told"),
    [
        (R.WAITING, False, "PROVISIONING"),
        (R.STARTING, False, "PROVISIONING"),
        (R.STARTING, True, "STOPPING"),
        (R.RUNNING, False, "READY"),
        (R.RUNNING, True, "STOPPING"),
        (R.STOPPING, False, "STOPPING"),
        (R.STOPPED, True, "STOPPED"),
        (R.TIMEOUT, True, "TIMEOUT"),
        (R.FAILED, False, "FAILED"),
        (R.ERROR, False, "FAILED"),
    ],
)
def test_a_session_is_what_its_run_is_in_other_words(run: RunState, closed: bool, told: str) -> None:
    assert session_state(run, closed) is SessionState(told)


def test_a_session_is_created_once_and_is_as_it_was_asked_to_be(engine: Engine) -> None:
    made = engine.create_session(asked(tags={"team": "a"}, default_arguments={"--conf": "spark.a=1"}), 30)
    assert (made.state, made.idle_minutes) == (SessionState.PROVISIONING, 30)
    assert engine.get_session("notebook") == made
    assert (engine.get_tags("session", "notebook"), made.job.timeout_minutes) == ({"team": "a"}, 2_880)
    spec = msgspec.json.decode(made.run.spec, type=JobSpec)
    assert spec.arguments == {
        "--enable-glue-datacatalog": "true",
        "--conf": "spark.a=1",
        "--SESSION_ID": "notebook",
    }
    with pytest.raises(AlreadyExists, match="Session notebook already exists"):
        engine.create_session(asked())
    assert len(engine.unfinished_runs(SESSION)) == 1, "what was refused left no run"


@pytest.mark.parametrize(
    ("members", "idle", "words"),
    [
        ({"command": "pythonshell"}, None, "commands of sessions are glueetl and gluestreaming"),
        ({"glue_version": "77.0"}, None, "session notebook is not valid: Glue version '77.0' is not known"),
        ({"timeout_minutes": 99_999}, None, "timeout must be"),
        ({}, 99_999, "idle timeout must be 1 to 10,080 minutes"),
        ({"worker_type": "G.99X"}, None, "worker type 'G.99X' is not known"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(
    engine: Engine, members: dict[str, Any], idle: int | None, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        engine.create_session(asked(**members), idle)
    assert engine.list_sessions().items == ()


@pytest.mark.parametrize(
    "arguments", [{"--class": "Main"}, {"--job-output-commit": "staged"}, {"--encryption-type": "sse-kms"}]
)
def test_what_a_session_cannot_do_is_refused_when_it_is_asked_for(engine: Engine, arguments: dict[str, str]) -> None:
    with pytest.raises(ArgumentRefused, match=next(iter(arguments))):
        engine.create_session(asked(default_arguments=arguments))


def test_a_connection_that_is_not_there_is_missed_at_once(engine: Engine) -> None:
    with pytest.raises(NotFound, match="Connection shop not found"):
        engine.create_session(asked(connections=("shop",)))


def test_sessions_are_listed_newest_first_part_by_part(engine: Engine, clock: Clock) -> None:
    for name in ("a", "b", "c"):
        engine.create_session(asked(name))
        clock.advance(seconds=1)
    first = engine.list_sessions(2)
    second = engine.list_sessions(2, first.next_token)
    assert [session.id for session in (*first.items, *second.items)] == ["c", "b", "a"]
    assert second.next_token is None


def test_statements_are_numbered_from_nothing_and_carried_out_in_that_order(engine: Engine, clock: Clock) -> None:
    session = ready(engine)
    assert [engine.run_statement("notebook", code).number for code in ("a = 1", "a", "b")] == [0, 1, 2]
    assert states(engine) == [S.WAITING] * 3
    taken = engine.take_statement(session.run.id)
    assert taken is not None
    assert (taken.number, taken.state, states(engine)) == (0, S.RUNNING, [S.RUNNING, S.WAITING, S.WAITING])
    clock.advance(seconds=3)
    failure = Failure("NameError", "name 'b'", ("line 1\n",))
    engine.end_statement(session.run.id, 0, Output("out", failure), interrupted=False)
    told = engine.get_statement("notebook", 0)
    assert (told.state, told.output) == (S.AVAILABLE, Output("out", failure))
    assert told.started_at is not None
    assert told.completed_at is not None
    assert (told.completed_at - told.started_at).total_seconds() == 3
    assert work_off(engine, session) == ["a", "b"]
    assert [each.code for each in engine.list_statements("notebook").items] == ["a = 1", "a", "b"]


def test_an_answer_that_got_lost_is_given_again_and_an_end_told_twice_counts_once(engine: Engine) -> None:
    session = ready(engine)
    engine.run_statement("notebook", "1")
    engine.run_statement("notebook", "2")
    assert engine.take_statement(session.run.id) == engine.take_statement(session.run.id)
    engine.end_statement(session.run.id, 0, Output("first"), interrupted=False)
    engine.end_statement(session.run.id, 0, Output("second"), interrupted=False)
    told = engine.get_statement("notebook", 0)
    assert told.output == Output("first")
    assert states(engine) == [S.AVAILABLE, S.WAITING]


def test_statements_put_in_at_once_have_a_number_each(engine: Engine) -> None:
    session = ready(engine)
    with ThreadPoolExecutor(8) as threads:
        put_in = list(threads.map(lambda code: engine.run_statement("notebook", str(code)).number, range(40)))
    assert sorted(put_in) == list(range(40))
    assert len(work_off(engine, session)) == 40


def test_one_that_waits_is_cancelled_at_once_and_one_that_runs_is_asked_to_end(engine: Engine) -> None:
    session = ready(engine)
    for code in ("sleep", "quick", "last"):
        engine.run_statement("notebook", code)
    engine.take_statement(session.run.id)
    assert engine.cancel_statement("notebook", 1).state is S.CANCELLED
    assert engine.find_cancelling(session.run.id) is None
    assert engine.cancel_statement("notebook", 0).state is S.CANCELLING
    assert engine.find_cancelling(session.run.id) == 0
    interrupted = Output("so far", Failure("KeyboardInterrupt", "", ()))
    engine.end_statement(session.run.id, 0, interrupted, interrupted=True)
    assert engine.get_statement("notebook", 0).output == interrupted
    assert work_off(engine, session) == ["last"]
    assert states(engine) == [S.CANCELLED, S.CANCELLED, S.AVAILABLE]
    assert engine.cancel_statement("notebook", 2).state is S.AVAILABLE, "what has ended stays as it is"


def test_a_statement_that_ends_before_its_cancellation_reaches_it_is_available(engine: Engine) -> None:
    session = ready(engine)
    engine.run_statement("notebook", "1")
    engine.take_statement(session.run.id)
    engine.cancel_statement("notebook", 0)
    engine.end_statement(session.run.id, 0, Output("1\n"), interrupted=False)
    assert states(engine) == [S.AVAILABLE]


def test_one_whose_process_asks_for_the_next_is_cancelled_if_it_was_to_be(engine: Engine) -> None:
    session = ready(engine)
    engine.run_statement("notebook", "1")
    engine.take_statement(session.run.id)
    engine.cancel_statement("notebook", 0)
    assert engine.take_statement(session.run.id) is None
    assert states(engine) == [S.CANCELLED]


def test_a_session_takes_statements_only_while_it_is_ready(engine: Engine) -> None:
    engine.create_session(asked())
    with pytest.raises(SessionNotReady, match="in PROVISIONING status"):
        engine.run_statement("notebook", "1")
    with pytest.raises(NotFound, match="Session other not found"):
        engine.run_statement("other", "1")
    session = ready(engine, "second")
    assert engine.stop_session("second").state is SessionState.STOPPING
    with pytest.raises(SessionNotReady, match="in STOPPING status"):
        engine.run_statement("second", "1")
    with pytest.raises(SessionNotActive, match="in STOPPING status"):
        engine.stop_session("second")
    end(engine, session.run, R.STOPPED)
    with pytest.raises(SessionNotActive, match="in STOPPED status"):
        engine.stop_session("second")
    timed_out = ready(engine, "third")
    end(engine, timed_out.run, R.TIMEOUT)
    with pytest.raises(SessionTimedOut, match="in TIMEOUT status"):
        engine.run_statement("third", "1")


def test_a_session_that_never_began_is_stopped_at_once(engine: Engine) -> None:
    engine.create_session(asked())
    assert engine.stop_session("notebook").state is SessionState.STOPPED


@pytest.mark.parametrize(("state", "running"), [(R.FAILED, S.ERROR), (R.TIMEOUT, S.ERROR), (R.STOPPED, S.CANCELLED)])
def test_with_a_session_its_statements_end_and_say_why(
    engine: Engine, state: RunState, running: StatementState
) -> None:
    session = ready(engine)
    for code in ("done", "runs", "waits"):
        engine.run_statement("notebook", code)
    engine.take_statement(session.run.id)
    engine.end_statement(session.run.id, 0, Output("done"), interrupted=False)
    engine.take_statement(session.run.id)
    end(engine, session.run, state, "its process was ended by signal 9")
    assert states(engine) == [S.AVAILABLE, running, S.CANCELLED]
    lost = engine.get_statement("notebook", 1).output
    assert lost is not None
    assert lost.failure is not None
    assert lost.failure.value == "its process was ended by signal 9"
    with pytest.raises((SessionNotReady, SessionTimedOut)):
        engine.run_statement("notebook", "late")


def test_a_deleted_session_is_gone_with_its_statements_and_its_process_is_told_to_end(engine: Engine) -> None:
    session = ready(engine)
    engine.run_statement("notebook", "1")
    engine.take_statement(session.run.id)
    engine.delete_session("notebook")
    assert engine.list_sessions().items == ()
    for asking in (engine.get_session, engine.delete_session, engine.list_statements):
        with pytest.raises(NotFound, match="Session notebook not found"):
            asking("notebook")
    assert engine.beat(session.run.id, OWNER), "it is asked to stop"
    assert engine.take_statement(session.run.id) is None
    with pytest.raises(NotFound):
        engine.end_statement(session.run.id, 0, Output(), interrupted=False)
    again = engine.create_session(asked())
    assert again.state is SessionState.PROVISIONING, "its name is free at once"
    end(engine, session.run, R.STOPPED)
    assert engine.get_session("notebook") == again


def test_a_session_is_idle_once_it_had_nothing_to_do_for_longer_than_it_may(engine: Engine, clock: Clock) -> None:
    session = ready(engine, idle_minutes=10)
    run_id = session.run.id
    clock.advance(minutes=9)
    assert not engine.close_idle_session(run_id)
    engine.run_statement("notebook", "long")
    engine.take_statement(run_id)
    clock.advance(minutes=60)
    assert not engine.close_idle_session(run_id), "it works"
    engine.end_statement(run_id, 0, Output(), interrupted=False)
    clock.advance(minutes=9)
    assert not engine.close_idle_session(run_id)
    clock.advance(minutes=1)
    assert engine.close_idle_session(run_id)
    assert engine.get_session("notebook").state is SessionState.STOPPING
    assert engine.close_idle_session(run_id), "who takes the session up finds the same"
    with pytest.raises(SessionNotReady):
        engine.run_statement("notebook", "late")


def test_a_session_that_is_not_ready_yet_is_not_idle(engine: Engine, clock: Clock) -> None:
    made = engine.create_session(asked(), 1)
    clock.advance(minutes=5)
    assert not engine.close_idle_session(made.run.id)


def test_what_no_database_keeps_is_kept_in_other_words_and_what_is_too_long_is_cut(engine: Engine) -> None:
    session = ready(engine)
    engine.run_statement("notebook", "1")
    engine.run_statement("notebook", "2")
    engine.take_statement(session.run.id)
    engine.end_statement(session.run.id, 0, Output("a\0b\ud800"), interrupted=False)
    assert engine.get_statement("notebook", 0).output == Output("a\\x00b\\ud800")
    engine.take_statement(session.run.id)
    engine.end_statement(session.run.id, 1, Output("x" * (LARGEST_OUTPUT + 5)), interrupted=False)
    kept = engine.get_statement("notebook", 1).output
    assert kept is not None
    assert kept.text.endswith("\n[isinglass: 5 characters are left out here]")


def test_sessions_that_ended_long_ago_are_not_kept_though_each_is_the_newest_of_its_name(
    engine: Engine, clock: Clock
) -> None:
    old, new = ready(engine, "old"), ready(engine, "new")
    end(engine, old.run, R.STOPPED)
    clock.advance(days=400)
    end(engine, new.run, R.STOPPED)
    assert engine.prune_runs(Keep()) == [old.run.id]
    assert [session.id for session in engine.list_sessions().items] == ["new"]


def test_a_session_whose_run_is_stopped_by_the_run_s_own_name_takes_no_statements(engine: Engine) -> None:
    session = ready(engine)
    engine.stop_run(session.run.id)
    assert engine.get_session("notebook").state is SessionState.STOPPING
    with pytest.raises(SessionNotReady):
        engine.run_statement("notebook", "1")


@pytest.mark.parametrize("number", ["x", "-7", "99999999999999999999"])
def test_a_forged_page_token_is_refused(engine: Engine, number: str) -> None:
    ready(engine)
    forged = base64.urlsafe_b64encode(msgspec.json.encode(("statements", number))).decode()
    with pytest.raises(InvalidPageToken):
        engine.list_statements("notebook", 10, forged)
