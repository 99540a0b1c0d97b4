"""The operating system's MariaDB, as a server that tests start for themselves."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import OperationalError

INSTALL = "apt-get install mariadb-server"


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """The port of a server whose user root has no password; it ends with the block."""
    install, server = shutil.which("mariadb-install-db"), shutil.which("mariadbd", path="/usr/sbin:/usr/bin")
    if install is None or server is None:
        pytest.fail(f"MariaDB is not there; install it: {INSTALL}", pytrace=False)
    port = _free_port()
    common = ["--no-defaults", f"--datadir={folder}/data", "--user=root"]
    subprocess.run([install, *common, "--auth-root-authentication-method=normal"], check=True, capture_output=True)
    own = [f"--socket={folder}/s", f"--pid-file={folder}/pid", "--bind-address=127.0.0.1", f"--port={port}"]
    with Path(folder / "log").open("wb") as log:
        process = subprocess.Popen([server, *common, *own], stdout=log, stderr=log)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def root(port: int) -> Iterator[Connection]:
    """A connection of root's; waits for a server that is starting."""
    engine = create_engine(f"mysql+pymysql://root@127.0.0.1:{port}")
    deadline = time.monotonic() + 30
    while True:
        try:
            opened = engine.connect()
            break
        except OperationalError:
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)
    with opened:
        yield opened
    engine.dispose()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
