"""A session that asks a metastore for one table again and again, in a process of its own.

    python -m benchmarks.peers.hive_reader PORT DATABASE TABLE SECONDS PAUSE

says that it is ready, begins at a line on its standard input, and prints how many seconds each call took, as JSON.
PAUSE is the seconds between a call's end and the next.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable

from api.hive.client import Client


def read_together(
    sessions: int, port: int, database: str, table: str, seconds: float, pause: float, meanwhile: Callable[[], object]
) -> list[list[float]]:
    """The seconds of each call of each session. `meanwhile` is called over and over until they have ended."""
    command = [sys.executable, "-m", "benchmarks.peers.hive_reader", str(port), database, table]
    readers = [
        subprocess.Popen([*command, str(seconds), str(pause)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(sessions)
    ]
    streams = [(reader.stdin, reader.stdout) for reader in readers if reader.stdin and reader.stdout]
    for _, told in streams:
        told.readline()
    for begin, _ in streams:
        begin.write("\n")
        begin.flush()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        meanwhile()
    found = [json.loads(told.read()) for _, told in streams]
    for reader in readers:
        reader.communicate()
    return found


def main() -> None:
    port, database, table = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    seconds, pause = float(sys.argv[4]), float(sys.argv[5])
    taken = []
    with Client(port) as client:
        client.call("get_table", database, table)
        print("ready", flush=True)
        sys.stdin.readline()
        until = time.perf_counter() + seconds
        while (began := time.perf_counter()) < until:
            client.call("get_table", database, table)
            taken.append(time.perf_counter() - began)
            time.sleep(pause)
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
