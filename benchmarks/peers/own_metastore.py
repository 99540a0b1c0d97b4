"""Our Hive face in a process of its own, over the real catalog: on SQLite (WAL, synchronous=FULL) or PostgreSQL.

    python -m benchmarks.peers.own_metastore sqlite:////folder/catalog.db

prints the port it listens on, and serves until its standard input ends.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from api.hive.server import HiveServer
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Origin

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class OwnMetastore:
    port: int
    pid: int


@contextmanager
def own_metastore(url: str) -> Iterator[OwnMetastore]:
    """Raises RuntimeError if it does not start; it has said why on the standard error."""
    command = [sys.executable, "-m", "benchmarks.peers.own_metastore", url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port = process.stdout.readline()
        if not port:
            raise RuntimeError("Our metastore did not start.")
        yield OwnMetastore(int(port), process.pid)


def main() -> None:
    engine = db.connect(sys.argv[1])
    with TemporaryDirectory() as warehouse:
        server = HiveServer(Catalog(engine, Origin(face="hive")), "127.0.0.1", 0, warehouse)
        server.start()
        print(server.port, flush=True)
        sys.stdin.read()
        server.stop()
    engine.dispose()


if __name__ == "__main__":
    main()
