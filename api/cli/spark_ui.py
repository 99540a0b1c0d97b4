"""`isinglass job spark-ui`: Spark's own pages about a run, live or by Spark's history server on its event log."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from catalog.errors import DomainError, NotFound
from engine.spark.event_log import EVENTS, list_logs
from engine.spark.java import find_java
from engine.spark.spark_ui import LOOPBACK, start_history_server

PATIENCE_SECONDS = 60.0


class HistoryServerFailed(DomainError):
    """Spark's history server did not come up: {why}"""


def show_spark_ui(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")],
    port: Annotated[int, typer.Option(help="Port of this machine to answer on. 0 takes a free one.")] = 0,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Serve Spark's own pages about a run until Ctrl-C; of a run with --enable-spark-ui that lasts, tell its link."""
    core, out = core_of(home), Output(output)
    run = core.engine.get_run(run_id)
    at = core.engine.progress(run_id)
    if not run.finished and at.ui:
        out.result({"url": at.ui}, at.ui)
        return
    applications = core.engine.measured(run_id).applications
    if not applications or not list_logs(core.home.runs / run_id / EVENTS):
        raise NotFound(kind="Event log of run", name=run_id)
    port = port or _free_port()
    page = f"history/{applications[-1]}/jobs/" if len(applications) == 1 else ""
    with TemporaryDirectory(prefix="isinglass-spark-ui-") as folder:
        java = find_java(core.settings.java_home)
        server = start_history_server(java, core.home.runs / run_id, port, Path(folder))
        try:
            _await(server, f"http://{LOOPBACK}:{port}/{page}", Path(folder))
            url = f"http://{LOOPBACK}:{port}/{page}"
            out.result({"url": url}, url)
            out.errors.print("Ctrl-C ends it")
            server.wait()
        except KeyboardInterrupt:
            return
        finally:
            if server.stdin is not None:
                server.stdin.close()
            server.wait()


def _await(server: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    """Wait until the page is there: the server reads the log first. Raises HistoryServerFailed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS):  # noqa: S310 — it is our own
                return
        except (urllib.error.URLError, ConnectionError) as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise HistoryServerFailed(why=_cause(folder / "server.log") or str(error)) from error
        time.sleep(0.2)


def _cause(log: Path) -> str | None:
    """The last line that says what went wrong, not where."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line and not line.startswith("at ")), None)


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as found:
        return int(found.getsockname()[1])
