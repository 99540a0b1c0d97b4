"""Logs of executors as a standalone cluster's workers hand them out: by parts, with a line before each."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.spark.executor_logs import bring_logs
from engine.spark.metrics import Executor

LOG = "".join(f"line {number} ä\n" for number in range(200_000)).encode()
PART = 1 << 20


class Worker(BaseHTTPRequestHandler):
    """Answers as org.apache.spark.deploy.worker.ui.LogPage does; of stderr it knows nothing."""

    def do_GET(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        begin = int(asked["offset"])
        end = min(begin + min(int(asked["byteLength"]), PART), len(LOG))
        told = f"==== Bytes {begin}-{end} of {len(LOG)} of work/app-1/0/stdout ====\n".encode() + LOG[begin:end]
        if asked["logType"] != "stdout" or urlsplit(self.path).path != "/log":
            told = b"Error: no such log"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def worker() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Worker) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def executor(**logs: str) -> Executor:
    return Executor("0", "127.0.0.1", 2, datetime(2026, 9, 1, tzinfo=UTC), None, None, logs, {})


def page(worker: str, name: str) -> str:
    return f"{worker}/logPage/?appId=app-1&executorId=0&logType={name}"


def test_a_log_is_brought_whole(worker: str, tmp_path: Path) -> None:
    assert len(LOG) > PART
    assert bring_logs([executor(stdout=page(worker, "stdout"))], tmp_path, 100_000_000) == []
    assert (tmp_path / "0" / "stdout").read_bytes() == LOG


def test_of_a_long_log_the_beginning_and_the_end_are_kept(worker: str, tmp_path: Path) -> None:
    assert bring_logs([executor(stdout=page(worker, "stdout"))], tmp_path, 10_000) == []
    kept = (tmp_path / "0" / "stdout").read_bytes()
    begin, _, end = kept.partition(b"\n[isinglass: ")
    assert LOG.startswith(begin)
    assert LOG.endswith(end.partition(b"are left out here]\n")[2])
    assert len(end) < 10_000
    assert len(kept) < PART + 10_000


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("{worker}/logPage/?appId=app-1&executorId=0&logType=stderr", "could not be brought from .*no such log"),
        ("http://127.0.0.1:1/logPage/?appId=app-1", "could not be brought from .*refused"),
        ("http://10.0.0.9:8042/node/containerlogs/container_1/etl/stdout", "is at http://10.0.0.9:8042/node"),
        ("file:///etc/passwd", "is at file:///etc/passwd"),
    ],
)
def test_a_log_that_is_not_had_is_told(worker: str, tmp_path: Path, url: str, said: str) -> None:
    [remark] = bring_logs([executor(stderr=url.format(worker=worker))], tmp_path, 1_000)
    assert re.search(said, remark)


@pytest.mark.parametrize("name", ["../../stdout", "a/b"])
def test_a_log_cannot_lead_out_of_the_runs_folder(worker: str, tmp_path: Path, name: str) -> None:
    [remark] = bring_logs([executor(**{name: page(worker, "stdout")})], tmp_path / "in", 1_000)
    assert "is at" in remark
    assert not (tmp_path / "in").exists()
