"""What is kept of what has happened, and what goes."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy import Engine as Store

from catalog import db
from catalog.catalog import Catalog
from catalog.model import Database
from catalog.sealing import KEY_BYTES, Sealer
from catalog.search.rows import search_pending
from crawlers import definitions
from crawlers.report import NOTHING, Files, Report
from engine import rows
from engine.engine import Engine
from engine.events import events, webhooks
from engine.events.event_model import EventKind
from engine.events.webhooks import Webhook
from engine.flows.workflow_model import Workflow
from engine.jobs import jobs
from engine.ledger import retention, runs
from engine.ledger.retention import Keep
from engine.ledger.upkeep import Pruned, Upkeep, prune
from engine.model import CRAWL, JOB, Bookmark, Cause, CountState, Job, JobSpec, Run, RunSource
from engine.reads import bookmarks, staging
from engine.states import RunState
from tests.conftest import NOON, Clock
from tests.engine.events.receiving import SECRET
from tests.engine.flows import flowing

S = RunState
LONG_AGO = NOON - timedelta(days=400)
MONTH = Keep(runs_days=30)
NOTHING_READ = RunSource("ctx", "shop.sales", 1, 0, None)


def ended(connection: Connection, at: datetime, name: str = "etl", cause: Cause | None = None) -> Run:
    spec = msgspec.json.encode(JobSpec(Job(name, "job.py"), {})).decode()
    run = runs.enqueue(connection, JOB, name, spec, at, *([cause] if cause else []))
    started = runs.start(connection, run, "w1", at)
    assert started
    return runs.finish(connection, started, S.FAILED, at, None, {})


def prunable(connection: Connection, keep: Keep = MONTH) -> set[str]:
    return set(retention.list_prunable(connection, keep, NOON))


def test_runs_that_ended_too_long_ago_go_with_all_that_belongs_to_them(store: Store, clock: Clock) -> None:
    with db.writing(store) as connection:
        old, young = ended(connection, LONG_AGO), ended(connection, NOON - timedelta(days=29))
        bookmarks.record_source(connection, old.id, NOTHING_READ)
        bookmarks.record_source(connection, young.id, NOTHING_READ)
        crawls = [runs.enqueue(connection, CRAWL, "lake", "{}", LONG_AGO + timedelta(days=day)) for day in range(2)]
        for crawl in crawls:
            runs.request_stop(connection, crawl.id, LONG_AGO)
            report = Report("lake", "d", crawl.id, False, True, Files(), (), NOTHING, NOTHING, {}, ())
            definitions.save_report(connection, crawl.id, "lake", report, LONG_AGO)
    engine = Engine(store, clock)
    assert engine.count_prunable_runs(Keep(runs_days=0)) == 0
    assert set(engine.prune_runs(MONTH)) == {old.id, crawls[0].id}
    assert engine.prune_runs(MONTH) == []
    with db.reading(store) as connection:
        assert {run.id for run in runs.list_runs(connection, JOB, None, 9, None).items} == {young.id}
        left = connection.execute(select(rows.events.c.run_id).distinct()).scalars()
        assert set(left) == {young.id, crawls[1].id}
        assert definitions.find_report(connection, crawls[0].id) is None
        assert definitions.find_report(connection, crawls[1].id)


def test_what_a_webhook_has_still_to_tell_stays_with_its_run(store: Store) -> None:
    hook = Webhook("ops", "http://127.0.0.1:9/", kinds=(EventKind.JOB_STATE, EventKind.WORKFLOW_ENDED))
    with db.writing(store) as connection:
        told = ended(connection, LONG_AGO)
    with db.writing(store) as connection:
        webhooks.create_webhook(connection, hook, SECRET, Sealer([b"k" * KEY_BYTES]), (), LONG_AGO)
    with db.writing(store) as connection:
        owed = ended(connection, LONG_AGO)
        for kind in (EventKind.WORKFLOW_ENDED, EventKind.TABLE_CHANGE):
            events.tell(connection, kind, "shop.sales", None, {}, LONG_AGO)
        ended(connection, NOON)
    with db.writing(store) as connection:
        assert prunable(connection) == {told.id}
        assert retention.prune_fires(connection, MONTH, NOON) == 1
        webhooks.skip_to_now(connection, "ops")
        assert prunable(connection) == {told.id, owed.id}
        assert retention.prune_fires(connection, MONTH, NOON) == 1


def test_of_each_job_so_many_are_kept_but_none_goes_within_a_day(connection: Connection) -> None:
    found = [ended(connection, NOON - timedelta(days=5 - day), name) for day in range(5) for name in ("a", "b")]
    fresh = [ended(connection, NOON, "c") for _ in range(4)]
    assert prunable(connection, Keep(runs_days=0, runs=2)) == {run.id for run in found[:6]}
    assert prunable(connection, Keep(runs_days=0, runs=4)) == {run.id for run in found[:2]}
    assert not {run.id for run in fresh} & prunable(connection, Keep(runs_days=1, runs=1))


def test_what_is_still_needed_stays(connection: Connection) -> None:
    gone = ended(connection, LONG_AGO)
    reader = ended(connection, LONG_AGO)
    bookmarks.record_source(connection, reader.id, NOTHING_READ)
    staged = ended(connection, LONG_AGO)
    staging.stage(connection, staged, "/out")
    failed = ended(connection, LONG_AGO)
    spec = msgspec.json.encode(JobSpec(Job("etl", "job.py"), {})).decode()
    waiting = runs.enqueue(connection, JOB, "etl", spec, LONG_AGO, Cause(retried=failed))
    for name, finished in (("wr_on", None), ("wr_over", LONG_AGO)):
        values = {"id": name, "workflow": "w", "state": "x", "course": "{}", "properties": "{}", "started_at": LONG_AGO}
        connection.execute(insert(rows.workflow_runs).values(**values, finished_at=finished))
    member = ended(connection, LONG_AGO, cause=Cause(workflow_run_id="wr_on"))
    over = ended(connection, LONG_AGO, cause=Cause(workflow_run_id="wr_over"))
    newest = ended(connection, NOON - timedelta(days=31))
    assert prunable(connection) == {gone.id}  # triggers are not asked yet about the end of the other
    connection.execute(delete(rows.ended_runs))
    assert prunable(connection) == {gone.id, over.id}
    kept = {reader.id, staged.id, failed.id, waiting.id, member.id, newest.id}
    retention.delete_runs(connection, sorted(prunable(connection)))
    assert kept <= {run.id for run in runs.list_runs(connection, JOB, "etl", 99, None).items}
    staging.forget(connection, staged.id)
    assert prunable(connection) == {staged.id}


def test_the_results_that_a_resumed_workflow_run_goes_on_from_stay(store: Store, clock: Clock) -> None:
    engine = Engine(store, clock)
    flowing.make_jobs(engine, "a", "b")
    then = flowing.after("then", {"a": S.SUCCEEDED}, "b", workflow="w")
    engine.create_workflow(Workflow("w"), [flowing.on_demand("go", "a", workflow="w"), then])
    first = engine.start_workflow_run("w")
    kept, failed = flowing.end(engine, "a"), flowing.end(engine, "b", S.FAILED)
    clock.advance(days=2)
    for name in ("a", "b"):
        flowing.end_run(engine, engine.start_job_run(name).id)
    again = engine.resume_workflow_run(first.id)
    assert set(engine.prune_runs(Keep(runs=1))) == {failed.id}
    flowing.end(engine, "b")
    assert engine.get_workflow_run(again.id).finished
    assert set(engine.prune_runs(Keep(runs=1))) == {kept.id}


def test_the_place_of_the_newest_event_is_never_given_out_again(store: Store, clock: Clock) -> None:
    engine = Engine(store, clock)
    with db.writing(store) as connection:
        early, late = ended(connection, LONG_AGO), ended(connection, LONG_AGO + timedelta(days=1))
        bookmarks.record_source(connection, early.id, NOTHING_READ)
        told = {"message": "slow"}
        events.tell(connection, EventKind.RUN_DELAYED, "etl", early.id, told, LONG_AGO)  # the newest, of an old run
    assert early.id not in engine.prune_runs(MONTH)
    assert late.id in {run.id for run in engine.list_runs(JOB).items}
    before = engine.end_of_events()
    with db.writing(store) as connection:
        ended(connection, NOON)
    assert engine.end_of_events() > before


def test_two_that_prune_at_once_remove_each_run_once(store: Store, clock: Clock) -> None:
    with db.writing(store) as connection:
        for _ in range(450):
            ended(connection, LONG_AGO)
        ended(connection, NOON)
    engine = Engine(store, clock)

    def work(_number: int) -> list[str]:
        gone: list[str] = []
        while some := engine.prune_runs(MONTH):
            gone += some
        return gone

    with ThreadPoolExecutor(2) as pool:
        gone = {run_id for found in pool.map(work, range(2)) for run_id in found}
    assert len(gone) == 450
    assert len(engine.list_runs(JOB).items) == 1


def test_records_without_a_run_go_too(store: Store, clock: Clock) -> None:
    with db.writing(store) as connection:
        for at in (LONG_AGO, NOON):
            events.tell_workflow_ended(connection, "nightly", "wr", "COMPLETED", at)
            connection.execute(insert(rows.fires).values(kind="crawler", name="lake", at=at))
            values = {"workflow": "w", "state": "x", "course": "{}", "properties": "{}", "started_at": at}
            connection.execute(insert(rows.workflow_runs).values(id=f"wr_{at}", **values, finished_at=at))
    engine = Engine(store, clock)
    assert engine.rehearsing().prune_fires(MONTH) == 3
    assert (engine.prune_fires(MONTH), engine.prune_fires(MONTH)) == (3, 0)
    assert [event.at for event in engine.list_last_events(9)] == [NOON]


def test_of_a_bookmark_the_newest_states_are_kept(store: Store, clock: Clock) -> None:
    with db.writing(store) as connection:
        for name in ("a", "b"):
            jobs.create_job(connection, Job(name, "job.py"), NOON)
        for version in range(1, 8):
            bookmarks._write(connection, Bookmark("a", version, f"jr_{version}", {"c": CountState(version)}, NOON))
        bookmarks._write(connection, Bookmark("b", 1, "jr_b", {}, NOON))
    engine = Engine(store, clock)
    assert engine.prune_bookmarks(Keep(bookmarks=0)) == 0
    assert (engine.prune_bookmarks(Keep(bookmarks=3)), engine.prune_bookmarks(Keep(bookmarks=3))) == (4, 0)
    assert [each.version for each in engine.list_bookmark_history("a", 99)] == [7, 6, 5]
    assert engine.get_bookmark("b").version == 1
    assert engine.rewind_bookmark("a", "jr_5").sources == {"c": CountState(5)}


@pytest.fixture
def home(store: Store, tmp_path: Path) -> Path:
    """A home with folders of runs: one of each kind, and layers."""
    home = tmp_path / "home"
    with db.writing(store) as connection:
        ages = {"old": LONG_AGO, "quiet": NOON - timedelta(days=60), "young": NOON - timedelta(days=2)}
        found = {name: ended(connection, at).id for name, at in ages.items()}
        found["going"] = runs.enqueue(connection, JOB, "other", "{}", NOON).id
    for name, folder in {**found, "orphan": "jr_orphan", "new": "jr_new", "else": "notes"}.items():
        (home / "runs" / folder).mkdir(parents=True)
        (home / "runs" / folder / "name").write_text(name)
    for name in ("a" * 32, "b" * 32, "cache", ".part"):
        (home / "layers" / name / "lib").mkdir(parents=True)
    for path in ("runs/jr_orphan", "runs/notes", f"layers/{'a' * 32}", "layers/cache", "layers/.part"):
        os.utime(home / path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    for path in ("runs/jr_new", f"layers/{'b' * 32}"):
        os.utime(home / path, (NOON.timestamp(), NOON.timestamp()))
    return home


def names(home: Path) -> set[str]:
    return {path.read_text() for path in (home / "runs").glob("*/name")}


def test_folders_of_logs_and_modules_go_with_age(store: Store, clock: Clock, home: Path) -> None:
    engine, keep = Engine(store, clock), Keep(runs_days=100, logs_days=50)
    (home / "runs" / ".gone-jr_half").mkdir()  # as a kill left it
    would = prune(engine, home, keep, dry_run=True)
    assert len(names(home)) == 7
    gone = prune(engine, home, keep)
    assert gone == replace(would, folders=would.folders - 1)  # that of the run that went was removed with it
    assert gone == Pruned(runs=1, folders=3, layers=2)
    assert names(home) == {"young", "going", "new", "else"}
    assert {path.name for path in (home / "layers").iterdir()} == {"b" * 32, "cache"}
    assert not list((home / "runs").glob(".gone-*"))
    assert prune(engine, home, keep) == Pruned()


def test_modules_stay_while_a_run_goes_on_that_may_have_asked_for_them(store: Store, clock: Clock, home: Path) -> None:
    with db.writing(store) as connection:
        runs.enqueue(connection, JOB, "stream", "{}", LONG_AGO)
    assert prune(Engine(store, clock), home, Keep()).layers == 0


def test_upkeep_tells_of_slow_runs_and_prunes(store: Store, clock: Clock, home: Path, catalog: Catalog) -> None:
    engine = Engine(store, clock)
    with db.writing(store) as connection:
        spec = msgspec.json.encode(JobSpec(Job("slow", "job.py", notify_delay_minutes=1), {})).decode()
        runs.start(connection, runs.enqueue(connection, JOB, "slow", spec, NOON), "w1", NOON)
    clock.advance(minutes=2)
    Upkeep(engine, catalog, home, MONTH).tick()
    with db.reading(store) as connection:
        assert connection.execute(select(func.count()).select_from(rows.runs)).scalar() == 3
        kinds = list(connection.execute(select(rows.events.c.kind)).scalars())
    assert kinds.count(EventKind.RUN_DELAYED) == 1


def test_upkeep_takes_in_what_changed_while_nobody_searches(
    store: Store, clock: Clock, home: Path, catalog: Catalog
) -> None:
    catalog.create_database(Database("shop"))
    Upkeep(Engine(store, clock), catalog, home, MONTH).tick()
    with db.reading(store) as connection:
        assert connection.execute(select(func.count()).select_from(search_pending)).scalar() == 0
    assert [hit.name for hit in Engine(store, clock).search("shop").items] == ["shop"]
