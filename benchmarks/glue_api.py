"""The Glue face beside moto's Glue server: the same signed requests to both, in the same run.

    python -m benchmarks.glue_api [--tables 1000] [--partitions 100000]

Each server is a process of its own, asked on a kept connection; CPU is that of the server. Ours keeps its catalog in
SQLite and checks each signature against the body; moto keeps its own in memory. Works in build/bench-glue, made anew.
"""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Any

import psutil
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.goals import Fact, Line, say, show
from benchmarks.graphql_lake import COLUMNS, DATABASE, PER_DAY, glue_table, name_of
from benchmarks.measure import Cost
from benchmarks.peers.moto_glue import moto_glue
from benchmarks.peers.own_glue import KEY_ID, SECRET, own_glue

FOLDER = Path(__file__).parents[1] / "build" / "bench-glue"
ROUNDS, ENOUGH = 3, 1.0  # seconds of each operation in each round
WRITES_A_SECOND, READING = 50, 8.0  # the mixed load, and its seconds
EVENTS = "events"
Json = dict[str, Any]


@dataclass
class Server:
    port: int
    pid: int
    new: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        self.signer = SigV4Auth(Credentials(KEY_ID, SECRET), "glue", "us-east-1")

    def signed(self, operation: str, **members: object) -> tuple[bytes, dict[str, str]]:
        """A request as boto3 signs it; good for a quarter of an hour."""
        body = json.dumps(members).encode()
        headers = {"X-Amz-Target": f"AWSGlue.{operation}", "Content-Type": "application/x-amz-json-1.1"}
        request = AWSRequest("POST", f"http://127.0.0.1:{self.port}/", headers=headers, data=body)
        self.signer.add_auth(request)
        return body, dict(request.headers.items())

    def send(self, body: bytes, headers: dict[str, str]) -> Json:
        self.connection.request("POST", "/", body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{headers['X-Amz-Target']}: {answer.status} {text[:500]!r}")
        found: Json = json.loads(text) if text else {}
        return found

    def ask(self, operation: str, **members: object) -> Json:
        return self.send(*self.signed(operation, **members))

    def anew(self) -> Server:
        """A server closes a connection on which nothing was asked for a while."""
        self.connection.close()
        return self

    def cpu(self) -> float:
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system


Request = Callable[[Server], Callable[[], object]]  # prepared for a server, and then asked again and again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=1_000)
    parser.add_argument("--partitions", type=int, default=100_000)
    given = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with own_glue(FOLDER / "catalog.db") as ours, moto_glue(0) as theirs:
        own, moto = Server(*ours), Server(*theirs)
        for server in (own, moto):
            say(f"filling port {server.port}: {given.tables:,} tables of {COLUMNS} columns, "
                f"{given.partitions:,} and {given.partitions // 10:,} partitions …")  # fmt: skip
            fill(server, given.tables, given.partitions)
        say("asking …")
        show(list(measure(own, moto, given.partitions)))


def fill(server: Server, tables: int, partitions: int) -> None:
    if server.ask("GetDatabases")["DatabaseList"] == []:
        server.ask("CreateDatabase", DatabaseInput={"Name": DATABASE})
    for number in range(tables):
        server.ask("CreateTable", DatabaseName=DATABASE, TableInput=glue_table(number))
    for size in (partitions, partitions // 10):
        server.ask("CreateTable", DatabaseName=DATABASE, TableInput=partitioned(f"{EVENTS}_{size}"))
        for day in range(size // PER_DAY):
            add_partitions(server, f"{EVENTS}_{size}", f"d{day:05}", short=True)


def partitioned(name: str) -> Json:
    keys = [{"Name": "day", "Type": "string"}, {"Name": "slot", "Type": "int"}]
    return {**glue_table(0), "Name": name, "PartitionKeys": keys}


def add_partitions(server: Server, table: str, day: str, short: bool = False) -> None:
    body, headers = partitions_request(server, table, day, short)
    server.send(body, headers)


def partitions_request(server: Server, table: str, day: str, short: bool = False) -> tuple[bytes, dict[str, str]]:
    """BatchCreatePartition of a day; `short` ones have no columns of their own."""
    storage = {"SerdeInfo": {"SerializationLibrary": "serde"}} if short else glue_table(0)["StorageDescriptor"]
    given = [
        {
            "Values": [day, str(slot)],
            "StorageDescriptor": {**storage, "Location": f"s3://lake/{table}/day={day}/slot={slot}"},
            "Parameters": {"recordCount": str(slot)},
        }
        for slot in range(PER_DAY)
    ]
    return server.signed("BatchCreatePartition", DatabaseName=DATABASE, TableName=table, PartitionInputList=given)


def measure(own: Server, moto: Server, partitions: int) -> Iterator[Line | Fact]:
    goals: tuple[tuple[str, Request, float], ...] = (
        ("GetTable, 50 columns", one_table, 5),
        (f"GetPartitions, 100 of {partitions:,}", lambda server: filtered(server, partitions), 20),
        ("BatchCreatePartition of 100", next_partitions, 5),
        ("CreateTable, 50 columns", next_table, 3),
    )
    for what, request, goal in goals:
        ours, theirs = in_turns(own, moto, request)
        yield Line(what, ours, "moto", theirs, 1 / goal)
        yield Line(f"{what}, by the clock", ours, "moto", theirs, 1 / goal, by="wall")
    tenth = partitions // 10
    sizes = cycle((partitions, tenth))
    many, few = in_turns(own, own, lambda server: filtered(server, next(sizes)))
    yield Line(f"GetPartitions, 100 of {partitions:,}", many, f"of {tenth:,}", few, 1.3)
    idle, busy = tail(own, 0), tail(own, WRITES_A_SECOND)
    say(f"p99 of GetTable: idle {idle * 1000:.2f} ms, under {WRITES_A_SECOND} writes/s {busy * 1000:.2f} ms")
    yield Fact(f"p99 of GetTable under {WRITES_A_SECOND} writes/s, times the idle one", busy / idle, 3)


def one_table(server: Server) -> Callable[[], object]:
    request = server.signed("GetTable", DatabaseName=DATABASE, Name=name_of(7))
    return lambda: server.send(*request)


def filtered(server: Server, size: int) -> Callable[[], object]:
    asked = {"DatabaseName": DATABASE, "TableName": f"{EVENTS}_{size}", "Expression": f"day = 'd{size // 200:05}'"}
    request = server.signed("GetPartitions", **asked)

    def ask() -> None:
        found = len(server.send(*request)["Partitions"])
        assert found == PER_DAY, found

    return ask


def next_partitions(server: Server) -> Callable[[], object]:
    table = f"new_{next(server.new)}"
    server.ask("CreateTable", DatabaseName=DATABASE, TableInput=partitioned(table))
    requests = iter([partitions_request(server, table, f"d{day}") for day in range(100)])
    return lambda: server.send(*next(requests))


def next_table(server: Server) -> Callable[[], object]:
    inputs = ({**glue_table(at), "Name": f"made_{next(server.new)}"} for at in range(500))
    requests = iter([server.signed("CreateTable", DatabaseName=DATABASE, TableInput=each) for each in inputs])
    return lambda: server.send(*next(requests))


def in_turns(own: Server, moto: Server, prepared: Request) -> list[Cost]:
    """The median cost of a call of each, after a first round that warms up."""
    rounds = [[mean(server, prepared(server.anew())) for server in (own, moto)] for _ in range(ROUNDS + 1)][1:]
    return [
        Cost(statistics.median(cost.wall for cost in costs), statistics.median(cost.cpu for cost in costs))
        for costs in zip(*rounds, strict=True)
    ]


def mean(server: Server, work: Callable[[], object]) -> Cost:
    """Of as many calls as take ENOUGH, or as were prepared."""
    calls, began, used = 0, time.perf_counter(), server.cpu()
    with suppress(StopIteration):
        while time.perf_counter() - began < ENOUGH:
            work()
            calls += 1
    return Cost((time.perf_counter() - began) / calls, (server.cpu() - used) / calls)


def tail(server: Server, writes: int) -> float:
    """The 99th percentile of GetTable while that many tables a second are updated on another connection."""
    reader = Server(server.port, server.pid)
    read, took = one_table(reader), []
    ended = threading.Event()
    writer = threading.Thread(target=_write, args=(Server(server.port, server.pid), writes, ended))
    writer.start()
    began = time.perf_counter()
    while time.perf_counter() - began < READING:
        at = time.perf_counter()
        read()
        took.append(time.perf_counter() - at)
    ended.set()
    writer.join()
    return sorted(took)[len(took) * 99 // 100]


def _write(server: Server, a_second: int, ended: threading.Event) -> None:
    number = 0
    while a_second and not ended.wait(1 / a_second):
        number += 1
        changed = {**glue_table(3), "Description": f"{time.time()} {number}"}
        server.ask("UpdateTable", DatabaseName=DATABASE, TableInput=changed)


if __name__ == "__main__":
    sys.setswitchinterval(0.0005)
    main()
