"""The ledger of runs."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Connection

from catalog.errors import InvalidPageToken, NotFound
from engine.errors import IllegalMove, LostRun, RunNotActive, WrongRunToken
from engine.jobs import jobs
from engine.ledger import claims, runs
from engine.model import CRAWL, JOB, Job, Run, RunKind
from engine.states import FINAL, UNFINISHED, RunState
from tests.conftest import NOON
from tests.engine.conftest import Opened

S = RunState


def enqueue(connection: Connection, subject: str | None = "etl", minutes: int = 0) -> Run:
    return runs.enqueue(connection, JOB, subject, "{}", NOON + timedelta(minutes=minutes))


def claim(connection: Connection, owner: str, kinds: tuple[RunKind, ...] = (), run_id: str | None = None) -> Run | None:
    return next(iter(claims.claim(connection, owner, NOON, kinds, run_id)), None)


def claimed(connection: Connection, owner: str = "w1") -> Run:
    run = enqueue(connection)
    found = claim(connection, owner, run_id=run.id)
    assert found is not None
    return found


def test_a_run_begins_by_waiting(connection: Connection) -> None:
    run = enqueue(connection)
    assert runs.get_run(connection, run.id) == run
    assert (run.state, run.attempt, run.queued_at, run.finished) == (S.WAITING, 0, NOON, False)
    assert [(event.old_state, event.new_state) for event in runs.list_events(connection, run.id)] == [(None, S.WAITING)]
    assert run.id.startswith("jr_")
    assert runs.enqueue(connection, CRAWL, None, "{}", NOON).id.startswith("cr_")


def test_a_run_that_is_not_there_is_not_found(connection: Connection) -> None:
    assert runs.find_run(connection, "jr_ghost") is None
    with pytest.raises(NotFound, match="Run jr_ghost not found"):
        runs.get_run(connection, "jr_ghost")
    with pytest.raises(NotFound):
        runs.request_stop(connection, "jr_ghost", NOON)


def test_the_oldest_run_of_a_kind_is_claimed_first(connection: Connection) -> None:
    late, early = enqueue(connection, minutes=5), enqueue(connection, minutes=1)
    crawl = runs.enqueue(connection, CRAWL, None, "{}", NOON)
    taken: list[Run | None] = [claim(connection, "w1", kinds=(JOB,)) for _ in range(3)]
    assert [run and run.id for run in taken] == [early.id, late.id, None]
    assert runs.get_run(connection, crawl.id).state is S.WAITING


def test_a_claimed_run_starts_and_belongs_to_the_one_who_claimed_it(connection: Connection) -> None:
    run = claimed(connection)
    assert (run.state, run.owner, run.started_at) == (S.STARTING, "w1", NOON)
    assert claim(connection, "w2", run_id=run.id) is None
    assert [event.new_state for event in runs.list_events(connection, run.id)] == [S.WAITING, S.STARTING]


def test_eight_workers_take_each_run_exactly_once(writing: Opened) -> None:
    with writing() as connection:
        queued = [enqueue(connection, minutes=number).id for number in range(40)]

    def work(worker: int) -> list[str]:
        taken: list[str] = []
        while True:
            with writing() as connection:
                run = claim(connection, f"w{worker}", kinds=(JOB,))
                if run is None and claims.startable(connection, NOON, (JOB,)) is None:
                    return taken
            if run is not None:
                taken.append(run.id)

    with ThreadPoolExecutor(8) as pool:
        taken = [run_id for found in pool.map(work, range(8)) for run_id in found]
    assert sorted(taken) == sorted(queued)
    with writing() as connection:
        assert all(len(runs.list_events(connection, run_id)) == 2 for run_id in queued)


def test_a_run_is_moved_step_by_step_and_each_step_is_recorded(connection: Connection) -> None:
    run = claimed(connection)
    run = runs.move(connection, run, S.RUNNING, NOON)
    ended = NOON + timedelta(seconds=90)
    run = runs.move(connection, run, S.SUCCEEDED, ended, "done", {"rows_read": 5.0})
    assert (run.state, run.detail, run.figures, run.finished_at) == (S.SUCCEEDED, "done", {"rows_read": 5.0}, ended)
    assert run.execution_seconds == 90
    events = runs.list_events(connection, run.id)
    assert [(event.old_state, event.new_state, event.at, event.reason) for event in events[2:]] == [
        (S.STARTING, S.RUNNING, NOON, None),
        (S.RUNNING, S.SUCCEEDED, ended, "done"),
    ]


@pytest.mark.parametrize("state", [S.WAITING, S.STARTING, S.SUCCEEDED, S.STOPPED, S.EXPIRED])
def test_a_move_that_is_not_legal_is_refused_and_changes_nothing(connection: Connection, state: RunState) -> None:
    run = claimed(connection)
    with pytest.raises(IllegalMove, match=f"cannot go from STARTING to {state}"):
        runs.move(connection, run, state, NOON)
    assert runs.get_run(connection, run.id) == run
    assert len(runs.list_events(connection, run.id)) == 2


def test_who_moves_a_run_that_has_moved_meanwhile_has_lost_it(connection: Connection) -> None:
    run = claimed(connection)
    runs.move(connection, run, S.RUNNING, NOON)
    with pytest.raises(LostRun):
        runs.move(connection, run, S.FAILED, NOON)
    assert runs.get_run(connection, run.id).state is S.RUNNING


def test_who_was_replaced_as_owner_can_neither_move_the_run_nor_keep_it_alive(connection: Connection) -> None:
    run = claimed(connection, "w1")
    assert runs.adopt(connection, run, "w2", NOON)
    assert not runs.adopt(connection, run, "w3", NOON)
    with pytest.raises(LostRun):
        runs.move(connection, run, S.RUNNING, NOON)
    with pytest.raises(LostRun):
        runs.heartbeat(connection, run.id, "w1", NOON)
    with pytest.raises(LostRun):
        runs.owned(connection, run.id, "w1")
    assert runs.owned(connection, run.id, "w2").owner == "w2"
    assert runs.heartbeat(connection, run.id, "w2", NOON) is False


def test_of_those_who_adopt_a_run_at_once_one_has_it(writing: Opened) -> None:
    with writing() as connection:
        run = claimed(connection)

    def adopt(number: int) -> bool:
        with writing() as connection:
            return runs.adopt(connection, run, f"next{number}", NOON)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(adopt, range(8))) == 1


def test_of_those_who_finish_a_run_at_once_one_has_finished_it(writing: Opened) -> None:
    with writing() as connection:
        run = claimed(connection)

    def finish(number: int) -> bool:
        try:
            with writing() as connection:
                runs.finish(connection, run, S.SUCCEEDED if number % 2 else S.FAILED, NOON, str(number), {})
        except LostRun:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(finish, range(8)))
    assert sum(done) == 1
    with writing() as connection:
        assert runs.get_run(connection, run.id).detail == str(done.index(True))
        assert [event.new_state for event in runs.list_events(connection, run.id)].count(S.STARTING) == 1


def test_a_finished_run_is_nobodys_any_more(connection: Connection) -> None:
    run = claimed(connection)
    runs.finish(connection, run, S.FAILED, NOON, "broke", {})
    with pytest.raises(LostRun):
        runs.owned(connection, run.id, "w1")
    with pytest.raises(LostRun):
        runs.heartbeat(connection, run.id, "w1", NOON)


def test_a_run_that_ended_before_it_said_that_it_began_has_each_step_on_record(connection: Connection) -> None:
    run = runs.finish(connection, claimed(connection), S.SUCCEEDED, NOON, None, {"tasks": 1.0})
    states = [event.new_state for event in runs.list_events(connection, run.id)]
    assert states == [S.WAITING, S.STARTING, S.RUNNING, S.SUCCEEDED]
    assert run.figures == {"tasks": 1.0}
    with pytest.raises(IllegalMove):
        runs.finish(connection, run, S.SUCCEEDED, NOON, None, {})


def test_a_run_that_waits_is_stopped_at_once(connection: Connection) -> None:
    run = runs.request_stop(connection, enqueue(connection).id, NOON)
    assert (run.state, run.detail) == (S.STOPPED, "stopped before it began")
    assert claim(connection, "w1", run_id=run.id) is None
    with pytest.raises(RunNotActive, match=r"has ended \(STOPPED\)"):
        runs.request_stop(connection, run.id, NOON)


def test_a_run_under_way_is_asked_to_stop_and_its_worker_hears_of_it_with_the_next_heartbeat(
    connection: Connection,
) -> None:
    run = runs.move(connection, claimed(connection), S.RUNNING, NOON)
    assert runs.heartbeat(connection, run.id, "w1", NOON) is False
    asked = runs.request_stop(connection, run.id, NOON)
    assert (asked.state, asked.stop_requested_at) == (S.RUNNING, NOON)
    assert runs.heartbeat(connection, run.id, "w1", NOON) is True
    ended = runs.finish(connection, asked, S.STOPPED, NOON, "stopped on request", {})
    assert [event.new_state for event in runs.list_events(connection, ended.id)][-2:] == [S.STOPPING, S.STOPPED]


def test_a_stop_that_meets_a_claim_is_heard_by_one_side_or_the_other(writing: Opened) -> None:
    with writing() as connection:
        queued = [enqueue(connection).id for _ in range(20)]

    def stop(run_id: str) -> None:
        with writing() as connection:
            runs.request_stop(connection, run_id, NOON)

    def take(run_id: str) -> None:
        with writing() as connection:
            claim(connection, "w1", run_id=run_id)

    with ThreadPoolExecutor(8) as pool:
        tasks = [pool.submit(act, run_id) for run_id in queued for act in (take, stop)]
    for task in tasks:
        task.result()
    with writing() as connection:
        for run_id in queued:
            run = runs.get_run(connection, run_id)
            assert run.state is S.STOPPED or (run.state is S.STARTING and run.stop_requested_at == NOON)


def test_a_token_is_good_for_its_own_run_until_that_ends(connection: Connection) -> None:
    run, other = claimed(connection), claimed(connection)
    token = runs.give_token(connection, run.id)
    assert runs.check_token(connection, run.id, token).id == run.id
    for run_id, wrong in ((run.id, "nonsense"), (run.id, ""), (other.id, token), ("jr_ghost", token), (run.id, "ü")):
        with pytest.raises(WrongRunToken):
            runs.check_token(connection, run_id, wrong)
    renewed = runs.give_token(connection, run.id)
    with pytest.raises(WrongRunToken):
        runs.check_token(connection, run.id, token)
    runs.finish(connection, run, S.SUCCEEDED, NOON, None, {})
    with pytest.raises(WrongRunToken):
        runs.check_token(connection, run.id, renewed)


def test_who_begins_a_run_that_has_ended_meanwhile_gets_no_token(connection: Connection) -> None:
    run = claimed(connection)
    runs.move(connection, run, S.FAILED, NOON)
    with pytest.raises(LostRun):
        runs.give_token(connection, run.id)


def test_a_token_itself_is_not_in_the_database(connection: Connection) -> None:
    run = claimed(connection)
    token = runs.give_token(connection, run.id)
    rows = connection.exec_driver_sql("SELECT * FROM runs").mappings().all()
    assert token not in repr(rows)


def test_runs_are_listed_newest_first_in_pages_that_skip_and_repeat_nothing(connection: Connection) -> None:
    queued = [enqueue(connection, minutes=number // 3).id for number in range(20)]  # three of each instant
    other = enqueue(connection, "other", minutes=3).id
    seen: list[Run] = []
    token = None
    while True:
        page = runs.list_runs(connection, JOB, "etl", 3, token)
        seen += page.items
        token = page.next_token
        if token is None:
            break
        enqueue(connection, minutes=60)  # newer than all that is still to come
    assert sorted(run.id for run in seen) == sorted(queued)
    assert [run.queued_at for run in seen] == sorted((run.queued_at for run in seen), reverse=True)
    everything = runs.list_runs(connection, JOB, None, 100, None).items
    assert other in {run.id for run in everything}
    assert runs.list_runs(connection, CRAWL, None, 100, None).items == ()


@pytest.mark.parametrize(
    "key",
    [
        "",
        "nonsense",
        "2026-99-99 jr_1",
        "yesterday jr_1",
        "2026-09-01T12:00:00+00:00 \0",
        "0001-01-01T00:00:00+14:00 jr_1",
        "9999-12-31T23:59:59-14:00 jr_1",
    ],
)
def test_a_forged_token_of_runs_is_refused(connection: Connection, key: str) -> None:
    token = base64.urlsafe_b64encode(msgspec.json.encode(("runs", key))).decode()
    with pytest.raises(InvalidPageToken):
        runs.list_runs(connection, JOB, None, 3, token)


def test_the_unfinished_are_all_that_have_no_final_state_oldest_first(connection: Connection) -> None:
    late, early = enqueue(connection, minutes=5), enqueue(connection, minutes=1)
    under_way = claim(connection, "w1", run_id=late.id)
    ended = runs.request_stop(connection, enqueue(connection, "other").id, NOON)
    assert under_way is not None
    assert [run.id for run in runs.unfinished(connection, JOB, "etl")] == [early.id, late.id]
    assert ended.id not in {run.id for run in runs.unfinished(connection)}
    assert {run.state for run in runs.unfinished(connection)} <= UNFINISHED
    assert ended.state in FINAL


def test_the_latest_run_of_each_of_many_is_its_newest(connection: Connection) -> None:
    for name in ("a", "b", "idle"):
        jobs.create_job(connection, Job(name, "job.py"), NOON)
    newest = {name: enqueue(connection, name, minutes=9) for name in ("a", "b")}
    for name in ("a", "b", "deleted"):
        enqueue(connection, name)
    found = runs.batch_find_latest(connection, JOB, ["a", "b", "idle", "deleted", "never"])
    assert found == newest
    assert runs.batch_find_latest(connection, CRAWL, ["a"]) == {}
    assert runs.batch_find_latest(connection, JOB, []) == {}


def test_the_events_of_many_runs_are_those_of_each(connection: Connection) -> None:
    begun, waiting = claimed(connection), enqueue(connection)
    ids = [waiting.id, "jr_ghost", begun.id]
    assert runs.batch_list_events(connection, ids) == {each: runs.list_events(connection, each) for each in ids}
    assert [len(events) for events in runs.batch_list_events(connection, ids).values()] == [1, 0, 2]
