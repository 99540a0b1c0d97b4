"""The GraphQL face of a large catalog, over HTTP, beside moto's Glue server and beside a bare schema in memory.

    python -m benchmarks.graphql [--tables 10000] [--partitions 100000] [--full]

--full has 1,000,000 partitions. Each server is a process of its own; CPU is that of the server. Works in
build/bench-graphql, which it makes anew.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from benchmarks.goals import Fact, Line, say, show
from benchmarks.graphql_abuse import slowdowns
from benchmarks.graphql_floor import floor
from benchmarks.graphql_lake import DATABASE, fill, name_of
from benchmarks.measure import Cost, each
from benchmarks.peers.moto_glue import moto_glue
from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Origin

FOLDER = Path(__file__).parents[1] / "build" / "bench-graphql"
ROUNDS, ENOUGH = 5, 1.0  # seconds of each operation in each round
COLUMNS = "columns { name type comment }"
ONE = 'query ($name: String!) { table(database: "bench", name: $name) { name ' + COLUMNS + " } }"
PAGE = """query ($after: String) {
  tables(database: "bench", first: 50, after: $after) { edges { cursor node { name %s } } } }"""
FILTERED = """query ($name: String!, $filter: String) { table(database: "bench", name: $name) {
  partitions(filter: $filter, first: 100) { edges { node { values storage { location } } } } } }"""


@dataclass
class Server:
    """One that answers on a kept connection."""

    port: int
    pid: int

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def post(self, path: str, body: object, **headers: str) -> Any:
        self.connection.request("POST", path, json.dumps(body), {"content-type": "application/json", **headers})
        answer = self.connection.getresponse()
        found = json.loads(answer.read())
        if answer.status != 200 or "errors" in found:
            raise RuntimeError(f"{path}: {answer.status} {found}")
        return found

    def ask(self, document: str, **variables: object) -> Any:
        return self.post("/graphql", {"query": document, "variables": variables})["data"]

    def glue(self, operation: str, **members: object) -> Any:
        target = {"x-amz-target": f"AWSGlue.{operation}", "authorization": _SIGNED}
        return self.post("/", members, **target, **{"content-type": "application/x-amz-json-1.1"})

    def cpu(self) -> float:
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system


# moto finds the service that is meant in a signature, which it does not check.
_SIGNED = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/glue/aws4_request, SignedHeaders=host, Signature=any"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=10_000)
    parser.add_argument("--partitions", type=int, default=100_000)
    parser.add_argument("--full", action="store_true", help="1,000,000 partitions")
    given = parser.parse_args()
    sizes = _sizes(1_000_000 if given.full else given.partitions)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    say(f"filling a catalog with {given.tables:,} tables of 50 columns, and partitions: {sizes} …")
    catalog = Catalog(connect(sqlite_url(FOLDER / "isinglass.db")), Origin("bench"))
    fill(catalog, given.tables, sizes)
    catalog.engine.dispose()
    with own_service() as ours, moto_glue(given.tables) as (port, pid):
        show([*measure(ours, Server(port, pid), given.tables, sizes), *slowdowns(ours.port)])


def measure(ours: Server, moto: Server, tables: int, sizes: Sequence[int]) -> Iterator[Line | Fact]:
    some = name_of(tables // 2)
    whole, names = PAGE % COLUMNS, PAGE % ""
    bare_one, bare_page = (
        f"{{ table {{ name {COLUMNS} }} }}",
        f"{{ tables {{ edges {{ cursor node {{ name {COLUMNS} }} }} }} }}",
    )
    say("asking …")
    own = _Answers(ours)
    one, page, short, *filtered = in_turns(
        own.of(lambda: ours.ask(ONE, name=some)),
        own.of(lambda: ours.ask(whole)),
        own.of(lambda: ours.ask(names)),
        *(own.of(partial(_filter, ours, size)) for size in sizes),
    )
    theirs = _Answers(moto)
    moto_one, moto_page = in_turns(
        theirs.of(lambda: moto.glue("GetTable", DatabaseName=DATABASE, Name=some)),
        theirs.of(lambda: moto.glue("GetTables", DatabaseName=DATABASE, MaxResults=50)),
    )
    floor_one, floor_page = in_turns(_here(bare_one), _here(bare_page))
    yield Line("page of 50 tables, all columns", page, "moto's GetTables", moto_page, 1 / 3)
    yield Line("page of 50 tables, all columns", page, "bare strawberry", floor_page, 2)
    yield Line("table with its 50 columns", one, "moto's GetTable", moto_one, 1)
    yield Line("table with its 50 columns", one, "bare strawberry", floor_one, 2)
    for size, cost in zip(sizes[1:], filtered[1:], strict=True):
        yield Line(f"100 of {size:,} partitions by filter", cost, f"of {sizes[0]:,}", filtered[0], 1.3)
    yield Fact("table with its 50 columns: ms of a call (300/s)", one.wall * 1000, 1000 / 300)
    yield Fact("page of 50 tables, all columns: ms", page.wall * 1000, 100)
    yield Fact("page of 50 tables, names: ms", short.wall * 1000, 10)


def _filter(server: Server, size: int) -> object:
    return server.ask(FILTERED, name=f"events_{size}", filter=f"day = 'd{size // 200:05}'")


@dataclass(frozen=True)
class _Answers:
    server: Server

    def of(self, work: Callable[[], object]) -> Callable[[], Cost]:
        """The mean cost of a call, of as many as take ENOUGH."""

        def cost() -> Cost:
            calls, began, used = 0, time.perf_counter(), self.server.cpu()
            while time.perf_counter() - began < ENOUGH:
                work()
                calls += 1
            return Cost((time.perf_counter() - began) / calls, (self.server.cpu() - used) / calls)

        return cost


def _here(document: str) -> Callable[[], Cost]:
    def answer() -> None:
        found = floor.execute_sync(document)
        assert not found.errors, found.errors
        json.dumps(found.data)

    def cost() -> Cost:
        return each(answer, 10)

    return cost


def in_turns(*works: Callable[[], Cost]) -> list[Cost]:
    """The median of each, after a first round that warms up."""
    rounds = [[work() for work in works] for _ in range(ROUNDS + 1)][1:]
    return [
        Cost(statistics.median(cost.wall for cost in costs), statistics.median(cost.cpu for cost in costs))
        for costs in zip(*rounds, strict=True)
    ]


@contextmanager
def own_service() -> Iterator[Server]:
    """`isinglass serve` over FOLDER."""
    command = [str(Path(sys.executable).with_name("isinglass")), "serve", "--port", "0", "--hive-port", "0"]
    settings = {"ISINGLASS_WARM_JVMS": "0", "ISINGLASS_JAVA_ARCHIVE": "false"}
    note = FOLDER / "service.json"
    with subprocess.Popen([*command, "--home", str(FOLDER)], env=os.environ | settings, stdout=sys.stderr) as process:
        try:
            while not note.exists():
                if process.poll() is not None:
                    raise RuntimeError("isinglass serve ended.")
                time.sleep(0.05)
            yield Server(int(json.loads(note.read_text())["endpoint"].rpartition(":")[2]), process.pid)
        finally:
            process.terminate()


def _sizes(largest: int) -> list[int]:
    return [size for size in (1_000, 10_000, 100_000, 1_000_000) if size <= largest]


if __name__ == "__main__":
    main()
