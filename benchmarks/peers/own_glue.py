"""The Glue face of a catalog, with signatures checked, in a process of its own.

    python -m benchmarks.peers.own_glue DATABASE_FILE

prints the port it listens on, and serves until its standard input ends.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEY_ID, SECRET = "AKIABENCHMARK", "a secret of the benchmark"
ROOT = Path(__file__).parents[2]


@contextmanager
def own_glue(database: Path) -> Iterator[tuple[int, int]]:
    """Its port and process id. Raises RuntimeError if it does not start; it has said why on the standard error."""
    command = [sys.executable, "-m", "benchmarks.peers.own_glue", str(database)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port = process.stdout.readline()
        if not port:
            raise RuntimeError("our own service did not start.")
        yield int(port), process.pid


def main() -> None:
    from api.glue.account import OWN_ACCOUNT
    from api.glue.app import GlueApp
    from api.glue.signing import AccessKey, Checked
    from api.services import answering, listening
    from catalog.catalog import Catalog, utc_now
    from catalog.db import connect, sqlite_url
    from catalog.model import Origin
    from engine.engine import Engine

    sys.setswitchinterval(0.0005)  # as the Hive face sets it for the service
    database = connect(sqlite_url(Path(sys.argv[1])))
    signing = Checked({KEY_ID: AccessKey(SECRET, "bench")}.get, utc_now)
    app = GlueApp(Catalog(database, Origin("glue")), Engine(database), OWN_ACCOUNT, signing)
    with listening("127.0.0.1", 0) as listener, answering(app, listener):
        print(listener.getsockname()[1], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
