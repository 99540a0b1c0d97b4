"""Many sessions at one metastore: the calls it answers in a second, and how long a read takes beside a writer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

from api.hive.client import Client
from benchmarks.hive_workload import BATCH, DATABASE, Lake, adding
from benchmarks.peers.hive_reader import read_together

MANY = 4  # sessions that read
SECONDS = 5.0  # of each measurement
PAUSE = 0.005  # between two reads of a session whose waiting is measured: the machine is not to be what it waits for
HEADINGS = [
    "get_table",
    "calls a second, 1 session",
    f"{MANY} sessions",
    f"ms a call, {MANY} sessions: median / 99th of 100",
    "beside a writer",
    "partitions added a second",
]


@dataclass(frozen=True)
class Crowd:
    """Calls of get_table a second, by one session and by many; the seconds that each call took of sessions that leave
    the metastore idle, and of those beside one more that adds partitions; how many of these it added a second."""

    alone: float
    together: float
    idle: Sequence[float]
    beside_writer: Sequence[float]
    added: float


def figures(client: Client, port: int, lake: Lake, size: int) -> list[str]:
    """A line under HEADINGS. The writer adds to tables of up to `size` partitions, whose folders are there."""
    found = _crowd(client, port, lake, size)
    waits = [f"{_rank(each, 50):.2f} / {_rank(each, 99):.2f}" for each in (found.idle, found.beside_writer)]
    return [f"{found.alone:,.0f}", f"{found.together:,.0f}", *waits, f"{found.added:,.0f}"]


def _crowd(client: Client, port: int, lake: Lake, size: int) -> Crowd:
    measured = partial(_read, port)
    writer = Writer(client, lake, size)
    return Crowd(
        len(measured(1, 0, _wait)) / SECONDS,
        len(measured(MANY, 0, _wait)) / SECONDS,
        measured(MANY, PAUSE, _wait),
        measured(MANY, PAUSE, writer.batch),
        writer.written * BATCH / SECONDS,
    )


class Writer:
    def __init__(self, client: Client, lake: Lake, size: int) -> None:
        self.written = 0
        tables = (adding(client, lake, f"beside_readers_{number}", size) for number in count())
        self._works = (operation.work for operation in tables for _ in range(size // BATCH))

    def batch(self) -> None:
        next(self._works)(0)
        self.written += 1


def _rank(seconds: Sequence[float], of_100: int) -> float:
    """Milliseconds."""
    return sorted(seconds)[len(seconds) * of_100 // 100] * 1_000


def _read(port: int, sessions: int, pause: float, meanwhile: Callable[[], object]) -> list[float]:
    taken = read_together(sessions, port, DATABASE, "sales", SECONDS, pause, meanwhile)
    return [each for session in taken for each in session]


def _wait() -> None:
    time.sleep(0.1)
