"""`isinglass bookmark`: what a job has read, would read next, and how that is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Origin
from engine.engine import Engine
from engine.model import BOOKMARK_ENABLE, BOOKMARK_OPTION, Job, KeyState, Outcome
from engine.running.runfiles import ReadRequest, plan_read
from engine.states import RunState
from tests.api.conftest import CommandLine


@pytest.fixture
def orders(cli: CommandLine, tmp_path: Path) -> Path:
    """A folder whose one file the job etl has read in its one run."""
    cli.run("job", "list")  # makes the home
    folder = tmp_path / "orders"
    folder.mkdir()
    (folder / "a.csv").write_text("1\n")
    store = connect(sqlite_url(cli.home / "isinglass.db"))
    engine = Engine(store)
    engine.create_job(Job("etl", "/e.py", {BOOKMARK_OPTION: BOOKMARK_ENABLE}))
    run = engine.claim_run("w", run_id=engine.start_job_run("etl").id)
    assert run is not None
    request = ReadRequest(paths=(str(folder),), format="csv", context="in")
    plan_read(Catalog(store, Origin("test")), engine, run, request)
    engine.commit_job(run.id)
    engine.finish_run(run.id, "w", Outcome(RunState.SUCCEEDED))
    store.dispose()
    return folder


def test_a_bookmark_is_shown_previewed_set_and_reset(cli: CommandLine, orders: Path) -> None:
    shown = cli.json("bookmark", "show", "etl")
    run = shown["run_id"]
    assert (shown["version"], len(shown["history"]), set(shown["sources"])) == (1, 1, {"in"})
    assert f"after run {run}" in cli.run("bookmark", "show", "etl")

    (orders / "b.csv").write_text("2\n")
    text = cli.run("bookmark", "preview", "etl")
    assert f"{orders} (bookmark in): 1 to read: new; 1 not: read before" in text
    assert ("b.csv" in text, "a.csv" in text) == (True, False)
    assert "a.csv" in cli.run("bookmark", "preview", "etl", "--all")
    [found] = cli.json("bookmark", "preview", "etl")
    assert found["reasons"] == {"NEW": 1, "READ_BEFORE": 1}
    assert "and 1 more (--limit)" in cli.run("bookmark", "preview", "etl", "--all", "--limit", 1)

    assert "is set to now" in cli.run("bookmark", "set", "etl", "--now")
    assert cli.json("bookmark", "preview", "etl")[0]["reasons"] == {"READ_BEFORE": 2}
    assert f"as run {run} left it" in cli.run("bookmark", "set", "etl", "--to-run", run)
    assert cli.json("bookmark", "preview", "etl")[0]["reasons"] == {"NEW": 1, "READ_BEFORE": 1}
    assert f"as run {run} left it" in cli.run("bookmark", "reset", "etl", run)
    cli.run("bookmark", "reset", "etl")
    assert cli.json("bookmark", "preview", "etl")[0]["reasons"] == {"NEW": 2}
    lines = cli.run("bookmark", "show", "etl").splitlines()
    assert [line.split()[0] for line in lines[-5:]] == ["5", "4", "3", "2", "1"]
    assert "(rewound to run" in lines[-3]


@pytest.mark.parametrize("given", [(), ("--now", "--to-run", "jr_1")])
def test_set_wants_one_of_its_options(cli: CommandLine, orders: Path, given: tuple[str, ...]) -> None:
    said = cli.try_("bookmark", "set", "etl", *given)
    assert (said.code, "give one of --now and --to-run" in said.err) == (2, True)


def test_what_cannot_be_done_is_told(cli: CommandLine, orders: Path) -> None:
    assert "no bookmark was saved by it" in cli.refusal("bookmark", "reset", "etl", "jr_0")
    assert "Job sums not found." in cli.refusal("bookmark", "preview", "sums")
    cli.run("job", "create", "sums", __file__)
    assert "no run of it has read anything" in cli.run("bookmark", "preview", "sums")


def test_rows_of_a_database_are_shown_by_their_keys(cli: CommandLine, orders: Path) -> None:
    store = connect(sqlite_url(cli.home / "isinglass.db"))
    Engine(store).put_bookmark(
        "etl", 1, {"till": KeyState(("day", "id"), True, ("date:2026-01-01", "long:7"))}, "by hand"
    )
    store.dispose()
    text = cli.run("bookmark", "show", "etl")
    assert "(day, id) = (date:2026-01-01, long:7), descending" in text
    assert "(by hand)" in text
