"""Job bookmarks in the database: whose word counts when runs meet, and how users move them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import msgspec
import pytest
from sqlalchemy import Connection, text
from sqlalchemy import Engine as SqlEngine

from catalog import db
from catalog.errors import InvalidInput, NotFound
from engine.engine import Engine
from engine.errors import BookmarkConflict
from engine.jobs import jobs
from engine.ledger import runs
from engine.model import (
    BOOKMARK_ENABLE,
    BOOKMARK_FROM,
    BOOKMARK_OPTION,
    BOOKMARK_PAUSE,
    BOOKMARK_TO,
    JOB,
    CountState,
    FileState,
    Job,
    JobSpec,
    KeyState,
    Outcome,
    Run,
    RunSource,
)
from engine.reads import bookmarks, staging
from engine.reads.tracking import note_count, plan_keys, read_count, read_keys
from engine.states import RunState
from tests.conftest import NOON
from tests.engine.conftest import Opened


def source(context: str = "src", high: int | None = 100, base: int | None = 0) -> RunSource:
    state = None if high is None else FileState(high, {"/flights": high - 10}, {"m": high})
    return RunSource(context, "travel.flights", 3, 4, state, base, {"NEW": 3, "READ_BEFORE": 4}, ("{}",), None, True)


@pytest.fixture
def etl(writing: Opened) -> None:
    with writing() as connection:
        jobs.create_job(connection, Job("etl", "/etl.py"), NOON)


def started(connection: Connection, *sources: RunSource) -> str:
    run = runs.enqueue(connection, JOB, "etl", "{}", NOON)
    for each in sources:
        bookmarks.record_source(connection, run.id, each)
    return run.id


def test_threads_of_a_script_may_read_by_one_context_and_write_to_one_place_at_once(writing: Opened) -> None:
    with writing() as connection:
        run = runs.enqueue(connection, JOB, "etl", "{}", NOON)
    together = Barrier(8)

    def work(number: int) -> None:
        with writing() as connection:
            if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
                connection.execute(text("SELECT 1"))
                together.wait()
            bookmarks.record_source(connection, run.id, source("a"))
            staging.stage(connection, run, f"/out/{number % 2}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    with writing() as connection:
        assert len(bookmarks.list_sources(connection, run.id)) == 1
        assert len(staging.list_folders(connection, run.id)) == 2


def test_what_a_run_reads_is_on_record_the_last_reading_of_each_context(connection: Connection) -> None:
    run = started(connection, source("b"), source("a", None), source("b", 200, 3))
    assert bookmarks.list_sources(connection, run) == [source("a", None), source("b", 200, 3)]


@pytest.mark.usefixtures("etl")
def test_a_commit_moves_the_contexts_that_the_run_read_and_keeps_the_others(connection: Connection) -> None:
    first = bookmarks.commit(connection, "etl", started(connection, source("a"), source("b")), NOON)
    assert first is not None
    second_run = started(connection, source("b", 200, 1), source("untracked", None, None))
    second = bookmarks.commit(connection, "etl", second_run, NOON)
    assert second is not None
    assert (first.version, second.version, second.run_id) == (1, 2, second_run)
    assert second.sources == {"a": source("a").state, "b": source("b", 200).state}
    assert bookmarks.get_bookmark(connection, "etl") == second


@pytest.mark.usefixtures("etl")
def test_a_run_that_read_nothing_that_is_tracked_moves_no_bookmark(connection: Connection) -> None:
    assert bookmarks.commit(connection, "etl", started(connection), NOON) is None
    assert bookmarks.commit(connection, "etl", started(connection, source(high=None)), NOON) is None
    assert bookmarks.find_bookmark(connection, "etl") is None
    with pytest.raises(NotFound, match="Bookmark of job etl not found"):
        bookmarks.get_bookmark(connection, "etl")


@pytest.mark.usefixtures("etl")
def test_a_run_that_selected_its_files_by_an_older_bookmark_does_not_commit(connection: Connection) -> None:
    one, other = started(connection, source()), started(connection, source(high=150))
    bookmarks.commit(connection, "etl", one, NOON)
    with pytest.raises(BookmarkConflict, match=f"bookmark of job etl was moved by run {one} meanwhile"):
        bookmarks.commit(connection, "etl", other, NOON)
    assert bookmarks.get_bookmark(connection, "etl").run_id == one


@pytest.mark.usefixtures("etl")
def test_of_runs_that_commit_at_once_one_does(writing: Opened) -> None:
    with writing() as connection:
        ready = [started(connection, source(high=number)) for number in range(8)]

    def commit(run: str) -> bool:
        try:
            with writing() as connection:
                bookmarks.commit(connection, "etl", run, NOON)
        except BookmarkConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(commit, ready)) == 1


@pytest.mark.usefixtures("etl")
def test_a_reset_forgets_everything_but_keeps_counting(connection: Connection) -> None:
    assert bookmarks.reset(connection, "etl", NOON) is None
    bookmarks.commit(connection, "etl", started(connection, source()), NOON)
    under_way = started(connection, source(base=1))
    forgotten = bookmarks.reset(connection, "etl", NOON)
    assert forgotten is not None
    assert (forgotten.version, forgotten.sources, forgotten.run_id) == (2, {}, None)
    assert bookmarks.reset(connection, "etl", NOON) is None
    with pytest.raises(BookmarkConflict, match=r"moved by a user \(reset\) meanwhile"):
        bookmarks.commit(connection, "etl", under_way, NOON)


@pytest.mark.usefixtures("etl")
def test_a_rewind_is_to_how_a_run_left_it_and_is_told_in_the_history(connection: Connection) -> None:
    first_run = started(connection, source())
    first = bookmarks.commit(connection, "etl", first_run, NOON)
    bookmarks.commit(connection, "etl", started(connection, source(high=200, base=1)), NOON)
    back = bookmarks.rewind(connection, "etl", first_run, NOON)
    assert first is not None
    assert (back.version, back.run_id, back.note) == (3, None, f"rewound to run {first_run}")
    assert back.sources == first.sources
    assert [each.version for each in bookmarks.list_history(connection, "etl", 10)] == [3, 2, 1]
    assert bookmarks.list_history(connection, "etl", 1) == [back]
    with pytest.raises(InvalidInput, match="run jr_x of job etl is not valid: no bookmark was saved by it"):
        bookmarks.rewind(connection, "etl", "jr_x", NOON)


@pytest.mark.usefixtures("etl")
def test_a_bookmark_is_put_only_where_it_was_seen(connection: Connection) -> None:
    state = FileState(5, {"/x": 5})
    made = bookmarks.put(connection, "etl", 0, {"x": state}, "set to now", NOON)
    assert (made.version, made.sources, made.note) == (1, {"x": state}, "set to now")
    with pytest.raises(BookmarkConflict, match="set to now"):
        bookmarks.put(connection, "etl", 0, {"x": state}, "set to now", NOON)


@pytest.mark.usefixtures("etl")
def test_what_is_read_after_the_commit_is_not_part_of_it(connection: Connection) -> None:
    run = started(connection)
    for context in ("before", "after"):
        note = msgspec.structs.replace(FileState(7, {"/f": 7}))
        bookmarks.record_source(connection, run, RunSource(context, "/f", 1, 0, note, 0))
        if context == "before":
            bookmarks.mark_committed(connection, run)
    committed = bookmarks.commit(connection, "etl", run, NOON)
    assert committed is not None
    assert set(committed.sources) == {"before"}


@pytest.mark.usefixtures("etl")
def test_a_deleted_job_takes_its_bookmark_with_it(connection: Connection) -> None:
    bookmarks.commit(connection, "etl", started(connection, source()), NOON)
    for run in runs.unfinished(connection):
        runs.request_stop(connection, run.id, NOON)
    jobs.delete_job(connection, "etl")
    jobs.create_job(connection, Job("etl", "/etl.py"), NOON)
    assert bookmarks.find_bookmark(connection, "etl") is None


# ── rows and counts ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def engine(store: SqlEngine) -> Engine:
    engine = Engine(store)
    engine.create_job(Job("etl", "/etl.py", max_concurrent_runs=9))
    return engine


def begun(engine: Engine, option: str = BOOKMARK_ENABLE, **more: str) -> Run:
    run = engine.claim_run("w", run_id=engine.start_job_run("etl", {BOOKMARK_OPTION: option, **more}).id)
    assert run is not None
    return run


def ended(engine: Engine, run: Run) -> Run:
    engine.commit_job(run.id)
    return engine.finish_run(run.id, "w", Outcome(RunState.SUCCEEDED))


def read_rows(engine: Engine, run: Run, upto: str | None) -> None:
    read_keys(engine, run, "orders", "till/orders", ["id"], False, None if upto is None else [upto])


def test_rows_are_read_from_where_the_last_successful_run_ended(engine: Engine) -> None:
    first = begun(engine)
    assert plan_keys(engine, first, "orders", ["id"], False).after is None
    read_rows(engine, first, "long:7")
    assert plan_keys(engine, first, "orders", ["id"], False).upto == ("long:7",), "read twice, it is the same"
    failed = begun(engine)
    read_rows(engine, failed, "long:9")
    engine.finish_run(failed.id, "w", Outcome(RunState.FAILED))
    assert ended(engine, first).state is RunState.SUCCEEDED
    second = begun(engine)
    found = plan_keys(engine, second, "orders", ["id"], False)
    assert (found.tracked, found.after, found.upto, found.note) == (True, ("long:7",), None, None)
    read_rows(engine, second, None)
    ended(engine, second)
    assert engine.get_bookmark("etl").sources == {"orders": KeyState(("id",), False, ("long:7",))}


def test_other_keys_or_another_order_begin_anew_and_say_so(engine: Engine) -> None:
    first = begun(engine)
    read_rows(engine, first, "long:7")
    ended(engine, first)
    for keys, descending in ((["at"], False), (["id"], True)):
        found = plan_keys(engine, begun(engine), "orders", keys, descending)
        assert (found.after, found.note) == (
            None,
            "its jobBookmarkKeys are others than before: read from the first row",
        )


def test_other_keys_of_a_table_without_rows_do_not_take_over_where_the_old_ones_ended(engine: Engine) -> None:
    first = begun(engine)
    read_rows(engine, first, "long:7")
    ended(engine, first)
    second = begun(engine)
    read_keys(engine, second, "orders", "till/orders", ["day", "id"], False, None)
    ended(engine, second)
    assert engine.get_bookmark("etl").sources == {"orders": KeyState(("day", "id"), False, None)}


def test_rows_of_two_tables_under_one_context_are_refused_and_not_lost(engine: Engine) -> None:
    run = begun(engine)
    read_rows(engine, run, "long:7")
    with pytest.raises(InvalidInput, match="till/orders and till/payments share it"):
        read_keys(engine, run, "orders", "till/payments", ["id"], False, ["long:7"])


def test_rows_that_are_read_again_after_the_commit_stay_committed(engine: Engine) -> None:
    run = begun(engine)
    read_rows(engine, run, "long:7")
    engine.commit_job(run.id)
    read_rows(engine, run, "long:7")
    engine.finish_run(run.id, "w", Outcome(RunState.SUCCEEDED))
    assert engine.get_bookmark("etl").sources == {"orders": KeyState(("id",), False, ("long:7",))}


def test_a_count_under_the_context_of_a_source_does_not_take_its_place(engine: Engine) -> None:
    run = begun(engine)
    read_rows(engine, run, "long:7")
    note_count(engine, run, "orders", 3)
    ended(engine, run)
    assert engine.get_bookmark("etl").sources == {"orders": KeyState(("id",), False, ("long:7",))}


@pytest.mark.parametrize(("option", "context"), [("job-bookmark-disable", "orders"), (BOOKMARK_ENABLE, "")])
def test_without_bookmark_or_context_rows_are_not_tracked(engine: Engine, option: str, context: str) -> None:
    run = begun(engine, option)
    assert not plan_keys(engine, run, context, ["id"], False).tracked
    read_keys(engine, run, context, "till/orders", ["id"], False, ["long:1"])
    note_count(engine, run, context, 5)
    assert engine.list_sources(run.id) == []
    assert read_count(engine, run, context) == 0


def test_a_range_of_runs_gives_the_rows_between_their_ends_and_saves_nothing(engine: Engine) -> None:
    done = []
    for upto in ("long:3", "long:5", "long:8"):
        run = begun(engine)
        read_rows(engine, run, upto)
        done.append(ended(engine, run).id)
    again = begun(engine, BOOKMARK_PAUSE, **{BOOKMARK_FROM: done[0], BOOKMARK_TO: done[1]})
    found = plan_keys(engine, again, "orders", ["id"], False)
    assert (found.after, found.upto) == (("long:3",), ("long:5",))
    read_rows(engine, again, "long:5")
    ended(engine, again)
    assert engine.get_bookmark("etl").version == 3
    with pytest.raises(InvalidInput, match="run jr_none of job etl"):
        plan_keys(engine, begun(engine, BOOKMARK_PAUSE, **{BOOKMARK_FROM: "jr_none", BOOKMARK_TO: done[1]}), "orders",
                  ["id"], False)  # fmt: skip


def test_a_count_goes_on_from_run_to_run_if_they_succeed(engine: Engine) -> None:
    for count, succeeds in ((10, True), (25, False), (30, True)):
        run = begun(engine)
        assert read_count(engine, run, "flat") == {10: 0, 25: 10, 30: 10}[count]
        note_count(engine, run, "flat", count)
        if succeeds:
            ended(engine, run)
        else:
            engine.finish_run(run.id, "w", Outcome(RunState.FAILED))
    assert engine.get_bookmark("etl").sources == {"flat": CountState(30)}


def test_a_run_that_did_not_commit_says_so_and_saves_nothing(engine: Engine) -> None:
    run = begun(engine)
    read_rows(engine, run, "long:7")
    done = engine.finish_run(run.id, "w", Outcome(RunState.SUCCEEDED))
    assert done.detail == "the script did not call Job.commit(): its bookmark was not saved"
    assert engine.find_bookmark("etl") is None


def test_bookmarks_of_the_first_release_are_read_on(empty_database_url: str) -> None:
    store = db.unmigrated(empty_database_url)
    with db.writing(store) as connection:
        db.upgrade(connection, "0003")
        connection.execute(
            text(
                "INSERT INTO jobs (name, body, version, created_at, updated_at)"
                ' VALUES (\'etl\', \'{"name":"","script":"/e.py"}\', 0, :now, :now)'
            ),
            {"now": NOON.isoformat()},
        )
        old = '{"ctx": {"high_ms": 1000000, "seen": ["aa"]}}'
        connection.execute(text("INSERT INTO bookmarks (job, version, state, at) VALUES ('etl', 1, :s, :now)"),
                           {"s": old, "now": NOON.isoformat()})  # fmt: skip
    store.dispose()
    upgraded = db.connect(empty_database_url)
    found = Engine(upgraded).get_bookmark("etl")
    assert found.sources == {"ctx": FileState(1_000_000, {"": 100_000}, {"aa": 1_000_000})}
    assert Engine(upgraded).next_standing("etl", "ctx") == bookmarks.Standing(found.sources["ctx"], version=1)
    upgraded.dispose()


def test_a_range_holds_only_for_a_paused_bookmark() -> None:
    both = {BOOKMARK_FROM: "jr_1", BOOKMARK_TO: "jr_2"}
    job = Job("etl", "/etl.py")
    assert JobSpec(job, {BOOKMARK_OPTION: BOOKMARK_PAUSE, **both}).bookmark_range == ("jr_1", "jr_2")
    assert JobSpec(job, {BOOKMARK_OPTION: BOOKMARK_ENABLE, **both}).bookmark_range is None
    assert JobSpec(job, {BOOKMARK_OPTION: BOOKMARK_PAUSE, BOOKMARK_FROM: "jr_1"}).bookmark_range is None
