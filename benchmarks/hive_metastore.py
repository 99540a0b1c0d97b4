"""Our Hive Metastore beside Hive's own, in the same run and asked by the same client, both warm.

    python -m benchmarks.hive_metastore [--partitions 10000] [--full] [--postgresql]

--full asks with 100,000 partitions, to which the goals for partitions hold, and ours with 1,000,000 as well;
--postgresql measures ours over PostgreSQL too, whose processes count. A second table tells of many sessions at once.
Both servers make changes durable: Derby by its default, SQLite by WAL with synchronous=FULL.
Java's is spared the statistics of files, which ours does not gather. Works in build/bench-hive, which it makes anew.

CPU is of the server's processes, by the system's clock of 10 ms, over as many calls as take two seconds of it, or five
by the wall clock. Warming up is all of the same, five seconds each.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from api.hive.client import Client
from benchmarks import hive_sessions
from benchmarks.hive_workload import Lake, Operation, adding, listing, naming, prepare, reading, writing
from benchmarks.measure import Cost
from benchmarks.peers.java_metastore import java_metastore
from benchmarks.peers.own_metastore import own_metastore
from benchmarks.peers.postgresql import postgresql
from catalog.db import sqlite_url

FOLDER = Path(__file__).parents[1] / "build" / "bench-hive"
OURS, JAVA, POSTGRESQL = "ours", "Java", "ours on PostgreSQL"
ENOUGH_CPU, ENOUGH_WALL = 2.0, 5.0  # seconds
WARM_UP = 2_000  # partitions
MILLION = 1_000_000

# How many times less CPU than Java's, and how many times its calls a second, an operation must reach.
# Those for partitions are for 100,000 of them.
GOALS: dict[str, tuple[int, int | None]] = {
    "get_database": (6, 2),
    "get_table": (20, 10),
    "create_table": (10, None),
    "alter_table": (10, None),
    "add_partitions 1,000 (to 100,000)": (10, None),
    "filter, 100 of 100,000": (40, None),
    "get_partitions, all 100,000": (20, None),
}


@dataclass(frozen=True)
class Metastore:
    """One that runs. `cpu` tells the seconds that it has used so far."""

    name: str
    port: int
    client: Client
    pids: tuple[int, ...]

    def cpu(self) -> float:
        """The CPU seconds of its processes and of the children that they have now."""
        roots = [psutil.Process(pid) for pid in self.pids]
        times = [each.cpu_times() for root in roots for each in (root, *root.children(recursive=True))]
        return sum(time.user + time.system for time in times)

    def cost(self, operation: Operation, enough_cpu: float) -> Cost:
        """The mean of one call."""
        calls, chunk, wall, before = 0, 1, 0.0, self.cpu()
        while calls < operation.least or (wall < ENOUGH_WALL and self.cpu() - before < enough_cpu):
            if operation.most:
                chunk = min(chunk, operation.most - calls)
            if not chunk:
                break
            began = time.perf_counter()
            for number in range(calls, calls + chunk):
                operation.work(number)
            wall += time.perf_counter() - began
            calls, chunk = calls + chunk, min(2 * chunk, 100)
        return Cost(wall / calls, (self.cpu() - before) / calls)


# What a call of an operation costs each metastore that was asked.
Results = dict[str, dict[str, Cost]]


def main() -> None:
    asked = _options()
    size = 100_000 if asked.full else asked.partitions
    sizes = sorted({size, *(each for each in (1_000, 10_000) if each < size)})
    shutil.rmtree(FOLDER, ignore_errors=True)
    lake = Lake(FOLDER / "lake")
    say(f"making {max(size, WARM_UP):,} folders …")
    lake.make(max(size, WARM_UP))
    with ExitStack() as opened:
        say("starting the metastores …")
        stores = [opened.enter_context(_ours()), opened.enter_context(_java())]
        if asked.postgresql:
            stores.append(opened.enter_context(_ours_on_postgresql()))
        for store in stores:
            prepare(store.client, lake)
        say("warming them up …")
        compare(stores, lake, "warm", [WARM_UP], enough_cpu=math.inf)
        with on_one_core(stores):
            results = compare(stores, lake, "measured", sizes)
            if asked.full:
                results |= compare(stores[:1], lake, "large", [MILLION], only=("add", "filter"))
        say("asking them by many sessions …")
        crowds = [[store.name, *hive_sessions.figures(store.client, store.port, lake, size)] for store in stores]
    show(results, POSTGRESQL if asked.postgresql else None)
    print()
    _print([hive_sessions.HEADINGS, *crowds])
    shutil.rmtree(FOLDER)


@contextmanager
def on_one_core(stores: Sequence[Metastore]) -> Iterator[None]:
    """This client and the servers it asks share a core, so that no luck of the scheduler decides.

    A call that takes 15 us takes 60 when the server's core has to be woken for it.
    """
    before = os.sched_getaffinity(0)
    _bind(stores, {min(before)})
    try:
        yield
    finally:
        _bind(stores, before)


def _bind(stores: Sequence[Metastore], cores: set[int]) -> None:
    os.sched_setaffinity(0, cores)
    for root in (psutil.Process(pid) for store in stores for pid in store.pids):
        for process in (root, *root.children(recursive=True)):
            for thread in process.threads():
                with suppress(ProcessLookupError):  # it has ended meanwhile
                    os.sched_setaffinity(thread.id, cores)


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def compare(
    stores: Sequence[Metastore],
    lake: Lake,
    prefix: str,
    sizes: Sequence[int],
    only: tuple[str, ...] = ("",),
    enough_cpu: float = ENOUGH_CPU,
) -> Results:
    """Each operation on one metastore after the other."""
    results: Results = {}
    for operations in zip(*(_operations(store.client, lake, prefix, sizes) for store in stores), strict=True):
        name = operations[0].name
        if name.startswith(only):
            results[name] = {
                store.name: store.cost(operation, enough_cpu)
                for store, operation in zip(stores, operations, strict=True)
            }
            figures = (f"{who} {_milliseconds(cost)}" for who, cost in results[name].items())
            say(f"{prefix}: {name}: {', '.join(figures)} ms")
    return results


def show(results: Results, also: str | None) -> None:
    """The table in Markdown; `also` is a third metastore, shown beside the two."""
    headings = ["operation, ms a call", "ours CPU (wall)", "Java CPU (wall)", "CPU ratio", "wall ratio", "goal", "met"]
    rows = [headings + ([f"{also} CPU (wall)"] if also else [])]
    for name, costs in results.items():
        ours, java = costs[OURS], costs.get(JAVA)
        row = [name, _milliseconds(ours), _milliseconds(java), *_judged(name, ours, java)]
        rows.append(row + ([_milliseconds(costs.get(also))] if also else []))
    _print(rows)


def _print(rows: list[list[str]]) -> None:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in (rows[0], ["---"] * len(widths), *rows[1:]):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")


def _judged(name: str, ours: Cost, java: Cost | None) -> list[str]:
    """The two ratios, the goal and whether it is met."""
    if java is None:
        return ["", "", "", ""]
    cpu, wall = java.cpu / max(ours.cpu, 1e-9), java.wall / ours.wall
    ratios = [f"{cpu:.1f}", f"{wall:.1f}"]
    if name not in GOALS:
        return [*ratios, "", ""]
    less, faster = GOALS[name]
    goal = f"CPU {less}" + (f", wall {faster}" if faster else "")
    return [*ratios, goal, "yes" if cpu >= less and wall >= (faster or 0) else "no"]


def _milliseconds(cost: Cost | None) -> str:
    if cost is None:
        return ""
    cpu, wall = (f"{seconds * 1_000:.{3 if seconds < 0.01 else 0}f}" for seconds in (cost.cpu, cost.wall))
    return f"{cpu} ({wall})"


def _operations(client: Client, lake: Lake, prefix: str, sizes: Sequence[int]) -> Iterator[Operation]:
    """All of them. What an operation needs is made when it is asked for."""
    yield from reading(client)
    yield from writing(client, lake, prefix)
    for size in sizes:
        table = f"{prefix}_{size}_partitions"
        yield adding(client, lake, table, size)
        yield from listing(client, table, size)
        if size == sizes[-1]:
            yield from naming(client, table, size)


@contextmanager
def _ours() -> Iterator[Metastore]:
    with own_metastore(sqlite_url(FOLDER / "catalog.db")) as store, Client(store.port) as client:
        yield Metastore(OURS, store.port, client, (store.pid,))


@contextmanager
def _java() -> Iterator[Metastore]:
    settings = {"hive.stats.autogather": "false"}
    with java_metastore(FOLDER / "java", heap="4g", settings=settings) as store, Client(store.port) as client:
        yield Metastore(JAVA, store.port, client, (store.pid,))


@contextmanager
def _ours_on_postgresql() -> Iterator[Metastore]:
    with (
        TemporaryDirectory(prefix="isinglass-bench-") as folder,  # not in build: PostgreSQL's user may not enter it
        postgresql(Path(folder)) as (url, pid),
        own_metastore(url) as store,
        Client(store.port) as client,
    ):
        yield Metastore(POSTGRESQL, store.port, client, (store.pid, pid))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Our Hive Metastore beside Hive's own.")
    parser.add_argument("--partitions", type=int, default=10_000, help="a multiple of 1,000")
    parser.add_argument("--full", action="store_true", help="100,000 partitions, and a million of ours")
    parser.add_argument("--postgresql", action="store_true", help="ours over PostgreSQL beside them")
    return parser.parse_args()


if __name__ == "__main__":
    main()
