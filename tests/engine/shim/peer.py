"""A tiny protocol peer that stands where the service stands, and the answers it gives."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Peer:
    """Answers by (method, path below the run) and keeps every call as (method, path, body)."""

    def __init__(self, run_file: Path) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self.answers: dict[tuple[str, str], list[tuple[int, Any]]] = {}
        self.run_file = run_file
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(None)

            def do_POST(self) -> None:
                self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def _answer(self, body: Any) -> None:
                status, answer = peer.answer(self.command, self.path, self.headers["Authorization"], body)
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.write_run_file(self.server.server_port)

    def write_run_file(self, port: int) -> None:
        run = {"endpoint": f"http://127.0.0.1:{port}", "run_id": "jr_1", "token": "t0ken", "job_name": "nightly"}
        self.run_file.write_text(json.dumps({**run, "bookmark": "job-bookmark-enable"}))

    def answer(self, method: str, path: str, authorization: str, body: Any) -> tuple[int, Any]:
        if authorization != "Bearer t0ken":
            return 401, {"error": {"code": "AccessDenied", "message": "wrong token"}}
        below = path.removeprefix("/runs/jr_1/")
        self.calls.append((method, below, body))
        waiting = self.answers.get((method, below))
        if waiting:
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if method == "GET":
            return 404, {"error": {"code": "NOT_FOUND", "message": f"{below} does not exist"}}
        return 200, {}

    def give(self, method: str, path: str, *answers: Any, status: int = 200) -> None:
        self.answers[method, path] = [(status, answer) for answer in answers]

    def bodies(self, path: str) -> list[Any]:
        return [body for _, below, body in self.calls if below == path]


def plan(
    *groups: tuple[list[str], Path, list[Path]],
    format: str = "csv",
    columns: str = "",
    keys: str = "",
    location: Path | None = None,
    **options: Any,
) -> dict[str, Any]:
    """A read plan's answer; columns and keys are written "name:type name:type"."""
    return {
        "name": "table",
        "format": format,
        "location": None if location is None else f"file://{location}/",
        "options": options,
        "columns": declared(columns),
        "partition_keys": declared(keys),
        "groups": [
            {
                "values": values,
                "location": f"file://{folder}/",
                "files": [{"path": f"file://{file}", "size": 1, "modified_ms": 1} for file in files],
            }
            for values, folder, files in groups
        ],
        "bookmark": {"tracked": True, "selected": 1, "skipped": 0},
    }


def declared(columns: str) -> list[dict[str, str]]:
    return [dict(zip(("name", "type"), column.split(":", 1), strict=True)) for column in columns.split()]
