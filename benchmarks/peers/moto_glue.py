"""moto's Glue server in a process of its own, filled with the same tables.

    python -m benchmarks.peers.moto_glue TABLES

prints the port it listens on, and serves until its standard input ends.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.graphql_lake import DATABASE, glue_table

ACCOUNT = "123456789012"  # moto's own
ROOT = Path(__file__).parents[2]


@contextmanager
def moto_glue(tables: int) -> Iterator[tuple[int, int]]:
    """Its port and process id. Raises RuntimeError if it does not start; it has said why on the standard error."""
    command = [sys.executable, "-m", "benchmarks.peers.moto_glue", str(tables)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port = process.stdout.readline()
        if not port:
            raise RuntimeError("moto did not start.")
        yield int(port), process.pid


def main() -> None:
    # Filled from within: what is measured is how it answers, not how it is filled.
    import logging

    from moto.glue.models import glue_backends
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # else it tells of each request
    backend = glue_backends[ACCOUNT]["us-east-1"]
    backend.create_database(DATABASE, {"Name": DATABASE})
    for number in range(int(sys.argv[1])):
        definition = glue_table(number)
        backend.create_table(DATABASE, definition["Name"], definition)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
