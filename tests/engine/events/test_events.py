"""What has happened, as one stream."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, event
from sqlalchemy import Engine as Store

from catalog import db
from catalog.catalog import Catalog
from catalog.errors import InvalidPageToken
from catalog.model import Database
from crawlers.model import Crawler, Target
from engine.crawling.crawls import Crawls
from engine.engine import Engine
from engine.events import events
from engine.events.event_model import EVERYTHING, Event, EventFilter, EventKind, Position, envelope, table_detail
from engine.flows.workflow_model import Workflow
from engine.ledger import runs
from engine.model import CRAWL, JOB, Job, JobSpec, Run
from engine.running.worker import Worker
from engine.states import RunState
from tests.conftest import NOON, Clock
from tests.engine.flows.flowing import after, end, make_jobs, on_demand

S, K = RunState, EventKind


def put_in(connection: Connection, name: str = "etl", delay: int | None = None) -> Run:
    spec = JobSpec(Job(name, "job.py", notify_delay_minutes=delay), {})
    return runs.enqueue(connection, JOB, name, msgspec.json.encode(spec).decode(), NOON)


def begun(connection: Connection, name: str = "etl", delay: int | None = None) -> Run:
    run = runs.start(connection, put_in(connection, name, delay), "w1", NOON)
    assert run
    return run


def everything(engine: Engine, wanted: EventFilter = EVERYTHING, limit: int = 3) -> list[Event]:
    found: list[Event] = []
    token = None
    while True:
        page = engine.list_events_after(token, wanted, limit)
        found += page.items
        token = page.next_token
        if token is None:
            return found


def test_each_move_of_a_run_is_an_event_in_the_words_of_glue(store: Store, clock: Clock) -> None:
    with db.writing(store) as connection:
        run = runs.finish(connection, begun(connection), S.FAILED, NOON, "no such file", {})
    found = everything(Engine(store, clock))
    assert [(event.kind, event.subject, event.run_id) for event in found] == [(K.JOB_STATE, "etl", run.id)] * 3
    assert [event.detail["state"] for event in found] == ["WAITING", "STARTING", "FAILED"]
    told = envelope(found[-1])
    assert (told["detail-type"], told["time"]) == ("Glue Job State Change", "2026-09-01T12:00:00.000Z")
    assert told["detail"] == {
        "jobName": "etl",
        "severity": "ERROR",
        "state": "FAILED",
        "jobRunId": run.id,
        "message": "Job run failed: no such file",
    }


def test_a_crawl_tells_of_the_tables_it_makes_and_of_its_counts(
    catalog: Catalog, store: Store, clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / "lake" / "sales" / "year=2026").mkdir(parents=True)
    (tmp_path / "lake" / "sales" / "year=2026" / "a.csv").write_text("id,price\n1,2.5\n2,3.5\n")
    catalog.create_database(Database("shop"))
    engine = Engine(store, clock, runs=tmp_path / "runs")
    engine.create_crawler(Crawler("lake", "shop", (Target(str(tmp_path / "lake")),)))
    worker = Worker(engine, {CRAWL: Crawls(catalog, tmp_path / "runs")})
    first = worker.work_off(engine.start_crawler("lake").id)
    assert first.state is S.SUCCEEDED, first.detail
    made = everything(engine)
    assert [(e.kind, e.subject, e.detail.get("state") or e.detail["typeOfChange"]) for e in made] == [
        (K.CRAWL_STATE, "lake", "Waiting"),
        (K.CRAWL_STATE, "lake", "Starting"),
        (K.CRAWL_STATE, "lake", "Started"),
        (K.DATABASE_CHANGE, "shop.sales", "CreateTable"),
        (K.CRAWL_STATE, "lake", "Succeeded"),
    ]
    assert {event.run_id for event in made} == {first.id}
    assert (made[-1].detail["tablesCreated"], made[-1].detail["partitionsCreated"]) == ("1", "1")
    (tmp_path / "lake" / "sales" / "year=2027").mkdir()
    (tmp_path / "lake" / "sales" / "year=2027" / "b.csv").write_text("id,price,note\n3,1.5,x\n")
    worker.work_off(engine.start_crawler("lake").id)
    changed = [event for event in everything(engine) if event.kind is K.TABLE_CHANGE]
    assert [event.detail["typeOfChange"] for event in changed] == ["UpdateTable", "BatchCreatePartition"]
    assert changed[0].detail["versionId"] == "1"
    assert changed[1].detail["changedPartitions"] == ["[2027]", "[2026]"]  # that one's columns follow the table's
    seen = len(everything(engine))
    worker.work_off(engine.start_crawler("lake").id)
    assert {event.kind for event in everything(engine)[seen:]} == {K.CRAWL_STATE}  # nothing was changed


def test_what_was_undone_is_not_told(store: Store) -> None:
    engine = Engine(store)
    engine.rehearsing().start_crawl(Crawler("c", "d", (Target("/lake"),)))
    assert everything(engine) == []


def test_of_many_partitions_the_first_are_named_and_all_are_counted() -> None:
    told = table_detail("d", "t", "BatchCreatePartition", None, [(str(n), "x") for n in range(250)])
    assert (told["partitionCount"], told["changedPartitions"]) == (250, [f"[{n}, x]" for n in range(100)])


def test_events_are_asked_for_by_kind_subject_and_time(store: Store, clock: Clock) -> None:
    with db.writing(store) as connection:
        begun(connection, "a")
        begun(connection, "b")
        events.tell_workflow_ended(connection, "nightly", "wr_1", "COMPLETED", NOON)
        runs.enqueue(connection, JOB, "late", "{}", NOON + timedelta(hours=1))
    engine = Engine(store, clock)

    def subjects(wanted: EventFilter) -> list[str | None]:
        return [event.subject for event in everything(engine, wanted)]

    assert subjects(EventFilter(subjects=("a", "nightly"))) == ["a", "a", "nightly"]
    assert subjects(EventFilter(kinds=(K.WORKFLOW_ENDED,))) == ["nightly"]
    assert subjects(EventFilter(since=NOON + timedelta(minutes=1))) == ["late"]
    assert [event.subject for event in engine.list_last_events(2)] == ["nightly", "late"]
    assert engine.end_of_events() == engine.list_last_events(1)[0].position


def test_a_token_that_is_none_is_refused(store: Store) -> None:
    for position in ("1", "x y", "-1 4", f"0 {1 << 63}"):
        forged = events.LISTING.token_after(Position()).replace("=", "") + position
        with pytest.raises(InvalidPageToken):
            Engine(store).list_events_after(forged)


def test_who_follows_the_stream_while_eight_write_sees_each_event_once(database_url: str, store: Store) -> None:
    with db.writing(store) as connection:
        queued = [[put_in(connection) for _ in range(12)] for _ in range(8)]
    engine = Engine(store)
    seen = everything(engine, limit=100)
    at = events.LISTING.token_after(seen[-1].position)

    def write(number: int) -> None:
        other = db.connect(database_url)
        chance = random.Random(number)
        for run in queued[number]:
            with db.writing(other) as connection:
                started = runs.start(connection, run, "w", NOON)
                for _ in range(chance.randrange(3)):
                    connection.exec_driver_sql("SELECT 1")
                assert started
                runs.finish(connection, started, S.FAILED, NOON, None, {})
        other.dispose()

    def follow(token: str) -> tuple[list[Event], str]:
        page = engine.list_events_after(token, limit=7).items
        return list(page), events.LISTING.token_after(page[-1].position) if page else token

    with ThreadPoolExecutor(8) as pool:
        tasks = [pool.submit(write, number) for number in range(8)]
        while not all(task.done() for task in tasks):
            found, at = follow(at)
            seen += found
    for task in tasks:
        task.result()
    while (more := follow(at))[0]:
        seen, at = seen + more[0], more[1]
    assert len({event.id for event in seen}) == len(seen) == 8 * 12 * 3
    assert seen == everything(engine, limit=100)


def test_a_run_that_takes_longer_than_its_notify_delay_is_told_of_once(store: Store, clock: Clock) -> None:
    with db.writing(store) as connection:
        slow = begun(connection, "slow", delay=10)
        begun(connection, "patient", delay=60)
        begun(connection, "for ever", delay=10**15)
        begun(connection, "without")
        put_in(connection, "waits", delay=1)
    engine = Engine(store, clock)
    clock.advance(minutes=9)
    assert engine.tell_delayed_runs() == 0
    clock.advance(minutes=1)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: engine.tell_delayed_runs(), range(4))) == 1
    assert engine.tell_delayed_runs() == 0
    (told,) = everything(engine, EventFilter(kinds=(K.RUN_DELAYED,)))
    assert told.detail["notificationCondition"] == {"NotifyDelayAfter": 10.0}
    assert (told.detail["jobRunId"], told.detail["state"]) == (slow.id, "STARTING")
    assert envelope(told)["detail-type"] == "Glue Job Run Status"
    assert [event.new_state for event in engine.list_events(slow.id)] == [S.WAITING, S.STARTING]


def test_a_restored_database_tells_what_was_not_dealt_with(store: Store) -> None:
    with db.writing(store) as connection:
        begun(connection)
    before = everything(Engine(store))
    with db.writing(store) as connection:
        events.number_anew(connection)
    assert [event.id for event in everything(Engine(store))] == [event.id for event in before]


def test_moves_of_runs_come_over_from_the_release_before_and_go_back(empty_database_url: str) -> None:
    from alembic import command
    from alembic.config import Config

    store = db.unmigrated(empty_database_url)
    with db.writing(store) as connection:
        db.upgrade(connection, "0004")
        for kind, name, state in (("job", "etl", "SUCCEEDED"), ("crawl", "lake", "STOPPED")):
            given = f"'{kind}_1', '{kind}', '{name}', '{{}}', '{state}', 0, '2026-09-01 12:00:00'"
            connection.exec_driver_sql(
                f"INSERT INTO runs (id, kind, subject, spec, state, attempt, queued_at) VALUES ({given})"
            )
            connection.exec_driver_sql(
                "INSERT INTO run_events (run_id, at, old_state, new_state, reason)"
                f" VALUES ('{kind}_1', '2026-09-01 12:00:00', NULL, '{state}', 'so')"
            )
    db.connect(empty_database_url).dispose()
    found = everything(Engine(store))
    assert [(each.kind, each.subject, each.run_id) for each in found] == [
        (K.JOB_STATE, "etl", "job_1"),
        (K.CRAWL_STATE, "lake", "crawl_1"),
    ]
    assert [each.new_state for each in Engine(store).list_events("crawl_1")] == [S.STOPPED]
    config = Config()
    config.set_main_option("script_location", str(Path(db.__file__).parent / "migrations"))
    with db.writing(store) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
        assert connection.exec_driver_sql("SELECT count(*) FROM run_events").scalar() == 2
    store.dispose()


def test_a_workflow_run_s_end_is_told_once_with_its_counts(store: Store, clock: Clock) -> None:
    engine = Engine(store, clock)
    make_jobs(engine, "a", "b")
    engine.create_workflow(
        Workflow("w"), [on_demand("go", "a", workflow="w"), after("then", {"a": S.SUCCEEDED}, "b", workflow="w")]
    )
    run = engine.start_workflow_run("w")
    end(engine, "a")
    assert everything(engine, EventFilter(kinds=(K.WORKFLOW_ENDED,))) == []
    end(engine, "b")
    (told,) = everything(engine, EventFilter(kinds=(K.WORKFLOW_ENDED,)))
    assert (told.subject, told.detail) == (
        "w",
        {
            "workflowName": "w",
            "workflowRunId": run.id,
            "state": "COMPLETED",
            "statistics": {"SUCCEEDED": 2},
            "message": "Workflow run is in COMPLETED state",
        },
    )


def test_to_go_on_behind_a_position_looks_at_nothing_before_it(store: Store) -> None:
    with db.writing(store) as connection:
        begun(connection)
    asked: list[tuple[str, object]] = []
    event.listen(store, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    Engine(store).list_events_after(events.LISTING.token_after(Position(int(store.dialect.name == "postgresql"), 5)))
    statement, values = asked[-1]
    explain = "EXPLAIN " if store.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    with db.reading(store) as connection:
        if store.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = str(connection.exec_driver_sql(explain + statement, values).all())  # type: ignore[arg-type]
    assert "Index Cond: ((ROW(written_in, id) > ROW(" in plan or "USING INTEGER PRIMARY KEY (rowid>?)" in plan
