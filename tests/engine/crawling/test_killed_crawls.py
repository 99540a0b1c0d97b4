"""A crawl that is killed at any point leaves the catalog as it was or as it was to be; the next one makes it whole."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url, writing
from catalog.model import Database, Origin
from crawlers.model import Crawler, DeleteBehavior, SchemaChangePolicy, Target
from engine import rows
from engine.engine import Engine
from engine.model import CRAWL as CRAWL_KIND
from engine.states import RunState

ROOT = Path(__file__).parents[3]
KILLS = 14
SEED = 20260101

# Crawls once, with a fixed clock, and kills itself at a counted step: each folder and file of the lake that is opened,
# and each statement to the database, is one. Told no step, it says how many there were.
CRAWL = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import msgspec
from sqlalchemy import event
from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Origin
from engine.crawling.crawls import Crawls
from engine.engine import Engine
from engine.model import Run
from engine.states import RunState

database, lake, last = sys.argv[1], sys.argv[2], int(sys.argv[3])
now = datetime(2026, 1, 1, tzinfo=UTC)
store = connect(sqlite_url(Path(database)))
catalog = Catalog(store, Origin("test"), now=lambda: now)
crawler = Engine(store).get_crawler("c")
steps = 0

def step(*_args):
    global steps
    steps += 1
    if steps == last:
        os.kill(os.getpid(), signal.SIGKILL)

def audit(name, args):
    if name in ("open", "os.scandir") and str(args[0]).startswith(lake):
        step()

sys.addaudithook(audit)
for name in ("before_cursor_execute", "commit"):
    event.listen(store, name, step)
run = Run("cr_1", "crawl", "c", msgspec.json.encode(crawler).decode(), RunState.RUNNING, 0, now, owner="worker")
outcome = Crawls(catalog, Path(database + ".runs")).execute(run, lambda: False, lambda: None)
print(steps, outcome.state)
"""


def crawled(database: Path, lake: Path, last: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CRAWL, str(database), str(lake), str(last)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def whole(database: Path, lake: Path) -> int:
    """Crawl to the end, and tell in how many steps."""
    done = crawled(database, lake)
    assert done.returncode == 0, done.stderr
    steps, state = done.stdout.splitlines()[-1].split()  # the lines before are the log's
    assert state == "SUCCEEDED"
    return int(steps)


def state_of(database: Path) -> dict[str, Any]:
    """All that the catalog tells of its tables, their versions and partitions, and whether there is a report."""
    store = connect(sqlite_url(database))
    catalog = Catalog(store, Origin("test"))
    found: dict[str, Any] = {
        table.name: (
            table,
            list(catalog.iter_partitions("lake", table.name)),
            [replace(each, origin=Origin("")) for each in catalog.list_versions("lake", table.name).items],
            list(catalog.list_partition_indexes("lake", table.name)),
        )
        for table in catalog.iter_tables("lake")
    }
    found["a report"] = bool(Engine(store).batch_find_reports(["cr_1"]))
    store.dispose()
    return found


def write(lake: Path, table: int, day: int, text: str) -> None:
    for part in range(5):
        file = lake / f"t{table}" / f"day={day}" / f"{part}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def lay_out(lake: Path) -> None:
    """400 files: eight tables of ten days. Their columns differ, so that they are tables of their own."""
    for table in range(8):
        for day in range(10):
            write(lake, table, day, "".join(f"c{table}{n}," for n in range(4)) + "id\n" + "x,y,z,w,1\n" * 3)


def change(lake: Path) -> None:
    """New days, another type, another column, days and a table that are gone."""
    for table in range(3):
        write(lake, table, 10, "".join(f"c{table}{n}," for n in range(4)) + "id\n" + "x,y,z,w,1\n" * 3)
    for day in range(10):
        write(lake, 3, day, "".join(f"c3{n}," for n in range(4)) + "id\n" + "x,y,z,w,1.5\n" * 3)
        write(lake, 4, day, "".join(f"c4{n}," for n in range(4)) + "id,more\n" + "x,y,z,w,1,2\n" * 3)
    for day in range(4):
        shutil.rmtree(lake / "t5" / f"day={day}")
    shutil.rmtree(lake / "t6")


Made = Callable[[Path, Path], None]


def first_crawl(database: Path, lake: Path) -> None:
    """The catalog is empty before."""


def later_crawl(database: Path, lake: Path) -> None:
    """The catalog holds what the lake was before it changed."""
    whole(database, lake)
    store = connect(sqlite_url(database))
    with store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM crawls")
    store.dispose()
    change(lake)


@pytest.mark.parametrize("made", [first_crawl, later_crawl])
def test_a_killed_crawl_leaves_all_or_nothing_and_the_next_makes_it_whole(tmp_path: Path, made: Made) -> None:
    lake, start, goal, victim = (tmp_path / name for name in ("lake", "start.db", "goal.db", "victim.db"))
    lay_out(lake)
    store = connect(sqlite_url(start))
    Catalog(store, Origin("test"), now=lambda: datetime(2026, 1, 1, tzinfo=UTC)).create_database(Database("lake"))
    policy = SchemaChangePolicy(delete=DeleteBehavior.DELETE_FROM_DATABASE)
    Engine(store).create_crawler(Crawler("c", "lake", (Target(str(lake)),), schema_change=policy))
    run = {"id": "cr_1", "kind": CRAWL_KIND, "subject": "c", "spec": "", "state": RunState.RUNNING, "owner": "worker"}
    with writing(store) as connection:
        connection.execute(
            insert(rows.runs).values(run | {"attempt": 0, "queued_at": datetime(2026, 1, 1, tzinfo=UTC)})
        )
    store.dispose()
    made(start, lake)
    shutil.copy(start, goal)
    steps = whole(goal, lake)
    before, after = state_of(start), state_of(goal)
    assert before != after

    chance = random.Random(SEED)
    # Half of the kills fall into the writing, which is short but is what matters; one is the commit itself.
    kills = [*chance.sample(range(1, steps), KILLS // 4), *chance.sample(range(steps - 60, steps), KILLS // 4), steps]
    for last in kills:
        for leftover in tmp_path.glob("victim.db*"):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        shutil.copy(start, victim)
        assert crawled(victim, lake, last).returncode == -signal.SIGKILL
        assert state_of(victim) in (before, after), f"killed at step {last} of {steps}"
    if state_of(victim) == before:
        whole(victim, lake)
    assert state_of(victim) == after
