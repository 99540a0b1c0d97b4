"""What normal queries wait while someone asks without a pause for what is refused: p99 over p99 in peace, in turns."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.goals import Fact

CALLS, ROUNDS = 200, 3
MOST = 2.0
NORMAL = '{ table(database: "bench", name: "table_00001") { name columns { name type } } }'
_LISTS = "edges { node { name columns { name type comment } } }"
ATTACKS = {
    "repeated fields": "{ " + "databases { pageInfo { hasNextPage } } " * 5_000 + "}",
    "1,000 aliases": "{ "
    + " ".join(f"a{at}: databases {{ pageInfo {{ hasNextPage }} }}" for at in range(1_000))
    + " }",
    "fan-out": "{ "
    + " ".join(f'a{at}: tables(database: "bench", first: 200) {{ {_LISTS} }}' for at in range(30))
    + " }",
    "depth": "{ databases { edges { node { tables { edges { node { "
    + "versions { edges { node { " * 12
    + "} " * 42
    + "}",
    "10 MB": "{ " + "a " * 5_000_000 + "}",
}


def slowdowns(port: int) -> Iterator[Fact]:
    for name, document in ATTACKS.items():
        body = json.dumps({"query": document}).encode()
        ratios = []
        for _ in range(ROUNDS):
            peace = _p99(port)
            with _attacked(port, body):
                ratios.append(_p99(port) / peace)
        yield Fact(f"p99 of a table's read while {name} are asked for, over peace", statistics.median(ratios), MOST)


@contextmanager
def _attacked(port: int, body: bytes) -> Iterator[None]:
    attacker = multiprocessing.get_context("spawn").Process(target=_attack, args=(port, body), daemon=True)
    attacker.start()
    time.sleep(1)  # it starts a Python
    try:
        yield
    finally:
        attacker.kill()
        attacker.join()


def _attack(port: int, body: bytes) -> None:
    while True:
        _post(http.client.HTTPConnection("127.0.0.1", port, timeout=60), body)


def _p99(port: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = json.dumps({"query": NORMAL}).encode()
    took = sorted(_post(connection, body) for _ in range(CALLS))
    connection.close()
    return took[CALLS * 99 // 100 - 1]


def _post(connection: http.client.HTTPConnection, body: bytes) -> float:
    began = time.perf_counter()
    try:
        connection.request("POST", "/graphql", body, {"content-type": "application/json"})
        connection.getresponse().read()
    except OSError:  # refused before all of it was sent
        connection.close()
    return time.perf_counter() - began
